//! Known deviations: breaches that the target file declares, so that they do not fail a run as long
//! as they occur. No clock here: the day on which a run is judged is given.

mod adopt;
mod declared;
mod entry;

use jiff::civil::Date;

use crate::{
    diagnostic::{Diagnostic, did_you_mean},
    rule::Rulebook,
    verdict::Finding,
};

pub use adopt::{Newcomer, adopt, unwritable};
pub use declared::{Declared, Standing};
pub use entry::Known;
pub(crate) use entry::RawKnown;

/// The known deviations of a target, and the day on which they are looked at.
#[derive(Clone, Debug)]
pub struct Deviations {
    entries: Vec<Known>,
    today: Date,
}

impl Deviations {
    /// These, looked at on this day.
    pub fn new(entries: Vec<Known>, today: Date) -> Self {
        Self { entries, today }
    }

    /// The entry for a rule in a case.
    pub fn entry(&self, case: &str, rule: &str) -> Option<&Known> {
        self.of(case).find(|known| known.rule == rule)
    }

    fn of<'a>(&'a self, case: &str) -> impl Iterator<Item = &'a Known> {
        let case = case.to_owned();
        self.entries.iter().filter(move |known| known.case == case)
    }

    /// Marks the findings of a case that are expected today.
    pub fn mark(&self, case: &str, findings: &mut [Finding]) {
        for finding in findings {
            let known = self.entry(case, &finding.rule);
            let known = known.filter(|known| known.holds_on(self.today));
            finding.known = known.map(|known| known.why.clone());
        }
    }

    /// What a case that was run says of its entries. One that did not show is stale only if the
    /// case went on `to_its_end`.
    pub fn judged(&self, case: &str, findings: &[Finding], to_its_end: bool) -> Vec<Declared> {
        let judged = |known: &Known| {
            let occurs = findings.iter().any(|finding| finding.rule == known.rule);
            let stale = |reason: String| (Standing::Stale, Some(reason));
            let (status, reason) = match known.until {
                _ if !occurs && to_its_end => stale(declared::NO_LONGER.to_owned()),
                Some(last) if !known.holds_on(self.today) => {
                    stale(format!("its last day was {last}"))
                }
                _ if occurs => (Standing::Occurs, None),
                _ => not_reached("the case ended before it could show"),
            };
            known.declared(status, reason)
        };
        self.of(case).map(judged).collect()
    }

    /// The entries of a case that was not run, or of which nothing can be said.
    pub fn unjudged(&self, case: &str) -> Vec<Declared> {
        let (status, reason) = not_reached("the case gave no verdict");
        self.of(case)
            .map(|known| known.declared(status, reason.clone()))
            .collect()
    }

    /// Entries that name a case or a rule that there is not.
    pub fn lint(&self, cases: &[String], rulebook: &Rulebook) -> Vec<Diagnostic> {
        let case = |known: &Known| {
            let title = format!("there is no case `{}`", known.case);
            let help = did_you_mean(&known.case, cases.iter().map(String::as_str));
            let problem = Diagnostic::error(title).at(known.case_place.clone(), "unknown case");
            problem.note("help", help).note(
                "help",
                "`scim-harness list` shows the cases; those of your own need --scenarios",
            )
        };
        let rule = |known: &Known| {
            let title = format!("there is no rule `{}`", known.rule);
            let help = did_you_mean(&known.rule, rulebook.ids());
            let problem = Diagnostic::error(title).at(known.rule_place.clone(), "unknown rule");
            problem.note("help", help)
        };
        let mut problems = Vec::new();
        for known in &self.entries {
            if !cases.contains(&known.case) {
                problems.push(case(known));
            }
            if rulebook.get(&known.rule).is_none() {
                problems.push(rule(known));
            }
        }
        problems
    }
}

fn not_reached(reason: &str) -> (Standing, Option<String>) {
    (Standing::NotReached, Some(reason.to_owned()))
}

#[cfg(test)]
mod tests;

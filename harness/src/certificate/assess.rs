//! What a run says of the items of a programme.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Item, Program};
use crate::{
    plan,
    report::model::{Case, Report, Status},
    rule::Severity,
    verdict::Verdict,
};

/// What a run says of an item, from the best to the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// What shows it was run and held.
    Passed,
    /// The same, with warnings.
    Warned,
    /// What would show it was not run.
    Skipped,
    /// Nothing that would show it is there, or no check for it ran.
    Missing,
    /// It could not be told.
    Inconclusive,
    /// It does not hold, known or not.
    Failed,
}

/// An item with what the run says of it.
#[derive(Clone, Debug, Serialize)]
pub struct Assessed {
    /// Its name in the programme.
    pub id: String,
    /// What is asked for.
    pub title: String,
    /// Where.
    pub source: String,
    /// Whether it applies only to those who claim the feature.
    pub optional: bool,
    /// What the run says of it.
    pub status: Standing,
    /// Why it is not passed, or what of it was left out.
    pub reasons: Vec<String>,
    /// The cases that show it.
    pub cases: Vec<String>,
    /// The rules that show it.
    pub rules: Vec<String>,
}

/// The standing of one proof, with the reason.
type Proof = (Standing, Option<String>);

/// What a report says of the items of a programme; `cases` are those that were planned.
pub fn assess(program: &Program, report: &Report, cases: &[plan::Case]) -> Vec<Assessed> {
    let plans: BTreeMap<&str, &[String]> = cases
        .iter()
        .map(|case| (case.name.as_str(), case.scenario.plan.as_slice()))
        .collect();
    program
        .item
        .iter()
        .map(|item| one(item, report, &plans))
        .collect()
}

/// Whether a case is meant by a name or its beginning.
pub(super) fn begins(name: &str, beginning: &str) -> bool {
    name.strip_prefix(beginning)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

fn one(item: &Item, report: &Report, plans: &BTreeMap<&str, &[String]>) -> Assessed {
    let mut names: Vec<String> = Vec::new();
    let mut proofs: Vec<Proof> = Vec::new();
    for beginning in &item.cases {
        let is = |case: &&Case| begins(&case.name, beginning.get_ref());
        proofs.push(of_cases(beginning.get_ref(), report, is, &mut names));
    }
    for id in &item.plan {
        let is = |case: &&Case| {
            let plan = plans.get(case.name.as_str());
            plan.is_some_and(|plan| plan.contains(id))
        };
        proofs.push(of_cases(id, report, is, &mut names));
    }
    proofs.extend(
        item.rules
            .iter()
            .map(|rule| of_rule(rule.get_ref(), report)),
    );
    let worst = proofs.iter().map(|(standing, _)| *standing).max();
    Assessed {
        id: item.id.clone(),
        title: item.title.clone(),
        source: item.source.clone(),
        optional: item.optional,
        status: worst.unwrap_or(Standing::Missing),
        reasons: proofs
            .into_iter()
            .filter_map(|(_, reason)| reason)
            .collect(),
        cases: names,
        rules: item
            .rules
            .iter()
            .map(|rule| rule.get_ref().clone())
            .collect(),
    }
}

/// Cases that were skipped do not count against others that passed, and are named.
fn of_cases<'a>(
    what: &str,
    report: &'a Report,
    is: impl Fn(&&'a Case) -> bool,
    names: &mut Vec<String>,
) -> Proof {
    let cases: Vec<&Case> = report.cases.iter().filter(is).collect();
    for case in &cases {
        if !names.contains(&case.name) {
            names.push(case.name.clone());
        }
    }
    let (skipped, run): (Vec<&Case>, Vec<&Case>) = cases
        .iter()
        .partition(|case| case.verdict == Verdict::Skipped);
    let told = |case: &&Case| match &case.reason {
        Some(reason) => format!("{}: {reason}", case.name),
        None => format!("{}: does not pass", case.name),
    };
    let worst = run.iter().map(|case| standing(case.verdict)).max();
    match worst {
        None if skipped.is_empty() => (
            Standing::Missing,
            Some(format!("no case of this run shows `{what}`")),
        ),
        None => (Standing::Skipped, skipped.first().map(told)),
        Some(worst) if worst >= Standing::Skipped => {
            let first = run.iter().find(|case| standing(case.verdict) == worst);
            (worst, first.map(told))
        }
        Some(worst) => (
            worst,
            skipped
                .first()
                .map(|case| format!("skipped: {}", told(case))),
        ),
    }
}

fn standing(verdict: Verdict) -> Standing {
    match verdict {
        Verdict::Passed => Standing::Passed,
        Verdict::Warned => Standing::Warned,
        Verdict::Skipped => Standing::Skipped,
        Verdict::Inconclusive => Standing::Inconclusive,
        Verdict::Known | Verdict::Failed => Standing::Failed,
    }
}

fn of_rule(id: &str, report: &Report) -> Proof {
    let status = report.rule(id).map(|rule| rule.status);
    let findings = report.findings().filter(|(_, finding)| finding.rule == id);
    match status {
        Some(Status::Upheld) => (Standing::Passed, None),
        Some(Status::Broken) => {
            let worst = findings.map(|(_, finding)| finding.severity).max();
            let standing = match worst {
                Some(Severity::Error) | None => Standing::Failed,
                Some(Severity::Warning) => Standing::Warned,
                Some(Severity::Info) => Standing::Passed,
            };
            (standing, Some(format!("the rule `{id}` is broken")))
        }
        Some(Status::NotVerified) | None => (
            Standing::Missing,
            Some(format!("no check of the rule `{id}` ran")),
        ),
    }
}

//! What a run says of the items of a programme.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use toml::Spanned;

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
    /// A part of what shows it was not run; the rest held.
    Partial,
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
    let items = program.item.iter();
    let mut assessed: Vec<Assessed> = items.map(|item| one(item, report, &plans)).collect();
    lower_to_parts(&program.item, &mut assessed);
    assessed.push(rest(report, &assessed));
    assessed
}

/// An item of which a part was not shown is shown in part at best.
fn lower_to_parts(items: &[Item], assessed: &mut [Assessed]) {
    let not_shown: BTreeSet<String> = assessed
        .iter()
        .filter(|part| !part.optional && is_not_shown(part.status))
        .map(|part| part.id.clone())
        .collect();
    for (item, whole) in items.iter().zip(assessed) {
        let parts: Vec<&str> = item
            .parts
            .iter()
            .map(String::as_str)
            .filter(|part| not_shown.contains(*part))
            .collect();
        if !parts.is_empty() {
            whole.status = whole.status.max(Standing::Partial);
            let reason = format!("not shown: {}", parts.join(", "));
            whole.reasons.push(reason);
        }
    }
}

fn is_not_shown(standing: Standing) -> bool {
    use Standing::{Inconclusive, Missing, Partial, Skipped};
    matches!(standing, Partial | Skipped | Missing | Inconclusive)
}

/// What is broken besides: of everything that these conversations look at, no item speaks.
fn rest(report: &Report, items: &[Assessed]) -> Assessed {
    let is_named = |rule: &str| {
        items
            .iter()
            .any(|item| item.rules.iter().any(|named| named == rule))
    };
    let mut broken: BTreeMap<&str, Severity> = BTreeMap::new();
    for (_, finding) in report
        .findings()
        .filter(|(_, finding)| !is_named(&finding.rule))
    {
        let worst = broken.entry(&finding.rule).or_insert(finding.severity);
        *worst = finding.severity.max(*worst);
    }
    let cases = || report.cases.iter().map(|case| case.verdict);
    let judged = |verdict: Verdict| !matches!(verdict, Verdict::Skipped | Verdict::Inconclusive);
    broken.retain(|_, severity| *severity > Severity::Info);
    let found = broken.values().map(|severity| of_severity(*severity)).max();
    let unclear = cases()
        .filter(|verdict| *verdict == Verdict::Inconclusive)
        .count();
    let status = match found.unwrap_or(Standing::Passed) {
        _ if !cases().any(judged) => Standing::Missing,
        best if best < Standing::Failed && unclear > 0 => Standing::Inconclusive,
        found => found,
    };
    Assessed {
        id: "besides".to_owned(),
        title: "No other rule has an error or a warning in the conversations of the programme"
            .to_owned(),
        source: "the rulebook".to_owned(),
        optional: false,
        status,
        reasons: broken
            .keys()
            .map(|rule| format!("the rule `{rule}` is broken"))
            .chain((unclear > 0).then(|| format!("{unclear} cases could not be judged")))
            .collect(),
        cases: Vec::new(),
        rules: Vec::new(),
    }
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
    let rules = item.rules.iter().map(Spanned::get_ref);
    proofs.extend(rules.map(|rule| match of_rule(rule, report) {
        (_, Some(reason)) if item.optional && is_left_open(rule, report) => {
            (Standing::Skipped, Some(format!("not offered: {reason}")))
        }
        proof => proof,
    }));
    proofs.extend(item.exact.iter().flat_map(|book| of_book(book, report)));
    let found: BTreeSet<Standing> = proofs.iter().map(|(standing, _)| *standing).collect();
    let worst = match found.last().copied() {
        // What is not offered cannot be looked at in any other way either.
        Some(Standing::Missing) if item.optional && found.contains(&Standing::Skipped) => {
            Some(Standing::Skipped)
        }
        worst => worst,
    };
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

/// Cases of which some were skipped show a part of it.
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
    let told = |case: &&Case| match &case.reason {
        Some(reason) => format!("{}: {reason}", case.name),
        None if case.verdict == Verdict::Warned => format!("{}: passes with warnings", case.name),
        None => format!("{}: does not pass", case.name),
    };
    let Some(worst) = cases.iter().map(|case| standing(case.verdict)).max() else {
        let reason = format!("no case of this run shows `{what}`");
        return (Standing::Missing, Some(reason));
    };
    let first = cases.iter().find(|case| standing(case.verdict) == worst);
    let all_skipped = cases.iter().all(|case| case.verdict == Verdict::Skipped);
    match worst {
        Standing::Passed => (worst, None),
        Standing::Skipped if !all_skipped => (
            Standing::Partial,
            first.map(|case| format!("skipped: {}", told(case))),
        ),
        _ => (worst, first.map(told)),
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
            let standing = worst.map_or(Standing::Failed, of_severity);
            (standing, Some(format!("the rule `{id}` is broken")))
        }
        Some(Status::NotVerified) | None => (
            Standing::Missing,
            Some(format!("no check of the rule `{id}` ran")),
        ),
    }
}

/// Whether a rule is broken in nothing that anybody has to do.
fn is_left_open(id: &str, report: &Report) -> bool {
    let mut findings = report.findings().filter(|(_, finding)| finding.rule == id);
    findings.all(|(_, finding)| finding.severity == Severity::Info)
        && report
            .rule(id)
            .is_some_and(|rule| rule.status == Status::Broken)
}

/// The rules of a book that are broken. Those that it leaves to the server fail nothing.
fn of_book(book: &str, report: &Report) -> Vec<Proof> {
    let rules = report.findings().map(|(_, finding)| finding.rule.as_str());
    let of_it = |rule: &&str| {
        rule.strip_prefix(book)
            .is_some_and(|rest| rest.starts_with('/'))
    };
    let broken: BTreeSet<&str> = rules.filter(of_it).collect();
    let proofs = broken.into_iter().map(|id| {
        let is_optional = report.rule(id).is_some_and(|rule| rule.level == "may");
        match is_optional {
            true => {
                let told = format!("the optional assertion `{id}` fails");
                (Standing::Warned, Some(told))
            }
            false => (
                Standing::Failed,
                Some(format!("the assertion `{id}` fails")),
            ),
        }
    });
    proofs.collect()
}

/// What a breach makes of an item: it is never passed.
fn of_severity(severity: Severity) -> Standing {
    match severity {
        Severity::Error => Standing::Failed,
        Severity::Warning | Severity::Info => Standing::Warned,
    }
}

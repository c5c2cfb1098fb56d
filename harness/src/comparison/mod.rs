//! Two runs compared: what was fixed, what broke, and what cannot be compared.
//!
//! Only what both runs looked at can be fixed or broken. What one of them did not look at is told
//! apart, so that a new scenario is no regression and a case that was left out is no repair.

mod text;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    report::model::{Case, Report, Status},
    rule::Severity,
    verdict::{Finding, Verdict},
};

pub use text::{markdown, text};

/// Name and version of the JSON form.
pub const FORMAT: &str = "scim-harness/diff/1";

/// What became of an earlier run in a later one.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// Name and version of the format.
    pub format: &'static str,
    /// The earlier run.
    pub old: Side,
    /// The later run.
    pub new: Side,
    /// Whether something is broken that was not, or worse than it was.
    pub regression: bool,
    /// Whether the later run could not tell of cases what the earlier one told, or the two told of
    /// no case both: no regression is no good news then.
    pub unclear: bool,
    /// Broken in the later run, looked at and not broken in the earlier.
    pub broken: Vec<Difference>,
    /// Broken in the earlier run, looked at and not broken in the later.
    pub fixed: Vec<Difference>,
    /// Broken in both, as another severity.
    pub changed: Vec<Difference>,
    /// Broken in the later run, not looked at in the earlier.
    pub found: Vec<Difference>,
    /// Broken in the earlier run, not looked at in the later.
    pub unjudged: Vec<Difference>,
    /// Cases with another verdict.
    pub verdicts: Vec<Turn>,
    /// Rules that the earlier run's rulebook does not have.
    pub new_rules: Vec<String>,
    /// Cases that the earlier run does not have.
    pub new_cases: Vec<String>,
    /// Cases that the later run does not have.
    pub vanished_cases: Vec<String>,
}

/// A run that is compared.
#[derive(Clone, Debug, Serialize)]
pub struct Side {
    /// Name of the target.
    pub target: String,
    /// Its base URL.
    pub url: String,
    /// Version of the harness.
    pub harness: String,
    /// When the run began.
    pub started: String,
}

/// A rule in a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Id of the rule.
    pub rule: String,
    /// Name of the case.
    pub case: String,
    /// The step that shows it.
    pub step: String,
    /// How severe it was.
    pub old: Option<Severity>,
    /// How severe it is.
    pub new: Option<Severity>,
    /// What is said of it, by the later run if that tells it.
    pub message: String,
}

/// A case with another verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Turn {
    /// Name of the case.
    pub case: String,
    /// What it was.
    pub old: Verdict,
    /// What it is.
    pub new: Verdict,
    /// Why, where it could not be judged.
    pub reason: Option<String>,
}

/// The worst finding of each rule in a case.
type Worst<'a> = BTreeMap<(&'a str, &'a str), &'a Finding>;

impl Comparison {
    /// Compares two runs.
    pub fn of(old: &Report, new: &Report) -> Self {
        let (before, after) = (worst(old), worst(new));
        let mut comparison = Self {
            format: FORMAT,
            old: side(old),
            new: side(new),
            regression: false,
            unclear: unclear(old, new),
            broken: Vec::new(),
            fixed: Vec::new(),
            changed: Vec::new(),
            found: Vec::new(),
            unjudged: Vec::new(),
            verdicts: turns(old, new),
            new_rules: missing(&rules(new), &rules(old)),
            new_cases: missing(&cases(new), &cases(old)),
            vanished_cases: missing(&cases(old), &cases(new)),
        };
        for (key, finding) in &after {
            let difference = difference(*key, before.get(key).copied(), Some(finding));
            match before.get(key) {
                Some(earlier) if earlier.severity == finding.severity => {}
                Some(_) => comparison.changed.push(difference),
                None if looked_at(old, *key, finding) => comparison.broken.push(difference),
                None => comparison.found.push(difference),
            }
        }
        for (key, finding) in before.iter().filter(|(key, _)| !after.contains_key(*key)) {
            let difference = difference(*key, Some(finding), None);
            match looked_at(new, *key, finding) {
                true => comparison.fixed.push(difference),
                false => comparison.unjudged.push(difference),
            }
        }
        let worse = comparison.broken.iter().chain(&comparison.changed);
        comparison.regression = worse.clone().any(Difference::is_worse);
        comparison
    }
}

impl Difference {
    /// Whether it is a reproach that it was not before; an info is none.
    fn is_worse(&self) -> bool {
        self.new > Some(Severity::Info) && self.new > self.old
    }
}

fn side(report: &Report) -> Side {
    Side {
        target: report.target.name.clone(),
        url: report.target.url.clone(),
        harness: report.harness.version.clone(),
        started: report.run.started.clone(),
    }
}

fn worst(report: &Report) -> Worst<'_> {
    let mut worst: Worst<'_> = BTreeMap::new();
    for (case, finding) in report.findings() {
        let key = (finding.rule.as_str(), case.name.as_str());
        let kept = worst.entry(key).or_insert(finding);
        if finding.severity > kept.severity {
            *kept = finding;
        }
    }
    worst
}

/// Whether a run in which a rule is not broken in a case looked at it there: the case came to a
/// verdict and to the step that shows the breach elsewhere, and some check of the rule ran.
fn looked_at(report: &Report, (rule, case): (&str, &str), finding: &Finding) -> bool {
    let judged = report
        .rule(rule)
        .is_some_and(|rule| rule.status != Status::NotVerified);
    let case = report.cases.iter().find(|known| known.name == case);
    judged && case.is_some_and(|case| is_judged(case) && came_to(case, &finding.step))
}

fn unclear(old: &Report, new: &Report) -> bool {
    let judged = old.cases.iter().filter(|case| is_judged(case));
    let later: BTreeMap<&str, &Case> = new
        .cases
        .iter()
        .map(|case| (case.name.as_str(), case))
        .collect();
    let both: Vec<&&Case> = judged
        .filter_map(|case| later.get(case.name.as_str()))
        .collect();
    let lost = both
        .iter()
        .any(|case| case.verdict == Verdict::Inconclusive);
    lost || !both.iter().any(|case| is_judged(case))
}

fn is_judged(case: &Case) -> bool {
    !matches!(case.verdict, Verdict::Skipped | Verdict::Inconclusive)
}

fn came_to(case: &Case, step: &str) -> bool {
    case.exchanges
        .iter()
        .any(|exchange| exchange.step == step && exchange.response.is_some())
}

fn difference(
    (rule, case): (&str, &str),
    old: Option<&Finding>,
    new: Option<&Finding>,
) -> Difference {
    let told = new.or(old);
    Difference {
        rule: rule.to_owned(),
        case: case.to_owned(),
        step: told.map(|finding| finding.step.clone()).unwrap_or_default(),
        old: old.map(|finding| finding.severity),
        new: new.map(|finding| finding.severity),
        message: told
            .map(|finding| finding.message.clone())
            .unwrap_or_default(),
    }
}

fn turns(old: &Report, new: &Report) -> Vec<Turn> {
    let before: BTreeMap<&str, Verdict> = old
        .cases
        .iter()
        .map(|case| (case.name.as_str(), case.verdict))
        .collect();
    let turned = new.cases.iter().filter_map(|case| {
        let old = *before.get(case.name.as_str())?;
        (old != case.verdict).then(|| Turn {
            case: case.name.clone(),
            old,
            new: case.verdict,
            reason: case.reason.clone(),
        })
    });
    turned.collect()
}

fn rules(report: &Report) -> Vec<&str> {
    report.rules.iter().map(|rule| rule.id.as_str()).collect()
}

fn cases(report: &Report) -> Vec<&str> {
    report.cases.iter().map(|case| case.name.as_str()).collect()
}

/// Those of the first that the second does not have.
fn missing(first: &[&str], second: &[&str]) -> Vec<String> {
    let second: std::collections::BTreeSet<&&str> = second.iter().collect();
    first
        .iter()
        .filter(|name| !second.contains(name))
        .map(|name| (*name).to_owned())
        .collect()
}

#[cfg(test)]
mod tests;

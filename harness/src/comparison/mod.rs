//! Two runs compared: what was fixed, what broke, and what cannot be compared.
//!
//! Only what both runs looked at can be fixed or broken. What one of them did not look at is told
//! apart, so that a new scenario is no regression and a case that was left out is no repair. Nor is
//! a run that shows less than the one before it good news: what it no longer shows is told by name.

mod text;

use std::collections::BTreeMap;

use indexmap::IndexMap;
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
    /// Whether the later run gives no verdict on cases on which the earlier one gave one, or the two
    /// gave one on no case both: no regression is no good news then.
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
    /// Cases on which the earlier run gave a verdict and the later gives none, by the reason.
    pub lost: Vec<Lost>,
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

/// Cases on which the later run gives no verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lost {
    /// What became of them; nothing if the later run does not have them.
    pub verdict: Option<Verdict>,
    /// Why, in the words of the later run.
    pub reason: Option<String>,
    /// Their names.
    pub cases: Vec<String>,
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
        let lost = lost(old, new);
        let mut comparison = Self {
            format: FORMAT,
            old: side(old),
            new: side(new),
            regression: false,
            unclear: !lost.is_empty() || !have_a_verdict_in_common(old, new),
            broken: Vec::new(),
            fixed: Vec::new(),
            changed: Vec::new(),
            found: Vec::new(),
            unjudged: Vec::new(),
            lost,
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
/// verdict and to the step that shows the breach elsewhere, and some check of the rule ran. A rule
/// that is judged only where it is broken is never upheld: of an error the step is enough, as long
/// as the run knew the rule.
fn looked_at(report: &Report, (rule, case): (&str, &str), finding: &Finding) -> bool {
    let judged = report.rule(rule).is_some_and(|rule| {
        rule.status != Status::NotVerified || finding.severity == Severity::Error
    });
    let case = report.cases.iter().find(|known| known.name == case);
    judged && case.is_some_and(|case| is_judged(case) && came_to(case, &finding.step))
}

/// What the earlier run gave a verdict on and the later does not, the reasons in the order of the
/// cases.
fn lost(old: &Report, new: &Report) -> Vec<Lost> {
    let later = by_name(new);
    let mut lost: IndexMap<(Option<Verdict>, Option<&str>), Vec<String>> = IndexMap::new();
    for case in old.cases.iter().filter(|case| is_judged(case)) {
        let now = later.get(case.name.as_str());
        if now.is_some_and(|now| is_judged(now)) {
            continue;
        }
        let why = now.map(|now| (now.verdict, now.reason.as_deref()));
        let why = why.map_or((None, None), |(verdict, reason)| (Some(verdict), reason));
        lost.entry(why).or_default().push(case.name.clone());
    }
    let lost = lost.into_iter().map(|((verdict, reason), cases)| Lost {
        verdict,
        reason: reason.map(str::to_owned),
        cases,
    });
    lost.collect()
}

fn have_a_verdict_in_common(old: &Report, new: &Report) -> bool {
    let later = by_name(new);
    let mut judged = old.cases.iter().filter(|case| is_judged(case));
    judged.any(|case| {
        let now = later.get(case.name.as_str());
        now.is_some_and(|now| is_judged(now))
    })
}

fn by_name(report: &Report) -> BTreeMap<&str, &Case> {
    let cases = report.cases.iter();
    cases.map(|case| (case.name.as_str(), case)).collect()
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

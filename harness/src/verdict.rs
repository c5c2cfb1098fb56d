//! From judgements to findings, from findings to the verdict on a case and on the target.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use serde::{Deserialize, Serialize};

use crate::{
    check::Judgement,
    deviation::{Declared, Deviations},
    exchange::{Exchange, starred},
    plan::Case,
    rule::{Rulebook, Severity},
    snapshot::Change,
    source::Place,
    target::Mask,
};

/// How long a text of a finding may be, in characters.
const LONGEST_TEXT: usize = 240;

/// A rule that the target broke, with all that is needed to see it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Finding {
    /// Id of the rule.
    pub rule: String,
    /// How severe it is here: the rule's severity, less where there is leeway.
    pub severity: Severity,
    /// What is, in the present tense.
    pub message: String,
    /// Step whose answer shows it.
    pub step: String,
    /// What was expected.
    pub expected: String,
    /// What came.
    pub actual: String,
    /// Index of the exchange in its case.
    pub exchange: usize,
    /// The leeway that lowers it to a warning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leeway: Option<Cow<'static, str>>,
    /// Further steps of the case that show it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
    /// Why it is expected, in the words of the target file, if it is a known deviation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<String>,
    /// The expectation in the scenario file, or the step whose answer an always-on check judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

impl Finding {
    fn also_at(&mut self, step: &str) {
        if self.step != step && !self.also.iter().any(|known| known == step) {
            self.also.push(step.to_owned());
        }
    }
}

/// What became of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Everything that was looked at held.
    Passed,
    /// Nothing worse than a warning.
    Warned,
    /// At least one finding of severity error, and each of them is a known deviation.
    Known,
    /// At least one finding of severity error that is not a known deviation.
    Failed,
    /// Not run, because the target does not offer what it needs or the user left it out.
    Skipped,
    /// We could not tell: no answer, a failed opening, a value that never came.
    Inconclusive,
}

/// Why a conversation ended before its last step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// An answer was of another class than expected; the finding tells it.
    BrokenOff,
    /// The target does not offer what the conversation is about, as this says.
    NotOffered(String),
    /// We could not tell, for this reason.
    Unclear(String),
}

/// All that happened in a case, before it is judged.
#[derive(Debug, Default)]
pub struct Record {
    /// Every exchange, in order.
    pub exchanges: Vec<Exchange>,
    /// Rules that were looked at on them.
    pub looked_at: BTreeSet<Cow<'static, str>>,
    /// Judgements that found a rule broken, in order.
    pub broken: Vec<Judgement>,
    /// Why it ended early, if it did.
    pub stop: Option<Stop>,
    /// Answers that differ from their snapshot.
    pub changes: Vec<Change>,
    /// How long it took, in seconds.
    pub seconds: f64,
}

impl Record {
    /// Takes a judgement in. Of those that hold, which are nearly all, only the rule is kept.
    pub fn judge(&mut self, judgement: Judgement) {
        if !self.looked_at.contains(&judgement.rule) {
            self.looked_at.insert(judgement.rule.clone());
        }
        if judgement.breach.is_some() {
            self.broken.push(judgement);
        }
    }

    /// Whether it ended with a request that got no answer.
    fn is_unanswered(&self) -> bool {
        let last = self.exchanges.last();
        last.is_some_and(|exchange| exchange.response.is_none())
    }
}

/// A case with its verdict and the evidence for it.
#[derive(Debug)]
pub struct CaseResult {
    /// The case.
    pub case: Case,
    /// What became of it.
    pub verdict: Verdict,
    /// Why it was skipped or is inconclusive.
    pub reason: Option<String>,
    /// Rules that were broken.
    pub findings: Vec<Finding>,
    /// Known deviations that the target file declares for the case.
    pub declared: Vec<Declared>,
    /// Rules that were looked at and held throughout the case.
    pub upheld: BTreeSet<String>,
    /// Every exchange.
    pub exchanges: Vec<Exchange>,
    /// Answers that differ from their snapshot.
    pub changes: Vec<Change>,
    /// How long it took, in seconds.
    pub seconds: f64,
}

impl CaseResult {
    /// A case that was not run.
    pub fn skipped(case: &Case, reason: impl Into<String>) -> Self {
        Self::without_evidence(case, Verdict::Skipped, reason.into())
    }

    /// A case of which nothing can be said.
    pub fn inconclusive(case: &Case, reason: impl Into<String>) -> Self {
        Self::without_evidence(case, Verdict::Inconclusive, reason.into())
    }

    fn without_evidence(case: &Case, verdict: Verdict, reason: String) -> Self {
        Self {
            case: case.clone(),
            verdict,
            reason: Some(reason),
            findings: Vec::new(),
            declared: Vec::new(),
            upheld: BTreeSet::new(),
            exchanges: Vec::new(),
            changes: Vec::new(),
            seconds: 0.0,
        }
    }

    /// How many findings have this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    }
}

/// By what a case is judged.
#[derive(Clone, Copy)]
pub struct Measure<'a> {
    /// How severe a breach is.
    pub rulebook: &'a Rulebook,
    /// Whether warnings count as errors.
    pub strict: bool,
    /// Breaches that are expected.
    pub deviations: &'a Deviations,
    /// Secrets that no text shows.
    pub mask: &'a Mask,
}

/// Judges a case. A finding of severity error that is not known fails it whatever else happened;
/// without one, a conversation that ended early is inconclusive.
pub fn judge(case: &Case, mut record: Record, measure: Measure<'_>) -> CaseResult {
    let hiding = Hiding {
        mask: measure.mask,
        secrets: record
            .exchanges
            .iter()
            .flat_map(Exchange::secrets)
            .map(str::to_owned)
            .collect(),
    };
    let mut findings = findings(case, &record, measure, &hiding);
    measure.deviations.mark(&case.name, &mut findings);
    let (verdict, reason) = verdict(&findings, &record, &hiding);
    for exchange in &mut record.exchanges {
        exchange.change_texts(|text| hiding.without_secrets(text));
    }
    for change in &mut record.changes {
        if let Some(diff) = hiding.without_secrets(&change.diff) {
            change.diff = diff;
        }
    }
    let declared = match verdict {
        Verdict::Skipped | Verdict::Inconclusive => measure.deviations.unjudged(&case.name),
        _ => {
            let to_its_end = record.stop.is_none();
            measure.deviations.judged(&case.name, &findings, to_its_end)
        }
    };
    let broken: BTreeSet<&str> = findings
        .iter()
        .map(|finding| finding.rule.as_str())
        .collect();
    let looked_at = record.looked_at.into_iter();
    let upheld = looked_at
        .filter(|rule| !broken.contains(rule.as_ref()))
        .map(Cow::into_owned)
        .collect();
    CaseResult {
        case: case.clone(),
        verdict,
        reason,
        findings,
        declared,
        upheld,
        exchanges: record.exchanges,
        changes: record.changes,
        seconds: record.seconds,
    }
}

/// What becomes of a case with these findings, and why it could not be judged to its end.
fn verdict(
    findings: &[Finding],
    record: &Record,
    hiding: &Hiding<'_>,
) -> (Verdict, Option<String>) {
    let (known, unexpected): (Vec<_>, Vec<_>) =
        findings.iter().partition(|finding| finding.known.is_some());
    let excused = known
        .iter()
        .any(|finding| finding.severity == Severity::Error);
    let mild = known
        .iter()
        .filter(|finding| finding.severity < Severity::Error);
    let counted = unexpected.iter().chain(mild);
    let worst = counted.map(|finding| finding.severity).max();
    let unclear = match &record.stop {
        Some(Stop::Unclear(reason) | Stop::NotOffered(reason)) => Some(hiding.apply(reason)),
        _ if record.looked_at.is_empty() => Some("no expectation could be judged".to_owned()),
        _ => None,
    };
    let not_offered = matches!(record.stop, Some(Stop::NotOffered(_)));
    let verdict = match (worst, &unclear) {
        (Some(Severity::Error), _) => Verdict::Failed,
        // A known deviation explains an answer that is of no use, not one that never came.
        (_, Some(_)) if excused && record.is_unanswered() => Verdict::Inconclusive,
        _ if excused => Verdict::Known,
        (Some(Severity::Warning), _) if not_offered => Verdict::Warned,
        (_, Some(_)) if not_offered => Verdict::Skipped,
        (_, Some(_)) => Verdict::Inconclusive,
        (Some(Severity::Warning), None) => Verdict::Warned,
        (Some(Severity::Info) | None, None) => Verdict::Passed,
    };
    (verdict, unclear)
}

/// One finding for each rule, however often it shows: what follows is told as steps that show it too.
fn findings(
    case: &Case,
    record: &Record,
    measure: Measure<'_>,
    hiding: &Hiding<'_>,
) -> Vec<Finding> {
    let (rulebook, strict) = (measure.rulebook, measure.strict);
    let clients = &case.scenario.clients;
    let mut findings: Vec<Finding> = Vec::new();
    for judgement in &record.broken {
        let (Some(breach), Some(rule)) = (&judgement.breach, rulebook.get(&judgement.rule)) else {
            continue;
        };
        let severity = severity(
            rule.severity_for(clients),
            judgement.leeway.is_some(),
            strict,
        );
        if let Some(first) = findings
            .iter_mut()
            .find(|first| first.rule == rule.id && first.severity >= severity)
        {
            first.also_at(&judgement.step);
            continue;
        }
        findings.push(Finding {
            rule: rule.id.clone(),
            severity,
            message: hiding.told(&breach.message),
            step: judgement.step.clone(),
            expected: hiding.told(&breach.expected),
            actual: hiding.told(&breach.actual),
            exchange: judgement.exchange,
            leeway: judgement.leeway.clone(),
            also: Vec::new(),
            known: None,
            place: place(judgement),
        });
    }
    findings
}

/// Where the scenario says it; of an always-on check the step whose answer it judged.
fn place(judgement: &Judgement) -> Option<Place> {
    match &judgement.place {
        Some(location) => Some(location.clone().into()),
        None => judgement.asked.as_ref().map(Place::unquoted),
    }
}

/// What is hidden in the texts of a case: the target's credentials, passwords, cookies.
struct Hiding<'a> {
    mask: &'a Mask,
    secrets: BTreeSet<String>,
}

impl Hiding<'_> {
    fn apply(&self, text: &str) -> String {
        let masked = self.mask.apply(text);
        self.without_secrets(&masked).unwrap_or(masked)
    }

    /// The text without the passwords and cookies, if it holds any.
    fn without_secrets(&self, text: &str) -> Option<String> {
        starred(text, self.secrets.iter().map(String::as_str))
    }

    /// A text without secrets, then cut to a length that a person reads.
    fn told(&self, text: &str) -> String {
        let masked = self.apply(text);
        match masked.char_indices().nth(LONGEST_TEXT) {
            Some((end, _)) => format!("{}…", &masked[..end]),
            None => masked,
        }
    }
}

/// Leeway lowers an error to a warning and is never lifted; `strict` lifts other warnings to errors.
fn severity(of_rule: Severity, lenient: bool, strict: bool) -> Severity {
    match of_rule {
        Severity::Error if lenient => Severity::Warning,
        Severity::Warning if strict && !lenient => Severity::Error,
        other => other,
    }
}

/// What is known of a rule after a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleStatus {
    /// A check for it ran and held, in these cases.
    Upheld(Vec<String>),
    /// It was broken in these cases.
    Broken(Vec<String>),
    /// No check for it ran.
    NotVerified,
}

/// The status of every rule that a case looked at.
pub fn rule_statuses(results: &[CaseResult]) -> BTreeMap<String, RuleStatus> {
    let mut statuses: BTreeMap<String, RuleStatus> = BTreeMap::new();
    for result in results {
        let name = || vec![result.case.name.clone()];
        for rule in result
            .findings
            .iter()
            .map(|finding| &finding.rule)
            .collect::<BTreeSet<_>>()
        {
            match statuses
                .entry(rule.clone())
                .or_insert_with(|| RuleStatus::Broken(Vec::new()))
            {
                RuleStatus::Broken(cases) => cases.extend(name()),
                other => *other = RuleStatus::Broken(name()),
            }
        }
        for rule in &result.upheld {
            if let RuleStatus::Upheld(cases) = statuses
                .entry(rule.clone())
                .or_insert_with(|| RuleStatus::Upheld(Vec::new()))
            {
                cases.extend(name());
            }
        }
    }
    statuses
}

/// How many cases ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Cases that passed.
    pub passed: usize,
    /// Cases with warnings only.
    pub warned: usize,
    /// Cases with errors that are all known deviations.
    pub known: usize,
    /// Cases with an error that is not known.
    pub failed: usize,
    /// Cases that were not run.
    pub skipped: usize,
    /// Cases of which we could not tell.
    pub inconclusive: usize,
    /// Answers that differ from their snapshot.
    pub changed: usize,
    /// Known deviations that are stale, or that nobody has explained.
    pub stale: usize,
}

impl Summary {
    /// Counts results.
    pub fn of(results: &[CaseResult]) -> Self {
        let results = results.iter();
        Self::count(results.map(|result| (result.verdict, result.changes.len(), &result.declared)))
    }

    /// Counts cases, each with its verdict, its changed answers and its known deviations.
    pub fn count<'a>(cases: impl Iterator<Item = (Verdict, usize, &'a Vec<Declared>)>) -> Self {
        let mut summary = Self::default();
        for (verdict, changed, declared) in cases {
            *match verdict {
                Verdict::Passed => &mut summary.passed,
                Verdict::Warned => &mut summary.warned,
                Verdict::Known => &mut summary.known,
                Verdict::Failed => &mut summary.failed,
                Verdict::Skipped => &mut summary.skipped,
                Verdict::Inconclusive => &mut summary.inconclusive,
            } += 1;
            summary.changed += changed;
            summary.stale += declared.iter().filter(|known| known.fails()).count();
        }
        summary
    }

    /// Whether something failed that was not expected, or did not that was.
    pub fn gate_failed(&self) -> bool {
        self.failed + self.changed + self.stale > 0
    }

    /// How many cases were run to a verdict.
    pub fn judged(&self) -> usize {
        self.passed + self.warned + self.known + self.failed
    }

    /// The verdict on the target. A known deviation is one all the same.
    pub fn overall(&self) -> Overall {
        if self.failed + self.known > 0 {
            Overall::Nonconformant
        } else if self.inconclusive > 0 || self.judged() == 0 {
            Overall::Inconclusive
        } else {
            Overall::Conformant
        }
    }
}

/// The verdict on a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Overall {
    /// No finding of severity error.
    Conformant,
    /// At least one.
    Nonconformant,
    /// None, but not everything could be told.
    Inconclusive,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leeway_lowers_and_strict_lifts_but_never_what_has_leeway() {
        use Severity::{Error, Info, Warning};
        assert_eq!(severity(Error, true, true), Warning);
        assert_eq!(severity(Warning, false, true), Error);
        assert_eq!(severity(Warning, true, true), Warning);
        assert_eq!(severity(Info, false, true), Info);
        assert_eq!(severity(Error, false, false), Error);
    }

    #[test]
    fn nothing_run_is_never_conformant() {
        assert_eq!(
            Summary {
                skipped: 3,
                ..Summary::default()
            }
            .overall(),
            Overall::Inconclusive
        );
        assert_eq!(
            Summary {
                passed: 3,
                inconclusive: 1,
                ..Summary::default()
            }
            .overall(),
            Overall::Inconclusive
        );
        assert_eq!(
            Summary {
                failed: 1,
                inconclusive: 1,
                ..Summary::default()
            }
            .overall(),
            Overall::Nonconformant
        );
        assert_eq!(
            Summary {
                passed: 1,
                warned: 1,
                skipped: 1,
                ..Summary::default()
            }
            .overall(),
            Overall::Conformant
        );
    }
}

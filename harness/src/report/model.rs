//! The report as data, `scim-harness/report/1`. Every format is made from it, and it is what a JSON
//! report holds; its schema is `fixtures/schemas/report.schema.json`.

use serde::{Deserialize, Serialize};

use crate::{
    deviation::{Declared, Newcomer},
    exchange::Exchange,
    rule::Severity,
    run::Leftover,
    scenario::Version,
    snapshot::Change,
    verdict::{Finding, Overall, Summary, Verdict},
};

/// Name and version of the format.
pub const FORMAT: &str = "scim-harness/report/1";

/// A run that is over: what was tested, what was found, and the evidence for it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    /// Name and version of the format.
    pub format: String,
    /// What wrote it.
    pub harness: Harness,
    /// What was tested.
    pub target: Target,
    /// How the run was done.
    pub run: Run,
    /// The verdict on the target.
    pub verdict: Overall,
    /// How many cases ended how.
    pub summary: Summary,
    /// The cases, ordered by name.
    pub cases: Vec<Case>,
    /// Every rule of the rulebook, ordered by id.
    pub rules: Vec<Rule>,
    /// What could not be removed.
    pub leftovers: Vec<Leftover>,
}

/// What wrote a report.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Harness {
    /// Its version.
    pub version: String,
}

/// The service provider that was tested.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Target {
    /// Its name.
    pub name: String,
    /// Its base URL, or several with commas between them.
    pub url: String,
    /// The versions of the protocol, with commas between them.
    pub scim: String,
    /// Whether it is the provider that comes with the harness.
    pub embedded: bool,
}

/// How a run was done.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Run {
    /// What everything carries that the run created.
    pub tag: String,
    /// Seed of everything random.
    pub seed: String,
    /// When it began, in RFC 3339.
    pub started: String,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// How many requests were sent.
    pub requests: u64,
    /// How many of them were put off with 429.
    pub pauses: u64,
    /// How many cases ran side by side.
    pub jobs: usize,
}

/// A conversation and what became of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Case {
    /// Name from the scenario's path.
    pub name: String,
    /// The scenario's title.
    pub title: String,
    /// Whose conversation it is.
    pub client: Vec<String>,
    /// The version that was spoken.
    pub scim: Version,
    /// The scenario file.
    pub file: String,
    /// The command that repeats just this case.
    pub again: String,
    /// What became of it.
    pub verdict: Verdict,
    /// Why it was skipped, is inconclusive or ended early.
    pub reason: Option<String>,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// Rules that were broken.
    pub findings: Vec<Finding>,
    /// Known deviations that the target file declares for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub known: Vec<Declared>,
    /// Answers that differ from their snapshot.
    pub changes: Vec<Change>,
    /// Every exchange, in order.
    pub exchanges: Vec<Exchange>,
}

/// A rule and what the run says of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Rule {
    /// Id of the rule.
    pub id: String,
    /// What a conforming server does, in one sentence.
    pub summary: String,
    /// The document and section it comes from, for people.
    pub reference: String,
    /// Key word of the statement.
    pub level: String,
    /// The worst that breaking it can be.
    pub severity: Severity,
    /// What the run says of it.
    pub status: Status,
    /// Why it is not verified.
    pub reason: Option<String>,
    /// The cases that uphold or break it.
    pub cases: Vec<String>,
}

/// What a run says of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// A case saw it broken.
    Broken,
    /// A check for it ran and held.
    Upheld,
    /// No check for it ran.
    NotVerified,
}

impl Case {
    /// Whether it fails the run by something else than a finding: an answer that differs from its
    /// snapshot, or a known deviation that has to be put right.
    pub fn fails_gate(&self) -> bool {
        !self.changes.is_empty() || self.known.iter().any(Declared::fails)
    }
}

impl Report {
    /// The exit code of the documentation: 0 conformant and unchanged, 1 findings or a gate that
    /// failed, 3 could not tell, 4 nothing ran.
    pub fn exit_code(&self) -> u8 {
        let summary = &self.summary;
        if summary.gate_failed() {
            1
        } else if summary.inconclusive > 0 {
            3
        } else if summary.judged() == 0 {
            4
        } else {
            0
        }
    }

    /// The rule of this id.
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        let place = self.rules.binary_search_by(|rule| rule.id.as_str().cmp(id));
        self.rules.get(place.ok()?)
    }

    /// How many rules have this status.
    pub fn count(&self, status: Status) -> usize {
        let rules = self.rules.iter();
        rules.filter(|rule| rule.status == status).count()
    }

    /// Every finding with its case, in the order of the cases.
    pub fn findings(&self) -> impl Iterator<Item = (&Case, &Finding)> {
        let cases = self.cases.iter();
        cases.flat_map(|case| case.findings.iter().map(move |finding| (case, finding)))
    }

    /// The errors that no entry of the target file knows.
    pub fn newcomers(&self) -> Vec<Newcomer<'_>> {
        let errors = self
            .findings()
            .filter(|(_, finding)| finding.severity == Severity::Error);
        let new = errors
            .filter(|(case, finding)| case.known.iter().all(|known| known.rule != finding.rule));
        new.map(|(case, finding)| Newcomer {
            case: &case.name,
            rule: &finding.rule,
            message: &finding.message,
        })
        .collect()
    }

    /// Every known deviation that the cases tell of, with its case.
    pub fn declared(&self) -> impl Iterator<Item = (&Case, &Declared)> {
        let cases = self.cases.iter();
        cases.flat_map(|case| case.known.iter().map(move |known| (case, known)))
    }

    /// Every answer that differs from its snapshot, with its case.
    pub fn changes(&self) -> impl Iterator<Item = (&Case, &Change)> {
        let cases = self.cases.iter();
        cases.flat_map(|case| case.changes.iter().map(move |change| (case, change)))
    }
}

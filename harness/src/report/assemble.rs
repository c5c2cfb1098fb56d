//! From a run that is over to its report.

use super::model::{Case, FORMAT, Harness, Report, Rule, Run, Status, Target, Tls};
use crate::{
    client::tls::Spoken,
    plan,
    run::{DEFAULT_IMPORT_LIMIT, DEFAULT_TIMEOUT, Engine, Settings, run_tag},
    shell,
    verdict::{CaseResult, RuleStatus, Summary, rule_statuses},
};

/// What is said of a run with `--insecure`.
const UNVERIFIED: &str = "the target's certificate was not verified (--insecure): anybody could have answered in its place";

/// When a run began and how long it took.
#[derive(Clone, Debug, Default)]
pub struct Span {
    /// When it began, in RFC 3339.
    pub started: String,
    /// How long it took, in seconds.
    pub seconds: f64,
}

impl Report {
    /// The report of a run that is over.
    pub fn of(engine: &Engine, results: Vec<CaseResult>, span: Span) -> Self {
        let (target, settings) = (engine.target(), engine.settings());
        let summary = Summary::of(&results);
        Self {
            format: FORMAT.to_owned(),
            harness: Harness {
                version: env!("CARGO_PKG_VERSION").to_owned(),
            },
            target: Target {
                name: target.name.clone(),
                url: target.url(),
                scim: target.versions(),
                embedded: target.embedded,
                tls: tls(engine),
            },
            run: Run {
                tag: run_tag(settings.seed),
                seed: settings.seed.to_string(),
                started: span.started,
                seconds: span.seconds,
                requests: engine.requests(),
                pauses: engine.pauses(),
                jobs: settings.jobs,
            },
            verdict: summary.overall(),
            summary,
            rules: rules(engine, &results),
            cases: results
                .into_iter()
                .map(|result| case(result, engine))
                .collect(),
            leftovers: engine.leftovers(),
            warnings: target
                .tls
                .insecure
                .then(|| UNVERIFIED.to_owned())
                .into_iter()
                .collect(),
        }
    }
}

fn tls(engine: &Engine) -> Option<Tls> {
    engine.known_tls().map(|seen| Tls {
        verified: !engine.target().tls.insecure,
        version: seen.version.map(str::to_owned),
        certificate_expires: seen.expires.clone(),
        older_versions: seen.older == Spoken::Yes,
    })
}

fn case(result: CaseResult, engine: &Engine) -> Case {
    let scenario = &result.case.scenario;
    Case {
        name: result.case.name.clone(),
        title: scenario.title.clone(),
        client: scenario.clients.clone(),
        scim: scenario.scim,
        file: scenario.file.path.clone(),
        again: again(&result.case, engine),
        verdict: result.verdict,
        reason: result.reason,
        seconds: result.seconds,
        findings: result.findings,
        known: result.declared,
        changes: result.changes,
        exchanges: result.exchanges,
    }
}

fn rules(engine: &Engine, results: &[CaseResult]) -> Vec<Rule> {
    let mut statuses = rule_statuses(results);
    let spoken = &engine.target().endpoints;
    let rules = engine.rulebook().iter().filter_map(|rule| {
        let found = statuses.remove(&rule.id);
        if found.is_none() && !spoken.iter().any(|(version, _)| rule.is_about(*version)) {
            return None;
        }
        let (status, reason, cases) = match found.unwrap_or(RuleStatus::NotVerified) {
            RuleStatus::Upheld(cases) => (Status::Upheld, None, cases),
            RuleStatus::Broken(cases) => (Status::Broken, None, cases),
            RuleStatus::NotVerified if rule.testable == "no" => {
                let reason = "it cannot be decided from outside";
                (Status::NotVerified, Some(reason), Vec::new())
            }
            RuleStatus::NotVerified => {
                (Status::NotVerified, Some("no check for it ran"), Vec::new())
            }
        };
        Some(Rule {
            id: rule.id.clone(),
            summary: rule.summary.clone(),
            reference: rule.reference(),
            level: rule.level.clone(),
            severity: rule.severity,
            status,
            reason: reason.map(str::to_owned),
            cases,
        })
    });
    rules.collect()
}

/// The command that repeats just this case.
pub(super) fn again(case: &plan::Case, engine: &Engine) -> String {
    let target = engine.target();
    let version = match target.embedded {
        true => String::new(),
        false => format!(" --scim {}", case.scenario.scim),
    };
    let whom = target.arguments.trim_start();
    let space = if whom.is_empty() { "" } else { " " };
    let (name, seed) = (shell::word(&case.name), engine.settings().seed);
    let further = further(engine.settings());
    format!("scim-harness run{space}{whom}{version} --exact {name} --seed {seed}{further}")
}

/// What else the outcome of a case depends on, where it is not as usual.
fn further(settings: &Settings) -> String {
    let strict = settings.strict.then(|| " --strict".to_owned());
    let timeout = settings.client.timeout;
    let patience =
        (timeout != DEFAULT_TIMEOUT).then(|| format!(" --timeout {}", timeout.as_secs_f64()));
    let limit = settings.import_limit;
    let import = (limit != DEFAULT_IMPORT_LIMIT).then(|| format!(" --import-limit {limit}"));
    [strict, patience, import].into_iter().flatten().collect()
}

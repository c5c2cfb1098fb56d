//! The JSON report, `scim-harness/report/1`; its schema is `fixtures/schemas/report.schema.json`.

use std::io;

use serde::Serialize;

use super::Finished;
use crate::{
    exchange::Exchange,
    rule::Severity,
    run::{Leftover, run_tag},
    scenario::Version,
    snapshot::Change,
    verdict::{CaseResult, Finding, Overall, RuleStatus, Summary, Verdict, rule_statuses},
};

/// Name and version of the format.
pub const FORMAT: &str = "scim-harness/report/1";

#[derive(Serialize)]
struct Report<'a> {
    format: &'static str,
    harness: Harness,
    target: TargetPart<'a>,
    run: Run,
    verdict: Overall,
    summary: Summary,
    cases: Vec<Case<'a>>,
    rules: Vec<Rule<'a>>,
    leftovers: &'a [Leftover],
}

#[derive(Serialize)]
struct Harness {
    version: &'static str,
}

#[derive(Serialize)]
struct TargetPart<'a> {
    name: &'a str,
    url: String,
    scim: String,
}

#[derive(Serialize)]
struct Run {
    tag: String,
    seed: String,
    started: String,
    seconds: f64,
    requests: u64,
    jobs: usize,
}

#[derive(Serialize)]
struct Case<'a> {
    name: &'a str,
    title: &'a str,
    client: &'a [String],
    scim: Version,
    file: &'a str,
    verdict: Verdict,
    reason: Option<&'a str>,
    seconds: f64,
    findings: &'a [Finding],
    changes: &'a [Change],
    exchanges: &'a [Exchange],
}

#[derive(Serialize)]
struct Rule<'a> {
    id: &'a str,
    level: &'a str,
    severity: Severity,
    status: &'static str,
    reason: Option<&'static str>,
    cases: Vec<String>,
}

/// The report as text.
pub fn text(finished: &Finished<'_>) -> io::Result<String> {
    let engine = finished.engine;
    let settings = engine.settings();
    let report = Report {
        format: FORMAT,
        harness: Harness {
            version: env!("CARGO_PKG_VERSION"),
        },
        target: TargetPart {
            name: &engine.target().name,
            url: engine.target().url(),
            scim: engine.target().versions(),
        },
        run: Run {
            tag: run_tag(settings.seed),
            seed: settings.seed.to_string(),
            started: finished.started.clone(),
            seconds: finished.seconds,
            requests: engine.requests(),
            jobs: settings.jobs,
        },
        verdict: finished.overall(),
        summary: finished.summary(),
        cases: finished.results.iter().map(case).collect(),
        rules: rules(finished),
        leftovers: &finished.leftovers,
    };
    Ok(serde_json::to_string_pretty(&report)? + "\n")
}

fn case(result: &CaseResult) -> Case<'_> {
    let scenario = &result.case.scenario;
    Case {
        name: &result.case.name,
        title: &scenario.title,
        client: &scenario.clients,
        scim: scenario.scim,
        file: &scenario.file.path,
        verdict: result.verdict,
        reason: result.reason.as_deref(),
        seconds: result.seconds,
        findings: &result.findings,
        changes: &result.changes,
        exchanges: &result.exchanges,
    }
}

fn rules<'a>(finished: &Finished<'a>) -> Vec<Rule<'a>> {
    let mut statuses = rule_statuses(finished.results);
    let rules = finished.engine.rulebook().iter().map(|rule| {
        let (status, reason, cases) = match statuses
            .remove(&rule.id)
            .unwrap_or(RuleStatus::NotVerified)
        {
            RuleStatus::Upheld(cases) => ("upheld", None, cases),
            RuleStatus::Broken(cases) => ("broken", None, cases),
            RuleStatus::NotVerified if rule.testable == "no" => (
                "not-verified",
                Some("it cannot be decided from outside"),
                Vec::new(),
            ),
            RuleStatus::NotVerified => ("not-verified", Some("no check for it ran"), Vec::new()),
        };
        Rule {
            id: &rule.id,
            level: &rule.level,
            severity: rule.severity,
            status,
            reason,
            cases,
        }
    });
    rules.collect()
}

//! SARIF 2.1.0, as code scanning reads it: a result for each finding, at its place in the scenario.

use std::io;

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    curl, known,
    model::{Case, Report, Rule, Status},
    phrase,
};
use crate::{
    diagnostic::printable,
    rule::Severity,
    verdict::{Finding, Overall},
};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// How severe a result is.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Note,
    Warning,
    Error,
}

/// The report as SARIF.
pub fn text(report: &Report) -> io::Result<String> {
    let looked_at: Vec<&Rule> = report
        .rules
        .iter()
        .filter(|rule| rule.status != Status::NotVerified)
        .collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "scim-harness",
                "version": report.harness.version,
                "semanticVersion": report.harness.version,
                "rules": looked_at.iter().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "automationDetails": {"id": format!("scim-harness/{}/", report.target.name)},
            "invocations": [{
                "executionSuccessful": report.verdict != Overall::Inconclusive,
                "exitCode": report.exit_code(),
                "startTimeUtc": report.run.started,
                "toolExecutionNotifications": notifications(report),
            }],
            "results": report
                .findings()
                .map(|(case, finding)| result(case, finding, &looked_at))
                .collect::<Vec<_>>(),
            "properties": {
                "verdict": report.verdict,
                "summary": report.summary,
                "rules": phrase::rules(report),
                "target": report.target,
            },
        }],
    });
    Ok(serde_json::to_string_pretty(&log)? + "\n")
}

/// What is no finding and is to be known all the same: an error is what fails the run by itself.
fn notifications(report: &Report) -> Vec<Value> {
    let notification =
        |level: Level, text: &str| json!({"level": level, "message": {"text": literal(text)}});
    let warnings = report.warnings.iter();
    let warnings = warnings.map(|warning| notification(Level::Warning, warning));
    let complaints = known::of_report(report).into_iter();
    let complaints = complaints.map(|told| {
        let notes = told.notes.iter().filter(|(name, _)| *name != "help");
        let notes: Vec<String> = notes.map(|(name, text)| format!("{name} {text}")).collect();
        notification(
            Level::Error,
            &format!("{} ({})", told.title, notes.join(", ")),
        )
    });
    let changes = report.changes().map(|(case, change)| {
        let text = format!(
            "{}: the answer in {} to `{}` differs from its snapshot",
            change.kind, case.name, change.step
        );
        notification(Level::Error, &text)
    });
    warnings.chain(complaints).chain(changes).collect()
}

fn descriptor(rule: &Rule) -> Value {
    json!({
        "id": rule.id,
        "shortDescription": {"text": literal(&rule.summary)},
        "fullDescription": {"text": literal(&phrase::rule(rule))},
        "help": {"text": literal(&phrase::rule(rule))},
        "defaultConfiguration": {"level": level(rule.severity)},
        "properties": {
            "level": rule.level,
            "reference": rule.reference,
            "status": rule.status,
        },
    })
}

fn result(case: &Case, finding: &Finding, rules: &[&Rule]) -> Value {
    let index = rules.iter().position(|rule| rule.id == finding.rule);
    let exchange = phrase::exchange(case, finding);
    let mut region = json!({"startLine": 1});
    let mut file = &case.file;
    if let Some(place) = &finding.place {
        region = json!({"startLine": place.line, "startColumn": place.column});
        file = &place.file;
    }
    let message = format!(
        "{} (expected {}, got {}) in {}, step {}",
        finding.message, finding.expected, finding.actual, case.name, finding.step
    );
    json!({
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": level(finding.severity),
        "message": {"text": literal(&message)},
        "locations": [{
            "physicalLocation": {"artifactLocation": {"uri": uri(file)}, "region": region},
            "logicalLocations": [{"fullyQualifiedName": case.name, "kind": "function"}],
        }],
        "suppressions": suppressions(finding),
        "partialFingerprints": {
            "ruleCaseStep/v1": format!("{} {} {}", finding.rule, case.name, finding.step),
        },
        "properties": {
            "case": case.name,
            "step": finding.step,
            "expected": finding.expected,
            "actual": finding.actual,
            "curl": exchange.map(|exchange| curl::line(&exchange.request)),
            "again": case.again,
        },
    })
}

/// A known deviation is one that somebody has decided to live with.
fn suppressions(finding: &Finding) -> Vec<Value> {
    let suppression = |why: &String| json!({"kind": "external", "status": "accepted", "justification": literal(why)});
    finding.known.iter().map(suppression).collect()
}

fn level(severity: Severity) -> Level {
    match severity {
        Severity::Error => Level::Error,
        Severity::Warning => Level::Warning,
        Severity::Info => Level::Note,
    }
}

/// Text without anything that SARIF reads as a link (section 3.11.6).
fn literal(text: &str) -> String {
    let text = printable(text);
    if text.contains("](") {
        text.replace('\\', "\\\\")
            .replace('[', "\\[")
            .replace(']', "\\]")
    } else {
        text
    }
}

/// A path as a relative reference, its parts percent-encoded.
fn uri(path: &str) -> String {
    let parts = path.split(['/', '\\']).map(crate::template::percent_encode);
    parts.collect::<Vec<_>>().join("/")
}

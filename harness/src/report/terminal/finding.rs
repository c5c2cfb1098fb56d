//! All that is known of one finding, as a diagnostic.

use crate::{
    diagnostic::{Diagnostic, Tone},
    exchange::Exchange,
    report::{
        assemble, curl,
        group::Group,
        model::{Case, Rule},
    },
    rule::Severity,
    run::Engine,
    verdict::{CaseResult, Finding},
};

/// How many cases are named behind a finding that shows in several.
pub(super) const MOST_NAMED: usize = 4;
/// How long a curl line may be before the report file has to serve.
const LONGEST_CURL: usize = 2000;

/// A finding with what has to be said about it.
struct Evidence<'a> {
    finding: &'a Finding,
    rule: String,
    case: String,
    again: String,
    exchanges: &'a [Exchange],
}

/// The worst finding of a group in full, with the names of the other cases that show it.
pub(super) fn of_group(group: &Group<'_>) -> Option<Diagnostic> {
    let (case, finding) = group.shown.first()?;
    let names = group.cases();
    let others = names.get(1..).unwrap_or_default();
    Some(of_case(case, finding, group.rule).note("also in", some(others)))
}

/// One finding of a case.
pub(super) fn of_case(case: &Case, finding: &Finding, rule: Option<&Rule>) -> Diagnostic {
    let told = |rule: &Rule| statement(&rule.summary, &rule.level, &rule.reference);
    diagnostic(Evidence {
        finding,
        rule: rule.map(told).unwrap_or_default(),
        case: format!("{}: {}", case.name, case.title),
        again: case.again.clone(),
        exchanges: &case.exchanges,
    })
}

/// One finding of a case that has just ended.
pub fn of_result(result: &CaseResult, finding: &Finding, engine: &Engine) -> Diagnostic {
    let rule = engine.rulebook().get(&finding.rule);
    let told = |rule: &crate::rule::Rule| statement(&rule.summary, &rule.level, &rule.reference());
    diagnostic(Evidence {
        finding,
        rule: rule.map(told).unwrap_or_default(),
        case: format!("{}: {}", result.case.name, result.case.scenario.title),
        again: assemble::again(&result.case, engine),
        exchanges: &result.exchanges,
    })
}

/// `A created user is answered with 201. (MUST, RFC 7644 section 3.3)`
fn statement(summary: &str, level: &str, reference: &str) -> String {
    let level = level.to_uppercase().replace('-', " ");
    format!("{summary} ({level}, {reference})")
}

fn diagnostic(evidence: Evidence<'_>) -> Diagnostic {
    let finding = evidence.finding;
    let told = Diagnostic {
        tone: match finding.severity {
            Severity::Error => Tone::Error,
            Severity::Warning => Tone::Warning,
            Severity::Info => Tone::Info,
        },
        id: Some(finding.rule.clone()),
        ..Diagnostic::error(finding.message.clone())
    };
    let quoted = finding
        .place
        .as_ref()
        .and_then(|place| place.quoted.clone());
    let told = match quoted {
        Some(location) => told.at(location, ""),
        None => told,
    };
    let told = told
        .note("rule", evidence.rule)
        .note("expected", finding.expected.clone())
        .note("actual", finding.actual.clone())
        .note("also at", finding.also.join(", "))
        .note("leeway", finding.leeway.as_deref().unwrap_or_default())
        .note("case", evidence.case);
    exchange(told, finding.exchange, evidence.exchanges).note("again", evidence.again)
}

/// The exchange that shows it, the one before it, and how to repeat it.
fn exchange(told: Diagnostic, index: usize, exchanges: &[Exchange]) -> Diagnostic {
    let Some(exchange) = exchanges.get(index) else {
        return told;
    };
    let before = index.checked_sub(1).and_then(|index| {
        exchanges
            .get(index)
            .map(|before| step(index, before, exchanges.len()))
    });
    let line = curl::line(&exchange.request);
    told.note("step", step(index, exchange, exchanges.len()))
        .note("after", before.unwrap_or_default())
        .note(
            "curl",
            if line.len() > LONGEST_CURL {
                "too long to show here: see the JSON report".to_owned()
            } else {
                line
            },
        )
}

/// ``2 of 4 `deactivate`  PATCH http://… -> 204 in 31 ms``
fn step(index: usize, exchange: &Exchange, of: usize) -> String {
    let answer = match (&exchange.response, &exchange.failure) {
        (Some(answer), _) => answer.status.to_string(),
        (None, Some(failure)) => failure.message.clone(),
        (None, None) => "no answer".to_owned(),
    };
    format!(
        "{} of {of} `{}`  {} {} -> {answer} in {} ms",
        index + 1,
        exchange.step,
        exchange.request.method,
        exchange.request.url,
        exchange.milliseconds
    )
}

/// The first names, and how many more there are.
pub(super) fn some(names: &[&str]) -> String {
    let more = names.len().saturating_sub(MOST_NAMED);
    let named = names
        .iter()
        .take(MOST_NAMED)
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    match more {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

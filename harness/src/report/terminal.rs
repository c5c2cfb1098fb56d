//! What a person reads at the end of a run.

use std::{cmp::Reverse, collections::BTreeMap};

use super::{Finished, curl};
use crate::{
    diagnostic::{Diagnostic, Tone, printable},
    embedded,
    exchange::Exchange,
    rule::{Rulebook, Severity},
    run::{Engine, Leftover},
    verdict::{CaseResult, Finding, Overall, RuleStatus, Verdict, rule_statuses},
};

/// A finding with the case that shows it.
type Shown<'a> = (&'a CaseResult, &'a Finding);

/// How many cases are named behind a finding that shows in several.
const MOST_NAMED: usize = 4;
/// How much of a diff is shown.
const MOST_DIFF_LINES: usize = 24;
/// How many leftovers are named.
const MOST_LEFTOVERS: usize = 10;
/// How long a curl line may be before the report file has to serve.
const LONGEST_CURL: usize = 2000;

/// The whole text: findings, changed answers, what could not be told, leftovers, summary.
pub fn text(finished: &Finished<'_>, colour: bool, quiet: bool) -> String {
    let mut parts = Vec::new();
    if !quiet {
        parts.extend(
            findings(finished)
                .iter()
                .map(|diagnostic| diagnostic.render(colour)),
        );
        parts.extend(changes(finished));
        parts.extend(
            unclear(finished)
                .iter()
                .map(|diagnostic| diagnostic.render(colour)),
        );
    }
    parts.extend(leftovers(finished));
    parts.push(summary(finished));
    parts.join("\n\n") + "\n"
}

/// What a test runner does not show by itself: warnings of tests that passed, leftovers, the summary.
pub fn closing(finished: &Finished<'_>) -> String {
    let warned = finished
        .results
        .iter()
        .filter(|result| result.verdict == Verdict::Warned);
    let warnings = warned.flat_map(|result| {
        result.findings.iter().map(move |finding| {
            format!(
                "{}[{}] in {}: {}",
                finding.severity,
                finding.rule,
                result.case.name,
                printable(&finding.message)
            )
        })
    });
    warnings
        .chain(leftovers(finished))
        .chain([summary(finished)])
        .collect::<Vec<_>>()
        .join("\n")
}

/// One diagnostic for each rule that is broken, the worst first; the first case that shows it is
/// told in full, the others are named.
fn findings(finished: &Finished<'_>) -> Vec<Diagnostic> {
    let mut by_rule: BTreeMap<(Reverse<Severity>, &str), Vec<Shown<'_>>> = BTreeMap::new();
    for result in finished.results {
        for finding in &result.findings {
            by_rule
                .entry((Reverse(finding.severity), &finding.rule))
                .or_default()
                .push((result, finding));
        }
    }
    by_rule
        .values()
        .filter_map(|shown| grouped(shown, finished.engine))
        .collect()
}

fn grouped(shown: &[Shown<'_>], engine: &Engine) -> Option<Diagnostic> {
    let ((result, finding), others) = shown.split_first()?;
    let mut names: Vec<&str> = others
        .iter()
        .map(|(result, _)| result.case.name.as_str())
        .filter(|name| *name != result.case.name)
        .collect();
    names.dedup();
    let more = names.len().saturating_sub(MOST_NAMED);
    let mut also = names
        .iter()
        .take(MOST_NAMED)
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    if more > 0 {
        also.push_str(&format!(" and {more} more"));
    }
    Some(finding_text(result, finding, engine).note("also in", also))
}

/// All that is known of one finding.
pub fn finding_text(result: &CaseResult, finding: &Finding, engine: &Engine) -> Diagnostic {
    let tone = match finding.severity {
        Severity::Error => Tone::Error,
        Severity::Warning => Tone::Warning,
        Severity::Info => Tone::Info,
    };
    let mut diagnostic = Diagnostic {
        tone,
        id: Some(finding.rule.clone()),
        ..Diagnostic::error(finding.message.clone())
    };
    if let Some(place) = &finding.place {
        diagnostic = diagnostic.at(place.clone(), "");
    }
    diagnostic = diagnostic
        .note("rule", rule_text(engine.rulebook(), &finding.rule))
        .note("expected", finding.expected.clone())
        .note("actual", finding.actual.clone())
        .note("also at", finding.also.join(", "))
        .note("leeway", finding.leeway.as_deref().unwrap_or_default())
        .note(
            "case",
            format!("{}: {}", result.case.name, result.case.scenario.title),
        );
    if let Some(exchange) = result.exchanges.get(finding.exchange) {
        let number = finding.exchange + 1;
        diagnostic = diagnostic.note(
            "step",
            format!(
                "{number} of {} `{}`  {}",
                result.exchanges.len(),
                exchange.step,
                exchange_line(exchange)
            ),
        );
        if let Some(before) = finding
            .exchange
            .checked_sub(1)
            .and_then(|index| result.exchanges.get(index))
        {
            diagnostic = diagnostic.note(
                "after",
                format!(
                    "{} of {} `{}`  {}",
                    number - 1,
                    result.exchanges.len(),
                    before.step,
                    exchange_line(before)
                ),
            );
        }
        let line = curl::line(&exchange.request);
        diagnostic = diagnostic.note(
            "curl",
            if line.len() > LONGEST_CURL {
                "too long to show here: see the JSON report".to_owned()
            } else {
                line
            },
        );
    }
    diagnostic.note("again", again(result, engine))
}

fn rule_text(rulebook: &Rulebook, id: &str) -> String {
    let Some(rule) = rulebook.get(id) else {
        return String::new();
    };
    format!(
        "{} ({}, {})",
        rule.summary,
        rule.level.to_uppercase().replace('-', " "),
        rule.reference()
    )
}

/// `PATCH http://… -> 204 in 31 ms`
fn exchange_line(exchange: &Exchange) -> String {
    let answer = match (&exchange.response, &exchange.failure) {
        (Some(answer), _) => answer.status.to_string(),
        (None, Some(failure)) => failure.message.clone(),
        (None, None) => "no answer".to_owned(),
    };
    format!(
        "{} {} -> {answer} in {} ms",
        exchange.request.method, exchange.request.url, exchange.milliseconds
    )
}

/// The command that repeats just this case.
fn again(result: &CaseResult, engine: &Engine) -> String {
    let target = engine.target();
    let version = match target.embedded {
        true => String::new(),
        false => format!(" --scim {}", result.case.scenario.scim),
    };
    let whom = target.arguments.trim_start();
    let space = if whom.is_empty() { "" } else { " " };
    let (name, seed) = (&result.case.name, engine.settings().seed);
    format!("scim-harness run{space}{whom}{version} --exact {name} --seed {seed}")
}

fn changes(finished: &Finished<'_>) -> Vec<String> {
    let changed = finished
        .results
        .iter()
        .flat_map(|result| result.changes.iter().map(move |change| (result, change)));
    let text = changed.map(|(result, change)| {
        let lines: Vec<&str> = change.diff.lines().collect();
        let shown = lines.iter().take(MOST_DIFF_LINES).map(|line| format!("  {}", printable(line))).collect::<Vec<_>>().join("\n");
        let more = if lines.len() > MOST_DIFF_LINES { format!("\n  … {} more lines", lines.len() - MOST_DIFF_LINES) } else { String::new() };
        format!("{}: the answer in {} to `{}` differs from its snapshot\n{shown}{more}\n  accept it with: scim-harness snapshots accept", change.kind, result.case.name, change.step)
    });
    text.collect()
}

/// What could not be told, one entry for each reason.
fn unclear(finished: &Finished<'_>) -> Vec<Diagnostic> {
    let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for result in finished
        .results
        .iter()
        .filter(|result| result.verdict == Verdict::Inconclusive)
    {
        by_reason
            .entry(result.reason.as_deref().unwrap_or_default())
            .or_default()
            .push(&result.case.name);
    }
    by_reason
        .into_iter()
        .map(|(reason, cases)| {
            let named = cases
                .iter()
                .take(MOST_NAMED)
                .copied()
                .collect::<Vec<_>>()
                .join(", ");
            let more = if cases.len() > MOST_NAMED {
                format!(" and {} more", cases.len() - MOST_NAMED)
            } else {
                String::new()
            };
            Diagnostic::harness("inconclusive", reason).note("in", format!("{named}{more}"))
        })
        .collect()
}

fn leftovers(finished: &Finished<'_>) -> Option<String> {
    let left = &finished.leftovers;
    if left.is_empty() {
        return None;
    }
    let line = |left: &Leftover| {
        printable(&format!(
            "  {} ({}; created by {})",
            left.url, left.reason, left.case
        ))
    };
    let mut lines: Vec<String> = left.iter().take(MOST_LEFTOVERS).map(line).collect();
    if left.len() > MOST_LEFTOVERS {
        let more = left.len() - MOST_LEFTOVERS;
        lines.push(format!("  and {more} more, all in the JSON report"));
    }
    Some(format!(
        "may be left behind, because removal failed:\n{}",
        lines.join("\n")
    ))
}

/// How often the target asked to wait, where it did.
fn pauses(engine: &Engine) -> String {
    match engine.pauses() {
        0 => String::new(),
        1 => ", 1 put off with 429".to_owned(),
        many => format!(", {many} put off with 429"),
    }
}

fn summary(finished: &Finished<'_>) -> String {
    let engine = finished.engine;
    let counts = finished.summary();
    let statuses = rule_statuses(finished.results);
    let upheld = statuses
        .values()
        .filter(|status| matches!(status, RuleStatus::Upheld(_)))
        .count();
    let broken = statuses
        .values()
        .filter(|status| matches!(status, RuleStatus::Broken(_)))
        .count();
    let whom = if engine.target().name == embedded::NAME && engine.target().embedded {
        "the embedded provider".to_owned()
    } else {
        format!("{} ({})", engine.target().name, engine.target().url())
    };
    let changed = if counts.changed > 0 {
        format!(", {} changed answers", counts.changed)
    } else {
        String::new()
    };
    let mut lines = vec![
        format!(
            "SCIM {} · {whom} · seed {}",
            engine.target().versions(),
            engine.settings().seed
        ),
        format!(
            "cases  {} passed, {} warned, {} failed, {} skipped, {} inconclusive{changed}",
            counts.passed, counts.warned, counts.failed, counts.skipped, counts.inconclusive
        ),
        format!(
            "rules  {upheld} upheld, {broken} broken, {} not verified",
            engine
                .rulebook()
                .iter()
                .count()
                .saturating_sub(upheld + broken)
        ),
        format!(
            "run    {} requests in {:.2} s{}",
            engine.requests(),
            finished.seconds,
            pauses(engine)
        ),
    ];
    lines.extend(skips(finished));
    lines.extend(doubt(finished).map(str::to_owned));
    let verdict = match finished.overall() {
        Overall::Conformant if counts.changed > 0 => "conformant, but answers changed",
        Overall::Conformant if counts.warned > 0 => "conformant, with warnings",
        Overall::Conformant => "conformant",
        Overall::Nonconformant => "NOT conformant",
        Overall::Inconclusive if counts.inconclusive == 0 => "nothing ran",
        Overall::Inconclusive => "could not tell",
    };
    lines.push(match finished.overall() {
        Overall::Conformant | Overall::Nonconformant => {
            format!("{verdict}, as far as these cases go")
        }
        Overall::Inconclusive => verdict.to_owned(),
    });
    lines.join("\n")
}

/// Where nothing that came looks like SCIM, the findings may all have one cause.
fn doubt(finished: &Finished<'_>) -> Option<&'static str> {
    let exchanges = finished.results.iter().flat_map(|case| &case.exchanges);
    let mut answers = exchanges.filter_map(|exchange| exchange.response.as_ref());
    let looks_like_scim = answers.any(|answer| answer.body.contains("\"schemas\""));
    (finished.overall() == Overall::Nonconformant && !looks_like_scim).then_some(
        "hint   no answer has `schemas`: is this the base URL of a SCIM service provider?",
    )
}

/// Why cases were skipped, with how many.
fn skips(finished: &Finished<'_>) -> Vec<String> {
    let mut by_reason: BTreeMap<&str, usize> = BTreeMap::new();
    for result in finished
        .results
        .iter()
        .filter(|result| result.verdict == Verdict::Skipped)
    {
        *by_reason
            .entry(result.reason.as_deref().unwrap_or_default())
            .or_default() += 1;
    }
    by_reason
        .into_iter()
        .map(|(reason, count)| format!("skip   {count} × {reason}"))
        .collect()
}

//! Words that the formats have in common, so that all say the same.

use super::{
    group::Group,
    model::{Case, Report, Rule, Status},
};
use crate::{
    exchange::Exchange,
    rule::Severity,
    verdict::{Finding, Overall, Summary, Verdict},
};

/// The verdict on the target.
pub fn verdict(report: &Report) -> String {
    let counts = &report.summary;
    let words = match report.verdict {
        Overall::Conformant if counts.changed > 0 => "conformant, but answers changed",
        Overall::Conformant if counts.stale > 0 => {
            "conformant, but known deviations have to be put right"
        }
        Overall::Conformant if counts.warned > 0 => "conformant, with warnings",
        Overall::Conformant => "conformant",
        Overall::Nonconformant if !counts.gate_failed() => "NOT conformant, but nothing unexpected",
        Overall::Nonconformant => "NOT conformant",
        Overall::Inconclusive if counts.inconclusive == 0 => "nothing ran",
        Overall::Inconclusive => "could not tell",
    };
    match report.verdict {
        Overall::Conformant | Overall::Nonconformant => {
            format!("{words}, as far as these cases go")
        }
        Overall::Inconclusive => words.to_owned(),
    }
}

/// How many cases ended how.
pub fn counts(summary: &Summary) -> String {
    let some = |count: usize, what: &str| match count {
        0 => String::new(),
        count => format!(", {count} {what}"),
    };
    let known = some(summary.known, "known");
    let changed = match summary.changed {
        1 => ", 1 changed answer".to_owned(),
        count => some(count, "changed answers"),
    };
    let stale = match summary.stale {
        1 => ", 1 known deviation to put right".to_owned(),
        count => some(count, "known deviations to put right"),
    };
    format!(
        "{} passed, {} warned{known}, {} failed, {} skipped, {} inconclusive{changed}{stale}",
        summary.passed, summary.warned, summary.failed, summary.skipped, summary.inconclusive
    )
}

/// What is known of how many rules.
pub fn rules(report: &Report) -> String {
    format!(
        "{} upheld, {} broken, {} not verified",
        report.count(Status::Upheld),
        report.count(Status::Broken),
        report.count(Status::NotVerified)
    )
}

/// How many requests in how much time.
pub fn requests(report: &Report) -> String {
    let run = &report.run;
    let pauses = match run.pauses {
        0 => String::new(),
        count => format!(", {count} put off with 429"),
    };
    format!("{} requests in {:.2} s{pauses}", run.requests, run.seconds)
}

/// What the target's TLS is like, if anything is known of it.
pub fn tls(report: &Report) -> Option<String> {
    let tls = report.target.tls.as_ref()?;
    let expires = tls.certificate_expires.as_ref();
    let expires = expires.map(|until| format!("certificate valid until {until}"));
    let older = tls
        .older_versions
        .then(|| "TLS 1.1 or older too".to_owned());
    let parts: Vec<String> = [tls.version.clone(), expires, older]
        .into_iter()
        .flatten()
        .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// Who was tested.
pub fn whom(report: &Report) -> String {
    if report.target.embedded {
        "the embedded provider".to_owned()
    } else {
        format!("{} ({})", report.target.name, report.target.url)
    }
}

/// `A created user is answered with 201. (MUST, RFC 7644 section 3.3)`
pub fn rule(rule: &Rule) -> String {
    statement(&rule.summary, &rule.level, &rule.reference)
}

/// The same from its parts.
pub fn statement(summary: &str, level: &str, reference: &str) -> String {
    format!("{summary} ({}, {reference})", level_in_capitals(level))
}

/// `MUST NOT` for `must-not`.
pub fn level_in_capitals(level: &str) -> String {
    level.to_uppercase().replace('-', " ")
}

/// What became of an exchange: the status, or why there is none.
pub fn answer(exchange: &Exchange) -> String {
    match (&exchange.response, &exchange.failure) {
        (Some(answer), _) => answer.status.to_string(),
        (None, Some(failure)) => failure.message.clone(),
        (None, None) => "no answer".to_owned(),
    }
}

/// ``2 of 4 `deactivate`  PATCH http://… -> 204 in 31 ms``
pub fn step(index: usize, exchange: &Exchange, of: usize) -> String {
    format!(
        "{} of {of} `{}`  {} {} -> {} in {} ms",
        index + 1,
        exchange.step,
        exchange.request.method,
        exchange.request.url,
        answer(exchange),
        exchange.milliseconds
    )
}

/// The exchange that shows a finding, if the report holds it.
pub fn exchange<'a>(case: &'a Case, finding: &Finding) -> Option<&'a Exchange> {
    case.exchanges.get(finding.exchange)
}

/// A broken rule in one line: `error[rfc7644-3.3/created-is-201] in okta::v2::create_user: the status is 200`
pub fn named(group: &Group<'_>) -> String {
    let Some((case, finding)) = group.shown.first() else {
        return group.id.to_owned();
    };
    let more = match group.cases().len() {
        0 | 1 => String::new(),
        cases => format!(" and {} more", cases - 1),
    };
    let (severity, id) = (group.severity, group.id);
    format!(
        "{severity}[{id}] in {}{more}: {}",
        case.name, finding.message
    )
}

/// A severity as a mark in a list: the worse the darker.
pub fn severity_mark(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "❌",
        Severity::Warning => "⚠️",
        Severity::Info => "ℹ️",
    }
}

/// The word for what became of a case.
pub fn case_verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "passed",
        Verdict::Warned => "warned",
        Verdict::Known => "known",
        Verdict::Failed => "failed",
        Verdict::Skipped => "skipped",
        Verdict::Inconclusive => "inconclusive",
    }
}

/// The word for the verdict on the target, as the JSON report has it.
pub fn overall(overall: Overall) -> &'static str {
    match overall {
        Overall::Conformant => "conformant",
        Overall::Nonconformant => "nonconformant",
        Overall::Inconclusive => "inconclusive",
    }
}

/// The text with a capital letter first.
pub fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// The document that a rule comes from: `rfc7644` of `rfc7644-3.3/created-is-201`.
pub fn document(rule: &str) -> &str {
    let place = rule.split('/').next().unwrap_or_default();
    place
        .rsplit_once('-')
        .map_or(place, |(document, _)| document)
}

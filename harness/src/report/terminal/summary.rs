//! The last lines: what was tested, how many cases ended how, the verdict.

use std::collections::BTreeMap;

use anstyle::AnsiColor;

use crate::{
    diagnostic::printable,
    report::{model::Report, phrase},
    verdict::{Overall, Verdict},
};

/// What a provider of SCIM 2.0 says by itself in lists and errors, and one of SCIM 1.1 never. The
/// schemas of resources may be those that were sent.
const MESSAGES_V2: &str = "\"urn:ietf:params:scim:api:messages:2.0:";
const CORE_V1: &str = "\"urn:scim:schemas:core:1.0\"";
const SPEAKS_V2: &str = "hint   the answers are those of SCIM 2.0: try --scim 2.0";
const SPEAKS_V1: &str = "hint   the answers are those of SCIM 1.1: try --scim 1.1";

/// The summary of a run.
pub(super) fn text(report: &Report, colour: bool) -> String {
    let whom = phrase::whom(report);
    let mut lines = vec![
        format!(
            "SCIM {} · {whom} · seed {}",
            report.target.scim, report.run.seed
        ),
        format!("cases  {}", phrase::counts(&report.summary)),
        format!("rules  {}", phrase::rules(report)),
        format!("run    {}", phrase::requests(report)),
    ];
    lines.extend(phrase::tls(report).map(|tls| format!("tls    {tls}")));
    lines.extend(skips(report));
    lines.extend(
        report
            .warnings
            .iter()
            .map(|warning| format!("WARNING: {warning}")),
    );
    lines.extend(doubt(report).map(str::to_owned));
    lines.extend(crowd(report));
    lines.push(verdict(report, colour));
    lines.join("\n")
}

fn verdict(report: &Report, colour: bool) -> String {
    let words = phrase::verdict(report);
    if !colour {
        return words;
    }
    let shade = match report.exit_code() {
        0 => AnsiColor::Green,
        1 => AnsiColor::Red,
        _ => AnsiColor::Yellow,
    };
    let style = shade.on_default().bold();
    format!("{style}{words}{style:#}")
}

/// A line for each case: what became of it, how long it took, why.
pub(super) fn cases(report: &Report) -> String {
    let lines = report.cases.iter().map(|case| {
        let reason = match &case.reason {
            Some(reason) => format!("  {}", printable(reason).replace('\n', " ")),
            None => String::new(),
        };
        format!(
            "{:12}  {:6.0} ms  {}{reason}",
            phrase::case_verdict(case.verdict),
            case.seconds * 1000.0,
            case.name
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Where nothing that came looks like SCIM, the findings may all have one cause.
fn doubt(report: &Report) -> Option<&'static str> {
    let exchanges = report.cases.iter().flat_map(|case| &case.exchanges);
    let answers = exchanges.filter_map(|exchange| exchange.response.as_ref());
    if report.verdict != Overall::Nonconformant {
        return None;
    }
    let shows = |text: &str| answers.clone().any(|answer| answer.body.contains(text));
    if !shows("\"schemas\"") {
        return Some(
            "hint   no answer has `schemas`: is this the base URL of a SCIM service provider?",
        );
    }
    match report.target.scim.as_str() {
        "1.1" if shows(MESSAGES_V2) => Some(SPEAKS_V2),
        "2.0" if !shows(MESSAGES_V2) && shows(CORE_V1) => Some(SPEAKS_V1),
        _ => None,
    }
}

/// Many cases side by side may be what a server fails of.
fn crowd(report: &Report) -> Option<String> {
    let exchanges = report.cases.iter().flat_map(|case| &case.exchanges);
    let statuses = exchanges.filter_map(|exchange| Some(exchange.response.as_ref()?.status));
    let failed = statuses.filter(|status| *status == 500).count();
    let jobs = report.run.jobs;
    (jobs > 1 && failed > 1).then(|| {
        format!("hint   {failed} answers are 500, with {jobs} cases side by side: --jobs 1 shows whether that is the reason")
    })
}

/// A reason without what is different in each case alone: the tag of what it created.
fn untagged(reason: &str) -> String {
    let mut parts = reason.split("scim-harness-");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_hexdigit() || c == '-');
        text.push_str("scim-harness-…");
        text.push_str(rest);
    }
    text
}

/// Why cases were skipped, with how many.
fn skips(report: &Report) -> Vec<String> {
    let skipped = report
        .cases
        .iter()
        .filter(|case| case.verdict == Verdict::Skipped);
    let mut by_reason: BTreeMap<String, usize> = BTreeMap::new();
    for case in skipped {
        let reason = untagged(case.reason.as_deref().unwrap_or_default());
        *by_reason.entry(reason).or_default() += 1;
    }
    by_reason
        .into_iter()
        .map(|(reason, count)| format!("skip   {count} × {reason}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_that_differ_by_a_tag_alone_are_one() {
        let reason = |tag: &str| untagged(&format!("does not keep \"{tag}.x@a.example\" at `/b`"));
        let one = reason("scim-harness-0a1b2c3d-4e5f60");
        assert_eq!(one, reason("scim-harness-0a1b2c3d-778899-2"));
        assert!(
            one.contains("\"scim-harness-….x@a.example\" at `/b`"),
            "{one}"
        );
        assert_eq!(untagged("no tag"), "no tag");
    }
}

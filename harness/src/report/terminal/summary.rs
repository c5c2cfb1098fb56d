//! The last lines: what was tested, how many cases ended how, the verdict.

use std::collections::BTreeMap;

use anstyle::AnsiColor;

use crate::{
    diagnostic::printable,
    report::{model::Report, phrase},
    verdict::{Overall, Verdict},
};

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
    lines.extend(skips(report));
    lines.extend(doubt(report).map(str::to_owned));
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
    let mut answers = exchanges.filter_map(|exchange| exchange.response.as_ref());
    let looks_like_scim = answers.any(|answer| answer.body.contains("\"schemas\""));
    (report.verdict == Overall::Nonconformant && !looks_like_scim).then_some(
        "hint   no answer has `schemas`: is this the base URL of a SCIM service provider?",
    )
}

/// Why cases were skipped, with how many.
fn skips(report: &Report) -> Vec<String> {
    let skipped = report
        .cases
        .iter()
        .filter(|case| case.verdict == Verdict::Skipped);
    let mut by_reason: BTreeMap<&str, usize> = BTreeMap::new();
    for case in skipped {
        *by_reason
            .entry(case.reason.as_deref().unwrap_or_default())
            .or_default() += 1;
    }
    by_reason
        .into_iter()
        .map(|(reason, count)| format!("skip   {count} × {reason}"))
        .collect()
}

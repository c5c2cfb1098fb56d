//! The last lines: what was tested, how many cases ended how, the verdict.

use std::collections::BTreeMap;

use anstyle::AnsiColor;

use crate::{
    diagnostic::printable,
    report::{model::Report, phrase},
    verdict::Verdict,
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

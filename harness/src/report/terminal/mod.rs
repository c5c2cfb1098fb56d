//! What a person reads at the end of a run.

mod exchange;
mod finding;
mod summary;

use std::collections::BTreeMap;

use super::{
    cause::{self, Cause},
    known,
    model::Report,
};
use crate::{
    diagnostic::{Diagnostic, printable},
    run::Leftover,
    verdict::Verdict,
};

pub(super) use finding::of_case;
pub use finding::of_result;
pub(super) use finding::some;

/// How much of a diff is shown.
const MOST_DIFF_LINES: usize = 24;
/// How many leftovers are named.
const MOST_LEFTOVERS: usize = 10;

/// How a text is made for whoever reads it.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Whether colours are put in.
    pub colour: bool,
    /// Columns of the terminal, where there is one.
    pub width: Option<usize>,
    /// How much is told.
    pub detail: Detail,
}

/// How much is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// The summary.
    Summary,
    /// The findings too.
    Findings,
    /// Every case, and the exchanges that show the findings too.
    Everything,
}

/// The whole text: findings, changed answers, what could not be told, leftovers, summary.
pub fn text(report: &Report, style: Style) -> String {
    let mut parts = Vec::new();
    if style.detail == Detail::Everything && !report.cases.is_empty() {
        parts.push(summary::cases(report));
    }
    if style.detail >= Detail::Findings {
        for cause in cause::by_cause(report) {
            parts.extend(findings(&cause, style));
        }
        parts.extend(known::expected(report));
        parts.extend(changes(report));
        let unclear = unclear(report).into_iter();
        parts.extend(unclear.map(|told| finding::rendered(told, style)));
        let complaints = known::of_report(report).into_iter();
        parts.extend(complaints.map(|told| finding::rendered(told, style)));
    }
    parts.extend(leftovers(report));
    parts.push(summary::text(report, style.colour));
    parts.join("\n\n") + "\n"
}

/// What is told of a cause: the worst in full with the others named, or each with its exchange.
fn findings(cause: &Cause<'_>, style: Style) -> Vec<String> {
    let rendered = |told| finding::rendered(told, style);
    if style.detail < Detail::Everything {
        return finding::of_cause(cause).map(rendered).into_iter().collect();
    }
    let groups = cause.groups().flat_map(|(group, _)| {
        let told = finding::of_group(group).map(rendered);
        [told, exchange::of_group(group)]
    });
    groups.flatten().collect()
}

/// What a test runner does not show by itself: warnings of tests that passed, leftovers, the summary.
pub fn closing(report: &Report) -> String {
    let warned = report
        .findings()
        .filter(|(case, _)| case.verdict == Verdict::Warned);
    let warnings = warned.map(|(case, finding)| {
        format!(
            "{}[{}] in {}: {}",
            finding.severity,
            finding.rule,
            case.name,
            printable(&finding.message)
        )
    });
    warnings
        .chain(leftovers(report))
        .chain([summary::text(report, false)])
        .collect::<Vec<_>>()
        .join("\n")
}

fn changes(report: &Report) -> Vec<String> {
    let text = report.changes().map(|(case, change)| {
        let lines: Vec<String> = change.diff.lines().map(|line| format!("  {}", printable(line))).collect();
        let shown = lines.iter().take(MOST_DIFF_LINES).cloned().collect::<Vec<_>>().join("\n");
        let more = match lines.len().saturating_sub(MOST_DIFF_LINES) {
            0 => String::new(),
            more => format!("\n  … {more} more lines"),
        };
        format!("{}: the answer in {} to `{}` differs from its snapshot\n{shown}{more}\n  decide on it with: scim-harness snapshots review", change.kind, case.name, change.step)
    });
    text.collect()
}

/// What could not be told, one entry for each reason.
fn unclear(report: &Report) -> Vec<Diagnostic> {
    let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for case in &report.cases {
        if case.verdict == Verdict::Inconclusive {
            by_reason
                .entry(case.reason.as_deref().unwrap_or_default())
                .or_default()
                .push(&case.name);
        }
    }
    by_reason
        .into_iter()
        .map(|(reason, cases)| Diagnostic::harness("inconclusive", reason).note("in", some(&cases)))
        .collect()
}

fn leftovers(report: &Report) -> Option<String> {
    let left = &report.leftovers;
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
    if !report.target.embedded {
        lines.push("  `scim-harness sweep`, with the same target, tries again".to_owned());
    }
    Some(format!(
        "may be left behind, because removal failed:\n{}",
        lines.join("\n")
    ))
}

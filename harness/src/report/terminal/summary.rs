//! The last lines: what was tested, how many cases ended how, the verdict.

use std::collections::BTreeMap;

use crate::{
    report::model::{Report, Status},
    verdict::{Overall, Verdict},
};

/// The summary of a run.
pub(super) fn text(report: &Report) -> String {
    let (counts, run) = (&report.summary, &report.run);
    let whom = if report.target.embedded {
        "the embedded provider".to_owned()
    } else {
        format!("{} ({})", report.target.name, report.target.url)
    };
    let changed = match counts.changed {
        0 => String::new(),
        changed => format!(", {changed} changed answers"),
    };
    let mut lines = vec![
        format!("SCIM {} · {whom} · seed {}", report.target.scim, run.seed),
        format!(
            "cases  {} passed, {} warned, {} failed, {} skipped, {} inconclusive{changed}",
            counts.passed, counts.warned, counts.failed, counts.skipped, counts.inconclusive
        ),
        format!(
            "rules  {} upheld, {} broken, {} not verified",
            report.count(Status::Upheld),
            report.count(Status::Broken),
            report.count(Status::NotVerified)
        ),
        format!(
            "run    {} requests in {:.2} s{}",
            run.requests,
            run.seconds,
            pauses(run.pauses)
        ),
    ];
    lines.extend(skips(report));
    lines.push(verdict(report));
    lines.join("\n")
}

/// The verdict in words.
pub fn verdict(report: &Report) -> String {
    let counts = &report.summary;
    let words = match report.verdict {
        Overall::Conformant if counts.changed > 0 => "conformant, but answers changed",
        Overall::Conformant if counts.warned > 0 => "conformant, with warnings",
        Overall::Conformant => "conformant",
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

/// How often the target asked to wait, where it did.
fn pauses(count: u64) -> String {
    match count {
        0 => String::new(),
        count => format!(", {count} put off with 429"),
    }
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

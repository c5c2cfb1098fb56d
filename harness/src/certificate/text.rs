//! The items of a programme for people.

use super::{Assessed, Program, Standing};
use crate::{
    diagnostic::printable,
    report::{Report, phrase},
};

/// The items as Markdown, with the verdict of the run on top.
pub fn markdown(program: &Program, items: &[Assessed], report: &Report) -> String {
    let mut text = format!(
        "# {}\n\n- target: {}\n- run: SCIM {}, {}, seed `{}`\n- verdict of the run: {}\n- items: {}\n\n",
        program.title,
        cell(&phrase::whom(report)),
        report.target.scim,
        report.run.started,
        report.run.seed,
        phrase::verdict(report),
        counts(items)
    );
    text.push_str("| item | asked for | status | why | shown by |\n|---|---|---|---|---|\n");
    for item in items {
        let proofs: Vec<&str> = item
            .cases
            .iter()
            .chain(&item.rules)
            .map(String::as_str)
            .collect();
        text.push_str(&format!(
            "| {} | {} ({}) | {} | {} | {} |\n",
            item.id,
            cell(&item.title),
            cell(&item.source),
            status(item),
            cell(&item.reasons.join("; ")),
            cell(&proofs.join(", "))
        ));
    }
    if !program.outside.is_empty() {
        text.push_str("\n## Asked for besides\n\n");
        for outside in &program.outside {
            let (title, source) = (outside.told(), &outside.source);
            let tick = if outside.is_so(report) == Some(true) {
                'x'
            } else {
                ' '
            };
            let status = outside.status(report);
            text.push_str(&format!("- [{tick}] {title} ({source}): {status}\n"));
        }
    }
    text
}

/// What is said on the terminal: what is not passed, and how many items ended how.
pub fn terminal(program: &Program, items: &[Assessed], report: &Report) -> String {
    let mut lines: Vec<String> = items
        .iter()
        .filter(|item| item.status > Standing::Passed)
        .map(|item| {
            let line = format!("{:12} {}: {}", status(item), item.id, item.title);
            printable(&match item.reasons.first() {
                Some(reason) => format!("{line} ({reason})"),
                None => line,
            })
        })
        .collect();
    lines.push(format!("items  {}", counts(items)));
    let outside = program.outside.iter();
    let (seen, unseen): (Vec<_>, Vec<_>) =
        outside.partition(|outside| outside.is_so(report).is_some());
    lines.extend(seen.into_iter().map(|outside| {
        let (title, status) = (outside.told(), outside.status(report));
        format!("       {title}: {status}")
    }));
    lines.push(format!(
        "       {} more demands of {} are not verified by this run",
        unseen.len(),
        program.name
    ));
    lines.join("\n") + "\n"
}

fn status(item: &Assessed) -> String {
    match item.optional && item.status > Standing::Warned {
        true => format!("{} (optional)", word(item.status)),
        false => word(item.status).to_owned(),
    }
}

fn word(standing: Standing) -> &'static str {
    match standing {
        Standing::Passed => "passed",
        Standing::Warned => "warned",
        Standing::Partial => "in part",
        Standing::Skipped => "skipped",
        Standing::Missing => "missing",
        Standing::Inconclusive => "inconclusive",
        Standing::Failed => "failed",
    }
}

fn counts(items: &[Assessed]) -> String {
    use Standing::{Failed, Inconclusive, Missing, Partial, Passed, Skipped, Warned};
    let count = |standing| {
        let number = items.iter().filter(|item| item.status == standing).count();
        format!("{number} {}", word(standing))
    };
    let all = [
        Passed,
        Warned,
        Failed,
        Inconclusive,
        Partial,
        Skipped,
        Missing,
    ];
    all.map(count).join(", ")
}

/// Text of a table: nothing in it ends a cell or is Markdown.
fn cell(text: &str) -> String {
    printable(text)
        .replace(['\n', '\t'], " ")
        .replace('\\', "\\\\")
        .replace('|', "\\|")
        .replace('<', "&lt;")
        .replace('`', "'")
}

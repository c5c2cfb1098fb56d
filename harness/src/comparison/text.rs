//! A comparison for people: on a terminal, and as Markdown.

use super::{Comparison, Difference, Lost, Side, Turn};
use crate::{
    diagnostic::printable,
    report::{markdown::code, phrase::case_verdict},
    rule::Severity,
};

/// How many names stand in one line.
const MOST_NAMES: usize = 10;

/// What stands under a heading.
type Part = (&'static str, Vec<String>);

/// The text for a terminal.
pub fn text(comparison: &Comparison) -> String {
    let mut lines = vec![
        format!("old    {}", whom(&comparison.old)),
        format!("new    {}", whom(&comparison.new)),
    ];
    for (heading, items) in parts(comparison, &|text| text.to_owned()) {
        lines.push(String::new());
        lines.push(format!("{heading} ({})", items.len()));
        lines.extend(items.iter().map(|item| format!("  {}", printable(item))));
    }
    lines.push(String::new());
    lines.push(verdict(comparison).to_owned());
    lines.join("\n") + "\n"
}

/// The text for a pull request or a step summary.
pub fn markdown(comparison: &Comparison) -> String {
    let mut lines = vec![
        format!("**{}**", verdict(comparison)),
        String::new(),
        format!("- old: {}", code(&whom(&comparison.old))),
        format!("- new: {}", code(&whom(&comparison.new))),
    ];
    for (heading, items) in parts(comparison, &code) {
        lines.push(String::new());
        lines.push(format!("### {heading} ({})", items.len()));
        lines.push(String::new());
        lines.extend(items.iter().map(|item| format!("- {item}")));
    }
    lines.join("\n") + "\n"
}

fn verdict(comparison: &Comparison) -> &'static str {
    match (comparison.regression, comparison.unclear) {
        (true, _) => "a regression: something is broken that was not",
        (false, true) => "could not tell: the new run does not show what the old one showed",
        (false, false) => "no regression",
    }
}

fn whom(side: &Side) -> String {
    format!(
        "{} ({}), {}, scim-harness {}",
        side.target, side.url, side.started, side.harness
    )
}

/// What there is to say, the most urgent first; `quote` marks what comes from the reports.
fn parts(comparison: &Comparison, quote: &dyn Fn(&str) -> String) -> Vec<Part> {
    let differences = |list: &[Difference]| -> Vec<String> {
        list.iter().map(|item| difference(item, quote)).collect()
    };
    let names = |list: &[String]| list.iter().map(|name| quote(name)).collect();
    let lost = comparison.lost.iter();
    let is_lost = |name: &String| comparison.lost.iter().any(|lost| lost.cases.contains(name));
    let told_once = |name: &&String| !is_lost(name);
    let turns = comparison.verdicts.iter();
    let turns = turns.filter(|turned| !is_lost(&turned.case));
    let vanished = comparison.vanished_cases.iter().filter(told_once);
    let parts = [
        ("broken", differences(&comparison.broken)),
        ("changed severity", differences(&comparison.changed)),
        (
            "not shown any longer",
            lost.map(|lost| no_verdict(lost, quote)).collect(),
        ),
        ("fixed", differences(&comparison.fixed)),
        (
            "found where the old run did not look",
            differences(&comparison.found),
        ),
        ("no longer looked at", differences(&comparison.unjudged)),
        (
            "other verdict",
            turns.map(|turned| turn(turned, quote)).collect(),
        ),
        ("new rules", names(&comparison.new_rules)),
        ("new cases", names(&comparison.new_cases)),
        ("vanished cases", vanished.map(|name| quote(name)).collect()),
    ];
    parts
        .into_iter()
        .filter(|(_, items)| !items.is_empty())
        .collect()
}

fn difference(item: &Difference, quote: &dyn Fn(&str) -> String) -> String {
    let severity = match (item.old, item.new) {
        (Some(old), Some(new)) => format!("{old} -> {new}"),
        (old, new) => new.or(old).unwrap_or(Severity::Info).to_string(),
    };
    format!(
        "{severity} {} in {} at {}: {}",
        quote(&item.rule),
        quote(&item.case),
        quote(&item.step),
        quote(&item.message)
    )
}

/// Cases on which there is no verdict any longer, and why, in one line.
fn no_verdict(lost: &Lost, quote: &dyn Fn(&str) -> String) -> String {
    let count = match lost.cases.len() {
        1 => "1 case".to_owned(),
        count => format!("{count} cases"),
    };
    let verdict = lost.verdict.map_or("not in the new run", case_verdict);
    let reason = lost.reason.as_deref().map(quote);
    let reason = reason
        .map(|reason| format!(", {reason}"))
        .unwrap_or_default();
    let names: Vec<String> = lost
        .cases
        .iter()
        .take(MOST_NAMES)
        .map(|name| quote(name))
        .collect();
    let more = match lost.cases.len().saturating_sub(MOST_NAMES) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{count} {verdict}{reason}: {}{more}", names.join(", "))
}

fn turn(turn: &Turn, quote: &dyn Fn(&str) -> String) -> String {
    let reason = turn.reason.as_deref().map(quote);
    let reason = reason
        .map(|reason| format!(": {reason}"))
        .unwrap_or_default();
    format!(
        "{} {} -> {}{reason}",
        quote(&turn.case),
        case_verdict(turn.old),
        case_verdict(turn.new)
    )
}

//! Annotations of GitHub Actions: commands that the runner reads from the output of a step.

use super::{
    cause::{self, Cause},
    model::{Case, Report},
    phrase,
};
use crate::{
    deviation::{Declared, Standing},
    diagnostic::printable,
    rule::Severity,
    verdict::Verdict,
};

/// The annotations: one for the verdict, one for each cause of what is broken, one for each answer that
/// differs from its snapshot, one for all that could not be told.
pub fn text(report: &Report) -> String {
    let mut lines = vec![verdict(report)];
    let loud = report.warnings.iter();
    lines.extend(loud.map(|warning| command("warning", &[], warning)));
    lines.extend(cause::by_cause(report).iter().filter_map(of_cause));
    lines.extend(report.changes().map(|(case, change)| {
        let properties = [
            ("file", case.file.as_str()),
            ("title", "The answer differs from its snapshot"),
        ];
        let message = format!("{} in {}, step {}", change.kind, case.name, change.step);
        command("error", &properties, &message)
    }));
    lines.extend(report.declared().filter_map(complaint));
    lines.extend(unclear(report));
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn verdict(report: &Report) -> String {
    let message = format!(
        "{}\ncases: {}\nrules: {}\nrun: {}",
        phrase::verdict(report),
        phrase::counts(&report.summary),
        phrase::rules(report),
        phrase::requests(report)
    );
    let title = format!("SCIM conformance of {}", report.target.name);
    command("notice", &[("title", &title)], &message)
}

fn of_cause(cause: &Cause<'_>) -> Option<String> {
    let group = &cause.head;
    let (case, finding) = group.shown.first()?;
    let level = match group.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    };
    let (line, column);
    let mut properties = vec![("file", case.file.as_str())];
    if let Some(place) = &finding.place {
        (line, column) = (place.line.to_string(), place.column.to_string());
        properties = vec![
            ("file", place.file.as_str()),
            ("line", &line),
            ("col", &column),
        ];
    }
    properties.push(("title", group.id));
    let summary = group.rule.map(phrase::rule).unwrap_or_default();
    let others = match group.cases().len().saturating_sub(1) {
        0 => String::new(),
        1 => "\nalso in 1 more case".to_owned(),
        others => format!("\nalso in {others} more cases"),
    };
    let with: String = cause
        .others
        .iter()
        .map(|group| format!("\nwith it: {}", phrase::named(group)))
        .collect();
    let message = format!(
        "{}\nrule: {summary}\nexpected: {}\nactual: {}\ncase: {}{others}{with}\nagain: {}",
        finding.message, finding.expected, finding.actual, case.name, case.again
    );
    Some(command(level, &properties, &message))
}

/// A known deviation that fails the run, at its place in the target file.
fn complaint((case, known): (&Case, &Declared)) -> Option<String> {
    let (line, column) = (known.place.line.to_string(), known.place.column.to_string());
    let properties = [
        ("file", known.place.file.as_str()),
        ("line", &line),
        ("col", &column),
        ("title", "A known deviation has to be put right"),
    ];
    let reason = match known.status {
        Standing::Stale => known.reason.as_deref().unwrap_or_default(),
        _ => "nobody says why it is accepted",
    };
    let message = format!("{} in {}: {reason}", known.rule, case.name);
    known
        .fails()
        .then(|| command("error", &properties, &message))
}

fn unclear(report: &Report) -> Option<String> {
    let mut unclear = report
        .cases
        .iter()
        .filter(|case| case.verdict == Verdict::Inconclusive);
    let first = unclear.next()?;
    let message = format!(
        "{}: {}\n{} more",
        first.name,
        first.reason.as_deref().unwrap_or_default(),
        unclear.count()
    );
    Some(command("warning", &[("title", "Could not tell")], &message))
}

/// `::error file=…,line=…,title=…::…`
fn command(level: &str, properties: &[(&str, &str)], message: &str) -> String {
    let properties: Vec<String> = properties
        .iter()
        .map(|(name, value)| format!("{name}={}", property(value)))
        .collect();
    format!("::{level} {}::{}", properties.join(","), data(message))
}

/// The runner undoes these escapes and no others.
fn data(text: &str) -> String {
    printable(text).replace('%', "%25").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// The lines between which the runner takes nothing for a command, whatever a server said. Only
/// who knows the secret can end it.
pub fn inert(secret: u64) -> (String, String) {
    let word = format!("scim-harness-{secret:016x}");
    (
        format!("::stop-commands::{word}\n"),
        format!("::{word}::\n"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_one_line_whatever_is_in_it() {
        assert_eq!(
            command(
                "error",
                &[("file", "a,b:c%.toml"), ("line", "3")],
                "50% of\n::error::x\u{1b}"
            ),
            "::error file=a%2Cb%3Ac%25.toml,line=3::50%25 of%0A::error::x\u{fffd}"
        );
    }
}

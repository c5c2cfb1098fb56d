//! All that is known of one finding, as a diagnostic.

use textwrap::{Options, WordSplitter};

use crate::{
    diagnostic::{Diagnostic, Tone},
    exchange::Exchange,
    report::{
        assemble,
        cause::Cause,
        curl,
        group::Group,
        model::{Case, Rule},
        phrase,
        terminal::Style,
    },
    rule::Severity,
    run::Engine,
    verdict::{CaseResult, Finding},
};

/// How many cases are named behind a finding that shows in several.
pub(super) const MOST_NAMED: usize = 4;
/// Notes that are pasted into a shell.
const PASTED: [&str; 2] = ["curl", "again"];
/// How long a curl line may be before the report file has to serve.
const LONGEST_CURL: usize = 2000;

/// A finding with what has to be said about it.
struct Evidence<'a> {
    finding: &'a Finding,
    rule: String,
    case: String,
    again: String,
    exchanges: &'a [Exchange],
}

/// The worst finding of a group in full, with the names of the other cases that show it.
pub(super) fn of_group(group: &Group<'_>) -> Option<Diagnostic> {
    let (case, finding) = group.shown.first()?;
    let names = group.cases();
    let others = names.get(1..).unwrap_or_default();
    Some(of_case(case, finding, group.rule).note("also in", some(others)))
}

/// The worst rule of a cause, with the others that are broken with it.
pub(super) fn of_cause(cause: &Cause<'_>) -> Option<Diagnostic> {
    let told = of_group(&cause.head)?;
    let told = cause.others.iter().fold(told, |told, group| {
        told.note("with it", phrase::named(group))
    });
    Some(told)
}

/// One finding of a case.
pub fn of_case(case: &Case, finding: &Finding, rule: Option<&Rule>) -> Diagnostic {
    diagnostic(Evidence {
        finding,
        rule: rule.map(phrase::rule).unwrap_or_default(),
        case: format!("{}: {}", case.name, case.title),
        again: case.again.clone(),
        exchanges: &case.exchanges,
    })
}

/// One finding of a case that has just ended.
pub fn of_result(result: &CaseResult, finding: &Finding, engine: &Engine) -> Diagnostic {
    let rule = engine.rulebook().get(&finding.rule);
    let told =
        |rule: &crate::rule::Rule| phrase::statement(&rule.summary, &rule.level, &rule.reference());
    diagnostic(Evidence {
        finding,
        rule: rule.map(told).unwrap_or_default(),
        case: format!("{}: {}", result.case.name, result.case.scenario.title),
        again: assemble::again(&result.case, engine),
        exchanges: &result.exchanges,
    })
}

fn diagnostic(evidence: Evidence<'_>) -> Diagnostic {
    let finding = evidence.finding;
    let told = Diagnostic {
        tone: match finding.severity {
            Severity::Error => Tone::Error,
            Severity::Warning => Tone::Warning,
            Severity::Info => Tone::Info,
        },
        id: Some(finding.rule.clone()),
        ..Diagnostic::error(finding.message.clone())
    };
    let quoted = finding
        .place
        .as_ref()
        .and_then(|place| place.quoted.clone());
    let told = match quoted {
        Some(location) => told.at(location, ""),
        None => told,
    };
    let told = told
        .note("rule", evidence.rule)
        .note("expected", finding.expected.clone())
        .note("actual", finding.actual.clone())
        .note("also at", finding.also.join(", "))
        .note("leeway", finding.leeway.as_deref().unwrap_or_default())
        .note("case", evidence.case);
    exchange(told, finding.exchange, evidence.exchanges).note("again", evidence.again)
}

/// The exchange that shows it, the one before it, and how to repeat it.
fn exchange(told: Diagnostic, index: usize, exchanges: &[Exchange]) -> Diagnostic {
    let Some(exchange) = exchanges.get(index) else {
        return told;
    };
    let before = index.checked_sub(1).and_then(|index| {
        exchanges
            .get(index)
            .map(|before| phrase::step(index, before, exchanges.len()))
    });
    let line = curl::line(&exchange.request);
    told.note("step", phrase::step(index, exchange, exchanges.len()))
        .note("after", before.unwrap_or_default())
        .note(
            "curl",
            if line.len() > LONGEST_CURL {
                "too long to show here: see the JSON report".to_owned()
            } else {
                line
            },
        )
}

/// A diagnostic as text, its prose broken into lines that fit the terminal. What is to be pasted
/// into a shell stays in one line.
pub(super) fn rendered(mut told: Diagnostic, style: Style) -> String {
    const MARGIN: usize = 5;
    const NARROWEST: usize = 40;
    if let Some(width) = style.width {
        for (name, text) in &mut told.notes {
            if !PASTED.contains(name) {
                let room = width.saturating_sub(MARGIN + name.len()).max(NARROWEST);
                *text = textwrap::fill(
                    text,
                    Options::new(room)
                        .break_words(false)
                        .word_splitter(WordSplitter::NoHyphenation),
                );
            }
        }
    }
    told.render(style.colour)
}

/// The first names, and how many more there are.
pub(in crate::report) fn some(names: &[&str]) -> String {
    let more = names.len().saturating_sub(MOST_NAMED);
    let named = names
        .iter()
        .take(MOST_NAMED)
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    match more {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::terminal::Detail;

    #[test]
    fn prose_fits_the_terminal_and_a_command_stays_in_one_line() {
        let told = Diagnostic::error("it is so")
            .note("rule", "one two three four five six seven eight nine ten")
            .note("curl", "curl -sS -i 'http://127.0.0.1/scim/v2/Users/1-2-3'");
        let text = |width| {
            let style = Style {
                colour: false,
                width,
                detail: Detail::Findings,
            };
            rendered(told.clone(), style)
        };
        assert_eq!(
            text(Some(49)),
            "error: it is so\n |\n = rule: one two three four five six seven eight\n         nine ten\n = curl: curl -sS -i 'http://127.0.0.1/scim/v2/Users/1-2-3'"
        );
        assert!(text(None).contains("eight nine ten"));
    }
}

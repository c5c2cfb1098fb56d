//! Markdown that fits the summary of a GitHub step and a comment on a pull request.

use super::{
    cause::{self, Cause},
    curl, documents,
    group::{self, Group},
    known,
    model::Report,
    phrase,
};
use crate::{
    diagnostic::printable,
    verdict::{Finding, Verdict},
};

/// The longest that it may become, in bytes: GitHub cuts a comment at 65,536 characters.
const LONGEST: usize = 60_000;
/// The room for the table of rules, and for each list below it.
const ROOM_FOR_RULES: usize = 16_000;
const ROOM_FOR_IDS: usize = 8_000;
const ROOM_FOR_LIST: usize = 5_000;
/// How many cases are named behind a finding.
const MOST_NAMED: usize = 20;
/// How long a text of one finding may be, in characters.
const LONGEST_TEXT: usize = 2_000;

/// The report as Markdown.
pub fn text(report: &Report) -> String {
    let causes = cause::by_cause(report);
    let groups: Vec<(&Group<'_>, bool)> = causes.iter().flat_map(Cause::groups).collect();
    let before = [head(report), table_of_findings(&groups)];
    let after = [
        known_deviations(report),
        changes(report),
        unclear(report),
        leftovers(report),
        coverage(report),
    ];
    let taken: usize = before.iter().chain(&after).map(String::len).sum();
    let details = details(&groups, LONGEST.saturating_sub(taken));
    let parts = before.into_iter().chain([details]).chain(after);
    let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
    parts.join("\n\n") + "\n"
}

/// The first items that fit into so many bytes, and how many are left out.
fn fitting(items: impl Iterator<Item = String>, room: usize) -> (String, usize) {
    let (mut text, mut left_out) = (String::new(), 0);
    for item in items {
        if left_out == 0 && text.len() + item.len() <= room {
            text.push_str(&item);
        } else {
            left_out += 1;
        }
    }
    (text, left_out)
}

fn head(report: &Report) -> String {
    let mark = match report.exit_code() {
        0 => "✅",
        1 => "❌",
        _ => "❔",
    };
    let tls = phrase::tls(report).map(|tls| format!("\n| tls | {tls} |"));
    let warnings = report.warnings.iter();
    let warnings: String = warnings
        .map(|warning| format!("> ⚠️ **{}**\n\n", html(warning)))
        .collect();
    format!(
        "## {mark} {}\n\n{warnings}{} · SCIM {} · seed `{}`\n\n| | |\n|---|---|\n| cases | {} |\n| rules | {} |\n| run | {} |{}",
        phrase::capitalised(&phrase::verdict(report)),
        code(&phrase::whom(report)),
        report.target.scim,
        report.run.seed,
        phrase::counts(&report.summary),
        phrase::rules(report),
        phrase::requests(report),
        tls.unwrap_or_default()
    )
}

/// One row for each rule; what another rule shows too stands below it.
fn table_of_findings(groups: &[(&Group<'_>, bool)]) -> String {
    if groups.is_empty() {
        return String::new();
    }
    let row = |(group, below): &(&Group<'_>, bool)| {
        format!(
            "\n| {} {} | {}`{}` | {} | {} |",
            phrase::severity_mark(group.severity),
            group.severity,
            if *below { "↳ " } else { "" },
            group.id,
            group
                .rule
                .map(phrase::rule)
                .unwrap_or_default()
                .replace('|', "\\|"),
            group.cases().len()
        )
    };
    let (rows, left_out) = fitting(groups.iter().map(row), ROOM_FOR_RULES);
    let others = &groups[groups.len() - left_out..];
    let ids = others.iter().map(|(group, _)| format!(" `{}`", group.id));
    let others = match left_out {
        0 => String::new(),
        left_out => {
            let (ids, unnamed) = fitting(ids, ROOM_FOR_IDS);
            format!("\n\nand {left_out} more:{ids}{}", more(unnamed))
        }
    };
    format!(
        "### Rules that are broken\n\n| | rule | what it says | cases |\n|---|---|---|---|{rows}{others}"
    )
}

/// Each rule with the finding that shows it best, folded; as many as there is room for.
fn details(groups: &[(&Group<'_>, bool)], room: usize) -> String {
    let details = groups.iter().map(|(group, _)| detail(group));
    let (text, left_out) = fitting(details, room.saturating_sub(200));
    match left_out {
        0 => text.trim_end().to_owned(),
        left_out => format!(
            "{text}The details of {left_out} rules are left out here for their length; the other reports of this run hold them."
        ),
    }
}

fn detail(group: &Group<'_>) -> String {
    let Some((case, finding)) = group.shown.first() else {
        return String::new();
    };
    let mut lines = vec![
        format!("- expected: {}", code(&finding.expected)),
        format!("- actual: {}", code(&finding.actual)),
        format!("- case: `{}`, {}", case.name, code(&case.title)),
    ];
    lines.extend(
        finding
            .place
            .as_ref()
            .map(|place| format!("- at: `{}:{}:{}`", place.file, place.line, place.column)),
    );
    let others = group.cases();
    let others = others.get(1..).unwrap_or_default();
    if !others.is_empty() {
        lines.push(format!("- also in: {}", named(others)));
    }
    lines.extend(leeway(finding));
    let mut commands = Vec::new();
    if let Some(exchange) = phrase::exchange(case, finding) {
        lines.push(format!(
            "- step: {}",
            code(&phrase::step(
                finding.exchange,
                exchange,
                case.exchanges.len()
            ))
        ));
        commands.push(curl::line(&exchange.request));
    }
    commands.push(case.again.clone());
    format!(
        "<details><summary>{} <code>{}</code> {}</summary>\n\n{}\n\n{}\n\n</details>\n\n",
        phrase::severity_mark(group.severity),
        html(group.id),
        html(&one_line(&finding.message)),
        lines.join("\n"),
        fenced("sh", &commands.join("\n"))
    )
}

fn leeway(finding: &Finding) -> Option<String> {
    let leeway = finding.leeway.as_deref()?;
    Some(format!("- leeway: {}", code(leeway)))
}

/// What was expected, and what has to be put right in the target file.
fn known_deviations(report: &Report) -> String {
    let (expected, complaints) = (group::known(report), known::of_report(report));
    let complaints = complaints
        .iter()
        .map(|told| format!("\n{}\n", fenced("text", &told.to_string())));
    let expected = expected.iter().map(|group| {
        let first = group.shown.first();
        let why = first.and_then(|(_, finding)| finding.known.as_deref());
        format!(
            "\n- `{}` in {}: {}",
            group.id,
            named(&group.cases()),
            code(why.unwrap_or_default())
        )
    });
    list("Known deviations", complaints.chain(expected))
}

fn changes(report: &Report) -> String {
    let told = report.changes().map(|(case, change)| {
        format!(
            "\n\n<details><summary>{} in <code>{}</code>, step {}</summary>\n\n{}\n\n</details>",
            change.kind,
            html(&case.name),
            html(&change.step),
            fenced("diff", &change.diff)
        )
    });
    let (text, left_out) = fitting(told, ROOM_FOR_LIST);
    match report.summary.changed {
        0 => text,
        changed => format!(
            "### {changed} answers differ from their snapshots{text}{}",
            more(left_out)
        ),
    }
}

fn unclear(report: &Report) -> String {
    let cases = report.cases.iter();
    let cases = cases.filter(|case| case.verdict == Verdict::Inconclusive);
    let told = cases.map(|case| {
        let reason = case.reason.as_deref().unwrap_or_default();
        format!("\n- `{}`: {}", case.name, code(reason))
    });
    list("What could not be told", told)
}

fn leftovers(report: &Report) -> String {
    let left = report.leftovers.iter();
    let told = left.map(|left| format!("\n- {}: {}", code(&left.url), code(&left.reason)));
    list("What may be left behind", told)
}

fn list(title: &str, items: impl Iterator<Item = String>) -> String {
    match fitting(items, ROOM_FOR_LIST) {
        (none, 0) if none.is_empty() => none,
        (text, left_out) => format!("### {title}\n{text}{}", more(left_out)),
    }
}

fn coverage(report: &Report) -> String {
    let mut text =
        "### Rules by document\n\n| document | upheld | broken | not verified |\n|---|---|---|---|"
            .to_owned();
    for document in documents::of(report) {
        text.push_str(&format!(
            "\n| {} | {} | {} | {} |",
            document.name,
            document.upheld.len(),
            document.broken.len(),
            document.not_verified.len()
        ));
    }
    text
}

fn more(left_out: usize) -> String {
    match left_out {
        0 => String::new(),
        more => format!("\n\nand {more} more"),
    }
}

fn named(cases: &[&str]) -> String {
    let named = cases
        .iter()
        .take(MOST_NAMED)
        .map(|name| format!("`{name}`"));
    let more = match cases.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    named.collect::<Vec<_>>().join(", ") + &more
}

fn one_line(text: &str) -> String {
    printable(text).replace(['\n', '\t'], " ")
}

/// Text as code: nothing in it is Markdown, HTML or a mention.
pub fn code(text: &str) -> String {
    let text = one_line(&cut(text));
    match longest_run(&text) {
        0 if !text.trim().is_empty() => format!("`{text}`"),
        longest => {
            let ticks = "`".repeat(longest + 1);
            format!("{ticks} {text} {ticks}")
        }
    }
}

/// Lines as a block of code.
fn fenced(language: &str, text: &str) -> String {
    let text = printable(&cut(text));
    let ticks = "`".repeat(longest_run(&text).max(2) + 1);
    format!("{ticks}{language}\n{}\n{ticks}", text.trim_end())
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => format!("{}… (cut here)", &text[..end]),
        None => text.to_owned(),
    }
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// Text within an element of HTML; what Markdown would read is written as an entity.
fn html(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '&' | '<' | '>' | '"' | '*' | '_' | '`' | '[' | ']' | '@' | '#' | '\\' | '~' | '|'
            | ':' => {
                format!("&#{};", u32::from(c))
            }
            c => c.to_string(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_says_is_neither_markdown_nor_html() {
        assert_eq!(code("a`b``c"), "``` a`b``c ```");
        assert_eq!(code("two\nlines | <b>"), "`two lines | <b>`");
        assert_eq!(fenced("sh", "x\n```\ny"), "````sh\nx\n```\ny\n````");
        assert_eq!(html("<b>@x"), "&#60;b&#62;&#64;x");
        assert!(code(&"x".repeat(9000)).len() < 4100);
    }
}

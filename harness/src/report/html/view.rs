//! What the page shows of each thing, put into words. The template escapes all of it.

use std::collections::BTreeSet;

use super::{bar, packed};
use crate::{
    diagnostic::printable,
    report::{
        curl,
        documents::Document,
        group::Group,
        model::{Case, Report, Rule, Status},
        phrase,
    },
    rule::Severity,
    snapshot::Change,
};

/// How many cases are named behind a finding.
const MOST_NAMED: usize = 40;

/// How long a text may be that is not packed, in characters.
const LONGEST_SHOWN: usize = 4_000;

/// A rule that is broken.
pub(super) struct GroupView<'a> {
    pub id: &'a str,
    /// Whether it stands below another that shows it too.
    pub below: bool,
    pub severity: &'static str,
    pub summary: &'a str,
    pub reference: String,
    pub message: String,
    pub expected: String,
    pub actual: String,
    pub place: Option<String>,
    pub leeway: Option<&'a str>,
    pub step: String,
    pub answer: Option<String>,
    pub curl: Option<String>,
    pub again: &'a str,
    pub cases: Vec<(&'a str, String)>,
    pub more_cases: usize,
    pub extent: String,
    pub verdicts: String,
    pub clients: String,
}

/// A case.
pub(super) struct CaseView<'a> {
    pub index: usize,
    pub anchor: String,
    pub name: &'a str,
    pub title: &'a str,
    pub file: &'a str,
    pub again: &'a str,
    pub verdict: &'static str,
    pub reason: Option<String>,
    pub clients: String,
    /// Places of its rules in [`broken`], separated by spaces.
    pub broken: String,
    pub extent: String,
    pub shows: String,
    pub none: &'static str,
}

/// An answer that differs from its snapshot.
pub(super) struct ChangeView<'a> {
    pub kind: String,
    pub case: &'a str,
    pub step: &'a str,
    pub diff: String,
}

/// The rules of a document.
pub(super) struct DocumentView<'a> {
    pub name: String,
    pub said: String,
    pub bar: String,
    pub rules: Vec<RuleView<'a>>,
    pub others: Vec<RuleView<'a>>,
}

/// A rule as a line of its document.
pub(super) struct RuleView<'a> {
    pub id: &'a str,
    pub summary: &'a str,
    pub status: &'static str,
    pub extent: String,
    pub reason: &'a str,
}

pub(super) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    }
}

/// `1 error, 2 warnings`
pub(super) fn severities(counts: &[(&str, usize)]) -> String {
    let counts = counts.iter().filter(|(_, count)| *count > 0);
    let said = counts.map(|(name, count)| match *count {
        1 => format!("1 {name}"),
        many => format!(
            "{many} {}",
            name.replace("error", "errors")
                .replace("warning", "warnings")
        ),
    });
    match said.collect::<Vec<_>>().join(", ") {
        none if none.is_empty() => "none".to_owned(),
        said => said,
    }
}

pub(super) fn status(status: Status) -> &'static str {
    match status {
        Status::Upheld => "upheld",
        Status::Broken => "broken",
        Status::NotVerified => "not-verified",
    }
}

/// Every client whose conversations were held.
pub(super) fn clients(report: &Report) -> Vec<&str> {
    let clients = report.cases.iter().flat_map(|case| &case.client);
    let clients: BTreeSet<&str> = clients.map(String::as_str).collect();
    clients.into_iter().collect()
}

pub(super) fn group<'a>(group: &Group<'a>, below: bool, report: &Report) -> Option<GroupView<'a>> {
    let (case, finding) = *group.shown.first()?;
    let (rule, exchange) = (group.rule, phrase::exchange(case, finding));
    let names = group.cases();
    let cases = names.iter().take(MOST_NAMED);
    let cases = cases.filter_map(|name| {
        let (case, _) = group.shown.iter().find(|(case, _)| case.name == *name)?;
        Some((case.name.as_str(), anchor(&case.name)))
    });
    let line = exchange.map(|exchange| curl::line(&exchange.request));
    let answer = exchange.and_then(|exchange| exchange.response.as_ref());
    let told = |words: BTreeSet<&str>| words.into_iter().collect::<Vec<_>>().join(" ");
    Some(GroupView {
        id: group.id,
        below,
        severity: severity(group.severity),
        summary: rule.map_or(group.id, |rule| rule.summary.as_str()),
        reference: rule.map(cited).unwrap_or_default(),
        message: printable(&finding.message),
        expected: printable(&finding.expected),
        actual: printable(&finding.actual),
        place: finding
            .place
            .as_ref()
            .map(|place| format!("{}:{}:{}", place.file, place.line, place.column)),
        leeway: finding.leeway.as_deref(),
        step: exchange.map_or_else(String::new, |exchange| {
            printable(&phrase::step(
                finding.exchange,
                exchange,
                case.exchanges.len(),
            ))
        }),
        answer: answer.map(|answer| packed::cut(&answer.body, LONGEST_SHOWN)),
        curl: line.map(|line| packed::cut(&line, LONGEST_SHOWN)),
        again: &case.again,
        cases: cases.collect(),
        more_cases: names.len().saturating_sub(MOST_NAMED),
        extent: format!("{} of {}", names.len(), counted(report.cases.len(), "case")),
        verdicts: told(
            group
                .shown
                .iter()
                .map(|(case, _)| phrase::case_verdict(case.verdict))
                .collect(),
        ),
        clients: told(
            group
                .shown
                .iter()
                .flat_map(|(case, _)| case.client.iter().map(String::as_str))
                .collect(),
        ),
    })
}

/// Every rule of which there is a finding. The page names each once: a broken server breaks many
/// in many cases.
pub(super) fn broken(report: &Report) -> Vec<&str> {
    let rules = report.findings().map(|(_, finding)| finding.rule.as_str());
    let rules: BTreeSet<&str> = rules.collect();
    rules.into_iter().collect()
}

pub(super) fn case<'a>(index: usize, case: &'a Case, held: bool, broken: &[&str]) -> CaseView<'a> {
    let rules = case.findings.iter();
    let rules: BTreeSet<usize> = rules
        .filter_map(|finding| broken.binary_search(&finding.rule.as_str()).ok())
        .collect();
    let shows: BTreeSet<usize> = case
        .findings
        .iter()
        .map(|finding| finding.exchange)
        .collect();
    CaseView {
        index,
        anchor: anchor(&case.name),
        name: &case.name,
        title: &case.title,
        file: &case.file,
        again: &case.again,
        verdict: phrase::case_verdict(case.verdict),
        reason: case.reason.as_deref().map(printable),
        clients: case.client.join(" "),
        broken: numbers(&rules),
        extent: format!(
            "{} · {:.0} ms",
            counted(case.exchanges.len(), "exchange"),
            case.seconds * 1000.0
        ),
        shows: numbers(&shows),
        none: match held {
            true => "This case has no exchanges.",
            false => {
                "The exchanges of this case are left out for their size; the JSON report holds them."
            }
        },
    }
}

pub(super) fn change<'a>(case: &'a Case, change: &'a Change) -> ChangeView<'a> {
    ChangeView {
        kind: change.kind.to_string(),
        case: &case.name,
        step: &change.step,
        diff: packed::cut(&change.diff, LONGEST_SHOWN),
    }
}

pub(super) fn document(document: Document<'_>) -> DocumentView<'_> {
    let counts = [
        ("upheld", document.upheld.len()),
        ("broken", document.broken.len()),
        ("not-verified", document.not_verified.len()),
    ];
    let looked_at = document.broken.into_iter().chain(document.upheld);
    DocumentView {
        name: document.name,
        said: bar::said(&counts).replace("not-verified", "not verified"),
        bar: bar::svg(&counts),
        rules: looked_at.map(rule).collect(),
        others: document.not_verified.into_iter().map(rule).collect(),
    }
}

fn rule(rule: &Rule) -> RuleView<'_> {
    RuleView {
        id: &rule.id,
        summary: &rule.summary,
        status: status(rule.status),
        extent: counted(rule.cases.len(), "case"),
        reason: rule.reason.as_deref().unwrap_or_default(),
    }
}

/// `MUST, RFC 7644 section 3.3`
fn cited(rule: &Rule) -> String {
    format!(
        "{}, {}",
        phrase::level_in_capitals(&rule.level),
        rule.reference
    )
}

/// `0 3 7`
fn numbers(of: &BTreeSet<usize>) -> String {
    let texts: Vec<String> = of.iter().map(usize::to_string).collect();
    texts.join(" ")
}

fn anchor(case: &str) -> String {
    format!("case-{case}")
}

/// `1 case`, `2 cases`
fn counted(count: usize, noun: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{ending}")
}

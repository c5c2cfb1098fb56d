//! The HTML report: one file that asks nothing of any network and runs nothing but its own script.

mod bar;
mod latency;
mod packed;
mod view;

use std::io;

use askama::Template;
use base64::{Engine, prelude::BASE64_STANDARD};
use ring::digest::{SHA256, digest};

use super::{
    cause::{self, Cause},
    documents,
    group::Group,
    known,
    model::{Report, Status},
    phrase,
};
use crate::{rule::Severity, run::Leftover, verdict::Verdict};
use latency::Row;
use view::{CaseView, ChangeView, DocumentView, GroupView};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");
/// How many leftovers are named.
const MOST_LEFTOVERS: usize = 200;
/// Verdicts in the order in which they are shown.
const VERDICTS: [Verdict; 6] = [
    Verdict::Failed,
    Verdict::Known,
    Verdict::Warned,
    Verdict::Inconclusive,
    Verdict::Passed,
    Verdict::Skipped,
];

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    report: &'a Report,
    policy: String,
    style: &'static str,
    script: &'static str,
    packed: String,
    overall: &'static str,
    verdict: String,
    whom: String,
    tls: Option<String>,
    started: String,
    cases_said: String,
    rules_said: String,
    findings_said: String,
    run_said: String,
    seconds: String,
    looked_at: usize,
    case_bar: String,
    rule_bar: String,
    finding_bar: String,
    verdicts: Vec<(&'static str, usize)>,
    clients: Vec<&'a str>,
    groups: Vec<GroupView<'a>>,
    broken: String,
    known: Vec<String>,
    changes: Vec<ChangeView<'a>>,
    cases: Vec<CaseView<'a>>,
    documents: Vec<DocumentView<'a>>,
    latency: Vec<Row>,
    latency_height: usize,
    leftovers: &'a [Leftover],
    more_leftovers: usize,
}

/// The report as a page of HTML.
pub fn text(report: &Report) -> io::Result<String> {
    page(report)?.render().map_err(io::Error::other)
}

fn page(report: &Report) -> io::Result<Page<'_>> {
    let verdicts = VERDICTS.map(|verdict| {
        let cases = report.cases.iter();
        let count = cases.filter(|case| case.verdict == verdict).count();
        (phrase::case_verdict(verdict), count)
    });
    let rules = [Status::Upheld, Status::Broken, Status::NotVerified]
        .map(|status| (view::status(status), report.count(status)));
    let causes = cause::by_cause(report);
    let groups: Vec<(&Group<'_>, bool)> = causes.iter().flat_map(Cause::groups).collect();
    let findings = [Severity::Error, Severity::Warning, Severity::Info].map(|severity| {
        let count = groups
            .iter()
            .filter(|(group, _)| group.severity == severity)
            .count();
        (view::severity(severity), count)
    });
    let broken = view::broken(report);
    let packed = packed::of(report)?;
    let latency = latency::rows(report);
    let leftovers = &report.leftovers[..report.leftovers.len().min(MOST_LEFTOVERS)];
    Ok(Page {
        report,
        policy: policy(),
        style: STYLE,
        script: SCRIPT,
        overall: phrase::overall(report.verdict),
        verdict: phrase::capitalised(&phrase::verdict(report)),
        whom: phrase::whom(report),
        tls: phrase::tls(report),
        started: started(&report.run.started),
        cases_said: phrase::counts(&report.summary),
        rules_said: phrase::rules(report),
        findings_said: view::severities(&findings),
        seconds: format!("{:.1}", report.run.seconds),
        run_said: phrase::requests(report),
        looked_at: report.count(Status::Upheld) + report.count(Status::Broken),
        case_bar: bar::svg(&verdicts),
        rule_bar: bar::svg(&rules),
        finding_bar: bar::svg(&findings),
        verdicts: verdicts
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .collect(),
        clients: view::clients(report),
        groups: groups
            .iter()
            .filter_map(|(group, below)| view::group(group, *below, report))
            .collect(),
        broken: broken.join(" "),
        known: known::texts(report),
        changes: report
            .changes()
            .map(|(case, change)| view::change(case, change))
            .collect(),
        cases: report
            .cases
            .iter()
            .enumerate()
            .map(|(index, case)| view::case(index, case, packed.holds(index), &broken))
            .collect(),
        documents: documents::of(report)
            .into_iter()
            .map(view::document)
            .collect(),
        latency_height: latency::height(&latency),
        latency,
        more_leftovers: report.leftovers.len() - leftovers.len(),
        leftovers,
        packed: packed.text,
    })
}

/// Nothing is loaded, and nothing runs but the one style and the one script, known by their hashes.
fn policy() -> String {
    let hash = |text: &str| BASE64_STANDARD.encode(digest(&SHA256, text.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; img-src data:; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}

/// `2026-11-25 09:33:10 UTC`
fn started(text: &str) -> String {
    let seconds = text.split(['.', 'Z']).next().unwrap_or_default();
    match seconds.split_once('T') {
        Some((day, time)) => format!("{day} {time} UTC"),
        None => seconds.to_owned(),
    }
}

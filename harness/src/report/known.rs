//! What a report says of known deviations.

use std::collections::BTreeMap;

use super::model::{Case, Report};
use crate::{
    deviation::{Declared, Standing},
    diagnostic::{Diagnostic, printable},
    report::terminal::some,
};

/// The findings that were expected, one entry for each rule and reason.
pub fn expected(report: &Report) -> Option<String> {
    let mut by_reason: BTreeMap<(&str, &str), Vec<&Case>> = BTreeMap::new();
    for (case, finding) in report.findings() {
        if let Some(why) = &finding.known {
            let key = (finding.rule.as_str(), why.as_str());
            by_reason.entry(key).or_default().push(case);
        }
    }
    let lines: Vec<String> = by_reason
        .iter()
        .map(|((rule, why), cases)| line(rule, why, cases))
        .collect();
    (!lines.is_empty()).then(|| format!("known deviations:\n{}", lines.join("\n")))
}

fn line(rule: &str, why: &str, cases: &[&Case]) -> String {
    let names: Vec<&str> = cases.iter().map(|case| case.name.as_str()).collect();
    let why = match why.trim() {
        "" => "nobody says why",
        why => why,
    };
    printable(&format!("  {rule}: {why}\n    in {}", some(&names)))
}

/// All that is said of known deviations: those that fail the run, then those that were expected.
pub fn texts(report: &Report) -> Vec<String> {
    let complaints = of_report(report).into_iter();
    complaints
        .map(|told| told.to_string())
        .chain(expected(report))
        .collect()
}

/// Known deviations of a report that fail the run.
pub fn of_report(report: &Report) -> Vec<Diagnostic> {
    let declared = report.declared();
    let declared: Vec<_> = declared
        .map(|(case, known)| (case.name.as_str(), known))
        .collect();
    complaints(&declared)
}

/// The same of one case.
pub fn of_case(case: &Case) -> Vec<Diagnostic> {
    let declared = case.known.iter();
    let declared: Vec<_> = declared.map(|known| (case.name.as_str(), known)).collect();
    complaints(&declared)
}

/// Known deviations that fail the run, by the names of their cases.
pub fn complaints(declared: &[(&str, &Declared)]) -> Vec<Diagnostic> {
    let stale: Vec<(&str, &Declared)> = declared
        .iter()
        .filter(|(_, known)| known.status == Standing::Stale)
        .copied()
        .collect();
    let unexplained: Vec<(&str, &Declared)> = declared
        .iter()
        .filter(|(_, known)| known.is_unexplained())
        .copied()
        .collect();
    let stale = Declared::stale(&stale).into_iter();
    stale.chain(Declared::unexplained(&unexplained)).collect()
}

//! Findings by rule: one group for each rule that is broken, the worst first.

use std::{cmp::Reverse, collections::BTreeMap};

use super::model::{Case, Report, Rule};
use crate::{rule::Severity, verdict::Finding};

/// A rule that is broken, with everything that shows it.
#[derive(Clone, Debug)]
pub struct Group<'a> {
    /// Id of the rule.
    pub id: &'a str,
    /// What the report says of it.
    pub rule: Option<&'a Rule>,
    /// The worst that it is here.
    pub severity: Severity,
    /// The findings with their cases: the worst first, then in the order of the cases.
    pub shown: Vec<(&'a Case, &'a Finding)>,
}

impl Group<'_> {
    /// Names of the cases that show it, in the order of the findings, each once.
    pub fn cases(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for (case, _) in &self.shown {
            if !names.contains(&case.name.as_str()) {
                names.push(&case.name);
            }
        }
        names
    }
}

/// The findings that nobody expects by rule: by severity, then by how many cases show it.
pub fn by_rule(report: &Report) -> Vec<Group<'_>> {
    grouped(report, |finding| finding.known.is_none())
}

/// The known deviations of a report, in the same way.
pub fn known(report: &Report) -> Vec<Group<'_>> {
    grouped(report, |finding| finding.known.is_some())
}

fn grouped(report: &Report, wanted: impl Fn(&Finding) -> bool) -> Vec<Group<'_>> {
    let mut by_rule: BTreeMap<&str, Vec<(&Case, &Finding)>> = BTreeMap::new();
    for (case, finding) in report.findings().filter(|(_, finding)| wanted(finding)) {
        by_rule
            .entry(&finding.rule)
            .or_default()
            .push((case, finding));
    }
    let groups = by_rule.into_iter().map(|(id, mut shown)| {
        shown.sort_by_key(|(_, finding)| Reverse(finding.severity));
        Group {
            id,
            rule: report.rule(id),
            severity: shown
                .first()
                .map_or(Severity::Info, |(_, finding)| finding.severity),
            shown,
        }
    });
    let mut groups: Vec<Group<'_>> = groups.collect();
    groups.sort_by_cached_key(|group| (Reverse(group.severity), Reverse(group.cases().len())));
    groups
}

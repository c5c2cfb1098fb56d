//! Which rule of the rulebook is proven by which scenario or always-on check, and which by none.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::{
    check::always,
    fault::Fault,
    plan::transport_name,
    rule::{Rulebook, Severity},
    run::transport,
    scenario::Collection,
};

/// What proves a rule.
#[derive(Clone, Debug, Serialize)]
pub struct Coverage {
    /// Id of the rule.
    pub id: String,
    /// Key word of the statement.
    pub level: String,
    /// What breaking it is.
    pub severity: Severity,
    /// Whether it can be decided from outside.
    pub testable: String,
    /// Whether a scenario or check judges it.
    pub covered: bool,
    /// Names of scenarios and of the cases about the connection, and `always` for the always-on
    /// checks.
    pub proven_by: Vec<String>,
    /// Faults of the embedded provider that break it.
    pub faults: Vec<String>,
    /// Why nothing proves it.
    pub reason: Option<String>,
}

/// The coverage of every rule.
pub fn of(rulebook: &Rulebook, collection: &Collection, faults: &[Fault]) -> Vec<Coverage> {
    let mut proofs: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for scenario in &collection.scenarios {
        for expectation in scenario.steps.iter().flat_map(|step| &step.expect) {
            proofs
                .entry(&expectation.rule)
                .or_default()
                .insert(scenario.name.clone());
        }
    }
    for rule in always::RULES {
        proofs.entry(rule).or_default().insert("always".to_owned());
    }
    for (version, rule) in transport::RULES {
        let name = transport_name(version).to_owned();
        proofs.entry(rule).or_default().insert(name);
    }
    rulebook
        .iter()
        .map(|rule| {
            let proven_by: Vec<String> = proofs
                .get(rule.id.as_str())
                .into_iter()
                .flatten()
                .cloned()
                .collect();
            let reason = match (proven_by.is_empty(), rule.testable.as_str()) {
                (false, _) => None,
                (true, "no") => Some("it cannot be decided from outside".to_owned()),
                (true, _) if rule.unverified.is_some() => rule.unverified.clone(),
                (true, "partial") => Some(
                    "it can be decided from outside only in part, and nothing tries".to_owned(),
                ),
                (true, _) if rule.severity == Severity::Info => {
                    Some("a provider may do as it likes, so there is nothing to fail".to_owned())
                }
                (true, _) => Some("no scenario or check judges it yet".to_owned()),
            };
            Coverage {
                id: rule.id.clone(),
                level: rule.level.clone(),
                severity: rule.severity,
                testable: rule.testable.clone(),
                covered: !proven_by.is_empty(),
                proven_by,
                faults: faults
                    .iter()
                    .filter(|fault| fault.shows(&rule.id))
                    .map(|fault| fault.name.clone())
                    .collect(),
                reason,
            }
        })
        .collect()
}

/// A line for each rule that is covered, and the counts by document.
pub fn text(coverage: &[Coverage]) -> String {
    let width = coverage
        .iter()
        .filter(|rule| rule.covered)
        .map(|rule| rule.id.len())
        .max()
        .unwrap_or(0);
    let mut lines: Vec<String> = coverage
        .iter()
        .filter(|rule| rule.covered)
        .map(|rule| {
            format!(
                "{:width$}  {:7}  {}",
                rule.id,
                rule.severity.to_string(),
                rule.proven_by.join(", ")
            )
        })
        .collect();
    lines.push(String::new());
    lines.extend(counts(coverage).iter().map(|(document, count)| {
        format!(
            "{document:12} {} of {} rules that can be decided from outside are judged",
            count.covered, count.testable
        )
    }));
    lines.join("\n") + "\n"
}

/// A table by document, and one of all rules.
pub fn markdown(coverage: &[Coverage]) -> String {
    let mut text =
        "| document | judged | can be decided from outside | rules |\n|---|---|---|---|\n"
            .to_owned();
    for (document, count) in counts(coverage) {
        text.push_str(&format!(
            "| {document} | {} | {} | {} |\n",
            count.covered, count.testable, count.all
        ));
    }
    text.push_str("\n| rule | severity | proven by | faults |\n|---|---|---|---|\n");
    for rule in coverage {
        let proof = if rule.covered {
            rule.proven_by.join(", ")
        } else {
            rule.reason.clone().unwrap_or_default()
        };
        text.push_str(&format!(
            "| `{}` | {} | {proof} | {} |\n",
            rule.id,
            rule.severity,
            rule.faults.join(", ")
        ));
    }
    text
}

#[derive(Default)]
struct Count {
    all: usize,
    testable: usize,
    covered: usize,
}

fn counts(coverage: &[Coverage]) -> BTreeMap<String, Count> {
    let mut counts: BTreeMap<String, Count> = BTreeMap::new();
    for rule in coverage {
        let place = rule.id.split('/').next().unwrap_or_default();
        let document = place
            .rsplit_once('-')
            .map_or(place, |(document, _)| document);
        let count = counts.entry(document.to_owned()).or_default();
        count.all += 1;
        count.testable += usize::from(rule.testable != "no");
        count.covered += usize::from(rule.covered);
    }
    counts
}

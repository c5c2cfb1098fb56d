//! Findings by root cause: rules that are broken by the same answers, or by answers that say the same
//! where the same was asked, belong together under the worst of them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    group::{self, Group},
    model::{Case, Report},
    operation::{manner, operation},
    phrase,
};
use crate::{
    check::{
        always::is_of_form,
        expectation::{is_about_status, is_explained},
    },
    verdict::Finding,
};

/// Statuses of a whole operation that is not there, however it is asked for.
const NOT_THERE: [u16; 3] = [404, 405, 501];

/// Rules that are broken for one reason.
#[derive(Clone, Debug)]
pub struct Cause<'a> {
    /// The worst, which shows the others too.
    pub head: Group<'a>,
    /// The others, the worst first.
    pub others: Vec<Group<'a>>,
}

impl<'a> Cause<'a> {
    /// Every rule, the worst first, each with whether another shows it.
    pub fn groups(&self) -> impl Iterator<Item = (&Group<'a>, bool)> {
        let others = self.others.iter().map(|group| (group, true));
        [(&self.head, false)].into_iter().chain(others)
    }
}

/// The findings that nobody expects by cause, the worst first.
pub fn by_cause(report: &Report) -> Vec<Cause<'_>> {
    let mut causes: Vec<(Evidence<'_>, Cause<'_>)> = Vec::new();
    for group in group::by_rule(report) {
        let evidence = Evidence::of(&group, report);
        let explains = |(head, cause): &&mut (Evidence<'_>, Cause<'_>)| {
            may_explain(cause.head.id, group.id) && head.shows(&evidence)
        };
        match causes.iter_mut().find(explains) {
            Some((_, cause)) => cause.others.push(group),
            None => causes.push((
                evidence,
                Cause {
                    head: group,
                    others: Vec::new(),
                },
            )),
        }
    }
    causes.into_iter().map(|(_, cause)| cause).collect()
}

/// What is wrong with the form of an answer, or with how much it shows, explains nothing of what it
/// says.
fn may_explain(head: &str, other: &str) -> bool {
    [is_of_form, is_of_projection]
        .iter()
        .all(|is_of| !is_of(head) || is_of(other))
}

/// Whether a rule is about nothing but how much an answer shows.
fn is_of_projection(rule: &str) -> bool {
    let sections = ["rfc7644-3.9/", "rfc7644-3.4.2.5/", "scim11-api-3.7/"];
    rule == "rfc7643-7/default-attributes-return-unless-projected"
        || sections.iter().any(|section| rule.starts_with(section))
}

/// What shows that a rule is broken.
struct Evidence<'a> {
    /// Case and step of every answer that shows it.
    answers: BTreeSet<(&'a str, &'a str)>,
    /// Case and step of each finding, and what is told by its answer.
    findings: Vec<((&'a str, &'a str), Option<String>)>,
}

impl<'a> Evidence<'a> {
    fn of(group: &Group<'a>, report: &Report) -> Self {
        let bases: Vec<&str> = report.target.url.split(", ").collect();
        let answers = group.shown.iter().flat_map(|(case, finding)| {
            let steps = [&finding.step].into_iter().chain(&finding.also);
            steps.map(|step| (case.name.as_str(), step.as_str()))
        });
        let findings = group.shown.iter().map(|(case, finding)| {
            let place = (case.name.as_str(), finding.step.as_str());
            (place, symptom(case, finding, &bases))
        });
        Self {
            answers: answers.collect(),
            findings: findings.collect(),
        }
    }

    /// Whether all that shows another rule broken shows this one broken, too.
    fn shows(&self, other: &Self) -> bool {
        let own: BTreeSet<&String> = self
            .findings
            .iter()
            .filter_map(|(_, symptom)| symptom.as_ref())
            .collect();
        other.findings.iter().all(|(place, symptom)| {
            let same = symptom
                .as_ref()
                .is_some_and(|symptom| own.contains(symptom));
            same || self.answers.contains(place)
        })
    }
}

/// What an answer says, if it is one that may come of the same cause elsewhere: a status that was not
/// expected, or a list in which nothing is found.
fn symptom(case: &Case, finding: &Finding, bases: &[&str]) -> Option<String> {
    let exchange = phrase::exchange(case, finding)?;
    let answer = exchange.response.as_ref()?;
    let request = &exchange.request;
    let operation = operation(&request.method, &request.url, bases);
    let manner = || manner(&request.url, request.body.as_deref());
    if is_about_status(&finding.expected) {
        let said = without_names(&finding.actual);
        let alike = is_explained(&finding.actual) || NOT_THERE.contains(&answer.status);
        let manner = match alike {
            true => String::new(),
            false => manner(),
        };
        return Some(format!("{operation} {manner} {said}"));
    }
    let body: Value = serde_json::from_str(&answer.body).ok()?;
    let found = body.get("Resources").and_then(Value::as_array);
    let empty = body.get("totalResults").is_some() && found.is_none_or(Vec::is_empty);
    empty.then(|| format!("{operation} {} nothing", manner()))
}

/// A text without what differs from resource to resource: words with digits, such as ids.
fn without_names(text: &str) -> String {
    let mut words = text.split_whitespace();
    let status: Vec<&str> = words.by_ref().take(2).collect();
    let words = words.map(|word| match word.contains(|c: char| c.is_ascii_digit()) {
        true => "…",
        false => word,
    });
    status
        .into_iter()
        .chain(words)
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_answer_shows_too_much_of_explains_no_loss() {
        let projection = "rfc7644-3.9/attributes-overrides-default-set";
        let another = "rfc7643-7/default-attributes-return-unless-projected";
        let loss = "rfc7644-3.5.2.1/add-appends-to-multi-valued";
        assert!(may_explain(projection, another));
        assert!(!may_explain(projection, loss));
        assert!(may_explain(loss, projection));
    }

    #[test]
    fn what_differs_from_resource_to_resource_says_nothing() {
        let said = |id| {
            without_names(&format!(
                "status 404, with the detail \"User {id} is not there\""
            ))
        };
        assert_eq!(said("2b55-a"), said("77-c"));
        assert_ne!(without_names("status 404"), without_names("status 405"));
    }
}

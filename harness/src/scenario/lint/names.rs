//! Names in scenarios: defined before they are used, and used once they are defined.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Lint, conditions, find};
use crate::{
    diagnostic::did_you_mean,
    scenario::{
        Body, CaptureFrom, Collection, Condition, Query, Scenario, Selector, Send, Step, Subject,
        Times,
    },
    source::Span,
    template,
};

/// Names that the harness itself gives a value.
const RESERVED_NAMES: [&str; 9] = [
    "unique",
    "run",
    "password",
    "okta_id",
    "unknown_id",
    "an_hour_ago",
    "in_an_hour",
    "target.user_domain",
    "target.unique_field",
];

/// Names that have a value in some steps only: the count of a repeated one, and what a raw one needs.
const LOCAL_NAMES: [&str; 3] = ["n", "credential", "base_path"];

impl Lint<'_> {
    pub(super) fn names_before_the_steps(&mut self, scenario: &Scenario) -> BTreeSet<String> {
        let mut known: BTreeSet<String> = RESERVED_NAMES
            .iter()
            .map(|name| (*name).to_owned())
            .collect();
        for (name, span) in &scenario.given {
            match self.collection.openings.get(name) {
                Some(opening) if opening.scim == scenario.scim => known.extend(names_of(opening)),
                Some(opening) => {
                    let title = format!(
                        "the opening `{name}` is SCIM {}, the scenario SCIM {}",
                        opening.scim, scenario.scim
                    );
                    self.problem(scenario, span, title, "another version", "");
                }
                None => {
                    let help =
                        did_you_mean(name, self.collection.openings.keys().map(String::as_str));
                    self.problem(
                        scenario,
                        span,
                        format!("there is no opening `{name}`"),
                        format!("expected scenarios/given/{name}.toml"),
                        help,
                    );
                }
            }
        }
        for (name, value, span) in &scenario.vars {
            let region = span.start..scenario.file.text.len();
            self.misspelt(scenario, &value.to_string(), &region);
            for undefined in names_in_value(value)
                .into_iter()
                .filter(|used| !known.contains(used))
            {
                self.undefined(
                    scenario,
                    &undefined,
                    &known,
                    span.start..scenario.file.text.len(),
                );
            }
            if RESERVED_NAMES
                .iter()
                .chain(&LOCAL_NAMES)
                .any(|known| known == name)
            {
                self.problem(
                    scenario,
                    span,
                    format!("`{name}` has its value from the harness"),
                    "cannot be defined here",
                    "",
                );
            }
            known.insert(name.clone());
        }
        known
    }

    pub(super) fn step_names(
        &mut self,
        scenario: &Scenario,
        step: &Step,
        known: &BTreeSet<String>,
        region: &Span,
    ) -> BTreeSet<String> {
        let texts = texts(step);
        for text in &texts {
            self.misspelt(scenario, text, region);
        }
        let used: BTreeSet<String> = texts
            .iter()
            .flat_map(|text| template::names_in(text))
            .map(|(name, _)| name.to_owned())
            .collect();
        let local = local_names(step);
        let unknown = |name: &&String| !known.contains(*name) && !local.contains(&name.as_str());
        for name in used.iter().filter(unknown) {
            self.undefined(scenario, name, known, region.clone());
        }
        let listed = step.lists.iter().flat_map(|list| {
            let names = template::names_in(&list.item).into_iter();
            let names = names.map(|(name, _)| name.to_owned());
            names.filter(|name| name != "item").chain([list.of.clone()])
        });
        let listed: BTreeSet<String> = listed.collect();
        for name in listed.iter().filter(|name| !known.contains(*name)) {
            self.undefined(scenario, name, known, region.clone());
        }
        used.into_iter().chain(listed).collect()
    }

    /// A name with a blank or a hyphen would be sent as it stands.
    fn misspelt(&mut self, scenario: &Scenario, text: &str, region: &Span) {
        for word in template::misspelt_names(text) {
            let span = find(scenario, word, region.clone());
            self.problem(
                scenario,
                &span,
                format!("`{word}` is no name"),
                "this would be sent as it stands",
                "a name is letters, digits, `_` and `.` between {{ and }}, without blanks",
            );
        }
    }

    fn undefined(
        &mut self,
        scenario: &Scenario,
        name: &str,
        known: &BTreeSet<String>,
        region: Span,
    ) {
        let help = did_you_mean(name, known.iter().map(String::as_str));
        let span = find(scenario, &format!("{{{{{name}}}}}"), region);
        self.problem(
            scenario,
            &span,
            format!("`{{{{{name}}}}}` is not defined"),
            "no variable or earlier capture has this name",
            help,
        );
    }

    pub(super) fn unused(&mut self, scenario: &Scenario, used: &BTreeSet<String>) {
        let captures = scenario
            .steps
            .iter()
            .flat_map(|step| &step.capture)
            .map(|capture| (&capture.name, &capture.span));
        let lists = scenario
            .steps
            .iter()
            .flat_map(|step| &step.lists)
            .map(|list| (&list.name, &list.span));
        let names = scenario
            .vars
            .iter()
            .map(|(name, _, span)| (name, span))
            .chain(captures)
            .chain(lists);
        for (name, span) in names.filter(|(name, _)| !used.contains(*name)) {
            self.problem(
                scenario,
                span,
                format!("`{name}` is never used"),
                "defined here",
                "remove it",
            );
        }
    }
}

/// The names that have a value in this step only.
fn local_names(step: &Step) -> Vec<&str> {
    let mut local: Vec<&str> = step.lists.iter().map(|list| list.name.as_str()).collect();
    let counted = match &step.times {
        Times::ForEach(family) => Some(family.name.as_str()),
        Times::Repeat(_) => Some("n"),
        Times::Once => None,
    };
    let raw: &[&str] = if matches!(step.send, Send::Raw(_)) {
        &["credential", "base_path"]
    } else {
        &[]
    };
    local.extend(counted.into_iter().chain(raw.iter().copied()));
    local
}

/// The names that an opening leaves to the scenarios that begin with it.
fn names_of(opening: &Scenario) -> impl Iterator<Item = String> + '_ {
    let captures = opening
        .steps
        .iter()
        .flat_map(|step| &step.capture)
        .map(|capture| capture.name.clone());
    opening
        .vars
        .iter()
        .map(|(name, _, _)| name.clone())
        .chain(captures)
}

/// Names whose value carries the tag of the run.
pub(super) fn tagged_names(scenario: &Scenario, collection: &Collection) -> BTreeSet<String> {
    let mut tagged = BTreeSet::from(["unique".to_owned(), "run".to_owned()]);
    let openings = scenario
        .given
        .iter()
        .filter_map(|(name, _)| collection.openings.get(name));
    for (name, value, _) in openings
        .flat_map(|opening| &opening.vars)
        .chain(&scenario.vars)
    {
        if names_in_value(value)
            .iter()
            .any(|used| tagged.contains(used))
        {
            tagged.insert(name.clone());
        }
    }
    tagged
}

/// Every text of a step in which names are replaced.
fn texts(step: &Step) -> Vec<String> {
    let mut texts = Vec::new();
    match &step.send {
        Send::Raw(text) => texts.push(text.clone()),
        Send::Request(request) => {
            texts.push(request.path.clone());
            match &request.query {
                Query::Raw(text) => texts.push(text.clone()),
                Query::Parameters(pairs) => {
                    texts.extend(pairs.iter().map(|(_, value)| value.clone()))
                }
            }
            texts.extend(request.headers.iter().map(|(_, value)| value.clone()));
            match &request.body {
                Body::Text(text) => texts.push(text.clone()),
                Body::From { set, .. } => set.iter().for_each(|(pointer, value)| {
                    texts.extend([pointer.clone(), value.to_string()])
                }),
                Body::Empty => {}
            }
        }
    }
    texts.extend(step.only_with.iter().map(ToString::to_string));
    for expectation in &step.expect {
        if let Subject::PagesHold(ids) | Subject::PagesOrder(ids) = &expectation.subject {
            texts.push(ids.to_string());
        }
        if let Subject::Body(Selector::Pointer(place) | Selector::Path(place), _) =
            &expectation.subject
        {
            texts.push(place.clone());
        }
        texts.extend(
            conditions(&expectation.subject)
                .iter()
                .filter_map(condition_text),
        );
    }
    texts.extend(
        step.capture
            .iter()
            .filter_map(|capture| match &capture.from {
                CaptureFrom::Body(Selector::Pointer(place) | Selector::Path(place)) => {
                    Some(place.clone())
                }
                CaptureFrom::Header(_) => None,
            }),
    );
    texts
}

fn condition_text(condition: &Condition) -> Option<String> {
    match condition {
        Condition::Equals(value) | Condition::Contains(value) | Condition::SameItems(value) => {
            Some(value.to_string())
        }
        Condition::NotEquals(value)
        | Condition::NotContains(value)
        | Condition::Has(value)
        | Condition::Lacks(value)
        | Condition::Values(value)
        | Condition::SameValues(value) => Some(value.to_string()),
        Condition::EqualsIgnoreCase(text)
        | Condition::Matches(text)
        | Condition::NotBefore(text) => Some(text.clone()),
        _ => None,
    }
}

pub(super) fn names_in_value(value: &Value) -> Vec<String> {
    template::names_in(&value.to_string())
        .into_iter()
        .map(|(name, _)| name.to_owned())
        .collect()
}

//! Names in scenarios: defined before they are used, and used once they are defined.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Lint, conditions, find};
use crate::{
    diagnostic::did_you_mean,
    model::family,
    scenario::{
        Body, CaptureFrom, Collection, Condition, ForEach, Query, Scenario, Selector, Send, Step,
        Subject, Times,
    },
    source::Span,
    template,
};

/// Names that the harness itself gives a value.
const RESERVED_NAMES: [&str; 10] = [
    "unique",
    "run",
    "password",
    "okta_password",
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
                Some(opening) if opening.scim == scenario.scim => {}
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
        if let Some(family) = &scenario.for_each {
            known.extend(family_names(family));
        }
        let openings = self.collection.openings_of(scenario);
        known.extend(openings.iter().flat_map(|opening| names_of(opening)));
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
        let here: BTreeSet<String> = known.union(&local).cloned().collect();
        let unknown = |name: &&String| !here.contains(*name);
        for name in used.iter().filter(unknown) {
            self.undefined(scenario, name, &here, region.clone());
        }
        let listed = step.lists.iter().flat_map(|list| {
            let names = template::names_in(&list.item).into_iter();
            let names = names.map(|(name, _)| name.to_owned());
            names
                .filter(|name| name != "item" && !name.starts_with("item."))
                .chain([list.of.clone()])
        });
        let measured = step.measured.iter().flat_map(|measured| {
            let names = measured
                .item
                .iter()
                .flat_map(|item| template::names_in(item));
            let names = names.map(|(name, _)| name.to_owned());
            names.chain([measured.of.clone()])
        });
        let family = match &step.times {
            Times::ForEach(family) => family.list.clone(),
            Times::Once | Times::Repeat(_) => None,
        };
        let listed: BTreeSet<String> = listed.chain(measured).chain(family).collect();
        for name in listed.iter().filter(unknown) {
            self.undefined(scenario, name, &here, region.clone());
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

    /// Names that have their value from the harness: what is safe to send depends on some of them.
    pub(super) fn reserved(&mut self, scenario: &Scenario) {
        let is_reserved = |name: &str| {
            RESERVED_NAMES
                .iter()
                .chain(&LOCAL_NAMES)
                .any(|known| *known == name)
        };
        for (name, span) in defined(scenario).filter(|(name, _)| is_reserved(name)) {
            self.problem(
                scenario,
                span,
                format!("`{name}` has its value from the harness"),
                "cannot be defined here",
                "",
            );
        }
    }

    pub(super) fn unused(&mut self, scenario: &Scenario, used: &BTreeSet<String>) {
        let names = defined(scenario);
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

/// The names to which a scenario gives values, with their places.
fn defined(scenario: &Scenario) -> impl Iterator<Item = (&String, &Span)> {
    let vars = scenario.vars.iter().map(|(name, _, span)| (name, span));
    let steps = scenario.steps.iter().flat_map(|step| {
        let captures = step.capture.iter();
        let captures = captures.map(|capture| (&capture.name, &capture.span));
        let lists = step.lists.iter().map(|list| (&list.name, &list.span));
        let measured = step.measured.iter().map(|one| (&one.name, &one.span));
        let accepted = step.accepted.iter().map(|(name, span)| (name, span));
        captures.chain(lists).chain(measured).chain(accepted)
    });
    vars.chain(steps)
}

/// The names that have a value in this step only.
fn local_names(step: &Step) -> BTreeSet<String> {
    let mut local: BTreeSet<String> = step.lists.iter().map(|list| list.name.clone()).collect();
    local.extend(step.measured.iter().map(|one| one.name.clone()));
    local.extend(step.long.iter().map(|long| long.name.clone()));
    match &step.times {
        Times::ForEach(family) => local.extend(family_names(family)),
        Times::Repeat(_) => drop(local.insert("n".to_owned())),
        Times::Once => {}
    }
    if matches!(step.send, Send::Raw(_)) {
        local.extend(["credential", "base_path"].map(str::to_owned));
    }
    local
}

/// The names that each value of a family has, those of an attribute's parts among them.
fn family_names(family: &ForEach) -> Vec<String> {
    let parts: &[&str] = match family.attributes {
        Some(_) => &family::PARTS,
        None => &[],
    };
    let parts = parts.iter().map(|part| format!("{}.{part}", family.name));
    [family.name.clone()].into_iter().chain(parts).collect()
}

/// The names that an opening leaves to the scenarios that begin with it.
fn names_of(opening: &Scenario) -> impl Iterator<Item = String> + '_ {
    let accepted = opening
        .steps
        .iter()
        .filter_map(|step| step.accepted.as_ref())
        .map(|(name, _)| name.clone());
    let captures = opening
        .steps
        .iter()
        .flat_map(|step| &step.capture)
        .map(|capture| capture.name.clone())
        .chain(accepted);
    opening
        .vars
        .iter()
        .map(|(name, _, _)| name.clone())
        .chain(captures)
}

/// Names whose value carries the tag of the run.
pub(super) fn tagged_names(scenario: &Scenario, collection: &Collection) -> BTreeSet<String> {
    let mut tagged = BTreeSet::from(["unique".to_owned(), "run".to_owned()]);
    if let Some(family) = &scenario.for_each {
        let parts = ["body", "bare", "again", "instead", "tag"].iter();
        tagged.extend(parts.map(|part| format!("{}.{part}", family.name)));
    }
    let openings = collection.openings_of(scenario);
    for (name, value, _) in openings
        .iter()
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
                Body::From { set, remove, .. } => {
                    texts.extend(remove.iter().cloned());
                    set.iter().for_each(|(pointer, value)| {
                        texts.extend([pointer.clone(), value.to_string()])
                    });
                }
                Body::Empty => {}
            }
        }
    }
    texts.extend(step.once_per.clone());
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
    for (Selector::Pointer(place) | Selector::Path(place), value) in &step.kept {
        texts.extend([place.clone(), value.to_string()]);
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
        Condition::SameAs { except, .. } => Some(except.join(" ")),
        Condition::Holds(value)
        | Condition::NotEquals(value)
        | Condition::Differs(value)
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

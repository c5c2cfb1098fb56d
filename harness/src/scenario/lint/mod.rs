//! What can be wrong across files, found before any request is sent.

mod names;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde_json::Value;

use super::{
    Body, Collection, Condition, Credential, Long, Scenario, Send, Step, Subject, Times, Version,
};
use crate::{
    capability::Capability,
    client_profile::Clients,
    diagnostic::{Diagnostic, did_you_mean},
    rule::{Rulebook, unused_rule},
    source::{Location, Span},
    template,
};

use names::{names_in_value, tagged_names};

/// Every mistake in a collection, in the order of the files.
pub fn lint(collection: &Collection, rulebook: &Rulebook, clients: &Clients) -> Vec<Diagnostic> {
    let mut lint = Lint {
        collection,
        rulebook,
        clients,
        problems: Vec::new(),
    };
    lint.case_names();
    lint.titles();
    collection
        .openings
        .values()
        .chain(&collection.scenarios)
        .for_each(|scenario| lint.scenario(scenario));
    lint.problems
}

/// The mistakes in a collection that may use the openings of another, and the client rules that
/// neither uses and no check judges.
pub fn lint_with(
    collection: &Collection,
    other: &Collection,
    judged: &[&str],
    rulebook: &Rulebook,
    clients: &Clients,
) -> Vec<Diagnostic> {
    let mut joined = collection.clone();
    for (name, opening) in &other.openings {
        joined
            .openings
            .entry(name.clone())
            .or_insert_with(|| Arc::clone(opening));
    }
    let mut problems = lint(&joined, rulebook, clients);
    problems.extend(strangers(rulebook, clients));
    let cited = collection
        .scenarios
        .iter()
        .chain(&other.scenarios)
        .chain(joined.openings.values())
        .flat_map(|scenario| &scenario.steps)
        .flat_map(|step| &step.expect)
        .map(|expectation| expectation.rule.as_str());
    let used: BTreeSet<&str> = cited.chain(judged.iter().copied()).collect();
    let unused = rulebook
        .iter()
        .filter(|rule| rule.source.is_some() && !used.contains(rule.id.as_str()));
    problems.extend(unused.map(|rule| unused_rule(&rule.id)));
    problems
}

/// Rules with a severity for a client that there is not.
fn strangers<'a>(
    rulebook: &'a Rulebook,
    clients: &'a Clients,
) -> impl Iterator<Item = Diagnostic> + 'a {
    let named = rulebook.iter().flat_map(|rule| {
        let names = rule.severity_by_client.keys();
        names.map(move |client| (rule, client))
    });
    named
        .filter(|(_, client)| !clients.names().any(|known| known == client.as_str()))
        .map(|(rule, client)| {
            let title = format!(
                "the rule `{}` has a severity for the unknown client `{client}`",
                rule.id
            );
            Diagnostic::error(title).note("help", did_you_mean(client, clients.names()))
        })
}

struct Lint<'a> {
    collection: &'a Collection,
    rulebook: &'a Rulebook,
    clients: &'a Clients,
    problems: Vec<Diagnostic>,
}

impl Lint<'_> {
    fn problem(
        &mut self,
        scenario: &Scenario,
        span: &Span,
        title: impl Into<String>,
        label: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.problems.push(
            Diagnostic::error(title)
                .at(scenario.location(span), label)
                .note("help", help),
        );
    }

    /// A case is known by its name: two of one name would have the same tag.
    fn case_names(&mut self) {
        let mut seen: BTreeMap<&str, &Scenario> = BTreeMap::new();
        for scenario in &self.collection.scenarios {
            if let Some(first) = seen.insert(&scenario.name, scenario) {
                let label = format!("the other is {}", first.file.path);
                let title = format!("two scenarios have the name `{}`", scenario.name);
                self.problem(
                    scenario,
                    &scenario.title_span,
                    title,
                    label,
                    "name one of the files otherwise",
                );
            }
        }
    }

    fn titles(&mut self) {
        let mut seen: BTreeMap<(&str, Version), Location> = BTreeMap::new();
        for scenario in &self.collection.scenarios {
            let here = scenario.location(&scenario.title_span);
            if let Some(first) = seen.insert((&scenario.title, scenario.scim), here.clone()) {
                let label = format!("it stands at {} too", first.display());
                self.problems
                    .push(Diagnostic::error("two scenarios have the same title").at(here, label));
            }
        }
    }

    fn scenario(&mut self, scenario: &Scenario) {
        self.clients(scenario);
        if scenario.is_opening && scenario.for_each.is_some() {
            self.problem(
                scenario,
                &scenario.title_span,
                "an opening is held once",
                "`for_each` here",
                "give it to the scenarios that begin with the opening",
            );
        }
        if scenario.steps.is_empty() {
            self.problem(
                scenario,
                &scenario.title_span,
                "a scenario has at least one [[step]]",
                "this one has none",
                "",
            );
        }
        let mut known = self.names_before_the_steps(scenario);
        self.reserved(scenario);
        let mut used: BTreeSet<String> = scenario
            .vars
            .iter()
            .flat_map(|(_, value, _)| names_in_value(value))
            .collect();
        let mut steps: Vec<&str> = Vec::new();
        let mut captured: BTreeSet<String> = BTreeSet::new();
        let tagged = tagged_names(scenario, self.collection);
        for (index, step) in scenario.steps.iter().enumerate() {
            let region = region_of(scenario, index);
            if let Some(first) = scenario.steps[..index]
                .iter()
                .find(|first| first.name == step.name)
            {
                let label = format!(
                    "it stands at {} too",
                    scenario.location(&first.span).display()
                );
                self.problem(
                    scenario,
                    &step.span,
                    "two steps have the same name",
                    label,
                    "",
                );
            }
            self.words(scenario, step);
            self.built_upon(scenario, index);
            self.step(scenario, step, &steps, &tagged);
            used.extend(self.step_names(scenario, step, &known, &region));
            steps.push(&step.name);
            let goes_on = scenario
                .steps
                .get(index + 1)
                .is_some_and(|next| step.parallel.is_some() && next.parallel == step.parallel);
            captured.extend(step.capture.iter().map(|capture| capture.name.clone()));
            captured.extend(step.accepted.iter().map(|(name, _)| name.clone()));
            if !goes_on {
                known.append(&mut captured);
            }
        }
        if !scenario.is_opening {
            self.unused(scenario, &used);
        }
    }

    /// A step builds only upon rules that an earlier step of the scenario judges.
    fn built_upon(&mut self, scenario: &Scenario, index: usize) {
        let step = &scenario.steps[index];
        let judged = |rule: &str| {
            let earlier = scenario.steps[..index].iter();
            earlier
                .flat_map(|earlier| &earlier.expect)
                .any(|expectation| expectation.rule == rule)
        };
        for rule in step.unless_broken.iter().filter(|rule| !judged(rule)) {
            let span = find(scenario, &format!("\"{rule}\""), region_of(scenario, index));
            self.problem(
                scenario,
                &span,
                format!("no step before this one judges `{rule}`"),
                "so it is never broken here",
                "name a rule that an earlier step of this file cites",
            );
        }
    }

    /// Words of a step that do not go together, as one would be without effect.
    fn words(&mut self, scenario: &Scenario, step: &Step) {
        let many = step.is_sent_many_times();
        let read = matches!(&step.send, Send::Request(request) if request.is_read());
        let (walks, waits) = (step.page_step.is_some(), step.eventually.is_some());
        let lacks = |credential: Credential, needed: Capability| {
            let needs = [&scenario.needs, &step.needs];
            step.credential == credential && !needs.iter().any(|needs| needs.contains(&needed))
        };
        let wrong = [
            (
                step.once_per.is_some() && scenario.for_each.is_none(),
                "`once_per` is for a conversation that is held for each of many",
                "give the scenario a `for_each`, or leave it out",
            ),
            (
                step.parallel.is_some() && (walks || waits),
                "`parallel` goes with neither `pages` nor `eventually`",
                "",
            ),
            (
                (many as u8) + (walks as u8) + (waits as u8) > 1,
                "a step has one of `repeat`, `for_each`, `pages`, `eventually`",
                "",
            ),
            (
                step.accepted.is_some() && !matches!(step.times, Times::ForEach(_)),
                "`accepted` lists values of `for_each`, and this step has none",
                "",
            ),
            (
                waits && !read,
                "`eventually` repeats a read, and this step writes",
                "",
            ),
            (
                lacks(Credential::Second, Capability::SecondCredential),
                "a second credential is not always there",
                "add needs = [\"second-credential\"]",
            ),
            (
                lacks(Credential::OtherTenant, Capability::OtherTenant),
                "a credential of another tenant is not always there",
                "add needs = [\"other-tenant\"]",
            ),
        ];
        let body = match &step.send {
            Send::Request(request) => match &request.body {
                Body::Text(text) => text.as_str(),
                Body::Empty | Body::From { .. } => "",
            },
            Send::Raw(_) => "",
        };
        let stands = |long: &&Long| body.contains(&format!("{{{{{}}}}}", long.name));
        for long in step.long.iter().filter(|long| !stands(long)) {
            self.problem(
                scenario,
                &long.span,
                format!("the body does not hold `{{{{{}}}}}`", long.name),
                "a long text stands in the body of its step",
                "write it into `body`, or remove it",
            );
        }
        for (_, title, help) in wrong.into_iter().filter(|(wrong, ..)| *wrong) {
            self.problem(scenario, &step.span, title, "in this step", help);
        }
    }

    fn clients(&mut self, scenario: &Scenario) {
        if scenario.shared && !scenario.is_opening {
            self.problem(
                scenario,
                &find(scenario, "shared", 0..scenario.file.text.len()),
                "only an opening is shared",
                "this is a case of its own",
                "move the file to scenarios/given, or remove `shared`",
            );
        }
        if scenario.shared && !scenario.given.is_empty() {
            self.problem(
                scenario,
                &find(scenario, "shared", 0..scenario.file.text.len()),
                "a shared opening begins with nothing else",
                "it is held by itself, once a run",
                "remove `given` or `shared`",
            );
        }
        if scenario.clients.is_empty() && !scenario.is_opening {
            self.problem(
                scenario,
                &scenario.title_span,
                "a scenario says whose conversation it is",
                "no `client` here",
                "add client = [\"okta-oin\"]",
            );
        }
        for client in &scenario.clients {
            if self.clients.headers(client, scenario.scim).is_none() {
                let help = did_you_mean(client, self.clients.names());
                let span = find(
                    scenario,
                    &format!("\"{client}\""),
                    0..scenario.file.text.len(),
                );
                self.problem(
                    scenario,
                    &span,
                    format!("`{client}` is no client of SCIM {}", scenario.scim),
                    "unknown client",
                    help,
                );
            }
        }
    }

    fn step(
        &mut self,
        scenario: &Scenario,
        step: &Step,
        earlier: &[&str],
        tagged: &BTreeSet<String>,
    ) {
        if step.expect.is_empty() {
            self.problem(
                scenario,
                &step.span,
                "a step expects something of its answer",
                "no `expect` here",
                "",
            );
        }
        for expectation in &step.expect {
            if self.rulebook.get(&expectation.rule).is_none() {
                let help = did_you_mean(&expectation.rule, self.rulebook.ids());
                let span = find(scenario, &expectation.rule, expectation.span.clone());
                self.problem(
                    scenario,
                    &span,
                    format!("there is no rule `{}`", expectation.rule),
                    "unknown rule",
                    help,
                );
            }
            if matches!(
                expectation.subject,
                Subject::Pages(_) | Subject::PagesHold(_) | Subject::PagesOrder(_)
            ) && step.page_step.is_none()
            {
                self.problem(
                    scenario,
                    &expectation.span,
                    "only a step that walks a list has pages to judge",
                    "no walk",
                    "add pages = { by = 100 } to the step",
                );
            }
        }
        for name in steps_named(step).filter(|name| !earlier.contains(name)) {
            let help = did_you_mean(name, earlier.iter().copied());
            let span = find(
                scenario,
                &format!("\"{name}\""),
                step.span.end..scenario.file.text.len(),
            );
            self.problem(
                scenario,
                &span,
                format!("there is no step `{name}` before this one"),
                "unknown step",
                help,
            );
        }
        if creates_unfindable(step, tagged) {
            let help =
                "put {{unique}} or a name made from it into userName, displayName or externalId";
            self.problem(
                scenario,
                &step.span,
                "this step creates something that cleanup could not find",
                "its body does not carry {{unique}}",
                help,
            );
        }
    }
}

/// Whether a step creates a resource that carries no tag.
fn creates_unfindable(step: &Step, tagged: &BTreeSet<String>) -> bool {
    let Send::Request(request) = &step.send else {
        return false;
    };
    match &request.body {
        Body::Text(text) if request.method == "POST" && !request.is_read() => {
            let posts =
                !request.path.ends_with("/Bulk") || text.to_ascii_uppercase().contains("\"POST\"");
            posts
                && serde_json::from_str::<Value>(text).is_ok()
                && !template::names_in(text)
                    .iter()
                    .any(|(name, _)| tagged.contains(*name))
        }
        _ => false,
    }
}

/// The text from this step's name to the next step's.
fn region_of(scenario: &Scenario, index: usize) -> Span {
    let start = scenario.steps.get(index).map_or(0, |step| step.span.start);
    start
        ..scenario
            .steps
            .get(index + 1)
            .map_or(scenario.file.text.len(), |next| next.span.start)
}

/// Where a text stands in a region of the file; the region's beginning if it is written otherwise.
fn find(scenario: &Scenario, text: &str, region: Span) -> Span {
    let found = scenario
        .file
        .text
        .get(region.clone())
        .and_then(|part| part.find(text));
    found.map_or(region.start..region.start, |at| {
        region.start + at..region.start + at + text.len()
    })
}

fn steps_named(step: &Step) -> impl Iterator<Item = &str> {
    let body = match &step.send {
        Send::Request(request) => match &request.body {
            Body::From { step, .. } => Some(step.as_str()),
            Body::Empty | Body::Text(_) => None,
        },
        Send::Raw(_) => None,
    };
    let compared = step
        .expect
        .iter()
        .flat_map(|expectation| conditions(&expectation.subject))
        .filter_map(|condition| match condition {
            Condition::SameAs { step, .. } => Some(step.as_str()),
            _ => None,
        });
    let awaited = step.only_after.iter().map(|(step, _)| step.as_str());
    body.into_iter().chain(compared).chain(awaited)
}

fn conditions(subject: &Subject) -> &[Condition] {
    match subject {
        Subject::Header(_, conditions) | Subject::Body(_, conditions) => conditions,
        Subject::Status(_) | Subject::Pages(_) | Subject::PagesHold(_) | Subject::PagesOrder(_) => {
            &[]
        }
    }
}

//! From the file as written to a [`Scenario`], with every mistake told at its place.

mod expect;
mod request;

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use serde_json::Value;
use toml::Spanned;

use super::{
    ForEach, ListOf, Long, Measured, PageStep, Scenario, Step, Times, Version,
    raw::{NamedMeasures, RawList, RawLong, RawPageStep, RawScenario, RawStep},
};
use crate::{
    capability::Capability,
    diagnostic::{Diagnostic, did_you_mean},
    rule::toml_problem,
    source::{Location, SourceFile, Span},
};

/// Reads one file. The name of the scenario comes from the path.
pub(in crate::scenario) fn read(
    file: &Arc<SourceFile>,
    name: String,
) -> Result<Scenario, Vec<Diagnostic>> {
    let raw: RawScenario =
        toml::from_str(&file.text).map_err(|error| vec![toml_problem(file, &error)])?;
    let mut lowering = Lowering {
        file: Arc::clone(file),
        problems: Vec::new(),
    };
    let scenario = lowering.scenario(raw, name);
    if lowering.problems.is_empty() {
        Ok(scenario)
    } else {
        Err(lowering.problems)
    }
}

/// A list without spare room: one that is collected in the place of a raw list keeps all of that.
fn fitted<T>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.collect();
    items.shrink_to_fit();
    items
}

struct Lowering {
    file: Arc<SourceFile>,
    problems: Vec<Diagnostic>,
}

impl Lowering {
    fn problem(
        &mut self,
        span: Span,
        title: impl Into<String>,
        label: impl Into<String>,
        help: impl Into<String>,
    ) {
        let location = Location {
            file: Arc::clone(&self.file),
            span,
        };
        self.problems.push(
            Diagnostic::error(title)
                .at(location, label)
                .note("help", help),
        );
    }

    fn scenario(&mut self, raw: RawScenario, name: String) -> Scenario {
        let title_span = raw.title.span();
        let version = raw.scim.get_ref().parse::<Version>();
        if let Err(reason) = &version {
            self.problem(raw.scim.span(), reason.clone(), "not a SCIM version", "");
        }
        let for_each = raw.for_each.map(|family| {
            let span = family.span();
            self.family(family.into_inner(), &span, "in this scenario")
        });
        Scenario {
            name,
            for_each,
            title: raw.title.into_inner(),
            clients: raw.client.into_iter().map(Spanned::into_inner).collect(),
            scim: version.unwrap_or(Version::V2),
            needs: self.capabilities(raw.needs),
            plan: raw.plan,
            cites: raw.cites,
            given: raw
                .given
                .into_iter()
                .map(|given| (given.get_ref().clone(), given.span()))
                .collect(),
            alone: raw.alone,
            on_request: raw.on_request,
            shared: raw.shared.as_ref().is_some_and(|shared| *shared.get_ref()),
            vars: raw
                .vars
                .into_iter()
                .map(|(name, value)| {
                    (
                        name.get_ref().clone(),
                        json(value.into_inner()),
                        name.span(),
                    )
                })
                .collect(),
            steps: fitted(
                raw.step
                    .into_iter()
                    .map(|step| Arc::new(self.step(step.into_inner()))),
            ),
            file: Arc::clone(&self.file),
            title_span,
            is_opening: false,
        }
    }

    fn capabilities(&mut self, needs: Vec<Spanned<String>>) -> Vec<Capability> {
        let mut known = Vec::new();
        for need in needs {
            match need.get_ref().parse::<Capability>() {
                Ok(capability) => known.push(capability),
                Err(_) => {
                    let help = did_you_mean(
                        need.get_ref(),
                        Capability::NAMES.iter().map(|(name, _)| *name),
                    );
                    self.problem(
                        need.span(),
                        format!("`{}` is no capability", need.get_ref()),
                        "unknown capability",
                        help,
                    );
                }
            }
        }
        known
    }

    fn step(&mut self, raw: RawStep) -> Step {
        let span = raw.name.span();
        if raw.name.get_ref().trim().is_empty() {
            self.problem(span.clone(), "a step has a name", "this one is empty", "");
        }
        let send = self.send(&raw);
        let eventually = raw.eventually.as_ref().and_then(|text| self.duration(text));
        Step {
            name: raw.name.get_ref().clone(),
            span: span.clone(),
            file: Arc::clone(&self.file),
            send,
            credential: raw.credential.map(Spanned::into_inner).unwrap_or_default(),
            needs: self.capabilities(raw.needs),
            lists: raw
                .lists
                .into_iter()
                .map(|(name, list)| self.list(&name, list))
                .collect(),
            measured: self.measured(raw.excess, raw.within),
            long: raw
                .long
                .into_iter()
                .map(|(name, text)| long(&name, text))
                .collect(),
            may_be_cut: raw.may_be_cut,
            unless_broken: raw
                .unless_broken
                .into_iter()
                .map(Spanned::into_inner)
                .collect(),
            not_offered: raw.not_offered,
            once_per: raw.once_per,
            only_after: raw
                .only_after
                .into_iter()
                .map(|(step, statuses)| (step.into_inner(), statuses))
                .collect(),
            kept: raw
                .kept
                .into_iter()
                .filter_map(|(place, value)| Some((self.selector(&place)?, json(value))))
                .collect(),
            times: self.times(raw.repeat.map(NonZeroU32::get), raw.for_each, &span),
            accepted: raw
                .accepted
                .map(|name| (name.get_ref().clone(), name.span())),
            parallel: raw.parallel,
            only_with: raw
                .only_with
                .iter()
                .filter_map(|place| self.selector(place))
                .collect(),
            sought: raw.sought,
            page_step: raw.pages.map(|pages| match pages.by {
                RawPageStep::Index(by) => PageStep::Index(by.get()),
                RawPageStep::Cursor(_) => PageStep::Cursor,
            }),
            eventually,
            expect: fitted(
                raw.expect
                    .into_iter()
                    .filter_map(|expectation| self.expectation(expectation)),
            ),
            capture: raw
                .capture
                .into_iter()
                .filter_map(|(name, from)| self.capture(&name, &from))
                .collect(),
            snapshot: raw.snapshot,
        }
    }

    fn times(&mut self, repeat: Option<u32>, for_each: Option<ForEach>, span: &Span) -> Times {
        match (repeat, for_each) {
            (None, None) => Times::Once,
            (Some(count), None) => Times::Repeat(count),
            (None, Some(family)) => {
                Times::ForEach(Box::new(self.family(family, span, "in this step")))
            }
            (Some(_), Some(_)) => {
                self.problem(
                    span.clone(),
                    "a step has `repeat` or `for_each`, not both",
                    "in this step",
                    "",
                );
                Times::Once
            }
        }
    }

    fn family(&mut self, family: ForEach, span: &Span, place: &str) -> ForEach {
        let places = [
            !family.of.is_empty(),
            family.list.is_some(),
            family.attributes.is_some(),
            family.resource_types.is_some(),
        ];
        if places.into_iter().filter(|given| *given).count() != 1 {
            self.problem(
                span.clone(),
                "`for_each` takes its values from one place",
                place,
                "give one of `of`, `list`, `attributes` and `resource_types`",
            );
        }
        family
    }

    fn list(&mut self, name: &Spanned<String>, list: RawList) -> ListOf {
        self.body_is_json(&list.item);
        ListOf {
            name: name.get_ref().clone(),
            of: list.of,
            item: list.item.into_inner(),
            first: list.first,
            span: name.span(),
        }
    }

    fn measured(&mut self, excess: NamedMeasures, within: NamedMeasures) -> Vec<Measured> {
        let excess = excess.into_iter().map(|one| (true, one));
        let all = excess.chain(within.into_iter().map(|one| (false, one)));
        all.map(|(exceeds, (name, raw))| {
            if let Some(item) = &raw.item {
                self.body_is_json(item);
            }
            Measured {
                span: name.span(),
                name: name.into_inner(),
                exceeds,
                of: raw.of,
                at_most: raw.at_most,
                item: raw.item.map(Spanned::into_inner),
            }
        })
        .collect()
    }

    fn duration(&mut self, text: &Spanned<String>) -> Option<Duration> {
        let seconds = text
            .get_ref()
            .strip_suffix('s')
            .and_then(|number| number.parse::<f64>().ok());
        let duration = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        if duration.is_none() {
            self.problem(
                text.span(),
                format!("`{}` is no duration", text.get_ref()),
                "expected seconds, such as \"5s\"",
                "",
            );
        }
        duration
    }
}

fn long(name: &Spanned<String>, long: RawLong) -> Long {
    Long {
        name: name.get_ref().clone(),
        text: long.text,
        end: long.end,
        times: usize::try_from(long.times.get()).unwrap_or(usize::MAX),
        span: name.span(),
    }
}

/// A TOML value as JSON; date-times become their text.
fn json(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => Value::from(number),
        toml::Value::Float(number) => Value::from(number),
        toml::Value::Boolean(truth) => Value::Bool(truth),
        toml::Value::Datetime(time) => Value::String(time.to_string()),
        toml::Value::Array(items) => Value::Array(items.into_iter().map(json).collect()),
        toml::Value::Table(members) => Value::Object(
            members
                .into_iter()
                .map(|(key, value)| (key, json(value)))
                .collect(),
        ),
    }
}

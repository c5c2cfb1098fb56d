//! Steps that are sent more than once, and steps that are sent at once.

use std::{collections::BTreeMap, sync::Arc};

use futures_util::future::join_all;
use serde_json::Value;

use super::{Conversation, Outcome, numbered, unclear};
use crate::{
    exchange::Exchange,
    run::family::Turn,
    scenario::{ForEach, Step, Times},
    template::Names,
    verdict::Stop,
};

/// Of a step that is sent often, so many answers wait at most for their turn to be judged.
const PORTION: u32 = 64;
/// How many bytes their bodies hold together, if they are as long as those before.
const WAITING: usize = 1024 * 1024;

/// One of the times that a step is sent.
struct Time<'s> {
    step: &'s Arc<Step>,
    names: Names,
    /// What it is called in findings, if it is one of a family.
    label: Option<String>,
}

impl Time<'_> {
    /// The value of the family that it is sent for.
    fn value(&self) -> Option<&Value> {
        match &self.step.times {
            Times::ForEach(family) => self.names.get(&family.name),
            Times::Once | Times::Repeat(_) => None,
        }
    }
}

/// What steps that are sent many times leave as lists, by name.
#[derive(Default)]
struct Lists(BTreeMap<String, Vec<Value>>);

impl Lists {
    /// Those that a step leaves even if nothing was sent or accepted.
    fn begin(&mut self, step: &Step) {
        if let Some((name, _)) = &step.accepted {
            self.0.entry(name.clone()).or_default();
        }
    }

    fn accept(&mut self, step: &Step, value: Option<&Value>, exchange: &Exchange) {
        let is_success = |exchange: &Exchange| {
            let answer = exchange.response.as_ref();
            answer.is_some_and(|answer| answer.is_success())
        };
        if let (Some((name, _)), Some(value)) = (&step.accepted, value)
            && is_success(exchange)
        {
            self.0.entry(name.clone()).or_default().push(value.clone());
        }
    }

    /// Takes what a step captured this time out of the names.
    fn capture(&mut self, step: &Step, names: &mut Names) {
        for capture in &step.capture {
            let value = names.remove(&capture.name);
            self.0
                .entry(capture.name.clone())
                .or_default()
                .extend(value);
        }
    }

    fn into_names(self, names: &mut Names) {
        let lists = self.0.into_iter();
        names.extend(lists.map(|(name, values)| (name, Value::from(values))));
    }
}

impl Conversation<'_> {
    /// Sends steps at once, each as often as it says, then judges their answers in order.
    pub(super) async fn at_once(&mut self, steps: &[Arc<Step>]) -> Outcome {
        let mut times = Vec::new();
        let mut lists = Lists::default();
        for step in steps {
            if self.is_due(step).await {
                self.lists(step)?;
                lists.begin(step);
                times.extend(self.times(step).await?);
            }
        }
        let asked = join_all(times.iter().map(|time| self.ask(time.step, &time.names))).await;
        let outer = self.turn.clone();
        for (time, exchange) in times.iter().zip(asked) {
            let exchange = exchange?;
            lists.accept(time.step, time.value(), &exchange);
            self.turn = time.label.clone().or_else(|| outer.clone());
            self.take(time.step, exchange, &time.names).await?;
            if time.step.is_sent_many_times() {
                lists.capture(time.step, &mut self.names);
            }
        }
        self.turn = outer;
        lists.into_names(&mut self.names);
        Ok(())
    }

    /// Each time that a step is sent, with its names.
    async fn times<'s>(&self, step: &'s Arc<Step>) -> Result<Vec<Time<'s>>, Stop> {
        let time = |names: Names, label| Time { step, names, label };
        Ok(match &step.times {
            Times::Once => vec![time(self.names.clone(), None)],
            Times::Repeat(count) => (1..=*count)
                .map(|n| time(numbered(&self.names, n), None))
                .collect(),
            Times::ForEach(family) => {
                let members = self.members(step, family).await?.into_iter();
                members
                    .map(|member| {
                        let mut names = self.names.clone();
                        names.extend(member.names);
                        time(names, Some(self.labelled_turn(member.label)))
                    })
                    .collect()
            }
        })
    }

    /// The members of a step's family.
    async fn members(&self, step: &Step, family: &ForEach) -> Result<Vec<Turn>, Stop> {
        let Some(list) = &family.list else {
            let unique = self.tag();
            return Ok(self.engine.turns(self.version(), family, &unique).await);
        };
        let values = self.names.get(list).and_then(Value::as_array);
        let values = values.ok_or_else(|| {
            unclear(format!(
                "`{list}` is no list, so the step `{}` cannot be sent for each of it",
                step.name
            ))
        })?;
        Ok(values
            .iter()
            .map(|value| Turn {
                label: value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned),
                names: Names::from([(family.name.clone(), value.clone())]),
            })
            .collect())
    }

    /// Sends a step for each of its family, one after the other; if some break off, the
    /// conversation ends after the last.
    pub(super) async fn for_each(&mut self, step: &Arc<Step>, family: &ForEach) -> Outcome {
        let outer = self.turn.clone();
        let mut lists = Lists::default();
        lists.begin(step);
        let mut end = Ok(());
        for member in self.members(step, family).await? {
            self.names.extend(member.names);
            self.turn = Some(self.labelled_turn(member.label));
            let names = self.names.clone();
            let exchange = self.ask(step, &names).await?;
            lists.accept(step, names.get(&family.name), &exchange);
            let outcome = self.take(step, exchange, &names).await;
            self.turn.clone_from(&outer);
            match outcome {
                Err(Stop::BrokenOff) => end = Err(Stop::BrokenOff),
                Err(other) => return Err(other),
                Ok(()) => {}
            }
        }
        lists.into_names(&mut self.names);
        end
    }

    /// Sends a step many times, the first alone, as the others would fail like it; then side by
    /// side. Its captures become lists.
    pub(super) async fn repeat(&mut self, step: &Arc<Step>, count: u32) -> Outcome {
        let names = self.names.clone();
        let mut lists = Lists::default();
        let (mut next, mut portion) = (1, 1);
        while next <= count {
            let numbers = next..=count.min(next + portion - 1);
            next += portion;
            let asked = self.ask_all(step, numbers.clone(), &names).await;
            portion = PORTION;
            for (n, exchange) in numbers.zip(asked) {
                let exchange = exchange?;
                let body = exchange
                    .response
                    .as_ref()
                    .map_or(0, |answer| answer.body.len());
                let fit = WAITING.checked_div(body).unwrap_or(usize::MAX);
                portion = portion.min(u32::try_from(fit).unwrap_or(PORTION).max(1));
                self.take(step, exchange, &numbered(&names, n)).await?;
                lists.capture(step, &mut self.names);
            }
        }
        lists.into_names(&mut self.names);
        Ok(())
    }
}

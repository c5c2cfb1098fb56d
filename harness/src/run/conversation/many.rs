//! Steps that are sent more than once, and steps that are sent at once.

use std::{collections::BTreeMap, sync::Arc};

use futures_util::future::join_all;
use serde_json::Value;

use super::{Conversation, Outcome, numbered, unclear};
use crate::{
    exchange::Exchange,
    scenario::{ForEach, Step, Times},
    template::Names,
};

/// One of the times that a step is sent.
struct Turn<'s> {
    step: &'s Arc<Step>,
    names: Names,
    /// The value of the family, if the step has one.
    value: Option<Value>,
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
        let mut turns = Vec::new();
        let mut lists = Lists::default();
        for step in steps {
            if self.is_due(step).await {
                self.lists(step)?;
                lists.begin(step);
                turns.extend(self.turns(step).await?);
            }
        }
        let asked = join_all(turns.iter().map(|turn| self.ask(turn.step, &turn.names))).await;
        for (turn, exchange) in turns.iter().zip(asked) {
            let exchange = exchange?;
            lists.accept(turn.step, turn.value.as_ref(), &exchange);
            self.take(turn.step, exchange, &turn.names)?;
            if turn.step.is_sent_many_times() {
                lists.capture(turn.step, &mut self.names);
            }
        }
        lists.into_names(&mut self.names);
        // Which of several writes came last cannot be told, so none has to show in the next read.
        if turns.len() > 1 {
            self.written.clear();
        }
        Ok(())
    }

    /// Each time that a step is sent, with its names.
    async fn turns<'s>(&self, step: &'s Arc<Step>) -> Result<Vec<Turn<'s>>, super::Stop> {
        let turn = |names: Names, value| Turn { step, names, value };
        Ok(match &step.times {
            Times::Once => vec![turn(self.names.clone(), None)],
            Times::Repeat(count) => (1..=*count)
                .map(|n| turn(numbered(&self.names, n), None))
                .collect(),
            Times::ForEach(family) => {
                let values = self.values(step, family).await?.into_iter();
                values
                    .map(|value| {
                        let mut names = self.names.clone();
                        names.insert(family.name.clone(), value.clone());
                        turn(names, Some(value))
                    })
                    .collect()
            }
        })
    }

    /// The values of a step's family.
    async fn values(&self, step: &Step, family: &ForEach) -> Result<Vec<Value>, super::Stop> {
        if let Some(list) = &family.list {
            let values = self.names.get(list).and_then(Value::as_array);
            return values.cloned().ok_or_else(|| {
                unclear(format!(
                    "`{list}` is no list, so the step `{}` cannot be sent for each of it",
                    step.name
                ))
            });
        }
        let values = self.engine.family(self.version(), &step.times).await;
        Ok(values.into_iter().map(Value::from).collect())
    }

    /// Sends a step for each value of its family, one after the other.
    pub(super) async fn for_each(&mut self, step: &Arc<Step>, family: &ForEach) -> Outcome {
        let mut lists = Lists::default();
        lists.begin(step);
        for value in self.values(step, family).await? {
            self.names.insert(family.name.clone(), value.clone());
            let names = self.names.clone();
            let exchange = self.ask(step, &names).await?;
            lists.accept(step, Some(&value), &exchange);
            self.take(step, exchange, &names)?;
        }
        lists.into_names(&mut self.names);
        Ok(())
    }

    /// Sends a step many times, the first alone, as the others would fail like it; then side by
    /// side. Its captures become lists.
    pub(super) async fn repeat(&mut self, step: &Arc<Step>, count: u32) -> Outcome {
        let names = self.names.clone();
        let mut lists = Lists::default();
        for numbers in [1..=count.min(1), 2..=count] {
            let asked = self.ask_all(step, numbers.clone(), &names).await;
            for (n, exchange) in numbers.zip(asked) {
                self.take(step, exchange?, &numbered(&names, n))?;
                lists.capture(step, &mut self.names);
            }
        }
        lists.into_names(&mut self.names);
        Ok(())
    }
}

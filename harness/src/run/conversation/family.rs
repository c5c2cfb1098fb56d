//! Holds a conversation, or sends a step, once for each of many: what becomes of one hides nothing
//! of the others.

use std::sync::Arc;

use serde_json::Value;

use super::{Conversation, Outcome, unclear};
use crate::{
    check::condition,
    exchange::Answer,
    run::family::{Turn, tag_of},
    scenario::{Condition, ForEach, Scenario, Step},
    template::{Names, Place, Undefined, fill},
    verdict::Stop,
};

/// What became of a step that is sent once for several turns.
#[derive(Clone, Debug)]
pub(super) struct Held {
    outcome: Outcome,
    captured: Names,
    body: Option<Value>,
}

/// How the turns of a conversation ended.
#[derive(Debug, Default)]
struct Ends {
    judged: usize,
    not_offered: Option<String>,
    unclear: Vec<String>,
}

impl Ends {
    fn add(&mut self, turn: &Turn, outcome: Outcome) {
        match outcome {
            Ok(()) | Err(Stop::BrokenOff) => self.judged += 1,
            Err(Stop::NotOffered(reason)) => {
                self.not_offered.get_or_insert(reason);
            }
            Err(Stop::Unclear(reason)) => self.unclear.push(format!("{}: {reason}", turn.label)),
        }
    }

    fn outcome(self) -> Outcome {
        match (self.unclear.as_slice(), self.judged, self.not_offered) {
            ([], 0, Some(reason)) => Err(Stop::NotOffered(reason)),
            ([], _, _) => Ok(()),
            ([one], _, _) => Err(unclear(one.clone())),
            ([first, rest @ ..], _, _) => {
                Err(unclear(format!("{first} (and {} more)", rest.len())))
            }
        }
    }
}

impl Conversation<'_> {
    /// Holds the whole conversation once for each of a family.
    pub(super) async fn in_turn(&mut self, scenario: &Scenario, family: &ForEach) -> Outcome {
        let unique = self.tag();
        let engine = Arc::clone(self.engine);
        let turns = engine.turns(self.version(), family, &unique).await;
        if turns.is_empty() {
            let reason = "the target publishes no attribute that this is about";
            return Err(Stop::NotOffered(reason.to_owned()));
        }
        let (names, earlier) = (self.names.clone(), self.earlier.clone());
        let mut ends = Ends::default();
        for (nth, turn) in turns.iter().enumerate() {
            self.names = names.clone();
            self.names.extend(turn.names.clone());
            let tag = tag_of(&unique, nth);
            self.names.insert("unique".to_owned(), Value::from(tag));
            self.earlier = earlier.clone();
            self.turn = Some(turn.label.clone());
            let outcome = self.scenario(scenario).await;
            self.turn = None;
            if engine.is_interrupted() {
                return outcome;
            }
            ends.add(turn, outcome);
        }
        ends.outcome()
    }

    /// Sends a step once for each of a family; if some break off, the conversation ends after the
    /// last.
    pub(super) async fn for_each(&mut self, step: &Arc<Step>, family: &ForEach) -> Outcome {
        let unique = self.tag();
        let engine = Arc::clone(self.engine);
        let outer = self.turn.take();
        let mut end = Ok(());
        for turn in engine.turns(self.version(), family, &unique).await {
            self.names.extend(turn.names);
            self.turn = Some(match &outer {
                Some(outer) => format!("{outer}, {}", turn.label),
                None => turn.label,
            });
            match self.once(step).await {
                Err(Stop::BrokenOff) => end = Err(Stop::BrokenOff),
                Err(other) => {
                    end = Err(other);
                    break;
                }
                Ok(()) => {}
            }
        }
        self.turn = outer;
        end
    }

    /// Sends a step for the first turn that has this text, and goes on from its answer in the others.
    pub(super) async fn once_per(&mut self, step: &Arc<Step>, text: &str) -> Outcome {
        let key = fill(text, &self.names, Place::Plain)
            .map_err(|undefined| unclear(undefined.to_string()))?;
        let key = (step.name.clone(), key);
        if let Some(held) = self.held.get(&key) {
            self.names.extend(held.captured.clone());
            let body = held.body.clone();
            self.earlier
                .extend(body.map(|body| (step.name.clone(), body)));
            return held.outcome.clone();
        }
        let outcome = self.sent(step).await;
        let captured = step.capture.iter().filter_map(|capture| {
            let value = self.names.get(&capture.name)?;
            Some((capture.name.clone(), value.clone()))
        });
        let held = Held {
            outcome: outcome.clone(),
            captured: captured.collect(),
            body: self.earlier.get(&step.name).cloned(),
        };
        self.held.insert(key, held);
        outcome
    }

    /// Ends the conversation where the answer shows that the target does not offer what it is about.
    pub(super) fn offered(&self, step: &Step, answer: &Answer) -> Outcome {
        for (pointer, wanted) in &step.offered_if {
            let told = |undefined: Undefined| unclear(undefined.to_string());
            let pointer = fill(pointer, &self.names, Place::Plain).map_err(told)?;
            let found = answer.json.as_ref().and_then(|body| body.pointer(&pointer));
            let condition = match wanted {
                Value::Bool(true) => Condition::Present,
                value => Condition::Holds(value.clone()),
            };
            if condition::unmet(&condition, found, &self.names, None)
                .map_err(told)?
                .is_some()
            {
                let reason = format!("the target does not keep what is sent at `{pointer}`");
                return Err(Stop::NotOffered(reason));
            }
        }
        Ok(())
    }

    /// The tag of the case.
    fn tag(&self) -> String {
        let tag = self.names.get("unique").and_then(Value::as_str);
        tag.unwrap_or_default().to_owned()
    }

    /// The name of a step in findings: with the turn in which it is sent.
    pub(super) fn step_name(&self, step: &str) -> String {
        match &self.turn {
            Some(turn) => format!("{step} ({turn})"),
            None => step.to_owned(),
        }
    }
}

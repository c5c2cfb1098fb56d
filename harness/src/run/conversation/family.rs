//! Holds a conversation once for each of many: what becomes of one hides nothing of the others.

use std::sync::Arc;

use serde_json::Value;

use super::{Conversation, Outcome, unclear};
use crate::{
    run::family::{Turn, tag_of},
    scenario::{ForEach, Scenario, Step},
    template::{Names, Place, fill},
    verdict::Stop,
};

/// How often a conversation is held at most. No target in earnest publishes more attributes.
const MOST_TURNS: usize = 500;

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
        for (nth, turn) in turns.iter().enumerate().take(MOST_TURNS) {
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
        let all = turns.len();
        if all > MOST_TURNS {
            let told = format!("the first {MOST_TURNS} were tried of the {all} that there are");
            ends.unclear.push(told);
        }
        ends.outcome()
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

    /// The tag of the case.
    pub(super) fn tag(&self) -> String {
        let tag = self.names.get("unique").and_then(Value::as_str);
        tag.unwrap_or_default().to_owned()
    }

    /// What a member of a family is called, within the turn of the conversation if it has one.
    pub(super) fn labelled_turn(&self, label: String) -> String {
        match &self.turn {
            Some(outer) => format!("{outer}, {label}"),
            None => label,
        }
    }

    /// The name of a step in findings: with the turn in which it is sent.
    pub(super) fn step_name(&self, step: &str) -> String {
        match &self.turn {
            Some(turn) => format!("{step} ({turn})"),
            None => step.to_owned(),
        }
    }
}

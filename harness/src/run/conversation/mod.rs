//! Holds the conversation of one case: its openings, then its steps in order.

mod allowed;
mod answer;
mod asking;
mod family;
mod history;
mod identity;
mod many;
mod walk;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use serde_json::Value;

use super::{
    Engine, Seed, names, prepare,
    settling::Settling,
    shared::{self, Broken, Opened},
};
use crate::{
    check::mark::Tags,
    exchange::Exchange,
    plan::Case,
    scenario::{Scenario, Send, Statuses, Step, Times, Version},
    snapshot::{Album, Shot, as_written},
    template::{Names, fill_value},
    verdict::{Record, Stop},
};

/// Pause between two reads of an `eventually` step; it grows by half each time.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// A conversation under way.
pub(super) struct Conversation<'a> {
    pub(super) engine: &'a Arc<Engine>,
    case: &'a Case,
    names: Names,
    /// The id that nobody has, whatever a scenario makes of its name.
    unknown_id: Option<String>,
    earlier: BTreeMap<String, Value>,
    /// Statuses of the answers to earlier steps.
    statuses: BTreeMap<String, u16>,
    /// What is known of the resources of the conversation.
    history: History,
    /// When it changed something last.
    settling: Settling,
    /// Ids of what the case created, in order, by kind: what snapshots give aliases to.
    created: Vec<(String, String)>,
    record: Record,
    shots: Vec<Shot>,
    /// In a conversation that is held for each of many: which of them it is.
    turn: Option<String>,
    /// Steps that are sent once for several turns, by the text for which they were sent.
    held: BTreeMap<(String, String), Held>,
    /// The opening that is being held, if it is not the scenario's own turn.
    opening: Option<String>,
    /// Tags of what the case made, and of what the openings that it shares did.
    own_tags: Vec<String>,
}

use family::Held;
use history::History;

type Outcome = Result<(), Stop>;

fn unclear(reason: impl Into<String>) -> Stop {
    Stop::Unclear(reason.into())
}

fn own_tags(seed: Seed, case: &Case) -> Vec<String> {
    let shared = case.openings.iter().filter(|opening| opening.shared);
    let shared = shared.map(|opening| names::case_tag(seed, &shared::case_name(&opening.name)));
    let own = names::case_tag(seed, &case.name);
    shared.chain([own]).collect()
}

impl<'a> Conversation<'a> {
    pub(super) fn new(engine: &'a Arc<Engine>, case: &'a Case) -> Self {
        let names = names::builtin(engine.settings.seed, &case.name, &engine.target);
        Self {
            engine,
            case,
            unknown_id: names
                .get(names::UNKNOWN_ID)
                .and_then(Value::as_str)
                .map(str::to_owned),
            names,
            earlier: BTreeMap::new(),
            statuses: BTreeMap::new(),
            history: History::default(),
            settling: Settling::new(engine.target.manner.settles()),
            created: Vec::new(),
            record: Record::default(),
            shots: Vec::new(),
            turn: None,
            held: BTreeMap::new(),
            opening: None,
            own_tags: own_tags(engine.settings.seed, case),
        }
    }

    /// Whose resources the conversation is about.
    fn tags(&self) -> Tags<'_> {
        Tags {
            run: self.engine.ledger.tag(),
            own: &self.own_tags,
        }
    }

    pub(super) fn version(&self) -> Version {
        self.case.scenario.scim
    }

    /// Headers of the client whose conversation it is.
    pub(super) fn client_headers(&self) -> impl Iterator<Item = (String, String)> + '_ {
        let client = self
            .case
            .scenario
            .clients
            .first()
            .map(String::as_str)
            .unwrap_or_default();
        let headers = self.engine.clients.headers(client, self.version());
        headers
            .into_iter()
            .flatten()
            .map(|(name, value)| (name.clone(), value.clone()))
    }

    /// The body of an earlier step's answer.
    pub(super) fn earlier(&self, step: &str) -> Option<&Value> {
        self.earlier.get(step)
    }

    /// What happened, once it is over or this stopped it, with its snapshots compared.
    pub(super) fn into_record(mut self, stopped: Option<Stop>) -> Record {
        self.record.stop = stopped.or(self.record.stop);
        let steps = self.case.scenario.steps.iter();
        let album = Album {
            case: &self.case.name,
            steps: steps
                .filter(|step| step.snapshot)
                .map(|step| step.name.as_str())
                .collect(),
            shots: &self.shots,
            whole: self.record.stop.is_none(),
            secrets: match self.shots.is_empty() {
                true => Vec::new(),
                false => as_written(self.record.exchanges.iter().flat_map(Exchange::secrets)),
            },
        };
        let snapshots = &self.engine.settings.snapshots;
        self.record.changes = snapshots.compare(&album, self.engine.client.mask());
        self.record.exchanges.iter_mut().for_each(Exchange::forget);
        self.record
    }

    /// Holds the whole conversation; why it ended early stands in the record.
    pub(super) async fn hold(&mut self) {
        self.record.stop = self.talk().await.err();
    }

    async fn talk(&mut self) -> Outcome {
        for opening in &self.case.openings {
            self.opening = Some(opening.name.clone());
            if opening.shared {
                self.join(opening).await?;
            } else {
                self.scenario(opening).await?;
            }
        }
        self.opening = None;
        let scenario = &self.case.scenario;
        match &scenario.for_each {
            Some(family) => Box::pin(self.in_turn(scenario, family)).await,
            None => self.scenario(scenario).await,
        }
    }

    /// Begins with what a shared opening made.
    async fn join(&mut self, opening: &Arc<Scenario>) -> Outcome {
        let clients = &self.case.scenario.clients;
        let ((opened, broken), exchanges) = self.engine.shared_opening(opening, clients).await;
        self.broken_before(broken, exchanges);
        let opened = opened?;
        self.names.extend(opened.names);
        self.earlier.extend(opened.earlier);
        self.created.extend(opened.created);
        Ok(())
    }

    /// Takes over what a shared opening broke: with all of its exchanges in the case for which it was
    /// held, with those that show it in the others.
    fn broken_before(&mut self, broken: Broken, exchanges: Vec<Exchange>) {
        let first = self.record.exchanges.len();
        let is_whole = !exchanges.is_empty();
        self.record.exchanges.extend(exchanges);
        let mut places = BTreeMap::new();
        for (index, exchange) in broken.exchanges {
            if is_whole {
                places.insert(index, first + index);
            } else {
                places.insert(index, self.record.exchanges.len());
                self.record.exchanges.push(exchange);
            }
        }
        for mut judgement in broken.judgements {
            if let Some(place) = places.get(&judgement.exchange) {
                judgement.exchange = *place;
                self.record.judge(judgement);
            }
        }
    }

    /// Holds the case, which is a shared opening, for others to begin with.
    pub(super) async fn open(mut self) -> (Result<Opened, Stop>, Record) {
        let scenario = &self.case.scenario;
        self.opening = Some(scenario.name.clone());
        let held = self.scenario(scenario).await;
        self.settling.settled().await;
        let left = |name: &String| {
            let variables = scenario.vars.iter().map(|(name, _, _)| name);
            let captures = scenario.steps.iter().flat_map(|step| &step.capture);
            let mut names = variables.chain(captures.map(|capture| &capture.name));
            names.any(|known| known == name)
        };
        self.names.retain(|name, _| left(name));
        let opened = Opened {
            names: self.names,
            earlier: self.earlier,
            created: self.created,
        };
        (held.map(|()| opened), self.record)
    }

    async fn scenario(&mut self, scenario: &Scenario) -> Outcome {
        for (name, value, _) in &scenario.vars {
            let value = fill_value(value, &self.names)
                .map_err(|undefined| unclear(undefined.to_string()))?;
            self.names.insert(name.clone(), value);
        }
        let mut steps = scenario.steps.as_slice();
        while let Some(first) = steps.first() {
            let together = match &first.parallel {
                Some(word) => steps
                    .iter()
                    .take_while(|step| step.parallel.as_ref() == Some(word))
                    .count(),
                None => 1,
            };
            let (now, later) = steps.split_at(together);
            if together > 1 || first.parallel.is_some() && first.is_sent_many_times() {
                Box::pin(self.at_once(now)).await?
            } else {
                Box::pin(self.step(first)).await?
            }
            steps = later;
        }
        Ok(())
    }

    async fn step(&mut self, step: &Arc<Step>) -> Outcome {
        if !self.is_due(step).await {
            return Ok(());
        }
        match &step.once_per {
            Some(text) => self.once_per(step, text).await,
            None => self.sent(step).await,
        }
    }

    /// Sends a step, as often as it says.
    async fn sent(&mut self, step: &Arc<Step>) -> Outcome {
        self.lists(step)?;
        match &step.times {
            Times::Repeat(count) => self.repeat(step, *count).await,
            Times::ForEach(family) => self.for_each(step, family).await,
            Times::Once if step.page_step.is_some() => self.walk(step).await,
            Times::Once if step.eventually.is_some() => self.eventually(step).await,
            Times::Once => self.once(step).await,
        }
    }

    /// Whether the target offers what a step needs, filters by what it asks for, and has not
    /// broken before what the step builds upon.
    async fn is_offered(&self, step: &Step) -> bool {
        let broken = self.record.broken.iter();
        let broken = broken
            .map(|judgement| judgement.rule.as_ref())
            .any(|rule| step.unless_broken.iter().any(|other| other == rule));
        if broken {
            return false;
        }
        let filters = match &step.send {
            Send::Request(request) => self.engine.target.manner.can_filter(&request.query),
            Send::Raw(_) => true,
        };
        filters && self.engine.offers(self.version(), &step.needs).await
    }

    /// Whether a step is sent: the target offers what it needs, and the steps that it comes after
    /// were answered so.
    async fn is_due(&self, step: &Step) -> bool {
        let answered = |(earlier, wanted): &(String, Statuses)| {
            let status = self.statuses.get(earlier);
            status.is_some_and(|status| wanted.has(*status))
        };
        step.only_after.iter().all(answered) && self.is_offered(step).await
    }

    /// Makes the lists that a step's texts name, and what a limit measures.
    fn lists(&mut self, step: &Step) -> Outcome {
        for list in &step.lists {
            let made = prepare::list(list, &self.names).map_err(unclear)?;
            self.names.insert(list.name.clone(), made);
        }
        for measured in &step.measured {
            let made = prepare::measured(measured, &self.names)?;
            self.names.insert(measured.name.clone(), made);
        }
        Ok(())
    }

    async fn once(&mut self, step: &Arc<Step>) -> Outcome {
        let names = self.names.clone();
        let exchange = self.ask(step, &names).await?;
        self.take(step, exchange, &names).await
    }

    /// Repeats a read until its expectations hold or its time is over.
    async fn eventually(&mut self, step: &Arc<Step>) -> Outcome {
        let deadline = tokio::time::Instant::now() + step.eventually.unwrap_or_default();
        let mut pause = FIRST_PAUSE;
        loop {
            let names = self.names.clone();
            let exchange = self.ask(step, &names).await?;
            let holds = exchange.response.as_ref().is_some_and(|answer| {
                self.expected(step, &exchange.request.path, answer, &names)
                    .is_ok_and(|judgements| {
                        judgements
                            .iter()
                            .all(|judgement| judgement.breach.is_none())
                    })
            });
            if holds || tokio::time::Instant::now() + pause > deadline {
                return self.take(step, exchange, &names).await;
            }
            tokio::time::sleep(pause).await;
            pause = pause.mul_f64(1.5);
        }
    }
}

/// The names for the n-th time of a repeated step.
fn numbered(names: &Names, n: u32) -> Names {
    let mut names = names.clone();
    names.insert("n".to_owned(), Value::from(n));
    names
}

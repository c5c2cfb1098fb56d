//! Openings that are held once a run: the cases that begin with one share what it made, and only
//! read it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::Value;
use tokio::sync::OnceCell;

use super::{Engine, conversation::Conversation};
use crate::{
    check::Judgement,
    exchange::Exchange,
    plan::Case,
    scenario::{Scenario, Version},
    template::Names,
    verdict::{Record, Stop},
};

/// What an opening leaves to the conversations that begin with it.
#[derive(Clone, Debug, Default)]
pub(super) struct Opened {
    /// Its variables and captures.
    pub names: Names,
    /// The bodies of its answers, by step.
    pub earlier: BTreeMap<String, Value>,
    /// Ids of what it created, in order, by kind.
    pub created: Vec<(String, String)>,
}

/// What the answers to an opening broke, with the exchanges that show it, by their index.
#[derive(Clone, Debug, Default)]
pub(super) struct Broken {
    /// The judgements, each with the index of its exchange.
    pub judgements: Vec<Judgement>,
    /// The exchanges.
    pub exchanges: BTreeMap<usize, Exchange>,
}

impl Broken {
    /// Of a conversation that is over.
    pub(super) fn of(record: &Record) -> Self {
        let judgements = record.broken.clone();
        let shown = judgements.iter().map(|judgement| judgement.exchange);
        let exchanges = shown
            .filter_map(|index| Some((index, record.exchanges.get(index)?.clone())))
            .collect();
        Self {
            judgements,
            exchanges,
        }
    }
}

/// The shared openings of a run, each held when a case first begins with it.
#[derive(Default)]
pub(super) struct SharedOpenings {
    held: Mutex<BTreeMap<(String, Version), Held>>,
}

type Held = Arc<OnceCell<(Result<Opened, Stop>, Broken)>>;

impl SharedOpenings {
    fn cell(&self, opening: &Scenario) -> Held {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (opening.name.clone(), opening.scim);
        Arc::clone(held.entry(key).or_default())
    }

    /// The names under which the openings of this run stand in the ledger.
    pub(super) fn cases(&self) -> Vec<String> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.keys().map(|(name, _)| case_name(name)).collect()
    }
}

/// The name under which a shared opening is held.
pub(super) fn case_name(opening: &str) -> String {
    format!("given::{opening}")
}

impl Engine {
    /// What a shared opening made and what it broke. Its exchanges are given to the case for which it
    /// is held.
    pub(super) async fn shared_opening(
        self: &Arc<Self>,
        opening: &Arc<Scenario>,
        clients: &[String],
    ) -> ((Result<Opened, Stop>, Broken), Vec<Exchange>) {
        let exchanges = Mutex::new(Vec::new());
        let cell = self.shared.cell(opening);
        let opened = cell.get_or_init(|| async {
            let case = Case {
                name: case_name(&opening.name),
                scenario: Arc::new(Scenario {
                    clients: clients.to_vec(),
                    ..(**opening).clone()
                }),
                openings: Vec::new(),
                skip: None,
            };
            let (opened, record) = Conversation::new(self, &case).open().await;
            let broken = Broken::of(&record);
            *exchanges.lock().unwrap_or_else(PoisonError::into_inner) = record.exchanges;
            (opened, broken)
        });
        let opened = opened.await.clone();
        let exchanges = exchanges.into_inner();
        (opened, exchanges.unwrap_or_else(PoisonError::into_inner))
    }
}

//! Which cases a fault can change, so that hundreds of faults are tested in no time: only those are
//! held in which a request comes by its place. All others would be as they are without it.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use scim_harness::{
    client_profile::Clients,
    embedded::{Embedded, Trace},
    fault::Fault,
    plan::{Case, Selection},
    rule::Rulebook,
    scenario::Collection,
    session::{Options, Session},
    snapshot::Mode,
};
use tokio::runtime::Handle;

/// A session of these cases against a provider.
pub fn session(
    embedded: Embedded,
    collection: &Collection,
    rulebook: &Rulebook,
    clients: &Clients,
    selection: Selection,
) -> Session {
    let options = Options {
        selection,
        snapshots: Mode::Off,
        keep_ledger: false,
        tidies: false,
        ..Options::default()
    };
    let target = embedded.target.clone();
    let session = Session::with(
        target,
        Some(embedded),
        collection,
        &options,
        rulebook.clone(),
        clients.clone(),
    );
    session.expect("a session")
}

/// What each case touches of a provider without faults, by name.
pub struct Reach(BTreeMap<String, Trace>);

impl Reach {
    /// Holds each case by itself.
    pub fn measure(
        collection: &Collection,
        rulebook: &Rulebook,
        clients: &Clients,
        handle: &Handle,
    ) -> Self {
        let names: Vec<&String> = collection
            .scenarios
            .iter()
            .map(|scenario| &scenario.name)
            .collect();
        let (next, traces) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
        let work = || {
            while let Some(name) = names.get(next.fetch_add(1, Ordering::Relaxed)) {
                let trace = Trace::default();
                let embedded = Embedded::traced(&trace).expect("the provider starts");
                let selection = Selection {
                    exact: vec![(*name).clone()],
                    ..Selection::default()
                };
                let session = session(embedded, collection, rulebook, clients, selection);
                handle.block_on(session.engine.run(&session.cases, |_| {}));
                let mut traces = traces.lock().unwrap_or_else(PoisonError::into_inner);
                traces.insert((*name).clone(), trace);
            }
        };
        let workers = thread::available_parallelism().map_or(2, usize::from);
        thread::scope(|scope| {
            for _ in 0..workers {
                scope.spawn(work);
            }
        });
        Self(traces.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    /// How many requests a case takes.
    pub fn requests(&self, case: &str) -> usize {
        self.0.get(case).map_or(0, Trace::requests)
    }

    /// Leaves the cases that a provider with this fault can answer otherwise.
    pub fn choose(&self, fault: &Fault, cases: &mut Vec<Case>) {
        cases.retain(|case| {
            let trace = self.0.get(&case.name);
            trace.is_none_or(|trace| trace.meets(fault))
        });
    }
}

//! Runs cases against a target: the engine under all three fronts.

mod cleanup;
mod conversation;
mod family;
mod guard;
mod kept;
mod ledger;
mod named;
mod names;
mod namesake;
mod naming;
mod prepare;
mod probe;
mod resource;

mod settling;
mod shared;
mod sweep;
pub mod transport;
mod tried;
mod wire;

use std::{
    panic::AssertUnwindSafe,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::{FutureExt, StreamExt, stream};
use serde_json::Value;
use tokio::{
    sync::{OnceCell, RwLock, Semaphore, watch},
    task::JoinHandle,
    time::Instant,
};

use crate::{
    capability::{self, Capability, Discovery},
    check::schema::Schemas,
    client::{self, Client, tls::Seen},
    client_profile::Clients,
    deviation::Deviations,
    diagnostic::Diagnostic,
    model::Model,
    plan::Case,
    rule::Rulebook,
    scenario::Version,
    snapshot::Snapshots,
    target::Target,
    verdict::{self, CaseResult, Measure, Record, Stop, Verdict},
};

use conversation::Conversation;
use ledger::Ledger;
use shared::SharedOpenings;

pub use cleanup::Leftover;
pub use names::{Seed, run_tag};
pub use probe::Trouble;
pub use sweep::{SweepSettings, Swept, sweep};

/// How a run is done.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How many cases run side by side.
    pub jobs: usize,
    /// How requests are sent.
    pub client: client::Settings,
    /// Whether warnings count as errors.
    pub strict: bool,
    /// The most resources that a walk over a list reads.
    pub import_limit: u32,
    /// Seed of everything random.
    pub seed: Seed,
    /// Snapshots of this target.
    pub snapshots: Snapshots,
    /// Breaches that are expected of this target.
    pub deviations: Deviations,
    /// Folder for the ledger of creations; `None`: kept in memory only.
    pub ledger: Option<PathBuf>,
    /// Whether what the run created is removed: always, but for a provider that ends with the run.
    pub tidies: bool,
    /// Whether every exchange is kept; else one of each case that passed.
    pub keeps_exchanges: bool,
}

/// How many jobs run where the user says nothing.
pub const DEFAULT_JOBS: usize = 8;
/// How many resources a walk over a list reads at most where the user says nothing, so that a
/// tenant of any size is tested in bounded time; of a longer list only what these show is judged.
pub const DEFAULT_IMPORT_LIMIT: u32 = 5000;
/// How long an answer may take where the user says nothing: as long as Okta waits.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

/// Everything that the cases of a run share.
pub struct Engine {
    target: Target,
    settings: Settings,
    rulebook: Rulebook,
    clients: Clients,
    client: Client,
    ledger: Ledger,
    trust: cleanup::Trust,
    kept: kept::Kept,
    probe: OnceCell<probe::Probed>,
    tls: OnceCell<Seen>,
    discovery: [OnceCell<Discovery>; 2],
    /// By version: why PATCH, and why filters are not offered.
    tried: [[OnceCell<Option<String>>; 2]; 2],
    schemas: [OnceCell<Arc<Schemas>>; 2],
    /// Held for reading by each case, for writing by one that has to be alone.
    gate: Arc<RwLock<()>>,
    sweepers: Arc<Semaphore>,
    shared: SharedOpenings,
    stop: watch::Sender<Stopping>,
    tidying: Mutex<Vec<JoinHandle<()>>>,
    leftovers: Mutex<Vec<Leftover>>,
}

/// How soon a run is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stopping {
    /// When it is over.
    No,
    /// Once what it created is removed.
    Soon,
    /// At once.
    Now,
}

impl Engine {
    /// An engine for this target.
    pub fn new(
        target: Target,
        settings: Settings,
        rulebook: Rulebook,
        clients: Clients,
    ) -> Result<Arc<Self>, Diagnostic> {
        let client = Client::new(&target, settings.client)?;
        let ledger = Ledger::new(settings.ledger.as_deref(), &target, settings.seed)?;
        let jobs = settings.jobs.max(1);
        Ok(Arc::new(Self {
            target,
            rulebook,
            clients,
            client,
            ledger,
            trust: cleanup::Trust::default(),
            kept: kept::Kept::default(),
            probe: OnceCell::new(),
            tls: OnceCell::new(),
            discovery: [OnceCell::new(), OnceCell::new()],
            tried: <[[OnceCell<_>; 2]; 2]>::default(),
            schemas: [OnceCell::new(), OnceCell::new()],
            gate: Arc::new(RwLock::new(())),
            sweepers: Arc::new(Semaphore::new(jobs)),
            shared: SharedOpenings::default(),
            stop: watch::channel(Stopping::No).0,
            tidying: Mutex::new(Vec::new()),
            leftovers: Mutex::new(Vec::new()),
            settings,
        }))
    }

    /// The target under test.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// How the run is done.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The rulebook.
    pub fn rulebook(&self) -> &Rulebook {
        &self.rulebook
    }

    /// How many requests were sent so far.
    pub fn requests(&self) -> u64 {
        self.client.requests()
    }

    /// How often the target asked to wait, with a 429.
    pub fn pauses(&self) -> u64 {
        self.client.pauses()
    }

    /// Ends the run early: no further request goes out but those that remove what was created.
    pub fn interrupt(&self) {
        self.stop.send_replace(Stopping::Soon);
    }

    /// Ends the run at once: what was not removed yet is left to a sweep.
    pub fn abandon(&self) {
        self.stop.send_replace(Stopping::Now);
    }

    /// Whether the run was interrupted.
    pub fn is_interrupted(&self) -> bool {
        *self.stop.borrow() != Stopping::No
    }

    /// Waits until the run is to end at least so soon.
    pub(crate) async fn stopping(&self, how: Stopping) {
        let mut stop = self.stop.subscribe();
        let told = stop.wait_for(|stopping| *stopping >= how).await.is_ok();
        if !told {
            std::future::pending::<()>().await;
        }
    }

    /// Asks once whether there is a SCIM service provider that accepts the credential. The
    /// embedded provider is not asked.
    pub async fn trouble(&self) -> Option<&Trouble> {
        self.probed().await.trouble.as_ref()
    }

    async fn probed(&self) -> &probe::Probed {
        let probed = self.probe.get_or_init(|| async {
            if self.target.embedded {
                return probe::Probed::default();
            }
            if self.target.is_https() {
                self.tls().await;
            }
            probe::probe(&self.client, &self.target).await
        });
        probed.await
    }

    /// What [`Self::trouble`] found, if it was asked at all.
    pub fn known_trouble(&self) -> Option<&Trouble> {
        self.probe.get()?.trouble.as_ref()
    }

    /// Runs the cases that have to be alone, one after another, then the others side by side: they
    /// must not race for the gate, or those that came late would wait behind one that is alone.
    /// `done` sees each as it ends. Returns them in the order given, after everything that was
    /// created is removed.
    pub async fn run(
        self: &Arc<Self>,
        cases: &[Case],
        done: impl Fn(&CaseResult),
    ) -> Vec<CaseResult> {
        let (alone, others): (Vec<usize>, Vec<usize>) =
            (0..cases.len()).partition(|index| cases[*index].scenario.alone);
        let mut results: Vec<(usize, CaseResult)> = Vec::with_capacity(cases.len());
        for (order, side_by_side) in [(alone, 1), (others, self.settings.jobs.max(1))] {
            let running = stream::iter(order).map(|index| {
                let (engine, case) = (Arc::clone(self), cases[index].clone());
                async move { (index, engine.run_apart(case).await) }
            });
            let mut running = std::pin::pin!(running.buffer_unordered(side_by_side));
            while let Some((index, result)) = running.next().await {
                done(&result);
                results.push((index, result));
            }
        }
        self.tidy().await;
        results.sort_by_key(|(index, _)| *index);
        results.into_iter().map(|(_, result)| result).collect()
    }

    /// Runs one case on a task of its own, so that even a panic of ours ends in a result.
    pub async fn run_apart(self: &Arc<Self>, case: Case) -> CaseResult {
        let engine = Arc::clone(self);
        let inner = case.clone();
        let ended = tokio::spawn(async move { engine.run_case(&inner).await }).await;
        ended.unwrap_or_else(|_| {
            CaseResult::inconclusive(
                &case,
                "the harness itself failed in this case: please report it",
            )
        })
    }

    async fn run_case(self: &Arc<Self>, case: &Case) -> CaseResult {
        match self.obstacle(case).await {
            Some(result) => CaseResult {
                declared: self.settings.deviations.unjudged(&case.name),
                ..result
            },
            None if transport::is(case) => {
                self.judge(case, self.connection(case.scenario.scim).await)
            }
            None => Box::pin(self.converse(case)).await,
        }
    }

    /// What becomes of a case that cannot be held.
    async fn obstacle(self: &Arc<Self>, case: &Case) -> Option<CaseResult> {
        if let Some(reason) = &case.skip {
            return Some(CaseResult::skipped(case, reason.clone()));
        }
        if self.is_interrupted() {
            return Some(CaseResult::inconclusive(
                case,
                "the run was interrupted before this case",
            ));
        }
        if transport::is(case) {
            return None;
        }
        let probed = self.probed().await;
        if let Some(trouble) = &probed.trouble {
            return Some(CaseResult::inconclusive(case, trouble.message.clone()));
        }
        if let Some(why) = &probed.has_no_users
            && case.is_about_users()
        {
            return Some(CaseResult::skipped(case, why.clone()));
        }
        if let Some(reason) = self.refusal(case).await {
            return Some(CaseResult::skipped(case, reason));
        }
        None
    }

    /// Holds the conversation, and has removed what it created whatever happens.
    async fn converse(self: &Arc<Self>, case: &Case) -> CaseResult {
        let alone = if case.scenario.alone {
            Some(Arc::clone(&self.gate).write_owned().await)
        } else {
            None
        };
        let shared = if alone.is_none() {
            Some(Arc::clone(&self.gate).read_owned().await)
        } else {
            None
        };
        let started = Instant::now();
        let mut conversation = Conversation::new(self, case);
        let panicked = AssertUnwindSafe(conversation.hold())
            .catch_unwind()
            .await
            .is_err();
        let stopped = panicked.then(|| {
            Stop::Unclear("the harness itself failed in this case: please report it".to_owned())
        });
        let mut record: Record = conversation.into_record(stopped);
        record.seconds = started.elapsed().as_secs_f64();
        self.tidy_later(case.name.clone(), (alone, shared)).await;
        self.judge(case, record)
    }

    fn judge(&self, case: &Case, record: Record) -> CaseResult {
        let measure = Measure {
            rulebook: &self.rulebook,
            strict: self.settings.strict,
            deviations: &self.settings.deviations,
            mask: self.client.mask(),
        };
        let mut result = verdict::judge(case, record, measure);
        if !self.settings.keeps_exchanges && result.verdict == Verdict::Passed {
            result.exchanges.truncate(1);
            result.exchanges.shrink_to_fit();
        }
        self.kept.fit(&mut result);
        result
    }

    /// Why the target does not offer what a case needs.
    async fn refusal(&self, case: &Case) -> Option<String> {
        let needs: Vec<Capability> = case.needs().collect();
        for capability in needs {
            let refusal = self.refused(case.scenario.scim, capability).await;
            if refusal.is_some() {
                return refusal;
            }
        }
        None
    }

    /// Why the target does not offer this: by its documents, or where they are silent by its answer.
    async fn refused(&self, version: Version, capability: Capability) -> Option<String> {
        if !capability.is_discovered() {
            return capability::refusal(capability, &self.target, None);
        }
        let discovery = self.discovery(version).await;
        let refusal = capability::refusal(capability, &self.target, Some(discovery));
        if refusal.is_some() || !discovery.is_silent_on(capability) {
            return refusal;
        }
        let cells = &self.tried[usize::from(version == Version::V2)];
        let cell = &cells[usize::from(capability == Capability::Filter)];
        let nobody = names::unknown_id(self.settings.seed);
        let tried = cell.get_or_init(|| async {
            tried::refusal(&self.client, &self.target, (version, capability), &nobody).await
        });
        tried.await.clone()
    }

    /// What the target says that it offers, without secrets: its ServiceProviderConfig.
    pub async fn configuration(&self, version: Version) -> Option<Value> {
        let config = self.discovery(version).await.config.as_ref()?;
        serde_json::from_str(&self.client.mask().apply(&config.to_string())).ok()
    }

    /// What the target says of itself, asked once a run and version.
    pub(crate) async fn discovery(&self, version: Version) -> &Discovery {
        let cell = &self.discovery[usize::from(version == Version::V2)];
        cell.get_or_init(|| probe::discover(&self.client, &self.target, version))
            .await
    }

    /// What the target's resources are made of, compiled once a run and version. As long as nothing
    /// needed it, the standard stands for it, so that no discovery is asked for in vain.
    pub(crate) async fn schemas(&self, version: Version, needed: bool) -> Arc<Schemas> {
        let cell = &self.schemas[usize::from(version == Version::V2)];
        if !needed && !cell.initialized() {
            return Schemas::standard(version);
        }
        let compiled = cell.get_or_init(|| async {
            let discovery = self.discovery(version).await;
            Arc::new(Schemas::new(Model::new(version, discovery)))
        });
        Arc::clone(compiled.await)
    }

    /// What is known so far of what the target's resources are made of.
    pub(crate) fn known_schemas(&self, version: Version) -> Arc<Schemas> {
        let cell = &self.schemas[usize::from(version == Version::V2)];
        let known = cell.get().map(Arc::clone);
        known.unwrap_or_else(|| Schemas::standard(version))
    }

    /// Whether a step's own needs are met.
    pub(crate) async fn offers(&self, version: Version, needs: &[Capability]) -> bool {
        for capability in needs {
            if self.refused(version, *capability).await.is_some() {
                return false;
            }
        }
        true
    }

    /// Removes what a case created, without holding up the next case, unless one case at a time is
    /// wanted: then nothing goes on beside the next one either.
    async fn tidy_later(self: &Arc<Self>, case: String, gate: impl Send + 'static) {
        if !self.settings.tidies || !self.ledger.has_open(&case) {
            return;
        }
        let engine = Arc::clone(self);
        let task = tokio::spawn(async move {
            let slot = engine.sweepers.acquire().await;
            engine.clean(&case).await;
            drop((slot, gate));
        });
        if self.settings.jobs <= 1 {
            drop(task.await);
            return;
        }
        self.tidying
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(task);
    }

    async fn clean(&self, case: &str) {
        let mask = self.client.mask();
        let left = tokio::select! {
            left = cleanup::clean(&self.client, &self.target, (&self.ledger, &self.trust), case) => left,
            () = self.stopping(Stopping::Now) => cleanup::given_up(&self.target, &self.ledger, case),
        };
        let left = left.into_iter().map(|left| left.masked(mask));
        self.leftovers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(left);
    }

    /// Waits until everything that was created is removed or listed as left over.
    pub async fn tidy(&self) {
        let tasks =
            std::mem::take(&mut *self.tidying.lock().unwrap_or_else(PoisonError::into_inner));
        for task in tasks {
            drop(task.await);
        }
        for case in self.shared.cases().iter().filter(|_| self.settings.tidies) {
            self.clean(case).await;
        }
        self.ledger.close();
    }

    /// What could not be removed, in a steady order.
    pub fn leftovers(&self) -> Vec<Leftover> {
        let mut left = self
            .leftovers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        left.sort_by(|a, b| (&a.case, &a.url).cmp(&(&b.case, &b.url)));
        left
    }
}

//! Everything that a run needs, put together once for all fronts: scenarios, target, engine, cases.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use crate::{
    client,
    client_profile::Clients,
    deviation::{Deviations, Known},
    diagnostic::{Diagnostic, did_you_mean},
    embedded::Embedded,
    plan::{self, Case, Selection},
    rule::Rulebook,
    run::{DEFAULT_IMPORT_LIMIT, DEFAULT_JOBS, DEFAULT_TIMEOUT, Engine, Seed, Settings},
    scenario::{self, Collection},
    shell,
    snapshot::{Mode, Snapshots},
    target::Target,
};

/// What the user wants of a run.
#[derive(Clone, Debug)]
pub struct Options {
    /// Which cases.
    pub selection: Selection,
    /// Folders or files with scenarios of the user's own, besides the embedded ones.
    pub scenarios: Vec<PathBuf>,
    /// How many cases run side by side.
    pub jobs: usize,
    /// Most requests a second.
    pub rate: Option<f64>,
    /// How long an answer may take.
    pub timeout: Duration,
    /// Whether warnings count as errors.
    pub strict: bool,
    /// The most resources that a walk over a list reads.
    pub import_limit: u32,
    /// Seed of everything random; fresh if not given.
    pub seed: Option<Seed>,
    /// What is done with snapshots.
    pub snapshots: Mode,
    /// Folder of snapshots, one folder in it for each target.
    pub snapshot_folder: PathBuf,
    /// Breaches that are expected of the target.
    pub known: Vec<Known>,
    /// The day on which they are; today in UTC if not given.
    pub today: Option<Date>,
    /// Folder for the ledger of creations.
    pub ledger: PathBuf,
    /// Whether a ledger is kept; without requests there is nothing to keep.
    pub keep_ledger: bool,
    /// Whether what the run created is removed: always, but for a provider that ends with the run.
    pub tidies: bool,
    /// Whether every exchange is kept, as reports show them; else one of each case that passed.
    pub keeps_exchanges: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            selection: Selection::default(),
            scenarios: Vec::new(),
            jobs: DEFAULT_JOBS,
            rate: None,
            timeout: DEFAULT_TIMEOUT,
            strict: false,
            import_limit: DEFAULT_IMPORT_LIMIT,
            seed: None,
            snapshots: Mode::Check,
            snapshot_folder: PathBuf::from("snapshots"),
            known: Vec::new(),
            today: None,
            ledger: ledger_folder(),
            keep_ledger: true,
            tidies: true,
            keeps_exchanges: true,
        }
    }
}

/// Where ledgers are kept: the user's state folder, or the folder for temporary files.
pub fn ledger_folder() -> PathBuf {
    let state = dirs::state_dir().or_else(dirs::data_local_dir);
    state
        .unwrap_or_else(std::env::temp_dir)
        .join("scim-harness")
}

/// The day that it is in UTC, the same wherever a run is done.
fn today() -> Date {
    TimeZone::UTC.to_datetime(Timestamp::now()).date()
}

/// A run that is ready to go.
pub struct Session {
    /// The engine.
    pub engine: Arc<Engine>,
    /// The cases, ordered by name.
    pub cases: Vec<Case>,
    /// Names of all scenarios, whether they were chosen or not.
    pub known: Vec<String>,
    /// The embedded provider, if it is the target; it lives as long as the session.
    _embedded: Option<Embedded>,
}

/// All scenarios, the embedded ones and those in `folders`, free of mistakes.
pub fn scenarios(
    folders: &[PathBuf],
    rulebook: &Rulebook,
    clients: &Clients,
) -> Result<Collection, Vec<Diagnostic>> {
    let mut collection = scenario::load_embedded()?;
    for folder in folders {
        collection.extend(load_own(folder)?);
    }
    let problems = scenario::lint(&collection, rulebook, clients);
    if problems.is_empty() {
        Ok(collection)
    } else {
        Err(problems)
    }
}

fn load_own(folder: &Path) -> Result<Collection, Vec<Diagnostic>> {
    if folder.exists() {
        return scenario::load_folder(folder);
    }
    Err(vec![
        Diagnostic::error(format!("there is no folder or file {}", folder.display()))
            .note("help", "--scenarios takes a folder with *.toml files"),
    ])
}

impl Session {
    /// Puts a run together; without a target the embedded provider is started. Nothing is asked
    /// of the network.
    pub fn new(target: Option<Target>, options: &Options) -> Result<Self, Vec<Diagnostic>> {
        let one = |problem: Diagnostic| vec![problem];
        let rulebook = Rulebook::embedded()?;
        let clients = Clients::embedded().map_err(one)?;
        for client in &options.selection.clients {
            known_client(client, &clients).map_err(one)?;
        }
        let collection = scenarios(&options.scenarios, &rulebook, &clients)?;
        let (target, embedded) = match target {
            Some(target) => (target, None),
            None => {
                let embedded = Embedded::start(&[]).map_err(one)?;
                (embedded.target.clone(), Some(embedded))
            }
        };
        let own = options.scenarios.iter();
        let target = Target {
            arguments: own.fold(target.arguments.clone(), |arguments, folder| {
                let folder = shell::word(&folder.to_string_lossy());
                format!("{arguments} --scenarios {folder}")
            }),
            ..target
        };
        Self::with(target, embedded, &collection, options, rulebook, clients)
    }

    /// A run against a provider that is started already, such as one with faults.
    pub fn with(
        target: Target,
        embedded: Option<Embedded>,
        collection: &Collection,
        options: &Options,
        rulebook: Rulebook,
        clients: Clients,
    ) -> Result<Self, Vec<Diagnostic>> {
        let cases = plan::plan(collection, &target, &options.selection);
        let known: Vec<String> = collection
            .scenarios
            .iter()
            .map(|scenario| scenario.name.clone())
            .collect();
        let today = options.today.unwrap_or_else(today);
        let deviations = Deviations::new(options.known.clone(), today);
        let problems = deviations.lint(&known, &rulebook);
        if !problems.is_empty() {
            return Err(problems);
        }
        // Where nothing can be changed, nothing has to be written down.
        let keeps_ledger = options.keep_ledger && !options.selection.read_only;
        let settings = Settings {
            jobs: options.jobs,
            client: client::Settings {
                timeout: options.timeout,
                rate: options.rate,
            },
            strict: options.strict,
            import_limit: options.import_limit,
            seed: options.seed.unwrap_or_else(Seed::fresh),
            snapshots: Snapshots::new(options.snapshots, &options.snapshot_folder, &target.name),
            deviations,
            ledger: keeps_ledger.then(|| options.ledger.clone()),
            tidies: options.tidies,
            keeps_exchanges: options.keeps_exchanges,
        };
        let engine =
            Engine::new(target, settings, rulebook, clients).map_err(|problem| vec![problem])?;
        Ok(Self {
            engine,
            cases,
            known,
            _embedded: embedded,
        })
    }
}

fn known_client(name: &str, clients: &Clients) -> Result<(), Diagnostic> {
    if clients.names().any(|known| known == name) {
        return Ok(());
    }
    let known = clients.names().collect::<Vec<_>>().join(", ");
    let help = did_you_mean(name, clients.names());
    Err(Diagnostic::error(format!("there is no client `{name}`"))
        .note("help", help)
        .note("known", known))
}

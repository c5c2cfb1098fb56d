//! The libtest front: each case is a test of `cargo test` and `cargo nextest run`.
//!
//! The only user of libtest-mimic. Standard output belongs to it; what else there is to say goes to
//! standard error, so that `--list` and `--format json` stay clean.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use tokio::runtime::{Builder, Handle, Runtime};

use crate::{
    deviation::Declared,
    diagnostic::Diagnostic,
    environment,
    plan::Case,
    report::{Format, Report, Span, known, terminal},
    run::Engine,
    scenario::Version,
    session::{Options, Session},
    stop::{interrupted, keep_writing},
    target::{Config, Environment, Tls, select, wanted_version},
    verdict::{CaseResult, Verdict},
    whole,
};

/// Exit code when there is no case to run.
const NOTHING_RAN: u8 = 4;
/// Exit code for a mistake in configuration or scenarios.
const MISUSED: u8 = 2;

/// A conformance test target: whom to test and which conversations to hold.
#[derive(Clone, Debug)]
pub struct Conformance {
    target: Option<String>,
    scim: Option<Version>,
    environment: Environment,
    options: Options,
}

impl Conformance {
    /// Tests the service provider at this base URL.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            target: Some(url.into()),
            scim: None,
            environment: Environment::new(),
            options: Options::default(),
        }
    }

    /// Tests what the environment names: `SCIM_URL`, `SCIM_VERSION`, and `SCIM_TOKEN` or
    /// `SCIM_USERNAME` with `SCIM_PASSWORD`; `SCIM_CLIENT` chooses conversations,
    /// `SCIM_IMPORT_LIMIT` is the most resources that an import of existing data reads,
    /// `SCIM_REPORTS` a folder for JSON reports. Without `SCIM_URL` the embedded provider is tested.
    pub fn from_environment() -> Self {
        let environment = environment::read();
        let clients = environment.get("SCIM_CLIENT").map(|names| {
            names
                .split(',')
                .map(|name| name.trim().to_owned())
                .collect()
        });
        let mut conformance = Self {
            target: None,
            scim: None,
            environment,
            options: Options::default(),
        };
        conformance.options.selection.clients = clients.unwrap_or_default();
        conformance
    }

    /// Speaks this version of the protocol; 2.0 unless said.
    #[must_use]
    pub fn scim(mut self, version: Version) -> Self {
        self.scim = Some(version);
        self
    }

    /// Authenticates with a bearer token.
    #[must_use]
    pub fn bearer(mut self, token: impl Into<String>) -> Self {
        self.environment
            .insert("SCIM_TOKEN".to_owned(), token.into());
        self
    }

    /// Authenticates with a user name and a password.
    #[must_use]
    pub fn basic(mut self, user: impl Into<String>, password: impl Into<String>) -> Self {
        self.environment
            .insert("SCIM_USERNAME".to_owned(), user.into());
        self.environment
            .insert("SCIM_PASSWORD".to_owned(), password.into());
        self
    }

    /// Holds the conversations of this client; may be said repeatedly. All, unless said.
    #[must_use]
    pub fn client(mut self, name: impl Into<String>) -> Self {
        self.options.selection.clients.push(name.into());
        self
    }

    /// Adds a folder with scenarios of your own.
    #[must_use]
    pub fn scenarios(mut self, folder: impl Into<PathBuf>) -> Self {
        self.options.scenarios.push(folder.into());
        self
    }

    /// Keeps the ledger of creations in this folder instead of the user's state folder.
    #[must_use]
    pub fn ledger(mut self, folder: impl Into<PathBuf>) -> Self {
        self.options.ledger = folder.into();
        self
    }

    /// Leaves out the cases whose name contains this text; may be said repeatedly.
    #[must_use]
    pub fn skip(mut self, text: impl Into<String>) -> Self {
        self.options.selection.skip.push(text.into());
        self
    }

    /// Runs the tests as the arguments of the process say, and returns its exit code: 0 if all
    /// passed, 101 if one failed, 2 for a mistake in the configuration, 4 if there is no case.
    pub fn main(self) -> ExitCode {
        let arguments = Arguments::from_args();
        match self.session() {
            Ok(session) if session.cases.is_empty() => {
                tell(&[Diagnostic::error("there is no case to run").note(
                    "help",
                    "SCIM_VERSION and SCIM_CLIENT choose among the scenarios",
                )]);
                ExitCode::from(NOTHING_RAN)
            }
            Ok(session) => run(&session, arguments, self.reports()).unwrap_or_else(|problem| {
                tell(&[problem]);
                ExitCode::from(MISUSED)
            }),
            Err(problems) => {
                tell(&problems);
                ExitCode::from(MISUSED)
            }
        }
    }

    /// The folder for JSON reports, of which each process writes one.
    fn reports(&self) -> Option<&Path> {
        let folder = self.environment.get("SCIM_REPORTS")?;
        (!folder.is_empty()).then(|| Path::new(folder))
    }

    fn session(&self) -> Result<Session, Vec<Diagnostic>> {
        let file = Path::new("scim-harness.toml");
        let config = if file.is_file() {
            Config::read(file).map_err(|problem| vec![problem])?
        } else {
            Config::default()
        };
        let version =
            wanted_version(self.scim, &self.environment).map_err(|problem| vec![problem])?;
        let target = select(
            self.target.as_deref(),
            version,
            &config,
            &self.environment,
            Tls::default(),
        )
        .map_err(|problem| vec![problem])?;
        let mut options = self.options.clone();
        options.known = config.known(target.as_ref());
        options.selection.scim = version;
        let limit = self.environment.get("SCIM_IMPORT_LIMIT");
        if let Some(text) = limit.filter(|text| !text.is_empty()) {
            options.import_limit = import_limit(text).map_err(|problem| vec![problem])?;
        }
        Session::new(target, &options)
    }
}

fn import_limit(text: &str) -> Result<u32, Diagnostic> {
    let limit = text.parse().ok().filter(|limit| *limit > 0);
    limit.ok_or_else(|| {
        Diagnostic::error(format!(
            "SCIM_IMPORT_LIMIT is `{text}`, and has to be a whole number of at least 1"
        ))
    })
}

/// Results of the cases that ran, for the closing words.
type Results = Arc<Mutex<Vec<CaseResult>>>;

fn run(
    session: &Session,
    mut arguments: Arguments,
    reports: Option<&Path>,
) -> Result<ExitCode, Diagnostic> {
    keep_writing();
    let runtime = runtime()?;
    let engine = Arc::clone(&session.engine);
    let results: Results = Arc::default();
    // libtest-mimic hangs on zero threads, and its default is the number of cores: too few for
    // cases that wait for a server.
    arguments.test_threads = Some(
        arguments
            .test_threads
            .unwrap_or(engine.settings().jobs)
            .max(1),
    );
    let listing = arguments.list;
    let trials = session
        .cases
        .iter()
        .map(|case| trial(case.clone(), &engine, runtime.handle(), &results))
        .collect();
    runtime.spawn(interrupt_on_signal(Arc::clone(&engine)));
    let started = (jiff::Timestamp::now(), Instant::now());
    let conclusion = libtest_mimic::run(&arguments, trials);
    runtime.block_on(engine.tidy());
    if !listing {
        let span = Span {
            started: started.0.to_string(),
            seconds: started.1.elapsed().as_secs_f64(),
        };
        let report = report(&engine, &results, span);
        say(&terminal::closing(&report));
        if let Some(folder) = reports.filter(|_| !report.cases.is_empty()) {
            write(&report, folder)?;
        }
    }
    Ok(conclusion.exit_code())
}

/// A runtime for everything asynchronous of this process.
pub fn runtime() -> Result<Runtime, Diagnostic> {
    let built = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    built.map_err(|error| {
        Diagnostic::error(format!(
            "the asynchronous runtime cannot be started: {error}"
        ))
    })
}

/// Ends the run on Ctrl-C, SIGTERM or SIGHUP, so that what was created is removed first; on a second one
/// at once.
pub async fn interrupt_on_signal(engine: Arc<Engine>) {
    interrupted().await;
    engine.interrupt();
    say("interrupted: what was created is being removed; once more, and it is left to a sweep");
    interrupted().await;
    engine.abandon();
}

fn trial(case: Case, engine: &Arc<Engine>, handle: &Handle, results: &Results) -> Trial {
    let (engine, handle, results) = (Arc::clone(engine), handle.clone(), Arc::clone(results));
    Trial::ignorable_test(case.name.clone(), move || {
        let result = handle.block_on(engine.run_apart(case));
        let outcome = outcome(&result, &engine);
        results
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(result);
        outcome
    })
}

fn outcome(result: &CaseResult, engine: &Engine) -> Result<Completion, Failed> {
    let reason = result.reason.clone().unwrap_or_default();
    match result.verdict {
        Verdict::Skipped => Ok(Completion::ignored_with(reason)),
        Verdict::Inconclusive => Err(Diagnostic::harness("inconclusive", reason)
            .to_string()
            .into()),
        Verdict::Failed => Err(failure(result, engine)),
        Verdict::Passed | Verdict::Warned | Verdict::Known
            if !result.changes.is_empty() || result.declared.iter().any(Declared::fails) =>
        {
            Err(failure(result, engine))
        }
        Verdict::Passed | Verdict::Warned | Verdict::Known => Ok(Completion::Completed),
    }
}

fn failure(result: &CaseResult, engine: &Engine) -> Failed {
    let unexpected = result.findings.iter();
    let findings = unexpected
        .filter(|finding| finding.known.is_none())
        .map(|finding| terminal::of_result(result, finding, engine).to_string());
    let changes = result.changes.iter().map(|change| {
        format!(
            "{}: the answer to `{}` differs from its snapshot\n{}",
            change.kind, change.step, change.diff
        )
    });
    let declared = result.declared.iter();
    let declared: Vec<_> = declared
        .map(|known| (result.case.name.as_str(), known))
        .collect();
    let complaints = known::complaints(&declared);
    findings
        .chain(changes)
        .chain(complaints.iter().map(Diagnostic::to_string))
        .collect::<Vec<_>>()
        .join("\n\n")
        .into()
}

/// The report of the cases that ran. The tests' own output cannot say all of it: warnings of
/// passing tests, leftovers, the verdict.
fn report(engine: &Arc<Engine>, results: &Results, span: Span) -> Report {
    let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
    results.sort_by(|a, b| a.case.name.cmp(&b.case.name));
    Report::of(engine, std::mem::take(&mut *results), span)
}

/// Writes a report into a folder where each process has its own, for `scim-harness merge`.
fn write(report: &Report, folder: &Path) -> Result<(), Diagnostic> {
    let path = folder.join(format!("{}.json", report.run.seed));
    std::fs::create_dir_all(folder)
        .and_then(|()| Format::Json.text(report))
        .and_then(|text| whole::write(&path, &text))
        .map_err(|error| {
            Diagnostic::error(format!(
                "the report {} cannot be written: {error}",
                path.display()
            ))
            .note("help", "SCIM_REPORTS names a folder that may be written to")
        })
}

fn tell(problems: &[Diagnostic]) {
    say(&problems
        .iter()
        .map(|problem| problem.render(false))
        .collect::<Vec<_>>()
        .join("\n\n"));
}

/// To standard error; if that is closed there is nobody to tell.
fn say(text: &str) {
    drop(writeln!(std::io::stderr(), "{text}"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        client_profile::Clients, embedded::Embedded, fault, plan::Selection, rule::Rulebook,
        scenario, snapshot::Mode, source::SourceFile,
    };

    const CASE: &str = "okta::v2::create_user";
    const RULE: &str = "rfc7644-3.3/created-is-201";

    /// What becomes of a case as a test, on a provider with a fault or without, with an entry of
    /// the target file that ends so.
    fn tested(fault: &str, entry: &str) -> Result<(), String> {
        let known = format!("[[known]]\ncase = \"{CASE}\"\nrule = \"{RULE}\"\n{entry}");
        let config = Config::parse(&SourceFile::new("t.toml", known)).unwrap();
        let faults: Vec<String> = fault.split_terminator(',').map(str::to_owned).collect();
        let embedded = Embedded::start(&fault::named(&faults).unwrap()).unwrap();
        let options = Options {
            selection: Selection {
                exact: vec![CASE.to_owned()],
                ..Selection::default()
            },
            snapshots: Mode::Off,
            known: config.known(None),
            keep_ledger: false,
            ..Options::default()
        };
        let session = Session::with(
            embedded.target.clone(),
            Some(embedded),
            &scenario::load_embedded().unwrap(),
            &options,
            Rulebook::embedded().unwrap(),
            Clients::embedded().unwrap(),
        )
        .unwrap();
        let case = session.cases[0].clone();
        let result = runtime().unwrap().block_on(session.engine.run_apart(case));
        match outcome(&result, &session.engine) {
            Ok(_) => Ok(()),
            Err(failed) => Err(failed.message().unwrap_or_default().to_owned()),
        }
    }

    #[test]
    fn a_known_deviation_is_a_test_that_passes_as_long_as_it_occurs() {
        let explained = "why = \"ticket 7\"";
        assert_eq!(tested("create-answers-200", explained), Ok(()));
        let stale = tested("", explained).unwrap_err();
        assert!(
            stale.starts_with(
                "error: a known deviation is stale: it no longer occurs\n --> t.toml:3:8\n"
            ),
            "{stale}"
        );
        let silent = tested("create-answers-200", "why = \"\"").unwrap_err();
        assert!(silent.contains("`why` is empty"), "{silent}");
        let expired = tested("create-answers-200", "why = \"w\"\nuntil = 2020-02-29").unwrap_err();
        assert!(
            expired.starts_with(&format!("error[{RULE}]: ")),
            "{expired}"
        );
        assert!(
            expired.contains("is stale: its last day was 2020-02-29"),
            "{expired}"
        );
    }
}

//! How long whole runs take: `cargo bench`. What the figures have to keep to is in CONTRIBUTING.md.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a bench that cannot be set up ends, and says where"
)]

use std::{fs, thread, time::Duration};

use divan::{Bencher, counter::ItemsCount};
use scim_harness::{
    client_profile::Clients,
    embedded,
    plan::Selection,
    rule::Rulebook,
    scenario::{self, Collection, Version},
    session::{Options, Session},
    snapshot::Mode,
    target::{Config, Environment, Target, Tls, select},
    trial::runtime,
    verdict::Verdict,
};
use scim_provider::{Auth, front};
use tokio::{net::TcpListener, sync::oneshot};

fn main() {
    divan::main();
}

/// All that is tested, in both versions, as `scim-harness` without arguments does it.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn everything_on_the_embedded_provider(bencher: Bencher) {
    bencher
        .with_inputs(|| Session::new(None, &options(8)).expect("scenarios without a mistake"))
        .bench_values(|session| held(&session));
}

/// Cases that wait for the server most of the time. 1500 answers of 50 ms, 16 at once, are 4.69 s.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn three_hundred_cases_of_five_steps_at_50_ms(bencher: Bencher) {
    let server = Served::start(100, Duration::from_millis(50));
    let cases = three_hundred_cases();
    bencher
        .counter(ItemsCount::new(1500_u32))
        .with_inputs(|| {
            let (rulebook, clients) = (Rulebook::embedded().unwrap(), Clients::embedded().unwrap());
            let target = server.target.clone();
            Session::with(target, None, &cases, &options(16), rulebook, clients).unwrap()
        })
        .bench_values(|session| held(&session));
}

/// Reading 10,000 users that are there, page by page, with nothing held back.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn import_of_ten_thousand_users(bencher: Bencher) {
    let server = Served::start(10_000, Duration::ZERO);
    let options = Options {
        selection: Selection {
            exact: vec!["okta::v2::import_existing".to_owned()],
            ..Selection::default()
        },
        import_limit: 10_000,
        ..options(1)
    };
    bencher
        .counter(ItemsCount::new(10_000_u32))
        .with_inputs(|| Session::new(Some(server.target.clone()), &options).unwrap())
        .bench_values(|session| held(&session));
}

fn options(jobs: usize) -> Options {
    Options {
        jobs,
        snapshots: Mode::Off,
        keep_ledger: false,
        ..Options::default()
    }
}

/// Runs the cases to their end; a figure counts only if all of them passed.
fn held(session: &Session) {
    let run = session.engine.run(&session.cases, |_| {});
    let results = runtime().expect("a runtime").block_on(run);
    assert!(!results.is_empty());
    assert!(results.iter().all(|case| case.verdict == Verdict::Passed));
}

/// Scenarios as somebody might write them, each with five reads.
fn three_hundred_cases() -> Collection {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let step = |number: usize| {
        format!(
            r#"
[[step]]
name   = "read {number}"
send   = "GET /Users"
query  = {{ startIndex = 1, count = 2 }}
expect = [{{ rule = "okta/users-page-is-200", status = 200 }}]
"#
        )
    };
    let steps: String = (1..=5).map(step).collect();
    for number in 1..=300 {
        let head = format!("title = \"Case {number}\"\nclient = [\"okta-oin\"]\nscim = \"2.0\"\n");
        let path = folder.path().join(format!("case_{number}.toml"));
        fs::write(path, head + &steps).expect("a scenario file");
    }
    scenario::load_folder(folder.path()).expect("scenarios without a mistake")
}

/// The provider as `serve` offers it, until it is dropped.
struct Served {
    target: Target,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Served {
    fn start(users: usize, latency: Duration) -> Self {
        let (stop, stopped) = oneshot::channel();
        let (told, base) = std::sync::mpsc::channel();
        let (provider, handler) = embedded::provider(Version::V2, Auth::None, None, &[]);
        let prefix = embedded::prefix(Version::V2);
        let latency = (!latency.is_zero()).then_some(latency);
        provider.seed(users);
        let serving = async move {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
            let base = format!("http://{}{prefix}", listener.local_addr().unwrap());
            provider.set_base(base.clone());
            told.send(base).expect("somebody waits for it");
            let mounts = vec![(prefix.to_owned(), handler)];
            front::hyper::serve(listener, mounts, latency, async { drop(stopped.await) }).await;
        };
        let thread = thread::spawn(move || runtime().expect("a runtime").block_on(serving));
        let url = base.recv().expect("a base URL");
        let (config, environment) = (Config::default(), Environment::new());
        let target = select(Some(&url), None, &config, &environment, Tls::default());
        Self {
            target: target.expect("a base URL").expect("a target"),
            stop: Some(stop),
            thread: Some(thread),
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // Dropped, it tells the server to end.
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

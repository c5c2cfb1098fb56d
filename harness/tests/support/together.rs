//! Tests that share what takes long to prepare: each a trial of its own, but under nextest, which
//! gives each trial a process, all of them one.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use libtest_mimic::{Failed, Trial};

/// What a trial does.
pub type Test = Box<dyn Fn() -> Result<(), Failed> + Send + Sync>;

/// The trials for these tests, by name.
pub fn trials(name: &str, tests: Vec<(String, Test)>) -> Vec<Trial> {
    if std::env::var_os("NEXTEST").is_none() {
        let trials = tests.into_iter();
        return trials.map(|(name, test)| Trial::test(name, test)).collect();
    }
    vec![Trial::test(format!("all_{name}"), move || all(&tests))]
}

fn all(tests: &[(String, Test)]) -> Result<(), Failed> {
    let (next, failures) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some((name, test)) = tests.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Err(failed) = test() {
                let told = failed.message().unwrap_or_default().to_owned();
                let mut failures = failures.lock().unwrap_or_else(PoisonError::into_inner);
                failures.push(format!("{name}: {told}"));
            }
        }
    };
    let workers = thread::available_parallelism().map_or(2, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(work);
        }
    });
    let failures = failures
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    match failures.is_empty() {
        true => Ok(()),
        false => Err(failures.join("\n").into()),
    }
}

//! Each fault of the embedded provider breaks exactly the rules that it declares: every check can
//! fail, and none cries wolf beside it.
//!
//! With `RECORD_FAULTS=1` what a fault breaks besides its own rules is written to its `also`.

#![expect(
    clippy::expect_used,
    reason = "what travels with the harness is free of mistakes"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    process::ExitCode,
    sync::{Arc, Mutex},
};

use libtest_mimic::{Arguments, Failed, Trial};
use scim_harness::{
    client_profile::Clients,
    embedded::Embedded,
    fault::{self, Fault},
    plan::Selection,
    rule::{Rulebook, Severity},
    scenario::{self, Collection},
    session::{Options, Session},
    snapshot::Mode,
    verdict::CaseResult,
};
use tokio::runtime::Handle;

#[path = "support/recorded.rs"]
mod recorded;

/// What all faults are tested with.
struct Suite {
    collection: Collection,
    rulebook: Rulebook,
    clients: Clients,
    /// Where what each fault breaks besides is kept, if it is to be written down.
    recorded: Option<Mutex<BTreeMap<String, BTreeSet<String>>>>,
}

fn main() -> ExitCode {
    let suite = Arc::new(Suite {
        collection: scenario::load_embedded().expect("the scenarios are free of mistakes"),
        rulebook: Rulebook::embedded().expect("the rulebook reads"),
        clients: Clients::embedded().expect("the clients read"),
        recorded: std::env::var_os("RECORD_FAULTS").map(|_| Mutex::default()),
    });
    let runtime = scim_harness::trial::runtime().expect("a runtime");
    let faults = fault::embedded().expect("the faults read");
    let mut trials = vec![coverage(&faults, &suite)];
    for fault in faults {
        let (suite, handle) = (Arc::clone(&suite), runtime.handle().clone());
        let name = format!("fault::{}", fault.name);
        trials.push(Trial::test(name, move || {
            breaks_what_it_declares(&suite, &fault, &handle)
        }));
    }
    let ended = libtest_mimic::run(&Arguments::from_args(), trials).exit_code();
    if let Some(recorded) = &suite.recorded {
        recorded::write(&recorded.lock().expect("no panic"));
    }
    ended
}

fn breaks_what_it_declares(suite: &Suite, fault: &Fault, handle: &Handle) -> Result<(), Failed> {
    let results = run(suite, fault, handle);
    let findings = || {
        let all = results
            .iter()
            .flat_map(|result| result.findings.iter().map(move |finding| (result, finding)));
        all.filter(|(_, finding)| {
            finding.severity > Severity::Info || fault.breaks.contains(&finding.rule)
        })
    };
    let broken: BTreeSet<&str> = findings()
        .map(|(_, finding)| finding.rule.as_str())
        .collect();
    let mut declared: BTreeSet<&str> = fault.breaks.iter().map(String::as_str).collect();
    match &suite.recorded {
        Some(recorded) => {
            let also = broken.difference(&declared).map(|rule| (*rule).to_owned());
            let mut recorded = recorded.lock().expect("no panic");
            recorded.insert(fault.name.clone(), also.collect());
            declared.extend(&broken);
        }
        None => declared.extend(fault.also.iter().map(String::as_str)),
    }
    if broken == declared {
        return Ok(());
    }
    let unforeseen: BTreeSet<String> = findings()
        .filter(|(_, finding)| !declared.contains(finding.rule.as_str()))
        .map(|(result, finding)| {
            format!(
                "breaks {} in {} / {}: {}",
                finding.rule, result.case.name, finding.step, finding.message
            )
        })
        .collect();
    let missed = declared
        .difference(&broken)
        .map(|rule| format!("does not break {rule}"));
    Err(unforeseen
        .into_iter()
        .chain(missed)
        .collect::<Vec<_>>()
        .join("\n")
        .into())
}

/// Runs all scenarios in the versions in which the provider has the fault.
fn run(suite: &Suite, fault: &Fault, handle: &Handle) -> Vec<CaseResult> {
    let embedded = Embedded::start(std::slice::from_ref(fault)).expect("the provider starts");
    let scim = match fault.scim.as_slice() {
        [only] => Some(*only),
        _ => None,
    };
    let options = Options {
        selection: Selection {
            scim,
            ..Selection::default()
        },
        snapshots: Mode::Off,
        ..Options::default()
    };
    let target = embedded.target.clone();
    let session = Session::with(
        target,
        Some(embedded),
        &suite.collection,
        &options,
        suite.rulebook.clone(),
        suite.clients.clone(),
    );
    let session = session.expect("a session");
    handle.block_on(session.engine.run(&session.cases, |_| {}))
}

/// Every rule that a scenario cites is broken by a fault.
fn coverage(faults: &[Fault], suite: &Arc<Suite>) -> Trial {
    let declared: BTreeSet<String> = faults
        .iter()
        .flat_map(|fault| fault.breaks.iter().chain(&fault.also).cloned())
        .collect();
    let suite = Arc::clone(suite);
    Trial::test("every_cited_rule_has_a_fault", move || {
        let steps = suite
            .collection
            .scenarios
            .iter()
            .flat_map(|scenario| &scenario.steps);
        let cited: BTreeSet<&str> = steps
            .flat_map(|step| &step.expect)
            .map(|expectation| expectation.rule.as_str())
            .collect();
        let unproven: Vec<&str> = cited
            .into_iter()
            .filter(|rule| !declared.contains(*rule))
            .collect();
        if unproven.is_empty() {
            Ok(())
        } else {
            Err(format!("no fault breaks {}", unproven.join(", ")).into())
        }
    })
}

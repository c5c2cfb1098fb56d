//! Each fault of the embedded provider breaks exactly the rules that it declares: every check can
//! fail, and none cries wolf beside it.
//!
//! With `RECORD_FAULTS=1` what a fault breaks besides its own rules is written to its `also`, as all
//! cases show it that the fault can change.

#![expect(
    clippy::expect_used,
    reason = "what travels with the harness is free of mistakes"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{DefaultHasher, Hash, Hasher},
    process::ExitCode,
    sync::{Arc, Mutex, OnceLock},
};

use libtest_mimic::{Arguments, Failed, Trial};
use scim_harness::{
    client_profile::Clients,
    embedded::Embedded,
    fault::{self, Fault},
    plan::{Case, Selection},
    rule::{Rulebook, Severity},
    scenario::{self, Collection},
    verdict::CaseResult,
};
use tokio::runtime::Handle;

#[path = "support/reach.rs"]
mod reach;
#[path = "support/recorded.rs"]
mod recorded;
#[path = "support/together.rs"]
mod together;

use reach::Reach;

/// A case of so many requests is held only for faults of the rules that it proves.
const LARGE: usize = 25;

/// Of more cases that a fault can change, about so many are held beside those that prove its rules.
const MANY: usize = 30;

/// What the test binary allocates with, as the command line does.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What all faults are tested with.
struct Suite {
    collection: Collection,
    rulebook: Rulebook,
    clients: Clients,
    /// Which cases each fault can change; measured when the first fault asks.
    reach: OnceLock<Reach>,
    /// Where what each fault breaks besides is kept, if it is to be written down.
    recorded: Option<Mutex<BTreeMap<String, BTreeSet<String>>>>,
}

fn main() -> ExitCode {
    let suite = Arc::new(Suite {
        collection: scenario::load_embedded().expect("the scenarios are free of mistakes"),
        rulebook: Rulebook::embedded().expect("the rulebook reads"),
        clients: Clients::embedded().expect("the clients read"),
        reach: OnceLock::new(),
        recorded: std::env::var_os("RECORD_FAULTS").map(|_| Mutex::default()),
    });
    let runtime = scim_harness::trial::runtime().expect("a runtime");
    let faults = fault::embedded().expect("the faults read");
    let mut trials = vec![coverage(&faults, &suite), bugs_of_the_field(&faults)];
    let tests = faults.into_iter().map(|fault| {
        let (suite, handle) = (Arc::clone(&suite), runtime.handle().clone());
        let name = format!("fault::{}", fault.name);
        let test = move || breaks_what_it_declares(&suite, &fault, &handle);
        (name, Box::new(test) as together::Test)
    });
    trials.extend(together::trials("faults", tests.collect()));
    let ended = libtest_mimic::run(&Arguments::from_args(), trials).exit_code();
    if let Some(recorded) = &suite.recorded {
        recorded::write(&recorded.lock().expect("no panic"));
    }
    ended
}

fn breaks_what_it_declares(suite: &Suite, fault: &Fault, handle: &Handle) -> Result<(), Failed> {
    let (results, held) = run(suite, fault, handle);
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
        None => {
            let also = fault.also.iter().map(String::as_str);
            declared.extend(also.filter(|rule| held == Held::All || broken.contains(rule)));
        }
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

/// Runs the scenarios that the fault can change, in the versions in which the provider has it.
fn run(suite: &Suite, fault: &Fault, handle: &Handle) -> (Vec<CaseResult>, Held) {
    let (collection, rulebook, clients) = (&suite.collection, &suite.rulebook, &suite.clients);
    let embedded = Embedded::start(std::slice::from_ref(fault)).expect("the provider starts");
    let selection = Selection {
        scim: match fault.scim.as_slice() {
            [only] => Some(*only),
            _ => None,
        },
        // Who acts like a provider of the field is what Okta needs, not what the RFCs say.
        clients: match fault.like {
            Some(_) => vec!["okta-oin".to_owned(), "okta-aiw".to_owned()],
            None => Vec::new(),
        },
        ..Selection::default()
    };
    let mut session = reach::session(embedded, collection, rulebook, clients, selection);
    let measure = || Reach::measure(collection, rulebook, clients, handle);
    let reach = suite.reach.get_or_init(measure);
    reach.choose(fault, &mut session.cases);
    // How a race ends is a matter of chance.
    let left_out =
        |case: &Case| case.name.contains("::race::") || reach.requests(&case.name) >= LARGE;
    session
        .cases
        .retain(|case| !left_out(case) || is_about(case, fault));
    let held = match suite.recorded {
        Some(_) => Held::All,
        None => thin_out(&mut session.cases, fault),
    };
    let results = handle.block_on(session.engine.run(&session.cases, |_| {}));
    (results, held)
}

/// Which of the cases that a fault can change are held.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Held {
    All,
    Some,
}

/// Leaves an even choice of many cases: what nearly every case meets would take most of the time.
fn thin_out(cases: &mut Vec<Case>, fault: &Fault) -> Held {
    let one_of = (cases.len() / MANY).next_power_of_two() as u64;
    if one_of == 1 {
        return Held::All;
    }
    cases.retain(|case| {
        let mut hasher = DefaultHasher::new();
        case.name.hash(&mut hasher);
        is_about(case, fault) || hasher.finish().is_multiple_of(one_of)
    });
    Held::Some
}

/// Whether a case proves a rule that the fault is made to break.
fn is_about(case: &Case, fault: &Fault) -> bool {
    let mut expectations = case.scenario.steps.iter().flat_map(|step| &step.expect);
    expectations.any(|expectation| fault.breaks.contains(&expectation.rule))
}

/// Each of the 25 bugs that service providers in the field had is a fault, told by its number, but
/// for schemas without the attribute `schemas`: the examples of RFC 7643 section 8.7.1 have none.
fn bugs_of_the_field(faults: &[Fault]) -> Trial {
    let missing: Vec<String> = (1..=25)
        .filter(|number| *number != 19)
        .map(|number| format!("field-a{number:02}: "))
        .filter(|bug| {
            !faults
                .iter()
                .any(|fault| fault.about.starts_with(bug.as_str()))
        })
        .collect();
    Trial::test(
        "every_bug_of_the_field_but_one_is_a_fault",
        move || match missing.is_empty() {
            true => Ok(()),
            false => Err(format!("no fault is {}", missing.concat()).into()),
        },
    )
}

/// Every rule that a scenario cites is one that a fault is made to break, but for those that are information only.
fn coverage(faults: &[Fault], suite: &Arc<Suite>) -> Trial {
    let declared: BTreeSet<String> = faults
        .iter()
        .flat_map(|fault| fault.breaks.iter().cloned())
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
        // What is information only never shows as broken.
        let judged = |rule: &str| {
            let rule = suite.rulebook.get(rule);
            rule.is_some_and(|rule| rule.severity > Severity::Info)
        };
        let unproven: Vec<&str> = cited
            .into_iter()
            .filter(|rule| judged(rule) && !declared.contains(*rule))
            .collect();
        if unproven.is_empty() {
            Ok(())
        } else {
            Err(format!("no fault breaks {}", unproven.join(", ")).into())
        }
    })
}

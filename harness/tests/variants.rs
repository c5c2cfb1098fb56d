//! Legal variants: what a service provider may do differently without being wrong. None of them
//! may give a finding of severity error, and only those that the rulebook says so a warning.

#![expect(
    clippy::expect_used,
    reason = "what travels with the harness is free of mistakes"
)]

use std::{
    process::ExitCode,
    sync::{Arc, OnceLock},
};

use libtest_mimic::{Arguments, Failed, Trial};
use scim_harness::{
    client_profile::Clients,
    embedded::Embedded,
    fault::Fault,
    plan::Selection,
    rule::{AMBIGUITIES, Rulebook, Severity},
    scenario::{self, Collection, Version},
    target::Manner,
    verdict::{CaseResult, Verdict},
};
use serde::Deserialize;
use tokio::runtime::Handle;

#[path = "support/reach.rs"]
mod reach;
#[path = "support/together.rs"]
mod together;

use reach::Reach;

/// The variants, in one file for each area.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/harness/tests/variants");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Book {
    variant: Vec<Variant>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Variant {
    /// What is different, in a few words.
    name: String,
    /// The point of leeway that allows it.
    allowed_by: String,
    scim: Vec<Version>,
    /// Clients for which it is legal; left out: all.
    #[serde(default)]
    clients: Vec<String>,
    /// Rules that give a warning, as the rulebook says.
    #[serde(default)]
    warns: Vec<String>,
    /// What a target file has to say of it; left out: nothing.
    #[serde(default)]
    manner: Manner,
    /// Changes of the embedded provider's answers, or
    #[serde(default)]
    rewrite: Vec<scim_provider::rewrite::Rewrite>,
    /// its behaviour, by the name of a switch.
    #[serde(default)]
    switch: Option<String>,
}

/// A case of so many requests takes as long as all others together, and shows no leeway that they
/// do not show.
const LARGE: usize = 500;

/// What the test binary allocates with, as the command line does.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Points of the ambiguity list that no variant acts out, and why.
const NOT_ACTED_OUT: [(&str, &str); 3] = [
    (
        "A59",
        "the connection is judged without the provider: tests/tls.rs",
    ),
    ("A65", "no scenario sends a string without its quotes"),
    (
        "A67",
        "an answer of 202 has to be asked for, and no scenario asks",
    ),
];

/// Correct variants that other tools have failed, where another test acts them out.
const CONTROLS_ELSEWHERE: [(&str, &str); 2] = [
    ("CA9", "tests/large_and_busy.rs: 429 with Retry-After"),
    (
        "CA10",
        "tests/nothing_foreign.rs: thousands of foreign users and groups",
    ),
];

/// What all variants are tested with.
struct Suite {
    collection: Collection,
    rulebook: Rulebook,
    clients: Clients,
    /// Which cases each variant can change; measured when the first one asks.
    reach: OnceLock<Reach>,
}

fn main() -> ExitCode {
    let suite = Arc::new(Suite {
        collection: scenario::load_embedded().expect("the scenarios are free of mistakes"),
        rulebook: Rulebook::embedded().expect("the rulebook reads"),
        clients: Clients::embedded().expect("the clients read"),
        reach: OnceLock::new(),
    });
    let runtime = scim_harness::trial::runtime().expect("a runtime");
    let tests = variants().into_iter().map(|variant| {
        let (suite, handle) = (Arc::clone(&suite), runtime.handle().clone());
        let name = format!("variant::{}", variant.name);
        let test = move || gives_no_error(&suite, &variant, &handle);
        (name, Box::new(test) as together::Test)
    });
    let mut trials = together::trials("variants", tests.collect());
    trials.push(Trial::test("every_point_of_leeway_is_acted_out", || {
        is_acted_out()
    }));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn variants() -> Vec<Variant> {
    let entries = std::fs::read_dir(FOLDER).expect("the folder of variants");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    let read = |path: std::path::PathBuf| -> Book {
        let text = std::fs::read_to_string(&path).expect("a variants file");
        toml::from_str(&text).expect("the variants read")
    };
    files
        .into_iter()
        .flat_map(|path| read(path).variant)
        .collect()
}

/// A01 to A71 and CA1 to CA10 are each acted out by a variant or left out for a reason.
fn is_acted_out() -> Result<(), Failed> {
    let points = (1..=AMBIGUITIES).map(|number| format!("A{number:02}"));
    let controls = (1..=10).map(|number| format!("CA{number}"));
    let variants = variants();
    let is_told = |id: &str| {
        let words = |text: &str| {
            text.split(|c: char| !c.is_alphanumeric())
                .any(|word| word == id)
        };
        variants.iter().any(|variant| words(&variant.allowed_by))
    };
    let reasons = || NOT_ACTED_OUT.iter().chain(&CONTROLS_ELSEWHERE);
    let wrong: Vec<String> = points
        .chain(controls)
        .filter(|id| is_told(id) == reasons().any(|(reasoned, _)| reasoned == id))
        .collect();
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(format!("neither or both: {}", wrong.join(", ")).into()),
    }
}

fn gives_no_error(suite: &Suite, variant: &Variant, handle: &Handle) -> Result<(), Failed> {
    let switch = variant.switch.as_ref().map(|name| name.parse());
    let switch = switch.transpose().expect("a switch of the provider");
    assert!(
        switch.is_some() || !variant.rewrite.is_empty(),
        "a variant is a switch, rewrites, or both"
    );
    let provider = Fault {
        name: variant.name.clone(),
        about: variant.allowed_by.clone(),
        scim: variant.scim.clone(),
        breaks: Vec::new(),
        also: Vec::new(),
        like: None,
        rewrites: variant.rewrite.clone(),
        switch,
    };
    let results = run(suite, &provider, variant, handle);
    let mut wrong: Vec<String> = Vec::new();
    for result in &results {
        if result.verdict == Verdict::Inconclusive {
            wrong.push(format!(
                "{} is inconclusive: {:?}",
                result.case.name, result.reason
            ));
        }
        let unallowed = result
            .findings
            .iter()
            .filter(|finding| match finding.severity {
                Severity::Error => true,
                Severity::Warning => !variant.warns.contains(&finding.rule),
                Severity::Info => false,
            });
        wrong.extend(unallowed.map(|finding| {
            format!(
                "{} {} in {} / {}: {}",
                finding.severity, finding.rule, result.case.name, finding.step, finding.message
            )
        }));
    }
    let findings = || results.iter().flat_map(|result| &result.findings);
    let unseen = variant
        .warns
        .iter()
        .filter(|rule| !findings().any(|finding| finding.rule == **rule));
    wrong.extend(unseen.map(|rule| format!("does not warn of {rule}")));
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(wrong.join("\n").into())
    }
}

/// Runs the scenarios that the variant can change, in the versions in which the provider has it.
fn run(suite: &Suite, provider: &Fault, variant: &Variant, handle: &Handle) -> Vec<CaseResult> {
    let (collection, rulebook, clients) = (&suite.collection, &suite.rulebook, &suite.clients);
    let embedded = Embedded::start(std::slice::from_ref(provider));
    let mut embedded = embedded.expect("the provider starts");
    embedded.target.manner = variant.manner.clone();
    let selection = Selection {
        scim: match variant.scim.as_slice() {
            [only] => Some(*only),
            _ => None,
        },
        clients: variant.clients.clone(),
        ..Selection::default()
    };
    let mut session = reach::session(embedded, collection, rulebook, clients, selection);
    let measure = || Reach::measure(collection, rulebook, clients, handle);
    let reach = suite.reach.get_or_init(measure);
    reach.choose(provider, &mut session.cases);
    session
        .cases
        .retain(|case| reach.requests(&case.name) < LARGE);
    handle.block_on(session.engine.run(&session.cases, |_| {}))
}

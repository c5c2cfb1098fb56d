//! Legal variants: what a service provider may do differently without being wrong. None of them
//! may give a finding of severity error, and only those that the rulebook says so a warning.

#![expect(
    clippy::expect_used,
    reason = "what travels with the harness is free of mistakes"
)]

use std::{process::ExitCode, sync::Arc};

use libtest_mimic::{Arguments, Failed, Trial};
use scim_harness::{
    client_profile::Clients,
    embedded::Embedded,
    fault::Fault,
    rule::{Rulebook, Severity},
    scenario::{self, Collection, Version},
    session::{Options, Session},
    snapshot::Mode,
    verdict::Verdict,
};
use serde::Deserialize;
use tokio::runtime::Handle;

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
    /// Rules that give a warning, as the rulebook says.
    #[serde(default)]
    warns: Vec<String>,
    #[serde(default)]
    rewrite: Vec<scim_provider::rewrite::Rewrite>,
    /// A behaviour of the provider instead.
    #[serde(default)]
    switch: Option<String>,
}

fn main() -> ExitCode {
    let collection =
        Arc::new(scenario::load_embedded().expect("the scenarios are free of mistakes"));
    let runtime = scim_harness::trial::runtime().expect("a runtime");
    let trials = variants().into_iter().map(|variant| {
        let (collection, handle) = (Arc::clone(&collection), runtime.handle().clone());
        Trial::test(format!("variant::{}", variant.name), move || {
            gives_no_error(&collection, &variant, &handle)
        })
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
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

fn gives_no_error(
    collection: &Collection,
    variant: &Variant,
    handle: &Handle,
) -> Result<(), Failed> {
    let provider = Fault {
        name: variant.name.clone(),
        about: variant.allowed_by.clone(),
        scim: variant.scim.clone(),
        breaks: Vec::new(),
        also: Vec::new(),
        like: None,
        rewrites: variant.rewrite.clone(),
        switch: variant
            .switch
            .as_ref()
            .map(|name| name.parse().expect("a switch of the provider")),
    };
    let embedded = Embedded::start(&[provider]).expect("the provider starts");
    let mut options = Options {
        snapshots: Mode::Off,
        ..Options::default()
    };
    if let [only] = variant.scim.as_slice() {
        options.selection.scim = Some(*only);
    }
    let (rulebook, clients) = (
        Rulebook::embedded().expect("rules"),
        Clients::embedded().expect("clients"),
    );
    let target = embedded.target.clone();
    let session = Session::with(
        target,
        Some(embedded),
        collection,
        &options,
        rulebook,
        clients,
    )
    .expect("a session");
    let results = handle.block_on(session.engine.run(&session.cases, |_| {}));
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

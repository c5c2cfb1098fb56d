//! Scenarios that a test writes, run by the engine in this process.

use scim_harness::{
    client_profile::Clients,
    embedded::Embedded,
    fault,
    plan::Selection,
    rule::Rulebook,
    run::Leftover,
    scenario::{self, Version},
    session::{Options, Session},
    snapshot::Mode,
    target::{Config, Environment, Target, Tls, select},
    trial::runtime,
    verdict::{CaseResult, Verdict},
};

use super::Home;

/// How each scenario begins.
pub const HEAD: &str = r#"client = ["okta-oin"]
scim   = "2.0"
"#;

/// Scenarios in a folder of their own, run against a target.
pub struct Held {
    /// What became of each, by name.
    pub results: Vec<CaseResult>,
    /// What could not be removed.
    pub leftovers: Vec<Leftover>,
}

/// Runs scenarios, by name, against a target; without one, against an embedded provider with faults.
pub fn hold_all(scenarios: &[(&str, &str)], target: Option<Target>, faults: &[&str]) -> Held {
    let home = Home::new();
    for (name, rest) in scenarios {
        let text = format!("title = \"The scenario {name} of a test\"\n{HEAD}{rest}");
        home.write(&format!("{name}.toml"), &text);
    }
    let mut collection = scenario::load_embedded().unwrap();
    let own = scenario::load_folder(&home.path()).unwrap();
    collection.scenarios = own.scenarios;
    collection.openings.extend(own.openings);
    let (rulebook, clients) = (Rulebook::embedded().unwrap(), Clients::embedded().unwrap());
    let problems = scenario::lint(&collection, &rulebook, &clients);
    assert!(problems.is_empty(), "{}", problems[0]);
    let (target, embedded) = match target {
        Some(target) => (target, None),
        None => {
            let names: Vec<String> = faults.iter().map(|name| (*name).to_owned()).collect();
            let embedded = Embedded::start(&fault::named(&names).unwrap()).unwrap();
            (embedded.target.clone(), Some(embedded))
        }
    };
    let options = Options {
        selection: Selection::default(),
        snapshots: Mode::Off,
        ledger: home.state(),
        ..Options::default()
    };
    let session = Session::with(target, embedded, &collection, &options, rulebook, clients);
    let session = session.unwrap();
    let results = runtime()
        .unwrap()
        .block_on(session.engine.run(&session.cases, |_| {}));
    Held {
        results,
        leftovers: session.engine.leftovers(),
    }
}

/// Runs one scenario against a sound embedded provider.
pub fn hold(rest: &str) -> CaseResult {
    hold_with_fault(rest, &[])
}

/// Runs one scenario against an embedded provider with faults.
pub fn hold_with_fault(rest: &str, faults: &[&str]) -> CaseResult {
    hold_all(&[("mine", rest)], None, faults).results.remove(0)
}

/// Runs one scenario against the server at this base URL.
pub fn hold_against(url: &str, rest: &str) -> CaseResult {
    hold_all(&[("mine", rest)], Some(target(url)), &[])
        .results
        .remove(0)
}

/// A service provider at this base URL, used without a credential.
pub fn target(url: &str) -> Target {
    let config = Config::default();
    let chosen = select(
        Some(url),
        Some(Version::V2),
        &config,
        &Environment::new(),
        Tls::default(),
    );
    chosen.unwrap().unwrap()
}

/// A case in which everything held.
#[track_caller]
pub fn passes(result: &CaseResult) {
    let told: Vec<&str> = result
        .findings
        .iter()
        .map(|finding| finding.message.as_str())
        .collect();
    assert_eq!(
        result.verdict,
        Verdict::Passed,
        "{:?} {told:?}",
        result.reason
    );
}

/// The rule and the message of each finding of a case that failed.
#[track_caller]
pub fn breaches(result: &CaseResult) -> Vec<(&str, &str)> {
    assert_eq!(result.verdict, Verdict::Failed, "{:?}", result.reason);
    let findings = result.findings.iter();
    findings
        .map(|finding| (finding.rule.as_str(), finding.message.as_str()))
        .collect()
}

/// Why nothing can be said of a case.
#[track_caller]
pub fn unclear(result: &CaseResult) -> &str {
    assert_eq!(result.verdict, Verdict::Inconclusive);
    result.reason.as_deref().unwrap()
}

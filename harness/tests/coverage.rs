//! What of the rulebook is judged, and that each check is shown to be able to fail.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up fails, and says where"
)]

mod support;

use std::collections::BTreeSet;

use serde_json::Value;
use support::Home;

/// Rules of severity error that no scenario or check judges, and why. None at present.
const NOT_JUDGED: [(&str, &str); 0] = [];

/// Rules that no fault of the embedded provider breaks, and what shows instead that their checks can
/// fail.
const WITHOUT_FAULT: [(&str, &str); 5] = [
    (
        "rfc7644-3.6/no-content-has-no-body",
        "HTTP fronts send no body with a 204: tests of the check itself, by answers made for it",
    ),
    (
        "scim11-api-3.4/no-content-has-no-body",
        "HTTP fronts send no body with a 204: tests of the check itself, by answers made for it",
    ),
    (
        "rfc7644-7.2/tls12-is-supported",
        "the provider speaks http: servers of TLS 1.1 and 1.3 in tests/tls.rs",
    ),
    (
        "rfc7644-7.2/transport-security-is-required",
        "the provider is on this machine: a public name in tests/tls.rs",
    ),
    (
        "scim11-api-4/tls-is-implemented",
        "the provider is on this machine: a public name in tests/tls.rs",
    ),
];

fn rules() -> Vec<Value> {
    let ran = Home::new().run(&["rules", "--format", "json"]).ended(0);
    serde_json::from_str(&ran.out).unwrap()
}

fn ids<'a>(rules: impl IntoIterator<Item = &'a Value>) -> BTreeSet<&'a str> {
    let rules = rules.into_iter();
    rules.map(|rule| rule["id"].as_str().unwrap()).collect()
}

fn is_judged_by_severity(rule: &Value) -> bool {
    rule["severity"] == "error" || rule["severity"] == "warning"
}

#[test]
fn every_error_that_shows_from_outside_is_judged() {
    let rules = rules();
    let open = rules.iter().filter(|rule| {
        rule["severity"] == "error" && rule["testable"] == "yes" && rule["covered"] == false
    });
    assert_eq!(
        ids(open),
        NOT_JUDGED.iter().map(|(id, _)| *id).collect(),
        "not judged"
    );
}

/// How much of a document is judged, of the rules of a severity that show from outside.
#[test]
fn the_documents_are_covered() {
    let rules = rules();
    for (document, severity, least) in [
        ("rfc7643", "error", 97),
        ("rfc7643", "warning", 90),
        ("rfc7644", "error", 97),
        ("rfc7644", "warning", 90),
        ("rfc9865", "error", 100),
        ("rfc9865", "warning", 100),
        ("rfc9865", "info", 100),
        ("scim11", "error", 95),
        ("scim11", "warning", 90),
        ("okta", "error", 100),
    ] {
        let wanted = |rule: &&Value| {
            rule["id"].as_str().unwrap().starts_with(document)
                && rule["severity"] == severity
                && rule["testable"] == "yes"
        };
        let all = rules.iter().filter(wanted).count();
        let covered = rules.iter().filter(wanted);
        let covered = covered.filter(|rule| rule["covered"] == true).count();
        assert!(all > 0, "{document}");
        assert!(
            covered * 100 >= all * least,
            "{document}, {severity}: {covered} of {all}"
        );
    }
}

#[test]
fn every_check_has_a_fault_that_it_catches() {
    let rules = rules();
    let unproven = rules.iter().filter(|rule| {
        is_judged_by_severity(rule)
            && rule["covered"] == true
            && rule["faults"].as_array().unwrap().is_empty()
    });
    let reasoned = WITHOUT_FAULT.iter().map(|(id, _)| *id).collect();
    assert_eq!(ids(unproven), reasoned, "without a fault");
}

/// What could be decided in part is judged, or says itself why not.
#[test]
fn what_is_left_out_says_why() {
    let rules = rules();
    let silent = rules.iter().filter(|rule| {
        is_judged_by_severity(rule)
            && rule["reason"]
                .as_str()
                .is_some_and(|why| why.contains("nothing tries"))
    });
    assert_eq!(ids(silent), BTreeSet::new(), "without a reason");
    let judged = rules.iter().filter(|rule| rule["covered"] == true);
    let judged = ids(judged);
    let rulebook = scim_harness::rule::Rulebook::embedded().unwrap();
    let excused = rulebook.iter().filter(|rule| rule.unverified.is_some());
    let both: Vec<&str> = excused
        .map(|rule| rule.id.as_str())
        .filter(|id| judged.contains(id))
        .collect();
    assert!(both.is_empty(), "judged, and said not to be: {both:?}");
}

use jiff::civil::date;

use super::*;
use crate::{rule::Severity, source::SourceFile, target::Config};

const FILE: &str = r#"
[target.acme]
url = "https://acme.example/v2"

[[known]]
target = "acme"
case   = "a::b"
rule   = "r/one"
why    = "they fix it"
until  = 2027-01-31

[[known]]
target = "https://other.example/v2/"
case   = "a::b"
rule   = "r/two"
why    = " "
"#;

fn deviations(day: Date) -> Deviations {
    let config = Config::parse(&SourceFile::new("t.toml", FILE)).unwrap();
    let environment = std::collections::BTreeMap::new();
    let target = crate::target::select(
        Some("acme"),
        None,
        &config,
        &environment,
        Default::default(),
    );
    Deviations::new(config.known(target.unwrap().as_ref()), day)
}

fn finding(rule: &str) -> Finding {
    Finding {
        rule: rule.to_owned(),
        severity: Severity::Error,
        message: String::new(),
        step: String::new(),
        expected: String::new(),
        actual: String::new(),
        exchange: 0,
        leeway: None,
        also: Vec::new(),
        known: None,
        place: None,
    }
}

/// Whether a finding is expected on a day, and what becomes of the entry.
fn on(day: Date, rules: &[&str], to_its_end: bool) -> (Vec<bool>, Standing, Option<String>) {
    let deviations = deviations(day);
    let mut findings: Vec<Finding> = rules.iter().map(|rule| finding(rule)).collect();
    deviations.mark("a::b", &mut findings);
    let declared = deviations.judged("a::b", &findings, to_its_end).remove(0);
    let known = findings.iter().map(|finding| finding.known.is_some());
    (known.collect(), declared.status, declared.reason)
}

#[test]
fn an_entry_holds_up_to_its_last_day_for_its_rule_alone() {
    let last = date(2027, 1, 31);
    let rules = ["r/one", "r/two"];
    assert_eq!(
        on(last, &rules, true),
        (vec![true, false], Standing::Occurs, None)
    );
    let late = on(date(2027, 2, 1), &rules, true);
    let reason = Some("its last day was 2027-01-31".to_owned());
    assert_eq!(late, (vec![false, false], Standing::Stale, reason));
}

#[test]
fn what_no_longer_occurs_is_stale_only_if_the_case_got_that_far() {
    let day = date(2026, 1, 1);
    let gone = Some("it no longer occurs".to_owned());
    assert_eq!(on(day, &[], true), (vec![], Standing::Stale, gone));
    assert_eq!(on(day, &[], false).1, Standing::NotReached);
    let unjudged = deviations(day).unjudged("a::b");
    assert_eq!(unjudged[0].status, Standing::NotReached);
    assert!(!unjudged[0].fails());
    assert!(deviations(day).unjudged("a::c").is_empty());
}

#[test]
fn an_entry_of_another_target_does_not_count_and_an_empty_reason_does() {
    let config = Config::parse(&SourceFile::new("t.toml", FILE)).unwrap();
    let environment = std::collections::BTreeMap::new();
    let other = "https://other.example/v2";
    let target =
        crate::target::select(Some(other), None, &config, &environment, Default::default());
    let known = config.known(target.unwrap().as_ref());
    assert_eq!((known.len(), known[0].rule.as_str()), (1, "r/two"));
    assert!(config.known(None).is_empty());
    let declared =
        Deviations::new(known, date(2026, 1, 1)).judged("a::b", &[finding("r/two")], true);
    assert!(declared[0].is_unexplained() && declared[0].fails());
}

#[test]
fn an_entry_may_name_several_cases_and_each_is_judged_by_itself() {
    let parse = |case: &str| {
        let text = format!("[[known]]\ncase = {case}\nrule = \"r\"\nwhy = \"w\"\n");
        Config::parse(&SourceFile::new("t.toml", text))
    };
    let config = parse("[\"a::b\", \"a::c\"]").unwrap();
    let deviations = Deviations::new(config.known(None), date(2026, 1, 1));
    let standing = |case: &str, findings: &[Finding]| {
        let declared = deviations.judged(case, findings, true);
        declared.iter().map(|one| one.status).collect::<Vec<_>>()
    };
    assert_eq!(standing("a::b", &[finding("r")]), [Standing::Occurs]);
    assert_eq!(standing("a::c", &[]), [Standing::Stale]);
    let twice = parse("[\"a::b\", \"a::b\"]").unwrap_err().to_string();
    assert!(twice.contains("known twice"), "{twice}");
    for bad in ["[]", "7", "[7]"] {
        let problem = parse(bad).unwrap_err().to_string();
        assert!(problem.contains("t.toml:2:"), "{bad}: {problem}");
    }
}

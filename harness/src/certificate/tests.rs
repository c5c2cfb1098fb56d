use serde_json::{Value, json};

use super::*;

#[test]
fn every_programme_refers_to_cases_and_rules_that_there_are() {
    let collection = crate::scenario::load_embedded().unwrap();
    let rulebook = Rulebook::embedded().unwrap();
    let programs = Program::embedded().unwrap();
    let names: Vec<&str> = programs
        .iter()
        .map(|program| program.name.as_str())
        .collect();
    assert_eq!(names, ["entra-gallery", "okta-oin", "scim-2.0"]);
    for program in programs {
        let problems = program.lint(&collection, &rulebook);
        let told: Vec<String> = problems.iter().map(Diagnostic::to_string).collect();
        assert!(told.is_empty(), "{}", told.join("\n\n"));
        assert!(!program.outside.is_empty());
        let mut ids: Vec<&str> = program.item.iter().map(|item| item.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(
            ids.len(),
            program.item.len(),
            "{} names an item twice",
            program.name
        );
    }
}

#[test]
fn a_reference_to_nothing_is_told_at_its_place() {
    let mut program = Program::named("scim-2.0").unwrap();
    let collection = Collection::default();
    let rulebook = Rulebook::default();
    let problems = program.lint(&collection, &rulebook);
    assert!(
        problems[0]
            .to_string()
            .contains("fixtures/programs/scim-2.0.toml:"),
        "{}",
        problems[0]
    );
    program.item.truncate(1);
    program.item[0].rules.clear();
    assert_eq!(
        program.lint(&collection, &rulebook)[0].to_string(),
        "error: nothing could show `media-type`"
    );
    assert!(
        Program::named("okta-oni")
            .unwrap_err()
            .to_string()
            .contains("did you mean `okta-oin`?")
    );
}

/// A report of cases (name and verdict) and of rules (id, level, and severity where it is broken).
fn report(cases: &[(&str, &str)], rules: &[(&str, &str, Option<&str>)]) -> Report {
    let broken = rules.iter().filter_map(|(id, _, severity)| {
        Some(
            json!({"rule": id, "severity": (*severity)?, "message": "m", "step": "s",
            "expected": "", "actual": "", "exchange": 0}),
        )
    });
    let findings: Vec<Value> = broken.collect();
    let cases = cases.iter().map(|(name, verdict)| {
        json!({"name": name, "title": "t", "client": ["c"], "scim": "2.0", "file": "f", "again": "a",
            "verdict": verdict, "reason": null, "seconds": 1.0, "findings": findings, "changes": [],
            "exchanges": []})
    });
    let rules = rules.iter().map(|(id, level, severity)| {
        let status = severity.map_or("upheld", |_| "broken");
        json!({"id": id, "summary": "", "reference": "", "level": level, "severity": "error",
            "status": status, "reason": null, "cases": []})
    });
    serde_json::from_value(json!({
        "format": crate::report::model::FORMAT, "harness": {"version": "1.0.0"},
        "target": {"name": "t", "url": "http://t", "scim": "2.0", "embedded": false},
        "run": {"tag": "", "seed": "", "started": "", "seconds": 1.0, "requests": 1, "pauses": 0, "jobs": 1},
        "verdict": "conformant",
        "summary": {"passed": 0, "warned": 0, "known": 0, "failed": 0, "skipped": 0, "inconclusive": 0, "changed": 0, "stale": 0},
        "cases": cases.collect::<Vec<_>>(), "rules": rules.collect::<Vec<_>>(), "leftovers": []
    }))
    .unwrap()
}

/// What a report says of the items of a programme, in the order of the items.
fn assessed(items: &str, report: &Report) -> Vec<(Standing, Vec<String>)> {
    let head = "title = \"t\"\nscim = \"2.0\"\nsource = \"s\"\n";
    let program: Program = toml::from_str(&format!("{head}{items}")).unwrap();
    let assessed = assess(&program, report, &[]).into_iter();
    assessed.map(|item| (item.status, item.reasons)).collect()
}

const ITEM: &str = "[[item]]\nid = \"i\"\ntitle = \"t\"\nsource = \"s\"\nrules = [\"r/a\"]\n";

#[test]
fn an_item_whose_rule_is_broken_is_never_passed() {
    let broken = |severity| report(&[("c", "passed")], &[("r/a", "should", Some(severity))]);
    let optional = format!("{ITEM}optional = true\n");
    for (items, severity, standing) in [
        (ITEM, "error", Standing::Failed),
        (ITEM, "warning", Standing::Warned),
        (ITEM, "info", Standing::Warned),
        (&optional, "error", Standing::Failed),
        (&optional, "info", Standing::Skipped),
    ] {
        let found = assessed(items, &broken(severity));
        assert_eq!(found[0].0, standing, "{severity}");
        assert!(found[0].1[0].contains("the rule `r/a` is broken"));
    }
    for (severity, standing) in [("info", Standing::Passed), ("warning", Standing::Warned)] {
        let other = report(&[("c", "passed")], &[("r/b", "may", Some(severity))]);
        assert_eq!(assessed(ITEM, &other)[1].0, standing, "no item names it");
    }
}

#[test]
fn an_optional_assertion_fails_no_suite() {
    let items = ITEM.replace("rules = [\"r/a\"]", "cases = [\"c\"]\nexact = \"r\"");
    let with = |level| report(&[("c", "passed")], &[("r/a", level, Some("info"))]);
    assert_eq!(assessed(&items, &with("should"))[0].0, Standing::Failed);
    assert_eq!(assessed(&items, &with("may"))[0].0, Standing::Warned);
}

#[test]
fn a_suite_of_which_a_part_was_not_shown_is_not_passed() {
    let whole = ITEM.replace("rules = [\"r/a\"]", "cases = [\"c\"]\nparts = [\"p\"]");
    let items = whole + &ITEM.replace("\"i\"", "\"p\"");
    let found = |rules: &[_]| assessed(&items, &report(&[("c", "passed")], rules)).remove(0);
    let reasons = vec!["not shown: p".to_owned()];
    assert_eq!(found(&[]), (Standing::Partial, reasons));
    let shown = found(&[("r/a", "must", None)]);
    assert_eq!(shown, (Standing::Passed, Vec::new()));
}

#[test]
fn a_run_sees_whether_the_base_url_is_https() {
    let program = Program::named("okta-oin").unwrap();
    let mut report = report(&[], &[]);
    let https = program
        .outside
        .iter()
        .find(|outside| outside.https)
        .unwrap();
    assert_eq!(https.is_so(&report), Some(false));
    report.target.url = "HTTPS://t/v2".to_owned();
    assert_eq!(https.is_so(&report), Some(true));
    let written = text::markdown(&program, &[], &report);
    let line = "\n- [x] The base URL is https (OIN Wizard): shown by this run\n";
    assert!(written.contains(line), "{written}");
}

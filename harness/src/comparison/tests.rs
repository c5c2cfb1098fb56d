use serde_json::{Value, json};

use super::*;

/// A report of cases (name, verdict, steps that were answered, findings as rule and severity at the
/// step `s`) and of rules (id, status).
fn report(cases: Value, rules: &[(&str, &str)]) -> Report {
    let cases: Vec<Value> = cases.as_array().unwrap().iter().map(case).collect();
    let rules: Vec<Value> = rules
        .iter()
        .map(|(id, status)| {
            json!({"id": id, "summary": "", "reference": "", "level": "must", "severity": "error",
                "status": status, "reason": null, "cases": []})
        })
        .collect();
    serde_json::from_value(json!({
        "format": crate::report::model::FORMAT, "harness": {"version": "1.0.0"},
        "target": {"name": "t", "url": "http://t", "scim": "2.0", "embedded": false},
        "run": {"tag": "", "seed": "", "started": "2026-01-01", "seconds": 1.0, "requests": 1, "pauses": 0, "jobs": 1},
        "verdict": "conformant",
        "summary": {"passed": 0, "warned": 0, "known": 0, "failed": 0, "skipped": 0, "inconclusive": 0, "changed": 0, "stale": 0},
        "cases": cases, "rules": rules, "leftovers": []
    }))
    .unwrap()
}

fn case(case: &Value) -> Value {
    let findings = case[3].as_array().unwrap().iter().map(|finding| {
        json!({"rule": finding[0], "severity": finding[1], "message": "`x`\nis <b>", "step": "s",
            "expected": "", "actual": "", "exchange": 0})
    });
    let exchanges = case[2].as_array().unwrap().iter().map(|step| {
        json!({"step": step, "request": {"method": "GET", "url": "http://t", "headers": []},
            "response": {"status": 200, "headers": [], "body": ""}, "milliseconds": 1})
    });
    json!({"name": case[0], "title": "t", "client": ["c"], "scim": "2.0", "file": "f", "again": "a",
        "verdict": case[1], "reason": null, "seconds": 1.0, "findings": findings.collect::<Vec<_>>(),
        "changes": [], "exchanges": exchanges.collect::<Vec<_>>()})
}

fn named(differences: &[Difference]) -> Vec<String> {
    differences
        .iter()
        .map(|item| format!("{} in {}", item.rule, item.case))
        .collect()
}

const RULES: [(&str, &str); 2] = [("r/a", "upheld"), ("r/b", "upheld")];

#[test]
fn what_both_looked_at_is_fixed_or_broken() {
    let sound = report(json!([["c", "passed", ["s"], []]]), &RULES);
    let broken = report(json!([["c", "failed", ["s"], [["r/a", "error"]]]]), &RULES);
    let forth = Comparison::of(&sound, &broken);
    assert_eq!(
        (named(&forth.broken), forth.regression),
        (vec!["r/a in c".to_owned()], true)
    );
    assert_eq!(
        (forth.verdicts[0].old, forth.verdicts[0].new),
        (Verdict::Passed, Verdict::Failed)
    );
    let back = Comparison::of(&broken, &sound);
    assert_eq!(
        (named(&back.fixed), back.regression),
        (vec!["r/a in c".to_owned()], false)
    );
    let same = Comparison::of(&broken, &broken);
    assert!(!same.regression && same.broken.is_empty() && same.verdicts.is_empty());
}

#[test]
fn what_one_of_them_did_not_look_at_is_neither_fixed_nor_broken() {
    let broken = report(json!([["c", "failed", ["s"], [["r/a", "error"]]]]), &RULES);
    let blind = [
        report(json!([]), &RULES),
        report(json!([["c", "skipped", [], []]]), &RULES),
        report(json!([["c", "inconclusive", ["s"], []]]), &RULES),
        report(json!([["c", "failed", ["before"], []]]), &RULES),
        report(
            json!([["c", "passed", ["before"], []]]),
            &[("r/a", "not-verified")],
        ),
        report(json!([["c", "passed", ["s"], []]]), &[("r/b", "upheld")]),
    ];
    for other in &blind {
        let forth = Comparison::of(other, &broken);
        assert_eq!(
            (named(&forth.found), forth.regression),
            (vec!["r/a in c".to_owned()], false)
        );
        let back = Comparison::of(&broken, other);
        assert_eq!(named(&back.unjudged), ["r/a in c"]);
        assert!(back.fixed.is_empty() && !back.regression);
    }
    let forth = Comparison::of(&blind[0], &broken);
    assert_eq!((forth.new_cases.len(), forth.vanished_cases.len()), (1, 0));
    assert_eq!(Comparison::of(&blind[5], &broken).new_rules, ["r/a"]);
}

#[test]
fn an_error_of_a_rule_that_is_judged_only_where_it_is_broken_is_a_regression() {
    let sound = report(
        json!([["c", "warned", ["s"], []]]),
        &[("r/a", "not-verified")],
    );
    let with =
        |severity: &str| report(json!([["c", "failed", ["s"], [["r/a", severity]]]]), &RULES);
    let forth = Comparison::of(&sound, &with("error"));
    assert_eq!(
        (named(&forth.broken), forth.regression),
        (vec!["r/a in c".to_owned()], true)
    );
    let back = Comparison::of(&with("error"), &sound);
    assert_eq!(
        (named(&back.fixed), back.regression, back.unclear),
        (vec!["r/a in c".to_owned()], false, false)
    );
    let mild = Comparison::of(&sound, &with("warning"));
    assert_eq!(
        (named(&mild.found), mild.regression),
        (vec!["r/a in c".to_owned()], false)
    );
}

#[test]
fn another_severity_is_a_regression_if_it_is_worse_and_an_info_is_none() {
    let with =
        |severity: &str| report(json!([["c", "warned", ["s"], [["r/a", severity]]]]), &RULES);
    let worse = Comparison::of(&with("warning"), &with("error"));
    assert_eq!(
        (named(&worse.changed), worse.regression),
        (vec!["r/a in c".to_owned()], true)
    );
    assert!(!Comparison::of(&with("error"), &with("warning")).regression);
    let sound = report(json!([["c", "passed", ["s"], []]]), &RULES);
    assert!(Comparison::of(&sound, &with("warning")).regression);
    assert!(!Comparison::of(&sound, &with("info")).regression);
}

#[test]
fn people_read_what_is_the_matter_first() {
    let sound = report(
        json!([["c", "passed", ["s"], []], ["d", "passed", [], []]]),
        &RULES,
    );
    let broken = report(json!([["c", "failed", ["s"], [["r/a", "error"]]]]), &RULES);
    let comparison = Comparison::of(&sound, &broken);
    let side = "t (http://t), 2026-01-01, scim-harness 1.0.0";
    assert_eq!(
        text(&comparison),
        format!(
            "old    {side}\nnew    {side}\n\nbroken (1)\n  error r/a in c at s: `x`\nis <b>\n\nnot shown any longer (1)\n  1 case not in the new run: d\n\nother verdict (1)\n  c passed -> failed\n\na regression: something is broken that was not\n"
        )
    );
    assert!(markdown(&comparison).contains("\n- error `r/a` in `c` at `s`: `` `x` is <b> ``\n"));
}

#[test]
fn a_run_that_shows_less_is_no_good_news() {
    let sound = report(
        json!([["c", "passed", ["s"], []], ["d", "passed", ["s"], []]]),
        &RULES,
    );
    let unclear = |cases: Value| {
        let comparison = Comparison::of(&sound, &report(cases, &RULES));
        assert!(!comparison.regression);
        let verdict = "could not tell: the new run does not show what the old one showed\n";
        assert_eq!(text(&comparison).ends_with(verdict), comparison.unclear);
        comparison.unclear
    };
    assert!(unclear(json!([["c", "passed", ["s"], []]])), "a part of it");
    assert!(unclear(json!([
        ["c", "passed", ["s"], []],
        ["d", "skipped", [], []]
    ])));
    assert!(!unclear(json!([
        ["c", "passed", ["s"], []],
        ["d", "passed", ["s"], []],
        ["e", "skipped", [], []]
    ])));
    assert!(unclear(json!([
        ["c", "passed", ["s"], []],
        ["d", "inconclusive", [], []]
    ])));
    assert!(unclear(json!([["c", "skipped", [], []]])), "nothing of it");
    assert!(unclear(json!([["e", "passed", ["s"], []]])), "other cases");
}

#[test]
fn what_is_not_shown_any_longer_is_told_by_name_in_a_line_for_each_reason() {
    let cases = |verdict: &str| {
        let names = (10..31).map(|number| json!([format!("c{number}"), verdict, [], []]));
        Value::Array(names.collect())
    };
    let sound = report(cases("passed"), &RULES);
    let comparison = Comparison::of(&sound, &report(cases("skipped"), &RULES));
    let [lost] = comparison.lost.as_slice() else {
        panic!("{:?}", comparison.lost);
    };
    assert_eq!(
        (lost.verdict, lost.cases.len()),
        (Some(Verdict::Skipped), 21)
    );
    let told = text(&comparison);
    let line = "  21 cases skipped: c10, c11, c12, c13, c14, c15, c16, c17, c18, c19 and 11 more\n";
    assert!(
        told.contains(&format!("\nnot shown any longer (1)\n{line}\n")),
        "{told}"
    );
    assert!(!told.contains("other verdict"), "{told}");
}

//! The JSON report against its JSON Schema, `fixtures/schemas/report.schema.json`.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up fails, and says where"
)]

mod support;

use std::collections::BTreeMap;

use jsonschema::Validator;
use scim_harness::{assets, check::always, report::json, scenario::Version};
use serde_json::{Value, json};
use support::{Home, Stub, answer, provider};

/// Members that are not in every report.
const OPTIONAL: [&str; 6] = ["also", "body", "raw", "leeway", "place", "failure"];

fn schema() -> Value {
    serde_json::from_str(&assets::json_schema("report.schema.json").unwrap()).unwrap()
}

fn validator() -> Validator {
    jsonschema::validator_for(&schema()).unwrap()
}

#[track_caller]
fn valid(report: &Value) {
    let problems: Vec<String> = validator()
        .iter_errors(report)
        .map(|problem| format!("{}: {problem}", problem.instance_path()))
        .collect();
    assert_eq!(problems, [""; 0]);
}

/// The report of a run with these arguments that ends with this code.
fn report(code: i32, arguments: &[&str]) -> Value {
    let home = Home::new();
    let all = [&["run", "--report", "json=report.json"], arguments].concat();
    home.run(&all).ended(code);
    home.json("report.json")
}

/// A report with findings, leeway, leftovers, skipped cases and an answer that never came.
fn rich() -> Value {
    let (provider, handler) = provider(Version::V2);
    let stub = Stub::start("/scim/v2", move |request| match request.method.as_str() {
        "DELETE" => answer(403, "text/plain", "never"),
        "PATCH" => {
            let mut garbled = answer(200, "application/scim+json", "{}");
            garbled
                .headers
                .push(("Content-Encoding".to_owned(), "br".to_owned()));
            garbled
        }
        "PUT" => answer(401, "text/html", "<p>no</p>"),
        _ => handler(request),
    });
    provider.set_base(stub.url.clone());
    report(1, &["--target", &stub.url, "--skip", "import"])
}

#[test]
fn every_member_of_the_schema_is_described() {
    fn described(place: &str, schema: &Value) {
        let Some(members) = schema.as_object() else {
            return;
        };
        for (name, inner) in members {
            let here = format!("{place}/{name}");
            match name.as_str() {
                "properties" | "$defs"
                    if !place.contains("/if")
                        && !place.contains("/then")
                        && !place.contains("/else") =>
                {
                    for (member, schema) in inner.as_object().unwrap() {
                        let text = schema["description"].as_str().unwrap_or_default();
                        assert!(text.ends_with('.'), "{here}/{member} has no description");
                    }
                }
                _ => {}
            }
            described(&here, inner);
        }
    }
    let schema = schema();
    assert!(jsonschema::meta::is_valid(&schema));
    described("", &schema);
}

#[test]
fn the_report_of_a_run_that_passes_is_valid() {
    let report = report(0, &[]);
    valid(&report);
    assert_eq!(report["verdict"], "conformant");
    assert_eq!(report["target"]["scim"], "2.0, 1.1");
}

#[test]
fn the_report_of_a_run_that_fails_is_valid() {
    let report = rich();
    valid(&report);
    assert_eq!(report["verdict"], "nonconformant");
    for (place, verdict) in [
        ("failed", "failed"),
        ("skipped", "skipped"),
        ("inconclusive", "inconclusive"),
    ] {
        let cases = report["cases"].as_array().unwrap();
        let count = cases
            .iter()
            .filter(|case| case["verdict"] == verdict)
            .count();
        assert_eq!(report["summary"][place], count);
        assert!(count > 0, "no case is {verdict}");
    }
    let text = report.to_string();
    for part in [
        "\"leeway\":",
        "\"failure\":{\"kind\":\"garbled\"",
        "\"response\":null",
        "DELETE answered 403",
    ] {
        assert!(text.contains(part), "{part}");
    }
}

#[test]
fn the_report_of_a_run_that_could_not_tell_is_valid() {
    let stub = Stub::start("/scim/v2", |_| answer(404, "text/plain", "not here"));
    let report = report(3, &["--target", &stub.url]);
    valid(&report);
    assert_eq!(report["verdict"], "inconclusive");
}

#[test]
fn the_report_of_a_run_without_cases_is_valid() {
    let report = report(4, &["--filter", "nothing-like-it"]);
    valid(&report);
    assert_eq!(
        (&report["verdict"], &report["cases"]),
        (&json!("inconclusive"), &json!([]))
    );
}

#[test]
fn a_report_with_a_changed_answer_is_valid() {
    let home = Home::new();
    let served = home.serve(&[]);
    let run = |snapshots: &str, more: &[&str]| {
        let common = [
            "run",
            "--target",
            &served.url,
            "--exact",
            "okta::v2::create_user",
            "--report",
            "json=report.json",
        ];
        home.run(&[&common[..], &["--snapshots", snapshots], more].concat())
    };
    run("record", &[]).ended(0);
    run("check", &[]).ended(0);
    let folder = home.path().join("snapshots");
    let mut files = vec![folder];
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(support::names_in(&path).iter().map(|name| path.join(name)));
        } else {
            let text = std::fs::read_to_string(&path).unwrap();
            std::fs::write(&path, text.replace("201", "200")).unwrap();
        }
    }
    run("check", &[]).ended(1);
    let report = home.json("report.json");
    valid(&report);
    assert_eq!(report["summary"]["changed"], 1);
    assert_eq!(report["cases"][0]["changes"][0]["kind"], "changed");
}

#[test]
fn a_report_is_read_back_as_it_was_written() {
    let text = rich().to_string();
    let report = json::parse(&text).unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(&json::text(&report).unwrap()).unwrap(),
        serde_json::from_str::<Value>(&text).unwrap()
    );
    assert_eq!(report.exit_code(), 1);
    for (text, reason) in [
        (
            "{",
            "it is no JSON report of scim-harness: EOF while parsing an object at line 1 column 1",
        ),
        (
            &text.replace("report/1", "report/2"),
            "its format is `scim-harness/report/2`, and this version reads `scim-harness/report/1`",
        ),
    ] {
        assert_eq!(json::parse(text).unwrap_err(), reason);
    }
}

#[test]
fn every_finding_names_its_place_in_a_scenario_file() {
    let report = json::parse(&rich().to_string()).unwrap();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for (case, finding) in report.findings() {
        let place = finding.place.as_ref().unwrap();
        let text = std::fs::read_to_string(root.join(&place.file)).unwrap();
        let line = text.lines().nth(place.line - 1).unwrap();
        let always = always::RULES.contains(&finding.rule.as_str());
        assert!(
            line.contains(&format!("\"{}\"", finding.rule)) || always && line.starts_with("name"),
            "{}: {line}",
            case.name
        );
    }
}

/// Every object in a report, one of each kind: by its place with `*` for an index.
fn objects<'a>(
    value: &'a Value,
    kind: String,
    place: String,
    found: &mut BTreeMap<String, (String, &'a Value)>,
) {
    match value {
        Value::Object(members) => {
            for (name, inner) in members {
                objects(
                    inner,
                    format!("{kind}/{name}"),
                    format!("{place}/{name}"),
                    found,
                );
            }
            found.entry(kind).or_insert((place, value));
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                objects(
                    inner,
                    format!("{kind}/*"),
                    format!("{place}/{index}"),
                    found,
                );
            }
        }
        _ => {}
    }
}

#[test]
fn a_member_too_many_or_too_few_is_refused() {
    let mut report = rich();
    report["rules"].as_array_mut().unwrap().truncate(40);
    valid(&report);
    let validator = validator();
    let mut found = BTreeMap::new();
    objects(&report, String::new(), String::new(), &mut found);
    let kinds: Vec<&str> = found.keys().map(String::as_str).collect();
    assert_eq!(
        kinds,
        [
            "",
            "/cases/*",
            "/cases/*/exchanges/*",
            "/cases/*/exchanges/*/failure",
            "/cases/*/exchanges/*/request",
            "/cases/*/exchanges/*/response",
            "/cases/*/findings/*",
            "/cases/*/findings/*/place",
            "/harness",
            "/leftovers/*",
            "/rules/*",
            "/run",
            "/summary",
            "/target",
        ]
    );
    for (place, value) in found.values() {
        let changed = |change: &dyn Fn(&mut serde_json::Map<String, Value>)| {
            let mut report = report.clone();
            change(report.pointer_mut(place).unwrap().as_object_mut().unwrap());
            validator.is_valid(&report)
        };
        assert!(
            !changed(&|members| drop(members.insert("surplus".to_owned(), json!(1)))),
            "{place}/surplus"
        );
        for name in value.as_object().unwrap().keys() {
            let optional = OPTIONAL.contains(&name.as_str()) && !place.ends_with("/response");
            if !optional {
                assert!(
                    !changed(&|members| drop(members.shift_remove(name))),
                    "{place}/{name} is removed"
                );
            }
            assert!(
                !changed(&|members| drop(members.insert(name.clone(), json!({"a": 1})))),
                "{place}/{name} is another"
            );
        }
    }
}

#[test]
fn a_rule_that_is_broken_again_names_the_further_steps() {
    let home = Home::new();
    let step = |name: &str| {
        format!(
            "[[step]]\nname = \"{name}\"\nsend = \"GET /Users\"\nexpect = [{{ rule = \"okta/users-page-is-200\", at = \"/totalResults\", equals = 7 }}]\n"
        )
    };
    let head = "title = \"Two steps break a rule\"\nclient = [\"okta-oin\"]\nscim = \"2.0\"\n";
    let text = [head, &step("first"), &step("second"), &step("third")].concat();
    home.write("mine/twice.toml", &text);
    let arguments = [
        "run",
        "--scenarios",
        "mine",
        "--exact",
        "twice",
        "--report",
        "json=report.json",
    ];
    home.run(&arguments).ended(1);
    let report = home.json("report.json");
    valid(&report);
    let findings = &report["cases"][0]["findings"];
    assert_eq!(findings.as_array().unwrap().len(), 1);
    assert_eq!(findings[0]["also"], json!(["second", "third"]));
}

#[test]
fn what_contradicts_itself_is_refused() {
    let mut report = report(0, &["--exact", "okta::v2::create_user"]);
    report["rules"].as_array_mut().unwrap().truncate(3);
    valid(&report);
    let validator = validator();
    for (place, value) in [
        ("/cases/0/verdict", json!("failed")),
        ("/cases/0/verdict", json!("skipped")),
        ("/cases/0/reason", json!("for no reason")),
        ("/cases/0/exchanges/0/response", json!(null)),
        ("/rules/0/status", json!("upheld")),
        ("/format", json!("scim-harness/report/2")),
        ("/run/started", json!("yesterday")),
    ] {
        let mut contradiction = report.clone();
        *contradiction.pointer_mut(place).unwrap() = value;
        assert!(!validator.is_valid(&contradiction), "{place}");
    }
}

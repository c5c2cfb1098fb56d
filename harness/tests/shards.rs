//! Reports of several runs: compared by `diff`, merged by `merge`.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up fails, and says where"
)]

mod support;

use serde_json::Value;
use support::Home;

/// Writes the report of a run of some cases on a provider with faults.
fn run(home: &Home, file: &str, url: &str, filter: &[&str]) {
    let report = format!("json={file}");
    let common = [
        "run", "--target", url, "--seed", "0badcafe", "--report", &report, "-q",
    ];
    let code = home.run(&[&common[..], filter].concat()).code;
    assert!([0, 1].contains(&code), "{code}");
}

/// What a report says, without what differs from run to run.
fn said(mut report: Value) -> Value {
    for name in ["started", "seconds", "requests"] {
        report["run"][name] = Value::Null;
    }
    for case in report["cases"].as_array_mut().unwrap() {
        case["seconds"] = Value::Null;
        case["exchanges"] = Value::Null;
    }
    report
}

const FIRST: [&str; 4] = ["--filter", "v2::create", "--filter", "v2::oin"];
const SECOND: [&str; 2] = ["--filter", "v2::aiw"];

#[test]
fn seeds_of_shards_are_all_told() {
    let home = Home::new();
    for (seed, file, case) in [
        ("00c0ffee", "1.json", "okta::v2::create_user"),
        ("0badcafe", "2.json", "okta::v2::import"),
    ] {
        let report = format!("json={file}");
        let arguments = [
            "run", "-q", "--exact", case, "--seed", seed, "--report", &report,
        ];
        home.run(&arguments).ended(0);
    }
    home.run(&["merge", "1.json", "2.json", "--report", "json=merged.json"])
        .ended(0);
    let run = &home.json("merged.json")["run"];
    assert_eq!(run["seed"], "00c0ffee, 0badcafe");
    assert_eq!(run["tag"], "scim-harness-00c0ffee, scim-harness-0badcafe");
}

#[test]
fn shards_are_merged_to_what_a_whole_run_says() {
    let home = Home::new();
    home.write("shards/README", "");
    let faults = [
        "--fault",
        "create-answers-200",
        "--fault",
        "deactivation-by-put-is-not-stored",
    ];
    let served = home.serve(&faults);
    run(
        &home,
        "whole.json",
        &served.url,
        &[&FIRST[..], &SECOND].concat(),
    );
    run(&home, "shards/1.json", &served.url, &FIRST);
    run(&home, "shards/2.json", &served.url, &SECOND);
    let merged = home
        .run(&["merge", "shards", "--report", "json=merged.json"])
        .ended(1);
    assert!(
        merged.out.contains("error[rfc7644-3.3/created-is-201]: "),
        "{}",
        merged.out
    );
    assert_eq!(
        said(home.json("merged.json")),
        said(home.json("whole.json"))
    );
    let schema = scim_harness::assets::json_schema("report.schema.json").unwrap();
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    assert!(validator.is_valid(&home.json("merged.json")));

    let twice = home.run(&["merge", "shards/1.json", "whole.json"]).ended(2);
    assert!(
        twice.err.starts_with(
            "error: the case `entra::v2::create_user` is in shards/1.json and in whole.json\n"
        ),
        "{}",
        twice.err
    );
    let other = home.serve(&[]);
    run(
        &home,
        "other.json",
        &other.url,
        &["--filter", "credentials"],
    );
    let strange = home.run(&["merge", "whole.json", "other.json"]).ended(2);
    assert!(
        strange
            .err
            .starts_with("error: whole.json and other.json cannot be merged: the targets differ\n")
    );
    let mut vast = home.json("other.json");
    vast["target"] = home.json("whole.json")["target"].clone();
    vast["run"]["requests"] = u64::MAX.into();
    vast["cases"][0]["name"] = "of::another::shard".into();
    vast["cases"].as_array_mut().unwrap().truncate(1);
    vast["cases"][0]["exchanges"][0]["milliseconds"] = u64::MAX.into();
    home.write("vast.json", &vast.to_string());
    let arguments = [
        "merge",
        "whole.json",
        "vast.json",
        "--report",
        "html=vast.html",
    ];
    let merged = home.run(&arguments);
    assert!(merged.code < 2, "{}", merged.err);
    assert!(merged.out.contains(&format!("{} requests", u64::MAX)));
    let mut newer = home.json("other.json");
    newer["harness"]["version"] = "9.0.0".into();
    newer["target"] = home.json("whole.json")["target"].clone();
    home.write("newer.json", &newer.to_string());
    let strange = home.run(&["merge", "whole.json", "newer.json"]).ended(2);
    assert!(
        strange.err.contains("the versions of scim-harness differ"),
        "{}",
        strange.err
    );
}

#[test]
fn a_later_run_is_compared_with_an_earlier_one() {
    let home = Home::new();
    let (sound, faulty) = (
        home.serve(&[]),
        home.serve(&["--fault", "create-answers-200"]),
    );
    let case = ["--exact", "okta::v2::create_user"];
    run(&home, "sound.json", &sound.url, &case);
    run(&home, "faulty.json", &faulty.url, &case);
    run(
        &home,
        "more.json",
        &sound.url,
        &["--filter", "okta::v2::create"],
    );
    let red = home.run(&["diff", "sound.json", "faulty.json"]).ended(1);
    let shown =
        "\nbroken (1)\n  error rfc7644-3.3/created-is-201 in okta::v2::create_user at create: ";
    assert!(red.out.contains(shown), "{}", red.out);
    assert!(
        red.out
            .ends_with("\na regression: something is broken that was not\n")
    );
    let green = home.run(&["diff", "faulty.json", "sound.json"]).ended(0);
    assert!(green.out.contains("\nfixed (1)\n"), "{}", green.out);
    let wider = home
        .run(&["diff", "faulty.json", "more.json", "--format", "json"])
        .ended(0);
    let wider: Value = serde_json::from_str(&wider.out).unwrap();
    assert_eq!(wider["format"], "scim-harness/diff/1");
    assert_eq!(wider["fixed"][0]["rule"], "rfc7644-3.3/created-is-201");
    assert!(!wider["new_cases"].as_array().unwrap().is_empty());
    let less = home.run(&["diff", "more.json", "sound.json"]).ended(3);
    let shown = " cases not in the new run: ";
    assert!(less.out.contains(shown), "{}", less.out);
    let text = home
        .run(&["diff", "sound.json", "faulty.json", "--format", "markdown"])
        .ended(1);
    assert!(
        text.out
            .starts_with("**a regression: something is broken that was not**\n")
    );
}

#[test]
fn a_file_that_is_no_report_is_told() {
    let home = Home::new();
    home.write("half.json", "{\"format\":");
    home.write("empty/README", "");
    for (arguments, part) in [
        (
            &["diff", "gone.json", "gone.json"][..],
            "gone.json cannot be read: ",
        ),
        (
            &["diff", "half.json", "half.json"],
            "half.json cannot be read: it is no JSON report of scim-harness",
        ),
        (&["merge", "half.json"], "half.json cannot be read: "),
        (&["merge", "empty"], "empty holds no JSON report"),
    ] {
        let told = home.run(arguments).ended(2);
        assert!(told.err.contains(part), "{}", told.err);
    }
}

//! The command line: exit codes, messages and reports of the binary.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up fails, and says where"
)]

mod support;

use std::{collections::BTreeSet, fs, path::Path};

use scim_harness::scenario::Version;
use serde_json::{Value, json};
use support::{Home, Stub, answer, get, names_in, provider, users};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Cases of the JSON report of a run with these arguments, which ends with 0.
fn cases(arguments: &[&str]) -> Vec<Value> {
    let home = Home::new();
    let all = [&["run", "--report", "json=report.json"], arguments].concat();
    home.run(&all).ended(0);
    home.json("report.json")["cases"]
        .as_array()
        .unwrap()
        .clone()
}

fn names(cases: &[Value]) -> Vec<&str> {
    cases
        .iter()
        .map(|case| case["name"].as_str().unwrap())
        .collect()
}

/// Names in the lines that `list` prints.
fn listed(arguments: &[&str]) -> Vec<String> {
    let ran = Home::new().run(&[&["list"], arguments].concat()).ended(0);
    ran.out
        .lines()
        .map(|line| line.split("  ").next().unwrap().to_owned())
        .collect()
}

#[test]
fn every_id_of_the_manual_plan_has_its_cases_or_a_reason() {
    let ran = Home::new().run(&["list", "--plan"]).ended(0);
    let lines: Vec<(&str, &str)> = ran
        .out
        .lines()
        .map(|line| line.split_once(' ').unwrap())
        .collect();
    let ids: BTreeSet<&str> = lines.iter().map(|(id, _)| *id).collect();
    assert_eq!((ids.len(), lines.len()), (61, 61), "the plan has 61 cases");
    let unseen = lines
        .iter()
        .filter(|(_, rest)| rest.contains("not seen by a provider"));
    assert_eq!(unseen.count(), 22);
    assert!(
        !ran.out.contains("no case of this selection"),
        "{}",
        ran.out
    );
    let create = lines.iter().find(|(id, _)| *id == "C9290").unwrap().1;
    assert!(create.contains("okta::v2::create_user"), "{create}");
}

#[test]
fn without_arguments_the_embedded_provider_is_tested_and_nothing_is_written() {
    let home = Home::new();
    let ran = home.run(&[]).ended(0);
    let start = "SCIM 2.0, 1.1 · the embedded provider · seed ";
    let summary = ran.out.strip_prefix(start).unwrap();
    assert!(
        summary.ends_with("\nconformant, as far as these cases go\n"),
        "{summary}"
    );
    // Two cases are about providers that page by cursor alone, or unless asked otherwise.
    assert!(
        summary.contains(" 0 warned, 0 failed, 2 skipped, 0 inconclusive\n"),
        "{summary}"
    );
    let skips = summary.lines().filter(|line| line.starts_with("skip "));
    for skip in skips {
        assert!(
            skip.contains("nextCursor") || skip.contains("paged by cursor"),
            "{skip}"
        );
    }
    assert_eq!(ran.err, "");
    assert_eq!(home.files(), [""; 0]);
    assert_eq!(names_in(&home.state()), [""; 0]);
}

#[test]
fn filter_takes_the_cases_whose_name_contains_one_of_the_texts() {
    let arguments = ["--filter", "v2::create", "--filter", "v1::duplicate"];
    let cases = cases(&arguments);
    let fits = |name: &str| name.contains("v2::create") || name.contains("v1::duplicate");
    let fitting: Vec<String> = listed(&[]).into_iter().filter(|name| fits(name)).collect();
    assert!(fitting.len() > 2);
    assert_eq!(names(&cases), fitting);
    assert_eq!(names(&cases), listed(&arguments));
}

#[test]
fn exact_takes_the_case_of_this_name_alone() {
    for name in [
        "okta::v2::create_user",
        "okta::v2::credentials",
        "okta::v1::credentials",
    ] {
        assert_eq!(names(&cases(&["--exact", name])), [name]);
    }
}

#[test]
fn skip_leaves_out_the_cases_whose_name_contains_one_of_the_texts() {
    let left = listed(&[
        "--filter", "v2::oin", "--skip", "password", "--skip", "activate",
    ]);
    let is_left = |name: &String| {
        name.contains("v2::oin") && !name.contains("password") && !name.contains("activate")
    };
    assert!(left.contains(&"okta::v2::oin::unassign".to_owned()) && left.iter().all(is_left));
    assert!(left.len() < listed(&["--filter", "v2::oin"]).len());
    let cases = cases(&[
        "--filter", "v2::oin", "--skip", "password", "--skip", "activate",
    ]);
    assert_eq!(names(&cases), left);
}

#[test]
fn client_takes_its_conversations_alone() {
    let cases = cases(&["--client", "okta-aiw", "--skip", "import"]);
    let has = |case: &Value| {
        case["client"]
            .as_array()
            .unwrap()
            .contains(&json!("okta-aiw"))
    };
    assert!(!cases.is_empty() && cases.iter().all(has));
    assert!(names(&cases).iter().all(|name| !name.contains("::oin::")));
    let both = listed(&["--client", "okta-aiw", "--client", "okta-oin"]);
    assert!(both.iter().any(|name| name.contains("::oin::")));
    assert!(both.len() > listed(&["--client", "okta-aiw"]).len());
}

#[test]
fn scim_takes_one_version_alone() {
    for version in ["2.0", "1.1"] {
        let cases = cases(&["--scim", version, "--filter", "create"]);
        assert!(!cases.is_empty() && cases.iter().all(|case| case["scim"] == version));
    }
}

#[test]
fn read_only_sends_nothing_but_reads() {
    let (provider, handler) = provider(Version::V2);
    provider.seed(3);
    let stub = Stub::start("/scim/v2", move |request| handler(request));
    provider.set_base(stub.url.clone());
    let cases = cases(&["--read-only", "--target", &stub.url]);
    let methods: BTreeSet<String> = stub.asked().into_iter().map(|asked| asked.method).collect();
    assert_eq!(methods, BTreeSet::from(["GET".to_owned()]));
    let of = |verdict: &str| {
        cases
            .iter()
            .filter(|case| case["verdict"] == verdict)
            .count()
    };
    let refused = |case: &&Value| case["reason"] == "it writes, and the run is read-only";
    assert!(of("passed") > 1 && cases.iter().filter(refused).count() > 1);
    assert_eq!(of("passed") + of("skipped"), cases.len());
}

#[test]
fn the_same_seed_sends_the_same_bodies() {
    let bodies = || {
        let cases = cases(&["--exact", "okta::v2::create_user", "--seed", "c0ffee"]);
        let exchanges = cases[0]["exchanges"].as_array().unwrap().clone();
        let body = |exchange: &Value| exchange["request"]["body"].as_str().map(str::to_owned);
        exchanges.iter().filter_map(body).collect::<Vec<_>>()
    };
    let first = bodies();
    assert!(
        first
            .iter()
            .any(|body| body.contains("scim-harness-00c0ffee-"))
    );
    assert_eq!(first, bodies());
}

#[test]
fn a_mistake_in_usage_is_told_with_exit_code_2() {
    let told = |arguments: &[&str], variables: &[(&str, &str)]| {
        let ran = Home::new().run_with(variables, arguments).ended(2);
        assert_eq!(ran.out, "", "{arguments:?}");
        ran.err
    };
    let exact = [
        (
            &["--client", "okta-onn"][..],
            "error: there is no client `okta-onn`
 |
 = help: did you mean `okta-oin`?
 = known: okta-oin, okta-oin-patch, okta-aiw, okta-ig, okta-opp, okta-spec, rfc, entra
",
        ),
        (
            &["--target", "acme"],
            "error: `acme` is neither a URL nor a target of the target file
 |
 = help: a URL begins with https://
",
        ),
        (
            &["--target", "https://scim.example.com/v2?tenant=1"],
            "error: the base URL `https://scim.example.com/v2?…` has a query or a fragment, which a SCIM base URL cannot have (RFC 7644 section 1.3)
",
        ),
        (
            &["serve", "--fault", "pages-overlapp"],
            "error: there is no fault `pages-overlapp`
 |
 = help: did you mean `pages-overlap`?
 = help: serve --list-faults lists them
",
        ),
        (
            &["--scenarios", "nowhere"],
            "error: there is no folder or file nowhere
 |
 = help: --scenarios takes a folder with *.toml files
",
        ),
        (
            &["--config", "none.toml"],
            "error: the target file none.toml cannot be read: No such file or directory (os error 2)
",
        ),
        (
            &["sweep"],
            "error: sweep needs to know the target
 |
 = help: scim-harness sweep --target URL
",
        ),
        (&["snapshots", "list"], "error: there is no folder snapshots\n"),
    ];
    for (arguments, text) in exact {
        assert_eq!(told(arguments, &[]), text, "{arguments:?}");
    }
    let version = told(
        &[],
        &[("SCIM_URL", "https://x.example"), ("SCIM_VERSION", "3")],
    );
    assert_eq!(
        version,
        "error: `3` is no SCIM version: it is 2.0 or 1.1
 |
 = help: SCIM_VERSION is 2.0 or 1.1
"
    );
}

#[test]
fn a_mistake_in_an_argument_is_told_by_the_argument_parser() {
    let mistakes = [
        (
            &["--filtr", "x"][..],
            "tip: a similar argument exists: '--filter'",
        ),
        (
            &["run", "--read-olny"],
            "tip: a similar argument exists: '--read-only'",
        ),
        (&["srve"], "tip: a similar subcommand exists: 'serve'"),
        (
            &["--report", "jsn=x"],
            "there is no report format `jsn`; did you mean `json`?",
        ),
        (
            &["--report", "json"],
            "expected FORMAT=PATH, such as json=report.json",
        ),
        (
            &["--seed", "xyz"],
            "`xyz` is no seed: it has up to eight hexadecimal digits",
        ),
        (&["--jobs", "0"], "expected a whole number of at least 1"),
        (&["--rate", "0"], "expected a number above 0"),
        (&["--timeout", "soon"], "expected a number above 0"),
        (&["--scim", "3"], "`3` is no SCIM version: it is 2.0 or 1.1"),
        (
            &["--snapshots", "chek"],
            "tip: a similar value exists: 'check'",
        ),
        (
            &["rules", "--format", "jsn"],
            "tip: a similar value exists: 'json'",
        ),
        (
            &["lint"],
            "the following required arguments were not provided",
        ),
        (&["serve", "--basic", "abc"], "expected USER:PASSWORD"),
        (
            &["serve", "--like", "thousandeye"],
            "unknown provider \"thousandeye\", known is thousandeyes",
        ),
    ];
    for (arguments, text) in mistakes {
        let ran = Home::new().run(arguments).ended(2);
        assert!(ran.err.contains(text), "{arguments:?} says\n{}", ran.err);
        assert_eq!(ran.out, "");
    }
}

#[test]
fn a_target_of_the_target_file_is_found_by_its_name() {
    let home = Home::new();
    home.write(
        "scim-harness.toml",
        "[target.acme]\nurl = \"https://scim.acme.example/v2\"\n",
    );
    let ran = home.run(&["--target", "acem"]).ended(2);
    assert!(
        ran.err.contains("= help: did you mean `acme`?"),
        "{}",
        ran.err
    );
    home.write(
        "scim-harness.toml",
        "[target.acme]\nurll = \"https://scim.acme.example/v2\"\n",
    );
    assert_eq!(
        home.run(&["--target", "acme"]).ended(2).err,
        "error: unknown field `urll`
 --> scim-harness.toml:2:1
  |
2 | urll = \"****************************\"
  | ^^^^ expected one of `url`, `scim`, `bearer_env`, `bearer_file`, `basic_env`, `header_env`, `second`, `other_tenant`, `user_domain`, `deactivation`, `groups`, `manner`
  |
  = help: did you mean `url`?
"
    );
}

#[test]
fn a_report_that_cannot_be_written_is_told_before_any_request() {
    let stub = Stub::start("/scim/v2", |_| answer(500, "text/plain", "asked"));
    for (path, reason) in [
        (
            "no/such/report.json",
            "No such file or directory (os error 2)",
        ),
        (".", "is a directory"),
    ] {
        let home = Home::new();
        let report = format!("json={path}");
        let ran = home
            .run(&["--target", &stub.url, "--report", &report])
            .ended(2);
        assert_eq!(ran.out, "");
        assert_eq!(
            ran.err,
            format!(
                "error: the report {path} cannot be written: {reason}
 |
 = help: does the folder exist, may it be written to, and is there space?
"
            )
        );
        assert_eq!(home.files(), [""; 0]);
    }
    assert!(stub.asked().is_empty());
}

#[test]
fn a_full_disk_is_told_and_never_hides_the_verdict() {
    let arguments = [
        "--exact",
        "okta::v2::create_user",
        "--report",
        "html=/dev/full",
    ];
    let ran = Home::new().run(&arguments).ended(2);
    let told = "error: the report /dev/full cannot be written: No space left on device";
    assert!(ran.err.starts_with(told), "{}", ran.err);
    assert!(
        ran.out
            .ends_with("\nconformant, as far as these cases go\n")
    );
}

#[test]
fn two_reports_in_one_file_are_a_mistake() {
    let arguments = ["--report", "json=a", "--report", "har=a"];
    let ran = Home::new().run(&arguments).ended(2);
    assert_eq!(ran.err, "error: two reports would be written to a\n");
    let same = ["--report", "json=a", "--report", "json=./a"];
    Home::new().run(&same).ended(2);
}

#[test]
fn a_report_can_be_written_to_a_device() {
    let arguments = [
        "--exact",
        "okta::v2::create_user",
        "--report",
        "json=/dev/null",
    ];
    Home::new().run(&arguments).ended(0);
}

#[test]
fn the_environment_chooses_the_version_too() {
    let home = Home::new();
    let listed = home
        .run_with(&[("SCIM_VERSION", "1.1")], &["list"])
        .ended(0)
        .out;
    assert_eq!(listed, home.run(&["list", "--scim", "1.1"]).ended(0).out);
    let first = [("SCIM_VERSION", "1.1")];
    let both = home
        .run_with(&first, &["list", "--scim", "2.0"])
        .ended(0)
        .out;
    assert_eq!(both, home.run(&["list", "--scim", "2.0"]).ended(0).out);
    for arguments in [&["list"][..], &["run"]] {
        let ran = home.run_with(&[("SCIM_VERSION", "3")], arguments).ended(2);
        assert_eq!(
            ran.err,
            "error: `3` is no SCIM version: it is 2.0 or 1.1\n |\n = help: SCIM_VERSION is 2.0 or 1.1\n"
        );
    }
}

#[test]
fn a_finding_names_the_folder_of_its_scenario_in_the_command_that_repeats_it() {
    let home = Home::new();
    home.write(
        "mine/broken.toml",
        r#"title  = "A user is listed that nobody has"
client = ["okta-oin"]
scim   = "2.0"

[[step]]
name   = "list"
send   = "GET /Users"
expect = [{ rule = "okta/users-page-is-200", status = 418 }]
"#,
    );
    let ran = home
        .run(&["--scenarios", "mine", "--exact", "broken"])
        .ended(1);
    let line = ran.out.lines().find(|line| line.contains("= again: "));
    let again = line.and_then(|line| line.split("= again: scim-harness ").nth(1));
    let words: Vec<&str> = again.unwrap().split(' ').collect();
    assert_eq!(
        words[..5],
        ["run", "--scenarios", "mine", "--exact", "broken"]
    );
    home.run(&words).ended(1);
}

const MINE: &str = r#"title  = "Users are listed"
client = ["okta-oin"]
scim   = "2.0"

[[step]]
name   = "list"
send   = "GET /Users"
expect = [{ rule = "okta/users-page-is-200", status = 200 }]
"#;

#[test]
fn the_command_that_repeats_a_case_can_be_pasted_into_a_shell() {
    let home = Home::new();
    let served = home.serve(&["--fault", "create-answers-200"]);
    let config = format!("[target.\"my server\"]\nurl = \"{}\"\n", served.url);
    home.write("it's mine/targets.toml", &config);
    home.write("more scenarios/mine.toml", MINE);
    let arguments = [
        "run",
        "--config",
        "it's mine/targets.toml",
        "--target",
        "my server",
        "--scenarios",
        "more scenarios",
        "--exact",
        "okta::v2::create_user",
        "--seed",
        "00c0ffee",
        "--strict",
        "--timeout",
        "2.5",
        "--import-limit",
        "7",
    ];
    let ran = home.run(&arguments).ended(1);
    let shown = "= again: scim-harness run --config 'it'\\''s mine/targets.toml' --target 'my server' --scenarios 'more scenarios' --scim 2.0 --exact okta::v2::create_user --seed 00c0ffee --strict --timeout 2.5 --import-limit 7\n";
    assert!(ran.out.contains(shown), "{}", ran.out);
}

#[test]
fn nothing_that_fits_is_exit_code_4() {
    let meant = " = help: did you mean `okta::v2::create_user`?\n";
    for (arguments, meant) in [
        (&["--filter", "nothing-like-it"][..], ""),
        (&["--exact", "okta::v2::create_usr"], meant),
    ] {
        let ran = Home::new().run(arguments).ended(4);
        let help = "`scim-harness list` shows the cases; look at --filter, --exact, --client, --scim, --skip";
        assert_eq!(
            ran.err,
            format!("error: no case fits\n |\n{meant} = help: {help}\n")
        );
        assert!(
            ran.out.contains("0 passed, 0 warned, 0 failed"),
            "{}",
            ran.out
        );
        assert!(!ran.out.contains("conformant"), "{}", ran.out);
    }
    let listed = Home::new()
        .run(&["list", "--filter", "nothing-like-it"])
        .ended(4);
    assert!(
        listed.err.starts_with("error: no case fits"),
        "{}",
        listed.err
    );
}

#[test]
fn only_skipped_cases_are_exit_code_4() {
    let ran = Home::new()
        .run(&["--read-only", "--exact", "okta::v2::create_user"])
        .ended(4);
    assert!(
        ran.out
            .contains("skip   1 × it writes, and the run is read-only"),
        "{}",
        ran.out
    );
    assert!(!ran.out.contains("conformant"), "{}", ran.out);
}

#[test]
fn list_names_each_case_with_clients_and_title() {
    let ran = Home::new()
        .run(&["list", "--exact", "okta::v2::create_user"])
        .ended(0);
    assert_eq!(
        ran.out,
        "okta::v2::create_user  okta-oin, okta-oin-patch, okta-aiw  Okta creates a user it cannot find\n"
    );
    assert!(listed(&[]).len() > 30);
}

#[test]
fn lint_finds_no_mistake_in_the_scenarios_of_the_repository() {
    let ran = Home::new()
        .run(&["lint", &format!("{ROOT}/scenarios")])
        .ended(0);
    let files = scenario_files();
    let openings = files.iter().filter(|path| path.contains("/given/")).count();
    let expected = format!(
        "{} scenarios and {openings} openings without a mistake\n",
        files.len() - openings
    );
    assert_eq!(ran.out, expected);
    assert_eq!(ran.err, "");
}

#[test]
fn rules_are_listed_with_what_proves_them() {
    let home = Home::new();
    let rules: Value =
        serde_json::from_str(&home.run(&["rules", "--format", "json"]).ended(0).out).unwrap();
    let rules = rules.as_array().unwrap();
    assert!(rules.len() > 600);
    for rule in rules {
        let members: BTreeSet<&str> = rule
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        let expected = [
            "id",
            "level",
            "severity",
            "testable",
            "covered",
            "proven_by",
            "faults",
            "reason",
        ];
        assert_eq!(members, BTreeSet::from(expected));
        let proven = !rule["proven_by"].as_array().unwrap().is_empty();
        assert_eq!(rule["covered"], proven, "{rule}");
        assert_eq!(rule["reason"].is_null(), proven, "{rule}");
    }
    let created = rules
        .iter()
        .find(|rule| rule["id"] == "rfc7644-3.3/created-is-201")
        .unwrap();
    assert_eq!(created["severity"], "error");
    assert!(
        created["proven_by"]
            .as_array()
            .unwrap()
            .contains(&json!("okta::v2::create_user"))
    );
    assert!(
        created["faults"]
            .as_array()
            .unwrap()
            .contains(&json!("create-answers-200"))
    );
    for format in ["text", "markdown"] {
        let ran = home.run(&["rules", "--format", format]).ended(0);
        assert!(ran.out.contains("rfc7644-3.3/created-is-201"));
    }
}

/// Every scenario file of the repository.
fn scenario_files() -> Vec<String> {
    fn collect(folder: &Path, files: &mut Vec<String>) {
        for name in names_in(folder) {
            let path = folder.join(name);
            if path.is_dir() {
                collect(&path, files);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "toml")
            {
                files.push(path.to_string_lossy().into_owned());
            }
        }
    }
    let mut files = Vec::new();
    collect(&Path::new(ROOT).join("scenarios"), &mut files);
    files
}

#[test]
fn every_scenario_is_valid_against_the_schema_that_is_printed() {
    let schema: Value = serde_json::from_str(&Home::new().run(&["schema"]).ended(0).out).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let files = scenario_files();
    assert!(files.len() > 40);
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let scenario = serde_json::to_value(toml::from_str::<toml::Table>(&text).unwrap()).unwrap();
        let problems: Vec<String> = validator
            .iter_errors(&scenario)
            .map(|error| error.to_string())
            .collect();
        assert_eq!(problems, [""; 0], "{file}");
    }
}

#[test]
fn the_schema_refuses_an_unknown_key_at_every_place() {
    let schema: Value = serde_json::from_str(&Home::new().run(&["schema"]).ended(0).out).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let sound = json!({
        "title": "Okta lists users", "client": ["okta-oin"], "scim": "2.0", "needs": ["users"],
        "step": [{
            "name": "list", "send": "GET /Users", "pages": {"by": 100}, "as": "wrong",
            "for_each": {"name": "attribute", "attributes": {"resource": "User"}},
            "expect": [{"rule": "okta/users-page-is-200", "when": 200, "status": [200, 204]}],
        }],
    });
    assert!(validator.is_valid(&sound));
    let places = [
        "",
        "/step/0",
        "/step/0/pages",
        "/step/0/for_each",
        "/step/0/for_each/attributes",
        "/step/0/expect/0",
    ];
    for place in places {
        let mut mistaken = sound.clone();
        mistaken.pointer_mut(place).unwrap()["surplus"] = json!(1);
        assert!(!validator.is_valid(&mistaken), "{place}");
    }
    let values = [
        ("/scim", json!("2")),
        ("/needs/0", json!("user")),
        ("/step/0/as", json!("secnd")),
        ("/step/0/expect/0/status", json!("200")),
        ("/step/0/pages/by", json!("1")),
        ("/title", json!(null)),
    ];
    for (place, value) in values {
        let mut mistaken = sound.clone();
        *mistaken.pointer_mut(place).unwrap() = value;
        assert!(!validator.is_valid(&mistaken), "{place}");
    }
}

#[test]
fn serve_lists_its_faults_with_the_rules_that_they_break() {
    let ran = Home::new().run(&["serve", "--list-faults"]).ended(0);
    for fault in scim_harness::fault::embedded().unwrap() {
        let lines = ran
            .out
            .lines()
            .skip_while(|line| !line.starts_with(&format!("{} ", fault.name)));
        let told: Vec<&str> = lines.take(2).collect();
        assert!(told[0].ends_with(&fault.about), "{told:?}");
        assert!(told[1].ends_with(&fault.breaks.join(", ")), "{told:?}");
    }
}

#[test]
fn serve_prints_its_base_url_and_answers_there() {
    let home = Home::new();
    for (arguments, path, config) in [
        (&[][..], "/scim/v2", "ServiceProviderConfig"),
        (&["--scim", "1.1"], "/scim/v1", "ServiceProviderConfigs"),
    ] {
        let served = home.serve(arguments);
        assert!(
            served.url.starts_with("http://127.0.0.1:") && served.url.ends_with(path),
            "{}",
            served.url
        );
        assert_eq!(get(&format!("{}/{config}", served.url), "").0, 200);
        assert_eq!(users(&served.url).len(), 0);
    }
}

#[test]
fn serve_begins_with_users_and_demands_its_credential() {
    let home = Home::new();
    assert_eq!(users(&home.serve(&["--users", "7"]).url).len(), 7);
    let served = home.serve(&["--token", "right"]);
    let status = |token: &str| get(&format!("{}/Users", served.url), token).0;
    assert_eq!(
        (status("right"), status("wrong"), status("")),
        (200, 401, 401)
    );
}

#[test]
fn serve_ends_with_0_when_it_is_interrupted() {
    let served = Home::new().serve(&[]);
    assert_eq!(users(&served.url).len(), 0, "it is up");
    let ended = served.interrupt();
    assert_eq!((ended.code, ended.err.as_str()), (0, ""));
}

#[test]
fn version_and_help_are_printed_with_exit_code_0() {
    let home = Home::new();
    let version = home.run(&["--version"]).ended(0);
    assert_eq!(
        version.out,
        concat!("scim-harness ", env!("CARGO_PKG_VERSION"), "\n")
    );
    let help = home.run(&["--help"]).ended(0).out;
    for word in [
        "--target <URL|NAME>",
        "Exit codes:",
        "SCIM_TOKEN",
        "serve",
        "sweep",
    ] {
        assert!(help.contains(word), "{word} in\n{help}");
    }
    for command in [
        "run",
        "serve",
        "list",
        "lint",
        "rules",
        "schema",
        "snapshots",
        "sweep",
    ] {
        assert!(
            home.run(&[command, "--help"])
                .ended(0)
                .out
                .contains("Usage: scim-harness")
        );
    }
}

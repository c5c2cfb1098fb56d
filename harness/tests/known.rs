//! Known deviations on the command line: the gate that a vendor lives with.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up fails, and says where"
)]

mod support;

use std::fs;

use support::{Home, Ran, Serve};

/// Bugs that a vendor has when it begins.
const BUGS: [&str; 5] = [
    "start-index-is-a-string",
    "deactivation-by-patch-is-not-stored",
    "create-answers-200",
    "refusal-has-no-status-in-body",
    "duplicate-user-is-created",
];
/// A bug that comes later.
const REGRESSION: &str = "filter-has-to-come-first";

const FILE: &str = r#"# Our tenants.
default = "ours"

[target.ours]
url  = "URL"   # the test tenant
scim = "2.0"
"#;

/// A vendor with a target file and a provider.
struct Vendor {
    home: Home,
    served: Option<Serve>,
}

impl Vendor {
    fn new() -> Self {
        let home = Home::new();
        home.write("scim-harness.toml", FILE);
        Self { home, served: None }
    }

    /// Brings out a version of the provider with these bugs.
    fn deploy(&mut self, bugs: &[&str]) {
        let arguments: Vec<&str> = bugs.iter().flat_map(|bug| ["--fault", bug]).collect();
        self.served = None;
        let served = self.home.serve(&arguments);
        let file = self.file();
        let (head, rest) = file.split_once("url  = \"").unwrap();
        let (_, rest) = rest.split_once('"').unwrap();
        let file = format!("{head}url  = \"{}\"{rest}", served.url);
        self.home.write("scim-harness.toml", &file);
        self.served = Some(served);
    }

    fn file(&self) -> String {
        fs::read_to_string(self.home.path().join("scim-harness.toml")).unwrap()
    }

    fn change(&self, from: &str, to: &str) {
        let file = self.file();
        assert!(file.contains(from), "{file}");
        self.home
            .write("scim-harness.toml", &file.replace(from, to));
    }

    fn run(&self, more: &[&str]) -> Ran {
        let arguments = ["run", "--report", "json=report.json", "--skip", "import"];
        self.home.run(&[&arguments[..], more].concat())
    }

    fn count(&self, place: &str) -> u64 {
        self.home.json("report.json")["summary"][place]
            .as_u64()
            .unwrap()
    }
}

#[test]
fn the_story_of_a_vendor() {
    let mut vendor = Vendor::new();
    vendor.deploy(&BUGS);
    // The first run finds a good deal.
    vendor.run(&[]).ended(1);
    assert!(vendor.count("failed") > 0 && vendor.count("known") == 0);
    // What is found is written down, and has to be explained.
    let adopted = vendor.run(&["--write-known"]).ended(1);
    let file = vendor.file();
    let entries = file.matches("\n[[known]]\n").count();
    assert!(entries >= 10, "{entries} rules");
    let findings = adopted.err.split_whitespace().nth(1).unwrap();
    assert!(
        findings.parse::<u32>().unwrap() >= 20,
        "{findings} findings"
    );
    let told = format!("were written to scim-harness.toml as {entries} known deviations: ");
    assert!(adopted.err.contains(&told), "{}", adopted.err);
    assert!(file.starts_with("# Our tenants.\n") && file.contains("   # the test tenant\n"));
    let silent = vendor.run(&[]).ended(1);
    assert_eq!(
        silent.out.matches("`why` is empty").count(),
        1,
        "{}",
        silent.out
    );
    vendor.change("why = \"\"", "why = \"ticket 7\"");
    // The gate is green, and the verdict stays what it is.
    let green = vendor.run(&[]).ended(0);
    assert!(
        green
            .out
            .ends_with("\nNOT conformant, but nothing unexpected, as far as these cases go\n")
    );
    assert_eq!(vendor.home.json("report.json")["verdict"], "nonconformant");
    assert_eq!((vendor.count("failed"), vendor.count("stale")), (0, 0));
    // A regression shows as one finding.
    vendor.deploy(&[&BUGS[..], &[REGRESSION]].concat());
    let red = vendor.run(&[]).ended(1);
    assert_eq!(red.out.matches("error[").count(), 1, "{}", red.out);
    assert!(
        red.out
            .contains("error[okta/parameter-order-is-irrelevant]: "),
        "{}",
        red.out
    );
    // It is fixed.
    vendor.deploy(&BUGS);
    vendor.run(&[]).ended(0);
    // One of the old bugs is fixed too: its entries have to go.
    vendor.deploy(&BUGS[1..]);
    let stale = vendor.run(&[]).ended(1);
    assert!(
        stale
            .out
            .contains("error: a known deviation is stale: it no longer occurs\n"),
        "{}",
        stale.out
    );
    assert_eq!(vendor.count("failed"), 0);
    assert!(vendor.count("stale") > 0);
    let complaints = stale
        .out
        .matches("error: a known deviation is stale")
        .count();
    assert!(
        complaints < vendor.count("stale") as usize,
        "one for each rule"
    );
    assert!(!vendor.run(&["-q"]).ended(1).out.contains("is stale"));
}

#[test]
fn a_report_with_known_and_stale_deviations_keeps_to_its_schema() {
    let schema = scim_harness::assets::json_schema("report.schema.json").unwrap();
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let mut vendor = Vendor::new();
    vendor.deploy(&BUGS[..2]);
    vendor.run(&["--write-known"]).ended(1);
    vendor.change("why = \"\"", "why = \"ticket 7\"\nuntil = 2999-12-31");
    for (bugs, code) in [(&BUGS[..2], 0), (&BUGS[..1], 1)] {
        vendor.deploy(bugs);
        vendor.run(&[]).ended(code);
        let report = vendor.home.json("report.json");
        let problem = validator
            .iter_errors(&report)
            .next()
            .map(|problem| problem.to_string());
        assert_eq!(problem, None);
        let text = report.to_string();
        assert!(text.contains("\"known\":\"ticket 7\""));
        assert!(text.contains("\"until\":\"2999-12-31\",\"status\":\"occurs\""));
        assert_eq!(text.contains("\"status\":\"stale\""), code == 1);
    }
}

#[test]
fn an_entry_whose_case_is_not_run_is_neither_used_nor_stale() {
    let mut vendor = Vendor::new();
    vendor.deploy(&[]);
    let file = vendor.file();
    let entry = "\n[[known]]\ncase = \"okta::v2::create_user\"\nrule = \"rfc7644-3.3/created-is-201\"\nwhy = \"w\"\n";
    vendor.home.write("scim-harness.toml", &(file + entry));
    vendor.run(&["--exact", "okta::v2::credentials"]).ended(0);
    vendor
        .run(&["--exact", "okta::v2::create_user", "--read-only"])
        .ended(4);
    vendor.run(&["--exact", "okta::v2::create_user"]).ended(1);
}

#[test]
fn an_expired_entry_excuses_nothing() {
    let mut vendor = Vendor::new();
    vendor.deploy(&["create-answers-200"]);
    let file = vendor.file();
    let entry = "\n[[known]]\ntarget = \"ours\"\ncase = \"okta::v2::create_user\"\nrule = \"rfc7644-3.3/created-is-201\"\nwhy = \"w\"\nuntil = ";
    let only = ["--exact", "okta::v2::create_user"];
    for (until, code) in [("2020-01-01", 1), ("2999-12-31", 0)] {
        vendor
            .home
            .write("scim-harness.toml", &format!("{file}{entry}{until}\n"));
        let ran = vendor.run(&only).ended(code);
        assert_eq!(
            ran.out.contains("error[rfc7644-3.3/created-is-201]"),
            code == 1
        );
        assert_eq!(
            ran.out.contains("is stale: its last day was 2020-01-01"),
            code == 1
        );
    }
}

#[test]
fn without_an_error_nothing_is_written_and_without_a_file_one_is_made() {
    let vendor = Vendor::new();
    let served = vendor.home.serve(&[]);
    let target = [
        "run",
        "--target",
        &served.url,
        "--write-known",
        "--config",
        "new.toml",
    ];
    let refused = vendor.home.run(&target).ended(2);
    assert!(
        refused.err.contains("new.toml cannot be read"),
        "{}",
        refused.err
    );
    fs::remove_file(vendor.home.path().join("scim-harness.toml")).unwrap();
    let only = ["--exact", "okta::v2::create_user"];
    let run = [&target[..4], &only].concat();
    let ran = vendor.home.run(&run).ended(0);
    assert!(
        ran.err.contains("there is no error to write"),
        "{}",
        ran.err
    );
    assert_eq!(vendor.home.files(), [""; 0]);
    let faulty = vendor.home.serve(&["--fault", "create-answers-200"]);
    let run = [
        &["run", "--target", &faulty.url, "--write-known"],
        &only[..],
    ]
    .concat();
    vendor.home.run(&run).ended(1);
    assert!(
        vendor
            .file()
            .contains(&format!("target = \"{}\"", faulty.url))
    );
    vendor.change("why = \"\"", "why = \"ticket 7\"");
    vendor.home.run(&run).ended(0);
}

/// What is told of a target file that goes on so.
fn told(rest: &str) -> String {
    let home = Home::new();
    home.write(
        "scim-harness.toml",
        &format!("[target.ours]\nurl = \"http://127.0.0.1:1/\"\n\n[[known]]\n{rest}"),
    );
    home.run(&["run", "--target", "ours"]).ended(2).err
}

#[test]
fn a_mistake_in_an_entry_is_shown_at_its_place() {
    let case = "case = \"okta::v2::create_user\"\n";
    let rule = "rule = \"rfc7644-3.3/created-is-201\"\n";
    let sound = format!("{case}{rule}why = \"w\"\n");
    for (entry, parts) in [
        (
            format!("{case}{rule}wyh = \"w\"\n"),
            [
                "unknown field `wyh`",
                "scim-harness.toml:7:1",
                "did you mean `why`?",
            ],
        ),
        (
            format!("{case}{rule}"),
            ["missing field `why`", "scim-harness.toml:4:1", "[[known]]"],
        ),
        (
            format!("case = \"okta::v2::creat_user\"\n{rule}why = \"w\"\n"),
            [
                "there is no case `okta::v2::creat_user`",
                "scim-harness.toml:5:8",
                "did you mean `okta::v2::create_user`?",
            ],
        ),
        (
            format!("{case}rule = \"rfc7644-3.3/created-is-200\"\nwhy = \"w\"\n"),
            [
                "there is no rule `rfc7644-3.3/created-is-200`",
                "scim-harness.toml:6:8",
                "did you mean `rfc7644-3.3/created-is-201`?",
            ],
        ),
        (
            format!("target = \"our\"\n{sound}"),
            [
                "there is no target `our`",
                "scim-harness.toml:5:10",
                "did you mean `ours`?",
            ],
        ),
        (
            format!("{sound}until = \"2027-01-01\"\n"),
            [
                "invalid type: string",
                "scim-harness.toml:8:9",
                "\"2027-01-01\"",
            ],
        ),
        (
            format!("{sound}until = 2027-01-01T10:00:00Z\n"),
            [
                "`until` is a day, such as 2027-01-31",
                "scim-harness.toml:8:9",
                "expected a date without a time",
            ],
        ),
        (
            format!("{sound}\n[[known]]\n{sound}"),
            ["is known twice", "scim-harness.toml:11:8", "again"],
        ),
    ] {
        let text = told(&entry);
        for part in parts {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
    }
}

#[cfg(unix)]
#[test]
fn a_write_protected_target_file_is_told_before_the_run_and_a_mode_is_kept() {
    use std::os::unix::fs::PermissionsExt;
    let mut vendor = Vendor::new();
    vendor.deploy(&["create-answers-200"]);
    let path = vendor.home.path().join("scim-harness.toml");
    let run = ["run", "--write-known", "--exact", "okta::v2::create_user"];
    fs::set_permissions(&path, fs::Permissions::from_mode(0o440)).unwrap();
    let told = vendor.home.run(&run).ended(2);
    assert_eq!(
        told.err,
        "error: the target file scim-harness.toml cannot be extended: it is write-protected\n |\n = help: may it be read and written?\n"
    );
    assert_eq!(told.out, "", "no case was run");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    vendor.home.run(&run).ended(1);
    assert!(vendor.file().contains("[[known]]"));
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o640
    );
}

#[test]
fn sarif_tells_of_stale_and_of_unexplained_deviations() {
    let mut vendor = Vendor::new();
    vendor.deploy(&["create-answers-200"]);
    let known = "\n[[known]]\ncase = \"okta::v2::create_user\"\nrule = \"rfc7644-3.3/created-is-201\"\nwhy = \"\"\n\n[[known]]\ncase = \"okta::v2::create_user\"\nrule = \"okta/created-user-is-found\"\nwhy = \"ticket 7\"\n";
    let file = vendor.file() + known;
    vendor.home.write("scim-harness.toml", &file);
    let run = ["run", "--exact", "okta::v2::create_user"];
    let report = ["--report", "sarif=report.sarif"];
    vendor.home.run(&[&run[..], &report].concat()).ended(1);
    let run = &vendor.home.json("report.sarif")["runs"][0];
    let invocation = &run["invocations"][0];
    assert_eq!(invocation["exitCode"], 1);
    let told = invocation["toolExecutionNotifications"].as_array().unwrap();
    let told: Vec<&str> = told
        .iter()
        .map(|told| {
            assert_eq!(told["level"], "error");
            told["message"]["text"].as_str().unwrap()
        })
        .collect();
    for part in [
        "a known deviation is stale: it no longer occurs (case okta::v2::create_user, rule okta/created-user-is-found",
        "nobody says why a known deviation is accepted (case okta::v2::create_user, rule rfc7644-3.3/created-is-201",
    ] {
        assert!(told.iter().any(|text| text.starts_with(part)), "{told:?}");
    }
    let result = &run["results"][0];
    assert_eq!(result["ruleId"], "rfc7644-3.3/created-is-201");
    assert_eq!(result["suppressions"][0]["status"], "accepted");
}

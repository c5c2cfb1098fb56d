//! The regression gate on the command line: answers against their snapshots.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up fails, and says where"
)]

mod support;

use std::{collections::BTreeMap, fs, path::Path};

use support::{Home, Ran};

/// Where the snapshots of one case are.
const CASE: &str = "snapshots/ours/okta/v2/create_user";

/// A home with a baseline of one case.
struct Gate {
    home: Home,
}

impl Gate {
    fn new() -> Self {
        let gate = Self { home: Home::new() };
        gate.run(&[], &["--snapshots", "record"]).ended(0);
        assert_eq!(gate.files(), ["create.snap", "read_the_user.snap"]);
        gate
    }

    /// Runs the case on a provider with faults.
    fn run(&self, faults: &[&str], more: &[&str]) -> Ran {
        let faults: Vec<&str> = faults.iter().flat_map(|name| ["--fault", name]).collect();
        let served = self.home.serve(&faults);
        let file = format!("[target.ours]\nurl = \"{}\"\n", served.url);
        self.home.write("scim-harness.toml", &file);
        let common = [
            "run",
            "--target",
            "ours",
            "--exact",
            "okta::v2::create_user",
        ];
        self.home.run(&[&common[..], more].concat())
    }

    fn files(&self) -> Vec<String> {
        support::names_in(&self.home.path().join(CASE))
    }

    fn snapshots(&self, action: &str) -> Ran {
        self.home.run(&["snapshots", action])
    }
}

#[test]
fn a_changed_answer_is_shown_as_a_diff_with_its_step_until_it_is_accepted() {
    let gate = Gate::new();
    gate.run(&[], &[]).ended(0);
    let fault = ["created-user-waits-for-activation"];
    let red = gate.run(&fault, &[]).ended(1);
    let shown = "changed: the answer in okta::v2::create_user to `create` differs from its snapshot\n  --- recorded\n  +++ answered\n";
    assert!(red.out.contains(shown), "{}", red.out);
    assert!(
        red.out
            .contains("  -    \"active\": true,\n  +    \"active\": false,\n")
    );
    assert!(red.out.contains(", 1 changed answer\n"));
    let waiting = gate.snapshots("list").ended(0);
    assert_eq!(waiting.out, format!("waiting {CASE}/create.snap\n"));
    gate.snapshots("accept").ended(0);
    assert_eq!(gate.snapshots("list").ended(0).out, "nothing waits\n");
    let accepted = gate.run(&fault, &[]).ended(1);
    assert!(
        !accepted.out.contains("differs from its snapshot"),
        "{}",
        accepted.out
    );
}

#[test]
fn new_and_vanished_answers_fail_the_gate_where_there_is_a_baseline() {
    let gate = Gate::new();
    let folder = gate.home.path().join(CASE);
    fs::remove_file(folder.join("create.snap")).unwrap();
    let text = fs::read_to_string(folder.join("read_the_user.snap")).unwrap();
    fs::write(folder.join("read_the_user_2.snap"), text).unwrap();
    let red = gate.run(&[], &[]).ended(1);
    for (kind, step) in [("new", "create"), ("vanished", "read the user 2")] {
        let shown = format!("{kind}: the answer in okta::v2::create_user to `{step}` differs");
        assert!(red.out.contains(&shown), "{}", red.out);
    }
    gate.snapshots("accept").ended(0);
    assert_eq!(gate.files(), ["create.snap", "read_the_user.snap"]);
    gate.run(&[], &[]).ended(0);
}

#[test]
fn a_case_that_breaks_off_has_lost_no_answer_that_it_never_asked_for() {
    let gate = Gate::new();
    let red = gate.run(&["created-user-has-no-id"], &[]).ended(1);
    assert!(red.out.contains("to `create` differs"), "{}", red.out);
    assert!(!red.out.contains("vanished"), "{}", red.out);
}

#[test]
fn a_review_without_a_terminal_says_what_to_do_instead() {
    let gate = Gate::new();
    assert_eq!(gate.snapshots("review").ended(0).out, "nothing waits\n");
    gate.run(&["created-user-waits-for-activation"], &[])
        .ended(1);
    let told = gate.snapshots("review").ended(2);
    assert_eq!(
        told.err,
        "error: a review takes a terminal, to ask on\n |\n = help: without one: `scim-harness snapshots list`, then `accept` or `reject`\n"
    );
    assert_eq!(gate.files().len(), 3, "nothing is settled");
}

#[test]
fn clean_removes_what_no_scenario_records_and_nothing_else() {
    let gate = Gate::new();
    let own = "title = \"Mine\"\nclient = [\"okta-oin\"]\nscim = \"2.0\"\n[[step]]\nname = \"list\"\nsend = \"GET /Users\"\nsnapshot = true\nexpect = [{ rule = \"okta/users-page-is-200\", status = 200 }]\n";
    gate.home.write("mine/listing.toml", own);
    gate.home.write("snapshots/ours/listing/list.snap", "");
    gate.home.write("snapshots/ours/okta/v2/gone/away.snap", "");
    gate.home.write("snapshots/ours/findings.tsv", "");
    let clean = ["snapshots", "clean", "--scenarios", "mine"];
    let unused = "snapshots/ours/okta/v2/gone/away.snap\n";
    let dry = gate
        .home
        .run(&[&clean[..], &["--dry-run"]].concat())
        .ended(0);
    assert_eq!(dry.out, format!("unused {unused}"));
    assert_eq!(
        gate.home.run(&clean).ended(0).out,
        format!("removed {unused}")
    );
    assert_eq!(
        gate.home.run(&clean).ended(0).out,
        "every snapshot is of use\n"
    );
    assert_eq!(gate.files(), ["create.snap", "read_the_user.snap"]);
    let without = gate.home.run(&["snapshots", "clean"]).ended(0);
    assert_eq!(without.out, "removed snapshots/ours/listing/list.snap\n");
}

/// Every file below a folder with its bytes.
fn bytes(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(bytes(&path));
        } else {
            found.insert(path.display().to_string(), fs::read(&path).unwrap());
        }
    }
    found
}

#[test]
fn ten_runs_record_the_same_bytes() {
    let home = Home::new();
    let folder = home.path().join("snapshots");
    let mut first = BTreeMap::new();
    for run in 0..10 {
        let some = ["--filter", "okta::v2::oin", "--filter", "okta::v1::create"];
        home.run(
            &[
                &["run", "--snapshots", "record"],
                &some[..],
                &["--skip", "import"],
            ]
            .concat(),
        )
        .ended(0);
        let recorded = bytes(&folder);
        if run == 0 {
            assert!(recorded.len() > 12, "{} snapshots", recorded.len());
            first = recorded;
        } else {
            assert!(recorded == first, "run {run} differs");
        }
        fs::remove_dir_all(&folder).unwrap();
    }
}

#[test]
fn a_folder_that_answers_cannot_be_recorded_in_is_told_before_the_run() {
    let home = Home::new();
    home.write("taken", "");
    let told = home
        .run(&["--snapshots", "record", "--snapshot-folder", "taken"])
        .ended(2);
    let start = "error: answers cannot be recorded in taken: ";
    assert!(told.err.starts_with(start), "{}", told.err);
    assert_eq!(told.out, "");
}

#[test]
fn sarif_tells_of_changed_answers() {
    let gate = Gate::new();
    let fault = ["created-user-waits-for-activation"];
    gate.run(&fault, &["--report", "sarif=report.sarif"])
        .ended(1);
    let invocation = &gate.home.json("report.sarif")["runs"][0]["invocations"][0];
    let told = &invocation["toolExecutionNotifications"][0];
    assert_eq!(told["level"], "error");
    assert_eq!(
        told["message"]["text"],
        "changed: the answer in okta::v2::create_user to `create` differs from its snapshot"
    );
}

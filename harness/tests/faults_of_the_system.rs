//! The machine that the harness runs on fails it: a full disk, a folder that may not be written to,
//! a reader that is gone. Each is told, and nothing is left half-written.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up fails, and says where"
)]
#![cfg(unix)]

mod support;

use std::{
    fs::{self, File},
    os::unix::fs::symlink,
    process::Stdio,
};

use serde_json::json;
use support::{Home, Ran, names_in, users};

/// A quick run against the embedded provider.
const QUICK: [&str; 5] = [
    "run",
    "--exact",
    "okta::v2::create_user",
    "--snapshots",
    "off",
];

#[test]
fn a_report_on_a_full_disk_is_told_and_hides_no_verdict() {
    let home = Home::new();
    let ran = home
        .run(&[&QUICK[..], &["--report", "json=/dev/full"]].concat())
        .ended(2);
    assert!(
        ran.out.contains("conformant, as far as these cases go"),
        "{}",
        ran.out
    );
    let told = "error: the report /dev/full cannot be written: No space left on device";
    assert!(ran.err.starts_with(told), "{}", ran.err);
    assert!(ran.err.contains("= help: "), "{}", ran.err);
}

/// The binary with a limit on the length of the files that it writes, in blocks of 1024 bytes.
fn limited(home: &Home, blocks: u32, arguments: &[&str]) -> Ran {
    let plain = home.command(&[]);
    let binary = plain.get_program().to_owned();
    let script = format!("ulimit -f {blocks}; exec \"$0\" \"$@\"");
    let mut command = std::process::Command::new("bash");
    command.args(["-c", &script]);
    command.arg(binary).args(arguments);
    let variables = plain
        .get_envs()
        .filter_map(|(name, value)| Some((name, value?)));
    command.env_clear().envs(variables);
    command.current_dir(home.path()).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    Ran::of(command.spawn().unwrap())
}

#[test]
fn a_report_that_does_not_fit_leaves_the_old_one_and_no_part() {
    let home = Home::new();
    home.write("report.json", "{\"old\": true}");
    let arguments = [&QUICK[..], &["--report", "json=report.json"]].concat();
    let ran = limited(&home, 4, &arguments).ended(2);
    assert!(
        ran.err
            .contains("the report report.json cannot be written: File too large"),
        "{}",
        ran.err
    );
    assert_eq!(home.files(), ["report.json"]);
    assert_eq!(home.json("report.json"), json!({"old": true}));
}

#[test]
fn a_merged_report_that_does_not_fit_leaves_the_old_one_and_no_part() {
    let home = Home::new();
    let arguments = [&QUICK[..], &["--report", "json=shards/1.json"]].concat();
    fs::create_dir(home.path().join("shards")).unwrap();
    home.run(&arguments).ended(0);
    home.write("report.json", "{\"old\": true}");
    let arguments = ["merge", "shards", "--report", "json=report.json"];
    let ran = limited(&home, 4, &arguments).ended(2);
    let told = "the report report.json cannot be written: File too large";
    assert!(ran.err.contains(told), "{}", ran.err);
    assert_eq!(home.json("report.json"), json!({"old": true}));
}

#[test]
fn a_ledger_that_does_not_fit_creates_nothing_more_and_forgets_nothing() {
    let home = Home::new();
    let served = home.serve(&["--users", "2"]);
    let before = users(&served.url);
    let arguments = [
        "run",
        "--target",
        &served.url,
        "--snapshots",
        "off",
        "--report",
        "json=/dev/stdout",
        "-q",
    ];
    let ran = limited(&home, 1, &arguments).ended(3);
    assert!(
        ran.out
            .contains("the ledger of creations cannot be written: File too large"),
        "{}",
        ran.out
    );
    assert_eq!(users(&served.url), before);
    assert_eq!(names_in(&home.state().join("scim-harness")), [""; 0]);
}

#[test]
fn a_folder_that_does_not_exist_or_is_none_is_told_before_any_request() {
    let home = Home::new();
    home.write("file", "");
    for (path, cause) in [
        ("missing/report.json", "No such file or directory"),
        ("file/report.json", "Not a directory"),
        ("/proc/report.json", ""),
    ] {
        let report = format!("json={path}");
        let ran = home
            .run(&[&QUICK[..], &["--report", &report]].concat())
            .ended(2);
        assert!(
            ran.err.starts_with(&format!(
                "error: the report {path} cannot be written: {cause}"
            )),
            "{}",
            ran.err
        );
        assert_eq!(ran.out, "");
    }
    assert_eq!(home.files(), ["file"]);
}

#[test]
fn a_reader_that_is_gone_is_no_panic() {
    for arguments in [
        &QUICK[..],
        &["list"],
        &["rules"],
        &["schema"],
        &["serve", "--list-faults"],
    ] {
        let home = Home::new();
        let mut command = home.command(arguments);
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        command.stdout(writer);
        let ran = Ran::of(command.spawn().unwrap());
        assert_eq!(ran.code, 2, "{arguments:?}: {}", ran.err);
        let told = "error: the output cannot be written: Broken pipe";
        assert!(ran.err.starts_with(told), "{arguments:?}: {}", ran.err);
    }
}

#[test]
fn an_output_on_a_full_disk_is_told() {
    let home = Home::new();
    for arguments in [&QUICK[..], &["list"]] {
        let mut command = home.command(arguments);
        command.stdout(File::options().write(true).open("/dev/full").unwrap());
        let ran = Ran::of(command.spawn().unwrap()).ended(2);
        assert!(
            ran.err
                .starts_with("error: the output cannot be written: No space left"),
            "{}",
            ran.err
        );
    }
}

#[test]
fn a_run_whose_output_is_gone_cleans_up_all_the_same() {
    let home = Home::new();
    let served = home.serve(&["--users", "2"]);
    let before = users(&served.url);
    let mut command = home.command(&[
        "run",
        "--target",
        &served.url,
        "--snapshots",
        "off",
        "--filter",
        "okta::v2",
    ]);
    let full = || File::options().write(true).open("/dev/full").unwrap();
    command.stdout(full()).stderr(full());
    assert_eq!(Ran::of(command.spawn().unwrap()).code, 2);
    assert_eq!(users(&served.url), before);
}

#[test]
fn a_report_behind_a_link_is_written_in_its_place() {
    let home = Home::new();
    fs::create_dir(home.path().join("real")).unwrap();
    home.write("real/report.json", "old");
    symlink("real/report.json", home.path().join("report.json")).unwrap();
    home.run(&[&QUICK[..], &["--report", "json=report.json"]].concat())
        .ended(0);
    assert_eq!(home.json("report.json")["verdict"], "conformant");
}

#[test]
fn a_pipe_is_written_to_where_somebody_reads_it() {
    let home = Home::new();
    let pipe = home.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let arguments = [
        "run",
        "--exact",
        "okta::v2::create_user",
        "--report",
        "json=pipe",
    ];
    let ran = home.run(&arguments).ended(2);
    let told = "error: the report pipe cannot be written: it is a pipe that nobody reads";
    assert!(ran.err.starts_with(told), "{}", ran.err);
    let reader = std::thread::spawn(move || fs::read_to_string(pipe).unwrap());
    let begun = std::time::Instant::now();
    let mut ran = home.run(&arguments);
    while ran.code == 2 && begun.elapsed() < std::time::Duration::from_secs(20) {
        ran = home.run(&arguments);
    }
    ran.ended(0);
    assert!(reader.join().unwrap().starts_with('{'));
}

//! A live system is safe: what a run creates is removed whatever happens, and nothing else is touched.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up fails, and says where"
)]

mod support;

use std::{
    fs,
    process::Child,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use scim_harness::{run::Leftover, scenario::Version};
use scim_provider::Response;
use serde_json::{Value, json};
use support::{
    Home, Ran, Serve, Stub, answer,
    held::{hold, hold_against, hold_all, passes, target, unclear},
    names_in, provider, signal, users,
};

/// A step that creates a user.
const CREATE: &str = r#"
[[step]]
name    = "create"
send    = "POST /Users"
body    = '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"{{unique}}@example.com"}'
expect  = [{ rule = "rfc7644-3.3/created-is-201", status = 201 }]
"#;

/// What does not change from one run to the next in a report: name, verdict and findings of each case.
fn verdicts(home: &Home) -> Vec<Value> {
    let report = home.json("report.json");
    let cases = report["cases"].as_array().unwrap();
    let told = |case: &Value| {
        let findings = case["findings"].as_array().unwrap();
        let broken: Vec<&Value> = findings.iter().map(|finding| &finding["rule"]).collect();
        json!([case["name"], case["verdict"], case["reason"], broken])
    };
    cases.iter().map(told).collect()
}

#[test]
fn two_runs_give_the_same_verdicts_and_leave_the_users_as_they_were() {
    let home = Home::new();
    let served = home.serve(&[
        "--users",
        "7",
        "--fault",
        "deactivation-by-patch-is-not-stored",
    ]);
    let before = users(&served.url);
    let runs = [(), ()].map(|()| {
        let arguments = ["--target", &served.url, "--report", "json=report.json"];
        home.run(&arguments).ended(1);
        assert_eq!(users(&served.url), before);
        assert_eq!(home.json("report.json")["leftovers"], json!([]));
        verdicts(&home)
    });
    assert_eq!(runs[0], runs[1]);
    assert_eq!(
        names_in(&home.state().join("scim-harness")),
        [""; 0],
        "no ledger is left"
    );
}

#[test]
fn a_deactivation_that_is_not_stored_is_told_with_rule_and_both_exchanges() {
    let home = Home::new();
    let served = home.serve(&["--fault", "deactivation-by-patch-is-not-stored"]);
    let arguments = [
        "--target",
        &served.url,
        "--report",
        "json=report.json",
        "-v",
    ];
    let ran = home.run(&arguments).ended(1);
    let told = ran
        .out
        .split("\n\n")
        .find(|part| part.starts_with("error[okta/deactivation-takes-effect]: "))
        .unwrap();
    for line in [
        "error[okta/deactivation-takes-effect]: `/active` is boolean <true>\n",
        "--> scenarios/okta/v2/oin/deactivate.toml:",
        "  { rule = \"okta/deactivation-takes-effect\", when = 200, at = \"/active\", equals = false },\n",
        "   = expected: boolean <false>\n   = actual: boolean <true>\n",
        "   = case: okta::v2::oin::deactivate: Okta deactivates a user with PATCH\n",
        "`read the inactive user`  GET http://127.0.0.1:",
        " `deactivate`  PATCH http://127.0.0.1:",
        " -> 200 in ",
        "--exact okta::v2::oin::deactivate --seed ",
    ] {
        assert!(told.contains(line), "{line}\nis not in\n{told}");
    }
    let report = home.json("report.json");
    for case in report["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let about = ["activate", "assign", "inactive"];
        let failed = case["verdict"] == "failed";
        let expected = !name.starts_with("okta::") || about.iter().any(|word| name.contains(word));
        assert!(!failed || expected, "{name}");
        assert!(failed || name != "okta::v2::oin::deactivate", "{name}");
    }
}

/// A run against a slow server, in the middle of creating users.
struct UnderWay {
    home: Home,
    served: Serve,
    before: Vec<Value>,
    child: Child,
}

fn under_way() -> UnderWay {
    let home = Home::new();
    let served = home.serve(&["--users", "3", "--latency", "30"]);
    let before = users(&served.url);
    let arguments = [
        "run",
        "--target",
        &served.url,
        "--exact",
        "okta::v2::import",
    ];
    let child = home.command(&arguments).spawn().unwrap();
    let begun = Instant::now();
    while users(&served.url).len() < before.len() + 3 {
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "no user was created"
        );
    }
    UnderWay {
        home,
        served,
        before,
        child,
    }
}

fn cleans_up_on(name: &str) {
    let run = under_way();
    signal(name, &run.child);
    let ran = Ran::of(run.child).ended(3);
    assert!(ran.out.contains("the run was interrupted"), "{}", ran.out);
    assert!(!ran.out.contains("conformant"), "{}", ran.out);
    assert_eq!(users(&run.served.url), run.before);
    assert_eq!(names_in(&run.home.state().join("scim-harness")), [""; 0]);
}

#[test]
fn a_second_ctrl_c_leaves_the_rest_to_a_sweep() {
    let (provider, handler) = provider(Version::V2);
    let held = Arc::new(AtomicBool::new(true));
    let holds = Arc::clone(&held);
    let stub = Stub::start("/scim/v2", move |request| {
        while request.method == "DELETE" && holds.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(10));
        }
        handler(request)
    });
    provider.set_base(stub.url.clone());
    let home = Home::new();
    let arguments = ["--target", &stub.url, "--exact", "okta::v2::create_user"];
    let mut child = home.command(&arguments).spawn().unwrap();
    let begun = Instant::now();
    while !stub.asked().iter().any(|asked| asked.method == "DELETE") {
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "nothing is removed"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
    refused(&home, &stub.url, "is still going");
    // On a busy machine two that come too close are one.
    let again = Instant::now();
    while child.try_wait().unwrap().is_none() {
        assert!(again.elapsed() < Duration::from_secs(20), "it goes on");
        signal("INT", &child);
        std::thread::sleep(Duration::from_millis(500));
    }
    let ran = Ran::of(child);
    held.store(false, Ordering::SeqCst);
    assert!(
        ran.err
            .contains("interrupted: what was created is being removed"),
        "{}",
        ran.err
    );
    let left = "its removal was interrupted; `scim-harness sweep` removes it";
    assert!(ran.out.contains(left), "{}", ran.out);
    assert_eq!(names_in(&home.state().join("scim-harness")).len(), 1);
    home.run(&["sweep", "--target", &stub.url]).ended(0);
    assert_eq!(users(&stub.url), [json!(null); 0]);
}

#[test]
fn ctrl_c_ends_a_run_that_cleans_up() {
    cleans_up_on("INT");
}

#[test]
fn a_termination_ends_a_run_that_cleans_up() {
    cleans_up_on("TERM");
}

#[test]
fn the_end_of_the_terminal_ends_a_run_that_cleans_up() {
    cleans_up_on("HUP");
}

#[test]
fn a_run_under_nohup_outlives_the_terminal() {
    let home = Home::new();
    let served = home.serve(&["--latency", "30"]);
    let plain = home.command(&[
        "run",
        "--target",
        &served.url,
        "--exact",
        "okta::v2::create_user",
    ]);
    let mut command = std::process::Command::new("nohup");
    command.arg(plain.get_program()).args(plain.get_args());
    let variables = plain.get_envs();
    command.envs(variables.filter_map(|(name, value)| Some((name, value?))));
    command.current_dir(home.path());
    command
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let child = command.spawn().unwrap();
    let begun = Instant::now();
    while users(&served.url).is_empty() {
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "no user was created"
        );
    }
    signal("HUP", &child);
    Ran::of(child).ended(0);
    assert_eq!(users(&served.url), [json!(null); 0]);
}

/// A run with the same seed is refused before anything is sent.
fn refused(home: &Home, url: &str, how: &str) {
    let ledgers = names_in(&home.state().join("scim-harness"));
    let seed = ledgers[0].split('-').nth(2).unwrap();
    let ran = home.run(&["--target", url, "--seed", seed]).ended(2);
    let title = format!("error: a run with the seed {seed} against this target {how}\n");
    assert!(ran.err.starts_with(&title), "{}", ran.err);
    assert_eq!(names_in(&home.state().join("scim-harness")), ledgers);
    let other = home.serve(&[]);
    let elsewhere = ["--target", &other.url, "--seed", seed, "--exact"];
    let arguments = [&elsewhere, &["okta::v2::create_user"][..]].concat();
    home.run(&arguments).ended(0);
}

#[test]
fn a_sweep_removes_what_a_killed_run_left() {
    let mut run = under_way();
    run.child.kill().unwrap();
    run.child.wait().unwrap();
    let left = users(&run.served.url);
    assert!(left.len() >= run.before.len() + 3);
    let sweep = |more: &[&str]| {
        let arguments = [&["sweep", "--target", &run.served.url], more].concat();
        run.home.run(&arguments).ended(0).out
    };
    refused(&run.home, &run.served.url, "left something there");

    let foreseen = sweep(&["--dry-run"]);
    assert!(
        foreseen
            .lines()
            .all(|line| line.starts_with("would remove /Users")),
        "{foreseen}"
    );
    assert!(
        foreseen.lines().count() >= left.len() - run.before.len(),
        "{foreseen}"
    );
    assert_eq!(users(&run.served.url), left, "a dry run removes nothing");

    let removed = sweep(&["--rate", "500", "--timeout", "10"]);
    assert!(
        removed
            .lines()
            .all(|line| line.starts_with("removed /Users")),
        "{removed}"
    );
    assert_eq!(removed.lines().count(), foreseen.lines().count());
    assert_eq!(users(&run.served.url), run.before);
    assert_eq!(
        sweep(&[]),
        "nothing of earlier runs is left on this target\n"
    );
}

#[test]
fn a_sweep_believes_no_404_of_what_is_no_service_provider() {
    let (provider, handler) = provider(Version::V2);
    let down = Arc::new(AtomicBool::new(false));
    let is_down = Arc::clone(&down);
    let stub = Stub::start("/scim/v2", move |request| {
        match is_down.load(Ordering::SeqCst) {
            true => answer(404, "text/html", "default backend - 404"),
            false => handler(request),
        }
    });
    provider.set_base(stub.url.clone());
    let home = Home::new();
    let (id, name) = ("made", "scim-harness-00000001-000000@example.com");
    let folder = home.state().join("scim-harness");
    fs::create_dir_all(&folder).unwrap();
    let run = json!({"run": {"tag": "scim-harness-00000001", "target": "t", "urls": [["2.0", stub.url]]}});
    let entry = |number, path: Value| {
        json!({"create": {"number": number, "case": "c", "scim": "2.0", "collection": "/Users",
            "key": ["userName", name], "path": path, "removed": false}})
    };
    let text = format!(
        "{run}\n{}\n{}\n",
        entry(0, format!("/Users/{id}").into()),
        entry(1, Value::Null)
    );
    let ledger = folder.join("left.jsonl");
    fs::write(&ledger, text).unwrap();
    down.store(true, Ordering::SeqCst);
    let swept = home.run(&["sweep", "--target", &stub.url]).ended(3);
    assert_eq!(swept.out.matches("left ").count(), 2, "{}", swept.out);
    assert!(!swept.out.contains("is not there\n"), "{}", swept.out);
    assert!(ledger.exists());
    down.store(false, Ordering::SeqCst);
    let swept = home.run(&["sweep", "--target", &stub.url]).ended(0);
    assert_eq!(swept.out, "2 of what was noted is not there\n");
    assert!(!ledger.exists());
}

#[test]
fn a_sweep_with_another_credential_leaves_the_ledger_alone() {
    let home = Home::new();
    let served = home.serve(&["--latency", "30", "--token", "the-first-token"]);
    let with = |token: &str, arguments: &[&str]| {
        let mut command = home.command(arguments);
        command.env("SCIM_TOKEN", token);
        command.spawn().unwrap()
    };
    let import = [
        "run",
        "--target",
        &served.url,
        "--exact",
        "okta::v2::import",
    ];
    let mut child = with("the-first-token", &import);
    let ledgers = home.state().join("scim-harness");
    let begun = Instant::now();
    let created = || {
        let files = fs::read_dir(&ledgers).into_iter().flatten().flatten();
        files
            .map(|file| fs::read_to_string(file.path()).unwrap_or_default())
            .any(|text| text.contains("\"created\""))
    };
    while !created() {
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "no user was created"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let sweep = ["sweep", "--target", &served.url];
    let told = "1 ledger was made with another credential: if it was of the same tenant, `--any-credential` sweeps what it left\n";
    let other = Ran::of(with("the-second-token", &sweep)).ended(3);
    assert_eq!(other.out, told);
    let any = [&sweep[..], &["--any-credential", "--dry-run"]].concat();
    let foreseen = Ran::of(with("a-renewed-token", &any)).ended(0);
    assert!(
        foreseen.out.contains("would remove /Users"),
        "{}",
        foreseen.out
    );
    let own = Ran::of(with("the-first-token", &sweep)).ended(0);
    assert!(own.out.contains("removed /Users"), "{}", own.out);
    assert_eq!(names_in(&ledgers), [""; 0]);
}

#[test]
fn a_sweep_looks_at_no_other_target() {
    let mut run = under_way();
    run.child.kill().unwrap();
    run.child.wait().unwrap();
    let left = users(&run.served.url);
    let other = run.home.serve(&["--users", "2"]);
    let there = users(&other.url);
    let ran = run.home.run(&["sweep", "--target", &other.url]).ended(0);
    assert_eq!(
        ran.out,
        "nothing of earlier runs is left on this target\n1 ledger belongs to other targets\n"
    );
    assert_eq!((users(&run.served.url), users(&other.url)), (left, there));
}

#[test]
fn a_ledger_that_cannot_be_kept_is_told_before_anything_is_created() {
    let home = Home::new();
    let served = home.serve(&[]);
    fs::write(home.state().join("scim-harness"), "not a folder").unwrap();
    let ran = home.run(&["--target", &served.url]).ended(2);
    assert!(
        ran.err
            .starts_with("error: the ledger of what this run creates cannot be written to "),
        "{}",
        ran.err
    );
    assert!(
        ran.err
            .contains("= help: set XDG_STATE_HOME to a folder that can be written to"),
        "{}",
        ran.err
    );
    assert_eq!(users(&served.url), [json!(null); 0]);
    home.run(&["--target", &served.url, "--read-only"]).ended(0);
}

#[test]
fn what_a_put_wrongly_creates_is_removed_too() {
    let home = Home::new();
    let served = home.serve(&["--users", "3", "--fault", "put-creates-users"]);
    let before = users(&served.url);
    let arguments = [
        "--target",
        &served.url,
        "--filter",
        "rfc::v2::replace::unknown",
    ];
    let ran = home.run(&arguments).ended(1);
    assert!(
        ran.out
            .contains("rfc7644-3.5.1/put-on-unknown-id-creates-nothing"),
        "{}",
        ran.out
    );
    assert_eq!(users(&served.url), before);
}

#[test]
fn a_resource_that_this_run_did_not_create_is_not_touched() {
    for (method, body) in [
        ("DELETE", ""),
        (
            "PATCH",
            r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","value":{"active":false}}]}"#,
        ),
        (
            "PUT",
            r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"mallory"}"#,
        ),
    ] {
        let (provider, handler) = provider(Version::V2);
        provider.seed(3);
        let stub = Stub::start("/scim/v2", move |request| handler(request));
        provider.set_base(stub.url.clone());
        let before = users(&stub.url);
        let result = hold_against(
            &stub.url,
            &format!(
                r#"
[[step]]
name    = "list"
send    = "GET /Users"
expect  = [{{ rule = "okta/users-page-is-200", status = 200 }}]
capture = {{ user_id = "/Resources/1/id" }}

[[step]]
name   = "change"
send   = "{method} /Users/{{{{user_id}}}}"
{}
expect = [{{ rule = "okta/users-page-is-200", status = [200, 204] }}]
"#,
                if body.is_empty() {
                    String::new()
                } else {
                    format!("body   = '{body}'")
                }
            ),
        );
        let id = before[1]["id"].as_str().unwrap();
        assert_eq!(
            unclear(&result),
            format!("{method} /Users/{id} was not sent: this run did not create it")
        );
        assert_eq!(users(&stub.url), before);
        assert!(stub.asked().iter().all(|asked| asked.method == "GET"));
    }
}

/// A provider with three users that answers a create with something else.
fn lying(lie: impl Fn(Value, &Value) -> Value + Send + Sync + 'static) -> (Stub, Vec<Value>) {
    let (provider, handler) = provider(Version::V2);
    provider.seed(3);
    let first: Arc<Mutex<Value>> = Arc::default();
    let foreign = Arc::clone(&first);
    let stub = Stub::start("/scim/v2", move |request| {
        let honest = handler(request);
        if request.method != "POST" || honest.status != 201 {
            return honest;
        }
        let created = serde_json::from_slice(&honest.body).unwrap();
        let body = lie(created, &foreign.lock().unwrap());
        Response {
            body: body.to_string().into_bytes(),
            ..honest
        }
    });
    provider.set_base(stub.url.clone());
    let users = users(&stub.url);
    *first.lock().unwrap() = users[0].clone();
    (stub, users)
}

#[test]
fn a_foreign_user_that_a_create_answers_with_is_not_touched() {
    let (stub, before) = lying(|_, foreign| foreign.clone());
    let home = Home::new();
    let arguments = [
        "--target", &stub.url, "--filter", "v2::oin", "--filter", "v2::aiw",
    ];
    let ran = home.run(&arguments);
    assert!(ran.code == 1 || ran.code == 3, "{}", ran.out);
    assert_eq!(users(&stub.url), before);
}

#[test]
fn what_cannot_be_removed_is_listed() {
    let (provider, handler) = provider(Version::V2);
    let stub = Stub::start("/scim/v2", move |request| match request.method.as_str() {
        "DELETE" => answer(403, "text/plain", "never"),
        _ => handler(request),
    });
    provider.set_base(stub.url.clone());
    let held = hold_all(&[("mine", CREATE)], Some(target(&stub.url)), &[]);
    passes(&held.results[0]);
    let user = users(&stub.url).remove(0);
    assert_eq!(user["active"], false, "it is deactivated instead");
    let left = Leftover {
        url: format!("{}/Users/{}", stub.url, user["id"].as_str().unwrap()),
        case: "mine".to_owned(),
        reason: "DELETE answered 403; it was deactivated".to_owned(),
    };
    assert_eq!(held.leftovers, [left]);
}

#[test]
fn a_creation_whose_answer_is_lost_is_found_and_removed() {
    let (provider, handler) = provider(Version::V2);
    let stub = Stub::start("/scim/v2", move |request| {
        let mut response = handler(request);
        if request.method == "POST" {
            response
                .headers
                .push(("Content-Encoding".to_owned(), "br".to_owned()));
        }
        response
    });
    provider.set_base(stub.url.clone());
    let home = Home::new();
    let ran = home
        .run(&["--target", &stub.url, "--exact", "okta::v2::create_user"])
        .ended(3);
    assert!(
        ran.out
            .contains("got no answer: the answer is encoded as `br`"),
        "{}",
        ran.out
    );
    assert!(stub.asked().iter().any(|asked| asked.method == "DELETE"));
    assert_eq!(users(&stub.url), [json!(null); 0]);
}

#[test]
fn a_foreign_id_that_a_create_answers_with_is_not_touched() {
    let (stub, before) = lying(|mut created, foreign| {
        created["id"] = foreign["id"].clone();
        created
    });
    let home = Home::new();
    let arguments = [
        "--target", &stub.url, "--filter", "v2::oin", "--filter", "v2::aiw",
    ];
    let ran = home.run(&arguments);
    assert!(ran.code == 1 || ran.code == 3, "{}", ran.out);
    assert_eq!(users(&stub.url), before);
}

const LIST: &str = r#"
[[step]]
name    = "list"
send    = "GET /Users"
expect  = [{ rule = "okta/users-page-is-200", status = 200 }]
capture = { user_id = "/Resources/0/id" }
"#;

/// Why a request that comes after a list of users was not sent.
fn leaves_alone(step: &str) -> String {
    let (provider, handler) = provider(Version::V2);
    provider.seed(3);
    let stub = Stub::start("/scim/v2", move |request| handler(request));
    provider.set_base(stub.url.clone());
    let before = users(&stub.url);
    let result = hold_against(&stub.url, &format!("{LIST}{step}"));
    assert_eq!(users(&stub.url), before);
    unclear(&result).to_owned()
}

#[test]
fn a_raw_request_touches_nothing_foreign() {
    leaves_alone(
        r#"
[[step]]
name   = "remove"
raw    = '''
DELETE /scim/v2/Users/{{user_id}} HTTP/1.1
Host: scim.example.com
Connection: close

'''
expect = [{ rule = "rfc7644-3.6/delete-is-204", status = 204 }]
"#,
    );
}

#[test]
fn nobody_foreign_is_named_in_a_write() {
    let group =
        r#""schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"{{unique}}""#;
    let create = format!(
        r#"
[[step]]
name    = "create a group"
send    = "POST /Groups"
body    = '{{{group}}}'
expect  = [{{ rule = "rfc7644-3.3/created-is-201", status = 201 }}]
capture = {{ group_id = "/id" }}
"#
    );
    let step = |send: &str, body: &str| {
        format!(
            r#"
[[step]]
name   = "name somebody"
send   = "{send}"
body   = '{{{body}}}'
expect = [{{ rule = "rfc7644-3.12/errors-use-listed-status-codes", status = "2xx" }}]
"#
        )
    };
    let member = r#""members":[{"value":"{{user_id}}"}]"#;
    let patch = r#""schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations""#;
    let user = r#""schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"{{unique}}","id":"{{user_id}}""#;
    for (send, body) in [
        ("POST /Groups", format!("{group},{member}")),
        ("PUT /Groups/{{group_id}}", format!("{group},{member}")),
        (
            "PATCH /Groups/{{group_id}}",
            format!(
                r#"{patch}:[{{"op":"add","path":"members","value":[{{"value":"{{{{user_id}}}}"}}]}}]"#
            ),
        ),
        (
            "PATCH /Groups/{{group_id}}",
            format!(r#"{patch}:[{{"op":"add","value":{{{member}}}}}]"#),
        ),
        (
            "POST /Bulk",
            format!(
                r#""schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[{{"method":"POST","path":"/Groups","bulkId":"g","data":{{{group},{member}}}}}]"#
            ),
        ),
        ("POST /Users", user.to_owned()),
        ("POST /Photos", user.replace("\"id\"", "\"title\"")),
    ] {
        let first = if send.contains("group_id") {
            &create
        } else {
            ""
        };
        let why = leaves_alone(&format!("{first}{}", step(send, &body)));
        assert!(why.contains(" was not sent: "), "{send} {body}: {why}");
    }
}

#[test]
fn who_is_nobody_or_ours_is_named_in_a_write() {
    passes(&hold(&format!(
        r#"{CREATE}capture = {{ user_id = "/id" }}

[[step]]
name    = "create a group"
send    = "POST /Groups"
body    = '{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"{{{{unique}}}}","members":[{{"value":"{{{{user_id}}}}"}}]}}'
expect  = [{{ rule = "rfc7644-3.3/created-is-201", status = 201 }}]
capture = {{ group_id = "/id" }}

[[step]]
name   = "add nobody"
send   = "PATCH /Groups/{{{{group_id}}}}"
body   = '{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{{"op":"add","path":"members","value":[{{"value":"nobody-at-all"}},{{"value":"{{{{unknown_id}}}}"}}]}}]}}'
expect = [{{ rule = "rfc7644-3.12/errors-use-listed-status-codes", status = ["2xx", 400, 404] }}]
"#
    )));
}

#[test]
fn a_raw_request_with_crlf_touches_nothing_foreign() {
    leaves_alone(
        r#"
[[step]]
name   = "bulk"
raw    = "POST /scim/v2/Bulk HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n{\"Operations\":[{\"method\":\"DELETE\",\"path\":\"/Users/{{user_id}}\"}]}"
expect = [{ rule = "okta/users-page-is-200", status = 200 }]
"#,
    );
}

#[test]
fn a_raw_job_in_chunks_touches_nothing_foreign() {
    leaves_alone(
        r#"
[[step]]
name   = "bulk"
raw    = '''
POST /scim/v2/Bulk HTTP/1.1
Host: x
Connection: close
Content-Type: application/scim+json
Transfer-Encoding: chunked

26
{"Operations":[{"method":"DEL
3c
ETE","path":"/Users/{{user_id}}"}]}
0

'''
expect = [{ rule = "okta/users-page-is-200", status = 200 }]
"#,
    );
}

#[test]
fn a_raw_request_with_another_behind_it_touches_nothing_foreign() {
    for first in [
        "GET /scim/v2/Users HTTP/1.1\nHost: x\n\n",
        "POST /scim/v2/Users/.search HTTP/1.1\nHost: x\nContent-Length: 2\n\n{}",
    ] {
        let second = "DELETE /scim/v2/Users/{{user_id}}\tHTTP/1.1\nHost: x\nConnection: close\n\n";
        leaves_alone(&format!(
            r#"
[[step]]
name   = "two"
raw    = {:?}
expect = [{{ rule = "okta/users-page-is-200", status = 200 }}]
"#,
            [first, second].concat()
        ));
    }
}

#[test]
fn an_operation_with_two_methods_touches_nothing_foreign() {
    leaves_alone(
        r#"
[[step]]
name   = "bulk"
send   = "POST /Bulk"
body   = '{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[{"METHOD":"POST","PATH":"/Users","method":"DELETE","path":"/Users/{{user_id}}","data":{"userName":"{{unique}}"}}]}'
expect = [{ rule = "okta/users-page-is-200", status = 200 }]
"#,
    );
}

#[test]
fn a_bulk_job_touches_nothing_foreign_and_leaves_nothing() {
    leaves_alone(
        r#"
[[step]]
name   = "bulk"
send   = "POST /Bulk"
body   = '{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[{"method":"DELETE","path":"/Users/{{user_id}}"},{"method":"POST","path":"/Users","bulkId":"{{unique}}","data":{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"{{unique}}@example.com"}}]}'
expect = [{ rule = "okta/users-page-is-200", status = 200 }]
"#,
    );
}

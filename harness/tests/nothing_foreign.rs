//! A tenant with 10,000 users and 500 groups is the same, byte for byte, whatever a run comes to.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up fails, and says where"
)]

#[path = "support/hostile.rs"]
mod hostile;
mod support;

use std::sync::{
    Arc, Condvar, Mutex,
    mpsc::{Receiver, Sender, channel},
};
use std::time::Duration;

use hostile::Hostile;
use scim_harness::fault;
use scim_provider::{Request, Response};
use serde_json::{Value, json};
use support::{Home, Ran, names_in, signal};

const USERS: usize = 10_000;
const GROUPS: usize = 500;
/// How long a run may take to create something.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server with the tenant behind it.
fn tenant(
    faults: &[&str],
    lie: impl Fn(&Request, Response) -> Response + Send + Sync + 'static,
) -> Hostile {
    let names: Vec<String> = faults.iter().map(|name| (*name).to_owned()).collect();
    let server = Hostile::faulty(USERS, &fault::named(&names).unwrap(), Arc::new(lie));
    let members = page(&server, "/Users", 1);
    let members = members["Resources"].as_array().unwrap();
    let there = page(&server, "/Groups", 1)["totalResults"]
        .as_u64()
        .unwrap();
    for number in usize::try_from(there).unwrap()..GROUPS {
        let member = &members[number % members.len()]["id"];
        let group = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "displayName": format!("Group {number}"), "members": [{"value": member}],
        });
        let created = (server.honest)(&Request {
            method: "POST".to_owned(),
            target: "/Groups".to_owned(),
            headers: vec![("Content-Type".into(), "application/scim+json".into())],
            body: group.to_string().into_bytes(),
        });
        assert_eq!(created.status, 201);
    }
    server
}

fn get(server: &Hostile, target: String) -> Response {
    (server.honest)(&Request {
        method: "GET".to_owned(),
        target,
        headers: Vec::new(),
        body: Vec::new(),
    })
}

fn page(server: &Hostile, collection: &str, start: usize) -> Value {
    let answer = get(server, format!("{collection}?startIndex={start}&count=200"));
    assert_eq!(answer.status, 200);
    serde_json::from_slice(&answer.body).unwrap()
}

/// Every byte of every page: ids, members, versions, times.
fn dump(server: &Hostile) -> Vec<Vec<u8>> {
    let pages = [("/Users", USERS), ("/Groups", GROUPS)].map(|(collection, count)| {
        let starts = (1..=count).step_by(100);
        starts.map(move |start| format!("{collection}?startIndex={start}&count=100"))
    });
    let read = |target| get(server, target).body;
    pages.into_iter().flatten().map(read).collect()
}

/// That the tenant is as it was, told without its 6 MB.
#[track_caller]
fn assert_same(before: &[Vec<u8>], server: &Hostile) {
    let after = dump(server);
    assert_eq!(before.len(), after.len());
    let changed = before.iter().zip(&after).position(|(a, b)| a != b);
    assert_eq!(changed, None, "the first page that is not as it was");
    for (collection, count) in [("/Users", USERS), ("/Groups", GROUPS)] {
        assert_eq!(page(server, collection, 1)["totalResults"], count);
    }
}

fn honest(_: &Request, answer: Response) -> Response {
    answer
}

fn run(home: &Home, server: &Hostile, more: &[&str]) -> Ran {
    let fixed = ["run", "--target", &server.url, "--snapshots", "off", "-q"];
    home.run(&[&fixed, &["--import-limit", "1000"][..], more].concat())
}

#[test]
fn after_the_whole_suite() {
    let server = tenant(&[], honest);
    let before = dump(&server);
    run(&Home::new(), &server, &[]).ended(0);
    assert_same(&before, &server);
}

#[test]
fn after_a_suite_that_fails() {
    let faults = [
        "create-answers-200",
        "update-is-not-stored",
        "deactivation-by-patch-is-not-stored",
        "duplicate-user-is-created",
        "everybody-is-found",
        "pages-overlap",
    ];
    let server = tenant(&faults, honest);
    let before = dump(&server);
    run(&Home::new(), &server, &[]).ended(1);
    let after = dump(&server);
    assert!(before == after, "the tenant is not as it was");
}

/// Lets requests through until so many users are created; the rest waits.
struct Valve {
    open: Mutex<(usize, bool)>,
    opened: Condvar,
    reached: Mutex<Sender<()>>,
}

impl Valve {
    fn new(creations: usize) -> (Arc<Self>, Receiver<()>) {
        let (sender, reached) = channel();
        let valve = Self {
            open: Mutex::new((creations, false)),
            opened: Condvar::new(),
            reached: Mutex::new(sender),
        };
        (Arc::new(valve), reached)
    }

    /// Called once a request was handled and before it is answered.
    fn pass(&self, request: &Request) {
        let mut state = self.open.lock().unwrap();
        if request.method == "POST" {
            state.0 = state.0.saturating_sub(1);
        }
        if state.0 == 0 && !state.1 {
            let _ = self.reached.lock().unwrap().send(());
            drop(self.opened.wait_while(state, |(_, open)| !*open).unwrap());
        }
    }

    fn open(&self) {
        self.open.lock().unwrap().1 = true;
        self.opened.notify_all();
    }
}

/// A run that is ended in the middle of creating users and groups.
fn ended_by(name: &str) -> (Home, Hostile, Vec<Vec<u8>>, Ran) {
    let (valve, reached) = Valve::new(12);
    let gate = Arc::clone(&valve);
    let server = tenant(&[], move |request, answer| {
        gate.pass(request);
        answer
    });
    let before = dump(&server);
    let home = Home::new();
    let fixed = ["run", "--target", &server.url, "--snapshots", "off", "-q"];
    let child = home.command(&fixed).spawn().unwrap();
    reached.recv_timeout(PATIENCE).unwrap();
    signal(name, &child);
    valve.open();
    let ran = Ran::of(child);
    (home, server, before, ran)
}

#[test]
fn after_ctrl_c() {
    let (home, server, before, ran) = ended_by("INT");
    ran.ended(3);
    assert_same(&before, &server);
    assert_eq!(names_in(&home.state().join("scim-harness")), [""; 0]);
}

#[test]
fn after_a_termination() {
    let (home, server, before, ran) = ended_by("TERM");
    ran.ended(3);
    assert_same(&before, &server);
    assert_eq!(names_in(&home.state().join("scim-harness")), [""; 0]);
}

#[test]
fn after_a_kill_and_a_sweep() {
    let (home, server, before, ran) = ended_by("KILL");
    assert_eq!(ran.code, -1);
    assert!(dump(&server) != before || page(&server, "/Users", 1)["totalResults"] != USERS);
    let sweep = |more: &[&str]| {
        let fixed = ["sweep", "--target", &server.url];
        home.run(&[&fixed[..], more].concat()).ended(0).out
    };
    let asked = server.asked().len();
    assert!(sweep(&["--dry-run"]).starts_with("would remove "));
    assert_eq!(server.asked().len(), asked, "a dry run asks nothing");
    assert!(sweep(&[]).starts_with("removed "));
    assert_same(&before, &server);
    assert_eq!(
        sweep(&[]),
        "nothing of earlier runs is left on this target\n"
    );
}

/// Every write that was asked for is of a collection or of something that was created.
fn writes_nothing_foreign(lie: impl Fn(&Value, &mut Response) + Send + Sync + 'static) {
    let foreign: Arc<Mutex<Value>> = Arc::default();
    let known = Arc::clone(&foreign);
    let server = tenant(&[], move |request, mut answer| {
        let known = known.lock().unwrap();
        if request.method == "POST" && answer.status == 201 && !known.is_null() {
            lie(&known, &mut answer);
        }
        answer
    });
    let before = dump(&server);
    let victim = page(&server, "/Users", 1)["Resources"][0].clone();
    *foreign.lock().unwrap() = victim.clone();
    let only = ["--filter", "okta::v2::oin", "--filter", "okta::v2::aiw"];
    let ran = run(&Home::new(), &server, &only);
    assert!(matches!(ran.code, 0 | 1 | 3), "{}", ran.out);
    assert_same(&before, &server);
    let id = victim["id"].as_str().unwrap();
    for asked in server.asked() {
        let harmless =
            matches!(asked.method.as_str(), "GET" | "POST") || !asked.target.contains(id);
        assert!(harmless, "{} {}", asked.method, asked.target);
    }
}

#[test]
fn a_create_that_answers_with_a_foreign_user() {
    writes_nothing_foreign(|victim, answer| answer.body = victim.to_string().into_bytes());
}

#[test]
fn a_create_that_answers_with_a_foreign_id() {
    writes_nothing_foreign(|victim, answer| {
        let mut body: Value = serde_json::from_slice(&answer.body).unwrap();
        body["id"] = victim["id"].clone();
        answer.body = body.to_string().into_bytes();
    });
}

#[test]
fn a_create_that_answers_with_a_foreign_location() {
    writes_nothing_foreign(|victim, answer| {
        let location = victim["meta"]["location"].as_str().unwrap();
        let mut body: Value = serde_json::from_slice(&answer.body).unwrap();
        body["meta"]["location"] = location.into();
        answer.body = body.to_string().into_bytes();
        answer
            .headers
            .retain(|(name, _)| !name.eq_ignore_ascii_case("location"));
        answer
            .headers
            .push(("Location".to_owned(), location.to_owned()));
    });
}

#[test]
fn a_foreign_user_that_a_create_answers_with_is_no_member() {
    let foreign: Arc<Mutex<Value>> = Arc::default();
    let known = Arc::clone(&foreign);
    let server = tenant(&[], move |request, mut answer| {
        let known = known.lock().unwrap();
        let creates = request.method == "POST" && request.target.ends_with("/Users");
        if creates && answer.status == 201 && !known.is_null() {
            answer.body = known.to_string().into_bytes();
        }
        answer
    });
    let victim = page(&server, "/Users", 1)["Resources"][0].clone();
    let id = victim["id"].as_str().unwrap().to_owned();
    *foreign.lock().unwrap() = victim;
    let only = [
        "--filter",
        "okta::v2::group_push",
        "--filter",
        "rfc::v2::crud",
    ];
    let ran = run(&Home::new(), &server, &only);
    assert!(matches!(ran.code, 1 | 3), "{}", ran.out);
    let asked = server.asked();
    let is_write = |asked: &&Request| asked.method != "GET";
    let mut writes = asked.iter().filter(is_write).peekable();
    assert!(writes.peek().is_some(), "{}", ran.out);
    for asked in writes {
        let body = String::from_utf8_lossy(&asked.body);
        assert!(
            !body.contains(&id),
            "{} {} {body}",
            asked.method,
            asked.target
        );
    }
}

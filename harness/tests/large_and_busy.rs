//! Large tenants are read in bounded time and left as they are; busy ones, which answer 429, are
//! waited for, and what they ask is reported.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up fails, and says where"
)]

mod support;

use std::{
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use scim_harness::{scenario::Version, verdict::Verdict};
use scim_provider::Response;
use serde_json::Value;
use support::{
    Home, Stub, answer,
    held::{hold_against, passes, unclear},
    provider, users,
};

/// A scenario that reads a list once.
const READ: &str = r#"
[[step]]
name   = "read"
send   = "GET /Users"
query  = { startIndex = 1, count = 2 }
expect = [{ rule = "okta/users-page-is-200", status = 200 }]
"#;

/// The queries that an import of the existing users sent, with this limit.
fn imported(users: u32, limit: &[&str]) -> Vec<String> {
    let home = Home::new();
    let served = home.serve(&["--users", &users.to_string()]);
    let exact = ["--exact", "okta::v2::import_existing"];
    let report = ["--report", "json=report.json"];
    let all = [
        &["run", "--target", &served.url],
        &exact[..],
        &report,
        limit,
    ]
    .concat();
    home.run(&all).ended(0);
    let report = home.json("report.json");
    let exchanges = report["cases"][0]["exchanges"].as_array().unwrap();
    let query = |exchange: &Value| {
        let url = exchange["request"]["url"].as_str().unwrap().to_owned();
        url.split_once('?').unwrap().1.to_owned()
    };
    exchanges.iter().map(query).collect()
}

#[test]
fn an_import_reads_as_much_as_it_may() {
    let pages = |last: u32| {
        let starts = (0..=last).map(|page| page * 100 + 1).chain([1]);
        starts
            .map(|start| format!("startIndex={start}&count=100"))
            .collect::<Vec<_>>()
    };
    assert_eq!(imported(1201, &[]), pages(12));
    assert_eq!(imported(1201, &["--import-limit", "250"]), pages(2));
    assert_eq!(imported(1201, &["--import-limit", "1"]), pages(0));
}

#[test]
fn a_limit_is_a_whole_number() {
    let ran = Home::new().run(&["run", "--import-limit", "0"]).ended(2);
    assert!(ran.err.contains("--import-limit"), "{}", ran.err);
}

#[test]
fn foreign_users_are_left_as_they_are() {
    let home = Home::new();
    let served = home.serve(&["--users", "500"]);
    let before = users(&served.url);
    home.run(&[
        "run",
        "--target",
        &served.url,
        "--client",
        "okta-aiw",
        "--snapshots",
        "off",
    ])
    .ended(0);
    let after = users(&served.url);
    assert_eq!(before.len(), 500);
    assert!(before == after, "the users are not as they were");
}

/// A 429 with this Retry-After.
fn too_many(retry_after: Option<&str>) -> Response {
    let mut response = answer(429, "text/plain", "slow down");
    let header = retry_after.map(|value| ("Retry-After".to_owned(), value.to_owned()));
    response.headers.extend(header);
    response
}

/// A provider that answers the first so many requests with 429.
fn busy(times: usize, retry_after: Option<&'static str>) -> Stub {
    let (provider, handler) = provider(Version::V2);
    let asked = AtomicUsize::new(0);
    let stub = Stub::start("/scim/v2", move |request| {
        // The probe before the case is the first request.
        let number = asked.fetch_add(1, Ordering::SeqCst);
        if (1..=times).contains(&number) {
            return too_many(retry_after);
        }
        handler(request)
    });
    provider.set_base(stub.url.clone());
    stub
}

#[test]
fn a_429_is_waited_for_and_reported() {
    let stub = busy(3, Some("0"));
    let result = hold_against(&stub.url, READ);
    passes(&result);
    let statuses = result.exchanges.iter().map(|exchange| {
        let answer = exchange.response.as_ref().unwrap();
        (exchange.step.as_str(), answer.status)
    });
    let wanted = [("read", 429), ("read", 429), ("read", 429), ("read", 200)];
    assert_eq!(statuses.collect::<Vec<_>>(), wanted);
    assert!(result.upheld.contains("okta/429-has-integer-retry-after"));
}

#[test]
fn a_429_with_a_date_is_a_warning() {
    let stub = busy(1, Some("Sun, 06 Nov 1994 08:49:37 GMT"));
    let result = hold_against(&stub.url, READ);
    assert_eq!(result.verdict, Verdict::Warned, "{:?}", result.reason);
    let told: Vec<(&str, &str, usize)> = result
        .findings
        .iter()
        .map(|finding| {
            (
                finding.rule.as_str(),
                finding.actual.as_str(),
                finding.exchange,
            )
        })
        .collect();
    let date = "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT";
    assert_eq!(told, [("okta/429-has-integer-retry-after", date, 0)]);
}

#[test]
fn of_a_request_that_is_only_put_off_nothing_is_said() {
    let stub = busy(usize::MAX, Some("0"));
    assert_eq!(
        unclear(&hold_against(&stub.url, READ)),
        "the step `read` was put off with 429 to the last of 11 tries: a lower --rate may help"
    );
    let stub = busy(usize::MAX, Some("3600"));
    assert_eq!(
        unclear(&hold_against(&stub.url, READ)),
        "the step `read` was put off with 429 to the last of 1 tries: it asks for a longer wait than the harness grants; a lower --rate may help"
    );
}

/// A provider that answers the first request of this method with 503 and says when to come again.
fn down_for_a_moment(method: &'static str) -> Stub {
    let (provider, handler) = provider(Version::V2);
    let left = AtomicUsize::new(1);
    let stub = Stub::start("/scim/v2", move |request| {
        let is_probe = request.target.ends_with("startIndex=1&count=1");
        let hit = request.method == method && !is_probe;
        if hit && left.swap(0, Ordering::SeqCst) == 1 {
            return Response {
                status: 503,
                ..too_many(Some("0"))
            };
        }
        handler(request)
    });
    provider.set_base(stub.url.clone());
    stub
}

#[test]
fn a_503_is_waited_for_where_the_request_cannot_have_had_an_effect() {
    let stub = down_for_a_moment("GET");
    passes(&hold_against(&stub.url, READ));
    let stub = down_for_a_moment("POST");
    let result = hold_against(
        &stub.url,
        r#"
[[step]]
name    = "create"
send    = "POST /Users"
body    = '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"{{unique}}@example.com"}'
expect  = [{ rule = "rfc7644-3.3/created-is-201", status = 201 }]
"#,
    );
    assert_eq!(result.verdict, Verdict::Failed);
    let creates = stub
        .asked()
        .iter()
        .filter(|asked| asked.method == "POST")
        .count();
    assert_eq!(creates, 1, "it is not sent twice");
}

/// As slow as the slowest provider of the field that is known: 2.5 s for each write.
#[test]
fn a_slow_server_does_not_time_out() {
    let (provider, handler) = provider(Version::V2);
    let stub = Stub::start("/scim/v2", move |request| {
        if request.method != "GET" {
            std::thread::sleep(Duration::from_millis(2500));
        }
        handler(request)
    });
    provider.set_base(stub.url.clone());
    let arguments = [
        "run",
        "--target",
        &stub.url,
        "--exact",
        "okta::v2::create_user",
    ];
    Home::new().run(&arguments).ended(0);
}

/// What a limiter remembers: how many requests it has let through, and until when it lets none.
#[derive(Default)]
struct Limiter {
    count: u32,
    closed: Option<Instant>,
}

impl Limiter {
    /// After 20 requests none is let through for a second.
    fn lets_through(&mut self) -> bool {
        if self.closed.is_some_and(|until| Instant::now() >= until) {
            *self = Self::default();
        }
        self.count += 1;
        if self.count > 20 && self.closed.is_none() {
            self.closed = Some(Instant::now() + Duration::from_secs(1));
        }
        self.closed.is_none()
    }
}

#[test]
fn a_run_goes_on_under_a_limit_of_requests() {
    let (provider, handler) = provider(Version::V2);
    let limiter: Mutex<Limiter> = Mutex::default();
    let stub = Stub::start("/scim/v2", move |request| {
        if limiter.lock().unwrap().lets_through() {
            handler(request)
        } else {
            too_many(Some("1"))
        }
    });
    provider.set_base(stub.url.clone());
    let home = Home::new();
    let which = [
        "--filter",
        "oin::re",
        "--filter",
        "oin::unassign",
        "--filter",
        "oin::deactivate",
    ];
    let ran = home
        .run(&[&["run", "--target", &stub.url], &which[..]].concat())
        .ended(0);
    assert!(ran.out.contains(" put off with 429\n"), "{}", ran.out);
}

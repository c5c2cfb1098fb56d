//! Servers that misbehave on the wire: each ends in a finding or in "could not tell", in bounded
//! time and memory, and the other cases go on.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot be set up fails, and says where"
)]

#[path = "support/hostile.rs"]
mod hostile;
mod support;

use std::{
    net::{Ipv4Addr, TcpListener},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use hostile::{Hostile, Misbehaviour, acts};
use nix::sys::resource::{UsageWho, getrusage};
use scim_provider::{Request, Response};
use serde_json::{Value, json};
use support::{Home, Ran, users};

/// The most memory that a run may take, in KiB.
const MOST_MEMORY: i64 = 200 * 1024;
/// How long an answer may take, in seconds: where one is to come, and where none is.
const PATIENT: &str = "20";
const IMPATIENT: &str = "0.5";
/// What is said of an answer that does not come.
const TOO_LATE: &str = "no answer within the time limit";
/// The token that nobody else may learn.
const TOKEN: &str = "s3cr3t.t0ken_of-a~tenant";

/// What a run against a hostile server looks like from outside.
struct Against {
    ran: Ran,
    report: Value,
}

/// Runs the binary, which has little patience, and looks at what has to hold whatever happens.
#[track_caller]
fn run(url: &str, timeout: &str, more: &[&str]) -> Against {
    let home = Home::new();
    let fixed = [
        "run",
        "--target",
        url,
        "--timeout",
        timeout,
        "--snapshots",
        "off",
    ];
    let report = ["--report", "json=report.json"];
    let ran = home.run_with(
        &[("SCIM_TOKEN", TOKEN)],
        &[&fixed, &report[..], more].concat(),
    );
    assert!(
        !ran.err.contains("the harness itself failed"),
        "{}",
        ran.err
    );
    for text in [&ran.out, &ran.err] {
        let unsafe_one = text
            .chars()
            .find(|c| c.is_control() && *c != '\n' && *c != '\t');
        assert_eq!(unsafe_one, None, "{text:?}");
        assert!(!text.contains(TOKEN), "{text}");
    }
    let report = home.json("report.json");
    assert!(!report.to_string().contains(TOKEN));
    let memory = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss();
    assert!(memory < MOST_MEMORY, "{memory} KiB");
    Against { ran, report }
}

impl Against {
    fn case(&self, name: &str) -> &Value {
        let cases = self.report["cases"].as_array().unwrap();
        cases.iter().find(|case| case["name"] == name).unwrap()
    }

    /// The rules that a case broke.
    fn broken(&self, name: &str) -> Vec<&str> {
        let findings = self.case(name)["findings"].as_array().unwrap();
        let rules = findings
            .iter()
            .map(|finding| finding["rule"].as_str().unwrap());
        rules.collect()
    }
}

/// What a case comes to whose lookup meets the misbehaviour.
enum Ends<'a> {
    /// Nothing can be said, for a reason with these words.
    Unclear(&'a str),
    /// This rule is broken.
    Broken(&'a str),
    /// All is well.
    Passed,
}
use Ends::{Broken, Passed, Unclear};

/// A case whose lookup by filter meets the misbehaviour ends as it should, and another goes on.
#[track_caller]
fn ends(act: Misbehaviour, wanted: Ends<'_>) {
    let (hit, other) = ("okta::v2::create_user", "okta::v2::import_existing");
    let is_lookup = |request: &Request| request.target.contains("filter=");
    let server = Hostile::start(3, is_lookup, act);
    let timeout = match wanted {
        Unclear(TOO_LATE) => IMPATIENT,
        _ => PATIENT,
    };
    let against = run(&server.url, timeout, &["--exact", hit, "--exact", other]);
    let case = against.case(hit);
    let code = match wanted {
        Unclear(words) => {
            assert_eq!(case["verdict"], "inconclusive", "{case:#}");
            let reason = case["reason"].as_str().unwrap();
            assert!(reason.contains(words), "{reason}");
            3
        }
        Broken(rule) => {
            assert_eq!(case["verdict"], "failed", "{case:#}");
            assert!(against.broken(hit).contains(&rule), "{case:#}");
            1
        }
        // The lookup after the creation finds nobody, as the answer is always the same.
        Passed => {
            assert_eq!(against.broken(hit), ["okta/created-user-is-found"]);
            1
        }
    };
    assert_eq!(against.ran.code, code, "{}", against.ran.out);
    assert_eq!(
        against.case(other)["verdict"],
        "passed",
        "{:#}",
        against.case(other)
    );
}

macro_rules! hostile {
    ($($name:ident: $act:expr => $wanted:expr;)*) => {
        $(#[test]
        fn $name() {
            ends($act, $wanted);
        })*
    };
}

hostile! {
    no_answer: acts::silence() => Unclear(TOO_LATE);
    a_byte_now_and_then: acts::drip() => Unclear(TOO_LATE);
    an_endless_body: acts::endless_body() => Unclear("larger than 8 MiB");
    a_json_of_200_mb: acts::large_json() => Unclear("larger than 8 MiB");
    a_gzip_bomb: acts::gzip_bomb() => Unclear("larger than 8 MiB");
    a_nesting_100_000_deep: acts::deep() => Unclear("nested more than 125 levels deep");
    a_million_members: acts::million_members() => Unclear("more than 200000 values");
    bytes_that_are_no_utf8: acts::no_utf8() => Broken("rfc7644-3.8/utf8-is-default-encoding");
    a_name_with_two_values: acts::list_with(r#""a":1,"a":2"#) => Unclear("the name \"a\" twice");
    a_number_beyond_all: acts::list_with(r#""a":1e999"#) => Unclear("number out of range");
    a_number_of_400_digits: acts::list_with(&format!("\"a\":{}", "9".repeat(400))) => Unclear("number");
    a_total_of_2_to_the_63: acts::body(r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":9223372036854775808,"Resources":[]}"#) => Broken("okta/unknown-user-matches-nobody");
    a_total_below_zero: acts::body(r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":-9223372036854775808,"Resources":[]}"#) => Broken("okta/unknown-user-matches-nobody");
    nul_in_strings: acts::body("{\"schemas\":[\"\\u0000\"],\"totalResults\":1,\"Resources\":[{\"id\":\"\\u0000\",\"userName\":\"\\u0000\"}]}") => Broken("okta/unknown-user-matches-nobody");
    half_a_surrogate: acts::list_with("\"a\":\"\\ud800\"") => Unclear("hex escape");
    a_flood_of_headers: acts::header_flood() => Unclear("got no answer");
    a_header_of_10_mb: acts::long_header() => Unclear("got no answer");
    less_than_the_content_length: acts::too_short() => Unclear("end of file before message length");
    more_than_the_content_length: acts::too_long() => Broken("rfc7644-3.8/accept-scim-json-works");
    two_content_lengths: acts::bytes("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}}") => Unclear("got no answer");
    a_content_length_below_zero: acts::bytes("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}") => Unclear("got no answer");
    a_content_length_beyond_all: acts::bytes("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n{}") => Unclear("got no answer");
    a_chunk_beyond_all: acts::bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n{}") => Unclear("got no answer");
    a_chunk_that_is_none: acts::bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n{}") => Unclear("got no answer");
    a_connection_cut_in_the_middle: acts::cut_in_the_middle() => Unclear("got no answer");
    a_connection_that_breaks_off: acts::reset() => Unclear("got no answer");
    a_connection_that_is_closed_at_once: acts::bytes("") => Unclear("got no answer");
    an_answer_of_http_1_0: acts::http_1_0() => Passed;
    a_flood_of_100_continue: acts::interim_flood("100 Continue") => Unclear(TOO_LATE);
    a_flood_of_early_hints: acts::interim_flood("103 Early Hints") => Unclear(TOO_LATE);
    a_401_without_end: acts::head("401 Unauthorized", "") => Broken("okta/existence-check-is-answered");
    a_429_with_an_absurd_wait: acts::head("429 Slow Down", "Retry-After: 99999999999999999999999\r\n") => Unclear("a longer wait than the harness grants");
    a_429_with_a_date_far_away: acts::head("429 Slow Down", "Retry-After: Thu, 01 Jan 9998 00:00:00 GMT\r\n") => Unclear("a longer wait than the harness grants");
    a_429_that_is_never_over: acts::head("429 Slow Down", "Retry-After: 0\r\n") => Unclear("to the last of 11 tries");
    a_redirect_to_itself: acts::head("302 Found", "Location: /scim/v2/Users?filter=1\r\n") => Broken("okta/existence-check-is-answered");
    a_redirect_that_is_garbage: acts::head("308 Gone", "Location: \u{fffd}://[\r\n") => Broken("okta/existence-check-is-answered");
    a_status_beyond_all: acts::head("999 Odd", "") => Broken("okta/existence-check-is-answered");
    a_status_of_no_class: acts::head("000 Odd", "") => Unclear("got no answer");
    an_unknown_encoding: acts::bytes("HTTP/1.1 200 OK\r\nContent-Encoding: zstd\r\nContent-Length: 2\r\n\r\n{}") => Unclear("encoded as `zstd`");
    escapes_in_a_header: acts::bytes("HTTP/1.1 200 OK\r\nX-Evil: \u{1b}[2J\r\nContent-Length: 2\r\n\r\n{}") => Unclear("got no answer");
    the_http_of_another_time: acts::bytes("HTTP/9.9 200 OK\r\n\r\n{}") => Unclear("got no answer");
}

/// The probe is answered, so that a run begins.
fn is_probe(request: &Request) -> bool {
    request.target == "/Users?startIndex=1&count=1"
}

/// The same for every request of a part of the suite.
#[track_caller]
fn ends_everywhere(act: Misbehaviour) {
    let server = Hostile::start(3, |request| !is_probe(request), act);
    let against = run(&server.url, PATIENT, &["--filter", "okta::v2::oin"]);
    assert!(matches!(against.ran.code, 1 | 3), "{}", against.ran.out);
    let cases = against.report["cases"].as_array().unwrap();
    assert!(!cases.is_empty());
    for case in cases {
        assert!(
            !matches!(case["verdict"].as_str(), Some("passed" | "warned")),
            "{case:#}"
        );
    }
}

#[test]
fn large_answers_to_everything() {
    for act in [acts::million_members(), acts::large_json()] {
        ends_everywhere(act);
    }
}

#[test]
fn answers_just_within_bounds_to_everything() {
    ends_everywhere(acts::body(format!("[{}0]", "0,".repeat(190_000))));
    ends_everywhere(acts::body(format!("[\"{}\"]", "x".repeat(7 * 1024 * 1024))));
}

#[test]
fn small_trouble_with_everything() {
    // Most of it is waiting for a next try.
    thread::scope(|scope| {
        for act in [
            acts::deep(),
            acts::header_flood(),
            acts::bytes(""),
            acts::too_short(),
        ] {
            scope.spawn(|| ends_everywhere(act));
        }
    });
}

#[test]
fn a_server_that_falls_silent_is_not_waited_for_without_end() {
    let server = Hostile::start(3, |request| !is_probe(request), acts::silence());
    let against = run(
        &server.url,
        IMPATIENT,
        &["--filter", "okta::v2", "--jobs", "8"],
    );
    assert_eq!(against.ran.code, 3, "{}", against.ran.out);
    assert!(
        against
            .ran
            .out
            .contains("requests in a row without an answer"),
        "{}",
        against.ran.out
    );
}

#[test]
fn a_redirect_takes_the_credential_nowhere_else() {
    let elsewhere = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = elsewhere.local_addr().unwrap();
    let visited = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&visited);
    thread::spawn(move || {
        for _ in elsewhere.incoming() {
            seen.store(true, Ordering::SeqCst);
        }
    });
    for status in [
        "301 Moved",
        "302 Found",
        "303 See Other",
        "307 Temporary",
        "308 Permanent",
    ] {
        let location = format!("Location: http://{address}/scim/v2/Users\r\n");
        let server = Hostile::start(
            3,
            |request| !is_probe(request),
            acts::head(status, &location),
        );
        let against = run(&server.url, PATIENT, &["--filter", "okta::v2::oin"]);
        assert_eq!(against.ran.code, 1, "{}", against.ran.out);
    }
    assert!(!visited.load(Ordering::SeqCst));
}

#[test]
fn connections_that_are_not_kept_as_promised() {
    let promise = |_: &Request, honest: Response| Response {
        headers: [
            honest.headers,
            vec![("Connection".into(), "keep-alive".into())],
        ]
        .concat(),
        ..honest
    };
    let honest = support::provider(scim_harness::scenario::Version::V2);
    let handler = honest.1;
    let act: Misbehaviour = Arc::new(move |request, stream| {
        hostile::wire::write(stream, &promise(request, handler(request)))
    });
    let server = Hostile::start(0, |_| true, act);
    let against = run(&server.url, PATIENT, &["--filter", "okta::v2::oin"]);
    assert!(matches!(against.ran.code, 0 | 3), "{}", against.ran.out);
    for case in against.report["cases"].as_array().unwrap() {
        assert_ne!(case["verdict"], "failed", "{case:#}");
    }
}

#[test]
fn pages_that_never_end_are_read_up_to_the_limit() {
    let server = Hostile::lying(
        100,
        Arc::new(|request, honest| {
            if !request.target.contains("count=100") || request.target.contains("filter") {
                return honest;
            }
            let mut list: Value = serde_json::from_slice(&honest.body).unwrap_or_default();
            list["totalResults"] = json!(i64::MAX);
            Response {
                body: list.to_string().into_bytes(),
                ..honest
            }
        }),
    );
    let against = run(
        &server.url,
        PATIENT,
        &[
            "--exact",
            "okta::v2::import_existing",
            "--import-limit",
            "1000",
        ],
    );
    assert_eq!(against.ran.code, 1, "{}", against.ran.out);
    let pages = server
        .asked()
        .iter()
        .filter(|asked| asked.target.contains("count=100"))
        .count();
    assert!(pages <= 12, "{pages}");
}

/// Every string of a JSON value changed.
fn strings(value: &mut Value, change: &impl Fn(&str) -> String) {
    match value {
        Value::String(text) => *text = change(text),
        Value::Array(items) => items.iter_mut().for_each(|item| strings(item, change)),
        Value::Object(members) => members.values_mut().for_each(|item| strings(item, change)),
        _ => {}
    }
}

#[test]
fn terminal_escapes_in_every_string_reach_no_terminal() {
    let evil = "\u{1b}[2J\u{1b}]0;pwned\u{7}\u{9b}31m\u{202e}\r\u{8}";
    let server = Hostile::lying(
        3,
        Arc::new(move |_, honest| {
            let Ok(mut body) = serde_json::from_slice::<Value>(&honest.body) else {
                return honest;
            };
            strings(&mut body, &|text| format!("{evil}{text}"));
            Response {
                body: body.to_string().into_bytes(),
                ..honest
            }
        }),
    );
    let against = run(&server.url, PATIENT, &["--filter", "okta::v2"]);
    assert_eq!(against.ran.code, 1, "{}", against.ran.out);
    assert!(!against.ran.out.contains('\u{202e}'));
}

/// Ids that would lead elsewhere if they were put into a path as they are.
const WAYWARD: [&str; 14] = [
    "..",
    ".",
    "",
    "../Groups",
    "a/b",
    "a?b=c",
    "a#b",
    "%2e%2e",
    "%2F",
    "a\\b",
    "a\nb",
    "a\r\nX: y",
    "\u{1b}[2J",
    "a b",
];

#[test]
fn an_id_never_addresses_another_resource() {
    for id in WAYWARD {
        let server = Hostile::lying(
            3,
            Arc::new(move |request, honest| {
                if request.method != "POST" || honest.status != 201 {
                    return honest;
                }
                let mut body: Value = serde_json::from_slice(&honest.body).unwrap();
                body["id"] = json!(id);
                Response {
                    body: body.to_string().into_bytes(),
                    ..honest
                }
            }),
        );
        let before = users(&server.url);
        let against = run(
            &server.url,
            PATIENT,
            &[
                "--exact",
                "okta::v2::create_user",
                "--exact",
                "okta::v2::oin::deactivate",
            ],
        );
        assert!(
            matches!(against.ran.code, 1 | 3),
            "{id:?}: {}",
            against.ran.out
        );
        assert_eq!(users(&server.url), before, "{id:?}");
        let encoded = format!("/Users/{}", scim_harness::template::percent_encode(id));
        for asked in server.asked() {
            let path = asked.target.split('?').next().unwrap();
            let foreign = before
                .iter()
                .any(|user| path.ends_with(user["id"].as_str().unwrap()));
            let known = path == encoded || !path.contains("..") && path.split('/').count() <= 3;
            assert!(
                known && !foreign,
                "{id:?}: {} {}",
                asked.method,
                asked.target
            );
            let writes = !matches!(asked.method.as_str(), "GET" | "POST");
            assert!(
                !writes || path.trim_end_matches('/') != "/Users",
                "{id:?}: {}",
                asked.method
            );
        }
    }
}

//! What the engine makes of a scenario: each word of the format holds and can fail.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot be set up fails, and says where"
)]

#[path = "support/meeting.rs"]
mod meeting;
mod support;

use std::{
    collections::BTreeSet,
    io::{Read, Write},
    net::Ipv4Addr,
    sync::atomic::{AtomicUsize, Ordering},
};

use flate2::{Compression, write::GzEncoder};
use meeting::{IN_VAIN, Meeting, SURE};
use scim_harness::{
    scenario::Version,
    target::Auth,
    verdict::{CaseResult, Verdict},
};
use scim_provider::{Request, Response};
use secrecy::SecretString;
use serde_json::{Value, json};
use support::{
    Stub, answer,
    held::{breaches, hold, hold_against, hold_all, hold_with_fault, passes, target, unclear},
    provider,
};

/// A step that creates a user, for the others to work on.
const CREATE: &str = r#"
[[step]]
name    = "create"
send    = "POST /Users"
body    = '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"{{unique}}@example.com"}'
expect  = [{ rule = "rfc7644-3.3/created-is-201", status = 201 }]
capture = { user_id = "/id", place = "header Location" }
"#;

/// A step that uses what [`CREATE`] captures.
const READ: &str = r#"
[[step]]
name   = "read"
send   = "GET /Users/{{user_id}}"
expect = [{ rule = "rfc7644-3.4.1/known-id-is-200", at = "/meta/location", equals = "{{place}}" }]
"#;

/// The requests of a case as they were sent: method and path with query.
fn sent(result: &CaseResult) -> Vec<String> {
    let line = |url: &str| url.split("/scim/v2").nth(1).unwrap_or(url).to_owned();
    let exchanges = result.exchanges.iter();
    exchanges
        .map(|exchange| {
            format!(
                "{} {}",
                exchange.request.method,
                line(&exchange.request.url)
            )
        })
        .collect()
}

/// The body of the answer in an exchange of a case.
fn body(result: &CaseResult, exchange: usize) -> Value {
    let answer = result.exchanges[exchange].response.as_ref().unwrap();
    serde_json::from_str(&answer.body).unwrap()
}

#[test]
fn a_capture_takes_values_of_the_body_and_of_headers() {
    let result = hold(&format!("{CREATE}{READ}"));
    passes(&result);
    let created = body(&result, 0);
    let path = format!("GET /Users/{}", created["id"].as_str().unwrap());
    assert_eq!(sent(&result), ["POST /Users".to_owned(), path]);
}

#[test]
fn a_capture_that_the_answer_does_not_bring_is_inconclusive() {
    let result = hold(&format!("{CREATE}{READ}").replace("header Location", "header X-Nothing"));
    assert_eq!(
        unclear(&result),
        "the answer to `create` brings no header X-Nothing, which the conversation needs to go on"
    );
    let result = hold(&format!("{CREATE}{READ}").replace("\"/id\"", "\"$.nothing\""));
    assert_eq!(
        unclear(&result),
        "the answer to `create` brings no `$.nothing`, which the conversation needs to go on"
    );
}

const REPEAT: &str = r#"
[[step]]
name    = "create five users"
send    = "POST /Users"
repeat  = 5
body    = '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"{{unique}}-{{n}}@example.com"}'
expect  = [{ rule = "rfc7644-3.3/created-is-201", status = 201 }]
capture = { ids = "/id" }
"#;

#[test]
fn repeat_counts_from_one_and_its_captures_are_a_list() {
    let step = r#"
[[step]]
name    = "search"
send    = "POST /Users/.search"
body    = '{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],"filter":"userName sw \"{{unique}}-\""}'
expect  = [{ rule = "okta/import-reaches-every-user", at = "/totalResults", equals = 5 }]

[[step]]
name   = "walk"
send   = "GET /Users"
query  = { startIndex = 1, count = 100 }
pages  = { by = 100 }
expect = [{ rule = "okta/import-reaches-every-user", pages_hold = "{{ids}}" }]
"#;
    let result = hold(&format!("{REPEAT}{step}"));
    passes(&result);
    let mut names: Vec<String> = result.exchanges[..5]
        .iter()
        .map(|exchange| exchange.request.json().unwrap()["userName"].to_string())
        .collect();
    names.sort();
    for (name, n) in names.iter().zip(1..) {
        assert!(name.ends_with(&format!("-{n}@example.com\"")), "{names:?}");
    }
}

#[test]
fn repeat_fails_where_one_of_its_answers_does() {
    let result = hold(
        &REPEAT
            .replace("-{{n}}", "")
            .replace("capture = { ids = \"/id\" }\n", ""),
    );
    let breaches = breaches(&result);
    assert!(
        breaches.contains(&("rfc7644-3.3/created-is-201", "the status is 409")),
        "{breaches:?}"
    );
}

#[test]
fn for_each_sends_the_step_once_for_each_value() {
    let step = r#"
[[step]]
name     = "filter"
send     = "GET /Users"
query    = { filter = 'userName {{op}} "a"' }
for_each = { name = "op", of = ["eq", "co", "sw"] }
expect   = [{ rule = "rfc7644-3.4.2/no-match-is-empty-200", status = 200 }]
"#;
    let result = hold(step);
    passes(&result);
    let filters =
        ["eq", "co", "sw"].map(|op| format!("GET /Users?filter=userName%20{op}%20%22a%22"));
    assert_eq!(sent(&result), filters);
    let result = hold(&step.replace("\"co\"", "\"equals\""));
    assert_eq!(
        breaches(&result),
        [("rfc7644-3.4.2/no-match-is-empty-200", "the status is 400")]
    );
    assert_eq!(
        result.exchanges.len(),
        3,
        "the others are sent all the same"
    );
}

#[test]
fn a_conversation_is_held_for_five_hundred_of_a_family_and_says_so() {
    let values: Vec<String> = (0..501).map(|number| format!("\"a{number}\"")).collect();
    let scenario = format!(
        r#"
for_each = {{ name = "id", of = [{}] }}
[[step]]
name   = "read"
send   = "GET /Users/{{{{id}}}}"
expect = [{{ rule = "rfc7644-3.4.1/unknown-id-is-404", status = 404 }}]
"#,
        values.join(", ")
    );
    let result = hold(&scenario);
    assert_eq!(result.verdict, Verdict::Inconclusive);
    let reason = result.reason.clone().unwrap_or_default();
    assert!(
        reason.contains("the first 500 were tried of the 501"),
        "{reason}"
    );
    assert_eq!(result.exchanges.len(), 500);
}

#[test]
fn for_each_takes_the_endpoints_of_resource_types() {
    let step = r#"
needs = ["entitlements"]

[[step]]
name     = "read a page"
send     = "GET /{{endpoint}}"
query    = { count = 1 }
expect   = [{ rule = "okta/users-page-is-200", status = 200 }]

[step.for_each]
name           = "endpoint"
resource_types = { schema = ["urn:okta:scim:schemas:core:1.0:Entitlement"] }
"#;
    let result = hold(step);
    passes(&result);
    assert_eq!(
        sent(&result),
        ["GET /Entitlements?count=1", "GET /Licenses?count=1"]
    );
    let unknown = step.replace(":Entitlement", ":Device");
    assert!(hold(&unknown).exchanges.is_empty());
}

#[test]
fn parallel_steps_are_sent_at_once_and_others_are_not() {
    let steps = r#"
[[step]]
name     = "first"
send     = "GET /Users"
headers  = { X-Meet = "a" }
parallel = "both"
expect   = [{ rule = "okta/users-page-is-200", status = 200 }]

[[step]]
name     = "second"
send     = "GET /Users"
headers  = { X-Meet = "b" }
parallel = "both"
expect   = [{ rule = "okta/users-page-is-200", status = 200 }]
"#;
    let meeting = Meeting::start(2, SURE);
    let result = hold_against(&meeting.url, steps);
    passes(&result);
    assert_eq!(meeting.most(), 2);
    let names: Vec<&str> = result
        .exchanges
        .iter()
        .map(|exchange| exchange.step.as_str())
        .collect();
    assert_eq!(names, ["first", "second"]);

    let meeting = Meeting::start(2, IN_VAIN);
    passes(&hold_against(
        &meeting.url,
        &steps.replace("parallel = \"both\"\n", ""),
    ));
    assert_eq!(meeting.most(), 1);
}

#[test]
fn parallel_steps_are_judged_each_for_itself() {
    let result = hold(
        r#"
[[step]]
name     = "first"
send     = "GET /Users"
parallel = "both"
expect   = [{ rule = "okta/users-page-is-200", at = "/totalResults", type = "integer" }]

[[step]]
name     = "second"
send     = "GET /Users"
parallel = "both"
expect   = [{ rule = "okta/users-page-is-200", at = "/totalResults", type = "string" }]
"#,
    );
    assert_eq!(
        breaches(&result),
        [("okta/users-page-is-200", "`/totalResults` is integer <12>")]
    );
    assert_eq!(result.findings[0].step, "second");
}

#[test]
fn a_case_that_is_alone_meets_no_other_until_it_is_cleaned_up() {
    let list = |case: &str| {
        format!(
            r#"
[[step]]
name    = "list"
send    = "GET /Users"
headers = {{ X-Meet = "{case}" }}
expect  = [{{ rule = "okta/users-page-is-200", status = 200 }}]
"#
        )
    };
    let loner = format!("alone = true\n{CREATE}{READ}{}", list("loner"));
    let others = ["a", "b", "c"].map(|case| (case, list(case)));
    let mut scenarios: Vec<(&str, &str)> = vec![("loner", &loner)];
    scenarios.extend(others.iter().map(|(name, text)| (*name, text.as_str())));
    let meeting = Meeting::start(3, SURE);
    let held = hold_all(&scenarios, Some(target(&meeting.url)), &[]);
    held.results.iter().for_each(passes);
    assert_eq!(meeting.most(), 3, "the others meet each other");
    let asked = meeting.asked.lock().unwrap();
    let whose = |request: &Request| request.header("X-Meet").unwrap_or_default().to_owned();
    let removed = asked
        .iter()
        .position(|request| request.method == "DELETE")
        .unwrap();
    let seen: Vec<String> = asked.iter().take(removed).map(whose).collect();
    assert!(seen.contains(&"loner".to_owned()), "{seen:?}");
    assert!(
        !seen
            .iter()
            .any(|case| ["a", "b", "c"].contains(&case.as_str())),
        "{seen:?}"
    );
    drop(asked);

    let meeting = Meeting::start(4, SURE);
    let sociable = loner
        .replace("alone = true\n", "")
        .replace("\"loner\"", "\"d\"");
    scenarios[0].1 = &sociable;
    let held = hold_all(&scenarios, Some(target(&meeting.url)), &[]);
    held.results.iter().for_each(passes);
    assert_eq!(meeting.most(), 4, "without the word it meets them");
}

const WALK: &str = r#"
[[step]]
name   = "walk"
send   = "GET /Users"
query  = { startIndex = 1, count = 2 }
pages  = { by = 2 }
expect = [
  { rule = "okta/users-page-is-200", status = 200 },
  { rule = "okta/import-shows-each-user-once", pages = "disjoint" },
  { rule = "okta/import-reaches-every-user", pages = "complete" },
  { rule = "okta/import-pages-hold-100", pages = "full" },
  { rule = "okta/import-order-is-stable", pages = "steady" },
  { rule = "okta/import-reaches-every-user", pages_hold = "{{ids}}" },
]
"#;

#[test]
fn pages_walks_a_list_to_its_end() {
    let result = hold(&format!("{REPEAT}{WALK}"));
    passes(&result);
    let starts = [1, 3, 5, 7, 9, 11, 13, 15, 17, 1]
        .map(|start| format!("GET /Users?startIndex={start}&count=2"));
    assert_eq!(&sent(&result)[5..], starts);
}

#[test]
fn each_fault_of_a_walk_is_told() {
    let of_walk = |fault: &str| {
        let result = hold_with_fault(&format!("{REPEAT}{WALK}"), &[fault]);
        let told = result
            .findings
            .iter()
            .map(|finding| finding.message.clone());
        told.collect::<BTreeSet<_>>()
    };
    assert!(of_walk("pages-overlap").contains("a resource comes on two pages"));
    assert!(
        of_walk("first-user-is-missed").contains("the pages do not hold what totalResults says")
    );
    assert!(of_walk("order-changes").contains("the first page, read again, is another"));
    assert!(of_walk("total-is-the-page").contains("the walk misses resources"));
}

#[test]
fn a_page_that_is_not_full_is_told() {
    let (provider, handler) = provider(Version::V2);
    provider.seed(7);
    let stub = Stub::start("/scim/v2", move |request| {
        let short = Request {
            target: request.target.replace("count=3", "count=2"),
            ..request.clone()
        };
        handler(&short)
    });
    provider.set_base(stub.url.clone());
    let walk = r#"
[[step]]
name   = "walk"
send   = "GET /Users"
query  = { startIndex = 1, count = 3 }
pages  = { by = 3 }
expect = [{ rule = "rfc7644-3.4.2/partial-list-has-start-index", pages = "full" }]
"#;
    let result = hold_against(&stub.url, walk);
    let messages: Vec<&str> = result
        .findings
        .iter()
        .map(|finding| finding.message.as_str())
        .collect();
    assert_eq!(messages, ["a page that is not the last is not full"]);
    assert_eq!(
        (
            result.findings[0].expected.as_str(),
            result.findings[0].actual.as_str()
        ),
        ("3 resources", "2 resources")
    );
}

#[test]
fn of_a_list_that_others_change_meanwhile_nothing_is_said() {
    let (provider, handler) = provider(Version::V2);
    provider.seed(5);
    let other = provider.clone();
    let stub = Stub::start("/scim/v2", move |request| {
        other.seed(1);
        handler(request)
    });
    provider.set_base(stub.url.clone());
    let walk = WALK.replace(
        "  { rule = \"okta/import-reaches-every-user\", pages_hold = \"{{ids}}\" },\n",
        "",
    );
    assert_eq!(
        unclear(&hold_against(&stub.url, &walk)),
        "the list changed during each of 3 walks in the step `walk`: others are at work on it"
    );
}

const EVENTUALLY: &str = r#"
[[step]]
name       = "read until it is there"
send       = "GET /Users/{{user_id}}"
eventually = "10s"
expect     = [{ rule = "rfc7644-3.4.1/known-id-is-200", status = 200 }]
"#;

/// A provider that does not find a user the first so many times.
fn forgetful(times: usize) -> Stub {
    let (provider, handler) = provider(Version::V2);
    let reads = AtomicUsize::new(0);
    let stub = Stub::start("/scim/v2", move |request| {
        let read = request.method == "GET" && request.target.starts_with("/Users/");
        if read && reads.fetch_add(1, Ordering::SeqCst) < times {
            let error = json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "404", "detail": "not yet",
            });
            return answer(404, "application/scim+json", error.to_string());
        }
        handler(request)
    });
    provider.set_base(stub.url.clone());
    stub
}

#[test]
fn eventually_repeats_a_read_until_it_holds() {
    let stub = forgetful(2);
    passes(&hold_against(
        &stub.url,
        &format!("{CREATE}{EVENTUALLY}").replace(", place = \"header Location\"", ""),
    ));
    let reads = stub
        .asked()
        .iter()
        .take_while(|asked| asked.method != "DELETE")
        .filter(|asked| asked.target.starts_with("/Users/") && asked.method == "GET")
        .count();
    assert_eq!(reads, 3);
}

#[test]
fn eventually_fails_when_its_time_is_over() {
    let stub = forgetful(usize::MAX);
    let steps = format!("{CREATE}{EVENTUALLY}")
        .replace(", place = \"header Location\"", "")
        .replace("10s", "0.2s");
    let result = hold_against(&stub.url, &steps);
    assert_eq!(
        breaches(&result),
        [("rfc7644-3.4.1/known-id-is-200", "the status is 404")]
    );
}

const RAW: &str = r#"
[[step]]
name   = "ask over a socket"
raw    = '''
GET /scim/v2/Users?count=1 HTTP/1.1
Host: scim.example.com
X-Odd:   spaces
Connection: close

'''
expect = [
  { rule = "okta/users-page-is-200", status = 200 },
  { rule = "okta/paging-fields-are-integers", at = "/itemsPerPage", equals = 1 },
]
"#;

#[test]
fn raw_sends_a_request_over_a_socket_of_its_own() {
    let (provider, handler) = provider(Version::V2);
    provider.seed(2);
    let stub = Stub::start("/scim/v2", move |request| handler(request));
    provider.set_base(stub.url.clone());
    passes(&hold_against(&stub.url, RAW));
    let asked = stub.asked();
    let mut raw = asked
        .iter()
        .filter(|asked| asked.target == "/Users?count=1");
    let asked = raw.next().unwrap();
    let names: Vec<&str> = asked
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(names, ["host", "x-odd"]);
    let elsewhere = RAW.replace("/scim/v2/Users", "/scim/v2/Nobody");
    assert_eq!(
        breaches(&hold_against(&stub.url, &elsewhere)),
        [("okta/users-page-is-200", "the status is 404")]
    );
}

#[test]
fn as_takes_another_credential() {
    let step = |credential: &str, status: u16| {
        hold(&format!(
            r#"
[[step]]
name   = "list"
send   = "GET /Users"
as     = "{credential}"
expect = [{{ rule = "rfc7644-2/unauthenticated-requests-get-no-data", status = {status} }}]
"#
        ))
    };
    passes(&step("none", 401));
    passes(&step("wrong", 401));
    let refused = [(
        "rfc7644-2/unauthenticated-requests-get-no-data",
        "the status is 401",
    )];
    assert_eq!(breaches(&step("none", 200)), refused);
    assert_eq!(breaches(&step("wrong", 200)), refused);
}

#[test]
fn as_second_needs_a_second_credential() {
    let rest = r#"needs = ["second-credential"]

[[step]]
name   = "list"
send   = "GET /Users"
as     = "second"
expect = [{ rule = "okta/users-page-is-200", status = 200 }]
"#;
    let known = rest.replace("status = 200", "status = 403");
    passes(&hold(&known));

    let (provider, handler) = provider(Version::V2);
    let stub = Stub::start("/scim/v2", move |request| handler(request));
    provider.set_base(stub.url.clone());
    let result = hold_against(&stub.url, rest);
    assert_eq!(result.verdict, Verdict::Skipped);
    assert_eq!(result.reason.unwrap(), "no second credential is configured");

    let mut target = target(&stub.url);
    target.second = Some(Auth::Bearer(SecretString::from(
        "of another tenant".to_owned(),
    )));
    passes(&hold_all(&[("mine", rest)], Some(target), &[]).results[0]);
    let asked = stub.asked();
    let credentials: Vec<Option<&str>> = asked
        .iter()
        .filter(|asked| asked.target.starts_with("/Users"))
        .map(|asked| asked.header("Authorization"))
        .collect();
    assert_eq!(credentials, [None, Some("Bearer of another tenant")]);
}

#[test]
fn body_from_takes_an_earlier_answer_with_changes() {
    let result = hold(&format!(
        r#"{CREATE}{READ}
[[step]]
name      = "write it back"
send      = "PUT /Users/{{{{user_id}}}}"
body_from = "read"
set       = {{ "/displayName" = "Ada", "/name/givenName" = "{{{{run}}}}", "/active" = true }}
remove    = ["/meta", "/schemas/7"]
expect    = [
  {{ rule = "rfc7644-3.5.1/put-returns-200-and-resource", status = 200 }},
  {{ rule = "rfc7644-3.5.1/put-replaces-supplied-values", at = "/displayName", equals = "Ada" }},
  {{ rule = "okta/update-changes-nothing-else", at = "", same_as = "read", except = ["/displayName", "/name", "/active", "/meta"] }},
]
"#
    ));
    passes(&result);
    let mut expected = body(&result, 1);
    let sent = result.exchanges[2].request.json().unwrap();
    expected.as_object_mut().unwrap().shift_remove("meta");
    expected["displayName"] = json!("Ada");
    let run = sent["name"]["givenName"].as_str().unwrap();
    assert!(
        run.starts_with("scim-harness-") && expected["userName"].as_str().unwrap().starts_with(run)
    );
    expected["name"] = json!({"givenName": run});
    expected["active"] = json!(true);
    assert_eq!(sent, expected);
}

#[test]
fn body_from_an_answer_without_json_is_inconclusive() {
    let result = hold(&format!(
        r#"{CREATE}{READ}
[[step]]
name   = "remove"
send   = "DELETE /Users/{{{{user_id}}}}"
expect = [{{ rule = "rfc7644-3.6/delete-is-204", status = 204 }}]

[[step]]
name      = "write it back"
send      = "PUT /Users/{{{{user_id}}}}"
body_from = "remove"
expect    = [{{ rule = "rfc7644-3.5.1/put-returns-200-and-resource", status = 200 }}]
"#
    ));
    assert_eq!(
        unclear(&result),
        "the step `write it back` could not be sent: the step `remove` brought no JSON body to go on with"
    );
}

#[test]
fn raw_query_is_sent_as_written() {
    let step = r#"
[[step]]
name      = "look up"
send      = "GET /Users"
raw_query = "filter=userName+eq+%22{{unique}}@example.com%22&&count=1"
expect    = [{ rule = "okta/plus-in-query-is-a-space", at = "/totalResults", equals = 1 }]
"#;
    let create = CREATE
        .replace(", place = \"header Location\"", "")
        .replace("user_id", "id");
    let result = hold(&format!(
        "{}{step}",
        create.replace("capture = { id = \"/id\" }\n", "")
    ));
    passes(&result);
    let sent = sent(&result);
    assert!(
        sent[1].starts_with("GET /Users?filter=userName+eq+%22scim-harness-"),
        "{sent:?}"
    );
    assert!(sent[1].ends_with("@example.com%22&&count=1"), "{sent:?}");
    let result = hold(&step.replace("%22&&", "&&"));
    assert_eq!(result.findings[0].message, "`/totalResults` is missing");
}

/// A provider that answers every read of the user `x` with this.
fn answering(response: Response) -> Stub {
    let (provider, handler) = provider(Version::V2);
    let stub = Stub::start("/scim/v2", move |request| match request.target.as_str() {
        "/Users/x" => response.clone(),
        _ => handler(request),
    });
    provider.set_base(stub.url.clone());
    stub
}

const READ_X: &str = r#"
[[step]]
name   = "read x"
send   = "GET /Users/x"
expect = [{ rule = "rfc7644-3.4.1/known-id-is-200", at = "/id", equals = "x" }]
"#;

#[test]
fn a_body_that_is_no_json_is_a_finding() {
    let bodies: [(&[u8], &str); 3] = [
        (b"{\"id\":\"\xff\"}", "the body is no JSON: it is not UTF-8"),
        (
            b"{\"id\":\"x\"",
            "the body is no JSON: EOF while parsing an object at line 1 column 9",
        ),
        (
            b"\0\x1b[31m",
            "the body is no JSON: expected value at line 1 column 1",
        ),
    ];
    for (body, message) in bodies {
        let stub = answering(answer(200, "application/scim+json", body));
        let result = hold_against(&stub.url, READ_X);
        let found = breaches(&result);
        // Bytes that are no UTF-8 break the rule on the encoding, which is the cause.
        let rule = match std::str::from_utf8(body) {
            Ok(_) => "rfc7644-3.8/accept-scim-json-works",
            Err(_) => "rfc7644-3.8/utf8-is-default-encoding",
        };
        assert!(found.contains(&(rule, message)), "{found:?}");
    }
}

#[test]
fn json_as_deep_as_it_is_read_is_judged() {
    let deep = format!("{{\"id\":{}1{}}}", "[".repeat(120), "]".repeat(120));
    let stub = answering(answer(200, "application/scim+json", deep));
    let result = hold_against(&stub.url, READ_X);
    assert!(
        breaches(&result)
            .iter()
            .any(|(rule, _)| *rule == "rfc7644-3.4.1/known-id-is-200")
    );
}

/// JSON that the harness cannot hold may be right: nothing is said of it.
#[test]
fn json_that_cannot_be_held_is_inconclusive() {
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    let bodies = [
        (deep.as_str(), "nested more than 125 levels deep"),
        (r#"{"id":"\ud800"}"#, "unexpected end of hex escape"),
        (r#"{"id":1e999}"#, "number out of range"),
        (r#"{"id":"x","id":"y"}"#, "the name \"id\" twice"),
    ];
    for (body, reason) in bodies {
        let stub = answering(answer(200, "application/scim+json", body));
        let result = hold_against(&stub.url, READ_X);
        let told = unclear(&result);
        assert!(
            told.contains("the answer cannot be read: ") && told.contains(reason),
            "{told}"
        );
    }
}

fn gzipped(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

fn encoded(encoding: &str, body: Vec<u8>) -> Response {
    let mut response = answer(200, "application/scim+json", body);
    response
        .headers
        .push(("Content-Encoding".to_owned(), encoding.to_owned()));
    response
}

#[test]
fn an_answer_that_cannot_be_decoded_is_inconclusive() {
    let bomb = gzipped(&vec![b' '; 33 * 1024 * 1024]);
    assert!(bomb.len() < 1024 * 1024);
    let answers = [
        (encoded("gzip", bomb), "the answer is larger than 8 MiB"),
        (
            encoded("gzip", b"no gzip".to_vec()),
            "the compressed answer cannot be read: ",
        ),
        (
            encoded("br", b"{}".to_vec()),
            "the answer is encoded as `br`, which was not asked for",
        ),
    ];
    for (response, reason) in answers {
        let stub = answering(response);
        let result = hold_against(&stub.url, READ_X);
        let told = unclear(&result);
        assert!(
            told.starts_with(&format!("the step `read x` got no answer: {reason}")),
            "{told}"
        );
    }
    let stub = answering(encoded("gzip", gzipped(br#"{"id":"x"}"#)));
    let result = hold_against(&stub.url, READ_X);
    assert!(result.upheld.contains("rfc7644-3.4.1/known-id-is-200"));
}

#[test]
fn raw_may_use_the_credential() {
    passes(&hold(
        &RAW.replace("X-Odd:   spaces", "Authorization: {{credential}}"),
    ));
}

#[test]
fn all_times_of_a_parallel_step_are_sent_at_once() {
    let step = |times: &str| {
        format!(
            r#"
[[step]]
name     = "list"
send     = "GET /Users"
headers  = {{ X-Meet = "a" }}
{times}
parallel = "all"
capture  = {{ totals = "/totalResults" }}
expect   = [{{ rule = "okta/users-page-is-200", status = 200 }}]

[[step]]
name     = "list again"
send     = "GET /Users"
lists    = {{ again = {{ of = "totals", item = "{{{{item}}}}" }} }}
for_each = {{ name = "total", list = "again" }}
expect   = [{{ rule = "okta/users-page-is-200", at = "/totalResults", equals = "{{{{total}}}}" }}]
"#
        )
    };
    for times in [
        "repeat   = 3",
        "for_each = { name = \"word\", of = [\"x\", \"y\", \"z\"] }",
    ] {
        let meeting = Meeting::start(3, SURE);
        let result = hold_against(&meeting.url, &step(times));
        passes(&result);
        assert_eq!((meeting.most(), result.exchanges.len()), (3, 6), "{times}");
    }
}

/// A server that fails with 500 where the query says so, and hangs up, without saying so, on
/// whoever asks again over the same connection.
fn sulker() -> String {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}/scim/v2", listener.local_addr().unwrap());
    let serve = |mut connection: std::net::TcpStream| {
        let mut asked = [0; 4096];
        loop {
            let read = connection.read(&mut asked).unwrap_or(0);
            let text = String::from_utf8_lossy(&asked[..read]).into_owned();
            let fails = text.contains("fail");
            let line = if fails { "500 Oh" } else { "200 OK" };
            let body = r#"{"totalResults":0,"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"]}"#;
            let answer = format!(
                "HTTP/1.1 {line}\r\nContent-Type: application/scim+json\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            if read == 0 || connection.write_all(answer.as_bytes()).is_err() || fails {
                drop(connection.read(&mut asked));
                return;
            }
        }
    };
    std::thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            std::thread::spawn(move || serve(connection));
        }
    });
    url
}

#[test]
fn a_connection_is_not_used_again_after_the_server_failed() {
    let result = hold_against(
        &sulker(),
        r#"
[[step]]
name   = "fail"
send   = "GET /Users"
query  = { x = "fail" }
expect = [{ rule = "okta/users-page-is-200", status = [200, 500] }]

[[step]]
name   = "list"
send   = "GET /Users"
expect = [{ rule = "okta/users-page-is-200", status = 200 }]
"#,
    );
    let statuses = result.exchanges.iter().map(|exchange| {
        let answer = exchange.response.as_ref();
        answer.map(|answer| answer.status)
    });
    assert_eq!(statuses.collect::<Vec<_>>(), [Some(500), Some(200)]);
}

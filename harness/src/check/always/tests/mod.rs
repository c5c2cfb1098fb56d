//! Each always-on check accepts a proper answer and its legal variants and refuses a broken one.

mod list;
mod message;
mod projection;
mod resource;
mod shape;
mod time;

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::*;
use crate::{
    capability::Discovery,
    model::Model,
    rule::{Rulebook, Severity},
};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// An exchange and the rules that it breaks, `~` before a rule whose breach has leeway.
fn broken(
    version: Version,
    method: &str,
    target: &str,
    status: u16,
    headers: &[(&str, &str)],
    body: &str,
) -> Vec<String> {
    let exchange = exchange(version, method, target, status, headers, body);
    rules_broken(&judge(
        &Schemas::standard(version),
        &exchange,
        Tags::default(),
    ))
}

/// The rules that are broken, `~` before one whose breach has leeway. What is only information is
/// left out.
fn rules_broken(judgements: &[Judgement]) -> Vec<String> {
    static RULEBOOK: LazyLock<Rulebook> = LazyLock::new(|| Rulebook::embedded().unwrap());
    let counts = |rule: &str| RULEBOOK.get(rule).unwrap().severity > Severity::Info;
    let broken = judgements
        .iter()
        .filter(|judgement| judgement.breach.is_some() && counts(&judgement.rule));
    broken
        .map(|judgement| {
            format!(
                "{}{}",
                if judgement.leeway.is_some() { "~" } else { "" },
                judgement.rule
            )
        })
        .collect()
}

fn exchange(
    version: Version,
    method: &str,
    target: &str,
    status: u16,
    headers: &[(&str, &str)],
    body: &str,
) -> Exchange {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let request = SentRequest {
        method: method.into(),
        url: format!("http://x/v2{target}"),
        path: path.into(),
        parameters: url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect(),
        authorised: true,
        ..SentRequest::default()
    };
    let json = serde_json::from_str(body);
    let media = ("content-type", version.media_type());
    let named = headers.iter().any(|(name, _)| *name == "content-type");
    let answer = Answer {
        status,
        headers: headers
            .iter()
            .copied()
            .chain((!named).then_some(media))
            .map(|(name, value)| (name.into(), value.into()))
            .collect(),
        body: body.into(),
        not_json: json
            .as_ref()
            .err()
            .filter(|_| !body.is_empty())
            .map(|error: &serde_json::Error| error.to_string()),
        json: json.ok(),
        ..Answer::default()
    };
    Exchange {
        step: "s".into(),
        request,
        response: Some(answer),
        failure: None,
        milliseconds: 1,
        refused: Vec::new(),
    }
}

fn v2(
    method: &str,
    target: &str,
    status: u16,
    headers: &[(&str, &str)],
    body: &Value,
) -> Vec<String> {
    broken(
        Version::V2,
        method,
        target,
        status,
        headers,
        &body.to_string(),
    )
}

fn v1(
    method: &str,
    target: &str,
    status: u16,
    headers: &[(&str, &str)],
    body: &Value,
) -> Vec<String> {
    broken(
        Version::V1,
        method,
        target,
        status,
        headers,
        &body.to_string(),
    )
}

fn user() -> Value {
    json!({"schemas": [USER], "id": "1", "userName": "a", "active": true, "emails": [{"value": "a@x", "primary": true}],
        "meta": {"resourceType": "User", "created": "2026-11-24T09:00:00.1Z", "lastModified": "2026-11-24T10:00:00.1+01:00",
            "location": "http://x/v2/Users/1", "version": "W/\"1\""}})
}

/// The user with one JSON pointer set.
fn user_with(pointer: &str, value: Value) -> Value {
    let mut user = user();
    *user.pointer_mut(pointer).unwrap() = value;
    user
}

/// A user of its own.
fn other(id: &str) -> Value {
    let mut user = user();
    user["id"] = json!(id);
    user["meta"]["location"] = json!(format!("http://x/v2/Users/{id}"));
    user
}

fn list(total: Value, resources: Vec<Value>) -> Value {
    json!({"schemas": [LIST], "totalResults": total, "startIndex": 1, "itemsPerPage": resources.len(), "Resources": resources})
}

const CREATED: [(&str, &str); 2] = [("location", "http://x/v2/Users/1"), ("etag", "W/\"1\"")];
const NONE: [&str; 0] = [];

#[test]
fn proper_answers_and_legal_variants_break_nothing() {
    assert_eq!(v2("POST", "/Users", 201, &CREATED, &user()), NONE);
    assert_eq!(
        v2("GET", "/Users/1", 200, &[("etag", "W/\"1\"")], &user()),
        NONE
    );
    assert_eq!(
        v2(
            "GET",
            "/Users?startIndex=1&count=2",
            200,
            &[],
            &list(json!(1), vec![user()])
        ),
        NONE
    );
    assert_eq!(
        v2(
            "GET",
            "/Users?count=0",
            200,
            &[],
            &json!({"schemas": [LIST], "totalResults": 7, "itemsPerPage": 0})
        ),
        NONE
    );
    assert_eq!(
        v2(
            "GET",
            "/Users",
            200,
            &[],
            &json!({"schemas": [LIST], "totalResults": 0})
        ),
        NONE,
        "A03, A04"
    );
    assert_eq!(
        v2(
            "GET",
            "/Users?startIndex=9",
            200,
            &[],
            &json!({"schemas": [LIST], "totalResults": 7})
        ),
        NONE,
        "A36"
    );
    let mut echoed = list(json!(1), vec![user()]);
    echoed["itemsPerPage"] = json!(100);
    assert_eq!(
        v2("GET", "/Users?count=100", 200, &[], &echoed),
        NONE,
        "A04"
    );
    assert_eq!(
        broken(Version::V2, "PATCH", "/Users/1", 204, &[], ""),
        NONE,
        "A01"
    );
    let error = json!({"schemas": [ERROR], "status": "404", "detail": "no"});
    assert_eq!(
        v2(
            "GET",
            "/Users/x",
            404,
            &[("content-type", "application/scim+json; charset=utf-8")],
            &error
        ),
        NONE
    );
    assert_eq!(
        v1(
            "GET",
            "/Users/x",
            404,
            &[],
            &json!({"Errors": [{"description": "no", "code": 404}]})
        ),
        NONE
    );
    let first_version = json!({"schemas": ["urn:scim:schemas:core:1.0"], "id": "1", "userName": "a", "meta": {"created": "2026-11-24T09:00:00Z"}});
    assert_eq!(v1("GET", "/Users/1", 200, &[], &first_version), NONE);
    assert_eq!(
        v2(
            "GET",
            "/Schemas",
            200,
            &[],
            &json!({"schemas": [LIST], "totalResults": 0})
        ),
        NONE
    );
}

#[test]
fn every_rule_that_is_judged_is_listed_and_known() {
    let rulebook = Rulebook::embedded().unwrap();
    for rule in RULES {
        assert!(rulebook.get(rule).is_some(), "{rule}");
    }
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/harness/src/check/always/");
    let files = std::fs::read_dir(folder).unwrap();
    let source: String = files
        .map(|file| file.unwrap().path())
        .filter(|path| path.is_file() && !path.ends_with("mod.rs"))
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    for rule in rulebook
        .ids()
        .filter(|rule| source.contains(&format!("\"{rule}\"")))
    {
        assert!(RULES.contains(&rule), "{rule} is judged and not listed");
    }
}

#[test]
fn a_429_says_in_whole_seconds_how_long_to_wait() {
    let judged = |client: &str, status: u16, retry_after: Option<&str>| {
        let header = retry_after.map(|value| ("retry-after".to_owned(), value.to_owned()));
        let exchange = Exchange {
            step: "s".into(),
            request: SentRequest::default(),
            response: Some(Answer {
                status,
                headers: header.into_iter().collect(),
                ..Answer::default()
            }),
            failure: None,
            milliseconds: 1,
            refused: Vec::new(),
        };
        let judgements = throttle::judge(&[client.to_owned()], &exchange);
        let held = judgements
            .iter()
            .map(|judgement| judgement.breach.is_none());
        held.collect::<Vec<_>>()
    };
    assert_eq!(judged("okta-oin", 429, Some(" 7 ")), [true]);
    let date = "Wed, 21 Oct 2026 07:28:00 GMT";
    for bad in [None, Some(date), Some("1.5"), Some("null"), Some("")] {
        assert_eq!(judged("okta-aiw", 429, bad), [false], "{bad:?}");
    }
    assert!(judged("rfc", 429, None).is_empty());
    assert!(judged("okta-oin", 503, None).is_empty());
}

//! Whatever is read, nothing panics, and what is said of it stays within its words.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up fails, and says where"
)]

mod support;

use proptest::prelude::*;
use scim_harness::{
    check::{always, mark::Tags, schema::Schemas},
    exchange::{Answer, Exchange, SentRequest},
    scenario::{self, Version},
    template::{Names, Place, fill, percent_encode},
};
use scim_provider::Request;
use serde_json::{Map, Value, json};
use support::{Home, provider};

/// Text with everything that means something to one of the readers.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[\\PC\"'\\\\/?#%&={}\\[\\]()$.:,@ \t\r\n\u{0}\u{1b}]{0,40}",
        Just("\u{202e}..%2e".to_owned()),
    ]
}

/// Names as SCIM has them, and others.
fn name() -> impl Strategy<Value = String> {
    let known = [
        "schemas",
        "id",
        "meta",
        "Resources",
        "totalResults",
        "startIndex",
        "itemsPerPage",
        "userName",
        "active",
        "status",
        "detail",
        "scimType",
        "Errors",
        "resourceType",
        "location",
        "created",
        "lastModified",
        "version",
        "emails",
        "primary",
        "password",
        "value",
        "members",
    ];
    prop_oneof![3 => prop::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => text()]
}

/// Any JSON.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
        Just(json!("urn:ietf:params:scim:api:messages:2.0:ListResponse")),
        Just(json!("2011-05-13T04:42:34Z")),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((name(), inner), 0..6)
                .prop_map(|members| Value::Object(Map::from_iter(members))),
        ]
    })
}

/// A sound scenario with pieces of it replaced.
fn scenario_text() -> impl Strategy<Value = String> {
    const SOUND: &str = include_str!("../../scenarios/okta/v2/create_user.toml");
    prop::collection::vec((0..SOUND.len(), 0_usize..30, text()), 0..4).prop_map(|edits| {
        let mut chars: Vec<char> = SOUND.chars().collect();
        for (at, length, text) in edits {
            let at = at.min(chars.len());
            let end = (at + length).min(chars.len());
            chars.splice(at..end, text.chars());
        }
        chars.into_iter().collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn a_template_stays_in_its_place(written in text(), value in text()) {
        let names = Names::from([("x".to_owned(), Value::from(value.as_str()))]);
        for place in [Place::Plain, Place::Json, Place::Url, Place::Filter] {
            drop(fill(&written, &names, place));
        }
        let path = fill("/Users/{{x}}", &names, Place::Url).unwrap();
        prop_assert_eq!(path.matches('/').count(), 2);
        prop_assert!(path.bytes().all(|byte| byte.is_ascii_graphic() && !b"?#\\".contains(&byte)));
        prop_assert_eq!(path, format!("/Users/{}", percent_encode(&value)));
        let body = fill(r#"{"a":"{{x}}","b":{{x}}}"#, &names, Place::Json).unwrap();
        let read: Value = serde_json::from_str(&body).unwrap();
        prop_assert_eq!(read, json!({"a": value, "b": value}));
    }

    #[test]
    fn any_answer_is_judged(
        status in 100_u16..1000,
        body in value(),
        method in prop::sample::select(vec!["GET", "POST", "PUT", "PATCH", "DELETE"]),
        path in prop_oneof![Just("/Users".to_owned()), Just("/Users/1".to_owned()), Just("/Schemas".to_owned()), text()],
        header in (name(), text()),
        v2 in any::<bool>(),
    ) {
        let version = if v2 { Version::V2 } else { Version::V1 };
        let exchange = Exchange {
            step: "s".to_owned(),
            request: SentRequest { method: method.to_owned(), path, ..SentRequest::default() },
            response: Some(Answer {
                status,
                headers: vec![header, ("content-type".to_owned(), "application/scim+json".to_owned())],
                body: body.to_string(),
                json: Some(body),
                ..Answer::default()
            }),
            failure: None,
            milliseconds: 1,
            refused: Vec::new(),
        };
        for judgement in always::judge(&Schemas::standard(version), &exchange, Tags::default()) {
            prop_assert!(always::RULES.contains(&judgement.rule.as_ref()), "{}", judgement.rule);
        }
    }

    #[test]
    fn a_filter_is_answered_or_refused(filter in text(), attributes in text()) {
        let (provider, handler) = provider(Version::V2);
        provider.seed(2);
        let target = format!("/Users?filter={}&attributes={}", percent_encode(&filter), percent_encode(&attributes));
        let answer = handler(&Request { method: "GET".to_owned(), target, headers: Vec::new(), body: Vec::new() });
        prop_assert!(matches!(answer.status, 200 | 400), "{}", answer.status);
    }

    #[test]
    fn a_patch_is_done_or_refused(operation in value(), path in text(), op in name(), body in value()) {
        let (provider, handler) = provider(Version::V2);
        provider.seed(1);
        let ask = |method: &str, target: String, body: String| handler(&Request {
            method: method.to_owned(),
            target,
            headers: vec![("Content-Type".to_owned(), "application/scim+json".to_owned())],
            body: body.into_bytes(),
        });
        let list: Value = serde_json::from_slice(&ask("GET", "/Users".to_owned(), String::new()).body).unwrap();
        let user = format!("/Users/{}", list["Resources"][0]["id"].as_str().unwrap());
        let schemas = json!(["urn:ietf:params:scim:api:messages:2.0:PatchOp"]);
        for job in [
            json!({"schemas": schemas, "Operations": [{"op": "replace", "path": path, "value": operation}]}),
            json!({"schemas": schemas, "Operations": [{"op": op, "value": operation}, operation]}),
            body,
        ] {
            let answer = ask("PATCH", user.clone(), job.to_string());
            prop_assert!(answer.status < 500, "{} {job}", answer.status);
            prop_assert_eq!(ask("GET", user.clone(), String::new()).status, 200);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn a_scenario_file_is_read_or_refused_with_its_place(text in scenario_text()) {
        let home = Home::new();
        home.write("mine.toml", &text);
        if let Err(problems) = scenario::load_folder(&home.path()) {
            prop_assert!(!problems.is_empty());
            for problem in problems {
                let told = problem.render(false);
                prop_assert!(told.chars().all(|c| !c.is_control() || c == '\n' || c == '\t'), "{told:?}");
            }
        }
    }
}

#[test]
fn nesting_without_end_is_refused() {
    let (provider, handler) = provider(Version::V2);
    provider.seed(1);
    for opening in ["(", "not (", "emails[", "a.b."] {
        let filter = opening.repeat(20_000);
        let target = format!("/Users?filter={}", percent_encode(&filter));
        let answer = handler(&Request {
            method: "GET".to_owned(),
            target,
            headers: Vec::new(),
            body: Vec::new(),
        });
        assert_eq!(answer.status, 400, "{opening}");
    }
}

//! Each always-on check accepts a proper answer and its legal variants and refuses a broken one.

use serde_json::{Value, json};

use super::*;

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
    // After a blank in the target: the body.
    let (target, sent) = target.split_once(' ').unwrap_or((target, ""));
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let request = SentRequest {
        method: method.into(),
        url: format!("http://x/v2{target}"),
        path: path.into(),
        body: (!sent.is_empty()).then(|| sent.to_owned()),
        parameters: url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect(),
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
        hidden_headers: None,
    };
    let exchange = Exchange {
        step: "s".into(),
        request,
        response: Some(answer),
        failure: None,
        milliseconds: 1,
        refused: Vec::new(),
    };
    let judgements = judge(version, &exchange);
    let broken = judgements
        .iter()
        .filter(|judgement| judgement.breach.is_some());
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
        "meta": {"resourceType": "User", "created": "2026-11-24T09:00:00.1Z", "lastModified": "2026-11-24T09:00:00+01:00",
            "location": "http://x/v2/Users/1", "version": "W/\"1\""}})
}

/// The user with one JSON pointer set.
fn user_with(pointer: &str, value: Value) -> Value {
    let mut user = user();
    *user.pointer_mut(pointer).unwrap() = value;
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
        v2("GET", "/Users/1", 200, &[("etag", "\"1\"")], &user()),
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
fn messages() {
    assert_eq!(
        broken(
            Version::V2,
            "GET",
            "/Users",
            200,
            &[("content-type", "text/html")],
            "<html>"
        ),
        ["rfc7644-3.8/accept-scim-json-works"]
    );
    assert_eq!(
        v2(
            "GET",
            "/Users/1",
            200,
            &[("content-type", "text/json")],
            &user()
        ),
        ["rfc7644-3.1/media-type-is-scim-json"]
    );
    assert_eq!(
        v2(
            "GET",
            "/Users/1",
            200,
            &[("content-type", "application/json")],
            &user()
        ),
        ["rfc7644-8.1/responses-announce-scim-json"]
    );
    assert_eq!(
        v1(
            "GET",
            "/Users",
            200,
            &[("content-type", "text/plain")],
            &json!({"schemas": ["urn:scim:schemas:core:1.0"], "totalResults": 0})
        ),
        ["scim11-api-3.6/default-format-is-json"]
    );
    assert_eq!(
        broken(Version::V1, "GET", "/Users", 200, &[], "x"),
        ["scim11-api-3.6/accept-json-works"]
    );
    let mut leaky = user();
    leaky["Password"] = json!("hush");
    assert_eq!(
        v2("GET", "/Users/1", 200, &[], &leaky),
        ["rfc7643-4.1.1/password-never-returned"]
    );
    leaky["schemas"] = json!(["urn:scim:schemas:core:1.0"]);
    assert_eq!(
        v1("GET", "/Users/1", 200, &[], &leaky),
        ["scim11-core-6.1/password-never-returned"]
    );
    assert_eq!(
        v2(
            "GET",
            "/Users/1",
            200,
            &[],
            &user_with("/active", json!("true"))
        ),
        ["rfc7643-2.3.2/booleans-are-json-booleans"]
    );
}

#[test]
fn errors() {
    let get = |status, headers: &[(&str, &str)], body: &Value| {
        v2("GET", "/Users/x", status, headers, body)
    };
    let error = |status: Value| json!({"schemas": [ERROR], "status": status, "detail": "no"});
    assert_eq!(
        get(404, &[], &error(json!(404))),
        ["rfc7644-3.12/error-status-is-string"]
    );
    assert_eq!(
        get(404, &[], &error(json!("400"))),
        ["rfc7644-3.2/error-body-repeats-status"]
    );
    assert_eq!(
        get(404, &[], &json!({"schemas": [ERROR]})),
        [
            "rfc7644-3.12/error-status-is-string",
            "rfc7644-3.2/error-body-repeats-status"
        ]
    );
    assert_eq!(
        get(404, &[], &json!({"message": "no"})),
        ["rfc7644-3.12/errors-have-scim-json-body"]
    );
    assert_eq!(
        broken(Version::V2, "GET", "/Users/x", 404, &[], ""),
        ["rfc7644-3.12/errors-have-scim-json-body"]
    );
    assert_eq!(
        get(500, &[], &error(json!("500"))),
        ["rfc7644-3.12/errors-use-listed-status-codes"]
    );
    assert_eq!(get(501, &[], &error(json!("501"))), NONE);
    assert_eq!(
        get(401, &[], &error(json!("401"))),
        ["rfc7644-2/www-authenticate-announces-schemes"]
    );
    assert_eq!(
        broken(
            Version::V2,
            "GET",
            "/Users",
            401,
            &[("www-authenticate", "Bearer")],
            ""
        ),
        ["~rfc7644-3.12/errors-have-scim-json-body"],
        "A58"
    );
    assert_eq!(
        get(401, &[("www-authenticate", "Bearer")], &json!({})),
        ["~rfc7644-3.12/errors-have-scim-json-body"],
        "A58"
    );
    let typed = json!({"schemas": [ERROR], "status": "409", "scimType": "conflict"});
    assert_eq!(
        get(409, &[], &typed),
        ["rfc7644-3.12/scimtype-is-known-keyword"]
    );
    assert_eq!(
        v1("GET", "/Users/x", 404, &[], &error(json!("404"))),
        ["scim11-api-3.9/errors-have-body-in-requested-format"]
    );
    assert_eq!(
        v1(
            "GET",
            "/Users/x",
            404,
            &[],
            &json!({"Errors": [{"code": "400"}]})
        ),
        ["scim11-api-3/error-body-repeats-code"]
    );
    assert_eq!(
        v1(
            "GET",
            "/Users/x",
            502,
            &[],
            &json!({"Errors": [{"code": "502"}]})
        ),
        ["scim11-api-3.9/errors-use-listed-status-codes"]
    );
}

#[test]
fn resources() {
    let get = |user: &Value| v2("GET", "/Users/1", 200, &[], user);
    assert_eq!(
        get(&user_with("/id", json!(""))),
        [
            "rfc7643-3.1/every-representation-has-id",
            "rfc7643-3.1/id-is-stable-and-not-reused"
        ]
    );
    assert_eq!(
        get(&user_with("/id", json!(1))),
        ["rfc7643-3.1/every-representation-has-id"]
    );
    assert_eq!(
        v2(
            "GET",
            "/Users/bulkId:1",
            200,
            &[],
            &user_with("/id", json!("bulkId:1"))
        ),
        ["rfc7643-3.1/id-does-not-contain-bulkid"]
    );
    assert_eq!(
        get(&user_with("/id", json!("2"))),
        ["rfc7643-3.1/id-is-stable-and-not-reused"]
    );
    assert_eq!(
        v2(
            "GET",
            "/Users/a%40b",
            200,
            &[],
            &user_with("/id", json!("a@b"))
        ),
        NONE
    );
    assert_eq!(
        get(&user_with("/schemas", json!([]))),
        [
            "rfc7643-3/schemas-is-nonempty-uri-array",
            "rfc7643-3.3/schemas-contains-base-schema"
        ]
    );
    assert_eq!(
        get(&user_with("/schemas", json!([USER, USER]))),
        ["rfc7643-3/schemas-has-no-duplicates"]
    );
    assert_eq!(
        get(&user_with("/schemas", json!(["urn:x:y"]))),
        ["rfc7643-3.3/schemas-contains-base-schema"]
    );
    assert_eq!(
        get(&user_with("/meta/resourceType", json!("Users"))),
        ["rfc7643-3.1/meta-resource-type-matches-type-name"]
    );
    assert_eq!(
        get(&user_with(
            "/emails",
            json!([{"primary": true}, {"primary": true}])
        )),
        ["rfc7643-2.4/at-most-one-value-is-primary"]
    );
    assert_eq!(
        get(&user_with("/meta/created", json!("24.11.2026"))),
        ["rfc7643-2.3.5/datetimes-are-valid-xsd"]
    );
    assert_eq!(
        get(&user_with("/meta/created", json!("2026-11-24T09:00:00"))),
        ["~rfc7643-2.3.5/datetimes-are-valid-xsd"],
        "A46"
    );
    assert_eq!(
        v2("GET", "/Users/1", 200, &[("etag", "W/\"2\"")], &user()),
        ["rfc7643-3.1/meta-version-equals-etag"]
    );
    let projected = json!({"id": "1"});
    assert_eq!(
        v2("GET", "/Users/1?attributes=id", 200, &[], &projected),
        ["~rfc7643-3/schemas-is-nonempty-uri-array"],
        "A22"
    );
    let old = json!({"id": "", "schemas": ["a:b", "a:b"], "emails": [{"primary": true}, {"primary": true}], "meta": {"created": "x"}});
    assert_eq!(
        v1(
            "GET",
            "/Users/",
            200,
            &[],
            &json!({"schemas": ["urn:scim:schemas:core:1.0"], "totalResults": 1, "Resources": [old]})
        ),
        [
            "scim11-core-5.1/every-representation-has-id",
            "scim11-core-5.2/schemas-has-no-duplicates",
            "scim11-core-3.2/at-most-one-value-is-primary",
            "scim11-core-5.1/meta-times-are-datetimes"
        ]
    );
    assert_eq!(
        v1(
            "GET",
            "/Users/bulkId:1",
            200,
            &[("etag", "2")],
            &json!({"id": "bulkId:1", "meta": {"version": "1"}})
        ),
        [
            "scim11-core-5.1/id-does-not-contain-bulkid",
            "scim11-core-5.2/schemas-is-nonempty-array",
            "scim11-core-5.1/meta-version-equals-etag"
        ]
    );
    assert_eq!(
        v1(
            "GET",
            "/Users/2",
            200,
            &[],
            &json!({"id": "1", "schemas": ["a:b"]})
        ),
        ["scim11-core-5.1/id-is-stable-and-not-reused"]
    );
}

#[test]
fn created_resources() {
    let post = |headers: &[(&str, &str)], user: &Value| v2("POST", "/Users", 201, headers, user);
    assert_eq!(
        post(&[], &user()),
        ["rfc7644-3.3/location-header-matches-meta-location"]
    );
    assert_eq!(
        post(&[("location", "http://x/v2/Users/2")], &user()),
        ["rfc7644-3.3/location-header-matches-meta-location"]
    );
    assert_eq!(
        post(&[("location", "/v2/Users/1")], &user()),
        ["~rfc7644-3.3/location-header-matches-meta-location"],
        "A69"
    );
    assert_eq!(
        post(&[("location", "https://proxy/v2/Users/1")], &user()),
        ["~rfc7644-3.3/location-header-matches-meta-location"],
        "A69"
    );
    assert_eq!(
        post(&CREATED, &user_with("/meta", json!(null))),
        ["rfc7643-3.1/provider-assigns-id-and-meta"]
    );
    assert_eq!(
        post(
            &CREATED,
            &user_with("/meta", json!({"resourceType": "User"}))
        ),
        ["~rfc7643-3.1/provider-assigns-id-and-meta"]
    );
    let old = json!({"id": "1", "schemas": ["a:b"], "meta": {"location": "http://x/v2/Users/1"}});
    assert_eq!(
        v1("POST", "/Users", 201, &[], &old),
        ["scim11-api-3.1/created-is-201-with-location"]
    );
    assert_eq!(
        v1("POST", "/Users", 201, &[("location", "/b")], &old),
        ["scim11-core-5.1/meta-location-equals-location-header"]
    );
    assert_eq!(
        v1(
            "POST",
            "/Users",
            201,
            &[("location", "/b")],
            &json!({"id": "1", "schemas": ["a:b"]})
        ),
        ["scim11-core-5.1/every-resource-has-common-attributes"]
    );
}

#[test]
fn lists() {
    let get = |target: &str, body: &Value| v2("GET", target, 200, &[], body);
    let mut unmarked = list(json!(1), vec![user()]);
    unmarked["schemas"] = json!([USER]);
    assert_eq!(
        get("/Users", &unmarked),
        ["rfc7644-3.4.2/query-answer-is-list-response"]
    );
    assert_eq!(
        get("/Users", &json!({"schemas": [LIST], "Resources": [user()]})),
        ["rfc7644-3.4.2/total-results-is-present"]
    );
    assert_eq!(
        get("/Users", &list(json!("1"), vec![user()])),
        ["rfc7643-2.3.4/integers-have-no-fraction-or-exponent"]
    );
    assert_eq!(
        get("/Users", &list(json!(1.0), vec![user()])),
        ["rfc7643-2.3.4/integers-have-no-fraction-or-exponent"]
    );
    assert_eq!(
        get("/Users?count=1", &list(json!(2), vec![user(), user()])),
        ["rfc7644-3.4.2.4/page-never-exceeds-count"]
    );
    assert_eq!(
        get("/Users?count=-1", &list(json!(1), vec![user()])),
        ["rfc7644-3.4.2.4/page-never-exceeds-count"]
    );
    assert_eq!(
        get("/Users", &list(json!(0), vec![user()])),
        ["rfc7644-3.4.2.4/total-results-counts-all-matches"]
    );
    assert_eq!(
        get(
            "/Users",
            &json!({"schemas": [LIST], "totalResults": 1, "Resources": []})
        ),
        ["rfc7644-3.4.2/resources-present-when-matches-exist"]
    );
    let partial = json!({"schemas": [LIST], "totalResults": 2, "Resources": [user()]});
    assert_eq!(
        get("/Users", &partial),
        [
            "rfc7644-3.4.2/partial-list-has-start-index",
            "rfc7644-3.4.2/partial-list-has-items-per-page"
        ]
    );
    assert_eq!(
        get("/Users?startIndex=2&count=1", &list(json!(3), vec![user()])),
        ["rfc7644-3.4.2/partial-list-has-start-index"]
    );
    assert_eq!(
        get("/Users", &list(json!(1), vec![user_with("/id", json!(""))])),
        ["rfc7643-3.1/every-representation-has-id"]
    );
    let old = |body: Value| v1("GET", "/Users?count=1", 200, &[], &body);
    let member = json!({"id": "1", "schemas": ["a:b"]});
    assert_eq!(
        old(json!({"totalResults": 1, "Resources": [member]})),
        ["~scim11-api-3.2.2/list-has-total-and-resources"]
    );
    assert_eq!(
        old(json!({"schemas": ["x:y"], "totalResults": 1, "Resources": [member]})),
        ["scim11-api-3.2.2/list-has-total-and-resources"]
    );
    assert_eq!(
        old(
            json!({"schemas": ["urn:scim:schemas:core:1.0"], "totalResults": "2", "Resources": [member, member]})
        ),
        [
            "scim11-core-3.1.4/integers-are-json-numbers",
            "scim11-api-3.2.2.3/page-never-exceeds-count"
        ]
    );
}

#[test]
fn lists_by_cursor_search_and_root() {
    let get = |target: &str, body: &Value| v2("GET", target, 200, &[], body);
    let page = json!({"schemas": [LIST], "nextCursor": "x", "Resources": [user()]});
    assert_eq!(get("/Users?cursor=&count=1", &page), NONE);
    assert_eq!(get("/Users", &page), NONE);
    let ignored = json!({"schemas": [LIST], "startIndex": 1, "Resources": [user()]});
    assert_eq!(
        get("/Users?cursor=&count=1", &ignored),
        ["rfc7644-3.4.2/total-results-is-present"]
    );
    let search =
        |asked: &str, body: &Value| v2("POST", &format!("/Users/.search {asked}"), 200, &[], body);
    let both = list(json!(2), vec![user(), user()]);
    assert_eq!(search(r#"{"count":2}"#, &both), NONE);
    assert_eq!(
        search(r#"{"count":1}"#, &both),
        ["rfc7644-3.4.2.4/page-never-exceeds-count"]
    );
    let bare = list(json!(1), vec![json!({"id": "1"})]);
    assert_eq!(
        search(r#"{"attributes":["id"]}"#, &bare),
        ["~rfc7643-3/schemas-is-nonempty-uri-array"]
    );
    let created = |target: &str| {
        let headers = [("location", "http://x/v2/Users/1")];
        v2(
            "POST",
            target,
            201,
            &headers,
            &json!({"schemas": [USER], "id": "1"}),
        )
    };
    assert_eq!(created("/Users?attributes=id"), NONE);
    assert_eq!(
        created("/Users"),
        ["rfc7643-3.1/provider-assigns-id-and-meta"]
    );
    assert_eq!(get("/", &json!({"hello": "world"})), NONE);
    assert_eq!(
        get("/?count=1", &both),
        ["rfc7644-3.4.2.4/page-never-exceeds-count"]
    );
}

#[test]
fn what_a_write_answers_is_what_is_read() {
    let broken = |version, written: &Value, read: &Value| {
        stored::judge(version, written, read)
            .into_iter()
            .filter(|judgement| judgement.breach.is_some())
            .map(|judgement| judgement.rule)
            .collect::<Vec<_>>()
    };
    let written = json!({"active": false, "emails": [{"value": "a"}, {"value": "b"}], "groups": [], "meta": {"version": "1"}});
    let read = json!({"active": false, "emails": [{"value": "b"}, {"value": "a"}], "title": "x", "meta": {"version": "2"}});
    assert_eq!(broken(Version::V2, &written, &read), NONE);
    let stale = json!({"active": true, "emails": [{"value": "a"}, {"value": "b"}]});
    assert_eq!(
        broken(Version::V2, &written, &stale),
        ["rfc7644-3.1/responses-show-stored-state"]
    );
    assert_eq!(
        broken(Version::V1, &written, &stale),
        ["scim11-api-3.3.1/put-returns-200-and-resource"]
    );
}

#[test]
fn every_rule_that_is_judged_is_listed_and_known() {
    let rulebook = crate::rule::Rulebook::embedded().unwrap();
    for rule in RULES {
        assert!(rulebook.get(rule).is_some(), "{rule}");
    }
    let own = [
        "mod.rs",
        "error.rs",
        "list.rs",
        "message.rs",
        "resource.rs",
        "stored.rs",
    ];
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/harness/src/check/always/");
    let source: String = own
        .iter()
        .map(|file| std::fs::read_to_string(format!("{folder}{file}")).unwrap())
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

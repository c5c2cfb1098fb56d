use serde_json::{Value, json};

use super::{Client, USER, failure};
use crate::{Auth, Config, Switch};

#[test]
fn unknown_paths_and_methods_are_told_apart() {
    let client = Client::new();
    for path in [
        "/users",
        "/Users/a/b",
        "/Nothing",
        "/ServiceProviderConfigs",
    ] {
        assert_eq!(failure(&client.get(path)), (404, ""), "{path}");
    }
    for (method, path, allow) in [
        ("DELETE", "/Users", "GET, POST"),
        ("POST", "/Users/1", "GET, PUT, PATCH, DELETE"),
        ("POST", "/Schemas", "GET"),
        ("GET", "/Bulk", "POST"),
        ("GET", "/.search", "POST"),
        ("PUT", "/", "GET"),
    ] {
        let answer = client.send(method, path, &json!({}));
        assert_eq!(failure(&answer).0, 405, "{method} {path}");
        assert_eq!(answer.response.header("Allow"), Some(allow));
    }
    for (method, path) in [("GET", "/Me"), ("PATCH", "/Me"), ("GET", "/Me/x")] {
        assert_eq!(failure(&client.send(method, path, &json!({}))), (501, ""));
    }
}

#[test]
fn bodies_must_be_json_objects() {
    let client = Client::new();
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for body in ["", "{", "[]", "null", "\"x\"", "{\"userName\": }", &deep] {
        assert_eq!(
            failure(&client.raw("POST", "/Users", body.as_bytes())),
            (400, "invalidSyntax")
        );
    }
    assert_eq!(
        failure(&client.raw("POST", "/Users", b"{\"userName\": \"\xff\"}")),
        (400, "invalidSyntax")
    );
}

#[test]
fn media_types_of_json_are_read() {
    let body = |name: &str| json!({"userName": name}).to_string().into_bytes();
    for (number, media_type) in [
        "application/scim+json; charset=utf-8",
        "application/json",
        "Application/JSON;charset=UTF-8",
    ]
    .iter()
    .enumerate()
    {
        let client = Client::new().header("content-type", media_type);
        assert_eq!(
            client
                .raw("POST", "/Users", &body(&number.to_string()))
                .status,
            201,
            "{media_type}"
        );
    }
    for media_type in [
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
    ] {
        let client = Client::new().header("Content-Type", media_type);
        assert_eq!(
            failure(&client.raw("POST", "/Users", &body("x"))),
            (415, ""),
            "{media_type}"
        );
        assert_eq!(client.get("/Users").status, 200);
    }
}

#[test]
fn names_in_bodies_ignore_case() {
    let client = Client::new();
    let id = client.create(
        "/Users",
        json!({"SCHEMAS": [], "USERNAME": "a", "Emails": [{"VALUE": "x"}]}),
    );
    let body = json!({"SCHEMAS": [super::PATCH], "operations": [{"OP": "add", "PATH": "TITLE", "VALUE": "t"}]});
    let user = client.send("PATCH", &format!("/Users/{id}"), &body).body;
    assert_eq!(
        (&user["title"], &user["emails"][0]["value"]),
        (&json!("t"), &json!("x"))
    );
}

#[test]
fn only_discovery_is_public() {
    let closed = || {
        Client::with(Config {
            auth: Auth::Bearer("abc".to_owned()),
            ..Config::default()
        })
    };
    for target in ["/Users", "/Groups/1", "/nothing", "/Me", "/"] {
        let answer = closed().get(target);
        assert_eq!(failure(&answer), (401, ""), "{target}");
        assert_eq!(
            answer.response.header("www-authenticate"),
            Some("Bearer realm=\"scim\"")
        );
    }
    for target in ["/ServiceProviderConfig", "/ResourceTypes", "/Schemas"] {
        assert_eq!(closed().get(target).status, 200, "{target}");
    }
    assert_eq!(
        closed()
            .header("authorization", "Bearer abc")
            .get("/Users")
            .status,
        200
    );
}

#[test]
fn any_text_survives_the_round_trip() {
    let client = Client::new();
    let title = "Zoë \u{1F600} \"quoted\" \\ \u{0001} 日本";
    let id = client.create("/Users", json!({"userName": "a", "title": title}));
    assert_eq!(client.get(&format!("/Users/{id}")).body["title"], title);
}

/// A provider with two tenants, and what the second sends to it.
fn other_tenant(faults: Vec<Switch>) -> (Client, Client) {
    let client = Client::with(Config {
        auth: Auth::Bearer("first".to_owned()),
        other_tenant: Some(Auth::Bearer("second".to_owned())),
        faults,
        ..Config::default()
    });
    let other = Client {
        provider: client.provider.clone(),
        headers: Vec::new(),
    };
    (
        client.header("Authorization", "Bearer first"),
        other.header("Authorization", "Bearer second"),
    )
}

#[test]
fn tenants_have_resources_of_their_own() {
    let (first, other) = other_tenant(Vec::new());
    let id = first.user("a");
    assert_eq!(other.get(&format!("/Users/{id}")).status, 404);
    assert!(other.found("userName pr").is_empty());
    other.user("a");
    assert_eq!(first.found("userName pr"), ["a"]);
}

#[test]
fn tenants_share_what_a_fault_says() {
    for (switch, listed) in [(Switch::TenantsShareStore, 1), (Switch::IdsCrossTenants, 0)] {
        let (first, other) = other_tenant(vec![switch]);
        let id = first.user("a");
        assert_eq!(other.found("userName pr").len(), listed, "{switch:?}");
        assert_eq!(
            other
                .send("DELETE", &format!("/Users/{id}"), &Value::Null)
                .status,
            204
        );
    }
}

#[test]
fn a_body_has_a_limit() {
    let large = json!({"schemas": [USER], "userName": "a", "title": "x".repeat(1_500_000)});
    let stored = |switches: &[Switch]| {
        let client = Client::with(Config {
            faults: switches.to_vec(),
            ..Config::default()
        });
        let status = client.send("POST", "/Users", &large).status;
        (status, client.found("userName pr").len())
    };
    assert_eq!(stored(&[]), (413, 0));
    assert_eq!(stored(&[Switch::SizeCheckedLast]), (413, 1));
    assert_eq!(stored(&[Switch::BodiesUnlimited]), (201, 1));
}

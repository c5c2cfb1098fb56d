use serde_json::json;

use super::{Client, ENTERPRISE, USER, failure, text};

#[test]
fn a_created_user_is_complete_and_readable() {
    let client = Client::new();
    let created = client.send(
        "POST",
        "/Users",
        &json!({
            "schemas": [USER, ENTERPRISE], "userName": "Ana@Example.com", "password": "x", "groups": [],
            "id": "mine", "meta": {"resourceType": "x"}, "externalId": "00u1", "unknown": {"a": 1},
            "emails": [{"value": "ana@example.com", "type": "work", "primary": true}],
            ENTERPRISE: {"department": "Sales"}, "urn:x:y": {"a": 1},
        }),
    );
    assert_eq!(created.status, 201);
    let body = &created.body;
    let id = text(&body["id"]);
    assert_ne!(id, "mine");
    assert_eq!(body["schemas"], json!([USER, ENTERPRISE]));
    assert_eq!(
        (&body["userName"], &body["active"]),
        (&json!("Ana@Example.com"), &json!(true))
    );
    assert_eq!(body[ENTERPRISE], json!({"department": "Sales"}));
    assert!(
        ["password", "unknown", "urn:x:y"]
            .iter()
            .all(|name| body.get(name).is_none())
    );
    let meta = &body["meta"];
    assert_eq!(meta["resourceType"], "User");
    assert_eq!(meta["created"], meta["lastModified"]);
    assert!(text(&meta["created"]).ends_with('Z') && text(&meta["created"]).len() == 24);
    assert_eq!(
        meta["location"],
        format!("http://127.0.0.1:8080/scim/v2/Users/{id}")
    );
    assert_eq!(
        created.response.header("Location"),
        meta["location"].as_str()
    );
    assert_eq!(created.response.header("ETag"), meta["version"].as_str());
    assert_eq!(
        created.response.header("Content-Type"),
        Some("application/scim+json; charset=utf-8")
    );
    assert_eq!(client.get(&format!("/Users/{id}")).body, *body);
}

#[test]
fn the_base_url_can_be_set_later() {
    let client = Client::new();
    let id = client.user("a");
    client
        .provider
        .set_base("https://scim.example.com/v2/".to_owned());
    let location = text(&client.get(&format!("/Users/{id}")).body["meta"]["location"]);
    assert_eq!(location, format!("https://scim.example.com/v2/Users/{id}"));
}

#[test]
fn a_user_name_belongs_to_one_user() {
    let client = Client::new();
    client.user("Ana");
    let other = client.user("Bao");
    let again = client.send("POST", "/Users", &json!({"userName": "aNA"}));
    assert_eq!(failure(&again), (409, "uniqueness"));
    let put = client.send(
        "PUT",
        &format!("/Users/{other}"),
        &json!({"userName": "ana"}),
    );
    assert_eq!(failure(&put), (409, "uniqueness"));
    let patch = client.patch(
        &format!("/Users/{other}"),
        json!([{"op": "replace", "path": "userName", "value": "ANA"}]),
    );
    assert_eq!(failure(&patch), (409, "uniqueness"));
    let own = client.send(
        "PUT",
        &format!("/Users/{other}"),
        &json!({"userName": "BAO"}),
    );
    assert_eq!((own.status, &own.body["userName"]), (200, &json!("BAO")));
}

#[test]
fn required_attributes_are_required() {
    let client = Client::new();
    for body in [
        json!({}),
        json!({"userName": ""}),
        json!({"userName": null}),
        json!({"userName": " "}),
    ] {
        assert_eq!(
            failure(&client.send("POST", "/Users", &body)),
            (400, "invalidValue"),
            "{body}"
        );
    }
    assert_eq!(
        failure(&client.send("POST", "/Groups", &json!({}))),
        (400, "invalidValue")
    );
    let id = client.user("a");
    assert_eq!(
        client
            .send("PUT", &format!("/Users/{id}"), &json!({"title": "x"}))
            .status,
        400
    );
}

#[test]
fn put_replaces_and_ignores_what_is_read_only() {
    let client = Client::new();
    let id = client.create(
        "/Users",
        json!({"userName": "a", "title": "x", "nickName": "y", "password": "p", "emails": [{"value": "e"}]}),
    );
    let target = format!("/Users/{id}");
    let before = client.get(&target).body;
    let mut body = before.clone();
    body["title"] = json!(null);
    body["emails"] = json!([]);
    body["id"] = json!("other");
    body["meta"]["created"] = json!("2001-01-01T00:00:00Z");
    body["groups"] = json!([{"value": "g"}]);
    body["active"] = json!(false);
    let put = client.send("PUT", &target, &body);
    assert_eq!(put.status, 200);
    assert_eq!(put.body["id"], id);
    assert_eq!(put.body["meta"]["created"], before["meta"]["created"]);
    assert_eq!(
        (&put.body["nickName"], &put.body["active"]),
        (&json!("y"), &json!(false))
    );
    assert!(
        ["title", "emails", "groups"]
            .iter()
            .all(|name| put.body.get(name).is_none())
    );
    assert_eq!(client.get(&target).body, put.body);
    let bare = client.send("PUT", &target, &json!({"userName": "a"})).body;
    assert!(bare.get("nickName").is_none());
    let store = client.provider.store();
    assert_eq!(
        store.get(&id).and_then(|user| user.text("password")),
        Some("p")
    );
}

#[test]
fn last_modified_and_version_move_only_with_a_change() {
    let client = Client::new();
    let target = format!("/Users/{}", client.user("a"));
    let before = client.get(&target).body;
    let same = client.send("PUT", &target, &before).body;
    assert_eq!(same["meta"], before["meta"]);
    let changed = client
        .send("PUT", &target, &json!({"userName": "a", "title": "x"}))
        .body;
    assert!(text(&changed["meta"]["lastModified"]) > text(&before["meta"]["lastModified"]));
    assert_eq!(changed["meta"]["created"], before["meta"]["created"]);
    assert_ne!(changed["meta"]["version"], before["meta"]["version"]);
}

#[test]
fn a_deleted_user_is_gone_everywhere() {
    let client = Client::new();
    let id = client.user("a");
    let group = client.group("g", &[&id]);
    let target = format!("/Users/{id}");
    let deleted = client.raw("DELETE", &target, b"");
    assert_eq!((deleted.status, deleted.response.body.len()), (204, 0));
    assert_eq!(client.get(&target).status, 404);
    assert_eq!(
        client
            .send("PUT", &target, &json!({"userName": "a"}))
            .status,
        404
    );
    assert_eq!(
        client
            .patch(&target, json!([{"op": "remove", "path": "title"}]))
            .status,
        404
    );
    assert_eq!(client.raw("DELETE", &target, b"").status, 404);
    assert!(client.found("userName eq \"a\"").is_empty());
    assert!(client.member_ids(&group).is_empty());
    assert_ne!(client.user("a"), id);
}

#[test]
fn an_id_is_known_only_at_its_endpoint() {
    let client = Client::new();
    let id = client.user("a");
    assert_eq!(failure(&client.get(&format!("/Groups/{id}"))), (404, ""));
    assert_eq!(
        client
            .get(&format!("/Users/%{:02X}{}", id.as_bytes()[0], &id[1..]))
            .status,
        200
    );
}

#[test]
fn versions_guard_reads_and_writes() {
    let mut client = Client::new();
    let target = format!("/Users/{}", client.user("a"));
    let etag = client
        .get(&target)
        .response
        .header("ETag")
        .unwrap()
        .to_owned();
    client.headers = vec![("If-None-Match".to_owned(), etag.clone())];
    let unchanged = client.get(&target);
    assert_eq!((unchanged.status, unchanged.response.body.len()), (304, 0));
    client.headers = vec![("If-Match".to_owned(), etag)];
    assert_eq!(
        client
            .send("PUT", &target, &json!({"userName": "b"}))
            .status,
        200
    );
    for (method, body) in [("PUT", json!({"userName": "c"})), ("DELETE", json!(null))] {
        assert_eq!(failure(&client.send(method, &target, &body)), (412, ""));
    }
    assert_eq!(
        client
            .patch(&target, json!([{"op": "remove", "path": "title"}]))
            .status,
        412
    );
    client.headers = vec![("If-Match".to_owned(), "*".to_owned())];
    assert_eq!(client.raw("DELETE", &target, b"").status, 204);
}

#[test]
fn every_answer_can_be_projected() {
    let client = Client::new();
    let body = json!({"userName": "a", "name": {"givenName": "g", "familyName": "f"}, "title": "t",
        ENTERPRISE: {"department": "d", "division": "v"}});
    let created = client
        .send(
            "POST",
            "/Users?attributes=NAME.givenName,userName,password",
            &body,
        )
        .body;
    let id = created["id"].clone();
    let schemas = json!([USER, ENTERPRISE]);
    assert_eq!(
        created,
        json!({"schemas": schemas, "id": id, "userName": "a", "name": {"givenName": "g"}})
    );
    let target = format!("/Users/{}", text(&id));
    let get = client
        .get(&format!("{target}?attributes={ENTERPRISE}:department"))
        .body;
    assert_eq!(
        get,
        json!({"schemas": schemas, "id": id, ENTERPRISE: {"department": "d"}})
    );
    let excluded =
        format!("{target}?excludedAttributes=id,schemas,meta,name.familyName,title,{ENTERPRISE}");
    let get = client.get(&excluded).body;
    let expected = json!({"schemas": schemas, "id": id, "userName": "a", "name": {"givenName": "g"}, "active": true});
    assert_eq!(get, expected);
    let operations = json!([{"op": "replace", "path": "title", "value": "u"}]);
    let patched = client.patch(&format!("{target}?attributes=title"), operations);
    assert_eq!((patched.status, &patched.body["title"]), (200, &json!("u")));
    assert!(patched.body.get("userName").is_none());
    let list = client.get("/Users?attributes=nothing").body;
    assert_eq!(list["Resources"], json!([{"schemas": schemas, "id": id}]));
}

#[test]
fn the_managers_name_and_address_are_the_providers() {
    let client = Client::new();
    let boss = client.create(
        "/Users",
        json!({"userName": "boss", "displayName": "The Boss"}),
    );
    let body =
        json!({"userName": "a", ENTERPRISE: {"manager": {"value": boss, "displayName": "x"}}});
    let manager = client.send("POST", "/Users", &body).body[ENTERPRISE]["manager"].clone();
    assert_eq!(manager["displayName"], "The Boss");
    assert!(text(&manager["$ref"]).ends_with(&format!("/Users/{boss}")));
}

use serde_json::{Value, json};

use super::{Client, names, text};
use crate::{Auth, Config, Version};

const CORE: &str = "urn:scim:schemas:core:1.0";
const ENTERPRISE: &str = "urn:scim:schemas:extension:enterprise:1.0";

fn user(client: &Client) -> String {
    let id = client.create(
        "/Users",
        json!({
            "schemas": [CORE], "userName": "test.user@okta.local", "name": {"givenName": "Test", "familyName": "User"},
            "emails": [{"primary": true, "value": "w@x", "type": "work"}], "displayName": "Test User",
            "locale": "en_US", "externalId": "00b4", "groups": [], "password": "1mz050nq", "active": true,
            ENTERPRISE: {"department": "Sales", "manager": {"managerId": "m"}},
        }),
    );
    format!("/Users/{id}")
}

#[test]
fn resources_speak_the_old_dialect() {
    let client = Client::v1();
    let target = user(&client);
    let answer = client.get(&target);
    assert_eq!(
        answer.response.header("Content-Type"),
        Some("application/json; charset=utf-8")
    );
    let body = answer.body;
    assert_eq!(body["schemas"], json!([CORE, ENTERPRISE]));
    assert_eq!(body[ENTERPRISE]["manager"], json!({"managerId": "m"}));
    assert_eq!(body["meta"].get("resourceType"), None);
    assert_eq!(body.get("password"), None);
    assert_eq!(client.get(&format!("{target}.json")).body, body);
    let thin = client.get(&format!("{target}?attributes=userName")).body;
    let mut keys: Vec<&String> = thin.as_object().unwrap().keys().collect();
    keys.sort();
    assert_eq!(keys, ["id", "meta", "schemas", "userName"]);
    let list = client.get("/Users?startIndex=1&count=2").body;
    assert_eq!(
        (&list["schemas"], &list["totalResults"]),
        (&json!([CORE]), &json!(1))
    );
}

#[test]
fn errors_have_descriptions_and_codes() {
    let client = Client::v1();
    let target = user(&client);
    let check = |answer: super::Answer, status: u16| {
        assert_eq!(answer.status, status, "{}", answer.body);
        let error = &answer.body["Errors"][0];
        assert_eq!(error["code"], status.to_string());
        assert!(!text(&error["description"]).is_empty());
    };
    check(client.get("/Users/x"), 404);
    check(
        client.send(
            "POST",
            "/Users",
            &json!({"userName": "TEST.user@okta.local"}),
        ),
        409,
    );
    check(client.send("POST", "/Users", &json!({})), 400);
    check(client.send("PATCH", &target, &json!({})), 400);
    check(client.send("PATCH", &target, &json!([])), 400);
    for filter in [
        "userName%20ne%20%22a%22",
        "userName%20ew%20%22a%22",
        "not%20(title%20pr)",
        "emails[type%20pr]",
        "userName",
        "x%20pr",
    ] {
        check(client.get(&format!("/Users?filter={filter}")), 400);
    }
    let closed = Client::with(Config {
        version: Version::V1,
        auth: Auth::Bearer("x".to_owned()),
        ..Config::default()
    });
    check(closed.get("/Users"), 401);
    for path in [
        "/ServiceProviderConfig",
        "/ResourceTypes",
        "/Me",
        "/.search",
    ] {
        check(client.get(path), 404);
    }
}

#[test]
fn filters_find_what_they_say() {
    let client = Client::v1();
    user(&client);
    for filter in [
        "userName%20eq%20%22TEST.user%40okta.local%22",
        "(userName+sw+%22test%22+and+active+eq+true)+or+title+pr",
        "urn:scim:schemas:core:1.0:userName%20co%20%22user%22",
        "urn:scim:schemas:extension:enterprise:1.0:department%20eq%20%22sales%22",
        "meta.lastModified%20gt%20%222011-05-13T04:42:34Z%22",
    ] {
        assert_eq!(
            names(&client.get(&format!("/Users?filter={filter}")).body).len(),
            1,
            "{filter}"
        );
    }
}

#[test]
fn put_clears_all_but_the_password() {
    let client = Client::v1();
    let target = user(&client);
    let put = client.send(
        "PUT",
        &target,
        &json!({"schemas": [CORE], "userName": "a", "active": false}),
    );
    assert_eq!(
        (
            put.status,
            put.body.get("displayName"),
            put.body.get(ENTERPRISE)
        ),
        (200, None, None)
    );
    let id = text(&put.body["id"]);
    assert_eq!(
        client
            .provider
            .store()
            .get(&id)
            .and_then(|user| user.text("password")),
        Some("1mz050nq")
    );
}

#[test]
fn patch_merges_by_kind() {
    let client = Client::v1();
    let target = user(&client);
    let id = target.rsplit('/').next().unwrap();
    let patch = |body: Value| {
        let answer = client.send("PATCH", &target, &body);
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(client.get(&target).body, answer.body);
        answer.body
    };
    assert_eq!(
        patch(json!({"schemas": [CORE], "id": id, "active": false}))["active"],
        false
    );
    let merged = patch(
        json!({"name": {"familyName": "X"}, "nickName": "n", ENTERPRISE: {"costCenter": "1"}}),
    );
    assert_eq!(
        merged["name"],
        json!({"givenName": "Test", "familyName": "X"})
    );
    assert_eq!(
        (&merged["nickName"], &merged[ENTERPRISE]["department"]),
        (&json!("n"), &json!("Sales"))
    );
    let emails =
        patch(json!({"emails": [{"value": "h@x", "type": "home", "primary": true}]}))["emails"]
            .clone();
    assert_eq!(
        (&emails[0]["primary"], &emails[1]["primary"]),
        (&json!(false), &json!(true))
    );
    let emails = patch(json!({"emails": [{"value": "h@x", "display": "H"}]}))["emails"].clone();
    assert_eq!(
        (&emails[1]["type"], &emails[1]["display"]),
        (&json!("home"), &json!("H"))
    );
    let emails =
        patch(json!({"emails": [{"value": "h@x", "operation": "delete"}]}))["emails"].clone();
    assert_eq!(emails.as_array().map(Vec::len), Some(1));
    let removed = patch(
        json!({"meta": {"attributes": ["nickName", "NAME.familyName", "emails.type",
        "urn:scim:schemas:extension:enterprise:1.0:department"]}}),
    );
    assert_eq!(
        (removed.get("nickName"), removed["emails"][0].get("type")),
        (None, None)
    );
    assert_eq!(removed["name"], json!({"givenName": "Test"}));
    assert_eq!(removed[ENTERPRISE].get("department"), None);
    let refused = client.send(
        "PATCH",
        &target,
        &json!({"meta": {"attributes": ["userName"]}}),
    );
    assert_eq!(refused.status, 400);
    assert_eq!(
        client
            .send("PATCH", &target, &json!({"meta": {"attributes": ["id"]}}))
            .status,
        400
    );
    assert_eq!(
        patch(json!({"meta": {"attributes": ["userName"]}, "userName": "b"}))["userName"],
        "b"
    );
}

#[test]
fn patch_matches_values_that_are_not_unique_by_all_they_say() {
    let client = Client::v1();
    let id = client.create(
        "/Users",
        json!({"userName": "a", "emails": [{"value": "a@x", "type": "work", "primary": true}, {"value": "a@x", "type": "home"}],
            "addresses": [{"type": "work", "locality": "A"}, {"type": "home", "locality": "A"}]}),
    );
    let target = format!("/Users/{id}");
    let patch = |body: Value| client.send("PATCH", &target, &body).body;
    let one = patch(
        json!({"emails": [{"value": "a@x", "type": "home", "operation": "delete"}],
        "addresses": [{"type": "work", "locality": "A", "operation": "delete"}, {"type": "work", "locality": "B"}]}),
    );
    assert_eq!(
        (&one["emails"], &one["addresses"]),
        (
            &json!([{"value": "a@x", "type": "work", "primary": true}]),
            &json!([{"type": "home", "locality": "A"}, {"type": "work", "locality": "B"}])
        )
    );
    let unmatched = patch(json!({"emails": [{"value": "b@x", "operation": "delete"}]}));
    assert_eq!(unmatched["emails"], one["emails"]);
}

#[test]
fn every_answer_that_shows_a_resource_says_where_it_is() {
    let client = Client::v1();
    let target = user(&client);
    let body = json!({"schemas": [CORE], "userName": "a"});
    for answer in [
        client.get(&target),
        client.send("PUT", &target, &body),
        client.send("PATCH", &target, &json!({"title": "t"})),
    ] {
        assert_eq!(
            answer.response.header("Location"),
            answer.body["meta"]["location"].as_str()
        );
        assert_eq!(
            answer.response.header("ETag"),
            answer.body["meta"]["version"].as_str()
        );
    }
    assert_eq!(client.get("/Users").response.header("Location"), None);
}

#[test]
fn a_manager_is_nothing_without_its_id() {
    let client = Client::v1();
    let id = client.create("/Users", json!({"userName": "a", "displayName": "A"}));
    let user =
        json!({"userName": "b", ENTERPRISE: {"manager": {"managerId": id, "displayName": "Z"}}});
    let shown = client.send("POST", "/Users", &user).body;
    assert_eq!(
        shown[ENTERPRISE]["manager"],
        json!({"managerId": id, "displayName": "A"})
    );
    let nameless = json!({"userName": "c", ENTERPRISE: {"manager": {"displayName": "Z"}}});
    assert_eq!(
        client
            .send("POST", "/Users", &nameless)
            .body
            .get(ENTERPRISE),
        None
    );
}

#[test]
fn bulk_results_are_in_the_old_format() {
    let client = Client::v1();
    let target = user(&client);
    let job = json!({"schemas": [CORE], "Operations": [
        {"method": "POST", "path": "/Users", "bulkId": "q", "data": {"userName": "m"}},
        {"method": "POST", "path": "/Users", "bulkId": "r", "data":
            {"userName": "n", ENTERPRISE: {"manager": {"managerId": "bulkId:q"}}}},
        {"method": "PATCH", "path": target, "version": "W/\"0\"", "data": {"title": "t"}},
        {"method": "POST", "path": "/Users", "bulkId": "s", "data": {"userName": "M"}},
        {"method": "DELETE", "path": target},
    ]});
    let answer = client.send("POST", "/Bulk", &job);
    assert_eq!(
        (answer.status, &answer.body["schemas"]),
        (200, &json!([CORE]))
    );
    let results = answer.body["Operations"].as_array().unwrap();
    let codes: Vec<&Value> = results
        .iter()
        .map(|result| &result["status"]["code"])
        .collect();
    assert_eq!(codes, ["201", "201", "412", "409", "204"]);
    assert_eq!(results[0]["bulkId"], "q");
    let path = |result: &Value| {
        let location = text(&result["location"]);
        location[location.find("/Users").unwrap()..].to_owned()
    };
    assert_eq!(
        (path(&results[2]), path(&results[4])),
        (target.clone(), target)
    );
    assert_eq!(results[3].get("location"), None);
    assert!(!text(&results[3]["status"]["description"]).is_empty());
    let manager = client.get(&path(&results[1])).body[ENTERPRISE]["manager"]["managerId"].clone();
    assert_eq!(manager, client.get(&path(&results[0])).body["id"]);
}

#[test]
fn groups_as_okta_pushes_them() {
    let client = Client::v1();
    let [a, b] = ["a", "b"].map(|name| client.create("/Users", json!({"userName": name})));
    let custom = "urn:okta:custom:group:1.0";
    let group = client.create(
        "/Groups",
        json!({"schemas": [CORE, custom], "displayName": "Group 10",
        custom: {"description": "All Users West of the Rockies"}}),
    );
    let target = format!("/Groups/{group}");
    let patch = |body: Value| assert_eq!(client.send("PATCH", &target, &body).status, 200);
    patch(json!({"schemas": [CORE], "id": group, "displayName": "Test SCIMv11"}));
    patch(json!({"schemas": [CORE], "members": [{"value": a, "display": "a@x"}]}));
    let shown = client.get(&target).body;
    assert_eq!(
        shown["members"],
        json!([{"value": a, "display": "a@x", "type": "User"}])
    );
    assert_eq!(shown["displayName"], "Test SCIMv11");
    patch(
        json!({"members": [{"value": b}, {"value": a, "display": "a@x", "operation": "delete"}]}),
    );
    assert_eq!(client.member_ids(&group), [b.as_str()]);
    patch(
        json!({"schemas": [CORE], "meta": {"attributes": ["members"]}, "members": [{"value": a}]}),
    );
    assert_eq!(client.member_ids(&group), [a.as_str()]);
    patch(json!({"members": [b]}));
    assert_eq!(client.member_ids(&group), [a.as_str(), b.as_str()]);
    let groups = client.get(&format!("/Users/{a}")).body["groups"].clone();
    assert_eq!(
        groups,
        json!([{"value": group, "display": "Test SCIMv11", "type": "direct"}])
    );
    assert_eq!(client.raw("DELETE", &target, b"").status, 204);
}

#[test]
fn a_post_may_stand_for_another_method() {
    let client = Client::v1().header("X-HTTP-Method-Override", "PATCH");
    let id = Client {
        provider: client.provider.clone(),
        headers: Vec::new(),
    }
    .create("/Users", json!({"userName": "a"}));
    assert_eq!(
        client
            .send("POST", &format!("/Users/{id}"), &json!({"title": "t"}))
            .body["title"],
        "t"
    );
    let strange = Client {
        provider: client.provider.clone(),
        headers: vec![("X-HTTP-Method-Override".to_owned(), "GET".to_owned())],
    };
    assert_eq!(
        strange
            .send("POST", &format!("/Users/{id}"), &json!({}))
            .status,
        405
    );
    let v2 = Client::new().header("X-HTTP-Method-Override", "DELETE");
    assert_eq!(
        v2.send("POST", "/Users", &json!({"userName": "a"})).status,
        201
    );
}

#[test]
fn discovery_is_in_the_old_format() {
    let client = Client::v1();
    let config = client.get("/ServiceProviderConfigs").body;
    assert_eq!(
        (&config["schemas"], &config["xmlDataFormat"]),
        (&json!([CORE]), &json!({"supported": false}))
    );
    let user = client.get("/Schemas/Users").body;
    assert_eq!(
        (&user["schema"], &user["endpoint"], &user["name"]),
        (&json!(CORE), &json!("/Users"), &json!("User"))
    );
    assert_eq!(
        client.get("/Schemas/urn:scim:schemas:core:1.0:User").body,
        user
    );
    assert_eq!(client.get("/Schemas").body["totalResults"], 2);
    let attribute = |name: &str| {
        let attributes = user["attributes"].as_array().unwrap();
        attributes
            .iter()
            .find(|attribute| attribute["name"] == name)
            .cloned()
            .unwrap()
    };
    assert_eq!(attribute("id")["readOnly"], true);
    assert_eq!(
        attribute("emails")["multiValuedAttributeChildName"],
        "email"
    );
    assert_eq!(
        attribute("addresses")["multiValuedAttributeChildName"],
        "address"
    );
    assert_eq!(
        attribute("userName").get("multiValuedAttributeChildName"),
        None
    );
    assert_eq!(attribute("manager")["schema"], ENTERPRISE);
    assert_eq!(attribute("profileUrl")["type"], "string");
    assert_eq!(client.get("/Schemas/Groups").body["name"], "Group");
}

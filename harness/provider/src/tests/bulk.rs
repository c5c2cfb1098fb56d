use serde_json::{Value, json};

use super::{Client, ENTERPRISE, PATCH, USER, failure, text};
use crate::{Config, Version};

const REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";

fn job(client: &Client, operations: Value) -> Vec<Value> {
    let answer = client.send(
        "POST",
        "/Bulk",
        &json!({"schemas": [REQUEST], "Operations": operations}),
    );
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(
        answer.body["schemas"],
        json!(["urn:ietf:params:scim:api:messages:2.0:BulkResponse"])
    );
    answer.body["Operations"].as_array().unwrap().clone()
}

fn statuses(results: &[Value]) -> Vec<String> {
    results
        .iter()
        .map(|result| text(&result["status"]))
        .collect()
}

fn post(bulk_id: &str, name: &str) -> Value {
    json!({"method": "POST", "path": "/Users", "bulkId": bulk_id, "data": {"schemas": [USER], "userName": name}})
}

fn id_in(location: &Value) -> String {
    text(location).rsplit('/').next().unwrap().to_owned()
}

#[test]
fn a_job_changes_many_resources() {
    let client = Client::new();
    let old = client.user("old");
    let results = job(
        &client,
        json!([
            {"method": "POST", "path": "/Users", "bulkId": "u1", "data": {"userName": "a",
                ENTERPRISE: {"manager": {"value": "bulkId:u2"}}}},
            post("u2", "b"),
            {"method": "POST", "path": "/Groups", "bulkId": "g1",
                "data": {"displayName": "g", "members": [{"value": "bulkId:u1"}]}},
            {"method": "patch", "path": "/Users/bulkId:u1", "data": {"schemas": [PATCH],
                "Operations": [{"op": "add", "path": "title", "value": "t"}]}},
            {"method": "PUT", "path": format!("/Users/{old}"), "data": {"userName": "new"}},
            {"method": "DELETE", "path": format!("/Users/{old}")},
        ]),
    );
    assert_eq!(
        statuses(&results),
        ["201", "201", "201", "200", "200", "204"]
    );
    let [first, second] = [&results[0], &results[1]].map(|result| id_in(&result["location"]));
    assert_eq!(results[0]["bulkId"], "u1");
    assert_eq!(results[3]["location"], results[0]["location"]);
    let user = client.get(&format!("/Users/{first}")).body;
    assert_eq!(
        (&user["title"], &user[ENTERPRISE]["manager"]["value"]),
        (&json!("t"), &json!(second))
    );
    assert_eq!(results[3]["version"], user["meta"]["version"]);
    assert_eq!(client.member_ids(&id_in(&results[2]["location"])), [first]);
    assert_eq!(client.get(&format!("/Users/{old}")).status, 404);
}

#[test]
fn references_may_go_in_a_circle() {
    let client = Client::new();
    let group = |own: &str, other: &str| {
        json!({"method": "POST", "path": "/Groups", "bulkId": own,
            "data": {"displayName": own, "members": [{"value": format!("bulkId:{other}")}]}})
    };
    let results = job(&client, json!([group("a", "b"), group("b", "a")]));
    assert_eq!(statuses(&results), ["201", "201"]);
    let [a, b] = [&results[0], &results[1]].map(|result| id_in(&result["location"]));
    assert_eq!(
        (client.member_ids(&a), client.member_ids(&b)),
        (vec![b], vec![a])
    );
    let bad = json!({"method": "POST", "path": "/Users", "bulkId": "u", "data": {}});
    let results = job(&client, json!([group("c", "u"), bad, group("d", "u")]));
    assert_eq!(statuses(&results), ["201", "400", "409"]);
    assert!(
        client
            .member_ids(&id_in(&results[0]["location"]))
            .is_empty()
    );
}

#[test]
fn failures_are_reported_one_by_one() {
    let client = Client::new();
    let id = client.user("taken");
    let results = job(
        &client,
        json!([
            post("a", "taken"),
            post("b", "b"),
            {"method": "POST", "path": "/Users", "data": {"userName": "c"}},
            post("b", "d"),
            {"method": "PUT", "path": format!("/Users/{id}"), "version": "W/\"stale\"", "data": {"userName": "x"}},
            {"method": "DELETE", "path": "/Users/unknown"},
            {"method": "GET", "path": format!("/Users/{id}")},
            {"method": "POST", "path": "/Bulk", "bulkId": "c", "data": {}},
            {"method": "POST", "bulkId": "d", "data": {"userName": "e"}},
            {"method": "POST", "path": "/Users", "bulkId": "e"},
            {"path": "/Users", "data": {}},
            "x",
        ]),
    );
    let expected = [
        "409", "201", "400", "400", "412", "404", "400", "400", "400", "400", "400", "400",
    ];
    assert_eq!(statuses(&results), expected);
    assert_eq!(results[0]["response"]["scimType"], "uniqueness");
    assert_eq!(results[0].get("location"), None);
    assert!(text(&results[4]["location"]).ends_with(&id));
    assert!(text(&results[5]["location"]).ends_with("/Users/unknown"));
    assert_eq!(results[1].get("response"), None);
}

#[test]
fn a_job_ends_after_so_many_failures() {
    let client = Client::new();
    client.user("taken");
    let operations = json!([post("a", "taken"), post("b", "taken"), post("c", "fine")]);
    let run = |limit: i64| {
        let body = json!({"schemas": [REQUEST], "failOnErrors": limit, "Operations": operations});
        client.send("POST", "/Bulk", &body)
    };
    assert_eq!(failure(&run(0)), (400, "invalidValue"));
    assert_eq!(run(1).body["Operations"].as_array().map(Vec::len), Some(1));
    assert_eq!(run(2).body["Operations"].as_array().map(Vec::len), Some(2));
    assert!(client.found("userName eq \"fine\"").is_empty());
    assert_eq!(run(3).body["Operations"].as_array().map(Vec::len), Some(3));
}

#[test]
fn limits_are_kept() {
    let client = Client::with(Config {
        max_operations: 2,
        max_payload: 1000,
        ..Config::default()
    });
    let run = |operations: Value| {
        client.send(
            "POST",
            "/Bulk",
            &json!({"schemas": [REQUEST], "Operations": operations}),
        )
    };
    let many = run(json!([post("a", "a"), post("b", "b"), post("c", "c")]));
    assert_eq!(failure(&many), (413, ""));
    assert!(text(&many.body["detail"]).contains("maxOperations (2)"));
    let large = run(json!([post("a", &"x".repeat(1000))]));
    assert!(text(&large.body["detail"]).contains("maxPayloadSize (1000)"));
    assert_eq!(failure(&run(json!({}))), (400, "invalidSyntax"));
    assert_eq!(
        failure(&client.raw("POST", "/Bulk", b"{")),
        (400, "invalidSyntax")
    );
    assert_eq!(
        failure(&client.send("POST", "/Bulk", &json!({"Operations": []}))),
        (400, "invalidSyntax")
    );
}

#[test]
fn a_large_job_is_quick() {
    let client = Client::new();
    let operations: Vec<Value> = (0..1000)
        .map(|number| post(&number.to_string(), &number.to_string()))
        .collect();
    let started = std::time::Instant::now();
    assert_eq!(job(&client, json!(operations)).len(), 1000);
    assert!(started.elapsed().as_secs() < 5);
}

#[test]
fn version_1_has_statuses_as_objects() {
    let client = Client::with(Config {
        version: Version::V1,
        ..Config::default()
    });
    let body = json!({"schemas": ["urn:scim:schemas:core:1.0"], "Operations": [
        {"method": "POST", "path": "/Users", "bulkId": "u1", "data": {"userName": "a"}},
        {"method": "POST", "path": "/Users", "bulkId": "u2", "data": {"userName": "A"}},
    ]});
    let answer = client.send("POST", "/Bulk", &body).body;
    assert_eq!(answer["schemas"], json!(["urn:scim:schemas:core:1.0"]));
    assert_eq!(answer["Operations"][0]["status"], json!({"code": "201"}));
    assert_eq!(answer["Operations"][1]["status"]["code"], "409");
    assert!(text(&answer["Operations"][1]["status"]["description"]).contains("userName"));
}

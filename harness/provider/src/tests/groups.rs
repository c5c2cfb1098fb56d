use serde_json::json;

use super::{Client, GROUP, failure, text};

#[test]
fn members_and_groups_refer_to_each_other() {
    let client = Client::new();
    let user = client.user("ana");
    let inner = client.group("Inner", &[&user]);
    let outer = client.group("Outer", &[&user, &inner]);
    let members = client.get(&format!("/Groups/{outer}")).body["members"].clone();
    let base = "http://127.0.0.1:8080/scim/v2";
    let expected = json!([
        {"value": user, "$ref": format!("{base}/Users/{user}"), "type": "User"},
        {"value": inner, "$ref": format!("{base}/Groups/{inner}"), "type": "Group"},
    ]);
    assert_eq!(members, expected);
    let groups = client.get(&format!("/Users/{user}")).body["groups"].clone();
    let expected = json!([
        {"value": inner, "$ref": format!("{base}/Groups/{inner}"), "display": "Inner", "type": "direct"},
        {"value": outer, "$ref": format!("{base}/Groups/{outer}"), "display": "Outer", "type": "direct"},
    ]);
    assert_eq!(groups, expected);
    assert_eq!(
        client.found(&format!("groups.value eq \"{inner}\"")),
        ["ana"]
    );
    let filter =
        format!("/Groups?filter=members.value%20eq%20%22{inner}%22&excludedAttributes=members");
    let found = client.get(&filter).body;
    assert_eq!(found["Resources"][0]["id"], outer);
    assert_eq!(found["Resources"][0].get("members"), None);
    assert_eq!(
        client
            .raw("DELETE", &format!("/Groups/{outer}"), b"")
            .status,
        204
    );
    let groups = client.get(&format!("/Users/{user}")).body["groups"].clone();
    assert_eq!(groups.as_array().map(Vec::len), Some(1));
}

#[test]
fn a_new_membership_changes_the_users_version() {
    let client = Client::new();
    let user = client.user("ana");
    let etag = |client: &Client| {
        client
            .get(&format!("/Users/{user}"))
            .response
            .header("ETag")
            .map(str::to_owned)
    };
    let before = etag(&client);
    client.group("g", &[&user]);
    assert_ne!(etag(&client), before);
}

#[test]
fn membership_changes_as_okta_and_entra_send_them() {
    let client = Client::new();
    let ids: Vec<String> = ["a", "b", "c", "d"]
        .iter()
        .map(|name| client.user(name))
        .collect();
    let [a, b, c, d] = [&ids[0], &ids[1], &ids[2], &ids[3]];
    let group = client.group("Old", &[a, b, c]);
    let target = format!("/Groups/{group}");
    let patch = |operations| assert_eq!(client.patch(&target, operations).status, 200);
    patch(json!([{"op": "replace", "value": {"id": group, "displayName": "New"}}]));
    assert_eq!(client.get(&target).body["displayName"], "New");
    patch(json!([
        {"op": "remove", "path": format!("members[value eq \"{a}\"]")},
        {"op": "remove", "path": format!("members[value eq \"{b}\"]")},
        {"op": "add", "path": "members", "value": [{"value": d, "display": "d"}]},
    ]));
    assert_eq!(client.member_ids(&group), [c.as_str(), d]);
    patch(json!([{"op": "Remove", "path": "members", "value": [{"$ref": null, "value": c}]}]));
    assert_eq!(client.member_ids(&group), [d.as_str()]);
    patch(json!([{"op": "Add", "path": "members", "value": [{"$ref": null, "value": a}]}]));
    patch(json!([{"op": "add", "path": "members", "value": {"value": a}}]));
    assert_eq!(client.member_ids(&group), [d.as_str(), a]);
    patch(json!([{"op": "replace", "path": "members", "value": [{"value": b, "display": "b"}]}]));
    assert_eq!(client.member_ids(&group), [b.as_str()]);
    patch(json!([{"op": "replace", "path": "members", "value": []}]));
    assert!(client.member_ids(&group).is_empty());
    patch(json!([{"op": "add", "value": {"members": [{"value": a}, {"value": b}]}}]));
    patch(json!([{"op": "remove", "path": "members"}]));
    assert!(client.member_ids(&group).is_empty());
}

#[test]
fn a_put_sets_the_members() {
    let client = Client::new();
    let [a, b] = ["a", "b"].map(|name| client.user(name));
    let group = client.group("g", &[&a]);
    let target = format!("/Groups/{group}");
    let members = json!([{"value": b, "display": "b@x", "type": "user"}, {"value": b}]);
    let body = json!({"schemas": [GROUP], "id": group, "displayName": "g", "members": members});
    assert_eq!(client.send("PUT", &target, &body).status, 200);
    assert_eq!(client.member_ids(&group), [b.as_str()]);
    let shown = client.get(&target).body["members"][0].clone();
    assert_eq!(
        (&shown["display"], &shown["type"]),
        (&json!("b@x"), &json!("User"))
    );
    let copy = client.get(&target).body;
    assert_eq!(
        client.send("PUT", &target, &copy).body["meta"]["version"],
        copy["meta"]["version"]
    );
}

#[test]
fn members_are_known_and_immutable() {
    let client = Client::new();
    let [a, b] = ["a", "b"].map(|name| client.user(name));
    let target = format!("/Groups/{}", client.group("g", &[&a]));
    let ghost = json!([{"op": "add", "path": "members", "value": [{"value": "ghost"}]}]);
    assert_eq!(
        failure(&client.patch(&target, ghost)),
        (400, "invalidValue")
    );
    let path = format!("members[value eq \"{a}\"].value");
    let change = json!([{"op": "replace", "path": path, "value": b}]);
    assert_eq!(failure(&client.patch(&target, change)), (400, "mutability"));
    let same = json!([{"op": "replace", "path": path, "value": a}]);
    assert_eq!(client.patch(&target, same).status, 200);
    let name = json!([{"op": "remove", "path": "displayName"}]);
    assert_eq!(failure(&client.patch(&target, name)), (400, "mutability"));
}

#[test]
fn group_names_need_not_be_unique() {
    let client = Client::new();
    let one = client.group("g", &[]);
    assert_ne!(client.group("G", &[]), one);
    let body = json!({"schemas": [GROUP, "http://schemas.microsoft.com/2006/11/x"], "displayName": "n", "externalId": "8aa1"});
    let group = client.send("POST", "/Groups", &body).body;
    assert_eq!(
        (text(&group["externalId"]).as_str(), &group["schemas"]),
        ("8aa1", &json!([GROUP]))
    );
}

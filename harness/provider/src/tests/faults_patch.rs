//! The faults of PATCH and of groups.

use serde_json::{Value, json};

use super::Client;
use super::faults::{deactivate, differs};
use crate::{Config, Switch, Version};

fn active(client: &Client, id: &str) -> Value {
    client.get(&format!("/Users/{id}")).body["active"].clone()
}

#[test]
fn patches_of_users() {
    for switch in [Switch::PathlessDeactivateNotStored, Switch::PatchNotStored] {
        differs(
            switch,
            (json!(false), json!(false)),
            (json!(false), json!(true)),
            |client| {
                let id = client.user("a");
                let answer = client.patch(&format!("/Users/{id}"), deactivate());
                (answer.body["active"].clone(), active(client, &id))
            },
        );
    }
    differs(
        Switch::StringFalseReadAsTrue,
        json!(false),
        json!(true),
        |client| {
            let target = format!("/Users/{}", client.user("a"));
            client
                .patch(
                    &target,
                    json!([{"op": "Replace", "path": "active", "value": "False"}]),
                )
                .body["active"]
                .clone()
        },
    );
    let patched = |client: &Client, operations: Value| {
        let target = format!("/Users/{}", client.user("a"));
        (
            client.patch(&target, operations).status,
            client.get(&target).body["title"].clone(),
        )
    };
    let done = || (200, json!("t"));
    let refused = || (400, Value::Null);
    let capital = json!([{"op": "Replace", "path": "title", "value": "t"}]);
    differs(Switch::CapitalisedOpRefused, done(), refused(), |client| {
        patched(client, capital.clone())
    });
    let pathless = json!([{"op": "replace", "value": {"title": "t"}}]);
    differs(
        Switch::PatchWithoutPathRefused,
        done(),
        refused(),
        |client| patched(client, pathless.clone()),
    );
    let broken = json!([{"op": "add", "path": "title", "value": "t"}, {"op": "add", "path": "noSuch", "value": 1}]);
    differs(
        Switch::PatchNotAtomic,
        refused(),
        (400, json!("t")),
        |client| patched(client, broken.clone()),
    );
    let halved = json!([{"op": "add", "value": {"title": "t", "name": "no name"}}]);
    differs(
        Switch::PathlessPatchNotAtomic,
        refused(),
        (400, json!("t")),
        |client| patched(client, halved.clone()),
    );
    differs(
        Switch::PatchAnswersOldState,
        json!("t"),
        Value::Null,
        |client| {
            let target = format!("/Users/{}", client.user("a"));
            let answer = client.patch(&target, pathless.clone()).body["title"].clone();
            assert_eq!(client.get(&target).body["title"], "t");
            answer
        },
    );
}

#[test]
fn patches_of_version_1() {
    let faults = vec![Switch::V1PatchDeactivateNotStored];
    let client = Client::with(Config {
        version: Version::V1,
        faults,
        ..Config::default()
    });
    let id = client.create("/Users", json!({"userName": "a"}));
    let answer = client.send("PATCH", &format!("/Users/{id}"), &json!({"active": false}));
    assert_eq!(
        (answer.status, &answer.body["active"], active(&client, &id)),
        (200, &json!(false), json!(true))
    );
}

/// Patches the members of a group of two; gives the number left.
fn members_after(client: &Client, operation: Value) -> usize {
    let [a, b, c] = ["a", "b", "c"].map(|name| client.user(name));
    let group = client.group("g", &[&a, &b]);
    let mut operation = operation;
    operation["value"] = json!([{"value": if operation["op"] == "add" { c } else { b }}]);
    client.patch(&format!("/Groups/{group}"), json!([operation]));
    client.member_ids(&group).len()
}

#[test]
fn groups() {
    let remove = json!({"op": "remove", "path": "members"});
    differs(Switch::RemoveMembersValueIgnored, 1, 0, |client| {
        members_after(client, remove.clone())
    });
    let add = json!({"op": "add", "path": "members"});
    differs(Switch::AddMembersReplaces, 3, 1, |client| {
        members_after(client, add.clone())
    });
    let renamed = |client: &Client| {
        let group = client.group("g", &[]);
        let rename = json!([{"op": "replace", "value": {"id": group, "displayName": "h"}}]);
        client.patch(&format!("/Groups/{group}"), rename)
    };
    differs(Switch::GroupPatchNotAllowed, 200, 405, |client| {
        renamed(client).status
    });
    differs(Switch::PathlessGroupPatchRefused, 200, 400, |client| {
        renamed(client).status
    });
    let plain = renamed(&Client::faulty(Switch::PathlessGroupPatchRefused)).response;
    assert_eq!(
        (plain.header("Content-Type"), plain.body.as_slice()),
        (Some("text/plain"), &b"Unsupported group path"[..])
    );
    differs(Switch::ExcludedMembersReturned, false, true, |client| {
        let user = client.user("a");
        let group = client.group("g", &[&user]);
        client
            .get(&format!("/Groups/{group}?excludedAttributes=members"))
            .body
            .get("members")
            .is_some()
    });
    differs(Switch::PutMembersAdded, 1, 2, |client| {
        let [a, b] = ["a", "b"].map(|name| client.user(name));
        let group = client.group("g", &[&a]);
        client.send(
            "PUT",
            &format!("/Groups/{group}"),
            &json!({"displayName": "g", "members": [{"value": b}]}),
        );
        client.member_ids(&group).len()
    });
}

#[test]
fn lost_updates() {
    let kept = |client: &Client| {
        let ids: Vec<String> = (0..8)
            .map(|number| client.user(&number.to_string()))
            .collect();
        let group = client.group("g", &[]);
        std::thread::scope(|scope| {
            for id in &ids {
                let add = json!([{"op": "add", "path": "members", "value": [{"value": id}]}]);
                let target = format!("/Groups/{group}");
                scope.spawn(move || assert_eq!(client.patch(&target, add).status, 200));
            }
        });
        client.member_ids(&group).len()
    };
    assert_eq!(kept(&Client::new()), 8);
    assert!(kept(&Client::faulty(Switch::LostMemberUpdates)) < 8);
}

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

/// Sends these operations to one resource, each in a request of its own and all at once.
fn at_once(client: &Client, target: &str, operations: Vec<Value>) {
    std::thread::scope(|scope| {
        for operation in operations {
            scope.spawn(move || {
                assert_eq!(client.patch(target, json!([operation])).status, 200);
            });
        }
    });
}

#[test]
fn lost_updates() {
    let members = |client: &Client, change: fn(&str) -> Value, had: bool| {
        let ids: Vec<String> = (0..8)
            .map(|number| client.user(&number.to_string()))
            .collect();
        let all: Vec<&str> = ids.iter().map(String::as_str).collect();
        let group = client.group("g", if had { &all } else { &[] });
        let changes = all.into_iter().map(change).collect();
        at_once(client, &format!("/Groups/{group}"), changes);
        client.member_ids(&group).len()
    };
    let add = |id: &str| json!({"op": "add", "path": "members", "value": [{"value": id}]});
    let pathless = |id: &str| json!({"op": "add", "value": {"members": [{"value": id}]}});
    let remove = |id: &str| json!({"op": "remove", "path": format!("members[value eq \"{id}\"]")});
    for (switch, change) in [
        (Switch::LostMemberUpdates, add as fn(&str) -> Value),
        (Switch::LostPathlessAdds, pathless),
    ] {
        assert_eq!(members(&Client::new(), change, false), 8);
        assert!(
            members(&Client::faulty(switch), change, false) < 8,
            "{switch}"
        );
    }
    assert_eq!(members(&Client::new(), remove, true), 0);
    assert!(members(&Client::faulty(Switch::LostMemberRemovals), remove, true) > 0);
    let emails = |client: &Client| {
        let target = format!("/Users/{}", client.user("a"));
        let add = |value: usize| json!({"op": "add", "path": "emails", "value": [{"value": value.to_string()}]});
        at_once(client, &target, (0..8).map(add).collect());
        client.get(&target).body["emails"].as_array().map(Vec::len)
    };
    assert_eq!(emails(&Client::new()), Some(8));
    assert!(emails(&Client::faulty(Switch::LostEmailAdds)) < Some(8));
}

//! The faults of groups.

use serde_json::{Value, json};

use super::faults::{deactivate, differs};
use super::{Client, GROUP};
use crate::{Config, Switch, Version};

fn v1(switch: Option<Switch>) -> Client {
    Client::with(Config {
        version: Version::V1,
        faults: switch.into_iter().collect(),
        ..Config::default()
    })
}

fn users<const N: usize>(client: &Client) -> [String; N] {
    std::array::from_fn(|number| client.user(&number.to_string()))
}

/// How many members are left of a group of two after a PATCH.
fn left(client: &Client, patch: impl Fn(&str, &[String; 3]) -> Value) -> usize {
    let users = users::<3>(client);
    let group = client.group("g", &[&users[0], &users[1]]);
    let answer = client.patch(&format!("/Groups/{group}"), patch(&group, &users));
    assert_eq!(answer.status, 200, "{}", answer.body);
    client.member_ids(&group).len()
}

fn filtered(id: &str) -> Value {
    json!({"op": "remove", "path": format!("members[value eq \"{id}\"]")})
}

#[test]
fn patches() {
    differs(Switch::RenameDropsMembers, 2, 0, |client| {
        left(
            client,
            |group, _| json!([{"op": "replace", "value": {"id": group, "displayName": "h"}}]),
        )
    });
    differs(Switch::FilteredRemoveEmptiesGroup, 1, 0, |client| {
        left(client, |_, users| json!([filtered(&users[1])]))
    });
    differs(Switch::FirstOperationOnly, 0, 1, |client| {
        left(client, |_, users| {
            json!([filtered(&users[0]), filtered(&users[1])])
        })
    });
    differs(Switch::FilteredRemoveFirstOnly, 0, 1, |client| {
        left(
            client,
            |_, _| json!([{"op": "remove", "path": "members[value pr]"}]),
        )
    });
    differs(Switch::MembersReplaceAdds, 1, 3, |client| {
        left(
            client,
            |_, users| json!([{"op": "replace", "path": "members", "value": [{"value": users[2]}]}]),
        )
    });
    differs(Switch::PutKeepsOneValue, 2, 1, |client| {
        let users = [client.user("a"), client.user("b")];
        let group = format!("/Groups/{}", client.group("g", &[]));
        let members = users.map(|user| json!({"value": user}));
        let put = json!({"displayName": "g", "members": members});
        let answered = client.send("PUT", &group, &put).body["members"].clone();
        answered.as_array().map_or(0, Vec::len)
    });
    differs(Switch::EmptyMembersReplaceIgnored, 0, 2, |client| {
        left(
            client,
            |_, _| json!([{"op": "replace", "path": "members", "value": []}]),
        )
    });
    differs(Switch::GroupPatchAnswersOldState, "h", "g", |client| {
        let group = client.group("g", &[]);
        let rename = json!([{"op": "replace", "value": {"displayName": "h"}}]);
        let answered = client.patch(&format!("/Groups/{group}"), rename).body;
        assert_eq!(
            client.get(&format!("/Groups/{group}")).body["displayName"],
            "h"
        );
        if answered["displayName"] == "h" {
            "h"
        } else {
            "g"
        }
    });
}

#[test]
fn groups_of_users() {
    let shown = |client: &Client, operation: Value| {
        let user = client.user("a");
        let group = format!("/Groups/{}", client.group("g", &[&user]));
        assert_eq!(client.patch(&group, json!([operation])).status, 200);
        let groups = client.get(&format!("/Users/{user}")).body["groups"].clone();
        groups.as_array().map_or(0, Vec::len)
    };
    let rename = json!({"op": "replace", "path": "displayName", "value": "h"});
    let leave = json!({"op": "remove", "path": "members"});
    differs(Switch::RenameHidesGroup, 1, 0, |client| {
        shown(client, rename.clone())
    });
    differs(Switch::FormerGroupsShown, 0, 1, |client| {
        shown(client, leave.clone())
    });
    let put = json!({"displayName": "g"});
    differs(Switch::FormerGroupsShown, true, false, |client| {
        let user = client.user("a");
        let group = format!("/Groups/{}", client.group("g", &[&user]));
        assert_eq!(client.send("PUT", &group, &put).status, 200);
        client.get(&format!("/Users/{user}")).body["groups"].is_null()
    });
}

#[test]
fn puts() {
    let put = |client: &Client| {
        let [a, b] = users::<2>(client);
        let group = client.group("g", &[&a]);
        let target = format!("/Groups/{group}");
        let body = json!({"displayName": "h", "members": [{"value": a}, {"value": b}]});
        assert_eq!(client.send("PUT", &target, &body).status, 200);
        let name = client.get(&target).body["displayName"].clone();
        (name, client.member_ids(&group).len())
    };
    let done = || (json!("h"), 2);
    differs(Switch::PutGroupNameIgnored, done(), (json!("g"), 2), put);
    differs(Switch::PutMembersIgnored, done(), (json!("h"), 1), put);
}

#[test]
fn many_members() {
    let added = |client: &Client, count: usize| {
        let ids: Vec<Value> = (0..count)
            .map(|number| json!({"value": client.user(&number.to_string())}))
            .collect();
        let group = client.group("g", &[]);
        let add = json!([{"op": "add", "path": "members", "value": ids}]);
        let status = client.patch(&format!("/Groups/{group}"), add).status;
        (status, client.member_ids(&group).len())
    };
    for (switch, count, faulty) in [
        (Switch::MemberChangesLimited, 51, (400, 0)),
        (Switch::MembersCutAt100, 101, (200, 100)),
        (Switch::MembersCutAt500, 501, (200, 500)),
    ] {
        differs(switch, (200, count), faulty, |client| added(client, count));
    }
}

#[test]
fn patches_in_v1() {
    let left = |switch, members: &dyn Fn(&[String; 3]) -> Value, meta: Value| {
        let client = v1(switch);
        let users = users::<3>(&client);
        let group = client.group("g", &[&users[0], &users[1]]);
        let body = json!({"meta": meta, "members": members(&users)});
        assert_eq!(
            client
                .send("PATCH", &format!("/Groups/{group}"), &body)
                .status,
            200
        );
        client.member_ids(&group).len()
    };
    let deletion = |users: &[String; 3]| json!([{"value": users[0], "operation": "delete"}]);
    let third = |users: &[String; 3]| json!([{"value": users[2]}]);
    let first = json!({"attributes": ["members"]});
    for (switch, members, meta, correct, faulty) in [
        (
            Switch::MemberDeletionIgnored,
            &deletion as &dyn Fn(&[String; 3]) -> Value,
            json!({}),
            1,
            2,
        ),
        (Switch::MembersReplaceAdds, &third, first, 1, 3),
        (Switch::AddMembersReplaces, &third, json!({}), 3, 1),
    ] {
        assert_eq!(left(None, members, meta.clone()), correct, "{switch} off");
        assert_eq!(left(Some(switch), members, meta), faulty, "{switch} on");
    }
}

#[test]
fn beginning_and_end() {
    let empty = json!({"schemas": [GROUP], "displayName": "g", "members": []});
    differs(Switch::EmptyGroupRefused, 201, 400, |client| {
        client.send("POST", "/Groups", &empty).status
    });
    differs(Switch::CreatedMembersDropped, 1, 0, |client| {
        let group = client.group("g", &[&client.user("a")]);
        client.member_ids(&group).len()
    });
    let delete = |client: &Client| {
        let user = client.user("a");
        let group = format!("/Groups/{}", client.group("g", &[&user]));
        assert_eq!(client.raw("DELETE", &group, b"").status, 204);
        assert_eq!(client.get(&group).status, 404);
        (
            client.get("/Groups").body["totalResults"].as_u64(),
            client.get(&format!("/Users/{user}")).status,
        )
    };
    differs(
        Switch::DeletedGroupsListed,
        (Some(0), 200),
        (Some(1), 200),
        delete,
    );
    differs(
        Switch::GroupDeletionTakesUsers,
        (Some(0), 200),
        (Some(0), 404),
        delete,
    );
    differs(Switch::DeactivationEmptiesGroups, 2, 0, |client| {
        let [a, b] = users::<2>(client);
        let group = client.group("g", &[&a, &b]);
        client.patch(&format!("/Users/{a}"), deactivate());
        client.member_ids(&group).len()
    });
}

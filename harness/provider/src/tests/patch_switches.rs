//! What each switch of PATCH changes, faults and legal variants alike.

use serde_json::{Value, json};

use super::faults::differs;
use super::{Client, ENTERPRISE, GROUP, USER};
use crate::Switch;

const MANAGER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";

/// A user with something in every kind of place.
fn user(client: &Client) -> String {
    let body = json!({
        "schemas": [USER, ENTERPRISE], "userName": "ada", "displayName": "Ada", "nickName": "A",
        "name": {"givenName": "Ada", "familyName": "Byron"},
        "emails": [{"value": "w", "type": "work", "primary": true},
            {"value": "h", "type": "home"}, {"value": "o", "type": "home"}],
        ENTERPRISE: {"department": "d"},
    });
    format!("/Users/{}", client.create("/Users", body))
}

/// The status of a PATCH and what stands at a place afterwards, `~` in it being the extension.
fn outcome(client: &Client, target: &str, operations: Value, place: &str) -> (u16, Value) {
    let status = client.patch(target, operations).status;
    let read = client.get(target).body;
    let place = place.replace('~', ENTERPRISE);
    (status, read.pointer(&place).cloned().unwrap_or(Value::Null))
}

/// A switch, an operation, a place, and what comes of it without and with the switch.
type Case = (Switch, Value, &'static str, (u16, Value), (u16, Value));

fn check(cases: Vec<Case>) {
    for (switch, operations, place, sound, switched) in cases {
        let operations = match operations {
            Value::Array(operations) => Value::Array(operations),
            operation => json!([operation]),
        };
        differs(switch, sound, switched, |client| {
            let target = user(client);
            outcome(client, &target, operations.clone(), place)
        });
    }
}

fn op(op: &str, path: &str, value: Value) -> Value {
    json!({"op": op, "path": path, "value": value})
}

fn remove(path: &str) -> Value {
    json!({"op": "remove", "path": path})
}

#[test]
fn adding() {
    use Switch as S;
    let mail = json!({"value": "n", "type": "other"});
    let home = json!({"value": "h", "type": "home"});
    check(vec![
        (
            S::AddToMissingRefused,
            op("add", "title", json!("t")),
            "/title",
            (200, json!("t")),
            (400, json!(null)),
        ),
        (
            S::AddKeepsOldValue,
            op("add", "nickName", json!("B")),
            "/nickName",
            (200, json!("B")),
            (200, json!("A")),
        ),
        (
            S::AddReplacesList,
            op("add", "emails", json!([mail])),
            "/emails/0/value",
            (200, json!("w")),
            (200, json!("n")),
        ),
        (
            S::AddRepeatsValues,
            op("add", "emails", json!([home])),
            "/emails/3",
            (200, json!(null)),
            (200, home.clone()),
        ),
        (
            S::FirstAddedOnly,
            op("add", "emails", json!([mail, {"value": "o"}])),
            "/emails/4/value",
            (200, json!("o")),
            (200, json!(null)),
        ),
        (
            S::TwiceAddedKeptTwice,
            op("add", "emails", json!([mail, mail])),
            "/emails/4/value",
            (200, json!(null)),
            (200, json!("n")),
        ),
        (
            S::AddExistingRefused,
            op("add", "emails", json!([home])),
            "/emails/3",
            (200, json!(null)),
            (409, json!(null)),
        ),
        (
            S::BareValueRefused,
            op("add", "emails", mail),
            "/emails/3/value",
            (200, json!("n")),
            (400, json!(null)),
        ),
        (
            S::ComplexReplacedWhole,
            op("add", "name", json!({"familyName": "King"})),
            "/name/givenName",
            (200, json!("Ada")),
            (200, json!(null)),
        ),
        (
            S::SchemasPatchRefused,
            op("add", "schemas", json!([ENTERPRISE])),
            "/schemas/2",
            (200, json!(null)),
            (400, json!(null)),
        ),
        (
            S::OldPrimaryStays,
            op("replace", "emails[type eq \"home\"].primary", json!(true)),
            "/emails/0/primary",
            (400, json!(true)),
            (200, json!(true)),
        ),
    ]);
}

#[test]
fn replacing() {
    use Switch as S;
    let home = |value: &str| json!({"value": value, "type": "home"});
    check(vec![
        (
            S::ReplaceOfMissingRefused,
            op("replace", "title", json!("t")),
            "/title",
            (200, json!("t")),
            (400, json!(null)),
        ),
        (
            S::ReplaceKeepsOldValue,
            op("replace", "nickName", json!("B")),
            "/nickName",
            (200, json!("B")),
            (200, json!("A")),
        ),
        (
            S::ReplaceAppends,
            op("replace", "emails", json!([home("n")])),
            "/emails/0/value",
            (200, json!("n")),
            (200, json!("w")),
        ),
        (
            S::PathlessReplaceClearsRest,
            json!({"op": "replace", "value": {"title": "t"}}),
            "/nickName",
            (200, json!("A")),
            (200, json!(null)),
        ),
        (
            S::NullStoredAsText,
            op("replace", "nickName", json!(null)),
            "/nickName",
            (200, json!(null)),
            (200, json!("None")),
        ),
        (
            S::FilteredReplaceReplacesAll,
            op("replace", "emails[value eq \"o\"]", home("n")),
            "/emails/0/value",
            (200, json!("w")),
            (200, json!("n")),
        ),
        (
            S::FilteredReplaceFirstOnly,
            op("replace", "emails[type eq \"home\"].type", json!("x")),
            "/emails/2/type",
            (200, json!("x")),
            (200, json!("home")),
        ),
        (
            S::FilteredReplaceMerges,
            op("replace", "emails[type eq \"work\"]", json!({"value": "n"})),
            "/emails/0/type",
            (200, json!(null)),
            (200, json!("work")),
        ),
        (
            S::UnmatchedReplaceIgnored,
            op("replace", "emails[type eq \"x\"].value", json!("n")),
            "/emails/3",
            (400, json!(null)),
            (200, json!(null)),
        ),
        (
            S::UnmatchedReplaceCreates,
            op("replace", "emails[type eq \"x\"].value", json!("n")),
            "/emails/3/value",
            (400, json!(null)),
            (200, json!("n")),
        ),
        (
            S::LogicalPathRefused,
            op(
                "replace",
                "emails[not (type eq \"home\")].value",
                json!("n"),
            ),
            "/emails/0/value",
            (200, json!("n")),
            (400, json!("w")),
        ),
    ]);
}

#[test]
fn removing() {
    use Switch as S;
    check(vec![
        (
            S::RemoveLeavesEmptyText,
            remove("nickName"),
            "/nickName",
            (200, json!(null)),
            (200, json!("")),
        ),
        (
            S::RemoveTakesFirstOnly,
            remove("emails"),
            "/emails/0/value",
            (200, json!(null)),
            (200, json!("h")),
        ),
        (
            S::RemoveWithoutPathIgnored,
            json!({"op": "remove"}),
            "/nickName",
            (400, json!("A")),
            (200, json!("A")),
        ),
        (
            S::FilteredRemoveTakesAll,
            remove("emails[value eq \"o\"]"),
            "/emails/0/value",
            (200, json!("w")),
            (200, json!(null)),
        ),
        (
            S::FilteredRemoveTakesRecord,
            remove("emails[value eq \"o\"].type"),
            "/emails/2/value",
            (200, json!("o")),
            (200, json!(null)),
        ),
        (
            S::FilteredRemoveFirstOnly,
            remove("emails[type eq \"home\"]"),
            "/emails/1/value",
            (200, json!(null)),
            (200, json!("o")),
        ),
        (
            S::ManagerRemovalIgnored,
            json!([op("add", MANAGER, json!({"value": "7"})), remove(MANAGER)]),
            "/~/manager/value",
            (200, json!(null)),
            (200, json!("7")),
        ),
        (
            S::RequiredRemovalIgnored,
            remove("userName"),
            "/userName",
            (400, json!("ada")),
            (200, json!("ada")),
        ),
    ]);
    for path in ["title", "phoneNumbers", "emails[value eq \"x\"]"] {
        check(vec![(
            S::UnmatchedRemoveRefused,
            remove(path),
            "/title",
            (200, json!(null)),
            (400, json!(null)),
        )]);
    }
}

#[test]
fn refusing() {
    use Switch as S;
    let two = json!([{"value": "a", "primary": true}, {"value": "b", "primary": true}]);
    let names = |path: &str| op("replace", path, json!("B"));
    check(vec![
        (
            S::BlankUserNamePatched,
            op("replace", "userName", json!("")),
            "/userName",
            (400, json!("ada")),
            (200, json!("")),
        ),
        (
            S::WrongTypeIgnored,
            op("replace", "active", json!("sometimes")),
            "/active",
            (400, json!(true)),
            (200, json!(true)),
        ),
        (
            S::ReadOnlyPatchIgnored,
            remove("id"),
            "/nickName",
            (400, json!("A")),
            (200, json!("A")),
        ),
        (
            S::CreatedPatched,
            op("replace", "meta.created", json!("2001-01-01T00:00:00Z")),
            "/nickName",
            (400, json!("A")),
            (200, json!("A")),
        ),
        (
            S::UnknownPathIgnored,
            names("shoeSize"),
            "/shoeSize",
            (400, json!(null)),
            (200, json!(null)),
        ),
        (
            S::UnknownAttributeStored,
            names("shoeSize"),
            "/shoeSize",
            (400, json!(null)),
            (200, json!("B")),
        ),
        (
            S::NamesCaseSensitive,
            names("NICKNAME"),
            "/nickName",
            (200, json!("B")),
            (400, json!("A")),
        ),
        (
            S::PlainPathMissesCore,
            names("nickName"),
            "/nickName",
            (200, json!("B")),
            (400, json!("A")),
        ),
        (
            S::FirstPrimaryWins,
            op("replace", "emails", two.clone()),
            "/emails/1/primary",
            (400, json!(null)),
            (200, json!(false)),
        ),
        (
            S::LastPrimaryWins,
            op("replace", "emails", two),
            "/emails/1/primary",
            (400, json!(null)),
            (200, json!(true)),
        ),
    ]);
}

#[test]
fn several_operations_and_what_is_around_them() {
    use Switch as S;
    let fails = json!([op("replace", "nickName", json!("B")), remove("id")]);
    let order = json!([op("add", "title", json!("t")), remove("title")]);
    check(vec![
        (
            S::FailingOperationSkipped,
            fails,
            "/nickName",
            (400, json!("A")),
            (200, json!("B")),
        ),
        (
            S::OperationsReordered,
            order,
            "/title",
            (200, json!(null)),
            (200, json!("t")),
        ),
        (
            S::PrimaryFalseShown,
            op("add", "emails", json!([{"value": "n"}])),
            "/emails/3/primary",
            (200, json!(null)),
            (200, json!(false)),
        ),
        (
            S::FormattedNameDerived,
            op("replace", "name.familyName", json!("King")),
            "/name/formatted",
            (200, json!(null)),
            (200, json!("Ada King")),
        ),
    ]);
    differs(
        S::PatchMessageUnchecked,
        vec![400; 4],
        vec![200; 4],
        |client| {
            let target = user(client);
            let bodies = [
                json!({"Operations": [op("add", "title", json!("t"))]}),
                json!({"schemas": [super::PATCH]}),
                json!({"schemas": [super::PATCH], "Operations": [{"path": "title", "value": "u"}]}),
                json!({"schemas": [super::PATCH], "Operations": [{"op": "add", "path": "title"}]}),
            ];
            let send = |body: &Value| client.send("PATCH", &target, body).status;
            bodies.iter().map(send).collect::<Vec<_>>()
        },
    );
    differs(S::PatchAnswersNothing, [200, 200], [204, 200], |client| {
        let target = user(client);
        let operations = || json!([op("add", "nickName", json!("B"))]);
        let asking = format!("{target}?attributes=nickName");
        [target, asking].map(|target| client.patch(&target, operations()).status)
    });
    differs(S::NoOpTouchesModified, true, false, |client| {
        let target = user(client);
        let before = client.get(&target).body["meta"].clone();
        client.patch(&target, json!([op("add", "nickName", json!("A"))]));
        client.get(&target).body["meta"] == before
    });
    differs(
        S::ExtensionIgnoredUnlessPresent,
        json!("e"),
        json!(null),
        |client| {
            let target = format!("/Users/{}", client.user("bea"));
            let department = format!("{ENTERPRISE}:department");
            let operations = json!([op("add", &department, json!("e"))]);
            outcome(client, &target, operations, "/~/department").1
        },
    );
    differs(S::ValuesInAnyOrder, 1, 3, |client| {
        let target = user(client);
        let firsts = (0..3).map(|_| client.get(&target).body["emails"][0]["value"].to_string());
        firsts.collect::<std::collections::BTreeSet<_>>().len()
    });
}

#[test]
fn others() {
    use Switch as S;
    differs(S::TakenUserNamePatched, 409, 200, |client| {
        let target = user(client);
        client.user("bea");
        let taken = json!([op("replace", "userName", json!("bea"))]);
        client.patch(&target, taken).status
    });
    let group = |client: &Client, members: Value| {
        let body = json!({"schemas": [GROUP], "displayName": "g", "members": members});
        client.send("POST", "/Groups", &body).body["id"].clone()
    };
    differs(S::GroupJoinedByUserPatch, json!(null), json!(1), |client| {
        let target = user(client);
        let group = group(client, json!([]));
        client.patch(
            &target,
            json!([op("add", "groups", json!([{"value": group}]))]),
        );
        let read = client.get(&format!("/Groups/{}", group.as_str().unwrap_or_default()));
        read.body["members"]
            .as_array()
            .map_or(json!(null), |members| json!(members.len()))
    });
    differs(S::ImmutableChangeable, 400, 200, |client| {
        let (one, other) = (client.user("one"), client.user("other"));
        let group = group(client, json!([{"value": one}]));
        let path = format!("members[value eq \"{one}\"].value");
        let target = format!("/Groups/{}", group.as_str().unwrap_or_default());
        client
            .patch(&target, json!([op("replace", &path, json!(other))]))
            .status
    });
}

/// Two requests at once, the first with a little advance.
fn race(client: &Client, first: impl Fn(&Client) + Sync, second: impl Fn(&Client) + Sync) {
    std::thread::scope(|scope| {
        scope.spawn(|| first(client));
        std::thread::sleep(std::time::Duration::from_millis(5));
        scope.spawn(|| second(client));
    });
}

#[test]
fn races() {
    use Switch as S;
    differs(
        S::SimultaneousDuplicateCreated,
        json!(1),
        json!(2),
        |client| {
            let create = |client: &Client| {
                client.send(
                    "POST",
                    "/Users",
                    &json!({"schemas": [USER], "userName": "ada"}),
                );
            };
            race(client, create, create);
            client.get("/Users").body["totalResults"].clone()
        },
    );
    differs(S::LostUserUpdates, json!("put"), json!(null), |client| {
        let target = user(client);
        let put = json!({"schemas": [USER], "userName": "ada", "title": "put"});
        let patch = json!([op("replace", "nickName", json!("p"))]);
        race(
            client,
            |client| {
                client.send("PUT", &target, &put);
            },
            |client| {
                client.patch(&target, patch.clone());
            },
        );
        client.get(&target).body["title"].clone()
    });
}

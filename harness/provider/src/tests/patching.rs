use serde_json::{Value, json};

use super::{Client, ENTERPRISE, PATCH, failure, text};

/// A user with something of everything.
pub(super) fn user(client: &Client) -> String {
    let id = client.create(
        "/Users",
        json!({
            "userName": "ana", "nickName": "An", "name": {"givenName": "Ana", "familyName": "Anders"},
            "emails": [{"value": "w@x", "type": "work", "primary": true}, {"value": "h@x", "type": "home"}],
            ENTERPRISE: {"department": "Sales"},
        }),
    );
    format!("/Users/{id}")
}

/// The user after one operation; it must be what a later GET shows.
fn after(operation: Value) -> Value {
    let client = Client::new();
    let target = user(&client);
    let answer = client.patch(&target, json!([operation]));
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(client.get(&target).body, answer.body);
    answer.body
}

/// How an operation fails; nothing may have changed.
pub(super) fn refused(operation: Value) -> (u16, String) {
    let client = Client::new();
    let target = user(&client);
    let before = client.get(&target).body;
    let answer = client.patch(
        &target,
        json!([{"op": "add", "path": "title", "value": "x"}, operation]),
    );
    assert_eq!(client.get(&target).body, before, "{operation}");
    let (status, scim_type) = failure(&answer);
    (status, scim_type.to_owned())
}

pub(super) fn op(op: &str, path: &str, value: Value) -> Value {
    json!({"op": op, "path": path, "value": value})
}

pub(super) fn remove(path: &str) -> Value {
    json!({"op": "remove", "path": path})
}

#[test]
fn simple_attributes() {
    for action in ["add", "replace", "Replace", "ADD"] {
        assert_eq!(after(op(action, "nickName", json!("x")))["nickName"], "x");
        assert_eq!(after(op(action, "title", json!("x")))["title"], "x");
        assert_eq!(after(op(action, "NICKNAME", json!("x")))["nickName"], "x");
    }
    assert_eq!(after(remove("nickName")).get("nickName"), None);
    assert_eq!(after(remove("title")).get("title"), None);
    assert_eq!(
        after(op("replace", "nickName", json!(null))).get("nickName"),
        None
    );
    let urn = "urn:ietf:params:scim:schemas:core:2.0:User:nickName";
    assert_eq!(after(op("replace", urn, json!("x")))["nickName"], "x");
}

#[test]
fn complex_attributes_are_merged() {
    for action in ["add", "replace"] {
        let name = after(op(action, "name", json!({"familyName": "B"})))["name"].clone();
        assert_eq!(name, json!({"givenName": "Ana", "familyName": "B"}));
        let name = after(op(action, "name", json!({"familyName": null})))["name"].clone();
        assert_eq!(name, json!({"givenName": "Ana"}));
        assert_eq!(
            after(op(action, "name.familyName", json!("B")))["name"]["familyName"],
            "B"
        );
        assert_eq!(
            after(op(action, "name.middleName", json!("M")))["name"]["middleName"],
            "M"
        );
    }
    assert_eq!(after(remove("name")).get("name"), None);
    assert_eq!(
        after(remove("name.givenName"))["name"],
        json!({"familyName": "Anders"})
    );
    let client = Client::new();
    let target = user(&client);
    let gone = client
        .patch(
            &target,
            json!([remove("name.givenName"), remove("name.familyName")]),
        )
        .body;
    assert_eq!(gone.get("name"), None);
    let back = client
        .patch(&target, json!([op("add", "name.givenName", json!("B"))]))
        .body;
    assert_eq!(back["name"], json!({"givenName": "B"}));
}

#[test]
fn lists_are_appended_replaced_and_removed() {
    let other = json!([{"value": "o@x", "type": "other"}]);
    assert_eq!(
        after(op("add", "emails", other.clone()))["emails"][2],
        other[0]
    );
    assert_eq!(
        after(op("add", "emails", other[0].clone()))["emails"][2],
        other[0]
    );
    assert_eq!(
        after(op("replace", "emails", other.clone()))["emails"],
        other
    );
    assert_eq!(after(remove("emails")).get("emails"), None);
    assert_eq!(
        after(op("replace", "emails", json!([]))).get("emails"),
        None
    );
    assert_eq!(
        after(op("add", "phoneNumbers", json!([{"value": "1"}])))["phoneNumbers"],
        json!([{"value": "1"}])
    );
}

#[test]
fn adding_what_is_there_changes_nothing() {
    let client = Client::new();
    let target = user(&client);
    let before = client.get(&target).body;
    let same = json!([{"value": "h@x", "type": "home"}]);
    let answer = client.patch(
        &target,
        json!([
            op("add", "emails", same),
            op("add", "nickName", json!("An"))
        ]),
    );
    assert_eq!((answer.status, &answer.body), (200, &before));
}

#[test]
fn filtered_values() {
    let work = "emails[type eq \"work\"]";
    let home = "emails[type eq \"home\"]";
    let replaced =
        after(op("replace", work, json!({"value": "n@x", "type": "work"})))["emails"].clone();
    assert_eq!(replaced[0], json!({"value": "n@x", "type": "work"}));
    assert_eq!(
        after(op("add", home, json!({"display": "H"})))["emails"][1]["display"],
        "H"
    );
    for action in ["add", "replace"] {
        let emails = after(op(action, &format!("{work}.value"), json!("n@x")))["emails"].clone();
        assert_eq!(
            (&emails[0]["value"], &emails[1]["value"]),
            (&json!("n@x"), &json!("h@x"))
        );
    }
    assert_eq!(
        after(remove(work))["emails"],
        json!([{"value": "h@x", "type": "home"}])
    );
    assert_eq!(after(remove("emails[value pr]")).get("emails"), None);
    assert_eq!(
        after(remove(&format!("{home}.type")))["emails"][1],
        json!({"value": "h@x"})
    );
    assert_eq!(
        after(remove("emails[type eq \"fax\"]"))["emails"]
            .as_array()
            .map(Vec::len),
        Some(2)
    );
    assert_eq!(
        refused(op(
            "replace",
            "emails[type eq \"fax\"]",
            json!({"value": "x"})
        )),
        (400, "noTarget".to_owned())
    );
    assert_eq!(
        refused(op("replace", "emails[type eq \"fax\"].value", json!("x"))),
        (400, "noTarget".to_owned())
    );
}

#[test]
fn an_add_without_match_creates_the_value() {
    let emails =
        after(op("Add", "emails[type eq \"other\"].value", json!("o@x")))["emails"].clone();
    assert_eq!(emails[2], json!({"type": "other", "value": "o@x"}));
    let path = "phoneNumbers[type eq \"work\" and primary eq true]";
    let phones = after(op("add", path, json!({"value": "1"})))["phoneNumbers"].clone();
    assert_eq!(
        phones,
        json!([{"type": "work", "primary": true, "value": "1"}])
    );
    assert_eq!(
        refused(op("add", "emails[value co \"q\"].type", json!("x"))),
        (400, "noTarget".to_owned())
    );
}

#[test]
fn sub_attributes_of_all_values() {
    assert_eq!(
        after(op("replace", "emails.display", json!("d")))["emails"][1]["display"],
        "d"
    );
    assert_eq!(
        after(remove("emails.type"))["emails"][1],
        json!({"value": "h@x"})
    );
}

#[test]
fn extensions() {
    let department = format!("{ENTERPRISE}:department");
    assert_eq!(
        after(op("replace", &department, json!("HR")))[ENTERPRISE]["department"],
        "HR"
    );
    assert_eq!(
        after(op("add", &format!("{ENTERPRISE}:costCenter"), json!("1")))[ENTERPRISE]["costCenter"],
        "1"
    );
    let bare = after(remove(&department));
    assert_eq!(
        (
            bare.get(ENTERPRISE),
            bare["schemas"].as_array().map(Vec::len)
        ),
        (None, Some(1))
    );
    assert_eq!(after(remove(ENTERPRISE)).get(ENTERPRISE), None);
    let merged = after(op(
        "replace",
        ENTERPRISE,
        json!({"costCenter": "1", "unknown": 2}),
    ));
    assert_eq!(
        merged[ENTERPRISE],
        json!({"department": "Sales", "costCenter": "1"})
    );
    let client = Client::new();
    let id = client.user("plain");
    let answer = client.patch(
        &format!("/Users/{id}"),
        json!([op("add", &department, json!("HR"))]),
    );
    assert_eq!(answer.body["schemas"][1], ENTERPRISE);
}

#[test]
fn a_manager_comes_in_many_forms() {
    let manager = format!("{ENTERPRISE}:manager");
    for (path, value) in [
        (manager.as_str(), json!("b1")),
        (manager.as_str(), json!({"value": "b1"})),
        ("manager", json!([{"value": "b1"}])),
        (&format!("{manager}.value"), json!("b1")),
    ] {
        assert_eq!(
            after(op("Add", path, value.clone()))[ENTERPRISE]["manager"]["value"],
            "b1",
            "{value}"
        );
    }
    assert_eq!(
        refused(op("add", &format!("{manager}.displayName"), json!("x"))),
        (400, "mutability".to_owned())
    );
}

#[test]
fn values_without_path() {
    let value = json!({
        "nickName": "x", "name.familyName": "B", "name": {"givenName": "C"}, "unknown": 1, "a b": 2,
        format!("{ENTERPRISE}:department"): "HR", ENTERPRISE: {"costCenter": "1"},
        "emails[type eq \"home\"].value": "n@x", "schemas": [PATCH],
    });
    for action in ["add", "replace"] {
        let user = after(json!({"op": action, "value": value}));
        assert_eq!(
            (&user["nickName"], &user["userName"]),
            (&json!("x"), &json!("ana"))
        );
        assert_eq!(user["name"], json!({"givenName": "C", "familyName": "B"}));
        assert_eq!(
            user[ENTERPRISE],
            json!({"department": "HR", "costCenter": "1"})
        );
        assert_eq!(user["emails"][1]["value"], "n@x");
    }
    let emails = json!({"emails": [{"value": "o@x"}]});
    assert_eq!(
        after(json!({"op": "add", "value": emails}))["emails"]
            .as_array()
            .map(Vec::len),
        Some(3)
    );
    assert_eq!(
        after(json!({"op": "replace", "value": emails}))["emails"],
        emails["emails"]
    );
    assert_eq!(
        after(json!({"op": "replace", "value": {"active": false}}))["active"],
        false
    );
    assert_eq!(
        after(json!({"op": "replace", "value": {"active": "False"}}))["active"],
        false
    );
    assert_eq!(
        after(json!({"op": "replace", "path": "", "value": {"active": "false"}}))["active"],
        false
    );
}

#[test]
fn a_password_is_stored_and_never_shown() {
    let client = Client::new();
    let target = user(&client);
    let answer = client.patch(
        &target,
        json!([{"op": "replace", "value": {"password": "Lstar99&"}}]),
    );
    assert_eq!((answer.status, answer.body.get("password")), (200, None));
    assert_eq!(
        client
            .get(&format!("{target}?attributes=password"))
            .body
            .get("password"),
        None
    );
}

#[test]
fn one_primary_value_at_most() {
    let primary = json!({"value": "o@x", "primary": true});
    let flags = |user: Value| -> Vec<bool> {
        user["emails"]
            .as_array()
            .unwrap()
            .iter()
            .map(|email| email["primary"] == true)
            .collect()
    };
    assert_eq!(
        flags(after(op("add", "emails", json!([primary])))),
        [false, false, true]
    );
    assert_eq!(
        flags(after(op(
            "replace",
            "emails[type eq \"home\"].primary",
            json!(true)
        ))),
        [false, true]
    );
    let complete = json!({"value": "h@x", "type": "home", "primary": true});
    assert_eq!(
        flags(after(op("add", "emails", json!([complete])))),
        [false, true]
    );
    assert_eq!(
        flags(after(op("replace", "emails[type eq \"home\"]", complete))),
        [false, true]
    );
    assert_eq!(
        flags(after(op(
            "replace",
            "emails[primary eq true].primary",
            json!("False")
        ))),
        [false, false]
    );
    let both = json!([primary, {"value": "p@x", "primary": true}]);
    assert_eq!(
        refused(op("add", "emails", both)),
        (400, "invalidValue".to_owned())
    );
}

#[test]
fn operations_apply_in_order() {
    let client = Client::new();
    let target = user(&client);
    let operations = json!([
        op("add", "title", json!("a")),
        op("replace", "title", json!("b")),
        op("add", "emails", json!([{"value": "o@x", "type": "other"}])),
        op("replace", "emails[type eq \"other\"].value", json!("p@x")),
        remove("emails[type eq \"work\"]"),
    ]);
    let user = client.patch(&target, operations).body;
    assert_eq!(user["title"], "b");
    assert_eq!(text(&user["emails"][1]["value"]), "p@x");
}

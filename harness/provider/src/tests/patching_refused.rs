use serde_json::json;

use super::patching::{op, refused, remove, user};
use super::{Client, PATCH, failure};

#[test]
fn refusals() {
    for (operation, expected) in [
        (json!({"op": "remove"}), "noTarget"),
        (json!({"op": "remove", "value": {"title": "x"}}), "noTarget"),
        (
            json!({"op": "move", "path": "title", "value": "x"}),
            "invalidSyntax",
        ),
        (json!({"path": "title", "value": "x"}), "invalidSyntax"),
        (json!({"op": "add", "path": "title"}), "invalidValue"),
        (json!({"op": "replace", "value": "x"}), "invalidValue"),
        (op("replace", "noSuch", json!("x")), "invalidPath"),
        (op("replace", "name.noSuch", json!("x")), "invalidPath"),
        (
            op("replace", "noSuchAttribute.x", json!("x")),
            "invalidPath",
        ),
        (op("add", "urn:x:y", json!("x")), "invalidPath"),
        (op("add", "foo bar", json!("x")), "invalidPath"),
        (op("add", "emails[", json!("x")), "invalidPath"),
        (
            op("add", "title[value eq \"x\"]", json!("x")),
            "invalidPath",
        ),
        (
            op("add", "emails[noSuch eq \"x\"]", json!("x")),
            "invalidFilter",
        ),
        (
            op("add", "emails[value eq \"x\"].noSuch", json!("x")),
            "invalidPath",
        ),
        (op("replace", "id", json!("x")), "mutability"),
        (op("replace", "meta.created", json!("x")), "mutability"),
        (op("add", "groups", json!([{"value": "x"}])), "mutability"),
        (
            json!({"op": "replace", "value": {"id": "other"}}),
            "mutability",
        ),
        (remove("userName"), "mutability"),
        (remove("schemas"), "mutability"),
        (op("replace", "userName", json!(null)), "mutability"),
        (op("replace", "userName", json!("")), "invalidValue"),
        (op("replace", "userName", json!(1)), "invalidValue"),
        (op("replace", "active", json!("maybe")), "invalidValue"),
        (op("replace", "name", json!("x")), "invalidValue"),
        (op("replace", "emails", json!("x")), "invalidValue"),
    ] {
        assert_eq!(
            refused(operation.clone()),
            (400, expected.to_owned()),
            "{operation}"
        );
    }
}

#[test]
fn malformed_messages_are_refused() {
    let client = Client::new();
    let target = user(&client);
    for body in [
        json!({"Operations": [remove("title")]}),
        json!({"schemas": [PATCH]}),
        json!({"schemas": [PATCH], "Operations": []}),
        json!({"schemas": [PATCH], "Operations": {}}),
        json!({"schemas": [PATCH], "Operations": ["x"]}),
    ] {
        assert_eq!(
            failure(&client.send("PATCH", &target, &body)),
            (400, "invalidSyntax"),
            "{body}"
        );
    }
}

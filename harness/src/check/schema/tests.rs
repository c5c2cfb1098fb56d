//! Resources that are as their schemas say, legal variants, and flaws.

use serde_json::json;

use super::*;
use crate::{capability::Discovery, scenario::Version};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const BADGE: &str = "urn:example:badge:User";

fn schemas() -> Schemas {
    let types = json!({"Resources": [{"name": "User", "endpoint": "/Users", "schema": USER, "schemaExtensions": [{"schema": BADGE}]}]});
    let published = json!({"Resources": [
        {"id": USER, "attributes": [
            {"name": "userName", "type": "string", "required": true},
            {"name": "active", "type": "boolean"},
            {"name": "tags", "type": "string", "multiValued": true},
            {"name": "emails", "type": "complex", "multiValued": true, "subAttributes": [
                {"name": "value", "type": "string", "required": true}, {"name": "primary", "type": "boolean"}]},
            {"name": "secret", "type": "string", "required": true, "returned": "never"},
            {"name": "odd", "type": "money"}]},
        {"id": BADGE, "attributes": [
            {"name": "number", "type": "integer"}, {"name": "weight", "type": "decimal"},
            {"name": "until", "type": "dateTime"}, {"name": "print", "type": "binary"},
            {"name": "page", "type": "reference"}]}]});
    let discovery = Discovery::new(None, Some(types), Some(published));
    Schemas::new(Model::new(Version::V2, &discovery))
}

fn flaws(resource: &Value) -> Vec<String> {
    let schemas = schemas();
    let own = schemas.type_of("/Users/1", resource);
    let (flaws, _) = schemas.look(own, resource);
    flaws
        .iter()
        .map(|flaw| {
            let named = flaw.attribute.as_ref().map(Named::to_string);
            format!(
                "{:?} {} {}",
                flaw.kind,
                flaw.pointer,
                named.unwrap_or_default()
            )
        })
        .collect()
}

fn seen(resource: &Value) -> Seen {
    let schemas = schemas();
    let own = schemas.type_of("/Users/1", resource);
    schemas.look(own, resource).1
}

#[test]
fn proper_resources_and_legal_variants_have_no_flaw() {
    for resource in [
        json!({"userName": "a", "active": true, "tags": ["x"], "emails": [{"value": "a"}], "odd": [1, {"a": 2}],
            BADGE: {"number": 7, "weight": 1.5, "until": "2026-11-24T09:00:00Z", "print": "TQ", "page": "../x"},
            "meta": {"created": "2026-11-24T09:00:00.1Z", "resourceType": "User"}}),
        json!({"USERNAME": "a", "Active": false, "urn:EXAMPLE:badge:user": {"NUMBER": 1}}),
        json!({"userName": "a", "active": null, "tags": null, "emails": [], BADGE: {"number": null}}),
        json!({"userName": "a", "vendor": {"x": 1}, "nickName": "n", BADGE: {"weight": 2, "more": true}}),
    ] {
        assert_eq!(flaws(&resource), Vec::<String>::new(), "{resource}");
    }
}

#[test]
fn each_flaw_names_its_attribute() {
    let with = |name: &str, value: Value| {
        let mut user = json!({"userName": "a"});
        user[name] = value;
        flaws(&user)
    };
    assert_eq!(
        flaws(&json!({"active": true})),
        [format!("Missing /userName userName of {USER}")]
    );
    assert_eq!(
        with("active", json!("true")),
        [format!("Type /active active of {USER}")]
    );
    assert_eq!(
        with("active", json!([true])),
        [format!("Plurality /active active of {USER}")]
    );
    assert_eq!(
        with("tags", json!("x")),
        [format!("Plurality /tags tags of {USER}")]
    );
    assert_eq!(
        with("tags", json!(["x", 1])),
        [format!("Type /tags/1 tags of {USER}")]
    );
    assert_eq!(
        with("emails", json!(["a@x"])),
        [format!("Type /emails/0 emails of {USER}")]
    );
    assert_eq!(
        with("emails", json!([{"value": "a", "primary": "true"}, {}])),
        [
            format!("Type /emails/0/primary emails.primary of {USER}"),
            format!("Missing /emails/1/value emails.value of {USER}")
        ]
    );
    assert_eq!(
        with(BADGE, json!("x")),
        ["Container /urn:example:badge:User "]
    );
    for (name, value) in [
        ("number", json!(1.0)),
        ("number", json!("1")),
        ("weight", json!("1.5")),
        ("until", json!("2026-11-24")),
        ("until", json!("2026-11-24T09:00:00")),
        ("print", json!("T*")),
        ("page", json!("my page")),
    ] {
        assert_eq!(
            with(BADGE, json!({name: value})),
            [format!("Type /{BADGE}/{name} {name} of {BADGE}")]
        );
    }
    assert_eq!(
        with("meta", json!({"created": "yesterday"})),
        ["Type /meta/created meta.created"]
    );
}

#[test]
fn what_no_schema_defines_is_seen() {
    let resource = json!({"userName": "a", "vendor": 1, "empty": [], "number": 7, "emails": [{"value": "a", "label": "x"}]});
    let found = seen(&resource);
    assert_eq!(found.unknown, ["/vendor", "/emails/0/label"]);
    assert_eq!(
        found.flattened.as_deref(),
        Some("/number"),
        "an attribute of the extension"
    );
    let both = seen(&json!({"number": 7, BADGE: {"number": 7}}));
    assert_eq!(both.flattened, None);
    assert_eq!(both.unknown, ["/number"]);
}

#[test]
fn plain_values_of_the_first_version_stand_for_their_value() {
    let schemas = Schemas::new(Model::standard(Version::V1));
    let user = json!({"userName": "a", "emails": ["a@x"], "active": true});
    let own = schemas.type_of("/Users/1", &user);
    assert!(schemas.look(own, &user).0.is_empty());
}

#[test]
fn of_an_unknown_type_only_what_all_resources_have_is_looked_at() {
    let schemas = schemas();
    let thing = json!({"active": "yes", "meta": {"created": "yesterday"}});
    let own = schemas.type_of("/Things/1", &thing);
    let (flaws, seen) = schemas.look(own, &thing);
    assert_eq!(flaws.len(), 1);
    assert!(seen.unknown.is_empty());
}

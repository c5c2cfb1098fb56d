//! Resources against the schemas of their types.

use super::*;

const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const DEVICE: &str = "urn:example:Device";
const TRACKING: &str = "urn:example:tracking:Device";

/// A type of the target's own with values of every data type.
fn schemas() -> &'static Schemas {
    static SCHEMAS: LazyLock<Schemas> = LazyLock::new(compiled);
    &SCHEMAS
}

fn compiled() -> Schemas {
    let types = json!({"Resources": [
        {"name": "Device", "endpoint": "/Devices", "schema": DEVICE, "schemaExtensions": [{"schema": TRACKING}]},
        {"name": "Group", "endpoint": "/Groups", "schema": GROUP}]});
    let published = json!({"Resources": [
        {"id": GROUP, "attributes": [{"name": "displayName", "required": true}]},
        {"id": DEVICE, "attributes": [
            {"name": "label", "required": true}, {"name": "ports", "type": "integer"},
            {"name": "weight", "type": "decimal"}, {"name": "lost", "type": "boolean"},
            {"name": "bought", "type": "dateTime"}, {"name": "print", "type": "binary"},
            {"name": "manual", "type": "reference", "referenceTypes": ["external"]},
            {"name": "tags", "multiValued": true},
            {"name": "owner", "type": "complex", "subAttributes": [
                {"name": "value"}, {"name": "$ref", "type": "reference", "referenceTypes": ["User"]}]}]}]});
    let discovery = Discovery::new(None, Some(types), Some(published));
    Schemas::new(Model::new(Version::V2, &discovery))
}

fn device() -> Value {
    json!({"schemas": [DEVICE], "id": "1", "label": "a", "ports": 2, "weight": 1.5, "lost": false,
        "bought": "2026-11-24T09:00:00Z", "print": "TWFu", "manual": "https://x.example/m", "tags": ["a"],
        "owner": {"value": "7", "$ref": "http://x/v2/Users/7"},
        "meta": {"resourceType": "Device", "created": "2026-11-24T09:00:00Z", "lastModified": "2026-11-24T09:00:00Z"}})
}

fn with(name: &str, value: Value) -> Vec<String> {
    let mut device = device();
    device[name] = value;
    of("/Devices/1", &device)
}

fn of(target: &str, body: &Value) -> Vec<String> {
    let exchange = exchange(Version::V2, "GET", target, 200, &[], &body.to_string());
    rules_broken(&judge(schemas(), &exchange, Tags::default()))
}

#[test]
fn proper_and_legal_resources_break_nothing() {
    assert_eq!(of("/Devices/1", &device()), NONE);
    for (name, value) in [
        ("vendor", json!({"a": 1})),
        ("urn:example:vendor:Device", json!({"a": 1})),
        ("ports", Value::Null),
        ("tags", json!([])),
        ("weight", json!(2)),
        ("manual", json!("")),
        ("owner", json!({"value": "7", "display": "x"})),
    ] {
        assert_eq!(with(name, value), NONE, "{name}");
    }
    let mut other_case = device();
    other_case["LOST"] = other_case["lost"].take();
    assert_eq!(of("/Devices/1", &other_case), NONE, "A66");
}

#[test]
fn each_type_has_its_rule() {
    for (name, value, rule) in [
        (
            "label",
            json!(7),
            "rfc7643-2.3/values-have-their-schema-type",
        ),
        (
            "weight",
            json!("1.5"),
            "rfc7643-2.3/values-have-their-schema-type",
        ),
        (
            "owner",
            json!("7"),
            "rfc7643-2.3/values-have-their-schema-type",
        ),
        (
            "ports",
            json!("2"),
            "rfc7643-2.3.4/integers-have-no-fraction-or-exponent",
        ),
        (
            "ports",
            json!(2.0),
            "rfc7643-2.3.4/integers-have-no-fraction-or-exponent",
        ),
        (
            "lost",
            json!("false"),
            "rfc7643-2.3.2/booleans-are-json-booleans",
        ),
        (
            "bought",
            json!("yesterday"),
            "rfc7643-2.3.5/datetimes-are-valid-xsd",
        ),
        (
            "bought",
            json!("2026-11-24"),
            "rfc7643-2.3.5/datetimes-hold-date-and-time",
        ),
        (
            "bought",
            json!("2026-11-24T09:00:00"),
            "~rfc7643-2.3.5/datetimes-are-valid-xsd",
        ),
        ("print", json!("T*"), "rfc7643-2.3.6/binary-is-base64"),
        (
            "manual",
            json!("my page"),
            "~rfc7643-2.3.7/reference-holds-target-uri",
        ),
        (
            "manual",
            json!(7),
            "rfc7643-2.3.7/reference-holds-target-uri",
        ),
        (
            "owner",
            json!({"$ref": "user 7"}),
            "rfc7643-2.3.7/reference-holds-target-uri",
        ),
        (
            "tags",
            json!("a"),
            "rfc7643-2.4/multi-valued-attributes-are-arrays",
        ),
        (
            "label",
            json!(["a"]),
            "rfc7643-2.4/multi-valued-attributes-are-arrays",
        ),
        (
            "label",
            Value::Null,
            "rfc7643-2.2/required-attributes-have-values",
        ),
        (
            "meta",
            json!({"created": "2026-11-24"}),
            "rfc7643-3.1/meta-created-is-datetime",
        ),
        (
            "meta",
            json!({"lastModified": "2026-11-24"}),
            "rfc7643-2.3.5/datetimes-hold-date-and-time",
        ),
        (
            TRACKING,
            json!([1]),
            "rfc7643-3.3/extension-data-sits-under-its-urn",
        ),
    ] {
        assert_eq!(with(name, value), [rule], "{name}");
    }
    let group = json!({"schemas": [GROUP], "id": "1", "meta": {"resourceType": "Group"}});
    assert_eq!(
        of("/Groups/1", &group),
        ["rfc7643-4.2/group-display-name-is-required"]
    );
    assert_eq!(
        of("/Groups/1?attributes=members", &group),
        NONE,
        "a projection leaves it out"
    );
}

#[test]
fn one_breach_of_a_rule_stands_for_all_of_an_answer() {
    let mut wrong = device();
    wrong["ports"] = json!("2");
    let body = list(json!(2), vec![device(), wrong.clone()]);
    let exchange = exchange(Version::V2, "GET", "/Devices", 200, &[], &body.to_string());
    let judgements = judge(schemas(), &exchange, Tags::default());
    let rule = "rfc7643-2.3.4/integers-have-no-fraction-or-exponent";
    let told: Vec<&Judgement> = judgements.iter().filter(|one| one.rule == rule).collect();
    assert_eq!(told.len(), 1);
    let breach = told[0].breach.clone().unwrap();
    assert_eq!(breach.message, r#"`/Resources/1/ports` is string <"2">"#);
    assert_eq!(
        breach.expected,
        format!("a JSON number without fraction and exponent, as ports of {DEVICE} is")
    );
}

#[test]
fn user_names_and_schemas() {
    let get = |user: &Value| v2("GET", "/Users/1", 200, &[], user);
    assert_eq!(
        get(&user_with("/userName", json!(" "))),
        ["rfc7643-4.1.1/user-has-nonempty-username"]
    );
    let mut flat = user();
    flat["department"] = json!("x");
    assert_eq!(
        get(&flat),
        ["rfc7643-3.3/extension-data-sits-under-its-urn"]
    );
    let device_of = |schemas: Value| with("schemas", schemas);
    assert_eq!(
        device_of(json!([DEVICE, TRACKING])),
        ["rfc7643-7/every-used-schema-is-published"]
    );
    assert_eq!(
        device_of(json!([DEVICE, "urn:example:more"])),
        ["rfc7643-3/schemas-lists-only-declared-uris"]
    );
    let old = "urn:scim:schemas:core:1.0";
    let enterprise = "urn:scim:schemas:extension:enterprise:1.0";
    let user = json!({"id": "1", "schemas": [old], "userName": "a", "meta": {}, enterprise: {"department": "x"}});
    assert_eq!(
        v1("GET", "/Users/1", 200, &[], &user),
        ["scim11-core-4/json-extensions-are-named-in-schemas"]
    );
    for (name, value, rule) in [
        (
            "userName",
            json!(""),
            "scim11-core-6.1/user-has-nonempty-username",
        ),
        (
            "nickName",
            json!(7),
            "scim11-core-3.1/values-have-their-schema-type",
        ),
        (
            "active",
            json!("true"),
            "scim11-core-3.1.2/booleans-are-json-booleans",
        ),
        (
            "emails",
            json!("a@x"),
            "scim11-core-3.2/multi-valued-attributes-are-arrays",
        ),
        (
            "x509Certificates",
            json!([{"value": "*"}]),
            "scim11-core-3.1.6/binary-is-base64",
        ),
    ] {
        let mut user = json!({"id": "1", "schemas": [old], "userName": "a", "meta": {}});
        user[name] = value;
        assert_eq!(v1("GET", "/Users/1", 200, &[], &user), [rule], "{name}");
    }
    let plain =
        json!({"id": "1", "schemas": [old], "userName": "a", "meta": {}, "emails": ["a@x"]});
    assert_eq!(v1("GET", "/Users/1", 200, &[], &plain), NONE);
}

#[test]
fn what_is_looked_at_and_sound_is_told_as_upheld() {
    let upheld = |body: &Value, rule: &str| {
        let exchange = exchange(
            Version::V2,
            "GET",
            "/Devices/1",
            200,
            &[],
            &body.to_string(),
        );
        let judgements = judge(schemas(), &exchange, Tags::default());
        let mut of_rule = judgements.iter().filter(|judgement| judgement.rule == rule);
        of_rule.any(|judgement| judgement.breach.is_none())
    };
    let mut timeless = device();
    timeless["bought"] = Value::Null;
    timeless["meta"] = json!({"resourceType": "Device"});
    for rule in [
        "rfc7643-3.1/meta-created-is-datetime",
        "rfc7643-2.3.5/datetimes-hold-date-and-time",
    ] {
        assert!(upheld(&device(), rule), "{rule}");
        assert!(!upheld(&timeless, rule), "{rule}");
    }
    assert!(upheld(
        &device(),
        "rfc7643-2.2/required-attributes-have-values"
    ));
}

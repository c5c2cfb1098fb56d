//! What one answer says of another.

use super::*;

const DEVICE: &str = "urn:example:Device";

/// A type of the target's own with attributes of every mutability.
fn schemas() -> &'static Schemas {
    static SCHEMAS: LazyLock<Schemas> = LazyLock::new(compiled);
    &SCHEMAS
}

fn compiled() -> Schemas {
    let types =
        json!({"Resources": [{"name": "Device", "endpoint": "/Devices", "schema": DEVICE}]});
    let published = json!({"Resources": [{"id": DEVICE, "attributes": [
        {"name": "label"}, {"name": "notes", "returned": "request"},
        {"name": "serial", "mutability": "immutable"}, {"name": "state", "mutability": "readOnly"},
        {"name": "sites", "type": "complex", "multiValued": true, "mutability": "readOnly", "subAttributes": [{"name": "value"}]},
        {"name": "maker", "type": "complex", "subAttributes": [
            {"name": "name"}, {"name": "country", "mutability": "immutable"}, {"name": "rank", "mutability": "readOnly"}]},
        {"name": "owner", "type": "complex", "subAttributes": [
            {"name": "value"}, {"name": "$ref", "type": "reference", "referenceTypes": ["User"]},
            {"name": "displayName", "mutability": "readOnly"}]}]}]});
    let discovery = Discovery::new(None, Some(types), Some(published));
    Schemas::new(Model::new(Version::V2, &discovery))
}

#[test]
fn what_a_write_answers_is_what_is_read() {
    let broken = |schemas: &Schemas, path: &str, written: &Value, read: &Value| {
        rules_broken(&stored::judge(schemas, "PUT", path, written, read))
    };
    let standard = Schemas::standard(Version::V2);
    let written = json!({"active": false, "emails": [{"value": "a"}, {"value": "b"}], "groups": [], "meta": {"version": "1"}});
    let read = json!({"active": false, "emails": [{"value": "b"}, {"value": "a"}], "title": "x", "meta": {"version": "2"}});
    assert_eq!(broken(&standard, "/Users/1", &written, &read), NONE);
    let (short, long) = (
        json!({"name": {"familyName": "a"}}),
        json!({"name": {"familyName": "a", "formatted": "a"}}),
    );
    let new = stored::judge(&standard, "POST", "/Users/1", &short, &long);
    assert_eq!(rules_broken(&new), NONE, "a rule of its own tells of that");
    assert_eq!(
        broken(&standard, "/Users/1", &short, &long),
        ["rfc7644-3.1/responses-show-stored-state"]
    );
    let stale = json!({"active": true, "emails": [{"value": "a"}, {"value": "b"}]});
    assert_eq!(
        broken(&standard, "/Users/1", &written, &stale),
        ["rfc7644-3.1/responses-show-stored-state"]
    );
    assert_eq!(
        broken(
            &Schemas::standard(Version::V1),
            "/Users/1",
            &written,
            &stale
        ),
        ["scim11-api-3.3.1/put-returns-200-and-resource"]
    );
    let in_capitals = json!({"userName": "Bob@X", "name": {"familyName": "Bo"}, "emails": [{"value": "Bob@X", "type": "Work"}], "externalId": "Bob"});
    let lowered = json!({"userName": "bob@x", "name": {"familyName": "bo"}, "emails": [{"value": "bob@x", "type": "work"}], "externalId": "Bob"});
    assert_eq!(broken(&standard, "/Users/1", &in_capitals, &lowered), NONE);
    let mut case_exact = lowered;
    case_exact["externalId"] = "bob".into();
    assert_eq!(
        broken(&standard, "/Users/1", &in_capitals, &case_exact),
        ["rfc7644-3.1/responses-show-stored-state"]
    );
    let old = Schemas::standard(Version::V1);
    let in_v1 = |method| rules_broken(&stored::judge(&old, method, "/Users/1", &written, &stale));
    assert_eq!(
        in_v1("POST"),
        ["scim11-api-3.1/create-returns-new-resource"]
    );
    assert_eq!(in_v1("PATCH"), NONE, "it may show what changed alone");
    let shown = json!({"label": "a", "notes": "just written"});
    assert_eq!(
        broken(schemas(), "/Devices/1", &shown, &json!({"label": "a"})),
        NONE,
        "notes are returned on request"
    );
    let leaked = json!({"userName": "a", "password": "p"});
    let read = json!({"userName": "a"});
    assert_eq!(
        broken(&standard, "/Users/1", &leaked, &read),
        NONE,
        "a password that is shown has a rule of its own"
    );
}

#[test]
fn a_resource_is_created_once() {
    let created = |time: &str| json!({"userName": "a", "meta": {"created": time}});
    let (standard, old) = (
        Schemas::standard(Version::V2),
        Schemas::standard(Version::V1),
    );
    let early = created("2026-01-01T10:00:00.250Z");
    for (time, expected) in [
        ("2026-01-01T11:00:00.25+01:00", 0),
        ("2026-01-01T10:00:01Z", 0),
        ("2026-01-01T10:00:02Z", 1),
    ] {
        let read = stored::judge(&standard, "PUT", "/Users/1", &early, &created(time));
        let listed = stored::judge_listed(&standard, "/Users/1", &early, &created(time));
        assert_eq!(rules_broken(&read).len(), expected, "{time}");
        assert_eq!(rules_broken(&listed).len(), expected, "{time}");
        let in_v1 = stored::judge(&old, "PUT", "/Users/1", &early, &created(time));
        assert_eq!(rules_broken(&in_v1), NONE, "SCIM 1.1 has no word on it");
    }
}

#[test]
fn a_creation_shows_what_it_stored() {
    let (standard, old) = (
        Schemas::standard(Version::V2),
        Schemas::standard(Version::V1),
    );
    let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let sent = json!({"UserName": "a", "name": {"familyName": "b"}, "password": "p", "title": "", "emails": [], "nickName": "n", urn: {"division": "d"}});
    let read = json!({"userName": "a", "name": {"familyName": "b", "formatted": "b"}, "locale": "en", urn: {"division": "d"}});
    let broken = |schemas: &Schemas, written: &Value| {
        let path = "/Users/1";
        rules_broken(&stored::judge_left_out(
            schemas, path, &sent, written, &read,
        ))
    };
    let whole = json!({"username": "a", "name": {"familyName": "b"}, urn: {"division": "d"}});
    assert_eq!(broken(&standard, &whole), NONE);
    let without = |pointer: &str, name: &str| {
        let mut written = whole.clone();
        let holder = written.pointer_mut(pointer).and_then(Value::as_object_mut);
        assert!(holder.is_some_and(|members| members.remove(name).is_some()));
        written
    };
    let extension = format!("/{urn}");
    for (holder, name) in [
        ("", "username"),
        ("", "name"),
        ("/name", "familyName"),
        (extension.as_str(), "division"),
    ] {
        let written = without(holder, name);
        assert_eq!(
            broken(&standard, &written),
            ["rfc7644-3.3/create-returns-new-resource"],
            "{holder}/{name}"
        );
        assert_eq!(broken(&old, &written), NONE, "an answer may show less");
    }
}

/// What a write breaks that finds one resource and leaves another.
fn changed(method: &str, body: &Value, before: Option<&Value>, after: &Value) -> Vec<String> {
    let request = SentRequest {
        method: method.into(),
        path: "/Devices/1".into(),
        body: Some(body.to_string()),
        ..SentRequest::default()
    };
    let change = change::Change {
        request: &request,
        before,
        after,
    };
    rules_broken(&change::judge(schemas(), change))
}

fn patch(path: &str, value: Value) -> Value {
    json!({"Operations": [{"op": "Replace", "path": path, "value": value}]})
}

#[test]
fn a_read_only_value_is_not_taken_over() {
    let sent = json!({"id": "mine", "state": "broken", "sites": [{"value": "s1"}], "meta": {"created": "1999-01-01T00:00:00Z", "resourceType": "Device"}});
    let own = json!({"id": "1", "state": "new", "meta": {"created": "2026-01-01T00:00:00Z", "resourceType": "Device"}});
    assert_eq!(changed("POST", &sent, None, &own), NONE);
    assert_eq!(
        changed("POST", &sent, None, &sent),
        [
            "rfc7643-3.1/client-sent-id-has-no-effect",
            "rfc7644-3.3/post-ignores-readonly-attributes",
            "rfc7643-3.1/client-sent-meta-is-ignored"
        ]
    );
    let times = json!({"meta": {"created": "1999-01-01T00:00:00Z", "lastModified": "1999-01-01T00:00:00Z"}});
    assert_eq!(
        changed("PUT", &times, Some(&own), &times),
        [
            "rfc7643-3.1/client-sent-meta-is-ignored",
            "rfc7643-7/readonly-attributes-never-change"
        ],
        "no time is made of another"
    );
    let altered = json!({"id": "1", "state": "broken"});
    assert_eq!(changed("PUT", &altered, Some(&own), &own), NONE);
    assert_eq!(
        changed("PUT", &altered, Some(&own), &altered),
        ["rfc7644-3.5.1/put-ignores-readonly-values"]
    );
    assert_eq!(
        changed("PUT", &own, Some(&own), &own),
        NONE,
        "it is sent back as it was"
    );
    assert_eq!(
        changed("PUT", &altered, None, &altered),
        NONE,
        "what was there before is not known"
    );
    for (path, value) in [
        ("state", json!("broken")),
        ("sites", json!([{"value": "s1"}])),
        ("maker.rank", json!("first")),
    ] {
        let mut after = own.clone();
        match path {
            "maker.rank" => after["maker"] = json!({"rank": "first"}),
            path => after[path] = value.clone(),
        }
        assert_eq!(
            changed("PATCH", &patch(path, value.clone()), Some(&own), &after),
            ["rfc7643-7/readonly-attributes-never-change"],
            "{path}"
        );
        assert_eq!(
            changed("PATCH", &patch(path, value), Some(&own), &own),
            NONE,
            "{path}"
        );
    }
    let named = json!({"owner": {"value": "7", "displayName": "Ann"}});
    assert_eq!(
        changed("PUT", &named, Some(&own), &named),
        NONE,
        "that may be the owner's name"
    );
}

#[test]
fn a_read_only_value_may_be_made_of_others() {
    let before = json!({"id": "1", "label": "x@example.com", "state": "Old Name", "maker": {"name": "Name"}});
    for (method, sent, after) in [
        (
            "POST",
            json!({"label": "a", "state": "b a", "maker": {"name": "b"}}),
            json!({"label": "a", "state": "b a", "maker": {"name": "b"}}),
        ),
        (
            "PATCH",
            json!({"Operations": [{"op": "replace", "value": {"label": "New", "state": "New Name"}}]}),
            json!({"label": "New", "state": "New Name", "maker": {"name": "Name"}}),
        ),
        (
            "PATCH",
            patch("sites", json!([{"value": "x@example.com"}])),
            json!({"label": "x@example.com", "sites": [{"value": "x@example.com"}]}),
        ),
    ] {
        let before = (method != "POST").then_some(&before);
        assert_eq!(changed(method, &sent, before, &after), NONE, "{sent}");
    }
    let other = json!({"state": "Other Name"});
    assert_eq!(
        changed(
            "PATCH",
            &patch("state", json!("Other Name")),
            Some(&before),
            &other
        ),
        ["rfc7643-7/readonly-attributes-never-change"]
    );
}

#[test]
fn an_immutable_value_stays_what_it_is() {
    let before = json!({"serial": "S1", "maker": {"name": "A", "country": "SE"}});
    let sent = json!({"serial": "S2", "maker": {"name": "B", "country": "SE"}});
    assert_eq!(
        changed("PUT", &sent, Some(&before), &sent),
        ["rfc7644-3.5.1/put-keeps-immutable-values"]
    );
    assert_eq!(changed("PUT", &sent, Some(&before), &before), NONE);
    assert_eq!(
        changed("PUT", &sent, Some(&json!({})), &sent),
        NONE,
        "it had no value"
    );
    assert_eq!(
        changed(
            "PATCH",
            &patch("maker.country", json!("NO")),
            Some(&before),
            &json!({"serial": "S1", "maker": {"country": "NO"}})
        ),
        ["rfc7643-7/immutable-attributes-keep-first-value"]
    );
}

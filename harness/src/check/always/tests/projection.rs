//! Which attributes are shown: projections, and what schemas say of `returned`.

use super::*;

const BADGE: &str = "urn:example:badge:User";

/// Users with attributes of every kind of `returned`.
fn schemas() -> &'static Schemas {
    static SCHEMAS: LazyLock<Schemas> = LazyLock::new(compiled);
    &SCHEMAS
}

fn compiled() -> Schemas {
    let types = json!({"Resources": [{"name": "User", "endpoint": "/Users", "schema": USER, "schemaExtensions": [{"schema": BADGE}]}]});
    let published = json!({"Resources": [
        {"id": USER, "attributes": [
            {"name": "userName"}, {"name": "title"}, {"name": "clearance", "returned": "always"},
            {"name": "notes", "returned": "request"}, {"name": "pin", "returned": "never"},
            {"name": "seal", "mutability": "writeOnly"},
            {"name": "name", "type": "complex", "subAttributes": [{"name": "givenName"}, {"name": "familyName"}]}]},
        {"id": BADGE, "attributes": [{"name": "number", "type": "integer"}, {"name": "code", "returned": "never"}]}]});
    let discovery = Discovery::new(None, Some(types), Some(published));
    Schemas::new(Model::new(Version::V2, &discovery))
}

fn broken_by(method: &str, target: &str, body: &Value) -> Vec<String> {
    let exchange = exchange(Version::V2, method, target, 200, &[], &body.to_string());
    rules_broken(&judge(schemas(), &exchange, Tags::default()))
}

fn badged() -> Value {
    let mut user = user();
    user["schemas"] = json!([USER, BADGE]);
    user["title"] = json!("Dr");
    user["name"] = json!({"givenName": "A", "familyName": "B"});
    user["clearance"] = json!("top");
    user[BADGE] = json!({"number": 7});
    user
}

#[test]
fn a_whole_resource_shows_nothing_that_is_hidden() {
    assert_eq!(broken_by("GET", "/Users/1", &badged()), NONE);
    let with = |name: &str| {
        let mut user = badged();
        user[name] = json!("x");
        user
    };
    assert_eq!(
        broken_by("GET", "/Users/1", &with("pin")),
        ["rfc7643-7/never-returned-attributes-stay-hidden"]
    );
    assert_eq!(
        broken_by("PUT", "/Users/1", &with("seal")),
        ["rfc7643-7/writeonly-values-are-not-returned"]
    );
    let mut user = badged();
    user[BADGE]["code"] = json!("x");
    assert_eq!(
        broken_by("GET", "/Users/1", &user),
        ["rfc7643-7/never-returned-attributes-stay-hidden"]
    );
    assert_eq!(
        broken_by("GET", "/Users/1", &with("notes")),
        ["rfc7643-7/request-attributes-return-only-on-demand"]
    );
    assert_eq!(
        broken_by("PATCH", "/Users/1", &with("notes")),
        NONE,
        "it may just have been written"
    );
    assert_eq!(
        broken_by("GET", "/Users/1?attributes=password", &with("password")),
        [
            "rfc7643-4.1.1/password-stays-hidden-when-requested",
            "rfc7644-3.9/attributes-overrides-default-set"
        ]
    );
}

#[test]
fn only_what_was_asked_for_is_shown() {
    let get =
        |asked: &str, body: &Value| broken_by("GET", &format!("/Users/1?attributes={asked}"), body);
    let few = json!({"schemas": [USER], "id": "1", "title": "Dr", "clearance": "top", "meta": {"resourceType": "User"}});
    assert_eq!(get("TITLE", &few), NONE);
    assert_eq!(get("title,notes", &few), NONE);
    assert_eq!(
        get("userName", &few),
        ["rfc7644-3.9/attributes-overrides-default-set"]
    );
    assert_eq!(get("noSuchName", &badged()), NONE, "A23");
    let part =
        json!({"schemas": [USER], "id": "1", "name": {"givenName": "A"}, BADGE: {"number": 7}});
    assert_eq!(get(&format!("name.givenName,{BADGE}:number"), &part), NONE);
    assert_eq!(get(&format!("name,{BADGE}"), &part), NONE);
    assert_eq!(
        get(&format!("name.familyName,{BADGE}"), &part),
        ["rfc7644-3.9/attributes-yields-always-plus-requested"]
    );
    assert_eq!(
        get("name", &part),
        ["rfc7644-3.9/attributes-overrides-default-set"],
        "the extension was not asked for"
    );
    let without_schemas = json!({"id": "1", "title": "Dr"});
    assert_eq!(
        get("title", &without_schemas),
        ["~rfc7643-2.1/resource-names-its-schemas"],
        "A22"
    );
    let old =
        json!({"id": "1", "schemas": ["urn:scim:schemas:core:1.0"], "title": "Dr", "meta": {}});
    assert_eq!(
        v1("GET", "/Users/1?attributes=userName", 200, &[], &old),
        ["scim11-api-3.7/attributes-returns-nothing-else"]
    );
}

#[test]
fn what_is_excluded_is_not_shown() {
    let get = |excluded: &str, body: &Value| {
        broken_by(
            "GET",
            &format!("/Users/1?excludedAttributes={excluded}"),
            body,
        )
    };
    let mut user = badged();
    assert_eq!(
        get("title", &user),
        ["rfc7644-3.9/exclusion-keeps-always-attributes"]
    );
    assert_eq!(
        get("name.givenName", &user),
        ["rfc7644-3.9/exclusion-keeps-always-attributes"]
    );
    assert_eq!(
        get(BADGE, &user),
        NONE,
        "A23: it is no name of an attribute"
    );
    let qualified = "urn:ietf:params:scim:schemas:core:2.0:User:title";
    assert_eq!(get(qualified, &user), NONE, "that has a rule of its own");
    assert_eq!(get("id,clearance,schemas,noSuchName", &user), NONE);
    user.as_object_mut().unwrap().remove("title");
    assert_eq!(get("title", &user), NONE);
    assert_eq!(
        broken_by(
            "GET",
            "/Users/1?attributes=userName&excludedAttributes=emails",
            &badged()
        ),
        NONE,
        "A23"
    );
}

#[test]
fn the_body_of_a_search_is_a_projection_too() {
    let mut asked = exchange(
        Version::V2,
        "POST",
        "/Users/.search",
        200,
        &[],
        &list(json!(1), vec![badged()]).to_string(),
    );
    asked.request.body = Some(json!({"attributes": ["userName"]}).to_string());
    assert!(is_projected(&asked.request));
    assert_eq!(
        rules_broken(&judge(schemas(), &asked, Tags::default())),
        ["rfc7644-3.9/attributes-overrides-default-set"]
    );
}

/// A71: whoever writes and is shown more than it asked for loses nothing.
#[test]
fn the_answer_to_a_write_may_show_more() {
    let of = |method: &str, query: &str| broken_by(method, &format!("/Users/1?{query}"), &badged());
    for (query, rule) in [
        (
            "attributes=title",
            "rfc7644-3.9/attributes-overrides-default-set",
        ),
        (
            "excludedAttributes=title",
            "rfc7644-3.9/exclusion-keeps-always-attributes",
        ),
    ] {
        assert_eq!(of("GET", query), [rule]);
        assert_eq!(of("PUT", query), [format!("~{rule}")]);
    }
}

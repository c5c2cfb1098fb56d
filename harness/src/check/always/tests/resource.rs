//! Resources, created ones too.

use super::*;

const OLD: &str = "urn:scim:schemas:core:1.0";

fn get(user: &Value) -> Vec<String> {
    v2("GET", "/Users/1", 200, &[], user)
}

/// A user of SCIM 1.1 with one member set.
fn old_with(name: &str, value: Value) -> Vec<String> {
    let mut user = json!({"id": "1", "schemas": [OLD], "userName": "a", "meta": {}});
    user[name] = value;
    v1("GET", "/Users/1", 200, &[], &user)
}

#[test]
fn ids() {
    assert_eq!(
        get(&user_with("/id", json!(""))),
        [
            "rfc7643-3.1/every-representation-has-id",
            "rfc7643-3.1/id-is-stable-and-not-reused"
        ]
    );
    assert_eq!(
        get(&user_with("/id", json!(1))),
        ["rfc7643-3.1/every-representation-has-id"]
    );
    assert_eq!(
        v2("GET", "/Users/bulkId:1", 200, &[], &other("bulkId:1")),
        ["rfc7643-3.1/id-does-not-contain-bulkid"]
    );
    assert_eq!(
        get(&user_with("/id", json!("2"))),
        ["rfc7643-3.1/id-is-stable-and-not-reused"]
    );
    assert_eq!(v2("GET", "/Users/a%40b", 200, &[], &other("a@b")), NONE);
    assert_eq!(
        old_with("id", json!("2")),
        ["scim11-core-5.1/id-is-stable-and-not-reused"]
    );
    let bulk = json!({"id": "bulkId:1", "schemas": [OLD], "userName": "a", "meta": {}});
    assert_eq!(
        v1("GET", "/Users/bulkId:1", 200, &[], &bulk),
        ["scim11-core-5.1/id-does-not-contain-bulkid"]
    );
    let mut word = bulk;
    word["id"] = json!("bulkId1");
    assert_eq!(v1("GET", "/Users/bulkId1", 200, &[], &word), NONE);
}

#[test]
fn schemas() {
    let mut nameless = user();
    nameless.as_object_mut().unwrap().remove("schemas");
    assert_eq!(get(&nameless), ["rfc7643-2.1/resource-names-its-schemas"]);
    assert_eq!(
        v2(
            "GET",
            "/Users/1?attributes=id",
            200,
            &[],
            &json!({"id": "1"})
        ),
        ["~rfc7643-2.1/resource-names-its-schemas"],
        "A22"
    );
    for (schemas, rule) in [
        (json!([]), "rfc7643-3/schemas-is-nonempty-uri-array"),
        (json!(USER), "rfc7643-3/schemas-is-nonempty-uri-array"),
        (json!([USER, 1]), "rfc7643-3/schemas-is-nonempty-uri-array"),
        (json!([USER, USER]), "rfc7643-3/schemas-has-no-duplicates"),
        (
            json!(["urn:x:y"]),
            "rfc7643-3.3/schemas-contains-base-schema",
        ),
    ] {
        assert_eq!(get(&user_with("/schemas", schemas)), [rule]);
    }
    for (schemas, rule) in [
        (Value::Null, "scim11-core-3/json-resource-names-its-schemas"),
        (json!([]), "scim11-core-5.2/schemas-is-nonempty-array"),
        (
            json!([OLD, "core"]),
            "scim11-core-5.2/schemas-are-full-uris",
        ),
        (
            json!([OLD, OLD]),
            "scim11-core-5.2/schemas-has-no-duplicates",
        ),
    ] {
        assert_eq!(old_with("schemas", schemas), [rule]);
    }
}

#[test]
fn values() {
    for (emails, rule) in [
        (
            json!([{"primary": true}, {"primary": true}]),
            "at-most-one-value-is-primary",
        ),
        (
            json!([{"value": "a", "type": "work"}, {"value": "a", "type": "work", "primary": true}]),
            "returns-no-duplicate-type-value-pair",
        ),
    ] {
        assert_eq!(
            get(&user_with("/emails", emails.clone())),
            [format!("rfc7643-2.4/{rule}")]
        );
        assert_eq!(
            old_with("emails", emails),
            [format!("scim11-core-3.2/{rule}")]
        );
    }
    let two = json!([{"value": "a", "type": "work"}, {"value": "a", "type": "home"}, {"type": "work"}, {"type": "work"}]);
    assert_eq!(get(&user_with("/emails", two)), NONE);
}

#[test]
fn meta() {
    let mut bare = user();
    bare.as_object_mut().unwrap().remove("meta");
    assert_eq!(get(&bare), ["rfc7643-3.1/every-type-has-common-attributes"]);
    assert_eq!(
        v2("GET", "/Users/1?excludedAttributes=meta", 200, &[], &bare),
        NONE
    );
    assert_eq!(
        get(&user_with("/meta/resourceType", json!("Users"))),
        ["rfc7643-3.1/meta-resource-type-matches-type-name"]
    );
    assert_eq!(
        get(&user_with("/meta/created", json!("24.11.2026"))),
        ["rfc7643-3.1/meta-created-is-datetime"]
    );
    assert_eq!(
        get(&user_with("/meta/lastModified", json!("24.11.2026"))),
        ["rfc7643-2.3.5/datetimes-are-valid-xsd"]
    );
    assert_eq!(
        get(&user_with("/meta/created", json!("2026-11-24T09:00:00"))),
        ["~rfc7643-2.3.5/datetimes-are-valid-xsd"],
        "A46"
    );
    assert_eq!(
        old_with("meta", Value::Null),
        ["scim11-core-5.1/every-resource-has-common-attributes"]
    );
    assert_eq!(
        old_with("meta", json!({"created": "x"})),
        ["scim11-core-5.1/meta-times-are-datetimes"]
    );
}

#[test]
fn places() {
    let at = |location: &str| get(&user_with("/meta/location", json!(location)));
    for location in [
        "http://x/v2/Users/1",
        "https://y/v2/Users/1",
        "Users/1",
        "/v2/Users/1",
    ] {
        assert_eq!(at(location), NONE, "A69: {location}");
    }
    let named = user();
    let name = named["userName"].as_str().unwrap();
    let by_name = format!("http://x/v2/Users/{name}");
    for location in ["http://x/internal/Users/1", "/Users/1", by_name.as_str()] {
        assert_eq!(
            at(location),
            ["~rfc7643-3.1/meta-location-leads-to-resource"],
            "A69: {location}"
        );
    }
    for location in [
        "http://x/v2/Users/2",
        "http://x/v2/Groups/1",
        "http://x/v2/1",
        "",
    ] {
        assert_eq!(
            at(location),
            ["rfc7643-3.1/meta-location-leads-to-resource"],
            "{location}"
        );
    }
    assert_eq!(
        old_with("meta", json!({"location": "http://x/v2/Users/2"})),
        ["scim11-core-5.1/meta-location-leads-to-resource"]
    );
    let with_header =
        |name: &str, value: &str| v2("GET", "/Users/1", 200, &[(name, value)], &user());
    assert_eq!(with_header("content-location", "http://x/v2/Users/1"), NONE);
    let rule = "rfc7643-3.1/meta-location-matches-content-location";
    assert_eq!(with_header("content-location", "/v2/Users/2"), [rule]);
    assert_eq!(
        with_header("content-location", "/v2/Users/1"),
        [format!("~{rule}")]
    );
    assert_eq!(with_header("location", "/v2/Users/2"), [format!("~{rule}")]);
}

#[test]
fn versions() {
    let tagged = |header: &str, version: &str| {
        let user = user_with("/meta/version", json!(version));
        v2("GET", "/Users/1", 200, &[("etag", header)], &user)
    };
    assert_eq!(tagged("W/\"1\"", "W/\"1\""), NONE);
    assert_eq!(tagged("\"1\"", "\"1\""), NONE, "A45");
    for (header, version) in [("W/\"2\"", "W/\"1\""), ("\"1\"", "1"), ("W/\"1\"", "\"1\"")] {
        assert_eq!(
            tagged(header, version),
            ["rfc7643-3.1/meta-version-equals-etag"],
            "{header}"
        );
    }
    let rule = "rfc7643-3.1/weak-version-carries-w-prefix";
    assert_eq!(tagged("w/\"1\"", "w/\"1\""), [rule]);
    assert_eq!(tagged("1", "1"), [rule]);
    let user = json!({"id": "1", "schemas": [OLD], "userName": "a", "meta": {"version": "1"}});
    assert_eq!(
        v1("GET", "/Users/1", 200, &[("etag", "2")], &user),
        ["scim11-core-5.1/meta-version-equals-etag"]
    );
}

fn post(headers: &[(&str, &str)], user: &Value) -> Vec<String> {
    v2("POST", "/Users", 201, headers, user)
}

#[test]
fn created_resources_say_where_they_are() {
    let rule = "rfc7644-3.3/location-header-matches-meta-location";
    assert_eq!(post(&[], &user()), [rule]);
    assert_eq!(
        post(&[("location", "http://x/v2/Users/2")], &user()),
        [rule]
    );
    for location in ["/v2/Users/1", "https://proxy/v2/Users/1"] {
        assert_eq!(
            post(&[("location", location)], &user()),
            [format!("~{rule}")],
            "A69"
        );
    }
    let mut old = json!({"id": "1", "schemas": [OLD], "userName": "a", "meta": {"location": "http://x/v2/Users/1"}});
    assert_eq!(
        v1("POST", "/Users", 201, &[], &old),
        ["scim11-api-3.1/created-is-201-with-location"]
    );
    assert_eq!(
        v1("POST", "/Users", 201, &[("location", "/b")], &old),
        ["scim11-core-5.1/meta-location-equals-location-header"]
    );
    old["meta"] = Value::Null;
    assert_eq!(
        v1("POST", "/Users", 201, &[("location", "/b")], &old),
        ["scim11-core-5.1/every-resource-has-common-attributes"]
    );
}

#[test]
fn created_resources_show_what_the_provider_assigned() {
    assert_eq!(
        post(&CREATED, &user_with("/meta", Value::Null)),
        ["rfc7643-3.1/provider-assigns-id-and-meta"]
    );
    assert_eq!(
        post(
            &CREATED,
            &user_with("/meta", json!({"resourceType": "User"}))
        ),
        ["~rfc7643-3.1/provider-assigns-id-and-meta"]
    );
    assert_eq!(
        post(&CREATED, &user_with("/meta/resourceType", json!("Users"))),
        ["rfc7644-3.3.1/resource-type-follows-endpoint"]
    );
    let rule = "rfc7643-3.1/last-modified-starts-equal-to-created";
    let modified = |time: &str| post(&CREATED, &user_with("/meta/lastModified", json!(time)));
    assert_eq!(
        modified("2026-11-24T09:00:00.900Z"),
        [format!("~{rule}")],
        "A55"
    );
    assert_eq!(modified("2026-11-24T09:00:03Z"), [rule]);
    let read = |time: &str| {
        let user = user_with("/meta/lastModified", json!(time));
        v2("GET", "/Users/1", 200, &[], &user)
    };
    assert_eq!(
        read("2026-11-24T08:59:58Z"),
        ["rfc7643-3.1/last-modified-moves-on-change"]
    );
    assert_eq!(read("2026-11-24T08:59:59.500Z"), NONE, "A55");
    assert_eq!(
        broken(Version::V2, "POST", "/Users", 201, &CREATED, ""),
        ["rfc7644-3.3/create-returns-new-resource"]
    );
    assert_eq!(
        broken(Version::V1, "POST", "/Users", 201, &CREATED, ""),
        ["scim11-api-3.1/create-returns-new-resource"]
    );
}

#[test]
fn the_provider_invents_no_external_id() {
    let mut user = user();
    user["externalId"] = json!("made-up");
    let posted = |sent: &Value| {
        let mut exchange = exchange(
            Version::V2,
            "POST",
            "/Users",
            201,
            &CREATED,
            &user.to_string(),
        );
        exchange.request.body = Some(sent.to_string());
        rules_broken(&judge(
            &Schemas::standard(Version::V2),
            &exchange,
            Tags::default(),
        ))
    };
    assert_eq!(
        posted(&json!({"userName": "a", "ExternalID": "made-up"})),
        NONE
    );
    assert_eq!(
        posted(&json!({"userName": "a"})),
        ["rfc7643-3.1/provider-invents-no-external-id"]
    );
}

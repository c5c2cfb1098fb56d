//! Lists.

use super::*;

#[test]
fn lists() {
    let get = |target: &str, body: &Value| v2("GET", target, 200, &[], body);
    let mut unmarked = list(json!(1), vec![user()]);
    unmarked["schemas"] = json!([USER]);
    assert_eq!(
        get("/Users", &unmarked),
        ["rfc7644-3.4.2/query-answer-is-list-response"]
    );
    assert_eq!(
        get("/Users", &json!({"schemas": [LIST], "Resources": [user()]})),
        ["rfc7644-3.4.2/total-results-is-present"]
    );
    assert_eq!(
        get("/Users", &list(json!("1"), vec![user()])),
        ["rfc7643-2.3.4/integers-have-no-fraction-or-exponent"]
    );
    assert_eq!(
        get("/Users", &list(json!(1.0), vec![user()])),
        ["rfc7643-2.3.4/integers-have-no-fraction-or-exponent"]
    );
    assert_eq!(
        get("/Users?count=1", &list(json!(2), vec![user(), other("2")])),
        ["rfc7644-3.4.2.4/page-never-exceeds-count"]
    );
    assert_eq!(
        get("/Users?count=-1", &list(json!(1), vec![user()])),
        ["rfc7644-3.4.2.4/page-never-exceeds-count"]
    );
    assert_eq!(
        get("/Users", &list(json!(2), vec![user(), user()])),
        ["rfc7643-3.1/ids-are-unique-across-types"]
    );
    assert_eq!(
        get("/Users", &list(json!(0), vec![user()])),
        ["rfc7644-3.4.2.4/total-results-counts-all-matches"]
    );
    assert_eq!(
        get(
            "/Users",
            &json!({"schemas": [LIST], "totalResults": 1, "Resources": []})
        ),
        ["rfc7644-3.4.2/resources-present-when-matches-exist"]
    );
    let partial = json!({"schemas": [LIST], "totalResults": 2, "Resources": [user()]});
    assert_eq!(
        get("/Users", &partial),
        [
            "rfc7644-3.4.2/partial-list-has-start-index",
            "rfc7644-3.4.2/partial-list-has-items-per-page"
        ]
    );
    assert_eq!(
        get("/Users?startIndex=2&count=1", &list(json!(3), vec![user()])),
        ["rfc7644-3.4.2/partial-list-has-start-index"]
    );
    assert_eq!(
        get("/Users", &list(json!(1), vec![user_with("/id", json!(""))])),
        ["rfc7643-3.1/every-representation-has-id"]
    );
    let old = |body: Value| v1("GET", "/Users?count=1", 200, &[], &body);
    let member = json!({"id": "1", "schemas": ["a:b"], "userName": "a", "meta": {}});
    assert_eq!(
        old(json!({"totalResults": 1, "Resources": [member]})),
        ["~scim11-api-3.2.2/list-has-total-and-resources"]
    );
    assert_eq!(
        old(json!({"schemas": ["x:y"], "totalResults": 1, "Resources": [member]})),
        ["scim11-api-3.2.2/list-has-total-and-resources"]
    );
    assert_eq!(
        old(
            json!({"schemas": ["urn:scim:schemas:core:1.0"], "totalResults": "2", "Resources": [member, {"id": "2", "schemas": ["a:b"], "userName": "b", "meta": {}}]})
        ),
        [
            "scim11-core-3.1.4/integers-are-json-numbers",
            "scim11-api-3.2.2.3/page-never-exceeds-count"
        ]
    );
    let bare = json!({"totalResults": 1, "Resources": [{"schemas": ["a:b"], "userName": "a"}], "schemas": ["urn:scim:schemas:core:1.0"]});
    assert_eq!(
        v1("GET", "/Users?attributes=userName", 200, &[], &bare),
        ["~scim11-core-5.1/every-representation-has-id"],
        "the draft's own example has no id"
    );
}

#[test]
fn a_resource_of_another_case_is_judged_there() {
    let mut another = user_with("/userName", json!("run-2@example.com"));
    another["active"] = json!("yes");
    let page = list(json!(1), vec![another]).to_string();
    let exchange = exchange(Version::V2, "GET", "/Users", 200, &[], &page);
    let schemas = Schemas::standard(Version::V2);
    let own = ["run-1".to_owned()];
    let broken = |own| {
        let tags = Tags { run: "run", own };
        rules_broken(&judge(&schemas, &exchange, tags))
    };
    assert_eq!(broken(&own), [""; 0]);
    assert_eq!(
        broken(&["run-2".to_owned()]),
        ["rfc7643-2.3.2/booleans-are-json-booleans"]
    );
}

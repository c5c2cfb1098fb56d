use serde_json::{Value, json};

use super::{Client, ENTERPRISE, GROUP, USER, failure};
use crate::{Auth, Config};

#[test]
fn the_configuration_tells_what_works() {
    let client = Client::new();
    let config = client.get("/ServiceProviderConfig").body;
    assert_eq!(
        config["schemas"],
        json!(["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"])
    );
    for feature in ["patch", "bulk", "filter", "changePassword", "sort", "etag"] {
        assert_eq!(config[feature]["supported"], true, "{feature}");
    }
    assert_eq!(config["filter"]["maxResults"], 200);
    assert_eq!(
        config["authenticationSchemes"][0]["type"],
        "oauthbearertoken"
    );
    assert_eq!(config["meta"]["resourceType"], "ServiceProviderConfig");
    let basic = Auth::Basic {
        user: "u".to_owned(),
        password: "p".to_owned(),
    };
    let config = Client::with(Config {
        auth: basic,
        ..Config::default()
    })
    .get("/ServiceProviderConfig")
    .body;
    assert_eq!(config["authenticationSchemes"][0]["type"], "httpbasic");
}

#[test]
fn types_and_schemas_are_listed_and_readable() {
    let client = Client::new();
    let types = client.get("/ResourceTypes").body;
    assert_eq!(types["totalResults"], 2);
    assert_eq!(
        types["Resources"][0]["schemaExtensions"],
        json!([{"schema": ENTERPRISE, "required": false}])
    );
    assert_eq!(
        client.get("/ResourceTypes/Group").body["endpoint"],
        "/Groups"
    );
    let schemas = client.get("/Schemas?startIndex=2&attributes=id").body;
    assert_eq!(schemas["totalResults"], 6);
    for schema in schemas["Resources"].as_array().unwrap() {
        assert_eq!(
            schema["schemas"],
            json!(["urn:ietf:params:scim:schemas:core:2.0:Schema"])
        );
        let one = client.get(&format!("/Schemas/{}", schema["id"].as_str().unwrap()));
        assert_eq!((one.status, &one.body), (200, schema));
    }
    for target in [
        "/ResourceTypes/Device",
        "/Schemas/urn:x",
        "/Schemas/Users",
        "/ResourceTypes/Users",
    ] {
        assert_eq!(failure(&client.get(target)), (404, ""), "{target}");
    }
    assert_eq!(failure(&client.get("/Schemas?filter=id%20pr")), (403, ""));
}

/// Every attribute with the characteristics that do not depend on its type.
fn check(attribute: &Value) {
    let name = &attribute["name"];
    for characteristic in [
        "type",
        "multiValued",
        "description",
        "required",
        "mutability",
        "returned",
    ] {
        assert!(
            attribute.get(characteristic).is_some(),
            "{name} {characteristic}"
        );
    }
    let subs = attribute.get("subAttributes").and_then(Value::as_array);
    assert_eq!(attribute["type"] == "complex", subs.is_some(), "{name}");
    subs.into_iter().flatten().for_each(check);
}

#[test]
fn schemas_define_what_the_rfc_defines() {
    let client = Client::new();
    let attributes = |id: &str| {
        client.get(&format!("/Schemas/{id}")).body["attributes"]
            .as_array()
            .unwrap()
            .clone()
    };
    for (id, count) in [(USER, 21), (GROUP, 2), (ENTERPRISE, 6)] {
        assert_eq!(attributes(id).len(), count, "{id}");
        attributes(id).iter().for_each(check);
    }
    let display_name = &attributes(GROUP)[0];
    assert_eq!(
        (&display_name["name"], &display_name["required"]),
        (&json!("displayName"), &json!(true))
    );
}

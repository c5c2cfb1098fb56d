//! Okta's extensions: roles and entitlements, and what on-premises provisioning asks for.

use serde_json::json;

use super::{Client, GROUP, USER, failure, names, text};
use crate::{Config, Version};

const ROLE: &str = "urn:okta:scim:schemas:core:1.0:Role";
const ENTITLEMENT: &str = "urn:okta:scim:schemas:core:1.0:Entitlement";

fn client(version: Version) -> Client {
    Client::with(Config {
        version,
        okta: true,
        ..Config::default()
    })
}

#[test]
fn roles_and_entitlements_are_resource_types() {
    let client = client(Version::V2);
    let types = client.get("/ResourceTypes").body;
    let listed: Vec<_> = types["Resources"].as_array().unwrap()[2..]
        .iter()
        .map(|one| (text(&one["endpoint"]), text(&one["schema"])))
        .collect();
    let expected = [
        ("/Roles", ROLE),
        ("/Entitlements", ENTITLEMENT),
        ("/Licenses", ENTITLEMENT),
    ];
    assert_eq!(
        listed,
        expected.map(|(endpoint, schema)| (endpoint.to_owned(), schema.to_owned()))
    );
    assert_eq!(client.get("/Schemas").body["totalResults"], 8);
    for (id, count) in [(ROLE, 2), (ENTITLEMENT, 3)] {
        let schema = client.get(&format!("/Schemas/{id}")).body;
        assert_eq!(schema["attributes"].as_array().map(Vec::len), Some(count));
    }
}

#[test]
fn they_are_paged_filtered_and_read_like_any_resource() {
    let client = client(Version::V2);
    for (endpoint, kind, schema) in [
        ("/Roles", "Role", ROLE),
        ("/Entitlements", "Entitlement", ENTITLEMENT),
        ("/Licenses", "License", ENTITLEMENT),
    ] {
        let page = client.get(&format!("{endpoint}?count=1&startIndex=2")).body;
        assert_eq!(
            (&page["startIndex"], &page["itemsPerPage"]),
            (&json!(2), &json!(1))
        );
        assert!(page["totalResults"].as_u64() >= Some(2));
        let one = &page["Resources"][0];
        assert_eq!(
            (&one["schemas"], &one["meta"]["resourceType"]),
            (&json!([schema]), &json!(kind))
        );
        assert_eq!(one.get("type").is_some(), kind != "Role");
        let path = format!("{endpoint}/{}", text(&one["id"]));
        assert_eq!(&client.get(&path).body, one);
        let name = text(&one["displayName"]);
        let found = client
            .get(&format!(
                "{endpoint}?filter=displayName%20eq%20%22{name}%22"
            ))
            .body;
        assert_eq!(found["totalResults"], 1);
        for (method, target) in [
            ("POST", endpoint),
            ("PUT", &path),
            ("PATCH", &path),
            ("DELETE", &path),
        ] {
            let refused = client.send(method, target, &json!({}));
            assert_eq!(failure(&refused), (405, ""));
            assert_eq!(refused.response.header("Allow"), Some("GET"));
        }
    }
    assert_eq!(client.get("/?count=0").body["totalResults"], 8);
}

#[test]
fn users_have_roles_and_entitlements() {
    let client = client(Version::V2);
    let given = json!({"schemas": [USER], "userName": "a",
        "roles": [{"value": "role123", "display": "First Role"}],
        "entitlements": [{"value": "entitlement123", "display": "First Entitlement", "type": "License"}]});
    let user = client.create("/Users", given.clone());
    let shown = client.get(&format!("/Users/{user}")).body;
    for name in ["roles", "entitlements"] {
        assert_eq!(shown[name], given[name]);
    }
    assert_eq!(
        client.found("entitlements[type eq \"License\" and value eq \"entitlement123\"]"),
        ["a"]
    );
}

#[test]
fn a_role_is_no_member_of_a_group() {
    let client = client(Version::V2);
    let role = text(&client.get("/Roles").body["Resources"][0]["id"]);
    let group = json!({"schemas": [GROUP], "displayName": "g", "members": [{"value": role}]});
    assert_eq!(
        failure(&client.send("POST", "/Groups", &group)),
        (400, "invalidValue")
    );
}

#[test]
fn without_the_extensions_there_is_nothing_of_them() {
    let plain = Client::new();
    assert_eq!(failure(&plain.get("/Roles")), (404, ""));
    assert_eq!(failure(&plain.get(&format!("/Schemas/{ROLE}"))), (404, ""));
    assert_eq!(client(Version::V1).get("/Roles").status, 404);
}

#[test]
fn the_configuration_tells_what_on_premises_provisioning_may_use() {
    let urn = "urn:okta:schemas:scim:providerconfig:1.0";
    let client = client(Version::V1);
    let config = client.get("/ServiceProviderConfigs").body;
    assert_eq!(config["schemas"], json!(["urn:scim:schemas:core:1.0", urn]));
    let capabilities = config[urn]["userManagementCapabilities"]
        .as_array()
        .unwrap();
    assert!(capabilities.contains(&json!("OPP_SCIM_INCREMENTAL_IMPORTS")));
    client.create(
        "/Users",
        json!({"schemas": ["urn:scim:schemas:core:1.0"], "userName": "a"}),
    );
    let since = |time: &str| {
        let filter = format!("/Users?filter=meta.lastModified%20gt%20%22{time}%22");
        names(&client.get(&filter).body)
    };
    assert_eq!(since("2020-01-01T00:00:00Z"), ["a"]);
    assert!(since("2100-01-01T00:00:00Z").is_empty());
    let plain = Client::v1().get("/ServiceProviderConfigs").body;
    assert_eq!(plain.get(urn), None);
}

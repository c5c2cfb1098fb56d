//! Discovery resources of SCIM 2.0 (RFC 7643 sections 5 to 7, RFC 9865 section 4).

use serde_json::{Map, Value, json};

use super::{authentication_schemes, features};
use crate::config::Config;
use crate::schema::{Dialect, Kind, urn};
use crate::switch::Switch;

const SCHEMAS: [&str; 10] = [
    include_str!("../../schemas/user.json"),
    include_str!("../../schemas/group.json"),
    include_str!("../../schemas/enterprise-user.json"),
    include_str!("../../schemas/service-provider-config.json"),
    include_str!("../../schemas/resource-type.json"),
    include_str!("../../schemas/schema.json"),
    include_str!("../../schemas/role.json"),
    include_str!("../../schemas/entitlement.json"),
    include_str!("../../schemas/device.json"),
    include_str!("../../schemas/warranty.json"),
];

pub(super) fn config(config: &Config, base: &str) -> Value {
    let Value::Object(features) = features(config) else {
        return Value::Null;
    };
    let mut shown = Map::from_iter([("schemas".to_owned(), json!([urn::CONFIG]))]);
    shown.extend(features);
    shown.insert("pagination".to_owned(), pagination(config));
    shown.insert(
        "authenticationSchemes".to_owned(),
        authentication_schemes(&config.auth),
    );
    shown.insert(
        "meta".to_owned(),
        meta(
            "ServiceProviderConfig",
            format!("{base}/ServiceProviderConfig"),
        ),
    );
    Value::Object(shown)
}

/// RFC 9865 section 4.
fn pagination(config: &Config) -> Value {
    let default = match config.has(Switch::CursorIsDefault) {
        true => "cursor",
        false => "index",
    };
    json!({
        "cursor": true,
        "index": true,
        "defaultPaginationMethod": default,
        "defaultPageSize": config.max_results,
        "maxPageSize": config.max_results,
        "cursorTimeout": config.cursor_timeout.as_secs(),
    })
}

pub(super) fn resource_types(kinds: &[Kind], dialect: &'static Dialect, base: &str) -> Vec<Value> {
    let shown = |&kind: &Kind| {
        let resource_type = dialect.resource_type(kind);
        let extensions: Vec<Value> = resource_type
            .extensions
            .iter()
            .map(|schema| json!({"schema": schema.id, "required": false}))
            .collect();
        let mut shown = json!({
            "schemas": [urn::RESOURCE_TYPE],
            "id": kind.name(),
            "name": kind.name(),
            "endpoint": format!("/{}", kind.endpoint()),
            "description": resource_type.core.description,
            "schema": resource_type.core.id,
        });
        if !extensions.is_empty() {
            shown["schemaExtensions"] = Value::Array(extensions);
        }
        shown["meta"] = meta(
            "ResourceType",
            format!("{base}/ResourceTypes/{}", kind.name()),
        );
        shown
    };
    kinds.iter().map(shown).collect()
}

/// The embedded schemas, with the `schemas` and `meta` of erratum 8417. Those of kinds that are not
/// offered are left out.
pub(super) fn schemas(kinds: &[Kind], dialect: &'static Dialect, base: &str) -> Vec<Value> {
    let is_left_out = |id: &str| {
        let is_of = |kind: &Kind| {
            let own = dialect.resource_type(*kind);
            own.core.id == id || own.extension(id).is_some()
        };
        Kind::ALL.iter().any(is_of) && !kinds.iter().any(is_of)
    };
    let shown = |json: &&str| {
        let schema: Map<String, Value> = serde_json::from_str(json).ok()?;
        let id = schema.get("id")?.as_str()?.to_owned();
        if is_left_out(&id) {
            return None;
        }
        let mut shown = Map::from_iter([("schemas".to_owned(), json!([urn::SCHEMA]))]);
        shown.extend(schema);
        shown.insert(
            "meta".to_owned(),
            meta("Schema", format!("{base}/Schemas/{id}")),
        );
        Some(Value::Object(shown))
    };
    SCHEMAS.iter().filter_map(shown).collect()
}

fn meta(resource_type: &str, location: String) -> Value {
    json!({"resourceType": resource_type, "location": location})
}

//! Discovery resources of SCIM 1.1 (core schema sections 9 and 10).

use serde_json::{Map, Value, json};

use super::{authentication_schemes, features};
use crate::config::Config;
use crate::schema::{Attribute, Dialect, Kind, Mutability, Type, urn};

/// What Okta's on-premises provisioning may use of the provider.
const ON_PREMISES: [&str; 10] = [
    "GROUP_PUSH",
    "IMPORT_NEW_USERS",
    "IMPORT_PROFILE_UPDATES",
    "OPP_SCIM_INCREMENTAL_IMPORTS",
    "PUSH_NEW_USERS",
    "PUSH_PASSWORD_UPDATES",
    "PUSH_PENDING_USERS",
    "PUSH_PROFILE_UPDATES",
    "PUSH_USER_DEACTIVATION",
    "REACTIVATE_USERS",
];

pub(super) fn config(config: &Config, base: &str) -> Value {
    let Value::Object(features) = features(config) else {
        return Value::Null;
    };
    let mut shown = Map::from_iter([("schemas".to_owned(), json!([urn::V1_CORE]))]);
    shown.extend(features);
    shown.insert("xmlDataFormat".to_owned(), json!({"supported": false}));
    shown.insert(
        "authenticationSchemes".to_owned(),
        authentication_schemes(&config.auth),
    );
    if config.okta {
        shown["schemas"] = json!([urn::V1_CORE, urn::OKTA_CONFIG]);
        shown.insert(
            urn::OKTA_CONFIG.to_owned(),
            json!({"userManagementCapabilities": ON_PREMISES}),
        );
    }
    shown.insert(
        "meta".to_owned(),
        json!({"location": format!("{base}/ServiceProviderConfigs")}),
    );
    Value::Object(shown)
}

pub(super) fn schemas(dialect: &'static Dialect, base: &str) -> Vec<Value> {
    let shown = |kind: Kind| {
        let resource_type = dialect.resource_type(kind);
        let own = resource_type
            .attributes()
            .filter(|attribute| attribute.name != "schemas");
        let mut attributes: Vec<Value> = own.map(|own| attribute(own, urn::V1_CORE)).collect();
        for extension in &resource_type.extensions {
            attributes.extend(
                extension
                    .attributes
                    .iter()
                    .map(|own| attribute(own, &extension.id)),
            );
        }
        let id = format!("{}:{}", urn::V1_CORE, kind.name());
        json!({
            "schemas": [urn::V1_CORE],
            "id": id,
            "name": kind.name(),
            "description": resource_type.core.description,
            "schema": urn::V1_CORE,
            "endpoint": format!("/{}", kind.endpoint()),
            "attributes": attributes,
            "meta": {"location": format!("{base}/Schemas/{id}")},
        })
    };
    Kind::CORE.into_iter().map(shown).collect()
}

fn attribute(attribute: &Attribute, schema: &str) -> Value {
    let mut shown = characteristics(attribute);
    if attribute.multi_valued {
        shown["multiValuedAttributeChildName"] = child_name(&attribute.name).into();
    }
    shown["schema"] = schema.into();
    if !attribute.sub_attributes.is_empty() {
        shown["subAttributes"] = attribute
            .sub_attributes
            .iter()
            .map(characteristics)
            .collect();
    }
    shown
}

fn characteristics(attribute: &Attribute) -> Value {
    let mut shown = json!({
        "name": attribute.name,
        "type": type_name(attribute.kind),
        "multiValued": attribute.multi_valued,
        "description": attribute.description,
        "readOnly": attribute.mutability == Mutability::ReadOnly,
        "required": attribute.required,
        "caseExact": attribute.case_exact,
    });
    if !attribute.canonical_values.is_empty() {
        shown["canonicalValues"] = json!(attribute.canonical_values);
    }
    shown
}

/// SCIM 1.1 has no references, their URIs are strings.
fn type_name(kind: Type) -> &'static str {
    match kind {
        Type::String | Type::Reference => "string",
        Type::Boolean => "boolean",
        Type::Decimal => "decimal",
        Type::Integer => "integer",
        Type::DateTime => "dateTime",
        Type::Binary => "binary",
        Type::Complex => "complex",
    }
}

/// The singular: `emails` has children `email`, `addresses` has `address`.
fn child_name(name: &str) -> &str {
    name.strip_suffix("sses")
        .map_or_else(|| name.trim_end_matches('s'), |_| &name[..name.len() - 2])
}

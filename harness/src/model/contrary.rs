//! What a target's own schema says of standard attributes, and the standard says otherwise: their
//! type and how many values they have. Values are judged by the standard, whatever a schema says.

use serde_json::Value;

use super::{
    Attribute, Kind,
    attribute::find,
    standard::{self, Standard},
};
use crate::scenario::Version;

/// Attributes of several values of which the documents do not say that each has parts.
const PLAIN_OR_COMPLEX: [&str; 3] = ["entitlements", "roles", "x509Certificates"];

/// A standard attribute of which a published schema says something else.
#[derive(Debug, PartialEq)]
pub struct Contrary {
    /// Its path, such as `name.familyName`.
    pub path: String,
    /// Whether it is about the number of its values, and not about their type.
    pub plurality: bool,
    /// What the schema says, in the words of schemas.
    pub stated: String,
    /// What the standard says.
    pub standard: String,
}

/// All that a published schema says otherwise than the standard; nothing of a schema that is none of
/// the standard.
pub fn contrary(version: Version, schema: &Value) -> Vec<Contrary> {
    let mut found = Vec::new();
    let listed = schema.get("attributes").and_then(Value::as_array);
    for own in listed.into_iter().flatten() {
        let standards = standards_of(version, schema, own);
        if let Some(known) = standards.and_then(|known| named(&known.attributes, own)) {
            compare(version, own, known, "", &mut found);
        }
    }
    found
}

/// The standard schema that an attribute of a published schema is of. In SCIM 1.1 the schema of a
/// resource holds the attributes of its extensions, too, each with its own URN.
fn standards_of(version: Version, schema: &Value, own: &Value) -> Option<&'static Standard> {
    let text = |value: &Value, key: &str| value.get(key)?.as_str().map(str::to_owned);
    let mut all = standard::of(version).schema.iter();
    match version {
        Version::V2 => {
            let id = text(schema, "id")?;
            all.find(|known| known.id.eq_ignore_ascii_case(&id))
        }
        Version::V1 => {
            let name = text(schema, "name")?;
            let urn = text(own, "schema").or_else(|| text(schema, "schema"))?;
            all.find(|known| {
                let is_of = known.name == name || known.extends.as_ref() == Some(&name);
                is_of && known.id.eq_ignore_ascii_case(&urn)
            })
        }
    }
}

fn named<'a>(attributes: &'a [Attribute], own: &Value) -> Option<&'a Attribute> {
    find(attributes, own.get("name")?.as_str()?)
}

fn compare(
    version: Version,
    own: &Value,
    known: &Attribute,
    within: &str,
    found: &mut Vec<Contrary>,
) {
    let path = format!("{within}{}", known.name);
    let mut tell = |plurality, stated: &dyn ToString, standard: &dyn ToString| {
        found.push(Contrary {
            path: path.clone(),
            plurality,
            stated: stated.to_string(),
            standard: standard.to_string(),
        });
    };
    let stated = own.get("multiValued").and_then(Value::as_bool);
    if let Some(stated) = stated.filter(|stated| *stated != known.multi_valued) {
        tell(true, &stated, &known.multi_valued);
    }
    let stated = Kind::stated(own).filter(|stated| !is_shown_alike(version, known, *stated));
    if let Some(stated) = stated {
        tell(false, &stated.name(), &known.kind.name());
    }
    let parts = own.get("subAttributes").and_then(Value::as_array);
    for own in parts.into_iter().flatten() {
        if let Some(known) = named(&known.sub_attributes, own) {
            compare(version, own, known, &format!("{path}."), found);
        }
    }
}

/// Whether values of a standard attribute may as well be called by the type that a schema states.
fn is_shown_alike(version: Version, known: &Attribute, stated: Kind) -> bool {
    let is_text = |kind| matches!(kind, Kind::String | Kind::Binary | Kind::Reference);
    let is_plain = match version {
        // A plain value may stand for its `value` (core schema section 3.2).
        Version::V1 => known.multi_valued,
        Version::V2 => PLAIN_OR_COMPLEX.contains(&known.name.as_str()),
    };
    stated == known.kind
        || is_text(stated) && (is_text(known.kind) || known.kind == Kind::Complex && is_plain)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(version: Version, schema: &Value) -> Vec<String> {
        let told = contrary(version, schema).into_iter();
        told.map(|one| format!("{}: {}, not {}", one.path, one.stated, one.standard))
            .collect()
    }

    #[test]
    fn another_type_and_another_plurality_are_told() {
        let user = json!({"id": "urn:ietf:params:scim:schemas:core:2.0:User", "attributes": [
            {"name": "Active", "type": "string", "multiValued": false},
            {"name": "title", "type": "String", "multiValued": true},
            {"name": "emails", "type": "complex", "multiValued": true, "subAttributes": [
                {"name": "primary", "type": "integer"}, {"name": "value", "type": "dateTime"}]}]});
        assert_eq!(
            told(Version::V2, &user),
            [
                "active: string, not boolean",
                "title: true, not false",
                "emails.primary: integer, not boolean",
                "emails.value: dateTime, not string"
            ]
        );
    }

    #[test]
    fn what_looks_the_same_or_is_not_said_is_let_be() {
        let user = json!({"id": "urn:ietf:params:scim:schemas:core:2.0:User", "attributes": [
            {"name": "profileUrl", "type": "string"}, {"name": "userName", "type": "reference"},
            {"name": "roles", "type": "string", "multiValued": true}, {"name": "title", "type": "text"},
            {"name": "nickName"}, {"name": "badge", "type": "integer"}, {"type": "integer"}]});
        assert!(told(Version::V2, &user).is_empty());
        let own = json!({"id": "urn:example:Badge", "attributes": [{"name": "active", "type": "string"}]});
        assert!(told(Version::V2, &own).is_empty());
    }

    #[test]
    fn attributes_of_the_first_version_are_of_the_schema_that_each_names() {
        let core = "urn:scim:schemas:core:1.0";
        let user = json!({"name": "User", "schema": core, "attributes": [
            {"name": "emails", "type": "string", "multiValued": true, "schema": core},
            {"name": "department", "type": "integer", "schema": "urn:scim:schemas:extension:enterprise:1.0"},
            {"name": "displayName", "type": "integer", "schema": "urn:example:badge"}]});
        assert_eq!(
            told(Version::V1, &user),
            ["department: integer, not string"]
        );
    }
}

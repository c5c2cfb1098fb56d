//! Bodies that create a resource of a type: as small as its schemas allow, and marked as this run's.

use serde_json::{Map, Value, json};

use super::{
    Attribute, Kind, Model, ResourceType,
    sample::{Tag, sample},
};

/// A body under way.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Body(Map<String, Value>);

/// What resources of a run are known by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KnownBy {
    /// Name of the attribute.
    pub(super) name: String,
    /// Its value, with the tag of the run.
    pub(super) value: String,
}

impl Body {
    /// The body with an attribute in its place; `urn` is the extension that defines it.
    pub(super) fn with(mut self, urn: Option<&str>, name: &str, value: Value) -> Self {
        match urn {
            None => drop(self.0.insert(name.to_owned(), value)),
            Some(urn) => {
                if let Some(Value::Array(schemas)) = self.0.get_mut("schemas")
                    && !schemas.iter().any(|known| known == urn)
                {
                    schemas.push(Value::from(urn));
                }
                let extension = self.0.entry(urn).or_insert_with(|| json!({}));
                if let Value::Object(members) = extension {
                    members.insert(name.to_owned(), value);
                }
            }
        }
        self
    }

    /// The body with a sub-attribute in its place; of several values, in the first.
    pub(super) fn with_sub(
        self,
        urn: Option<&str>,
        attribute: &Attribute,
        sub: &str,
        value: Value,
        tag: Tag<'_>,
    ) -> Option<Self> {
        let whole = sample(attribute, tag)?.value;
        let mut whole = match self.value(urn, &attribute.name) {
            Some(there) if !attribute.multi_valued => there.clone(),
            _ => whole,
        };
        match &mut whole {
            Value::Object(members) => drop(members.insert(sub.to_owned(), value)),
            Value::Array(items) => {
                if let Some(Value::Object(members)) = items.first_mut() {
                    members.insert(sub.to_owned(), value);
                }
            }
            _ => return None,
        }
        Some(self.with(urn, &attribute.name, whole))
    }

    fn value(&self, urn: Option<&str>, name: &str) -> Option<&Value> {
        match urn {
            Some(urn) => self.0.get(urn)?.get(name),
            None => self.0.get(name),
        }
    }

    /// As JSON.
    pub(super) fn json(&self) -> Value {
        Value::Object(self.0.clone())
    }
}

/// The smallest body, and what the resource is known by; `None` where a required attribute has no
/// value that could be made.
pub(super) fn smallest(model: &Model, own: &ResourceType, tag: Tag<'_>) -> Option<(Body, KnownBy)> {
    let known_by = known_by(model, own, tag)?;
    let mut body = Body(Map::from_iter([(
        "schemas".to_owned(),
        json!([own.core.urn]),
    )]));
    if own.name == "User" {
        body = usual_user(model, own, body, tag);
    }
    for attribute in required(&own.core.attributes) {
        if body.0.contains_key(&attribute.name) {
            continue;
        }
        body = body.with(None, &attribute.name, sample(attribute, tag)?.value);
    }
    for urn in &own.required {
        let schema = own.extension(urn)?;
        let mut needed = required(&schema.attributes).peekable();
        let spare = needed.peek().is_none();
        let spare = spare.then(|| schema.attributes.iter().find(|one| one.is_writable()));
        for attribute in needed.chain(spare.flatten()) {
            body = body.with(
                Some(&schema.urn),
                &attribute.name,
                sample(attribute, tag)?.value,
            );
        }
    }
    body = body.with(None, &known_by.name, Value::from(known_by.value.as_str()));
    Some((body, known_by))
}

fn required(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes
        .iter()
        .filter(|attribute| attribute.required && attribute.is_writable())
}

/// What every real service asks of a user, as far as it publishes it.
fn usual_user(model: &Model, own: &ResourceType, body: Body, tag: Tag<'_>) -> Body {
    let address = format!("{}@{}", tag.text, tag.domain);
    let usual = [
        ("userName", json!(address)),
        ("name", json!({"givenName": "Test", "familyName": "User"})),
        ("displayName", json!("Test User")),
        (
            "emails",
            json!([{"value": address, "type": "work", "primary": true}]),
        ),
        ("active", json!(true)),
    ];
    let is_published = |name: &str| {
        let attribute = model.attribute(own, name);
        attribute.is_some_and(|one| one.published || model.published.is_none())
    };
    usual
        .into_iter()
        .filter(|(name, _)| is_published(name))
        .fold(body, |body, (name, value)| body.with(None, name, value))
}

/// Users are known by their userName, other resources by a name, or else by the first text that can
/// be written.
fn known_by(model: &Model, own: &ResourceType, tag: Tag<'_>) -> Option<KnownBy> {
    let fits = |attribute: &&Attribute| {
        attribute.kind == Kind::String
            && !attribute.multi_valued
            && attribute.is_writable()
            && !attribute.is_hidden()
            && attribute.canonical_values.is_empty()
    };
    let core = || own.core.attributes.iter().filter(fits);
    let named = ["userName", "displayName", "name"]
        .into_iter()
        .filter(|name| *name != "userName" || own.name == "User")
        .find_map(|name| core().find(|attribute| attribute.name == name));
    let found = named
        .or_else(|| core().find(|attribute| attribute.required))
        .or_else(|| core().next())
        .or_else(|| model.attribute(own, "externalId"))?;
    let value = match found.name.as_str() {
        "userName" => format!("{}@{}", tag.text, tag.domain),
        _ => tag.text.to_owned(),
    };
    Some(KnownBy {
        name: found.name.clone(),
        value,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{capability::Discovery, scenario::Version};

    const TAG: Tag<'static> = Tag {
        text: "tag",
        domain: "example.com",
    };

    fn device(attributes: Value, extensions: Value, schemas: Value) -> Option<(Value, KnownBy)> {
        let types = json!({"Resources": [{"name": "Device", "endpoint": "/Devices", "schema": "urn:x:Device", "schemaExtensions": extensions}]});
        let mut published = vec![json!({"id": "urn:x:Device", "attributes": attributes})];
        published.extend(schemas.as_array().unwrap().iter().cloned());
        let discovery = Discovery::new(None, Some(types), Some(json!({"Resources": published})));
        let model = Model::new(Version::V2, &discovery);
        let own = model.at("/Devices").unwrap();
        let (body, known_by) = smallest(&model, own, TAG)?;
        Some((body.json(), known_by))
    }

    #[test]
    fn a_user_has_what_real_services_ask_for() {
        let model = Model::standard(Version::V2);
        let (body, known_by) = smallest(&model, model.at("/Users").unwrap(), TAG).unwrap();
        assert_eq!(
            body.json(),
            json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "tag@example.com",
                "name": {"givenName": "Test", "familyName": "User"}, "displayName": "Test User",
                "emails": [{"value": "tag@example.com", "type": "work", "primary": true}], "active": true})
        );
        assert_eq!(known_by.name, "userName");
    }

    #[test]
    fn other_types_have_what_is_required_and_the_tag() {
        let (body, known_by) = device(
            json!([{"name": "ports", "type": "integer", "required": true}, {"name": "state", "required": true, "mutability": "readOnly"},
                {"name": "label", "required": true}, {"name": "colour"}]),
            json!([{"schema": "urn:x:tracking", "required": true}, {"schema": "urn:x:more", "required": false}]),
            json!([{"id": "urn:x:tracking", "attributes": [{"name": "site"}]}]),
        )
        .unwrap();
        assert_eq!(
            body,
            json!({"schemas": ["urn:x:Device", "urn:x:tracking"], "ports": 7, "label": "tag", "urn:x:tracking": {"site": "siteOne"}})
        );
        assert_eq!(known_by.name, "label");
    }

    #[test]
    fn a_type_that_cannot_be_created_has_no_body() {
        let owner = json!([{"name": "owner", "type": "reference", "referenceTypes": ["User"], "required": true}]);
        assert!(device(owner, json!([]), json!([])).is_none());
    }
}

//! What a client sent, brought into the stored form: canonical names, checked types.
//!
//! Read-only and unknown attributes are dropped without a word (RFC 7644 section 3.3), null and
//! empty lists mean no value (RFC 7643 section 2.5).

use base64::Engine;
use serde_json::{Map, Value};

use crate::config::{Config, Version};
use crate::error::{Error, Result, ScimType};
use crate::multi;
use crate::schema::{Attribute, Mutability, Place, ResourceType, Schema, Type};
use crate::store::Data;
use crate::switch::Switch;
use crate::variants;

/// Reads values of a resource type.
#[derive(Clone, Copy)]
pub(crate) struct Intake<'c> {
    pub(crate) resource_type: &'static ResourceType,
    pub(crate) config: &'c Config,
}

impl Intake<'_> {
    /// A whole resource as sent in POST and PUT.
    pub(crate) fn resource(&self, body: &Data) -> Result<Data> {
        let mut data = Map::new();
        for (name, value) in body {
            match self.resource_type.resolve(name) {
                Some(Place::Extension(schema)) => {
                    if let Some(extension) = self.extension(schema, value)? {
                        data.insert(schema.id.clone(), extension);
                    }
                }
                Some(Place::Attribute {
                    extension: None,
                    attribute,
                    sub: None,
                }) => {
                    if let Some(value) = self.attribute(attribute, value)? {
                        data.insert(attribute.name.clone(), value);
                    }
                }
                _ => {}
            }
        }
        Ok(data)
    }

    /// The attributes of an extension; none where nothing is left.
    pub(crate) fn extension(
        &self,
        schema: &'static Schema,
        value: &Value,
    ) -> Result<Option<Value>> {
        match value {
            Value::Null => Ok(None),
            Value::Object(members) => self.members(&schema.attributes, members),
            _ => Err(wrong(&schema.id, "an object")),
        }
    }

    /// The value of an attribute; none where it has no value or cannot be written.
    pub(crate) fn attribute(
        &self,
        attribute: &'static Attribute,
        value: &Value,
    ) -> Result<Option<Value>> {
        if attribute.mutability == Mutability::ReadOnly || attribute.name == "schemas" {
            return Ok(None);
        }
        if !attribute.multi_valued {
            return self.single(attribute, value);
        }
        let mut values = Vec::new();
        for value in multi::each(value) {
            if let Some(value) = self.single(attribute, value)? {
                match self.config.has(Switch::RepeatedValuesKept) {
                    true => values.push(value),
                    false => multi::merge(attribute, &mut values, value),
                }
            }
        }
        multi::settle_primary(self.config, attribute, &[], &mut values)?;
        Ok((!values.is_empty()).then_some(Value::Array(values)))
    }

    /// One value of an attribute.
    pub(crate) fn single(
        &self,
        attribute: &'static Attribute,
        value: &Value,
    ) -> Result<Option<Value>> {
        match (attribute.kind, value) {
            (_, Value::Null) => Ok(None),
            (Type::Complex, Value::Object(members)) => {
                self.members(&attribute.sub_attributes, members)
            }
            // SCIM 1.1 section 3.2 of the core schema: a plain value stands for its `value`.
            (Type::Complex, Value::String(_)) if self.config.version == Version::V1 => {
                match attribute.sub("value") {
                    Some(_) => Ok(Some(serde_json::json!({"value": value}))),
                    None => Err(wrong(&attribute.name, "an object")),
                }
            }
            (Type::Complex, _) => Err(wrong(&attribute.name, "an object")),
            _ => self.simple(attribute, value).map(Some),
        }
    }

    fn members(&self, attributes: &'static [Attribute], members: &Data) -> Result<Option<Value>> {
        let mut read = Map::new();
        for (name, value) in members {
            let Some(attribute) = crate::schema::find(attributes, name) else {
                continue;
            };
            if let Some(value) = self.attribute(attribute, value)? {
                read.insert(attribute.name.clone(), value);
            }
        }
        Ok((!read.is_empty()).then_some(Value::Object(read)))
    }

    fn simple(&self, attribute: &Attribute, value: &Value) -> Result<Value> {
        let name = &attribute.name;
        variants::check_canonical(self.config, attribute, value)?;
        match attribute.kind {
            Type::Boolean => self.boolean(name, value),
            Type::Integer if value.is_i64() || value.is_u64() => Ok(value.clone()),
            Type::Integer => Err(wrong(name, "an integer")),
            Type::Decimal if value.is_number() => Ok(value.clone()),
            Type::Decimal => Err(wrong(name, "a number")),
            Type::DateTime if is_instant(value) => Ok(value.clone()),
            Type::DateTime => Err(wrong(name, "a dateTime")),
            Type::Binary if is_base64(value) => Ok(value.clone()),
            Type::Binary => Err(wrong(name, "a base64 string")),
            _ if value.is_string() => Ok(value.clone()),
            _ => Err(wrong(name, "a string")),
        }
    }

    /// Entra sends booleans as the strings "True" and "False".
    fn boolean(&self, name: &str, value: &Value) -> Result<Value> {
        match value {
            Value::Bool(_) => Ok(value.clone()),
            Value::String(_) if self.config.has(Switch::StringBooleansRefused) => {
                Err(wrong(name, "a boolean"))
            }
            Value::String(text) if self.config.has(Switch::StringFalseReadAsTrue) => {
                Ok(Value::Bool(!text.is_empty()))
            }
            Value::String(text) if text.eq_ignore_ascii_case("true") => Ok(Value::Bool(true)),
            Value::String(text) if text.eq_ignore_ascii_case("false") => Ok(Value::Bool(false)),
            _ => Err(wrong(name, "a boolean")),
        }
    }
}

/// Refuses a resource without a value for a required attribute (RFC 7643 section 2.2).
pub(crate) fn check_required(resource_type: &'static ResourceType, data: &Data) -> Result<()> {
    let blank = |attribute: &&Attribute| match data.get(&attribute.name) {
        Some(Value::String(text)) => text.trim().is_empty(),
        Some(_) => false,
        None => true,
    };
    match resource_type
        .core
        .attributes
        .iter()
        .filter(|attribute| attribute.required)
        .find(blank)
    {
        Some(missing) => Err(Error::bad(
            ScimType::InvalidValue,
            format!("{} is required", missing.name),
        )),
        None => Ok(()),
    }
}

fn wrong(name: &str, expected: &str) -> Error {
    Error::bad(ScimType::InvalidValue, format!("{name} must be {expected}"))
}

fn is_instant(value: &Value) -> bool {
    value
        .as_str()
        .is_some_and(|text| text.parse::<jiff::Timestamp>().is_ok())
}

fn is_base64(value: &Value) -> bool {
    let Some(text) = value.as_str() else {
        return false;
    };
    let text: String = text.split_whitespace().collect();
    base64::engine::general_purpose::STANDARD
        .decode(text)
        .is_ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::{Dialect, Kind};

    fn read(body: Value) -> Result<Value> {
        let config = Config::default();
        let resource_type = Dialect::of(config.version).resource_type(Kind::User);
        let intake = Intake {
            resource_type,
            config: &config,
        };
        intake
            .resource(body.as_object().unwrap())
            .map(Value::Object)
    }

    #[test]
    fn names_become_canonical_and_unknown_ones_go() {
        let read = read(json!({
            "USERNAME": "a", "noSuch": 1, "urn:x:y": {"a": 1}, "id": "1", "meta": {}, "groups": [],
            "name": {"FAMILYNAME": "b", "x": 1}, "emails": [], "title": null, "nickName": "",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user": {"Department": "c"},
        }));
        let expected = json!({
            "userName": "a", "name": {"familyName": "b"}, "nickName": "",
            crate::schema::urn::ENTERPRISE: {"department": "c"},
        });
        assert_eq!(read, Ok(expected));
    }

    #[test]
    fn types_are_checked() {
        for body in [
            json!({"userName": 1}),
            json!({"active": "yes"}),
            json!({"name": "x"}),
            json!({"emails": "x"}),
            json!({"emails": ["x"]}),
            json!({"nickName": ["x"]}),
            json!({"x509Certificates": [{"value": "*"}]}),
            json!({"emails": [{"value": "a", "primary": true}, {"value": "b", "primary": true}]}),
        ] {
            let error = read(body.clone()).unwrap_err();
            assert_eq!(error.scim_type, Some(ScimType::InvalidValue), "{body}");
        }
    }

    #[test]
    fn booleans_may_be_strings() {
        assert_eq!(
            read(json!({"active": "False"})),
            Ok(json!({"active": false}))
        );
        let roles = json!({"roles": [{"value": "a", "primary": "True"}]});
        assert_eq!(
            read(roles),
            Ok(json!({"roles": [{"value": "a", "primary": true}]}))
        );
    }

    #[test]
    fn repeated_values_are_stored_once() {
        let emails = json!({"emails": [{"value": "a", "type": "work"}, {"value": "a", "type": "work", "primary": true}]});
        let once = json!({"emails": [{"value": "a", "type": "work", "primary": true}]});
        assert_eq!(read(emails), Ok(once));
    }
}

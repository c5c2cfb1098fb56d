//! From a resource type to a JSON Schema. The only place that knows the `jsonschema` crate.

use jsonschema::{ValidationError, Validator, error::ValidationErrorKind};
use serde_json::{Map, Value, json};

use crate::{
    check::format::{has_zone, is_base64, is_date_time, is_uri_reference},
    model::{Attribute, Kind, Model, ResourceType, Returned},
};

/// Custom keyword that looks at how a number is written, which `"type": "integer"` does not.
const WHOLE: &str = "scim-whole-number";

/// Something at a place that the JSON Schema does not allow.
pub(super) struct Objection {
    /// JSON pointer to the value; for a missing member to where it is missing.
    pub(super) pointer: String,
    /// Name of the member that is missing, if that is it.
    pub(super) missing: Option<String>,
}

/// A compiled resource type.
#[derive(Debug)]
pub(super) struct Compiled(Option<Validator>);

impl Compiled {
    /// Compiles a resource type; what cannot be compiled objects to nothing.
    pub(super) fn new(model: &Model, own: &ResourceType) -> Self {
        let schema = schema(model, own);
        let options = jsonschema::draft202012::options()
            .offline()
            .should_validate_formats(true)
            .with_format(Kind::DateTime.name(), |text: &str| {
                is_date_time(text) && has_zone(text)
            })
            .with_format(Kind::Binary.name(), is_base64)
            .with_format(Kind::Reference.name(), is_uri_reference)
            .with_keyword(WHOLE, |_, _, _| Ok(Box::new(WholeNumber)));
        Self(options.build(&schema).ok())
    }

    /// Everything that is not as it should be.
    pub(super) fn objections(&self, resource: &Value) -> Vec<Objection> {
        let errors = self
            .0
            .iter()
            .flat_map(|schema| schema.iter_errors(resource));
        errors
            .map(|error| Objection {
                pointer: error.instance_path().as_str().to_owned(),
                missing: match error.kind() {
                    ValidationErrorKind::Required { property } => {
                        property.as_str().map(str::to_owned)
                    }
                    _ => None,
                },
            })
            .collect()
    }
}

struct WholeNumber;

impl<'i> jsonschema::Keyword<'i> for WholeNumber {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        match jsonschema::Keyword::is_valid(self, instance) {
            true => Ok(()),
            false => Err(ValidationError::custom("no whole number")),
        }
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        instance.is_i64() || instance.is_u64()
    }
}

fn schema(model: &Model, own: &ResourceType) -> Value {
    // What these two have to be is judged with every resource, of whatever type.
    let attributes = model
        .attributes(own)
        .filter(|attribute| !["id", "schemas"].contains(&attribute.name.as_str()));
    let mut whole = object(attributes);
    let extensions = own.extensions.iter();
    if let Some(properties) = whole.get_mut("properties").and_then(Value::as_object_mut) {
        properties.extend(
            extensions.map(|schema| (schema.urn.clone(), object(schema.attributes.iter()))),
        );
    }
    whole
}

fn object<'a>(attributes: impl Iterator<Item = &'a Attribute>) -> Value {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for attribute in attributes {
        properties.insert(attribute.name.clone(), value(attribute));
        if is_always_there(attribute) {
            required.push(attribute.name.as_str());
        }
    }
    json!({"type": "object", "properties": properties, "required": required})
}

/// Whether a whole representation has to have it. What the members of `meta` are is judged by
/// rules of their own.
fn is_always_there(attribute: &Attribute) -> bool {
    attribute.required
        && attribute.published
        && !attribute.is_hidden()
        && attribute.returned != Returned::Request
}

fn value(attribute: &Attribute) -> Value {
    let one = match attribute.kind {
        Kind::String => json!({"type": "string"}),
        Kind::Boolean => json!({"type": "boolean"}),
        Kind::Decimal => json!({"type": "number"}),
        Kind::Integer => json!({WHOLE: true}),
        kind @ (Kind::DateTime | Kind::Binary | Kind::Reference) => {
            json!({"type": "string", "format": kind.name()})
        }
        Kind::Complex => object(attribute.sub_attributes.iter()),
        Kind::Unknown => json!({}),
    };
    match attribute.multi_valued {
        true => json!({"type": "array", "items": one}),
        // A single value of unknown type may be anything, a list included.
        false => one,
    }
}

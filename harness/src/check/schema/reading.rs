//! A resource as its schemas are compared with it: names as the schemas write them, since they are
//! compared without case (A66), and without `null`, which means no value.

use serde_json::{Map, Value};

use crate::{
    check::is_assigned,
    model::{Attribute, Kind, Model, ResourceType, attribute::find},
    scenario::Version,
};

/// What a resource showed while it was read.
#[derive(Debug, Default)]
pub struct Seen {
    /// Types of the simple values that are there.
    pub kinds: Vec<Kind>,
    /// Whether an attribute of several values is there.
    pub several: bool,
    /// Whether an extension is there.
    pub extension: bool,
    /// JSON pointers to what no schema of the type defines.
    pub unknown: Vec<String>,
    /// JSON pointer to an attribute of an extension that stands among those of the core.
    pub flattened: Option<String>,
}

impl Seen {
    fn kind(&mut self, kind: Kind) {
        if !self.kinds.contains(&kind) {
            self.kinds.push(kind);
        }
    }

    /// Takes in what another resource showed.
    pub fn add(&mut self, other: Self) {
        other.kinds.into_iter().for_each(|kind| self.kind(kind));
        self.several |= other.several;
        self.extension |= other.extension;
        self.unknown.extend(other.unknown);
        self.flattened = self.flattened.take().or(other.flattened);
    }
}

/// Reads a resource of a type.
pub(super) fn read(model: &Model, own: &ResourceType, resource: &Value) -> (Value, Seen) {
    let mut reading = Reading {
        version: model.version,
        seen: Seen::default(),
    };
    let mut read = Map::new();
    for (name, value) in resource.as_object().into_iter().flatten() {
        if value.is_null() {
            continue;
        }
        let pointer = format!("/{}", super::escaped(name));
        if let Some(schema) = own.extension(name) {
            let value = match value {
                Value::Object(_) => {
                    reading.seen.extension = true;
                    let attributes = schema.known.then_some(schema.attributes.as_slice());
                    reading.members(attributes, value, &pointer)
                }
                other => other.clone(),
            };
            read.insert(schema.urn.clone(), value);
        } else if let Some(attribute) = model.attribute(own, name) {
            let value = reading.value(attribute, value, &pointer);
            read.insert(attribute.name.clone(), value);
        } else {
            if own.core.known && is_assigned(value) {
                reading.unknown(own, resource, name, pointer);
            }
            read.insert(name.clone(), value.clone());
        }
    }
    (Value::Object(read), reading.seen)
}

struct Reading {
    version: Version,
    seen: Seen,
}

impl Reading {
    /// A name that is no attribute of the core: one of an extension, unless it stands there too.
    fn unknown(&mut self, own: &ResourceType, resource: &Value, name: &str, pointer: String) {
        let schema = own
            .extensions
            .iter()
            .find(|schema| find(&schema.attributes, name).is_some());
        let stands_there = |urn: &str| {
            let members = resource.as_object().into_iter().flatten();
            let mut containers = members.filter(|(key, _)| key.eq_ignore_ascii_case(urn));
            containers.any(|(_, container)| {
                let members = container.as_object().into_iter().flatten();
                let mut names = members.map(|(name, _)| name);
                names.any(|found| found.eq_ignore_ascii_case(name))
            })
        };
        match schema {
            Some(schema) if !stands_there(&schema.urn) => {
                self.seen.flattened.get_or_insert(pointer);
            }
            _ => self.seen.unknown.push(pointer),
        }
    }

    fn value(&mut self, attribute: &Attribute, value: &Value, pointer: &str) -> Value {
        self.seen.several |= attribute.multi_valued;
        match value {
            Value::Array(items) if attribute.multi_valued => {
                let items = items.iter().enumerate();
                Value::Array(
                    items
                        .map(|(index, item)| {
                            self.single(attribute, item, &format!("{pointer}/{index}"))
                        })
                        .collect(),
                )
            }
            other => self.single(attribute, other, pointer),
        }
    }

    fn single(&mut self, attribute: &Attribute, value: &Value, pointer: &str) -> Value {
        self.seen.kind(attribute.kind);
        match (attribute.kind, value) {
            (Kind::Complex, Value::Object(_)) => {
                let subs = &attribute.sub_attributes;
                let known = (!subs.is_empty()).then_some(subs.as_slice());
                self.members(known, value, pointer)
            }
            // In SCIM 1.1 a plain value may stand for its `value` (core schema section 3.2).
            (Kind::Complex, Value::String(_) | Value::Number(_) | Value::Bool(_))
                if self.version == Version::V1 && attribute.multi_valued =>
            {
                Value::Object(Map::from_iter([("value".to_owned(), value.clone())]))
            }
            _ => value.clone(),
        }
    }

    /// The members of an object; without attributes nothing is known of them.
    fn members(
        &mut self,
        attributes: Option<&[Attribute]>,
        object: &Value,
        pointer: &str,
    ) -> Value {
        let mut read = Map::new();
        for (name, value) in object.as_object().into_iter().flatten() {
            if value.is_null() {
                continue;
            }
            let here = format!("{pointer}/{}", super::escaped(name));
            match attributes.map(|attributes| find(attributes, name)) {
                Some(Some(attribute)) => {
                    let value = self.value(attribute, value, &here);
                    read.insert(attribute.name.clone(), value);
                }
                Some(None) => {
                    if is_assigned(value) {
                        self.seen.unknown.push(here);
                    }
                }
                None => drop(read.insert(name.clone(), value.clone())),
            }
        }
        Value::Object(read)
    }
}

//! Whether a resource is as the schemas of its type say: types, plurality, formats, required
//! attributes. The schemas are compiled once a run.

mod compile;
mod reading;

use std::sync::{Arc, LazyLock};

use serde_json::Value;

use crate::{
    model::{Attribute, Model, ResourceType},
    scenario::Version,
};

use compile::Compiled;
pub use reading::Seen;

/// The resource types of a target, compiled.
#[derive(Debug)]
pub struct Schemas {
    /// What the target's resources are made of.
    pub model: Model,
    compiled: Vec<Compiled>,
    /// A type of which nothing is known but what all resources have.
    any: ResourceType,
    compiled_any: Compiled,
}

/// Something that is not as a schema says.
#[derive(Debug)]
pub struct Flaw<'a> {
    /// JSON pointer to the value, or to where it is missing.
    pub pointer: String,
    /// The attribute, where the pointer leads to one.
    pub attribute: Option<Named<'a>>,
    /// What is there.
    pub value: Option<Value>,
    /// What is wrong with it.
    pub kind: FlawKind,
}

/// What is wrong with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlawKind {
    /// It is of another type than the attribute.
    Type,
    /// It is no list though the attribute has several values, or a list though it has one.
    Plurality,
    /// It is missing though the attribute is required.
    Missing,
    /// An extension's attributes are not in an object.
    Container,
}

/// An attribute with its full name.
#[derive(Clone, Debug)]
pub struct Named<'a> {
    /// Path, such as `name.familyName`.
    pub path: String,
    /// URN of the schema that defines it; none for common attributes.
    pub urn: Option<&'a str>,
    /// Its characteristics.
    pub attribute: &'a Attribute,
}

impl std::fmt::Display for Named<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.urn {
            Some(urn) => write!(formatter, "{} of {urn}", self.path),
            None => formatter.write_str(&self.path),
        }
    }
}

impl Schemas {
    /// Compiles what a target's resources are made of.
    pub fn new(model: Model) -> Self {
        let any = ResourceType::default();
        Self {
            compiled: model
                .types
                .iter()
                .map(|own| Compiled::new(&model, own))
                .collect(),
            compiled_any: Compiled::new(&model, &any),
            any,
            model,
        }
    }

    /// The standard alone, compiled once.
    pub fn standard(version: Version) -> Arc<Self> {
        static V1: LazyLock<Arc<Schemas>> =
            LazyLock::new(|| Arc::new(Schemas::new(Model::standard(Version::V1))));
        static V2: LazyLock<Arc<Schemas>> =
            LazyLock::new(|| Arc::new(Schemas::new(Model::standard(Version::V2))));
        Arc::clone(match version {
            Version::V1 => &V1,
            Version::V2 => &V2,
        })
    }

    /// The type of a resource, by where it was found or else by what it says of itself; the type of
    /// which nothing is known if neither tells.
    pub fn type_of(&self, path: &str, resource: &Value) -> &ResourceType {
        let model = &self.model;
        let own = model.at(path).or_else(|| model.of(resource));
        own.unwrap_or(&self.any)
    }

    /// What is wrong with a resource of a type, and what was looked at.
    pub fn look<'a>(&'a self, own: &'a ResourceType, resource: &Value) -> (Vec<Flaw<'a>>, Seen) {
        let (read, seen) = reading::read(&self.model, own, resource);
        let flaws = self.compiled(own).objections(&read).into_iter();
        let flaws = flaws.map(|objection| self.flaw(own, &read, objection));
        (flaws.collect(), seen)
    }

    fn compiled(&self, own: &ResourceType) -> &Compiled {
        let types = self.model.types.iter().zip(&self.compiled);
        let mut found = types.filter(|(one, _)| std::ptr::eq(*one, own));
        found
            .next()
            .map_or(&self.compiled_any, |(_, compiled)| compiled)
    }

    fn flaw<'a>(
        &'a self,
        own: &'a ResourceType,
        read: &Value,
        objection: compile::Objection,
    ) -> Flaw<'a> {
        if let Some(name) = objection.missing {
            let pointer = format!("{}/{}", objection.pointer, escaped(&name));
            return Flaw {
                attribute: self.named(own, &pointer).map(|(named, _)| named),
                pointer,
                value: None,
                kind: FlawKind::Missing,
            };
        }
        let value = read.pointer(&objection.pointer).cloned();
        let found = self.named(own, &objection.pointer);
        let kind = match (&found, &value) {
            (None, _) => FlawKind::Container,
            (Some((named, false)), Some(value))
                if named.attribute.multi_valued != value.is_array() =>
            {
                FlawKind::Plurality
            }
            _ => FlawKind::Type,
        };
        Flaw {
            pointer: objection.pointer,
            attribute: found.map(|(named, _)| named),
            value,
            kind,
        }
    }

    /// The attribute to which a pointer into a read resource leads, and whether to one of its
    /// several values.
    fn named<'a>(&'a self, own: &'a ResourceType, pointer: &str) -> Option<(Named<'a>, bool)> {
        let mut segments = pointer.split('/').skip(1).map(unescaped).peekable();
        let first = segments.next()?;
        let (urn, attribute) = match own.extension(&first) {
            Some(schema) => {
                let name = segments.next()?;
                (
                    Some(schema.urn.as_str()),
                    crate::model::attribute::find(&schema.attributes, &name)?,
                )
            }
            None => {
                let common = crate::model::attribute::find(&self.model.common, &first);
                let urn = common.is_none().then_some(own.core.urn.as_str());
                (urn, self.model.attribute(own, &first)?)
            }
        };
        let mut named = Named {
            path: attribute.name.clone(),
            urn,
            attribute,
        };
        let mut one_of_many = false;
        for segment in segments {
            match named.attribute.sub(&segment) {
                Some(sub) => {
                    named.path = format!("{}.{}", named.path, sub.name);
                    named.attribute = sub;
                    one_of_many = false;
                }
                None => one_of_many = true,
            }
        }
        Some((named, one_of_many))
    }
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn unescaped(segment: &str) -> String {
    segment.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests;

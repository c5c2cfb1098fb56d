//! Which attributes an answer holds (RFC 7644 section 3.9, SCIM 1.1 API section 3.7).

use serde_json::{Map, Value};

use crate::config::{Config, Version};
use crate::schema::{Attribute, Place, ResourceType, Returned, Schema};
use crate::store::Data;
use crate::switch::Switch;
use crate::variants;

/// The names in `attributes` and `excludedAttributes`; the first wins over the second.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Projection {
    pub(crate) attributes: Vec<String>,
    pub(crate) excluded: Vec<String>,
    /// Attributes that are returned on request, and that are asked for besides the others.
    pub(crate) requested: Vec<String>,
}

impl Projection {
    /// Leaves of a whole resource what is to be returned.
    pub(crate) fn apply(
        &self,
        config: &Config,
        resource_type: &'static ResourceType,
        full: Data,
    ) -> Data {
        let resolve = |names: &[String]| {
            names
                .iter()
                .filter_map(|name| resource_type.resolve(name))
                .collect::<Vec<_>>()
        };
        let chosen = Chosen {
            config,
            only: (!self.attributes.is_empty()).then(|| resolve(&self.attributes)),
            except: resolve(&self.excluded),
            requested: &self.requested,
        };
        full.into_iter()
            .filter_map(|(name, value)| {
                let value = match resource_type.extension(&name) {
                    Some(schema) => chosen.extension(schema, value),
                    None => chosen.attribute(None, resource_type.attribute(&name)?, value),
                };
                value.map(|value| (name, value))
            })
            .collect()
    }
}

struct Chosen<'c> {
    config: &'c Config,
    only: Option<Vec<Place>>,
    except: Vec<Place>,
    requested: &'c [String],
}

/// How a name in a projection hits an attribute.
#[derive(PartialEq)]
enum Hit {
    Whole,
    Subs(Vec<&'static str>),
    None,
}

impl Chosen<'_> {
    fn extension(&self, schema: &'static Schema, value: Value) -> Option<Value> {
        let Value::Object(members) = value else {
            return None;
        };
        let members: Map<String, Value> = members
            .into_iter()
            .filter_map(|(name, value)| {
                let attribute = crate::schema::find(&schema.attributes, &name)?;
                self.attribute(Some(schema), attribute, value)
                    .map(|value| (name, value))
            })
            .collect();
        (!members.is_empty()).then_some(Value::Object(members))
    }

    fn attribute(
        &self,
        extension: Option<&'static Schema>,
        attribute: &'static Attribute,
        value: Value,
    ) -> Option<Value> {
        match attribute.returned {
            Returned::Never if !self.config.has(Switch::PasswordReturned) => return None,
            Returned::Always => return Some(value),
            _ => {}
        }
        if self.config.version == Version::V1 && attribute.name == "meta" {
            return Some(value);
        }
        if let Some(only) = &self.only {
            return match hit(only, extension, attribute) {
                Hit::Whole => Some(value),
                Hit::Subs(subs) => thin(value, &|name| subs.contains(&name)),
                Hit::None => None,
            };
        }
        if attribute.name == "members" && self.config.has(Switch::ExcludedMembersReturned) {
            return Some(value);
        }
        match hit(&self.except, extension, attribute) {
            Hit::Whole => None,
            Hit::Subs(subs) => thin(value, &|name| !subs.contains(&name)),
            Hit::None => {
                let is_asked_for = self.requested.contains(&attribute.name);
                let waits = attribute.returned == Returned::Request
                    || variants::waits(self.config, attribute);
                (!waits || is_asked_for).then_some(value)
            }
        }
    }
}

fn hit(places: &[Place], owner: Option<&Schema>, own: &Attribute) -> Hit {
    let mut subs = Vec::new();
    for place in places {
        match place {
            Place::Extension(schema) if owner.is_some_and(|owner| std::ptr::eq(*schema, owner)) => {
                return Hit::Whole;
            }
            Place::Attribute { attribute, sub, .. } if std::ptr::eq(*attribute, own) => match sub {
                Some(sub) => subs.push(sub.name.as_str()),
                None => return Hit::Whole,
            },
            _ => {}
        }
    }
    if subs.is_empty() {
        Hit::None
    } else {
        Hit::Subs(subs)
    }
}

/// Keeps sub-attributes by name; values of which nothing is left go.
fn thin(value: Value, keep: &dyn Fn(&str) -> bool) -> Option<Value> {
    match value {
        Value::Array(values) => {
            let values: Vec<Value> = values
                .into_iter()
                .filter_map(|value| thin(value, keep))
                .collect();
            (!values.is_empty()).then_some(Value::Array(values))
        }
        Value::Object(members) => {
            let members: Map<String, Value> =
                members.into_iter().filter(|(name, _)| keep(name)).collect();
            (!members.is_empty()).then_some(Value::Object(members))
        }
        simple => Some(simple),
    }
}

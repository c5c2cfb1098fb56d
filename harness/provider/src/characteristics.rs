//! What the characteristics of attributes demand of a whole resource: that immutable values stay and
//! unique ones are not repeated (RFC 7643 section 7).

use serde_json::{Map, Value};

use crate::config::Config;
use crate::error::{Error, Result, ScimType};
use crate::exchange::member;
use crate::multi;
use crate::schema::{Attribute, Mutability, ResourceType, Returned, Uniqueness, find};
use crate::store::{Data, Resource, Store};
use crate::switch::Switch;

/// A PUT that leaves an immutable attribute out does not take its value away.
pub(crate) fn keep_immutable(resource_type: &'static ResourceType, old: &Data, new: &mut Data) {
    for (extension, attribute) in attributes(resource_type) {
        let Some(value) = value(old, extension, &attribute.name) else {
            continue;
        };
        match attribute.mutability {
            Mutability::Immutable => keep(new, extension, &attribute.name, value.clone()),
            _ if attribute.multi_valued => {}
            _ => {
                let immutable = |sub: &&Attribute| sub.mutability == Mutability::Immutable;
                for sub in attribute.sub_attributes.iter().filter(immutable) {
                    let Some(value) = value.get(&sub.name) else {
                        continue;
                    };
                    let there = self::value(new, extension, &attribute.name);
                    if there.is_none() {
                        keep(new, extension, &attribute.name, Value::Object(Map::new()));
                    }
                    if let Some(Value::Object(members)) = value_mut(new, extension, &attribute.name)
                    {
                        members
                            .entry(sub.name.clone())
                            .or_insert_with(|| value.clone());
                    }
                }
            }
        }
    }
}

/// Refuses another value of an immutable attribute that has one.
pub(crate) fn check_immutable(
    config: &Config,
    resource_type: &'static ResourceType,
    old: &Data,
    new: &Data,
) -> Result<()> {
    if config.has(Switch::ImmutableReplaced) {
        return Ok(());
    }
    for (extension, attribute) in attributes(resource_type) {
        let was = value(old, extension, &attribute.name);
        let is = value(new, extension, &attribute.name);
        let changed = |attribute: &Attribute, was: Option<&Value>, is: Option<&Value>| {
            attribute.mutability == Mutability::Immutable && was.is_some() && was != is
        };
        let sub = |sub: &Attribute| {
            let part = |whole: Option<&'_ Value>| whole?.get(&sub.name).cloned();
            changed(sub, part(was).as_ref(), part(is).as_ref())
        };
        let subs = attribute.sub_attributes.iter();
        if changed(attribute, was, is) || !attribute.multi_valued && subs.clone().any(sub) {
            let detail = format!("{} cannot be changed once it is set", attribute.name);
            return Err(Error::bad(ScimType::Mutability, detail));
        }
    }
    Ok(())
}

/// Refuses a value that another resource of the type has. userNames are looked after by the store.
pub(crate) fn check_unique(
    config: &Config,
    resource_type: &'static ResourceType,
    store: &Store,
    own: (crate::schema::Kind, &str),
    data: &Data,
) -> Result<()> {
    let (kind, id) = own;
    if config.has(Switch::UniqueNotChecked) {
        return Ok(());
    }
    let is_unique = |attribute: &Attribute| {
        attribute.uniqueness != Uniqueness::None && attribute.name != "userName"
            || attribute.name == "externalId" && config.has(Switch::ExternalIdsUnique)
    };
    for (extension, attribute) in attributes(resource_type) {
        let parts = attribute.sub_attributes.iter();
        let parts = parts.filter(|_| !attribute.multi_valued).map(Some);
        for part in std::iter::once(None).chain(parts) {
            let unique = part.unwrap_or(attribute);
            if !is_unique(unique) {
                continue;
            }
            let text =
                |data: &Data| compared(value(data, extension, &attribute.name)?, part, unique);
            let Some(wanted) = text(data) else {
                continue;
            };
            let taken =
                |other: &Resource| other.id != id && text(&other.data).as_ref() == Some(&wanted);
            if store.all(kind).any(taken) {
                return Err(Error::taken(&unique.name, &wanted));
            }
        }
    }
    Ok(())
}

/// The text by which a value, or a part of it, is told apart from others.
fn compared(whole: &Value, part: Option<&Attribute>, unique: &Attribute) -> Option<String> {
    let text = match part {
        Some(part) => whole.get(&part.name)?.as_str()?,
        None => whole.as_str()?,
    };
    Some(match unique.case_exact {
        true => text.to_owned(),
        false => text.to_lowercase(),
    })
}

/// Names of the attributes that are returned on request, and that a write has just set: they are
/// shown in its answer.
pub(crate) fn just_written(resource_type: &'static ResourceType, body: &Data) -> Vec<String> {
    let mut names: Vec<&str> = body.keys().map(String::as_str).collect();
    let operations = member(body, "Operations").map_or(&[][..], multi::each);
    for operation in operations.iter().filter_map(Value::as_object) {
        match (member(operation, "path"), member(operation, "value")) {
            (Some(Value::String(path)), _) => names.push(path),
            (_, Some(Value::Object(members))) => names.extend(members.keys().map(String::as_str)),
            _ => {}
        }
    }
    let on_request = attributes(resource_type)
        .filter(|(extension, attribute)| {
            extension.is_none() && attribute.returned == Returned::Request
        })
        .map(|(_, attribute)| attribute.name.clone());
    on_request
        .filter(|name| {
            names
                .iter()
                .any(|written| written.eq_ignore_ascii_case(name))
        })
        .collect()
}

/// The attributes of a type with the URN of the extension that defines them.
fn attributes(
    resource_type: &'static ResourceType,
) -> impl Iterator<Item = (Option<&'static str>, &'static Attribute)> {
    let core = resource_type.core.attributes.iter();
    let extensions = resource_type.extensions.iter().flat_map(|schema| {
        let urn = schema.id.as_str();
        schema.attributes.iter().map(move |own| (Some(urn), own))
    });
    core.map(|own| (None, own)).chain(extensions)
}

fn value<'d>(data: &'d Data, extension: Option<&str>, name: &str) -> Option<&'d Value> {
    match extension {
        Some(urn) => data.get(urn)?.get(name),
        None => data.get(name),
    }
}

fn value_mut<'d>(data: &'d mut Data, extension: Option<&str>, name: &str) -> Option<&'d mut Value> {
    match extension {
        Some(urn) => data.get_mut(urn)?.get_mut(name),
        None => data.get_mut(name),
    }
}

/// Puts a value where there is none.
fn keep(data: &mut Data, extension: Option<&str>, name: &str, value: Value) {
    let holder = match extension {
        Some(urn) => {
            let holder = data.entry(urn).or_insert_with(|| Value::Object(Map::new()));
            match holder {
                Value::Object(members) => members,
                _ => return,
            }
        }
        None => data,
    };
    holder.entry(name).or_insert(value);
}

/// Faults of single attributes, in a resource that a client sent.
pub(crate) fn spoil(
    config: &Config,
    resource_type: &'static ResourceType,
    body: &Data,
    old: Option<&Data>,
    data: &mut Data,
) {
    if config.has(Switch::ReadonlyStored) {
        let attributes = &resource_type.core.attributes;
        for (name, value) in body {
            let Some(attribute) = find(attributes, name) else {
                continue;
            };
            if attribute.mutability == Mutability::ReadOnly && attribute.name != "groups" {
                data.insert(attribute.name.clone(), value.clone());
            }
        }
    }
    if let Some(old) = old
        && config.has(Switch::FirstValueRefused)
    {
        for (extension, attribute) in attributes(resource_type) {
            let is_new = attribute.mutability == Mutability::Immutable
                && value(old, extension, &attribute.name).is_none();
            let holder = match extension {
                Some(urn) => data.get_mut(urn).and_then(Value::as_object_mut),
                None => Some(&mut *data),
            };
            if let Some(holder) = holder.filter(|_| is_new) {
                holder.shift_remove(&attribute.name);
            }
        }
    }
}

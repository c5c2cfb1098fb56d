//! PATCH of SCIM 1.1 (API section 3.3.2): first `meta.attributes` are removed, then the body, a
//! partial resource, is merged.

use serde_json::Value;

use super::slot;
use crate::error::{Error, Result, ScimType};
use crate::exchange::member;
use crate::intake::Intake;
use crate::multi;
use crate::schema::{Attribute, Mutability, Place, Schema, Type};
use crate::store::Data;
use crate::switch::Switch;

/// Applies a partial resource; after an error `data` may be changed in part.
pub(crate) fn apply(intake: Intake<'_>, data: &mut Data, body: &Data) -> Result<()> {
    if body.is_empty() {
        return Err(Error::bad(
            ScimType::InvalidSyntax,
            "the body changes nothing",
        ));
    }
    let removals = member(body, "meta")
        .and_then(Value::as_object)
        .and_then(|meta| member(meta, "attributes"));
    let most = match intake.config {
        config if config.has(Switch::V1RemovalsIgnored) => 0,
        config if config.has(Switch::V1FirstRemovalOnly) => 1,
        _ => usize::MAX,
    };
    for name in removals
        .map_or(&[][..], multi::each)
        .iter()
        .filter_map(Value::as_str)
        .take(most)
    {
        remove(intake, data, name)?;
    }
    body.iter()
        .try_for_each(|(name, value)| merge(intake, data, name, value))
}

fn remove(intake: Intake<'_>, data: &mut Data, name: &str) -> Result<()> {
    match intake.resource_type.resolve(name) {
        Some(Place::Extension(schema)) => {
            data.shift_remove(&schema.id);
        }
        Some(Place::Attribute { attribute, .. })
            if attribute.mutability == Mutability::ReadOnly =>
        {
            return Err(Error::bad(
                ScimType::Mutability,
                format!("{name} is read-only"),
            ));
        }
        Some(Place::Attribute {
            extension,
            attribute,
            sub,
        }) => {
            let old = slot::get(data, extension, &attribute.name);
            let new = sub.and_then(|sub| without(old?, &sub.name));
            slot::put(data, extension, &attribute.name, new);
        }
        None => {}
    }
    Ok(())
}

/// A complex value, or each of several, without a sub-attribute.
fn without(value: &Value, sub: &str) -> Option<Value> {
    match value {
        Value::Array(values) => {
            let values: Vec<Value> = values
                .iter()
                .filter_map(|value| without(value, sub))
                .collect();
            (!values.is_empty()).then_some(Value::Array(values))
        }
        Value::Object(members) => {
            let mut members = members.clone();
            members.shift_remove(sub);
            (!members.is_empty()).then_some(Value::Object(members))
        }
        _ => None,
    }
}

fn merge(intake: Intake<'_>, data: &mut Data, name: &str, value: &Value) -> Result<()> {
    match (intake.resource_type.resolve(name), value) {
        (Some(Place::Extension(schema)), Value::Object(members)) => {
            members.iter().try_for_each(|(name, value)| {
                match crate::schema::find(&schema.attributes, name) {
                    Some(attribute) => {
                        merge_attribute(intake, data, Some(schema), attribute, value)
                    }
                    None => Ok(()),
                }
            })
        }
        (
            Some(Place::Attribute {
                extension,
                attribute,
                sub: None,
            }),
            _,
        ) => merge_attribute(intake, data, extension, attribute, value),
        _ => Ok(()),
    }
}

fn merge_attribute(
    intake: Intake<'_>,
    data: &mut Data,
    extension: Option<&'static Schema>,
    attribute: &'static Attribute,
    value: &Value,
) -> Result<()> {
    if attribute.mutability == Mutability::ReadOnly || attribute.name == "schemas" {
        return Ok(());
    }
    let old = slot::get(data, extension, &attribute.name);
    let replaces = intake.config.has(Switch::V1PatchReplaces);
    let new = if attribute.multi_valued && !replaces {
        merge_values(intake, attribute, old.map_or(&[], multi::each), value)?
    } else {
        let new = intake.attribute(attribute, value)?;
        match (old, new) {
            (Some(old), Some(new)) if attribute.kind == Type::Complex && !replaces => {
                let mut old = old.clone();
                multi::complete(&mut old, new);
                Some(old)
            }
            (_, new) => new,
        }
    };
    slot::put(data, extension, &attribute.name, new);
    Ok(())
}

fn merge_values(
    intake: Intake<'_>,
    attribute: &'static Attribute,
    old: &[Value],
    value: &Value,
) -> Result<Option<Value>> {
    let mut values = old.to_vec();
    for value in multi::each(value) {
        let Some(new) = intake.single(attribute, value)? else {
            continue;
        };
        if is_deletion(value) && !intake.config.has(Switch::V1DeletionAdds) {
            let by_value = is_unique(&values, &new);
            let all = intake.config.has(Switch::V1DeletionEmpties);
            values.retain(|old| !all && !is_meant(old, &new, by_value));
        } else if intake.config.has(Switch::TwiceAddedKeptTwice)
            && !old.iter().any(|known| has_same_value(known, &new))
        {
            values.push(new);
        } else if let (true, Some(old)) = (
            is_unique(&values, &new),
            values.iter_mut().find(|old| has_same_value(old, &new)),
        ) {
            multi::complete(old, new);
        } else {
            multi::merge(attribute, &mut values, new);
        }
    }
    if !intake.config.has(Switch::V1OldPrimaryStays) {
        multi::settle_primary(intake.config, attribute, old, &mut values)?;
    }
    Ok((!values.is_empty()).then_some(Value::Array(values)))
}

fn is_deletion(value: &Value) -> bool {
    let operation = value
        .as_object()
        .and_then(|value| member(value, "operation"))
        .and_then(Value::as_str);
    operation.is_some_and(|operation| operation.eq_ignore_ascii_case("delete"))
}

fn has_same_value(old: &Value, new: &Value) -> bool {
    new.get("value").is_some() && old.get("value") == new.get("value")
}

/// Whether `value` tells which of the old values is meant: no more than one has it.
fn is_unique(values: &[Value], new: &Value) -> bool {
    let same = values.iter().filter(|old| has_same_value(old, new));
    new.get("value").is_some() && same.count() < 2
}

/// Whether a deletion means this value: by `value` where that is unique, else by all it says.
fn is_meant(old: &Value, deletion: &Value, by_value: bool) -> bool {
    if by_value {
        return has_same_value(old, deletion);
    }
    deletion.as_object().is_some_and(|said| {
        said.iter()
            .all(|(name, value)| old.get(name) == Some(value))
    })
}

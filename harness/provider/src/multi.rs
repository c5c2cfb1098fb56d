//! The values of a multi-valued attribute (RFC 7643 section 2.4).

use serde_json::Value;

use crate::config::Config;
use crate::error::{Error, Result, ScimType};
use crate::schema::Attribute;
use crate::store::Data;
use crate::switch::Switch;

/// The values of a list, or a single value sent without one.
pub(crate) fn each(value: &Value) -> &[Value] {
    match value {
        Value::Null => &[],
        Value::Array(values) => values,
        single => std::slice::from_ref(single),
    }
}

/// Appends a value; one of the same value and type is not repeated but completed.
pub(crate) fn merge(attribute: &Attribute, values: &mut Vec<Value>, new: Value) {
    match values.iter_mut().find(|old| is_same(attribute, old, &new)) {
        Some(old) => complete(old, new),
        None => values.push(new),
    }
}

/// Lays the sub-attributes of `new` over `old`.
pub(crate) fn complete(old: &mut Value, new: Value) {
    match old {
        Value::Object(members) => complete_members(members, new),
        old => *old = new,
    }
}

/// Lays the sub-attributes of `new` over `members`.
pub(crate) fn complete_members(members: &mut Data, new: Value) {
    if let Value::Object(new) = new {
        members.extend(new);
    }
}

/// Whether a value is among others.
pub(crate) fn holds(attribute: &Attribute, values: &[Value], value: &Value) -> bool {
    values.iter().any(|old| is_same(attribute, old, value))
}

/// Whether two values are the same one: by value and type, or by everything without a value.
fn is_same(attribute: &Attribute, one: &Value, other: &Value) -> bool {
    if one.get("value").is_none() {
        return one == other;
    }
    // A member is its id, whatever type is said with it.
    let parts: &[&str] = if attribute.name == "members" {
        &["value"]
    } else {
        &["value", "type"]
    };
    parts.iter().all(|part| one.get(*part) == other.get(*part))
}

/// Lets a new primary value take over from the old one; two new ones are refused.
pub(crate) fn settle_primary(
    config: &Config,
    attribute: &Attribute,
    old: &[Value],
    new: &mut [Value],
) -> Result<()> {
    let is_new = |value: &Value| is_primary(value) && !old.contains(value);
    let total = new.iter().filter(|value| is_primary(value)).count();
    if total < 2 {
        return Ok(());
    }
    let mut fresh = new
        .iter()
        .enumerate()
        .filter(|(_, value)| is_new(value))
        .map(|(at, _)| at);
    if config.has(Switch::OldPrimaryStays) {
        return Ok(());
    }
    let winner = match (fresh.next(), fresh.next_back()) {
        (first, None) => first,
        (first, _) if config.has(Switch::FirstPrimaryWins) => first,
        (_, last) if config.has(Switch::LastPrimaryWins) => last,
        _ => None,
    };
    let Some(winner) = winner else {
        let detail = format!("only one value of {} can be primary", attribute.name);
        return Err(Error::bad(ScimType::InvalidValue, detail));
    };
    for (at, value) in new.iter_mut().enumerate() {
        if at != winner && is_primary(value) {
            value["primary"] = Value::Bool(false);
        }
    }
    Ok(())
}

pub(crate) fn is_primary(value: &Value) -> bool {
    value.get("primary") == Some(&Value::Bool(true))
}

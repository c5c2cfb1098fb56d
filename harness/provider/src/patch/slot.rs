//! The place of an attribute in a resource's data.

use serde_json::{Map, Value};

use crate::schema::Schema;
use crate::store::Data;

/// The stored value of an attribute.
pub(super) fn get<'d>(data: &'d Data, extension: Option<&Schema>, name: &str) -> Option<&'d Value> {
    match extension {
        Some(schema) => data.get(&schema.id)?.get(name),
        None => data.get(name),
    }
}

/// Stores a value or takes it away; an extension without attributes goes too.
pub(super) fn put(data: &mut Data, extension: Option<&Schema>, name: &str, value: Option<Value>) {
    let Some(schema) = extension else {
        return set(data, name, value);
    };
    let mut members = match data.get(&schema.id) {
        Some(Value::Object(members)) => members.clone(),
        _ => Map::new(),
    };
    set(&mut members, name, value);
    set(
        data,
        &schema.id,
        (!members.is_empty()).then_some(Value::Object(members)),
    );
}

/// Sets a member or takes it away, without disturbing the order of the others.
pub(super) fn set(members: &mut Data, name: &str, value: Option<Value>) {
    match value {
        Some(value) => members.insert(name.to_owned(), value),
        None => members.shift_remove(name),
    };
}

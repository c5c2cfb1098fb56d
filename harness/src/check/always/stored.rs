//! What a write answered is what the next read returns (RFC 7644 section 3.1).

use serde_json::{Map, Value};

use super::rule;
use crate::{
    check::{Bench, Breach, Judgement, condition::difference, is_assigned, schema::Schemas, shown},
    model::{Attribute, ResourceType, Returned, attribute::find},
};

/// Members that a list need not show as they are, or that other conversations may change: those that
/// tell of memberships (A48), and `meta`.
const APART: [&str; 3] = ["members", "groups", "meta"];

/// Members that a server may change by itself between the two answers.
const VOLATILE: [&str; 1] = ["meta"];

/// Compares the answer to a write with the next read of the same resource at a path. Members that
/// the write did not show are not compared, nor what is returned on request only.
pub fn judge(schemas: &Schemas, path: &str, written: &Value, read: &Value) -> Vec<Judgement> {
    let mut bench = Bench::default();
    let id = rule(
        schemas.model.version,
        "rfc7644-3.1/responses-show-stored-state",
        "scim11-api-3.3.1/put-returns-200-and-resource",
    );
    let own = schemas.type_of(path, written);
    let (written, read) = (lasting(schemas, own, written), lasting(schemas, own, read));
    let breach = first_difference(&written, &read).map(|(place, was, is)| {
        Breach::new(
            format!(
                "`{place}` is {}, and the write before answered otherwise",
                shown(is.as_ref())
            ),
            shown(Some(&was)),
            shown(is.as_ref()),
        )
    });
    bench.judge(id, breach);
    bench.into_judgements()
}

/// Compares an entry of a list with the same resource as it was shown last, of what both show.
pub fn judge_listed(
    schemas: &Schemas,
    path: &str,
    resource: &Value,
    entry: &Value,
) -> Vec<Judgement> {
    let mut bench = Bench::default();
    let own = schemas.type_of(path, resource);
    let entry = lasting(schemas, own, entry);
    let mut resource = lasting(schemas, own, resource);
    if let Value::Object(members) = &mut resource {
        members.retain(|name, _| {
            !APART.contains(&name.as_str()) && entry.get(name).is_some_and(is_assigned)
        });
    }
    let breach = first_difference(&resource, &entry).map(|(place, was, is)| {
        Breach::new(
            format!(
                "the list shows {} as `{place}` of a resource that has another value there",
                shown(is.as_ref())
            ),
            shown(Some(&was)),
            shown(is.as_ref()),
        )
    });
    bench.judge("rfc7644-3.1/responses-show-stored-state", breach);
    bench.into_judgements()
}

/// The first place of a resource, of what it has a value for, that another differs in.
fn first_difference(one: &Value, other: &Value) -> Option<(String, Value, Option<Value>)> {
    let members = one.as_object().into_iter().flatten();
    members
        .filter(|(name, value)| !VOLATILE.contains(&name.as_str()) && is_assigned(value))
        .find_map(|(name, value)| {
            let place = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
            let (place, was, is) = difference(Some(value), other.get(name), place)?;
            Some((place, was.cloned().unwrap_or_default(), is.cloned()))
        })
}

/// A resource without what is returned on request only: after a write it may be shown, and is gone
/// with the next read.
fn lasting(schemas: &Schemas, own: &ResourceType, resource: &Value) -> Value {
    let mut left = Map::new();
    for (name, value) in resource.as_object().into_iter().flatten() {
        if let Some(schema) = own.extension(name) {
            left.insert(name.clone(), without(&schema.attributes, value));
        } else if let Some(attribute) = schemas.model.attribute(own, name) {
            if attribute.returned != Returned::Request {
                left.insert(name.clone(), without(&attribute.sub_attributes, value));
            }
        } else {
            left.insert(name.clone(), value.clone());
        }
    }
    Value::Object(left)
}

fn without(attributes: &[Attribute], value: &Value) -> Value {
    let on_demand =
        |name: &String| find(attributes, name).is_some_and(|one| one.returned == Returned::Request);
    match value {
        Value::Array(items) => items.iter().map(|item| without(attributes, item)).collect(),
        Value::Object(members) => {
            let left = members.iter().filter(|(name, _)| !on_demand(name));
            Value::Object(
                left.map(|(name, value)| (name.clone(), value.clone()))
                    .collect(),
            )
        }
        simple => simple.clone(),
    }
}

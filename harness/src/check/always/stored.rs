//! What a write answered is what the next read returns (RFC 7644 section 3.1).

use serde_json::{Map, Value};

use super::time;
use crate::{
    check::{Bench, Breach, Judgement, condition::difference, is_assigned, schema::Schemas, shown},
    model::{Attribute, ResourceType, Returned, attribute::find},
    scenario::Version,
};

/// Members that a list need not show as they are, or that other conversations may change: those that
/// tell of memberships (A48), and `meta`.
const APART: [&str; 3] = ["members", "groups", "meta"];

/// Members that a server may change by itself between the two answers.
const VOLATILE: [&str; 1] = ["meta"];

/// Compares the answer to a write, told by its method, with the next read of the same resource at a
/// path. Members that the write did not show are not compared, nor what is returned on request only.
pub fn judge(
    schemas: &Schemas,
    method: &str,
    path: &str,
    written: &Value,
    read: &Value,
) -> Vec<Judgement> {
    let mut bench = Bench::default();
    // In SCIM 1.1 a PATCH may answer with what changed alone.
    let id = match (schemas.model.version, method) {
        (Version::V2, _) => "rfc7644-3.1/responses-show-stored-state",
        (Version::V1, "POST") => "scim11-api-3.1/create-returns-new-resource",
        (Version::V1, "PUT") => "scim11-api-3.3.1/put-returns-200-and-resource",
        (Version::V1, _) => return Vec::new(),
    };
    let own = schemas.type_of(path, written);
    let (written, read) = (lasting(schemas, own, written), lasting(schemas, own, read));
    let found =
        first_difference(&written, &read).or_else(|| other_creation(schemas, &written, &read));
    let breach = breach(found, |place, is| {
        format!("`{place}` is {is}, and the write before answered otherwise")
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
    let created = other_creation(schemas, &resource, &entry);
    if let Value::Object(members) = &mut resource {
        members.retain(|name, _| {
            !APART.contains(&name.as_str()) && entry.get(name).is_some_and(is_assigned)
        });
    }
    let found = first_difference(&resource, &entry).or(created);
    let breach = breach(found, |place, is| {
        format!("the list shows {is} as `{place}` of a resource that has another value there")
    });
    bench.judge("rfc7644-3.1/responses-show-stored-state", breach);
    bench.into_judgements()
}

/// A place with the value that is expected there and the one that is there.
type Difference = (String, Value, Option<Value>);

/// What a difference breaks, told by its place and by what is shown there.
fn breach(found: Option<Difference>, told: impl FnOnce(&str, &str) -> String) -> Option<Breach> {
    let (place, was, is) = found?;
    let is = shown(is.as_ref());
    Some(Breach::new(told(&place, &is), shown(Some(&was)), is))
}

/// The time of the creation: of all that `meta` holds, a change of the resource leaves it alone. SCIM
/// 1.1 has no word on it.
fn other_creation(schemas: &Schemas, one: &Value, other: &Value) -> Option<Difference> {
    let created = |resource: &Value| resource.pointer("/meta/created").cloned();
    let (was, is) = (created(one)?, created(other)?);
    let moved =
        schemas.model.version == Version::V2 && time::far_apart(was.as_str()?, is.as_str()?);
    moved.then(|| ("/meta/created".to_owned(), was, Some(is)))
}

/// The first place of a resource, of what it has a value for, that another differs in.
fn first_difference(one: &Value, other: &Value) -> Option<Difference> {
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
/// with the next read. What is never returned has a rule of its own where it is shown.
fn lasting(schemas: &Schemas, own: &ResourceType, resource: &Value) -> Value {
    let mut left = Map::new();
    for (name, value) in resource.as_object().into_iter().flatten() {
        if let Some(schema) = own.extension(name) {
            left.insert(name.clone(), without(&schema.attributes, value));
        } else if let Some(attribute) = schemas.model.attribute(own, name) {
            if !is_passing(attribute) {
                left.insert(name.clone(), without(&attribute.sub_attributes, value));
            }
        } else {
            left.insert(name.clone(), value.clone());
        }
    }
    Value::Object(left)
}

fn is_passing(attribute: &Attribute) -> bool {
    matches!(attribute.returned, Returned::Request | Returned::Never)
}

fn without(attributes: &[Attribute], value: &Value) -> Value {
    let passing = |name: &String| find(attributes, name).is_some_and(is_passing);
    match value {
        Value::Array(items) => items.iter().map(|item| without(attributes, item)).collect(),
        Value::Object(members) => {
            let left = members.iter().filter(|(name, _)| !passing(name));
            Value::Object(
                left.map(|(name, value)| (name.clone(), value.clone()))
                    .collect(),
            )
        }
        simple => simple.clone(),
    }
}

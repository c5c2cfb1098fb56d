//! What a write answered is what the next read returns (RFC 7644 section 3.1).

use serde_json::{Map, Value};

use super::time;
use crate::{
    check::{
        Bench, Breach, Judgement, condition::difference, is_assigned, member, schema::Schemas,
        shown,
    },
    model::{Attribute, Kind, ResourceType, Returned, attribute::find},
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
    let created = other_creation(schemas, written, read);
    let mut one = comparable(schemas, own, written);
    let mut other = comparable(schemas, own, read);
    match (schemas.model.version, method) {
        (Version::V1, "POST") => keep_shared(&mut one, &other, &[]),
        // What it leaves out has a rule of its own.
        (Version::V2, "POST") => keep_parts(&mut other, &one),
        _ => {}
    }
    let found = first_difference(&one, &other).map(|place| told(place, written, read));
    let breach = breach(found.or(created), |place, is| {
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
    let created = other_creation(schemas, resource, entry);
    let listed = comparable(schemas, own, entry);
    let mut shown = comparable(schemas, own, resource);
    keep_shared(&mut shown, &listed, &APART);
    let found = first_difference(&shown, &listed).map(|place| told(place, resource, entry));
    let breach = breach(found.or(created), |place, is| {
        format!("the list shows {is} as `{place}` of a resource that has another value there")
    });
    bench.judge("rfc7644-3.1/responses-show-stored-state", breach);
    bench.into_judgements()
}

/// Judges whether the answer to a creation shows what the client sent and the next read has (RFC 7644
/// section 3.3). Who is in a group may be left out (A48). SCIM 1.1 lets an answer show less.
pub fn judge_left_out(
    schemas: &Schemas,
    path: &str,
    sent: &Value,
    written: &Value,
    read: &Value,
) -> Vec<Judgement> {
    if schemas.model.version == Version::V1 {
        return Vec::new();
    }
    let mut bench = Bench::default();
    let own = schemas.type_of(path, read);
    let kept = comparable(schemas, own, read);
    let breach = left_out(sent, written, &kept, &APART).map(|place| {
        Breach::new(
            format!("the answer leaves out `{place}`, which was sent and is stored"),
            shown(read.pointer(&place)),
            "nothing",
        )
    });
    bench.judge("rfc7644-3.3/create-returns-new-resource", breach);
    bench.into_judgements()
}

/// The first place that was sent and is stored, and that an answer does not show; of lists only whole
/// ones are looked at.
fn left_out(sent: &Value, answered: &Value, stored: &Value, but: &[&str]) -> Option<String> {
    let (sent, stored) = (sent.as_object()?, stored.as_object()?);
    let mut names = sent.iter().filter(|(name, value)| {
        !but.iter().any(|other| other.eq_ignore_ascii_case(name)) && is_assigned(value)
    });
    names.find_map(|(name, value)| {
        let (name, kept) = stored
            .iter()
            .find(|(known, kept)| known.eq_ignore_ascii_case(name) && is_assigned(kept))?;
        let place = pointer_to(name);
        match member(answered, name).filter(|shown| is_assigned(shown)) {
            Some(shown) => left_out(value, shown, kept, &[]).map(|inner| place + &inner),
            None => Some(place),
        }
    })
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

/// Leaves the members that another resource has too, which need not show all (SCIM 1.1 REST API section
/// 3.2), but for some.
fn keep_shared(resource: &mut Value, other: &Value, but: &[&str]) {
    if let Value::Object(members) = resource {
        members.retain(|name, _| {
            !but.contains(&name.as_str()) && other.get(name).is_some_and(is_assigned)
        });
    }
}

/// Leaves of the single complex values the parts that another resource has too.
fn keep_parts(resource: &mut Value, other: &Value) {
    for (name, value) in resource.as_object_mut().into_iter().flatten() {
        let Some(known) = other.get(name).filter(|known| known.is_object()) else {
            continue;
        };
        if let Value::Object(parts) = value {
            parts.retain(|part, _| known.get(part).is_some());
        }
        keep_parts(value, known);
    }
}

/// A place with what two resources show there, in their own letters.
fn told(place: String, one: &Value, other: &Value) -> Difference {
    let was = one.pointer(&place).cloned().unwrap_or_default();
    let is = other.pointer(&place).cloned();
    (place, was, is)
}

/// The first place of a resource, of what it has a value for, that another differs in.
fn first_difference(one: &Value, other: &Value) -> Option<String> {
    let members = one.as_object().into_iter().flatten();
    members
        .filter(|(name, value)| !VOLATILE.contains(&name.as_str()) && is_assigned(value))
        .find_map(|(name, value)| {
            difference(Some(value), other.get(name), pointer_to(name)).map(|(place, ..)| place)
        })
}

fn pointer_to(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// A resource without what is returned on request only: after a write it may be shown, and is gone
/// with the next read. What is never returned has a rule of its own where it is shown. Texts that are not
/// caseExact are in small letters: a provider may alter theirs (RFC 7643 section 7).
fn comparable(schemas: &Schemas, own: &ResourceType, resource: &Value) -> Value {
    let mut left = Map::new();
    for (name, value) in resource.as_object().into_iter().flatten() {
        if let Some(schema) = own.extension(name) {
            left.insert(name.clone(), parts(&schema.attributes, value));
        } else if let Some(attribute) = schemas.model.attribute(own, name) {
            if !is_passing(attribute) {
                left.insert(name.clone(), values(attribute, value));
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

fn values(attribute: &Attribute, value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| values(attribute, item)).collect(),
        Value::String(text) if attribute.kind == Kind::String && !attribute.case_exact => {
            text.to_lowercase().into()
        }
        other => parts(&attribute.sub_attributes, other),
    }
}

fn parts(attributes: &[Attribute], value: &Value) -> Value {
    let Value::Object(members) = value else {
        return value.clone();
    };
    let mut left = Map::new();
    for (name, value) in members {
        match find(attributes, name) {
            Some(attribute) if is_passing(attribute) => {}
            Some(attribute) => drop(left.insert(name.clone(), values(attribute, value))),
            None => drop(left.insert(name.clone(), value.clone())),
        }
    }
    Value::Object(left)
}

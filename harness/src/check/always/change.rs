//! Mutability over time: what a write does to attributes that cannot be written, or not again
//! (RFC 7643 section 7; SCIM 1.1 REST API section 3.3.1).

use serde_json::Value;

use super::{error::texts, time};
use crate::{
    check::{Bench, Breach, Judgement, is_assigned, member, schema::Schemas, shown},
    exchange::SentRequest,
    model::{Attribute, Kind, Mutability, Place, ResourceType, attribute::find},
    scenario::Version,
};

/// A write, and the resource before and after it.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// The write.
    pub request: &'a SentRequest,
    /// The whole resource before it, if that is known; a creation has none.
    pub before: Option<&'a Value>,
    /// The whole resource after it.
    pub after: &'a Value,
}

/// Judges what a write did to attributes that are readOnly or immutable.
pub fn judge(schemas: &Schemas, change: Change<'_>) -> Vec<Judgement> {
    let mut bench = Bench::default();
    let own = schemas.type_of(&change.request.path, change.after);
    let sent = Sent::of(schemas, own, change.request);
    for value in &sent.values {
        let is = |mutability| {
            value.attribute.mutability == mutability
                || value.sub.is_some_and(|sub| sub.mutability == mutability)
        };
        if is(Mutability::ReadOnly) || value.name() == "meta" || value.name() == "id" {
            if !sent.tells_elsewhere(value, change.before) {
                adopted(schemas, change, value, &mut bench);
            }
        } else if is(Mutability::Immutable) {
            replaced(schemas, change, value, &mut bench);
        }
    }
    created(schemas, change, &mut bench);
    bench.into_judgements()
}

/// What is known of a resource after a write: what the answer shows and, of the values that only the
/// provider sets, those that it leaves out. They are still there, so that a client that sends one back
/// has not made it.
pub fn remembered(schemas: &Schemas, path: &str, before: Option<&Value>, after: &Value) -> Value {
    let mut known = after.clone();
    let own = schemas.type_of(path, after);
    let before = before.and_then(Value::as_object).into_iter().flatten();
    let providers = before.filter(|(name, _)| {
        let attribute = schemas.model.attribute(own, name);
        attribute.is_some_and(|attribute| attribute.mutability == Mutability::ReadOnly)
    });
    for (name, value) in providers {
        let place = fill(&mut known, name, value);
        let Some(place) = place.filter(|place| place.is_object()) else {
            continue;
        };
        for (part, value) in value.as_object().into_iter().flatten() {
            fill(place, part, value);
        }
    }
    known
}

/// A member of an object, which takes this value if it has none.
fn fill<'v>(object: &'v mut Value, name: &str, value: &Value) -> Option<&'v mut Value> {
    let members = object.as_object_mut()?;
    let place = members.entry(name).or_insert(Value::Null);
    if !is_assigned(place) {
        *place = value.clone();
    }
    Some(place)
}

/// The time of the creation stays, as exactly as both answers tell it. SCIM 1.1 has no word on it.
fn created(schemas: &Schemas, change: Change<'_>, bench: &mut Bench) {
    let (Some(before), Some(after)) = (change.before.and_then(creation), creation(change.after))
    else {
        return;
    };
    if schemas.model.version == Version::V1 {
        return;
    }
    let moved = time::differ(before, after);
    let breach = || {
        Breach::new(
            "`/meta/created` has another value than before the change",
            format!("string <{before:?}>"),
            format!("string <{after:?}>"),
        )
    };
    bench.judge(
        "rfc7643-7/readonly-attributes-never-change",
        moved.then(breach),
    );
}

fn creation(resource: &Value) -> Option<&str> {
    resource.pointer("/meta/created")?.as_str()
}

/// A value that a request sends for an attribute.
#[derive(Debug)]
struct SentValue<'a> {
    /// The extension that defines the attribute.
    extension: Option<&'a str>,
    attribute: &'a Attribute,
    sub: Option<&'a Attribute>,
    value: Value,
}

impl SentValue<'_> {
    fn name(&self) -> &str {
        &self.attribute.name
    }

    fn path(&self) -> String {
        let sub = self.sub.map(|sub| format!(".{}", sub.name));
        let urn = self.extension.map(|urn| format!("{urn}:"));
        format!(
            "{}{}{}",
            urn.unwrap_or_default(),
            self.name(),
            sub.unwrap_or_default()
        )
    }

    /// What a resource has in this place.
    fn within<'v>(&self, resource: &'v Value) -> Option<&'v Value> {
        let holder = match self.extension {
            Some(urn) => member(resource, urn)?,
            None => resource,
        };
        let value = member(holder, self.name())?;
        match self.sub {
            Some(sub) => member(value, &sub.name),
            None => Some(value),
        }
        .filter(|value| is_assigned(value))
    }

    /// A resource without what it has in this place.
    fn without(&self, resource: &Value) -> Value {
        let mut rest = resource.clone();
        let holder = match self.extension {
            Some(urn) => member_mut(&mut rest, urn),
            None => Some(&mut rest),
        };
        let (holder, name) = match self.sub {
            Some(sub) => (
                holder.and_then(|holder| member_mut(holder, self.name())),
                &sub.name,
            ),
            None => (holder, &self.attribute.name),
        };
        if let Some(Value::Object(members)) = holder {
            members.retain(|known, _| !known.eq_ignore_ascii_case(name));
        }
        rest
    }
}

fn member_mut<'v>(value: &'v mut Value, name: &str) -> Option<&'v mut Value> {
    let members = value.as_object_mut()?.iter_mut();
    let mut found = members.filter(|(known, _)| known.eq_ignore_ascii_case(name));
    found.next().map(|(_, value)| value)
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| c.is_whitespace() || ",.@".contains(c));
    words.filter(|word| !word.is_empty())
}

/// All that a request sends for attributes of its resource.
struct Sent<'a> {
    schemas: &'a Schemas,
    own: &'a ResourceType,
    values: Vec<SentValue<'a>>,
}

impl<'a> Sent<'a> {
    fn of(schemas: &'a Schemas, own: &'a ResourceType, request: &SentRequest) -> Self {
        let mut sent = Self {
            schemas,
            own,
            values: Vec::new(),
        };
        let Some(body) = request.json() else {
            return sent;
        };
        match (request.method.as_str(), schemas.model.version) {
            ("PATCH", Version::V2) => {
                let operations = member(&body, "Operations").and_then(Value::as_array);
                operations
                    .into_iter()
                    .flatten()
                    .for_each(|operation| sent.operation(operation));
            }
            _ => sent.members(&body),
        }
        sent
    }

    /// Whether the words of a value are all in others that are sent or were there, so that the provider
    /// may have made it of these: a formatted name of the parts of the name, a user name of an e-mail.
    /// Nobody makes a time of another one; but a provider that stores nothing shows the last change
    /// that was sent back to it.
    fn tells_elsewhere(&self, value: &SentValue<'_>, before: Option<&Value>) -> bool {
        let told = keys(Some(&value.value));
        let is_time = value.sub.unwrap_or(value.attribute).kind == Kind::DateTime
            && value.path() != "meta.lastModified";
        if is_time || told.is_empty() || !told.iter().all(Value::is_string) {
            return false;
        }
        let sent = self
            .values
            .iter()
            .filter(|other| other.path() != value.path());
        let mut others: String = sent.map(|other| texts(&other.value)).collect();
        others.extend(before.map(|before| texts(&value.without(before))));
        let others: Vec<&str> = words(&others).collect();
        let known = |word: &str| others.iter().any(|other| other.eq_ignore_ascii_case(word));
        let mut told = told.iter().filter_map(Value::as_str);
        told.all(|text| words(text).all(known))
    }

    /// What an operation of a PATCH adds or replaces; paths with filters are left aside.
    fn operation(&mut self, operation: &Value) {
        let op = member(operation, "op").and_then(Value::as_str);
        let Some(value) = member(operation, "value") else {
            return;
        };
        if op.is_some_and(|op| op.eq_ignore_ascii_case("remove")) {
            return;
        }
        match member(operation, "path").and_then(Value::as_str) {
            None => self.members(value),
            Some(path) => match self.schemas.model.resolve(self.own, path) {
                Some(Place::Extension(schema)) => self.extension(&schema.urn, value),
                Some(Place::Attribute {
                    extension,
                    attribute,
                    sub,
                }) => {
                    let urn = extension.map(|schema| schema.urn.as_str());
                    match sub {
                        Some(_) => self.values.push(SentValue {
                            extension: urn,
                            attribute,
                            sub,
                            value: value.clone(),
                        }),
                        None => self.attribute(urn, attribute, value),
                    }
                }
                None => {}
            },
        }
    }

    fn members(&mut self, body: &Value) {
        for (name, value) in body.as_object().into_iter().flatten() {
            if let Some(schema) = self.own.extension(name) {
                self.extension(&schema.urn, value);
            } else if let Some(attribute) = self.schemas.model.attribute(self.own, name) {
                self.attribute(None, attribute, value);
            }
        }
    }

    fn extension(&mut self, urn: &str, container: &Value) {
        let Some(schema) = self.own.extension(urn) else {
            return;
        };
        for (name, value) in container.as_object().into_iter().flatten() {
            if let Some(attribute) = find(&schema.attributes, name) {
                self.attribute(Some(&schema.urn), attribute, value);
            }
        }
    }

    /// A whole attribute; one complex value that can be written is looked at by its parts, and so
    /// is `meta`.
    fn attribute(&mut self, extension: Option<&'a str>, attribute: &'a Attribute, value: &Value) {
        let by_parts = !attribute.multi_valued
            && (attribute.mutability == Mutability::ReadWrite || attribute.name == "meta");
        match value {
            Value::Object(members) if by_parts => {
                for (name, value) in members {
                    if let Some(sub) = attribute.sub(name) {
                        self.values.push(SentValue {
                            extension,
                            attribute,
                            sub: Some(sub),
                            value: value.clone(),
                        });
                    }
                }
            }
            _ => self.values.push(SentValue {
                extension,
                attribute,
                sub: None,
                value: value.clone(),
            }),
        }
    }
}

/// A value that was sent for a readOnly attribute is there now, and was not there before.
fn adopted(schemas: &Schemas, change: Change<'_>, sent: &SentValue<'_>, bench: &mut Bench) {
    if !is_assigned(&sent.value) || is_told_anyway(sent) || is_chance(change, sent) {
        return;
    }
    let after = sent.within(change.after);
    let before = change.before.and_then(|before| sent.within(before));
    if change.before.is_none() && change.request.method != "POST" {
        return;
    }
    let new = newly_there(&sent.value, before, after);
    let Some(rule) = readonly_rule(schemas.model.version, &change.request.method, sent) else {
        return;
    };
    let breach = || {
        Breach::new(
            format!(
                "the value sent for `{}`, which is readOnly, is taken over",
                sent.path()
            ),
            format!("the provider's own value, such as {}", shown(before)),
            shown(after),
        )
    };
    bench.judge(rule, new.then(breach));
}

/// What the provider says by itself too: its type, and the state that it is in.
fn is_told_anyway(sent: &SentValue<'_>) -> bool {
    sent.name() == "schemas"
        || sent.name() == "meta"
            && sent
                .sub
                .is_some_and(|sub| ["resourceType", "version"].contains(&sub.name.as_str()))
}

/// Whether the provider may well have come to the same value: a boolean, a number or one of a few
/// words in a new resource, or the name of another resource that a value refers to.
fn is_chance(change: Change<'_>, sent: &SentValue<'_>) -> bool {
    let is_scalar = matches!(sent.value, Value::Bool(_) | Value::Number(_));
    let is_listed = !sent
        .sub
        .unwrap_or(sent.attribute)
        .canonical_values
        .is_empty();
    change.request.method == "POST" && (is_scalar || is_listed)
        || sent.sub.is_some() && sent.attribute.refers_to_resources()
}

/// Whether a sent value, or an element of a sent list, is there after and was not before.
fn newly_there(sent: &Value, before: Option<&Value>, after: Option<&Value>) -> bool {
    let (was, is) = (keys(before), keys(after));
    keys(Some(sent))
        .iter()
        .any(|sent| is.contains(sent) && !was.contains(sent))
}

/// A value, or those of a list: of a complex value what it is known by.
fn keys(value: Option<&Value>) -> Vec<Value> {
    let key = |value: &Value| value.get("value").unwrap_or(value).clone();
    match value {
        Some(Value::Array(items)) => items.iter().map(key).collect(),
        Some(value) => vec![key(value)],
        None => Vec::new(),
    }
}

fn readonly_rule(version: Version, method: &str, sent: &SentValue<'_>) -> Option<&'static str> {
    Some(match (version, method) {
        (Version::V2, "POST") if sent.name() == "id" => "rfc7643-3.1/client-sent-id-has-no-effect",
        (Version::V1, "POST") if sent.name() == "id" => {
            "scim11-core-5.1/client-sent-id-has-no-effect"
        }
        (Version::V2, "POST" | "PUT") if sent.name() == "meta" => {
            "rfc7643-3.1/client-sent-meta-is-ignored"
        }
        (Version::V2, "POST") => "rfc7644-3.3/post-ignores-readonly-attributes",
        (Version::V2, "PUT") => "rfc7644-3.5.1/put-ignores-readonly-values",
        (Version::V2, "PATCH") => "rfc7643-7/readonly-attributes-never-change",
        (Version::V1, "PUT") => "scim11-api-3.3.1/put-ignores-readonly-attributes",
        _ => return None,
    })
}

/// An immutable attribute has another value than before. That of a list's element may be exchanged
/// with the element (A60).
fn replaced(schemas: &Schemas, change: Change<'_>, sent: &SentValue<'_>, bench: &mut Bench) {
    let Some(before) = change.before.and_then(|before| sent.within(before)) else {
        return;
    };
    let Some(after) = sent.within(change.after) else {
        return;
    };
    let rule = match (schemas.model.version, change.request.method.as_str()) {
        (Version::V2, "PUT") => "rfc7644-3.5.1/put-keeps-immutable-values",
        (Version::V2, "PATCH") => "rfc7643-7/immutable-attributes-keep-first-value",
        _ => return,
    };
    let same = match (before, after) {
        (Value::String(a), Value::String(b)) => a.eq_ignore_ascii_case(b),
        (a, b) => crate::check::condition::difference(Some(a), Some(b), String::new()).is_none(),
    };
    let breach = || {
        Breach::new(
            format!("`{}`, which is immutable, has another value", sent.path()),
            shown(Some(before)),
            shown(Some(after)),
        )
    };
    bench.judge(rule, (!same).then(breach));
}

//! Refusals that a target's own schemas explain: of what they do not let clients write, or of a
//! resource that lacks what they demand (RFC 7643 section 7; RFC 7644 section 3.12, table 9).

use serde_json::Value;

use super::{always::Endpoint, is_assigned, member, schema::Schemas};
use crate::{
    exchange::{Answer, Exchange},
    model::{Attribute, Mutability, ResourceType, Schema, attribute::find},
};

/// Statuses with which a body is refused.
const REFUSED: [u16; 2] = [400, 422];

/// Statuses that say nothing of what was sent: the credential may not create, or no more is taken.
const BARRED: [u16; 2] = [403, 507];

/// Why a creation that was refused tells nothing of the target.
pub fn barred(exchange: &Exchange) -> Option<String> {
    let (request, answer) = (&exchange.request, exchange.response.as_ref()?);
    let creates = request.method == "POST" && matches!(Endpoint::of(request), Endpoint::Collection);
    (creates && BARRED.contains(&answer.status)).then(|| {
        format!(
            "the target refuses to create with {}: the credential may lack the right, or the tenant is full (with `--jobs 1` a run keeps fewer at a time)",
            answer.status
        )
    })
}

/// Why a target's own schemas let it refuse a write, if it was refused and they do.
pub fn explained(schemas: &Schemas, exchange: &Exchange) -> Option<String> {
    let (request, answer) = (&exchange.request, exchange.response.as_ref()?);
    if !REFUSED.contains(&answer.status) {
        return None;
    }
    let writes_one = match Endpoint::of(request) {
        Endpoint::Collection => request.method == "POST",
        Endpoint::Resource(_) => request.method != "POST",
        _ => false,
    };
    if !writes_one {
        return None;
    }
    let body: Value = serde_json::from_str(request.body.as_deref()?).ok()?;
    let own = schemas.type_of(&request.path, &body);
    let why = match request.method.as_str() {
        "POST" | "PUT" => {
            let creates = request.method == "POST";
            let forbidden = not_let(own, |schema, path| {
                let holder = holder(own, schema, &body);
                let there = holder.is_some_and(|holder| has(holder, path));
                there && !(creates && is_immutable(schema, path))
            });
            forbidden.or_else(|| misses(own, &body))?
        }
        "PATCH" => not_let(own, |schema, path| changes(own, schema, &body, path))
            .or_else(|| removes(own, &body))
            .or_else(|| adds_in_part(own, &body))?,
        _ => return None,
    };
    Some(told(answer, own, &why))
}

/// Whether an answer says that what was sent cannot be written, whatever else is wrong with it.
pub fn is_of_mutability(answer: &Answer) -> bool {
    let body = answer
        .json
        .as_ref()
        .filter(|_| REFUSED.contains(&answer.status));
    let said = body.and_then(|body| member(body, "scimType")?.as_str());
    said == Some("mutability")
}

fn told(answer: &Answer, own: &ResourceType, why: &str) -> String {
    format!(
        "the target refuses it with {}, and its own schema of {} {why}",
        answer.status, own.name
    )
}

fn not_let(own: &ResourceType, is_written: impl Fn(&Schema, &str) -> bool) -> Option<String> {
    let schemas = [&own.core].into_iter().chain(&own.extensions);
    let mut apart = schemas.flat_map(|schema| schema.apart.iter().map(move |path| (schema, path)));
    let (_, path) = apart.find(|(schema, path)| is_written(schema, path))?;
    Some(format!("does not let clients write `{path}`"))
}

/// What holds the attributes of a schema: the resource, or its part of an extension.
fn holder<'v>(own: &ResourceType, schema: &Schema, resource: &'v Value) -> Option<&'v Value> {
    match schema.urn == own.core.urn {
        true => Some(resource),
        false => member(resource, &schema.urn),
    }
}

/// Whether an attribute may be written once: as its resource is created.
fn is_immutable(schema: &Schema, path: &str) -> bool {
    let mut attributes = schema.attributes.as_slice();
    let mut found = None;
    for name in path.split('.') {
        found = find(attributes, name);
        attributes = found.map_or(&[], |attribute| attribute.sub_attributes.as_slice());
    }
    found.is_some_and(|attribute| {
        attribute.published && attribute.mutability == Mutability::Immutable
    })
}

/// Whether a resource names a path such as `emails.type`, if only with null: who refuses names refuses
/// that, too.
fn has(resource: &Value, path: &str) -> bool {
    let (name, rest) = path
        .split_once('.')
        .map_or((path, None), |(name, rest)| (name, Some(rest)));
    let found = member(resource, name);
    found.is_some_and(|value| rest.is_none_or(|rest| each(value).any(|one| has(one, rest))))
}

/// Whether a PATCH writes what is at a path: an operation with a path names all of its parts, one
/// without, and a whole message of SCIM 1.1, is like a resource.
fn changes(own: &ResourceType, schema: &Schema, body: &Value, path: &str) -> bool {
    let holds = |resource| holder(own, schema, resource).is_some_and(|holder| has(holder, path));
    let Some(operations) = member(body, "Operations").and_then(Value::as_array) else {
        return holds(body);
    };
    operations.iter().any(|operation| {
        let value = member(operation, "value").unwrap_or(&Value::Null);
        match member(operation, "path").and_then(Value::as_str) {
            None => holds(value),
            Some(target) => {
                let words: Vec<&str> = target.split(|c: char| !c.is_ascii_alphanumeric()).collect();
                let mut rest = path
                    .split('.')
                    .skip_while(|part| words.iter().any(|word| word.eq_ignore_ascii_case(part)));
                let named = rest.clone().count() < path.split('.').count();
                named
                    && rest
                        .next()
                        .is_none_or(|part| each(value).any(|one| has(one, part)))
            }
        }
    })
}

/// What the published schemas of a type demand and a resource lacks.
fn misses(own: &ResourceType, resource: &Value) -> Option<String> {
    let of_extension = |extension: &Schema| match member(resource, &extension.urn) {
        Some(there) => lacking(&extension.attributes, there, ""),
        None if own.required.contains(&extension.urn) => Some(demands(&extension.urn)),
        None => None,
    };
    let core = lacking(&own.core.attributes, resource, "");
    core.or_else(|| own.extensions.iter().find_map(of_extension))
}

/// What the published schemas of a type demand and a PATCH takes away: a whole attribute, values of it,
/// or the same part of one.
fn removes(own: &ResourceType, body: &Value) -> Option<String> {
    let operations = member(body, "Operations").and_then(Value::as_array)?;
    let removed: Vec<&str> = operations.iter().flat_map(taken_away).collect();
    let schemas = [&own.core].into_iter().chain(&own.extensions);
    let tops = schemas.flat_map(|schema| &schema.attributes);
    let mut all = tops.flat_map(|top| std::iter::once(top).chain(&top.sub_attributes));
    let demanded = all.find(|attribute| {
        let is_removed = |name: &&str| name.eq_ignore_ascii_case(&attribute.name);
        attribute.published && attribute.required && removed.iter().any(is_removed)
    })?;
    Some(format!("demands `{}`", demanded.name))
}

/// What the published schemas of a type demand within an attribute and a PATCH adds it without.
fn adds_in_part(own: &ResourceType, body: &Value) -> Option<String> {
    let operations = member(body, "Operations").and_then(Value::as_array)?;
    let lacks = |name: &str, value: &Value| {
        let found = find(&own.core.attributes, name)?;
        let mut objects = each(value).filter(|one| one.is_object());
        objects.find_map(|one| lacking(&found.sub_attributes, one, &format!("{}.", found.name)))
    };
    let adds = |operation: &&Value| {
        let op = member(operation, "op").and_then(Value::as_str);
        op.is_some_and(|op| !op.eq_ignore_ascii_case("remove"))
    };
    operations.iter().filter(adds).find_map(|operation| {
        let value = member(operation, "value")?;
        match member(operation, "path").and_then(Value::as_str) {
            Some(path) => lacks(path.rsplit(':').next().unwrap_or(path), value),
            None => value
                .as_object()?
                .iter()
                .find_map(|(name, value)| lacks(name, value)),
        }
    })
}

/// The names of what an operation takes away: by a remove, or by a replace with no value (RFC 7643
/// section 2.5).
fn taken_away(operation: &Value) -> Vec<&str> {
    let op = member(operation, "op").and_then(Value::as_str);
    let is = |name: &str| op.is_some_and(|op| op.eq_ignore_ascii_case(name));
    let path = member(operation, "path").and_then(Value::as_str);
    let value = member(operation, "value").unwrap_or(&Value::Null);
    match path {
        Some(path) if is("remove") || is("replace") && !is_assigned(value) => {
            vec![last_name(path)]
        }
        None if is("replace") => {
            let members = value.as_object().into_iter().flatten();
            let emptied = members.filter(|(_, value)| !is_assigned(value));
            emptied.map(|(name, _)| last_name(name)).collect()
        }
        _ => Vec::new(),
    }
}

/// The name of the attribute, or of the part of one, at which a path ends: its filter names none.
fn last_name(path: &str) -> &str {
    let (head, part) = path.rsplit_once(']').unwrap_or((path, ""));
    let named = match part {
        "" => head.split('[').next().unwrap_or(head),
        part => part,
    };
    named.rsplit([':', '.']).next().unwrap_or(named)
}

fn demands(path: &str) -> String {
    format!("demands `{path}`, which was not sent")
}

/// What a published schema demands and a resource, or its part of an extension, lacks.
fn lacking(attributes: &[Attribute], resource: &Value, within: &str) -> Option<String> {
    let published = attributes.iter().filter(|attribute| attribute.published);
    published.into_iter().find_map(|attribute| {
        let path = format!("{within}{}", attribute.name);
        let value = member(resource, &attribute.name).filter(|value| is_assigned(value));
        match value {
            None if attribute.required && attribute.is_writable() => Some(demands(&path)),
            None => None,
            Some(value) => each(value)
                .filter(|one| one.is_object())
                .find_map(|one| lacking(&attribute.sub_attributes, one, &format!("{path}."))),
        }
    })
}

/// The values of an attribute.
fn each(value: &Value) -> impl Iterator<Item = &Value> {
    match value {
        Value::Array(values) => values.iter(),
        single => std::slice::from_ref(single).iter(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{capability::Discovery, exchange::SentRequest, model::Model, scenario::Version};
    use serde_json::json;

    const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
    const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

    fn schemas() -> Schemas {
        let types = json!({"Resources": [
            {"name": "User", "endpoint": "/Users", "schema": USER},
            {"name": "Guest", "endpoint": "/Guests", "schema": "urn:x:Guest", "schemaExtensions": [
                {"schema": "urn:x:visit", "required": true}, {"schema": ENTERPRISE, "required": false}]},
            {"name": "Group", "endpoint": "/Groups", "schema": GROUP}]});
        let published = json!({"Resources": [
            {"id": USER, "attributes": [
                {"name": "userName", "required": true}, {"name": "displayName"},
                {"name": "name", "type": "complex", "subAttributes": [
                    {"name": "formatted", "required": true}, {"name": "givenName"}]},
                {"name": "emails", "type": "complex", "multiValued": true, "subAttributes": [{"name": "value"}]}]},
            {"id": "urn:x:Guest", "attributes": [{"name": "label"}]},
            {"id": "urn:x:visit", "attributes": [{"name": "host", "required": true}, {"name": "room"}]},
            {"id": ENTERPRISE, "attributes": [{"name": "department"}]},
            {"id": GROUP, "attributes": [
                {"name": "displayName", "mutability": "immutable", "required": true},
                {"name": "members", "type": "complex", "multiValued": true, "required": true, "subAttributes": [{"name": "value"}]}]}]});
        let discovery = Discovery::new(None, Some(types), Some(published));
        Schemas::new(Model::new(Version::V2, &discovery))
    }

    fn exchange(method: &str, path: &str, status: u16, body: &Value) -> Exchange {
        Exchange {
            step: "s".into(),
            request: SentRequest {
                method: method.into(),
                path: path.into(),
                body: Some(body.to_string()),
                ..SentRequest::default()
            },
            response: Some(Answer {
                status,
                ..Answer::default()
            }),
            failure: None,
            milliseconds: 1,
            refused: Vec::new(),
        }
    }

    fn why(method: &str, path: &str, status: u16, body: &Value) -> Option<String> {
        explained(&schemas(), &exchange(method, path, status, body))
    }

    #[test]
    fn a_schema_explains_the_refusal_of_what_it_forbids_or_misses() {
        let user = |body: Value| why("POST", "/Users", 400, &body);
        for (body, named) in [
            (json!({"userName": "a", "title": "b"}), "write `title`"),
            (
                json!({"userName": "a", "Emails": [{"value": "x", "type": "work"}]}),
                "write `emails.type`",
            ),
            (json!({"displayName": "a"}), "demands `userName`"),
            (
                json!({"userName": "a", "name": {"givenName": "b"}}),
                "demands `name.formatted`",
            ),
        ] {
            let told = user(body.clone()).unwrap_or_default();
            assert!(told.contains(named), "{body}: {told}");
        }
        for sound in [
            json!({"userName": "a", "emails": [{"value": "x"}]}),
            json!({"userName": "a", "name": {"formatted": "b"}}),
        ] {
            assert_eq!(user(sound.clone()), None, "{sound}");
        }
        let titled = json!({"userName": "a", "title": "b"});
        for status in [201, 409, 500] {
            assert_eq!(why("POST", "/Users", status, &titled), None, "{status}");
        }
        assert_eq!(why("POST", "/Users/.search", 400, &json!({})), None);
        let named = json!({"displayName": "x", "members": [{"value": "1"}]});
        assert_eq!(
            why("POST", "/Groups", 400, &named),
            None,
            "immutable is written once"
        );
        assert!(why("PUT", "/Groups/1", 400, &named).is_some());
        let empty = why(
            "POST",
            "/Groups",
            400,
            &json!({"members": [{"value": "1"}]}),
        );
        assert!(empty.unwrap_or_default().contains("`displayName`"));
    }

    #[test]
    fn a_creation_may_be_barred_whatever_it_says() {
        for (method, path, status, is_barred) in [
            ("POST", "/Users", 403, true),
            ("POST", "/Guests", 507, true),
            ("POST", "/Users", 400, false),
            ("POST", "/Users/.search", 403, false),
            ("PUT", "/Users/1", 403, false),
        ] {
            let barred = barred(&exchange(method, path, status, &json!({})));
            assert_eq!(barred.is_some(), is_barred, "{method} {path} {status}");
        }
    }

    #[test]
    fn the_schema_of_an_extension_explains_a_refusal_too() {
        let guest = |method: &str, body: Value| {
            let path = match method {
                "POST" => "/Guests",
                _ => "/Guests/1",
            };
            why(method, path, 400, &body).unwrap_or_default()
        };
        let visit = json!({"host": "h"});
        let told = guest("POST", json!({"label": "a"}));
        assert!(told.contains("demands `urn:x:visit`"), "{told}");
        let told = guest("POST", json!({"label": "a", "urn:x:visit": {"room": "r"}}));
        assert!(told.contains("demands `host`"), "{told}");
        let staff =
            |name: &str| json!({"label": "a", "urn:x:visit": visit, ENTERPRISE: {name: "x"}});
        let told = guest("PUT", staff("division"));
        assert!(told.contains("write `division`"), "{told}");
        assert_eq!(guest("PUT", staff("department")), "");
        let patch = |name: &str| {
            let path = format!("{ENTERPRISE}:{name}");
            guest(
                "PATCH",
                json!({"Operations": [{"op": "add", "path": path, "value": "x"}]}),
            )
        };
        assert!(patch("division").contains("write `division`"));
        let remove = |path: &str| {
            guest(
                "PATCH",
                json!({"Operations": [{"op": "remove", "path": path}]}),
            )
        };
        assert!(remove("urn:x:visit:host").contains("demands `host`"));
        assert_eq!(remove("urn:x:visit:room"), "");
        assert_eq!(patch("department"), "");
    }

    #[test]
    fn a_schema_explains_the_refusal_of_a_change() {
        let patch = |operation: Value| {
            why(
                "PATCH",
                "/Groups/1",
                400,
                &json!({"Operations": [operation]}),
            )
        };
        assert!(patch(json!({"op": "replace", "path": "displayName", "value": "x"})).is_some());
        assert!(patch(json!({"op": "replace", "value": {"displayName": "x"}})).is_some());
        assert!(
            patch(json!({"op": "add", "path": "members", "value": [{"value": "1"}]})).is_none()
        );
        let user = |operation: Value| {
            why(
                "PATCH",
                "/Users/1",
                400,
                &json!({"Operations": [operation]}),
            )
        };
        assert!(
            user(json!({"op": "replace", "path": "emails[value eq \"x\"].type", "value": "w"}))
                .is_some()
        );
        assert!(
            user(json!({"op": "add", "path": "emails", "value": [{"value": "x", "type": "w"}]}))
                .is_some()
        );
        assert!(user(json!({"op": "replace", "path": "emails.value", "value": "x"})).is_none());
        let in_part = |operation: Value| user(operation).unwrap_or_default();
        let given = json!({"givenName": "b"});
        let whole = json!({"givenName": "b", "formatted": "c"});
        assert!(
            in_part(json!({"op": "add", "path": "name", "value": given}))
                .contains("name.formatted")
        );
        assert!(in_part(json!({"op": "add", "value": {"name": given}})).contains("name.formatted"));
        assert_eq!(
            in_part(json!({"op": "add", "path": "name", "value": whole})),
            ""
        );
        for (operation, demanded) in [
            (json!({"op": "remove", "path": "members"}), true),
            (
                json!({"op": "Remove", "path": "members[value eq \"a.b\"]"}),
                true,
            ),
            (
                json!({"op": "remove", "path": "members[value eq \"1\"].display"}),
                false,
            ),
            (
                json!({"op": "replace", "path": "members", "value": []}),
                true,
            ),
            (
                json!({"op": "replace", "path": "members", "value": null}),
                true,
            ),
            (json!({"op": "replace", "value": {"members": []}}), true),
            (
                json!({"op": "replace", "value": {"members": [{"value": "1"}]}}),
                false,
            ),
            (json!({"op": "add", "path": "members", "value": []}), false),
        ] {
            let told = patch(operation.clone()).unwrap_or_default();
            assert_eq!(
                told.contains("demands `members`"),
                demanded,
                "{operation}: {told}"
            );
        }
        assert!(user(json!({"op": "replace", "path": "displayName", "value": "x"})).is_none());
    }
}

//! Refusals that a target's own schemas explain: of what they do not let clients write, or of a
//! resource that lacks what they demand (RFC 7643 section 7; RFC 7644 section 3.12, table 9).

use serde_json::Value;

use super::{always::Endpoint, is_assigned, member, schema::Schemas};
use crate::{
    exchange::{Answer, Exchange},
    model::{Attribute, Mutability, ResourceType, attribute::find},
};

/// Statuses with which a body is refused.
const REFUSED: [u16; 2] = [400, 422];

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
            let forbidden = not_let(own, |path| {
                has(&body, path) && !(creates && is_immutable(own, path))
            });
            forbidden.or_else(|| lacking(&own.core.attributes, &body, ""))?
        }
        "PATCH" => not_let(own, |path| changes(&body, path))?,
        _ => return None,
    };
    Some(told(answer, own, &why))
}

fn told(answer: &Answer, own: &ResourceType, why: &str) -> String {
    format!(
        "the target refuses it with {}, and its own schema of {} {why}",
        answer.status, own.name
    )
}

fn not_let(own: &ResourceType, is_written: impl Fn(&str) -> bool) -> Option<String> {
    let mut apart = own.core.apart.iter();
    let path = apart.find(|path| is_written(path))?;
    Some(format!("does not let clients write `{path}`"))
}

/// Whether an attribute may be written once: as its resource is created.
fn is_immutable(own: &ResourceType, path: &str) -> bool {
    let mut attributes = own.core.attributes.as_slice();
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
fn changes(body: &Value, path: &str) -> bool {
    let Some(operations) = member(body, "Operations").and_then(Value::as_array) else {
        return has(body, path);
    };
    operations.iter().any(|operation| {
        let value = member(operation, "value").unwrap_or(&Value::Null);
        match member(operation, "path").and_then(Value::as_str) {
            None => has(value, path),
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

/// What a published schema demands and a resource lacks.
fn lacking(attributes: &[Attribute], resource: &Value, within: &str) -> Option<String> {
    let published = attributes.iter().filter(|attribute| attribute.published);
    published.into_iter().find_map(|attribute| {
        let path = format!("{within}{}", attribute.name);
        let value = member(resource, &attribute.name).filter(|value| is_assigned(value));
        match value {
            None if attribute.required && attribute.is_writable() => {
                Some(format!("demands `{path}`, which was not sent"))
            }
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
    const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

    fn schemas() -> Schemas {
        let types = json!({"Resources": [
            {"name": "User", "endpoint": "/Users", "schema": USER},
            {"name": "Group", "endpoint": "/Groups", "schema": GROUP}]});
        let published = json!({"Resources": [
            {"id": USER, "attributes": [
                {"name": "userName", "required": true}, {"name": "displayName"},
                {"name": "name", "type": "complex", "subAttributes": [
                    {"name": "formatted", "required": true}, {"name": "givenName"}]},
                {"name": "emails", "type": "complex", "multiValued": true, "subAttributes": [{"name": "value"}]}]},
            {"id": GROUP, "attributes": [
                {"name": "displayName", "mutability": "immutable", "required": true},
                {"name": "members", "type": "complex", "multiValued": true, "required": true, "subAttributes": [{"name": "value"}]}]}]});
        let discovery = Discovery::new(None, Some(types), Some(published));
        Schemas::new(Model::new(Version::V2, &discovery))
    }

    fn why(method: &str, path: &str, status: u16, body: &Value) -> Option<String> {
        let exchange = Exchange {
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
        };
        explained(&schemas(), &exchange)
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
        assert!(user(json!({"op": "replace", "path": "displayName", "value": "x"})).is_none());
    }
}

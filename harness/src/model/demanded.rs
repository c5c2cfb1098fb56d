//! What a target's own schema demands of a resource besides what the standard does: bodies that lack
//! it get it, so that what they are about can be seen.

use serde_json::{Map, Value};

use super::{
    Attribute, ResourceType, Schema,
    sample::{Tag, sample},
};

/// Gives a resource what the published schema of its type demands and it lacks; whether it lacked
/// anything. `domain` is that of e-mail addresses. What the standard demands is left out on purpose
/// where it is left out.
pub fn complete(own: &ResourceType, resource: &mut Value, domain: &str) -> bool {
    let Value::Object(members) = resource else {
        return false;
    };
    let known_by = ["userName", "displayName"]
        .iter()
        .find_map(|name| members.get(*name)?.as_str()?.split('@').next());
    let text = known_by.unwrap_or("test").to_owned();
    let tag = Tag {
        text: &text,
        domain,
    };
    let beyond = own
        .core
        .attributes
        .iter()
        .filter(|attribute| !is_standard(own, &attribute.name));
    let mut lacked = fill(beyond, members, tag);
    for extension in &own.extensions {
        let is_required = own.required.contains(&extension.urn);
        lacked |= extend(extension, is_required, members, tag);
    }
    lacked
}

/// The same of an extension, which is there or has to be. One that demands no attribute is left out: the
/// RFC's own example requires such a one, and hardly any provider enforces it (A33).
fn extend(
    extension: &Schema,
    is_required: bool,
    members: &mut Map<String, Value>,
    tag: Tag<'_>,
) -> bool {
    let urn = &extension.urn;
    let there = members
        .iter_mut()
        .find(|(name, _)| name.eq_ignore_ascii_case(urn));
    match there {
        Some((_, Value::Object(there))) => fill(extension.attributes.iter(), there, tag),
        None if is_required => {
            let mut least = Map::new();
            if !fill(extension.attributes.iter(), &mut least, tag) {
                return false;
            }
            members.insert(urn.clone(), Value::Object(least));
            if let Some(Value::Array(schemas)) = members.get_mut("schemas")
                && !schemas.iter().any(|known| known == urn)
            {
                schemas.push(Value::from(urn.as_str()));
            }
            true
        }
        _ => false,
    }
}

fn is_standard(own: &ResourceType, name: &str) -> bool {
    matches!(
        (own.name.as_str(), name),
        ("User", "userName") | ("Group", "displayName")
    )
}

fn fill<'a>(
    attributes: impl Iterator<Item = &'a Attribute>,
    members: &mut Map<String, Value>,
    tag: Tag<'_>,
) -> bool {
    let mut lacked = false;
    for attribute in attributes.filter(|attribute| attribute.published && attribute.is_writable()) {
        let there = members
            .iter_mut()
            .find(|(name, _)| name.eq_ignore_ascii_case(&attribute.name));
        match there {
            Some((_, Value::Array(values))) => {
                for value in values.iter_mut().filter_map(Value::as_object_mut) {
                    lacked |= fill(attribute.sub_attributes.iter(), value, tag);
                }
            }
            Some((_, Value::Object(value))) => {
                lacked |= fill(attribute.sub_attributes.iter(), value, tag);
            }
            Some(_) => {}
            None if attribute.required => {
                if let Some(sample) = sample(attribute, tag) {
                    members.insert(attribute.name.clone(), sample.value);
                    lacked = true;
                }
            }
            None => {}
        }
    }
    lacked
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn user() -> ResourceType {
        let attributes = json!([
            {"name": "userName", "required": true},
            {"name": "badge", "required": true},
            {"name": "kept", "required": true, "mutability": "readOnly"},
            {"name": "title"},
            {"name": "name", "type": "complex", "subAttributes": [
                {"name": "formatted", "required": true}, {"name": "givenName"}]},
            {"name": "emails", "type": "complex", "multiValued": true, "subAttributes": [
                {"name": "value"}, {"name": "kind", "required": true}]}]);
        let attributes = attributes.as_array().unwrap().iter();
        let mut own = ResourceType {
            name: "User".to_owned(),
            ..ResourceType::default()
        };
        own.core.attributes = attributes.filter_map(Attribute::published).collect();
        own
    }

    #[test]
    fn an_extension_that_has_to_be_there_is_added_with_what_it_demands() {
        let extension = |urn: &str, attributes: Value| Schema {
            urn: urn.to_owned(),
            attributes: attributes
                .as_array()
                .unwrap()
                .iter()
                .filter_map(Attribute::published)
                .collect(),
            ..Schema::default()
        };
        let own = ResourceType {
            extensions: vec![
                extension(
                    "urn:x:badge",
                    json!([{"name": "badge", "required": true}, {"name": "more"}]),
                ),
                extension("urn:x:any", json!([{"name": "first"}, {"name": "second"}])),
                extension(
                    "urn:x:free",
                    json!([{"name": "site", "required": true}, {"name": "room"}]),
                ),
            ],
            required: vec!["urn:x:badge".to_owned(), "urn:x:any".to_owned()],
            ..user()
        };
        let mut body = json!({"schemas": ["urn:x:User"], "userName": "a", "badge": "b"});
        assert!(complete(&own, &mut body, "example.com"));
        assert_eq!(
            body,
            json!({"schemas": ["urn:x:User", "urn:x:badge"], "userName": "a", "badge": "b",
                "urn:x:badge": {"badge": "badgeOne"}})
        );
        body["urn:x:free"] = json!({"room": "r"});
        assert!(complete(&own, &mut body, "example.com"));
        assert_eq!(body["urn:x:free"], json!({"room": "r", "site": "siteOne"}));
        assert!(!complete(&own, &mut body, "example.com"));
    }

    #[test]
    fn what_a_schema_demands_is_added_where_it_is_missing() {
        let mut body =
            json!({"name": {"givenName": "A"}, "emails": [{"value": "x"}, {"kind": "k"}]});
        assert!(complete(&user(), &mut body, "example.com"));
        for place in ["/badge", "/name/formatted", "/emails/0/kind"] {
            assert!(body.pointer(place).is_some_and(Value::is_string), "{place}");
        }
        assert_eq!(body["emails"][1], json!({"kind": "k"}));
        for place in ["/userName", "/kept", "/title"] {
            assert_eq!(body.pointer(place), None, "{place}");
        }
        let whole = body.clone();
        assert!(!complete(&user(), &mut body, "example.com"));
        assert_eq!(body, whole);
    }
}

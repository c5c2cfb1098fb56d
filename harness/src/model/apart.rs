//! What the standard lets clients write and a target's own schema does not: attributes that it does
//! not list, and those that it says are readOnly.

use super::attribute::{Attribute, Mutability, find};

/// The paths of such attributes, `displayName` or `name.formatted`. A schema that lists nothing
/// says nothing.
pub(super) fn apart(published: &[Attribute], standard: &[Attribute]) -> Vec<String> {
    if published.is_empty() {
        return Vec::new();
    }
    let writable = |one: &&Attribute| one.mutability == Mutability::ReadWrite;
    let paths = standard.iter().filter(writable).flat_map(|known| {
        let Some(own) = find(published, &known.name).filter(writable) else {
            return vec![known.name.clone()];
        };
        let parts = apart(&own.sub_attributes, &known.sub_attributes);
        parts
            .into_iter()
            .map(|part| format!("{}.{part}", known.name))
            .collect()
    });
    paths.collect()
}

/// Whether a place of an answer, as a pointer or a JSONPath, is about one of such attributes.
pub(super) fn is_about(place: &str, apart: &[String]) -> bool {
    let words: Vec<&str> = place
        .split(|c: char| !c.is_ascii_alphanumeric() && !"_$".contains(c))
        .collect();
    let named = |path: &String| path.split('.').all(|part| words.contains(&part));
    apart.iter().any(named)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn attributes(listed: serde_json::Value) -> Vec<Attribute> {
        let listed = listed.as_array().unwrap();
        listed.iter().filter_map(Attribute::published).collect()
    }

    #[test]
    fn what_is_not_listed_or_cannot_be_written_is_apart() {
        let name = |formatted: &str| {
            json!({"name": "name", "type": "complex", "subAttributes": [
            {"name": "givenName"}, {"name": "formatted", "mutability": formatted}]})
        };
        let standard = attributes(json!([
            {"name": "title"}, {"name": "active"}, {"name": "groups", "mutability": "readOnly"}, name("readWrite")]));
        let published =
            attributes(json!([{"name": "active", "mutability": "readOnly"}, name("readOnly")]));
        let found = apart(&published, &standard);
        assert_eq!(found, ["title", "active", "name.formatted"]);
        assert!(apart(&[], &standard).is_empty());
        for place in ["/active", "$.Resources[*].name.formatted", "$[?@.title]"] {
            assert!(is_about(place, &found), "{place}");
        }
        for place in ["/name/givenName", "/groups", "", "/addresses/0/formatted"] {
            assert!(!is_about(place, &found), "{place}");
        }
    }
}

//! Where a resource is and how it can be found: its path, its mark, its members.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::template::percent_encode;

/// A longer id fits into no URL that every server reads, and would fill the ledger.
pub(super) const LONGEST_ID: usize = 2000;

/// The path of a resource of a collection, if its id can stand in one: an empty id would address
/// the collection, and `..` what is above it.
pub(super) fn path_of(collection: &str, resource: &Value) -> Option<String> {
    let id = match resource.get("id")? {
        Value::String(id) => id.clone(),
        Value::Number(id) => id.to_string(),
        _ => return None,
    };
    let usable = !matches!(id.as_str(), "" | "." | "..") && id.len() <= LONGEST_ID;
    usable.then(|| format!("{collection}/{}", percent_encode(&id)))
}

/// The attribute by which a body that is about to be sent can be found again.
pub(super) fn key_of(body: Option<&Value>, tag: &str) -> Option<(String, String)> {
    let body = body?;
    ["userName", "displayName", "externalId"]
        .iter()
        .find_map(|name| {
            let value = member(body, name)?
                .as_str()
                .filter(|value| value.contains(tag))?;
            Some(((*name).to_owned(), value.to_owned()))
        })
}

/// A member of an object, whatever case its name is written in, as in all of SCIM.
pub(super) fn member<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    members(object, name).next()
}

/// All members of a name in an object: in another case each, there may be several.
pub(super) fn members<'a>(object: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    let members = object.as_object().into_iter().flatten();
    members
        .filter(move |(found, _)| found.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

/// The one form of a path, however its segments are escaped: in a bulk job an id may stand as it is.
pub(super) fn canonical(path: &str) -> String {
    let segments = path.split('/').map(|segment| {
        let decoded = percent_decode_str(segment).decode_utf8();
        decoded.map_or(Cow::Borrowed(segment), |plain| {
            percent_encode(&plain).into()
        })
    });
    segments.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_the_same_however_its_segments_are_escaped() {
        assert_eq!(canonical("/Users/dTow%3D%3D"), canonical("/Users/dTow=="));
        assert_eq!(canonical("/Users/%C3%BC%2f"), "/Users/%C3%BC%2F");
        assert_ne!(canonical("/Users/a%2Fb"), canonical("/Users/a/b"));
        assert_ne!(canonical("/Users/a"), canonical("/Users/A"));
        assert_eq!(canonical("/Users/%FF"), "/Users/%FF");
    }

    #[test]
    fn an_id_that_is_no_segment_of_a_path_has_none() {
        let path = |id: Value| path_of("/Users", &serde_json::json!({"id": id}));
        assert_eq!(path("a/b?".into()).unwrap(), "/Users/a%2Fb%3F");
        assert_eq!(path(7.into()).unwrap(), "/Users/7");
        let long = "x".repeat(LONGEST_ID + 1);
        for id in [
            Value::from(""),
            "..".into(),
            ".".into(),
            Value::Null,
            long.into(),
        ] {
            assert_eq!(path(id), None);
        }
    }
}

//! Whom a write names besides what it changes: a member of a group is shown the group, and a
//! creation with the id of somebody may take that one's place.

use serde_json::Value;

use super::{
    guard::operations_of,
    resource::{member, members},
};
use crate::{check::always::Endpoint, client::Outgoing, template::percent_encode};

/// Where members are.
const OF_MEMBERS: [&str; 2] = ["/Users", "/Groups"];
/// What a member has besides its id.
const BESIDES: [&str; 3] = [".display", ".type", ".$ref"];

/// An id in the body of a write, and the collections in which somebody may have it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub id: String,
    collections: Vec<String>,
}

impl Named {
    fn new<'a>(id: String, collections: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        // What is no segment of a path is nobody's id, and a bulkId is that of a creation.
        let usable = !matches!(id.as_str(), "" | "." | "..") && !id.starts_with("bulkId:");
        usable.then(|| Self {
            id,
            collections: collections.into_iter().map(str::to_owned).collect(),
        })
    }

    /// Where somebody with this id is.
    pub(super) fn paths(&self) -> impl Iterator<Item = String> + '_ {
        let id = percent_encode(&self.id);
        let collections = self.collections.iter();
        collections.map(move |collection| format!("{collection}/{id}"))
    }
}

/// Everybody whom a write names.
pub(super) fn named(outgoing: &Outgoing) -> Vec<Named> {
    let operations = operations_of(outgoing);
    let mut all = Vec::new();
    for (path, body) in &operations {
        let mut ids = Vec::new();
        find_members(body, false, &mut ids);
        all.extend(ids.into_iter().filter_map(|id| Named::new(id, OF_MEMBERS)));
        all.extend(own_id(path, body));
    }
    all
}

/// The id that a body gives the resource itself, unless it is the one in the path.
fn own_id(path: &str, body: &Value) -> Option<Named> {
    let id = text(member(body, "id")?)?;
    let path = path.trim_end_matches('/');
    let collection = match Endpoint::of_path(path) {
        Endpoint::Resource(own) if own == id => return None,
        Endpoint::Resource(_) => path.rsplit_once('/')?.0,
        _ => path,
    };
    Named::new(id, [collection])
}

/// The ids of members in a resource or a PATCH, wherever a lenient server looks for them; `within`
/// says whether what stands here is one. What is only taken out of a group is left alone.
fn find_members(value: &Value, within: bool, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            let mut operations = members(value, "op").peekable();
            let is_removal = |op: &Value| {
                op.as_str()
                    .is_some_and(|op| op.eq_ignore_ascii_case("remove"))
            };
            if operations.peek().is_some() && operations.all(is_removal) {
                return;
            }
            let leads_to_members = members(value, "path").any(is_path_of_members);
            for (name, inner) in object {
                let name = name.to_lowercase();
                let is_value = name == "value" && (within || leads_to_members);
                find_members(inner, name.contains("members") || is_value, found);
            }
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| find_members(item, within, found)),
        _ => found.extend(text(value).filter(|_| within)),
    }
}

fn is_path_of_members(path: &Value) -> bool {
    let path = path.as_str().unwrap_or_default().to_lowercase();
    path.contains("members") && !BESIDES.iter().any(|part| path.ends_with(part))
}

/// A text, or a number as one.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(method: &str, path: &str, body: &str) -> Vec<String> {
        let outgoing = Outgoing {
            method: method.to_owned(),
            path: path.to_owned(),
            body: Some(body.to_owned()),
            ..Outgoing::default()
        };
        let named = named(&outgoing);
        named.iter().flat_map(|one| one.paths().next()).collect()
    }

    #[test]
    fn members_are_named_wherever_a_server_may_look_for_them() {
        for body in [
            r#"{"members":[{"value":"7"}]}"#,
            r#"{"MEMBERS":[{"Value":"7","display":"Babs"}]}"#,
            r#"{"members":["7"]}"#,
            r#"{"members":{"value":7}}"#,
            r#"{"urn:ietf:params:scim:schemas:core:2.0:Group:members":[{"value":"7"}]}"#,
            r#"{"displayName":"x","members":[{"value":"7""#,
            r#"{"Operations":[{"op":"add","path":"members","value":[{"value":"7"}]}]}"#,
            r#"{"Operations":[{"op":"Replace","path":"urn:x:2.0:Group:members","value":"7"}]}"#,
            r#"{"Operations":[{"op":"replace","value":{"members":[{"value":"7"}]}}]}"#,
            r#"{"Operations":[{"op":"replace","path":"members[value eq \"a\"].value","value":"7"}]}"#,
            r#"{"Operations":[{"op":"remove","OP":"add","path":"members","value":"7"}]}"#,
        ] {
            assert_eq!(ids("PATCH", "/Groups/1", body), ["/Users/7"], "{body}");
        }
        for body in [
            r#"{"displayName":"7","emails":[{"value":"7"}],"manager":{"value":"7"}}"#,
            r#"{"Operations":[{"op":"remove","path":"members[value eq \"7\"]"}]}"#,
            r#"{"Operations":[{"op":"Remove","path":"members","value":[{"value":"7"}]}]}"#,
            r#"{"Operations":[{"op":"replace","path":"members[value eq \"a\"].display","value":"7"}]}"#,
            r#"{"members":[{"value":"bulkId:7"},{"value":""},{"value":".."},{"display":"7"}]}"#,
            "members=7",
        ] {
            assert_eq!(ids("PATCH", "/Groups/1", body), [""; 0], "{body}");
        }
    }

    #[test]
    fn the_id_of_somebody_else_is_named() {
        let body = r#"{"id":"a/b"}"#;
        assert_eq!(ids("POST", "/Users/", body), ["/Users/a%2Fb"]);
        assert_eq!(ids("PUT", "/Users/7", body), ["/Users/a%2Fb"]);
        assert_eq!(ids("PUT", "/Users/a%2Fb", body), [""; 0]);
    }

    #[test]
    fn operations_of_a_bulk_job_name_as_requests_do() {
        let job = r#"{"Operations":[
            {"method":"POST","path":"/Groups","bulkId":"g","data":{"members":[{"value":"7"},{"value":"bulkId:u"}]}},
            {"method":"PUT","path":"/Users/8","data":{"id":"9"}},
            {"method":"PATCH","path":"/Groups/1","data":{"Operations":[{"op":"add","path":"members","value":"6"}]}},
            {"method":"DELETE","path":"/Users/5"}]}"#;
        assert_eq!(
            ids("POST", "/Bulk", job),
            ["/Users/7", "/Users/9", "/Users/6"]
        );
    }
}

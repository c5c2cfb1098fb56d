//! Faults that are data: rules by which a finished response is changed on its way out.
//!
//! A provider that forgets a header, misspells an attribute or answers a wrong status needs no
//! code of its own. It is the sound provider with a few [`Rewrite`]s behind it, read from TOML:
//!
//! ```toml
//! [[fault.rewrite]]
//! when       = { method = "GET", path = "/Users/*", status = "2xx" }
//! set_header = { Content-Type = "text/html" }
//! set        = { "/meta/resourceType" = "user" }
//! remove     = ["/emails/*/primary"]
//! ```
//!
//! # Order of work
//!
//! Within one rewrite: `status`, `set_header`, `remove_header`, then in the JSON body `set`,
//! `set_null`, `rename`, `remove`, then `body`, and `text` last. A map is worked through in the
//! order of its pointers' text, so a parent comes before its members. Where the body is no JSON,
//! or no pointer leads anywhere, its bytes stay as they were.
//!
//! # Pointers
//!
//! JSON pointers as in RFC 6901, where a segment `*` stands for every element of an array or
//! every member of an object, and a last segment `-` in `set` for a new element at the end of an
//! array. The empty pointer is the whole body.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error, SeqAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::message::{Request, Response};

/// One rewrite of matching responses.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rewrite {
    /// Which responses it changes; without it, every one.
    #[serde(default)]
    pub when: When,
    /// Replaces the status code.
    #[serde(default, deserialize_with = "status_code")]
    status: Option<u16>,
    /// Replaces all headers of a name by one with this value, or by one for each of a list.
    #[serde(default)]
    set_header: BTreeMap<String, OneOrMany>,
    /// Drops all headers of these names.
    #[serde(default)]
    remove_header: Vec<String>,
    /// Puts a value where the pointer leads. A missing member is added where its object exists.
    #[serde(default)]
    set: BTreeMap<Pointer, Value>,
    /// As `set`, with `null`, which TOML cannot say.
    #[serde(default)]
    set_null: Vec<Pointer>,
    /// Gives the member to which the pointer leads another name, in the same place.
    #[serde(default)]
    rename: BTreeMap<Pointer, String>,
    /// Takes away what the pointers lead to.
    #[serde(default)]
    remove: Vec<Pointer>,
    /// Replaces the whole body by this text, in which `{{body}}` stands for the body so far.
    #[serde(default)]
    body: Option<String>,
    /// Replaces each occurrence of the first text in the body by the second.
    #[serde(default, deserialize_with = "find_and_replace")]
    text: Option<[String; 2]>,
}

/// Which responses a [`Rewrite`] changes: those for which everything named here holds.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// The request's method, or a list of which it is one.
    #[serde(default)]
    method: Option<OneOrMany>,
    /// Glob over the path below the base URL as sent, without the query. `*` stands for any run
    /// of characters, `/` among them: `/Users/*` is any single user, `*` any path.
    #[serde(default)]
    path: Option<String>,
    /// Text that the query contains once decoded, `+` read as a space.
    #[serde(default)]
    query: Option<String>,
    /// Text that the query contains as sent.
    #[serde(default)]
    raw_query: Option<String>,
    /// The status before any rewrite of this one: a code, a class such as `"2xx"`, or a list.
    #[serde(default)]
    status: Option<Statuses>,
    /// Text that the request's body contains.
    #[serde(default)]
    body: Option<String>,
}

impl Rewrite {
    /// The response with this rewrite done, or the same one where [`When`] does not hold.
    pub fn apply(&self, request: &Request, mut response: Response) -> Response {
        if !self.when.holds(request, response.status) {
            return response;
        }
        if let Some(status) = self.status {
            response.status = status;
        }
        for (name, values) in &self.set_header {
            drop_header(&mut response, name);
            for value in &values.0 {
                response.headers.push((name.clone(), value.clone()));
            }
        }
        for name in &self.remove_header {
            drop_header(&mut response, name);
        }
        self.change_json(&mut response);
        if let Some(text) = &self.body {
            response.body = replace(text.as_bytes(), b"{{body}}", &response.body);
        }
        if let Some([find, new]) = &self.text {
            response.body = replace(&response.body, find.as_bytes(), new.as_bytes());
        }
        response
    }

    fn change_json(&self, response: &mut Response) {
        if self.set.is_empty()
            && self.set_null.is_empty()
            && self.rename.is_empty()
            && self.remove.is_empty()
        {
            return;
        }
        let Ok(mut body) = serde_json::from_slice::<Value>(&response.body) else {
            return;
        };
        let mut changed = false;
        for (pointer, value) in &self.set {
            changed |= set(&mut body, &pointer.0, value);
        }
        for pointer in &self.set_null {
            changed |= set(&mut body, &pointer.0, &Value::Null);
        }
        for (pointer, name) in &self.rename {
            changed |= at_parents(&mut body, &pointer.0, &mut |parent, key| {
                rename(parent, key, name)
            });
        }
        for pointer in &self.remove {
            changed |= at_parents(&mut body, &pointer.0, &mut remove);
        }
        if changed {
            response.body = body.to_string().into_bytes();
        }
    }
}

impl When {
    /// Whether a response of this status to this request is meant.
    pub fn holds(&self, request: &Request, status: u16) -> bool {
        let (path, query) = match request.target.split_once('?') {
            Some((path, query)) => (path, query),
            None => (request.target.as_str(), ""),
        };
        let method = |methods: &OneOrMany| {
            methods
                .0
                .iter()
                .any(|method| method.eq_ignore_ascii_case(&request.method))
        };
        self.method.as_ref().is_none_or(method)
            && self.path.as_ref().is_none_or(|glob| matches(glob, path))
            && self
                .query
                .as_ref()
                .is_none_or(|text| decoded(query).contains(text))
            && self
                .raw_query
                .as_ref()
                .is_none_or(|text| query.contains(text))
            && self.status.as_ref().is_none_or(|wanted| wanted.has(status))
            && self
                .body
                .as_ref()
                .is_none_or(|text| position(&request.body, text.as_bytes()).is_some())
    }
}

fn drop_header(response: &mut Response, name: &str) {
    response
        .headers
        .retain(|(found, _)| !found.eq_ignore_ascii_case(name));
}

/// Calls `change` with each object or array that holds the pointer's last segment.
fn at_parents(
    value: &mut Value,
    pointer: &[String],
    change: &mut dyn FnMut(&mut Value, &str) -> bool,
) -> bool {
    match pointer {
        [] => false,
        [last] => change(value, last),
        [first, rest @ ..] => {
            let mut changed = false;
            for child in children(value, first) {
                changed |= at_parents(child, rest, change);
            }
            changed
        }
    }
}

fn children<'a>(value: &'a mut Value, segment: &str) -> Vec<&'a mut Value> {
    match value {
        Value::Object(members) => match segment {
            "*" => members.values_mut().collect(),
            _ => members.get_mut(segment).into_iter().collect(),
        },
        Value::Array(items) => match segment {
            "*" => items.iter_mut().collect(),
            _ => index(segment)
                .and_then(|index| items.get_mut(index))
                .into_iter()
                .collect(),
        },
        _ => Vec::new(),
    }
}

fn index(segment: &str) -> Option<usize> {
    let plain = segment == "0" || !segment.starts_with(['0', '+']);
    plain.then(|| segment.parse().ok()).flatten()
}

fn set(body: &mut Value, pointer: &[String], new: &Value) -> bool {
    if pointer.is_empty() {
        *body = new.clone();
        return true;
    }
    at_parents(body, pointer, &mut |parent, key| {
        match parent {
            Value::Object(members) if key != "*" => {
                members.insert(key.to_owned(), new.clone());
                return true;
            }
            Value::Array(items) if key == "-" => {
                items.push(new.clone());
                return true;
            }
            _ => {}
        }
        let mut found = false;
        for child in children(parent, key) {
            *child = new.clone();
            found = true;
        }
        found
    })
}

fn remove(parent: &mut Value, key: &str) -> bool {
    match parent {
        Value::Object(members) if key == "*" => {
            let any = !members.is_empty();
            members.clear();
            any
        }
        Value::Object(members) => members.shift_remove(key).is_some(),
        Value::Array(items) if key == "*" => {
            let any = !items.is_empty();
            items.clear();
            any
        }
        Value::Array(items) => match index(key) {
            Some(index) if index < items.len() => {
                items.remove(index);
                true
            }
            _ => false,
        },
        _ => false,
    }
}

fn rename(parent: &mut Value, key: &str, new: &str) -> bool {
    let Value::Object(members) = parent else {
        return false;
    };
    if key == new || !members.contains_key(key) {
        return false;
    }
    let mut renamed = Map::new();
    for (name, value) in std::mem::take(members) {
        if name == key {
            renamed.insert(new.to_owned(), value);
        } else if name != new {
            renamed.insert(name, value);
        }
    }
    *members = renamed;
    true
}

/// Whether the glob, in which `*` stands for any run of characters, covers the whole text.
fn matches(glob: &str, text: &str) -> bool {
    let Some((head, mut globs)) = glob.split_once('*') else {
        return glob == text;
    };
    let Some(mut text) = text.strip_prefix(head) else {
        return false;
    };
    while let Some((middle, rest)) = globs.split_once('*') {
        let Some(at) = text.find(middle) else {
            return false;
        };
        text = &text[at + middle.len()..];
        globs = rest;
    }
    text.ends_with(globs)
}

fn decoded(query: &str) -> String {
    let spaced = query.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced)
        .decode_utf8_lossy()
        .into_owned()
}

fn position(text: &[u8], find: &[u8]) -> Option<usize> {
    if find.is_empty() {
        return Some(0);
    }
    text.windows(find.len()).position(|window| window == find)
}

fn replace(text: &[u8], find: &[u8], new: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + new.len());
    let mut rest = text;
    while let Some(at) = position(rest, find) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(new);
        rest = &rest[at + find.len()..];
    }
    out.extend_from_slice(rest);
    out
}

/// A JSON pointer's segments, unescaped.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Pointer(Vec<String>);

impl<'de> Deserialize<'de> for Pointer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.is_empty() {
            return Ok(Self(Vec::new()));
        }
        let Some(segments) = text.strip_prefix('/') else {
            return Err(D::Error::invalid_value(
                Unexpected::Str(&text),
                &"a JSON pointer, which is empty or begins with `/`",
            ));
        };
        Ok(Self(
            segments
                .split('/')
                .map(|segment| segment.replace("~1", "/").replace("~0", "~"))
                .collect(),
        ))
    }
}

/// A text, or a list of texts.
#[derive(Clone, Debug)]
struct OneOrMany(Vec<String>);

impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Texts;
        impl<'de> Visitor<'de> for Texts {
            type Value = OneOrMany;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a list of strings")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<OneOrMany, E> {
                Ok(OneOrMany(vec![text.to_owned()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<OneOrMany, A::Error> {
                let mut texts = Vec::new();
                while let Some(text) = seq.next_element()? {
                    texts.push(text);
                }
                Ok(OneOrMany(texts))
            }
        }
        deserializer.deserialize_any(Texts)
    }
}

/// Inclusive ranges of status codes, one for each code or class named.
#[derive(Clone, Debug)]
struct Statuses(Vec<(u16, u16)>);

impl Statuses {
    fn has(&self, status: u16) -> bool {
        self.0
            .iter()
            .any(|(first, last)| (*first..=*last).contains(&status))
    }
}

const A_STATUS: &str = "a status code from 100 to 599 or a class such as \"2xx\"";

impl<'de> Deserialize<'de> for Statuses {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Ranges;
        impl<'de> Visitor<'de> for Ranges {
            type Value = Statuses;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{A_STATUS}, or a list of these")
            }

            fn visit_i64<E: Error>(self, code: i64) -> Result<Statuses, E> {
                match u16::try_from(code) {
                    Ok(code @ 100..=599) => Ok(Statuses(vec![(code, code)])),
                    _ => Err(E::invalid_value(Unexpected::Signed(code), &A_STATUS)),
                }
            }

            fn visit_u64<E: Error>(self, code: u64) -> Result<Statuses, E> {
                self.visit_i64(i64::try_from(code).unwrap_or(i64::MAX))
            }

            fn visit_str<E: Error>(self, class: &str) -> Result<Statuses, E> {
                let first = match class.strip_suffix("xx") {
                    Some("1") => 100,
                    Some("2") => 200,
                    Some("3") => 300,
                    Some("4") => 400,
                    Some("5") => 500,
                    _ => return Err(E::invalid_value(Unexpected::Str(class), &A_STATUS)),
                };
                Ok(Statuses(vec![(first, first + 99)]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Statuses, A::Error> {
                let mut ranges = Vec::new();
                while let Some(Statuses(more)) = seq.next_element()? {
                    ranges.extend(more);
                }
                Ok(Statuses(ranges))
            }
        }
        deserializer.deserialize_any(Ranges)
    }
}

fn status_code<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u16>, D::Error> {
    let code = u16::deserialize(deserializer)?;
    if (100..=999).contains(&code) {
        Ok(Some(code))
    } else {
        Err(D::Error::invalid_value(
            Unexpected::Unsigned(code.into()),
            &"a status code of three digits",
        ))
    }
}

fn find_and_replace<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<[String; 2]>, D::Error> {
    let [find, new] = <[String; 2]>::deserialize(deserializer)?;
    if find.is_empty() {
        return Err(D::Error::custom("the text to find is empty"));
    }
    Ok(Some([find, new]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewrite(toml: &str) -> Rewrite {
        toml::from_str(toml).unwrap()
    }

    fn refused(toml: &str) -> String {
        toml::from_str::<Rewrite>(toml)
            .unwrap_err()
            .message()
            .to_owned()
    }

    fn request(method: &str, target: &str) -> Request {
        Request {
            method: method.to_owned(),
            target: target.to_owned(),
            ..Request::default()
        }
    }

    fn response(status: u16, body: &str) -> Response {
        Response {
            status,
            headers: vec![
                (
                    "Content-Type".to_owned(),
                    "application/scim+json".to_owned(),
                ),
                ("ETag".to_owned(), "W/\"1\"".to_owned()),
            ],
            body: body.as_bytes().to_vec(),
        }
    }

    fn holds(when: &str, method: &str, target: &str, status: u16) -> bool {
        let request = request(method, target);
        rewrite(&format!("when = {{ {when} }}"))
            .when
            .holds(&request, status)
    }

    fn body(toml: &str, body: &str) -> String {
        let answer = rewrite(toml).apply(&request("GET", "/Users"), response(200, body));
        String::from_utf8(answer.body).unwrap()
    }

    #[test]
    fn without_a_condition_every_response_is_meant() {
        assert!(holds("", "GET", "/Users", 200));
        assert!(rewrite("status = 500").when.holds(&Request::default(), 404));
    }

    #[test]
    fn method_is_one_or_a_list() {
        assert!(holds("method = 'PUT'", "PUT", "/Users/1", 200));
        assert!(!holds("method = 'PUT'", "PATCH", "/Users/1", 200));
        assert!(holds("method = ['PUT', 'patch']", "PATCH", "/Users/1", 200));
        assert!(!holds("method = []", "PATCH", "/Users/1", 200));
    }

    #[test]
    fn path_is_a_glob_over_the_path_alone() {
        assert!(holds("path = '/Users'", "GET", "/Users?count=2", 200));
        assert!(!holds("path = '/Users'", "GET", "/Users/1", 200));
        assert!(holds("path = '/Users/*'", "GET", "/Users/a%40b?x=/y", 200));
        assert!(!holds("path = '/Users/*'", "GET", "/Users?x=/Users/1", 200));
        assert!(holds("path = '*'", "GET", "/Me", 200));
        assert!(holds("path = '/*/1'", "GET", "/Groups/1", 200));
        assert!(holds("path = '/*s/*1*'", "GET", "/Groups/212", 200));
        assert!(!holds("path = '/*s/*1'", "GET", "/Groups/212", 200));
        assert!(!holds("path = '/Users*Users'", "GET", "/Users", 200));
    }

    #[test]
    fn query_is_compared_decoded() {
        let when = "query = 'userName eq \"a@b\"'";
        assert!(holds(
            when,
            "GET",
            "/Users?filter=userName%20eq+%22a%40b%22&count=1",
            200
        ));
        assert!(!holds(when, "GET", "/Users", 200));
        assert!(holds("query = '50+'", "GET", "/Users?count=50%2B", 200));
        let plus = "raw_query = '+eq+'";
        assert!(holds(plus, "GET", "/Users?filter=a+eq+1", 200));
        assert!(!holds(plus, "GET", "/Users?filter=a%20eq%201", 200));
    }

    #[test]
    fn status_is_a_code_a_class_or_a_list() {
        assert!(holds("status = 404", "GET", "/Users/1", 404));
        assert!(!holds("status = 404", "GET", "/Users/1", 400));
        assert!(holds("status = '4xx'", "GET", "/Users/1", 499));
        assert!(!holds("status = '4xx'", "GET", "/Users/1", 500));
        assert!(holds("status = ['2xx', 404]", "GET", "/Users/1", 201));
        assert!(holds("status = ['2xx', 404]", "GET", "/Users/1", 404));
        assert!(!holds("status = ['2xx', 404]", "GET", "/Users/1", 409));
    }

    #[test]
    fn body_is_a_part_of_the_requests_body() {
        let when = rewrite("when = { body = '\"active\":false' }").when;
        let mut request = request("PATCH", "/Users/1");
        assert!(!when.holds(&request, 200));
        request.body = b"{\"active\":false}".to_vec();
        assert!(when.holds(&request, 200));
    }

    #[test]
    fn all_conditions_have_to_hold() {
        let when = "method = 'GET', path = '/Users', status = 200";
        assert!(holds(when, "GET", "/Users", 200));
        assert!(!holds(when, "POST", "/Users", 200));
        assert!(!holds(when, "GET", "/Groups", 200));
        assert!(!holds(when, "GET", "/Users", 201));
    }

    #[test]
    fn a_response_not_meant_stays_as_it_is() {
        let rewrite = rewrite("status = 500\nbody = ''\nwhen = { method = 'POST' }");
        let before = response(200, "{}");
        assert_eq!(
            rewrite.apply(&request("GET", "/Users"), before.clone()),
            before
        );
    }

    #[test]
    fn status_is_replaced() {
        let answer = rewrite("status = 201").apply(&Request::default(), response(200, "{}"));
        assert_eq!(answer.status, 201);
        assert_eq!(answer.body, b"{}");
    }

    #[test]
    fn headers_are_set_doubled_and_removed_whatever_their_case() {
        let answer = rewrite(
            "set_header = { content-type = 'text/html', X-Two = ['a', 'b'] }\nremove_header = ['etag', 'X-None']",
        )
        .apply(&Request::default(), response(200, "{}"));
        let headers: Vec<_> = answer
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        assert_eq!(headers, ["X-Two: a", "X-Two: b", "content-type: text/html"]);
    }

    #[test]
    fn set_replaces_and_adds_where_the_parent_exists() {
        assert_eq!(
            body(
                "set = { '/id' = 7, '/meta/version' = 'x' }",
                r#"{"id":"1","meta":{}}"#
            ),
            r#"{"id":7,"meta":{"version":"x"}}"#
        );
        let before = r#"{ "id": "1" }"#;
        assert_eq!(body("set = { '/meta/version' = 'x' }", before), before);
        assert_eq!(body("set = { '/id/version' = 'x' }", before), before);
    }

    #[test]
    fn set_works_on_parents_before_their_members() {
        assert_eq!(
            body(
                "set = { '/name/familyName' = 'B', '/name' = {} }",
                r#"{"name":"A"}"#
            ),
            r#"{"name":{"familyName":"B"}}"#
        );
    }

    #[test]
    fn set_reaches_every_element_and_member() {
        assert_eq!(
            body(
                "set = { '/Resources/*/active' = 'True' }",
                r#"{"Resources":[{"active":true},{}]}"#
            ),
            r#"{"Resources":[{"active":"True"},{"active":"True"}]}"#
        );
        assert_eq!(
            body("set = { '/*/x' = 1 }", r#"{"a":{"x":0},"b":2,"c":{}}"#),
            r#"{"a":{"x":1},"b":2,"c":{"x":1}}"#
        );
        assert_eq!(
            body("set = { '/a/*' = 0 }", r#"{"a":[1,2]}"#),
            r#"{"a":[0,0]}"#
        );
    }

    #[test]
    fn set_changes_array_elements_and_appends() {
        assert_eq!(
            body(
                "set = { '/a/1' = 0, '/a/7' = 0, '/a/-' = 9 }",
                r#"{"a":[1,2]}"#
            ),
            r#"{"a":[1,0,9]}"#
        );
    }

    #[test]
    fn set_and_remove_understand_the_empty_pointer() {
        assert_eq!(body("set = { '' = [] }", "{}"), "[]");
        assert_eq!(body("remove = ['']", "{}"), "{}");
    }

    #[test]
    fn set_null_says_what_toml_cannot() {
        assert_eq!(
            body("set_null = ['/Resources']", r#"{"Resources":[]}"#),
            r#"{"Resources":null}"#
        );
    }

    #[test]
    fn rename_keeps_the_place_and_replaces_a_namesake() {
        assert_eq!(
            body(
                "rename = { '/Resources/*/userName' = 'username' }",
                r#"{"Resources":[{"id":1,"userName":"a","x":0},{"userName":"b","username":"c"}]}"#
            ),
            r#"{"Resources":[{"id":1,"username":"a","x":0},{"username":"b"}]}"#
        );
        let before = r#"{ "id": [1] }"#;
        assert_eq!(
            body("rename = { '/id/0' = 'x', '/y' = 'z' }", before),
            before
        );
    }

    #[test]
    fn remove_takes_members_elements_and_all() {
        assert_eq!(
            body(
                "remove = ['/id', '/a/0', '/Resources/*/meta/location', '/b/*']",
                r#"{"x":1,"id":2,"y":3,"a":[1,2],"b":{"c":1},"Resources":[{"meta":{"location":"l"}}]}"#
            ),
            r#"{"x":1,"y":3,"a":[2],"b":{},"Resources":[{"meta":{}}]}"#
        );
    }

    #[test]
    fn pointers_are_unescaped_and_take_urns() {
        assert_eq!(
            body(
                "set = { '/urn:ietf:params:scim:schemas:extension:enterprise:2.0:User/a~1b~0c' = 1 }",
                r#"{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{}}"#
            ),
            r#"{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"a/b~c":1}}"#
        );
    }

    #[test]
    fn a_body_that_is_no_json_is_left_alone_by_pointers() {
        for before in ["", "<html>", "{\"id\":"] {
            assert_eq!(
                body("set = { '/id' = 1 }\nremove = ['/id']", before),
                before
            );
        }
    }

    #[test]
    fn body_replaces_or_wraps() {
        assert_eq!(body("body = '<html>'", "{}"), "<html>");
        assert_eq!(
            body("body = '{\"data\": {{body}}}'\nset = { '/a' = 1 }", "{}"),
            r#"{"data": {"a":1}}"#
        );
    }

    #[test]
    fn text_replaces_each_occurrence_last_of_all() {
        assert_eq!(
            body(
                "text = ['\"active\":true', '\"active\":\"true\"']\nset = { '/x' = 1 }",
                r#"{"a":{"active":true},"active":true}"#
            ),
            r#"{"a":{"active":"true"},"active":"true","x":1}"#
        );
        assert_eq!(body("text = ['a', 'aa']", "aa"), "aaaa");
    }

    #[test]
    fn mistakes_in_the_file_are_refused() {
        assert!(refused("stauts = 200").contains("unknown field `stauts`"));
        assert!(refused("when = { pth = '/x' }").contains("unknown field `pth`"));
        assert_eq!(
            refused("remove = ['id']"),
            "invalid value: string \"id\", expected a JSON pointer, which is empty or begins with `/`"
        );
        assert_eq!(
            refused("when = { status = '2x' }"),
            "invalid value: string \"2x\", expected a status code from 100 to 599 or a class such as \"2xx\""
        );
        assert_eq!(
            refused("when = { status = [200, 42] }"),
            "invalid value: integer `42`, expected a status code from 100 to 599 or a class such as \"2xx\""
        );
        assert_eq!(
            refused("when = { status = true }"),
            "invalid type: boolean `true`, expected a status code from 100 to 599 or a class such as \"2xx\", or a list of these"
        );
        assert_eq!(
            refused("when = { method = 7 }"),
            "invalid type: integer `7`, expected a string or a list of strings"
        );
        assert_eq!(
            refused("status = 42"),
            "invalid value: integer `42`, expected a status code of three digits"
        );
        assert_eq!(refused("text = ['', 'x']"), "the text to find is empty");
    }
}

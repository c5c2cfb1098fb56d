//! Substitution of `{{name}}` in scenario text. Nothing is computed.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use thiserror::Error;

/// All but the unreserved characters of RFC 3986 section 2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Names with their values.
pub type Names = BTreeMap<String, Value>;

/// How a value is written where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// As it is.
    Plain,
    /// In a JSON text: escaped inside of quotes, written as JSON outside.
    Json,
    /// In a URL: percent-encoded.
    Url,
    /// In a filter: escaped as the inside of a JSON string.
    Filter,
}

/// A name that stands for nothing.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{{{{{name}}}}}` has no value")]
pub struct Undefined {
    /// The name.
    pub name: String,
}

/// A piece of template text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece<'a> {
    Text(&'a str),
    Name { name: &'a str, at: usize },
}

/// Every name that a text uses, with the byte offset where it stands.
pub fn names_in(text: &str) -> Vec<(&str, usize)> {
    pieces(text)
        .filter_map(|piece| match piece {
            Piece::Name { name, at } => Some((name, at)),
            Piece::Text(_) => None,
        })
        .collect()
}

/// What begins like a name and is none: `{{ name }}`, `{{user-id}}`, `{{open`.
pub fn misspelt_names(text: &str) -> Vec<&str> {
    let texts = pieces(text).filter_map(|piece| match piece {
        Piece::Text(text) => Some(text),
        Piece::Name { .. } => None,
    });
    let begun = texts.flat_map(|text| text.match_indices("{{").map(|(at, _)| &text[at..]));
    begun
        .filter(|text| {
            text[2..]
                .trim_start()
                .starts_with(|c: char| c.is_alphabetic() || c == '_')
        })
        .map(|text| match text.find("}}") {
            Some(end) => &text[..end + 2],
            None => text.split(['"', '\n']).next().unwrap_or_default(),
        })
        .collect()
}

/// The text with every name replaced.
pub fn fill(text: &str, names: &Names, place: Place) -> Result<String, Undefined> {
    let mut filled = String::with_capacity(text.len());
    let mut quoted = false;
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => {
                quoted = still_quoted(text, quoted);
                filled.push_str(text);
            }
            Piece::Name { name, .. } => {
                let value = names.get(name).ok_or_else(|| Undefined {
                    name: name.to_owned(),
                })?;
                let place = match place {
                    Place::Json if quoted && is_in_path(&filled) => Place::Url,
                    place => place,
                };
                filled.push_str(&written(value, place, quoted));
            }
        }
    }
    Ok(filled)
}

/// Whether JSON breaks off within the path of an operation of a bulk job, which is one of a URL; that
/// of an attribute in a PATCH does not begin with a slash.
fn is_in_path(json: &str) -> bool {
    let last = json.rsplit_once(r#""path":"#);
    last.is_some_and(|(_, rest)| rest.starts_with(r#""/"#) && !rest[1..].contains('"'))
}

/// The JSON value with every name in its strings replaced; a string that is nothing but one
/// name becomes that name's value, type and all.
pub fn fill_value(value: &Value, names: &Names) -> Result<Value, Undefined> {
    Ok(match value {
        Value::String(text) => match sole_name(text) {
            Some(name) => names.get(name).cloned().ok_or_else(|| Undefined {
                name: name.to_owned(),
            })?,
            None => Value::String(fill(text, names, Place::Plain)?),
        },
        Value::Array(items) => Value::Array(
            items
                .iter()
                .map(|item| fill_value(item, names))
                .collect::<Result<_, _>>()?,
        ),
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|(key, value)| Ok((key.clone(), fill_value(value, names)?)))
                .collect::<Result<_, Undefined>>()?,
        ),
        other => other.clone(),
    })
}

/// Percent-encodes all but unreserved characters.
pub fn percent_encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// The name, if the text is nothing but one.
pub fn sole_name(text: &str) -> Option<&str> {
    let mut pieces = pieces(text);
    match (pieces.next(), pieces.next()) {
        (Some(Piece::Name { name, .. }), None) => Some(name),
        _ => None,
    }
}

fn written(value: &Value, place: Place, quoted: bool) -> String {
    let plain = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match place {
        Place::Plain => plain,
        Place::Url => percent_encode(&plain),
        Place::Filter => json_inside(&plain),
        Place::Json if quoted => json_inside(&plain),
        Place::Json => value.to_string(),
    }
}

/// The text as it stands between the quotes of a JSON string.
fn json_inside(text: &str) -> String {
    let quoted = Value::String(text.to_owned()).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// Whether a JSON string is open after this text, given whether one was open before it.
fn still_quoted(text: &str, mut quoted: bool) -> bool {
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => quoted = !quoted,
            '\\' if quoted => {
                characters.next();
            }
            _ => {}
        }
    }
    quoted
}

/// Splits text at its `{{name}}`s; braces that hold no name are text.
fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let offset = text.len() - rest.len();
        let Some((start, name)) = first_name(rest) else {
            return Some(Piece::Text(std::mem::take(&mut rest)));
        };
        if start > 0 {
            let (before, after) = rest.split_at(start);
            rest = after;
            return Some(Piece::Text(before));
        }
        rest = &rest[name.len() + 4..];
        Some(Piece::Name { name, at: offset })
    })
}

/// Where the first `{{name}}` begins, and the name.
fn first_name(text: &str) -> Option<(usize, &str)> {
    text.match_indices("{{").find_map(|(start, _)| {
        let name = text[start + 2..].split_once("}}")?.0;
        let proper = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
        (!name.is_empty() && name.chars().all(proper)).then_some((start, name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn names() -> Names {
        Names::from([
            ("who".to_owned(), json!("a \"b\"\\c@x")),
            ("on".to_owned(), json!(true)),
        ])
    }

    #[test]
    fn the_path_of_an_operation_is_one_of_a_url() {
        for (text, filled) in [
            (
                r#"{"path":"/Users/{{who}}","data":"{{who}}"}"#,
                r#"{"path":"/Users/a%20%22b%22%5Cc%40x","data":"a \"b\"\\c@x"}"#,
            ),
            (
                r#"{"path":"emails[value eq {{who}}]"}"#,
                r#"{"path":"emails[value eq a \"b\"\\c@x]"}"#,
            ),
        ] {
            assert_eq!(fill(text, &names(), Place::Json).unwrap(), filled);
        }
    }

    #[test]
    fn a_value_is_written_as_its_place_demands() {
        let fill = |text, place| fill(text, &names(), place).unwrap();
        assert_eq!(fill("<{{who}}>", Place::Plain), r#"<a "b"\c@x>"#);
        assert_eq!(
            fill("/Users/{{who}}", Place::Url),
            "/Users/a%20%22b%22%5Cc%40x"
        );
        assert_eq!(
            fill(r#"userName eq "{{who}}""#, Place::Filter),
            r#"userName eq "a \"b\"\\c@x""#
        );
        assert_eq!(
            fill(
                r#"{"n":"{{who}}","v":{{who}},"a":{{on}},"s":"{{on}}"}"#,
                Place::Json
            ),
            r#"{"n":"a \"b\"\\c@x","v":"a \"b\"\\c@x","a":true,"s":"true"}"#
        );
    }

    #[test]
    fn a_lone_name_keeps_its_type() {
        assert_eq!(
            fill_value(&json!({"a": "{{on}}", "b": ["x{{on}}"]}), &names()).unwrap(),
            json!({"a": true, "b": ["xtrue"]})
        );
    }

    #[test]
    fn braces_without_a_name_are_text_and_unknown_names_are_told() {
        assert_eq!(
            fill("{{}} {{ x }} {{", &names(), Place::Plain).unwrap(),
            "{{}} {{ x }} {{"
        );
        assert_eq!(
            fill("{{nobody}}", &names(), Place::Plain)
                .unwrap_err()
                .to_string(),
            "`{{nobody}}` has no value"
        );
        assert_eq!(names_in("a{{who}}b{{on}}"), [("who", 1), ("on", 9)]);
        assert_eq!(
            misspelt_names(r#"{{ who }}{{on}}{{user-id}} {{"a":1}} {{}} {{open" "#),
            ["{{ who }}", "{{user-id}}", "{{open"]
        );
    }
}

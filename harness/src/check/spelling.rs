//! How a target spells the `type` of a value. Its case does not matter (RFC 7643 section 7), but a JSONPath
//! compares letter by letter: a path is widened by the spellings that the body has.

use std::{borrow::Cow, collections::BTreeSet, sync::LazyLock};

use regex::{Captures, Regex};
use serde_json::Value;

#[expect(
    clippy::unwrap_used,
    reason = "the pattern is a constant that every test of this module compiles"
)]
static COMPARISON: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"@\.type\s*==\s*(?:'([^'\\]*)'|"([^"\\]*)")"#).unwrap());

/// The path, in which a `type` is compared with what it is called in this body, too.
pub(super) fn widened<'p>(path: &'p str, body: &Value) -> Cow<'p, str> {
    COMPARISON.replace_all(path, |comparison: &Captures<'_>| {
        let wanted = comparison.get(1).or(comparison.get(2));
        let mut spellings = BTreeSet::new();
        collect(
            body,
            wanted.map_or("", |text| text.as_str()),
            &mut spellings,
        );
        let others = spellings
            .into_iter()
            .map(|text| format!(" || @.type == {}", Value::from(text)));
        match others.collect::<String>().as_str() {
            "" => comparison[0].to_owned(),
            others => format!("({}{others})", &comparison[0]),
        }
    })
}

/// Every `type` in a body that is the wanted one in other letters.
fn collect<'b>(body: &'b Value, wanted: &str, spellings: &mut BTreeSet<&'b str>) {
    match body {
        Value::Array(items) => items
            .iter()
            .for_each(|item| collect(item, wanted, spellings)),
        Value::Object(members) => {
            let spelling = members.get("type").and_then(Value::as_str);
            spellings.extend(
                spelling.filter(|text| text.eq_ignore_ascii_case(wanted) && *text != wanted),
            );
            members
                .values()
                .for_each(|value| collect(value, wanted, spellings));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonpath_rust::JsonPath as _;
    use serde_json::json;

    #[test]
    fn a_type_is_found_whatever_its_case() {
        let body = json!({"emails": [
            {"type": "WORK", "value": "a", "primary": true},
            {"type": "Work", "value": "b"},
            {"type": "home", "value": "c"},
        ]});
        let found = |path: &str| -> Vec<Value> {
            let found = body.query(&widened(path, &body)).unwrap();
            found.into_iter().cloned().collect()
        };
        assert_eq!(found("$.emails[?@.type == 'work'].value"), ["a", "b"]);
        assert_eq!(
            found("$.emails[?@.type==\"work\" && @.primary == true].value"),
            ["a"]
        );
        assert_eq!(found("$.emails[?!(@.type == 'work')].value"), ["c"]);
        assert_eq!(
            found("$.emails[?@.type == 'other'].value"),
            [] as [Value; 0]
        );
    }

    #[test]
    fn a_path_whose_spelling_is_that_of_the_body_stays() {
        let body = json!({"emails": [{"type": "work"}]});
        for path in [
            "$.emails[?@.type == 'work']",
            "$.emails[?@.value == 'WORK']",
            "/emails",
        ] {
            assert_eq!(widened(path, &body), path);
        }
    }
}

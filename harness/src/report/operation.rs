//! What a request asks for, apart from the resource that it is about.

use serde_json::Value;
use url::Url;

/// Operators of filters (RFC 7644 section 3.4.2.2).
const OPERATORS: [&str; 13] = [
    "eq", "ne", "co", "sw", "ew", "pr", "gt", "ge", "lt", "le", "and", "or", "not",
];

/// `GET /Users/{id}`; a lookup is another operation than a page of a list.
pub(super) fn operation(method: &str, url: &str, bases: &[&str]) -> String {
    let base = bases
        .iter()
        .filter(|base| url.starts_with(**base))
        .max_by_key(|base| base.len());
    let rest = base.and_then(|base| url.strip_prefix(base)).unwrap_or(url);
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let mut parts = path.trim_matches('/').split('/');
    let endpoint: String = parts.next().unwrap_or_default().chars().take(24).collect();
    let one = if parts.next().is_some() { "/{id}" } else { "" };
    let query = match (filter(url).is_some(), query.is_empty()) {
        (true, _) => "?filter",
        (false, false) if one.is_empty() => "?…",
        _ => "",
    };
    let method: String = method.chars().take(8).collect();
    format!("{method} /{endpoint}{one}{query}")
}

/// How it is asked: the operators of a filter, the operations of a PATCH with the kind of their paths.
pub(super) fn manner(url: &str, body: Option<&str>) -> String {
    let filter = filter(url).unwrap_or_default();
    let words = filter.split([' ', '(', ')', '[', ']']);
    let operators = words.filter(|word| OPERATORS.contains(&word.to_lowercase().as_str()));
    let operators = operators.map(str::to_owned);
    let body = body.map(serde_json::from_str::<Value>);
    let patch = body.and_then(Result::ok).unwrap_or_default();
    let changes = patch.get("Operations").and_then(Value::as_array);
    let changes = changes.into_iter().flatten().map(|change| {
        let path = match change.get("path").and_then(Value::as_str) {
            None => "no path",
            Some(path) if path.contains('[') => "a path with a filter",
            Some(_) => "a path",
        };
        format!("{} {path}", change.get("op").unwrap_or(&Value::Null))
    });
    operators.chain(changes).collect::<Vec<_>>().join(", ")
}

fn filter(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    let mut pairs = url.query_pairs();
    let filter = pairs.find(|(name, _)| name.eq_ignore_ascii_case("filter"))?;
    Some(filter.1.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_told_apart_by_what_they_do() {
        let of = |method, rest: &str| {
            operation(
                method,
                &format!("http://x/scim/v2{rest}"),
                &["http://x/scim", "http://x/scim/v2"],
            )
        };
        assert_eq!(of("POST", "/Users"), "POST /Users");
        assert_eq!(of("GET", "/Users/7?attributes=id"), "GET /Users/{id}");
        assert_eq!(of("GET", "/Users?startIndex=1"), "GET /Users?…");
        assert_eq!(
            of("GET", "/Users?Filter=a%20pr&count=1"),
            "GET /Users?filter"
        );
    }

    #[test]
    fn the_same_operation_is_asked_for_in_several_ways() {
        let of = |rest: &str, body| manner(&format!("http://x/Users{rest}"), body);
        let filter = "?filter=not%20(emails%5Btype%20eq%20%22a%22%5D)%20AND%20title%20pr";
        assert_eq!(of(filter, None), "not, eq, AND, pr");
        let body = r#"{"Operations":[{"op":"add","value":{}},{"op":"Remove","path":"emails[a pr]"},{"path":"title"}]}"#;
        assert_eq!(
            of("/7", Some(body)),
            r#""add" no path, "Remove" a path with a filter, null a path"#
        );
        assert_eq!(of("/7", Some("{")), "");
    }
}

//! Whether a request names its method and what it changes in a way that every server reads alike.
//!
//! What the guard does not know of cannot be judged, so a write carries only headers and parameters
//! that are known not to name another method, path or resource.

use percent_encoding::percent_decode_str;

use super::{guard::is_override, resource::member};
use crate::client::{Outgoing, read_json};

/// Headers that a write may carry, besides those that ask for another method as the guard knows.
const HEADERS: [&str; 14] = [
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "authorization",
    "connection",
    "content-language",
    "content-length",
    "content-type",
    "host",
    "if-match",
    "if-none-match",
    "traceparent",
    "user-agent",
];
/// Parameters that a write may carry.
const PARAMETERS: [&str; 5] = [
    "_method",
    "access_token",
    "attributes",
    "excludedattributes",
    "aadoptscim062020",
];
/// Parts of names by which some server takes another method or path from a header or parameter.
const TELLING: [&str; 4] = ["method", "override", "rewrite", "original"];

/// Why a request may be taken for another one; `writes` says whether it is known to change
/// something.
pub(super) fn misleading(outgoing: &Outgoing, writes: bool) -> Option<String> {
    let telling = |name: &str| TELLING.iter().any(|part| name.contains(part));
    let header = header_names(outgoing).into_iter().find(|name| {
        let known = is_override(name) || (HEADERS.contains(&name.as_str()) && !telling(name));
        !known && (writes || telling(name))
    });
    if let Some(name) = header {
        return Some(format!(
            "the header `{name}` may name another method or resource"
        ));
    }
    let and = outgoing.query.contains(';');
    let parameter = parameter_names(&outgoing.query).into_iter().find(|name| {
        let known = PARAMETERS.contains(&name.as_str()) && !(and && telling(name));
        !known && (writes || telling(name))
    });
    let parameter =
        parameter.map(|name| format!("the parameter `{name}` may name another method or resource"));
    let in_body = || outgoing.content().is_some_and(names_a_method);
    parameter.or_else(|| in_body().then(|| "its body may name another method".to_owned()))
}

/// Whether a body has the field by which a form asks for another method.
fn names_a_method(content: &str) -> bool {
    match read_json(content) {
        Some(body) => member(&body, "_method").is_some(),
        None => {
            let decoded = percent_decode_str(content).decode_utf8_lossy();
            decoded.to_lowercase().contains("_method")
        }
    }
}

/// The names of all headers in lower case, of a raw request too.
fn header_names(outgoing: &Outgoing) -> Vec<String> {
    let head = outgoing.raw.as_deref().unwrap_or_default();
    let head = head.split("\n\n").next().unwrap_or_default();
    let in_head = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    let names = outgoing
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .chain(in_head.map(|(name, _)| name));
    names.map(|name| name.trim().to_ascii_lowercase()).collect()
}

/// The names of all parameters, decoded and in lower case; some servers end one at a semicolon.
fn parameter_names(query: &str) -> Vec<String> {
    let parameters = query.split(['&', ';']).filter(|part| !part.is_empty());
    parameters
        .map(|part| {
            let name = part.split('=').next().unwrap_or_default();
            let name = percent_decode_str(name).decode_utf8_lossy();
            name.trim().to_lowercase()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(header: &str, query: &str) -> Outgoing {
        Outgoing {
            headers: vec![(header.to_owned(), "x".to_owned())],
            query: query.to_owned(),
            ..Outgoing::default()
        }
    }

    #[test]
    fn a_write_carries_what_is_known_alone() {
        for (header, query) in [
            ("If-Match", "attributes=userName&excludedAttributes=id"),
            ("X-HTTP-Method-Override", ""),
            ("Content-Type", "aadOptscim062020"),
        ] {
            assert_eq!(misleading(&request(header, query), true), None, "{header}");
        }
        for (header, query) in [
            ("X-Original-URL", ""),
            ("X-Rewrite-URL", ""),
            ("Content-Encoding", ""),
            ("X-Tenant", ""),
            ("Accept", "id=7"),
            ("Accept", "filter=id%20pr"),
        ] {
            assert!(
                misleading(&request(header, query), true).is_some(),
                "{header} {query}"
            );
        }
    }

    #[test]
    fn a_body_names_no_other_method() {
        let misled = |body: &str| {
            let outgoing = Outgoing {
                body: Some(body.to_owned()),
                ..Outgoing::default()
            };
            misleading(&outgoing, true).is_some()
        };
        assert!(misled("_method=DELETE&id=7") && misled("%5Fmethod=DELETE"));
        assert!(misled(r#"{"\u005fmethod":"DELETE"}"#));
        assert!(!misled(r#"{"displayName":"_method"}"#) && !misled("userName=x"));
    }

    #[test]
    fn a_read_names_no_other_method() {
        for (header, query) in [("X-Odd", "a=1;b=2"), ("Accept", "userName=x")] {
            assert_eq!(misleading(&request(header, query), false), None, "{header}");
        }
        for (header, query) in [
            ("X_HTTP_Method_Override", ""),
            ("HTTP-Method-Override", ""),
            ("Accept", "_HttpMethod=DELETE"),
            ("Accept", "X-HTTP-Method-Override=DELETE"),
            ("Accept", "method=DELETE"),
            ("Accept", "a=1;_method=DELETE"),
            ("Accept", "%6dethod=DELETE"),
        ] {
            assert!(
                misleading(&request(header, query), false).is_some(),
                "{header} {query}"
            );
        }
    }
}

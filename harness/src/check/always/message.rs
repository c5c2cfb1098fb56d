//! Any answer: its JSON, its media type, its silence about passwords.

use std::{collections::HashSet, fmt};

use percent_encoding::percent_decode_str;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::{Context, Endpoint, error::texts, members, projection::asks_for, rule};
use crate::{
    check::{Bench, Breach, shown},
    scenario::Version,
};

const NOT_UTF8: &str = "it is not UTF-8";
const BYTE_ORDER_MARK: char = '\u{feff}';

pub(super) fn judge(context: Context<'_>, bench: &mut Bench) {
    if context.answer.status == 204 {
        no_content(context, bench);
    }
    sent_password(context, bench);
    if context.answer.body.is_empty() {
        return;
    }
    if context.answer.status < 400 {
        json(context, bench);
        password(context, bench);
    }
    unique_names(context, bench);
    media_type(context, bench);
    if context.answer.is_success() {
        boolean(context, bench);
        bulk(context, bench);
    }
}

/// A 204 ends with its headers (RFC 9110 section 15.3.5): what follows is taken for the next answer.
fn no_content(context: Context<'_>, bench: &mut Bench) {
    let announced = context.answer.header("content-length");
    let announced = announced.filter(|length| length.trim() != "0");
    let breach = || {
        Breach::new(
            "the 204 comes with a body",
            "no body",
            match announced {
                Some(length) => format!("Content-Length: {length}"),
                None => format!("{} bytes", context.answer.body.len()),
            },
        )
    };
    let wrong = announced.is_some() || !context.answer.body.is_empty();
    let id = rule(
        context.version,
        "rfc7644-3.6/no-content-has-no-body",
        "scim11-api-3.4/no-content-has-no-body",
    );
    bench.judge(id, wrong.then(breach));
}

fn json(context: Context<'_>, bench: &mut Bench) {
    let is_json = rule(
        context.version,
        "rfc7644-3.8/accept-scim-json-works",
        "scim11-api-3.6/accept-json-works",
    );
    let Some(reason) = &context.answer.not_json else {
        let marked = context.answer.body.starts_with(BYTE_ORDER_MARK);
        bench.judge(is_json, marked.then(byte_order_mark));
        if context.version == Version::V2 {
            bench.judge("rfc7644-3.8/utf8-is-default-encoding", None);
        }
        return;
    };
    let id = match context.version {
        Version::V2 if reason == NOT_UTF8 => "rfc7644-3.8/utf8-is-default-encoding",
        _ => is_json,
    };
    let beginning: String = context.answer.body.chars().take(60).collect();
    let breach = Breach::new(
        format!("the body is no JSON: {reason}"),
        "a JSON body in UTF-8",
        format!("a body that begins with {beginning:?}"),
    );
    bench.judge(id, Some(breach));
}

/// JSON must not begin with one, and many clients stop there (RFC 7159 section 8.1).
fn byte_order_mark() -> Breach {
    Breach::new(
        "the JSON begins with a byte order mark",
        "a JSON body that begins with its first value",
        "U+FEFF before it",
    )
}

/// Which of two members of one name counts is anybody's guess (RFC 7159 section 4).
fn unique_names(context: Context<'_>, bench: &mut Bench) {
    if context.answer.json.is_none() {
        return;
    }
    let body = context.answer.body.trim_start_matches(BYTE_ORDER_MARK);
    let breach = repeated_name(body).map(|name| {
        Breach::new(
            format!("an object has the member `{name}` twice"),
            "every name once",
            format!("`{name}` twice"),
        )
    });
    let id = rule(
        context.version,
        "rfc7644-3.8/json-names-are-unique",
        "scim11-api-3.6/json-names-are-unique",
    );
    bench.judge(id, breach);
}

/// A name that stands twice in one object of a JSON text.
fn repeated_name(text: &str) -> Option<String> {
    let read: Result<Names, _> = serde_json::from_str(text);
    read.ok()?.0
}

/// What a JSON text shows of its names: the first that stands twice in one object.
struct Names(Option<String>);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NamesVisitor)
    }
}

struct NamesVisitor;

impl<'de> Visitor<'de> for NamesVisitor {
    type Value = Names;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Names, A::Error> {
        let (mut seen, mut twice) = (HashSet::new(), None);
        while let Some((name, inside)) = map.next_entry::<String, Names>()? {
            twice = twice.or(inside.0);
            if !seen.insert(name.clone()) {
                twice = twice.or(Some(name));
            }
        }
        Ok(Names(twice))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Names, A::Error> {
        let mut twice = None;
        while let Some(inside) = items.next_element::<Names>()? {
            twice = twice.or(inside.0);
        }
        Ok(Names(twice))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Names, E> {
        Ok(Names(None))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Names, E> {
        Ok(Names(None))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Names, E> {
        Ok(Names(None))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Names, E> {
        Ok(Names(None))
    }

    fn visit_str<E>(self, _: &str) -> Result<Names, E> {
        Ok(Names(None))
    }

    fn visit_unit<E>(self) -> Result<Names, E> {
        Ok(Names(None))
    }
}

/// `application/json` is at most a warning in SCIM 2.0 (A47); a body that is no SCIM error is the
/// error check's business.
fn media_type(context: Context<'_>, bench: &mut Bench) {
    if context.answer.json.is_none() {
        return;
    }
    let found = context.answer.media_type();
    let actual = found
        .clone()
        .unwrap_or_else(|| "no Content-Type".to_owned());
    let breach = || {
        Some(Breach::new(
            format!("the media type is {actual}"),
            context.version.media_type(),
            actual.clone(),
        ))
    };
    match (context.version, found.as_deref()) {
        (Version::V2, Some("application/scim+json")) => {
            bench.judge("rfc7644-3.1/media-type-is-scim-json", None);
            bench.judge("rfc7644-8.1/responses-announce-scim-json", None);
        }
        (Version::V2, Some("application/json")) => {
            bench.judge("rfc7644-8.1/responses-announce-scim-json", breach())
        }
        (Version::V2, _) => bench.judge("rfc7644-3.1/media-type-is-scim-json", breach()),
        (Version::V1, Some("application/json")) => {
            bench.judge("scim11-api-3.6/default-format-is-json", None)
        }
        (Version::V1, _) => bench.judge("scim11-api-3.6/default-format-is-json", breach()),
    }
}

/// A password has no place in any answer, least of all because it was asked for.
fn password(context: Context<'_>, bench: &mut Bench) {
    let Some(body) = &context.answer.json else {
        return;
    };
    let mut found = None;
    members(body, &mut |name, value| {
        let shows = !matches!(value, Value::Null | Value::Bool(_)) && value != "";
        if name.eq_ignore_ascii_case("password") && shows {
            found = Some(value);
        }
    });
    let id = match context.version {
        Version::V2 if asks_for(context, "password") => {
            "rfc7643-4.1.1/password-stays-hidden-when-requested"
        }
        Version::V2 => "rfc7643-4.1.1/password-never-returned",
        Version::V1 => "scim11-core-6.1/password-never-returned",
    };
    let breach = found.map(|value| {
        Breach::new(
            "the answer holds a password",
            "no member `password`",
            crate::check::type_name(value),
        )
    });
    bench.judge(id, breach);
}

/// A password that was sent comes back nowhere: in no header, such as Location or ETag, and under no
/// other name. In an error it does less harm, as only who sent it reads it there, and logs.
fn sent_password(context: Context<'_>, bench: &mut Bench) {
    let sent = &context.request.secrets;
    if sent.is_empty() {
        return;
    }
    let holds = |text: &str| sent.iter().any(|secret| text.contains(secret));
    let answer = context.answer;
    let in_header = answer.plain_headers().iter().find(|(_, value)| {
        let decoded = percent_decode_str(value).decode_utf8_lossy();
        holds(value) || holds(&decoded)
    });
    let in_body = || match &answer.json {
        Some(body) => holds(&texts(body)),
        None => holds(&answer.body),
    };
    let place = match in_header {
        Some((name, _)) => Some(format!("the header `{name}`")),
        None => in_body().then(|| "the body".to_owned()),
    };
    let id = match (answer.status, context.version) {
        (400.., _) => "security/errors-repeat-no-secret",
        (_, Version::V2) => "rfc7643-4.1.1/password-never-returned",
        (_, Version::V1) => "scim11-core-6.1/password-never-returned",
    };
    let breach = place.map(|place| {
        Breach::new(
            format!("{place} of the answer holds the password that was sent"),
            "nothing of it",
            "the whole password",
        )
    });
    bench.judge(id, breach);
}

/// In an answer a boolean as text is always a failure (A09). Of discovery and bulk, these three
/// names are booleans; of resources the schemas know.
fn boolean(context: Context<'_>, bench: &mut Bench) {
    let body = context.answer.json.as_ref();
    let Some(body) = body.filter(|_| Endpoint::of(context.request) == Endpoint::Other) else {
        return;
    };
    let mut seen = false;
    let mut wrong = None;
    members(body, &mut |name, value| {
        if matches!(name, "active" | "primary" | "supported")
            && matches!(value, Value::Bool(_) | Value::String(_) | Value::Number(_))
        {
            seen = true;
            if !value.is_boolean() {
                wrong = Some((name, value));
            }
        }
    });
    if seen {
        let breach = wrong.map(|(name, value)| {
            Breach::new(
                format!("`{name}` is {}", shown(Some(value))),
                "a JSON boolean",
                shown(Some(value)),
            )
        });
        let id = rule(
            context.version,
            "rfc7643-2.3.2/booleans-are-json-booleans",
            "scim11-core-3.1.2/booleans-are-json-booleans",
        );
        bench.judge(id, breach);
    }
}

/// The answer to a bulk job is a message as lists and errors are, which have rules of their own.
fn bulk(context: Context<'_>, bench: &mut Bench) {
    let is_bulk =
        context.request.path.trim_end_matches('/') == "/Bulk" && context.request.method == "POST";
    let (true, Version::V2, Some(body)) = (is_bulk, context.version, &context.answer.json) else {
        return;
    };
    let found = body.get("schemas");
    let urns = found.and_then(Value::as_array).into_iter().flatten();
    let marked = urns
        .filter_map(Value::as_str)
        .any(|urn| urn.starts_with("urn:ietf:params:scim:api:"));
    let breach = || {
        Breach::new(
            "the answer to a bulk job is not marked as a message",
            "urn:ietf:params:scim:api:messages:2.0:BulkResponse",
            shown(found),
        )
    };
    bench.judge(
        "rfc7644-3.1/message-bodies-carry-api-urn",
        (!marked).then(breach),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_name_is_found_wherever_it_stands() {
        assert_eq!(repeated_name(r#"{"a":1,"b":{"a":2},"c":[{"a":3}]}"#), None);
        for text in [r#"{"a":1,"a":1}"#, r#"{"b":[{"a":1,"c":null,"a":true}]}"#] {
            assert_eq!(repeated_name(text).as_deref(), Some("a"), "{text}");
        }
    }
}

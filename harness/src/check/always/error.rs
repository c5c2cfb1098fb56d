//! Errors: status, media type and body (RFC 7644 section 3.12; SCIM 1.1 REST API section 3.9).

use serde_json::Value;

use super::{Context, Endpoint, internals, rule};
use crate::{
    check::{Bench, Breach, shown},
    scenario::Version,
};

const ERROR_URN: &str = "urn:ietf:params:scim:api:messages:2.0:Error";
const GATEWAY: &str = "A58: who refuses credentials is often a gateway";
const FRONT_END: &str =
    "A58: what stands before the provider refuses such a request without asking it";
const DETAIL: &str = "the RFC calls detail a human-readable message, and gives it no type";

/// How many characters of a stack trace a finding shows.
const MOST_WORDS: usize = 80;
/// What SCIM gives every target besides its resource types. `/Me`, `/Bulk` and `/.search` need not be
/// there.
const DISCOVERY: [&str; 4] = [
    "ServiceProviderConfig",
    "ServiceProviderConfigs",
    "ResourceTypes",
    "Schemas",
];
/// Characters of an id that a front end may refuse or resolve, as they stand in a path.
const SPECIAL: [&str; 6] = ["%00", "%0a", "%0d", "%2e", "%2f", "%5c"];

/// Key words of RFC 7644 table 9 and RFC 9865.
const SCIM_TYPES: [&str; 14] = [
    "invalidFilter",
    "tooMany",
    "uniqueness",
    "mutability",
    "invalidSyntax",
    "invalidPath",
    "noTarget",
    "invalidValue",
    "invalidVers",
    "sensitive",
    "invalidCursor",
    "expiredCursor",
    "invalidCount",
    "insufficientScope",
];

pub(super) fn judge(context: Context<'_>, bench: &mut Bench) {
    server_error(context, bench);
    internals(context, bench);
    if context.answer.status == 401 && context.version == Version::V2 {
        let missing = context.answer.header("www-authenticate").is_none();
        let breach = || {
            Breach::new(
                "the 401 names no authentication scheme",
                "a WWW-Authenticate header",
                "none",
            )
        };
        bench.judge(
            "rfc7644-2/www-authenticate-announces-schemes",
            missing.then(breach),
        );
    }
    match context.version {
        Version::V2 => v2(context, bench),
        Version::V1 => v1(context, bench),
    }
}

fn server_error(context: Context<'_>, bench: &mut Bench) {
    let status = context.answer.status;
    let id = rule(
        context.version,
        "rfc7644-3.12/errors-use-listed-status-codes",
        "scim11-api-3.9/errors-use-listed-status-codes",
    );
    let breach = || {
        Breach::new(
            format!("the server fails with {status}"),
            "a status that says what the client can do",
            format!("status {status}"),
        )
    };
    bench.judge(id, is_server_failure(status).then(breach));
}

/// Whether a status says no more than that the server fails. What is not implemented, and what no more
/// room is for (RFC 4918 section 11.5), says why.
pub(crate) fn is_server_failure(status: u16) -> bool {
    status >= 500 && ![501, 507].contains(&status)
}

/// Whoever reads a stack trace knows what to attack (RFC 7644 section 3.12 asks for helpful text,
/// which is for the client).
fn internals(context: Context<'_>, bench: &mut Bench) {
    let text = match &context.answer.json {
        Some(body) => texts(body),
        None => context.answer.body.clone(),
    };
    let breach = |(whose, words): (&str, &str)| {
        Breach::new(
            "the error shows what the server is made of",
            "an error that tells the client what to do about it",
            format!("words of {whose}: {:?}", beginning(words)),
        )
    };
    let found = internals::found(&text, context);
    bench.judge("security/errors-show-no-internals", found.map(breach));
}

fn beginning(words: &str) -> String {
    words.chars().take(MOST_WORDS).collect()
}

/// All strings of a body, one a line.
pub(super) fn texts(body: &Value) -> String {
    match body {
        Value::String(text) => format!("{text}\n"),
        Value::Array(items) => items.iter().map(texts).collect(),
        Value::Object(members) => members.values().map(texts).collect(),
        _ => String::new(),
    }
}

/// Why an error may come from something that stands before the provider, if it may.
fn before_the_provider(context: Context<'_>) -> Option<&'static str> {
    let path = context.request.path.to_ascii_lowercase();
    let is_special = || SPECIAL.iter().any(|special| path.contains(special));
    match context.answer.status {
        401 => Some(GATEWAY),
        400 | 403 if !context.request.authorised => Some(GATEWAY),
        406 | 413..=415 | 429 | 431 | 502..=504 => Some(FRONT_END),
        400 | 404 if is_special() => Some(FRONT_END),
        404 if !is_known(context) || has_no_route(context) => Some(FRONT_END),
        405 => Some(FRONT_END),
        _ => None,
    }
}

/// Whether no method of SCIM is asked for at a path, so that a router may know nothing of it.
fn has_no_route(context: Context<'_>) -> bool {
    let method = context.request.method.as_str();
    match Endpoint::of(context.request) {
        Endpoint::Resource(_) => method == "POST",
        Endpoint::Collection => !matches!(method, "GET" | "POST"),
        Endpoint::Other => method != "GET",
        Endpoint::Search | Endpoint::Root => false,
    }
}

/// Whether a path is one that the target says that it has, or that SCIM gives every target.
fn is_known(context: Context<'_>) -> bool {
    let path = &context.request.path;
    if Endpoint::of(context.request) == Endpoint::Search || path.ends_with('/') {
        return false;
    }
    let first = path.split('/').find(|segment| !segment.is_empty());
    let first = first.unwrap_or_default();
    let model = &context.schemas.model;
    DISCOVERY.contains(&first) || model.at(path).is_some()
}

fn v2(context: Context<'_>, bench: &mut Bench) {
    let Some(body) = context.answer.json.as_ref().filter(|body| body.is_object()) else {
        return no_body(context, "rfc7644-3.12/errors-have-scim-json-body", bench);
    };
    let schemas = body.get("schemas").and_then(Value::as_array);
    let marked = schemas.is_some_and(|schemas| schemas.iter().any(|urn| urn == ERROR_URN));
    let breach = || {
        Breach::new(
            "the error body does not say that it is a SCIM error",
            ERROR_URN,
            shown(body.get("schemas")),
        )
    };
    let id = "rfc7644-3.12/errors-have-scim-json-body";
    match before_the_provider(context) {
        Some(leeway) => bench.judge_leniently(id, leeway, (!marked).then(breach)),
        None => bench.judge(id, (!marked).then(breach)),
    }
    if marked {
        status(context, body, bench);
        scim_type(body, bench);
        detail(context, body, bench);
        let id = "rfc7644-3.12/server-error-explains-itself";
        explains_itself(context, id, body.get("detail"), bench);
    }
}

fn status(context: Context<'_>, body: &Value, bench: &mut Bench) {
    let expected = context.answer.status.to_string();
    let found = body.get("status");
    let text = match found {
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::String(text)) => text.clone(),
        _ => String::new(),
    };
    let not_string = || {
        Breach::new(
            format!("`/status` is {}", shown(found)),
            format!("string <\"{expected}\">"),
            shown(found),
        )
    };
    bench.judge(
        "rfc7644-3.12/error-status-is-string",
        (!found.is_some_and(Value::is_string)).then(not_string),
    );
    let differs = || {
        Breach::new(
            "the body gives another status than the answer",
            format!("status {expected}"),
            shown(found),
        )
    };
    bench.judge(
        "rfc7644-3.2/error-body-repeats-status",
        (text != expected).then(differs),
    );
}

/// Whether a 500 says in its body what went wrong; other errors need not.
fn explains_itself(
    context: Context<'_>,
    id: &'static str,
    found: Option<&Value>,
    bench: &mut Bench,
) {
    if context.answer.status != 500 {
        return;
    }
    let says = found
        .and_then(Value::as_str)
        .is_some_and(|text| !text.trim().is_empty());
    let breach = || {
        Breach::new(
            "the 500 does not say what went wrong",
            "a text that helps",
            shown(found),
        )
    };
    bench.judge(id, (!says).then(breach));
}

/// The text for people is one text; of lists and objects clients show nothing. That of a 500 has a
/// rule of its own.
fn detail(context: Context<'_>, body: &Value, bench: &mut Bench) {
    if context.answer.status == 500 {
        return;
    }
    let found = body.get("detail").filter(|value| !value.is_null());
    let other = found.filter(|value| !value.is_string());
    let breach = other.map(|_| {
        Breach::new(
            format!("`/detail` is {}", shown(found)),
            "a string",
            shown(found),
        )
    });
    bench.judge_leniently("rfc7644-3.12/errors-have-scim-json-body", DETAIL, breach);
}

fn scim_type(body: &Value, bench: &mut Bench) {
    let Some(found) = body.get("scimType").filter(|value| !value.is_null()) else {
        return;
    };
    let known = found
        .as_str()
        .is_some_and(|word| SCIM_TYPES.contains(&word));
    let breach = || {
        Breach::new(
            format!("`/scimType` is {}", shown(Some(found))),
            "a key word of RFC 7644 table 9",
            shown(Some(found)),
        )
    };
    bench.judge(
        "rfc7644-3.12/scimtype-is-known-keyword",
        (!known).then(breach),
    );
}

fn v1(context: Context<'_>, bench: &mut Bench) {
    let id = "scim11-api-3.9/errors-have-body-in-requested-format";
    let errors = context
        .answer
        .json
        .as_ref()
        .and_then(|body| body.get("Errors")?.as_array());
    let Some(first) = errors.and_then(|errors| errors.first()) else {
        return no_body(context, id, bench);
    };
    bench.judge(id, None);
    let text = "scim11-api-3.9/server-error-explains-itself";
    explains_itself(context, text, first.get("description"), bench);
    let expected = context.answer.status.to_string();
    let found = first.get("code");
    let repeats = found.is_some_and(|code| {
        code.as_str() == Some(&expected) || code.as_u64() == Some(u64::from(context.answer.status))
    });
    let breach = || {
        Breach::new(
            "the body gives another code than the status",
            format!("code {expected}"),
            shown(found),
        )
    };
    bench.judge(
        "scim11-api-3/error-body-repeats-code",
        (!repeats).then(breach),
    );
}

fn no_body(context: Context<'_>, id: &'static str, bench: &mut Bench) {
    let actual = match (&context.answer.json, context.answer.body.is_empty()) {
        (_, true) => "no body".to_owned(),
        (Some(body), _) => shown(Some(body)),
        (None, _) => format!(
            "a body of type {}",
            context
                .answer
                .media_type()
                .unwrap_or_else(|| "unknown".to_owned())
        ),
    };
    let breach = Some(Breach::new(
        format!("the {} has no SCIM error body", context.answer.status),
        "a SCIM error as JSON",
        actual,
    ));
    match before_the_provider(context) {
        Some(leeway) => bench.judge_leniently(id, leeway, breach),
        None => bench.judge(id, breach),
    }
}

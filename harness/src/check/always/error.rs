//! Errors: status, media type and body (RFC 7644 section 3.12; SCIM 1.1 REST API section 3.9).

use serde_json::Value;

use super::{Context, rule};
use crate::{
    check::{Bench, Breach, shown},
    scenario::Version,
};

const ERROR_URN: &str = "urn:ietf:params:scim:api:messages:2.0:Error";
const GATEWAY: &str = "A58: a 401 often comes from a gateway";

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
    bench.judge(id, (status >= 500 && status != 501).then(breach));
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
    match context.answer.status {
        401 => bench.judge_leniently(
            "rfc7644-3.12/errors-have-scim-json-body",
            GATEWAY,
            (!marked).then(breach),
        ),
        _ => bench.judge(
            "rfc7644-3.12/errors-have-scim-json-body",
            (!marked).then(breach),
        ),
    }
    if marked {
        status(context, body, bench);
        scim_type(body, bench);
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
    match context.answer.status {
        401 => bench.judge_leniently(id, GATEWAY, breach),
        _ => bench.judge(id, breach),
    }
}

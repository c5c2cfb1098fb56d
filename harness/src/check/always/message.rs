//! Any answer: its JSON, its media type, its silence about passwords.

use super::{Context, members, rule};
use crate::{
    check::{Bench, Breach, shown},
    scenario::Version,
};

pub(super) fn judge(context: Context<'_>, bench: &mut Bench) {
    if context.answer.body.is_empty() {
        return;
    }
    if context.answer.status < 400 {
        json(context, bench);
    }
    media_type(context, bench);
    password(context, bench);
}

fn json(context: Context<'_>, bench: &mut Bench) {
    let id = rule(
        context.version,
        "rfc7644-3.8/accept-scim-json-works",
        "scim11-api-3.6/accept-json-works",
    );
    let breach = context.answer.not_json.as_ref().map(|reason| {
        let beginning: String = context.answer.body.chars().take(60).collect();
        Breach::new(
            format!("the body is no JSON: {reason}"),
            "a JSON body in UTF-8",
            format!("a body that begins with {beginning:?}"),
        )
    });
    bench.judge(id, breach);
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

fn password(context: Context<'_>, bench: &mut Bench) {
    let Some(body) = &context.answer.json else {
        return;
    };
    let mut found = None;
    members(body, &mut |name, value| {
        if name.eq_ignore_ascii_case("password") && !value.is_null() {
            found = Some(value);
        }
    });
    let id = rule(
        context.version,
        "rfc7643-4.1.1/password-never-returned",
        "scim11-core-6.1/password-never-returned",
    );
    let breach = found.map(|value| {
        Breach::new(
            "the answer holds a password",
            "no member `password`",
            crate::check::type_name(value),
        )
    });
    bench.judge(id, breach);
    if context.version == Version::V2 {
        boolean(context, bench);
    }
}

/// In an answer a boolean as text is always a failure (A09).
fn boolean(context: Context<'_>, bench: &mut Bench) {
    let Some(body) = context
        .answer
        .json
        .as_ref()
        .filter(|_| context.answer.is_success())
    else {
        return;
    };
    let mut seen = false;
    let mut wrong = None;
    members(body, &mut |name, value| {
        if matches!(name, "active" | "primary" | "supported")
            && !value.is_null()
            && !value.is_object()
            && !value.is_array()
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
        bench.judge("rfc7643-2.3.2/booleans-are-json-booleans", breach);
    }
}

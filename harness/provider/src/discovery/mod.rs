//! The discovery endpoints (RFC 7644 section 4, SCIM 1.1 core schema sections 9 and 10).

mod v1;
mod v2;

use serde_json::{Value, json};

use crate::config::{Auth, Config, Version};
use crate::error::{Error, Result};
use crate::exchange::{Call, Outcome};
use crate::list;
use crate::provider::Provider;
use crate::route::Route;
use crate::switch::Switch;
use crate::variants;

/// Answers a GET of one of the discovery routes.
pub(crate) fn answer(provider: &Provider, route: &Route, call: &Call<'_>) -> Result<Outcome> {
    let is_v2 = provider.config().version == Version::V2;
    let filtered = call.params.iter().any(|(name, _)| name == "filter");
    if is_v2 && filtered && !provider.config().has(Switch::DiscoveryFilterIgnored) {
        return Err(Error::new(403, "discovery cannot be filtered"));
    }
    let (kinds, dialect) = (provider.config().kinds(), provider.dialect());
    let base = provider.base();
    let (id, all) = match route {
        Route::ResourceTypes(id) => (id, v2::resource_types(kinds, dialect, &base)),
        Route::Schemas(id) if is_v2 => (id, v2::schemas(kinds, dialect, &base)),
        Route::Schemas(id) => (id, v1::schemas(dialect, &base)),
        _ if is_v2 => return Ok(Outcome::ok(v2::config(provider.config(), &base))),
        _ => return Ok(Outcome::ok(v1::config(provider.config(), &base))),
    };
    let Some(id) = id else {
        return Ok(Outcome::ok(list::answer_of(dialect, all.len(), 1, all)));
    };
    // SCIM 1.1 names a schema by its endpoint too, as in /Schemas/Users.
    let is_named = |one: &Value| {
        let text = |name: &str| one.get(name).and_then(Value::as_str).unwrap_or_default();
        text("id").eq_ignore_ascii_case(id)
            || !is_v2 && text("endpoint").trim_start_matches('/') == id
    };
    all.into_iter()
        .find(is_named)
        .map(Outcome::ok)
        .ok_or_else(|| Error::not_found(id))
}

/// What the provider can do, the same in both versions.
fn features(config: &Config) -> Value {
    json!({
        "patch": {"supported": true},
        "bulk": {
            "supported": true,
            "maxOperations": variants::most_operations(config),
            "maxPayloadSize": config.max_payload,
        },
        "filter": {"supported": true, "maxResults": config.max_results},
        "changePassword": {"supported": true},
        "sort": {"supported": true},
        "etag": {"supported": true},
    })
}

/// The ways in, the first of them preferred. Without credentials configured any bearer token will do.
fn authentication_schemes(auth: &Auth) -> Value {
    let ways = match auth {
        Auth::Any(all) => all.iter().collect(),
        one => vec![one],
    };
    let shown = ways.into_iter().enumerate();
    shown
        .map(|(index, auth)| authentication_scheme(auth, index == 0))
        .collect()
}

fn authentication_scheme(auth: &Auth, primary: bool) -> Value {
    let (kind, name, description) = match auth {
        Auth::Basic { .. } => (
            "httpbasic",
            "HTTP Basic",
            "Authentication with a user name and a password.",
        ),
        Auth::None | Auth::Bearer(_) | Auth::Header(_) | Auth::Any(_) => (
            "oauthbearertoken",
            "Bearer Token",
            "Authentication with a token in the Authorization header.",
        ),
    };
    json!({"type": kind, "name": name, "description": description, "primary": primary})
}

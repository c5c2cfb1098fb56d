//! Where a resource is and which state of it is shown: `meta.location` and `meta.version` with the
//! headers that say the same (RFC 7643 section 3.1).

use std::sync::LazyLock;

use percent_encoding::percent_decode_str;
use regex::Regex;
use serde_json::Value;
use url::Url;

use super::{Context, Endpoint, Resource, rule};
use crate::{
    check::{Bench, Breach, shown},
    scenario::Version,
};

pub(super) const RELATIVE: &str = "A69: relative references and other hosts are at most a warning";
const OTHER_NAME: &str =
    "A69: it may be reachable by another name, which only following it would show";
const OTHER_PREFIX: &str = "A69: behind a proxy the path may begin otherwise";

#[expect(
    clippy::unwrap_used,
    reason = "the pattern is a constant that every test of these checks compiles"
)]
static ENTITY_TAG: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#"^(W/)?"[^"]*"$"#).unwrap());

/// `meta.location` leads to the resource: it ends in its endpoint and id, and begins as the base
/// URL does unless a proxy stands between.
pub(super) fn judge(context: Context<'_>, resource: &Resource<'_>, bench: &mut Bench) {
    let body = resource.value;
    let location = body.pointer("/meta/location").and_then(Value::as_str);
    let id = body.get("id").and_then(Value::as_str);
    let (Some(location), Some(id)) = (location, id) else {
        return;
    };
    let is_other =
        matches!(Endpoint::of(context.request), Endpoint::Resource(asked) if asked != id);
    if resource.own.endpoint.is_empty() || id.is_empty() || is_other {
        return;
    }
    let wanted = format!("{}/{id}", resource.own.endpoint);
    let base = base_of(context);
    let breach = || {
        Breach::new(
            format!("{} does not end in the id", resource.at("/meta/location")),
            format!("a URL that ends in {wanted}"),
            shown(Some(&Value::from(location))),
        )
    };
    let rule = rule(
        context.version,
        "rfc7643-3.1/meta-location-leads-to-resource",
        "scim11-core-5.1/meta-location-leads-to-resource",
    );
    let found = path_of(&format!("{base}/"), location).unwrap_or_default();
    if !ends_in(&found, &wanted) {
        return match is_named_otherwise(resource, &found) {
            true => bench.judge_leniently(rule, OTHER_NAME, Some(breach())),
            false => bench.judge(rule, Some(breach())),
        };
    }
    let whole = path_of(&format!("{base}/"), &base).unwrap_or_default() + &wanted;
    bench.judge_leniently(rule, OTHER_PREFIX, (found != whole).then(breach));
}

/// Whether a path ends in something else by which the resource is known, such as its userName.
fn is_named_otherwise(resource: &Resource<'_>, path: &str) -> bool {
    let names = ["userName", "externalId", "displayName"];
    let names = names
        .iter()
        .filter_map(|name| resource.value.get(name)?.as_str());
    names
        .filter(|name| !name.is_empty())
        .any(|name| ends_in(path, &format!("{}/{name}", resource.own.endpoint)))
}

/// Ids are exact; servers may write an endpoint in another case.
fn ends_in(path: &str, wanted: &str) -> bool {
    let Some(at) = path.len().checked_sub(wanted.len()) else {
        return false;
    };
    let Some(end) = path.get(at..) else {
        return false;
    };
    let id = wanted.rsplit('/').next().unwrap_or_default();
    end.eq_ignore_ascii_case(wanted) && end.ends_with(id)
}

/// The base URL of the request: its URL without its path below and its query.
fn base_of(context: Context<'_>) -> String {
    let url = context.request.sent_url();
    let url = url.split(['?', '#']).next().unwrap_or_default();
    url.strip_suffix(context.request.path.as_str())
        .unwrap_or(url)
        .trim_end_matches('/')
        .to_owned()
}

/// The decoded path of a reference, resolved against a URL.
pub(super) fn path_of(base: &str, reference: &str) -> Option<String> {
    let url = Url::parse(base).ok()?.join(reference).ok()?;
    Some(
        percent_decode_str(url.path())
            .decode_utf8_lossy()
            .trim_end_matches('/')
            .to_owned(),
    )
}

/// What Content-Location and, with a read, Location say is where the resource is (A16). In SCIM 1.1
/// it is Location that says so.
pub(super) fn content_location(context: Context<'_>, body: &Value, bench: &mut Bench) {
    let Some(written) = body.pointer("/meta/location").and_then(Value::as_str) else {
        return;
    };
    let (id, strict) = match context.version {
        Version::V2 => (
            "rfc7643-3.1/meta-location-matches-content-location",
            "content-location",
        ),
        Version::V1 => (
            "scim11-core-5.1/meta-location-equals-location-header",
            "location",
        ),
    };
    for name in [strict, "location"] {
        let Some(header) = context.answer.header(name) else {
            continue;
        };
        // A projection is part of where an answer is, and not of where the resource is.
        let header = match context.version {
            Version::V2 => header.split('?').next().unwrap_or_default(),
            Version::V1 => header,
        };
        let base = context.request.sent_url();
        let breach = || Breach::new(format!("{name} and meta.location differ"), header, written);
        let differs = path_of(base, header) != path_of(base, written);
        match name == strict && differs {
            true => bench.judge(id, Some(breach())),
            false => {
                bench.judge_leniently(id, RELATIVE, (differs || header != written).then(breach))
            }
        }
    }
}

/// An ETag header and meta.version are the same text, weak or strong (A45).
pub(super) fn version(context: Context<'_>, body: &Value, bench: &mut Bench) {
    let header = context.answer.header("etag");
    let written = body.pointer("/meta/version").and_then(Value::as_str);
    if context.version == Version::V2 {
        weak_mark(header, written, bench);
    }
    let (Some(header), Some(written)) = (header, written) else {
        return;
    };
    let id = rule(
        context.version,
        "rfc7643-3.1/meta-version-equals-etag",
        "scim11-core-5.1/meta-version-equals-etag",
    );
    let breach = || Breach::new("ETag and meta.version differ", header, written);
    bench.judge(id, (header.trim() != written).then(breach));
}

/// The form of an entity tag (RFC 9110 section 8.8.3).
fn weak_mark(header: Option<&str>, written: Option<&str>, bench: &mut Bench) {
    let breach = |what: &str, tag: &str| {
        Breach::new(
            format!("{what} is no entity tag"),
            "a tag in quotes, after W/ if it is weak",
            tag,
        )
    };
    let of_header = header.filter(|tag| !ENTITY_TAG.is_match(tag.trim()));
    let of_meta = written.filter(|tag| tag.starts_with("w/"));
    if header.is_some() || of_meta.is_some() {
        let breach = of_header
            .map(|tag| breach("the ETag header", tag))
            .or_else(|| of_meta.map(|tag| breach("`/meta/version`", tag)));
        bench.judge("rfc7643-3.1/weak-version-carries-w-prefix", breach);
    }
}

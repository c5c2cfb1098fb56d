//! Resources: what every User, Group or other resource carries (RFC 7643 sections 2.4, 3 and 3.1;
//! SCIM 1.1 core schema sections 3.2 and 5).

use std::{collections::BTreeSet, sync::LazyLock};

use percent_encoding::percent_decode_str;
use regex::Regex;
use serde_json::Value;
use url::Url;

use super::{Context, Endpoint, is_projected, members, rule};
use crate::{
    check::{Bench, Breach, shown},
    scenario::Version,
};

const PROJECTED: &str = "A22: a projection may leave schemas out";
const RELATIVE: &str = "A69: relative references and other hosts are at most a warning";
const SPARSE_META: &str = "no sentence of the RFC demands each member of meta by itself";
const NO_ZONE: &str = "A46: a missing zone is legal xsd:dateTime";

#[expect(
    clippy::unwrap_used,
    reason = "the pattern is a constant that every test of this module compiles"
)]
static DATE_TIME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^-?\d{4,}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-4]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|[+-]\d{2}:\d{2})?$").unwrap()
});

/// Judges a resource that stands alone in an answer.
pub(super) fn judge(context: Context<'_>, body: &Value, bench: &mut Bench) {
    judge_all(context, std::slice::from_ref(body), bench);
    if let Endpoint::Resource(id) = Endpoint::of(context.request) {
        let found = body.get("id").and_then(Value::as_str);
        let breach = || {
            Breach::new(
                "the resource has another id than it was addressed by",
                format!("string <{id:?}>"),
                shown(body.get("id")),
            )
        };
        let rule = rule(
            context.version,
            "rfc7643-3.1/id-is-stable-and-not-reused",
            "scim11-core-5.1/id-is-stable-and-not-reused",
        );
        bench.judge(rule, found.is_some_and(|found| found != id).then(breach));
    }
    if context.answer.status == 201 {
        created(context, body, bench);
    }
    version(context, body, bench);
}

/// Judges resources one by one; of several breaches of one rule the first is told.
pub(super) fn judge_all(context: Context<'_>, resources: &[Value], bench: &mut Bench) {
    if resources.is_empty() {
        return;
    }
    let first = |check: &dyn Fn(&Value) -> Option<Breach>| resources.iter().find_map(check);
    let by = |v2, v1| rule(context.version, v2, v1);
    bench.judge(
        by(
            "rfc7643-3.1/every-representation-has-id",
            "scim11-core-5.1/every-representation-has-id",
        ),
        first(&id),
    );
    bench.judge(
        by(
            "rfc7643-3.1/id-does-not-contain-bulkid",
            "scim11-core-5.1/id-does-not-contain-bulkid",
        ),
        first(&bulk_id),
    );
    bench.judge(
        by(
            "rfc7643-3/schemas-has-no-duplicates",
            "scim11-core-5.2/schemas-has-no-duplicates",
        ),
        first(&duplicate_schemas),
    );
    bench.judge(
        by(
            "rfc7643-2.4/at-most-one-value-is-primary",
            "scim11-core-3.2/at-most-one-value-is-primary",
        ),
        first(&primaries),
    );
    let schemas = first(&|resource| no_schemas(resource));
    match context.version {
        Version::V2 if is_projected(context.request) => bench.judge_leniently(
            "rfc7643-3/schemas-is-nonempty-uri-array",
            PROJECTED,
            schemas,
        ),
        Version::V2 => {
            bench.judge("rfc7643-3/schemas-is-nonempty-uri-array", schemas);
            bench.judge(
                "rfc7643-3.3/schemas-contains-base-schema",
                first(&|resource| base_schema(context, resource)),
            );
            bench.judge(
                "rfc7643-3.1/meta-resource-type-matches-type-name",
                first(&|resource| resource_type(context, resource)),
            );
        }
        Version::V1 => bench.judge("scim11-core-5.2/schemas-is-nonempty-array", schemas),
    }
    dates(context, resources, bench);
}

fn id(resource: &Value) -> Option<Breach> {
    let found = resource.get("id");
    let named = found
        .and_then(Value::as_str)
        .is_some_and(|id| !id.is_empty());
    (!named).then(|| {
        Breach::new(
            format!("`id` is {}", shown(found)),
            "a non-empty string",
            shown(found),
        )
    })
}

fn bulk_id(resource: &Value) -> Option<Breach> {
    let id = resource.get("id")?.as_str()?;
    let breach = || {
        Breach::new(
            "an id contains the reserved word bulkId",
            "an id without bulkId",
            format!("string <{id:?}>"),
        )
    };
    id.to_ascii_lowercase().contains("bulkid").then(breach)
}

fn no_schemas(resource: &Value) -> Option<Breach> {
    let found = resource.get("schemas");
    let uris = found
        .and_then(Value::as_array)
        .filter(|list| !list.is_empty());
    let proper = uris.is_some_and(|list| {
        list.iter()
            .all(|uri| uri.as_str().is_some_and(|uri| uri.contains(':')))
    });
    (!proper).then(|| {
        Breach::new(
            format!("`schemas` is {}", shown(found)),
            "a non-empty array of URIs",
            shown(found),
        )
    })
}

fn duplicate_schemas(resource: &Value) -> Option<Breach> {
    let mut seen = BTreeSet::new();
    let twice = resource
        .get("schemas")?
        .as_array()?
        .iter()
        .filter_map(Value::as_str)
        .find(|uri| !seen.insert(*uri))?;
    Some(Breach::new(
        "`schemas` names a URI twice",
        "every URI once",
        format!("{twice:?} twice"),
    ))
}

/// The name of the standard type that an endpoint serves.
fn standard_type(context: Context<'_>) -> Option<&'static str> {
    match context
        .request
        .path
        .split('/')
        .find(|segment| !segment.is_empty())?
    {
        "Users" => Some("User"),
        "Groups" => Some("Group"),
        _ => None,
    }
}

fn base_schema(context: Context<'_>, resource: &Value) -> Option<Breach> {
    let urn = format!(
        "urn:ietf:params:scim:schemas:core:2.0:{}",
        standard_type(context)?
    );
    let found = resource.get("schemas")?;
    let listed = found
        .as_array()?
        .iter()
        .filter_map(Value::as_str)
        .any(|uri| uri.eq_ignore_ascii_case(&urn));
    (!listed).then(|| {
        Breach::new(
            "`schemas` lacks the schema of the resource type",
            urn,
            shown(Some(found)),
        )
    })
}

fn resource_type(context: Context<'_>, resource: &Value) -> Option<Breach> {
    let wanted = standard_type(context)?;
    let found = resource.get("meta")?.get("resourceType")?;
    let breach = || {
        Breach::new(
            format!("`/meta/resourceType` is {}", shown(Some(found))),
            format!("string <\"{wanted}\">"),
            shown(Some(found)),
        )
    };
    (found != wanted).then(breach)
}

fn primaries(resource: &Value) -> Option<Breach> {
    let mut found = None;
    members(resource, &mut |name, value| {
        let primary = |item: &&Value| item.get("primary") == Some(&Value::Bool(true));
        let count = value
            .as_array()
            .map_or(0, |items| items.iter().filter(primary).count());
        if count > 1 {
            found = Some((name, count));
        }
    });
    let (name, count) = found?;
    Some(Breach::new(
        format!("`{name}` has {count} primary values"),
        "at most one",
        format!("{count}"),
    ))
}

fn dates(context: Context<'_>, resources: &[Value], bench: &mut Bench) {
    let times = resources.iter().flat_map(|resource| {
        ["created", "lastModified"]
            .map(|name| (name, resource.get("meta").and_then(|meta| meta.get(name))))
    });
    let times: Vec<(&str, &Value)> = times
        .filter_map(|(name, value)| Some((name, value.filter(|value| !value.is_null())?)))
        .collect();
    if times.is_empty() {
        return;
    }
    let id = rule(
        context.version,
        "rfc7643-2.3.5/datetimes-are-valid-xsd",
        "scim11-core-5.1/meta-times-are-datetimes",
    );
    let matches = |value: &Value| value.as_str().is_some_and(|text| DATE_TIME.is_match(text));
    let breach = |(name, value): (&str, &Value), what: &str| {
        Breach::new(
            format!("`/meta/{name}` is {}", shown(Some(value))),
            what,
            shown(Some(value)),
        )
    };
    if let Some(wrong) = times.iter().find(|(_, value)| !matches(value)) {
        return bench.judge(
            id,
            Some(breach(
                *wrong,
                "an xsd:dateTime such as 2026-11-24T09:00:00Z",
            )),
        );
    }
    let zoned = |value: &Value| {
        value.as_str().is_some_and(|text| {
            text.ends_with('Z')
                || text
                    .get(text.len().saturating_sub(6)..)
                    .is_some_and(|end| end.starts_with(['+', '-']) && end.contains(':'))
        })
    };
    let bare = times.iter().find(|(_, value)| !zoned(value));
    bench.judge_leniently(
        id,
        NO_ZONE,
        bare.map(|time| breach(*time, "a dateTime with a zone")),
    );
}

/// What the answer to a create carries besides.
fn created(context: Context<'_>, body: &Value, bench: &mut Bench) {
    let meta = body.get("meta").filter(|meta| meta.is_object());
    let missing = || {
        Breach::new(
            "the created resource has no meta",
            "meta with created, lastModified and location",
            shown(body.get("meta")),
        )
    };
    match context.version {
        // meta is returned by default, so that a projection may leave it out (A22).
        _ if meta.is_none() && is_projected(context.request) => {}
        Version::V2 => {
            bench.judge(
                "rfc7643-3.1/provider-assigns-id-and-meta",
                meta.is_none().then(missing),
            );
            if let Some(meta) = meta {
                bench.judge_leniently(
                    "rfc7643-3.1/provider-assigns-id-and-meta",
                    SPARSE_META,
                    sparse(meta),
                );
            }
        }
        Version::V1 => bench.judge(
            "scim11-core-5.1/every-resource-has-common-attributes",
            meta.is_none().then(missing),
        ),
    }
    location(context, meta, bench);
}

fn sparse(meta: &Value) -> Option<Breach> {
    let name = ["resourceType", "created", "lastModified", "location"]
        .into_iter()
        .find(|name| meta.get(name).is_none_or(Value::is_null))?;
    Some(Breach::new(
        format!("`/meta/{name}` is missing"),
        "meta as the provider assigns it",
        shown(Some(meta)),
    ))
}

fn location(context: Context<'_>, meta: Option<&Value>, bench: &mut Bench) {
    let Some(header) = context.answer.header("location") else {
        let breach = Some(Breach::new(
            "the 201 has no Location header",
            "the URL of the new resource",
            "none",
        ));
        return bench.judge(
            rule(
                context.version,
                "rfc7644-3.3/location-header-matches-meta-location",
                "scim11-api-3.1/created-is-201-with-location",
            ),
            breach,
        );
    };
    if context.version == Version::V1 {
        bench.judge("scim11-api-3.1/created-is-201-with-location", None);
    }
    let Some(written) = meta.and_then(|meta| meta.get("location")?.as_str()) else {
        return;
    };
    let id = rule(
        context.version,
        "rfc7644-3.3/location-header-matches-meta-location",
        "scim11-core-5.1/meta-location-equals-location-header",
    );
    let base = context.request.sent_url();
    let breach = || Breach::new("Location and meta.location differ", header, written);
    if path_of(base, header) != path_of(base, written) {
        return bench.judge(id, Some(breach()));
    }
    let relative = Url::parse(header).is_err() || Url::parse(written).is_err();
    let relative = relative.then(|| {
        Breach::new(
            "the location of the new resource is relative",
            "an absolute URL",
            header,
        )
    });
    bench.judge_leniently(
        id,
        RELATIVE,
        relative.or_else(|| (header != written).then(breach)),
    );
}

/// The decoded path of a reference, resolved against the request's URL.
fn path_of(base: &str, reference: &str) -> Option<String> {
    let url = Url::parse(base).ok()?.join(reference).ok()?;
    Some(
        percent_decode_str(url.path())
            .decode_utf8_lossy()
            .trim_end_matches('/')
            .to_owned(),
    )
}

/// An ETag header and meta.version are the same tag, weak or strong (A45).
fn version(context: Context<'_>, body: &Value, bench: &mut Bench) {
    let Some(header) = context.answer.header("etag") else {
        return;
    };
    let Some(written) = body
        .get("meta")
        .and_then(|meta| meta.get("version")?.as_str())
    else {
        return;
    };
    let opaque = |tag: &str| {
        tag.trim()
            .trim_start_matches("W/")
            .trim_matches('"')
            .to_owned()
    };
    let breach = || Breach::new("ETag and meta.version differ", header, written);
    let id = rule(
        context.version,
        "rfc7643-3.1/meta-version-equals-etag",
        "scim11-core-5.1/meta-version-equals-etag",
    );
    bench.judge(id, (opaque(header) != opaque(written)).then(breach));
}

//! Resources: what every User, Group or other resource carries (RFC 7643 sections 2.4, 3 and 3.1;
//! SCIM 1.1 core schema sections 3.2 and 5).

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    Context, Endpoint, Resource, created, members, place,
    projection::{self, Projection},
    reference, rule, shape,
};
use crate::{
    check::{Bench, Breach, shown},
    scenario::Version,
};

const PROJECTED: &str = "A22: a projection may leave schemas out";
const LISTED_V1: &str = "the draft's own list example has neither id nor meta";

/// Judges a resource that stands alone in an answer.
pub(super) fn judge(context: Context<'_>, body: &Value, bench: &mut Bench) {
    let resource = context.resource(body, String::new());
    judge_all(context, std::slice::from_ref(&resource), bench);
    if let Endpoint::Resource(id) = Endpoint::of(context.request) {
        let id = without_suffix(context, id);
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
        place::content_location(context, body, bench);
    }
    match context.answer.status {
        201 => created::judge(context, &resource, bench),
        _ => created::before_changes(context, body, bench),
    }
    place::version(context, body, bench);
}

/// In SCIM 1.1 a suffix of the path may name the format (REST API section 3.6).
fn without_suffix(context: Context<'_>, id: String) -> String {
    match (context.version, id.strip_suffix(".json")) {
        (Version::V1, Some(bare)) => bare.to_owned(),
        _ => id,
    }
}

/// Judges resources one by one; of several breaches of one rule the first is told.
pub(super) fn judge_all(context: Context<'_>, resources: &[Resource<'_>], bench: &mut Bench) {
    let projection = Projection::of(context.request);
    for resource in resources {
        identity(context, resource, &projection, bench);
        schemas(context, resource, &projection, bench);
        values(context, resource, bench);
        if context.answer.status != 201 {
            meta(context, resource, &projection, bench);
        }
        place::judge(context, resource, bench);
        reference::judge(context, resource, bench);
        projection::judge(context, resource, &projection, bench);
    }
    shape::judge(context, resources, &projection, bench);
}

fn identity(
    context: Context<'_>,
    resource: &Resource<'_>,
    projection: &Projection,
    bench: &mut Bench,
) {
    let by = |v2, v1| rule(context.version, v2, v1);
    let id = by(
        "rfc7643-3.1/every-representation-has-id",
        "scim11-core-5.1/every-representation-has-id",
    );
    let listed_v1 = context.version == Version::V1 && !resource.place.is_empty();
    match listed_v1 && projection.is_some() {
        true => bench.judge_leniently(id, LISTED_V1, no_id(resource)),
        false => bench.judge(id, no_id(resource)),
    }
    bench.judge(
        by(
            "rfc7643-3.1/id-does-not-contain-bulkid",
            "scim11-core-5.1/id-does-not-contain-bulkid",
        ),
        bulk_id(context.version, resource),
    );
}

fn no_id(resource: &Resource<'_>) -> Option<Breach> {
    let found = resource.value.get("id");
    let named = found
        .and_then(Value::as_str)
        .is_some_and(|id| !id.is_empty());
    (!named).then(|| {
        Breach::new(
            format!("{} is {}", resource.at("/id"), shown(found)),
            "a non-empty string",
            shown(found),
        )
    })
}

/// SCIM 2.0 reserves the word, SCIM 1.1 the word with its colon.
fn bulk_id(version: Version, resource: &Resource<'_>) -> Option<Breach> {
    let id = resource.value.get("id")?.as_str()?;
    let reserved = match version {
        Version::V2 => "bulkid",
        Version::V1 => "bulkid:",
    };
    let breach = || {
        Breach::new(
            "an id contains the reserved word bulkId",
            "an id without bulkId",
            format!("string <{id:?}>"),
        )
    };
    id.to_ascii_lowercase().contains(reserved).then(breach)
}

fn schemas(
    context: Context<'_>,
    resource: &Resource<'_>,
    projection: &Projection,
    bench: &mut Bench,
) {
    let found = resource
        .value
        .get("schemas")
        .filter(|found| !found.is_null());
    let by = |v2, v1| rule(context.version, v2, v1);
    let named = by(
        "rfc7643-2.1/resource-names-its-schemas",
        "scim11-core-3/json-resource-names-its-schemas",
    );
    let missing = || {
        Breach::new(
            format!("{} is missing", resource.at("/schemas")),
            "the URIs of the resource's schemas",
            "nothing",
        )
    };
    match projection.is_some() {
        true => bench.judge_leniently(named, PROJECTED, found.is_none().then(missing)),
        false => bench.judge(named, found.is_none().then(missing)),
    }
    if context.version == Version::V2 && !projection.is_some() {
        required_extensions(resource, found, bench);
    }
    let Some(found) = found else {
        return;
    };
    bench.judge(
        by(
            "rfc7643-3/schemas-has-no-duplicates",
            "scim11-core-5.2/schemas-has-no-duplicates",
        ),
        duplicate_schemas(found),
    );
    let uris = found.as_array().filter(|list| !list.is_empty());
    let foreign = uris.and_then(|list| list.iter().find(|uri| !is_uri(uri)));
    let no_list = || {
        Breach::new(
            format!("{} is {}", resource.at("/schemas"), shown(Some(found))),
            "a non-empty array of URIs",
            shown(Some(found)),
        )
    };
    let no_uri = |uri: &Value| {
        Breach::new(
            format!("{} holds {}", resource.at("/schemas"), shown(Some(uri))),
            "URIs alone",
            shown(Some(uri)),
        )
    };
    match context.version {
        Version::V2 => {
            let breach = uris.is_none().then(no_list).or_else(|| foreign.map(no_uri));
            bench.judge("rfc7643-3/schemas-is-nonempty-uri-array", breach);
        }
        Version::V1 => {
            bench.judge(
                "scim11-core-5.2/schemas-is-nonempty-array",
                uris.is_none().then(no_list),
            );
            bench.judge("scim11-core-5.2/schemas-are-full-uris", foreign.map(no_uri));
        }
    }
    if context.version == Version::V2 && uris.is_some() {
        schemas_of_type(context, resource, found, bench);
    }
}

/// An extension that a resource type requires is named or filled in each of its resources.
fn required_extensions(resource: &Resource<'_>, schemas: Option<&Value>, bench: &mut Bench) {
    let own = resource.own;
    if own.required.is_empty() {
        return;
    }
    let named = || schemas.and_then(Value::as_array).into_iter().flatten();
    let filled = || resource.value.as_object().into_iter().flatten();
    let has = |urn: &str| {
        named()
            .filter_map(Value::as_str)
            .chain(filled().map(|(name, _)| name.as_str()))
            .any(|known| known.eq_ignore_ascii_case(urn))
    };
    let missing = own.required.iter().find(|urn| !has(urn)).map(|urn| {
        Breach::new(
            format!(
                "a resource lacks an extension that the resource type {} requires",
                own.name
            ),
            urn.clone(),
            shown(schemas),
        )
    });
    bench.judge("rfc7643-6/required-extension-is-always-present", missing);
}

fn is_uri(uri: &Value) -> bool {
    uri.as_str().is_some_and(|uri| uri.contains(':'))
}

fn duplicate_schemas(found: &Value) -> Option<Breach> {
    let mut seen = BTreeSet::new();
    let twice = found
        .as_array()?
        .iter()
        .filter_map(Value::as_str)
        .find(|uri| !seen.insert(uri.to_ascii_lowercase()))?;
    Some(Breach::new(
        "`schemas` names a URI twice",
        "every URI once",
        format!("{twice:?} twice"),
    ))
}

/// The schemas of a resource are those of its type, and published. URNs are compared without case.
fn schemas_of_type(
    context: Context<'_>,
    resource: &Resource<'_>,
    found: &Value,
    bench: &mut Bench,
) {
    let own = resource.own;
    if own.name.is_empty() {
        return;
    }
    let uris = || {
        let listed = found.as_array().into_iter().flatten();
        listed.filter_map(Value::as_str)
    };
    let is_core = |uri: &str| uri.eq_ignore_ascii_case(&own.core.urn);
    let no_base = || {
        Breach::new(
            format!(
                "{} lacks the schema of the resource type {}",
                resource.at("/schemas"),
                own.name
            ),
            own.core.urn.clone(),
            shown(Some(found)),
        )
    };
    bench.judge(
        "rfc7643-3.3/schemas-contains-base-schema",
        (!uris().any(is_core)).then(no_base),
    );
    if !own.declared {
        return;
    }
    let is_declared = |uri: &str| is_core(uri) || own.extension(uri).is_some();
    let undeclared = uris().find(|uri| !is_declared(uri)).map(|uri| {
        Breach::new(
            format!(
                "{} names a schema that the resource type {} does not have",
                resource.at("/schemas"),
                own.name
            ),
            "the schema and schemaExtensions of /ResourceTypes",
            uri,
        )
    });
    bench.judge("rfc7643-3/schemas-lists-only-declared-uris", undeclared);
    let Some(published) = &context.schemas.model.published else {
        return;
    };
    let is_published = |uri: &str| {
        published
            .iter()
            .any(|known| known.eq_ignore_ascii_case(uri))
    };
    let unpublished = uris().find(|uri| is_declared(uri) && !is_published(uri));
    let unpublished = unpublished.map(|uri| {
        Breach::new(
            "a resource uses a schema that is not published",
            format!("{uri} in /Schemas"),
            "no such schema",
        )
    });
    bench.judge("rfc7643-7/every-used-schema-is-published", unpublished);
}

fn values(context: Context<'_>, resource: &Resource<'_>, bench: &mut Bench) {
    let by = |v2, v1| rule(context.version, v2, v1);
    bench.judge(
        by(
            "rfc7643-2.4/at-most-one-value-is-primary",
            "scim11-core-3.2/at-most-one-value-is-primary",
        ),
        primaries(resource),
    );
    bench.judge(
        by(
            "rfc7643-2.4/returns-no-duplicate-type-value-pair",
            "scim11-core-3.2/returns-no-duplicate-type-value-pair",
        ),
        repeated_value(resource),
    );
}

fn primaries(resource: &Resource<'_>) -> Option<Breach> {
    let mut found = None;
    members(resource.value, &mut |name, value| {
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

/// The same value under the same type, the rest of the record left aside.
fn repeated_value(resource: &Resource<'_>) -> Option<Breach> {
    let mut found = None;
    members(resource.value, &mut |name, value| {
        let mut seen = BTreeSet::new();
        let pairs = value.as_array().into_iter().flatten().filter_map(|item| {
            let value = item.get("value").filter(|value| !value.is_null())?;
            let kind = item.get("type").filter(|kind| !kind.is_null());
            Some((value.to_string(), kind.map(Value::to_string)))
        });
        for pair in pairs {
            if !seen.insert(pair.clone()) {
                found = Some((name, pair));
            }
        }
    });
    let (name, (value, kind)) = found?;
    let kind = kind.map_or_else(|| "no type".to_owned(), |kind| format!("the type {kind}"));
    Some(Breach::new(
        format!("`{name}` holds a value twice"),
        "each value and type once",
        format!("{value} with {kind} twice"),
    ))
}

/// `meta` is there, unless a projection leaves it out, and names the resource's type. A created
/// resource's is judged with its creation.
fn meta(context: Context<'_>, resource: &Resource<'_>, projection: &Projection, bench: &mut Bench) {
    let meta = resource.value.get("meta").filter(|meta| meta.is_object());
    let missing = || {
        Breach::new(
            format!("{} is missing", resource.at("/meta")),
            "an object",
            shown(resource.value.get("meta")),
        )
    };
    if !projection.is_some() {
        let id = rule(
            context.version,
            "rfc7643-3.1/every-type-has-common-attributes",
            "scim11-core-5.1/every-resource-has-common-attributes",
        );
        bench.judge(id, meta.is_none().then(missing));
    }
    if context.version == Version::V2 && !resource.own.name.is_empty() {
        bench.judge(
            "rfc7643-3.1/meta-resource-type-matches-type-name",
            wrong_type(resource),
        );
    }
}

/// Another name of the type than that of its endpoint.
pub(super) fn wrong_type(resource: &Resource<'_>) -> Option<Breach> {
    let found = resource.value.pointer("/meta/resourceType")?;
    let wanted = &resource.own.name;
    let breach = || {
        Breach::new(
            format!(
                "{} is {}",
                resource.at("/meta/resourceType"),
                shown(Some(found))
            ),
            format!("string <\"{wanted}\">"),
            shown(Some(found)),
        )
    };
    (!found.is_null() && found != wanted).then(breach)
}

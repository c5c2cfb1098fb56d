//! Whether resources are as the schemas of their types say: each flaw by the rule of its type.

use serde_json::Value;

use super::{Context, Resource, projection::Projection, rule};
use crate::{
    check::{
        Bench, Breach,
        format::is_date_time,
        schema::{Flaw, FlawKind, Named, Seen},
        shown,
    },
    model::Kind,
    scenario::Version,
};

const REQUIRED_HAVE_VALUES: &str = "rfc7643-2.2/required-attributes-have-values";
const NO_ZONE: &str = "A46: a missing zone is legal xsd:dateTime";
const OF_CLIENTS: &str = "A69: it may be what a client sent";

pub(super) fn judge(
    context: Context<'_>,
    resources: &[Resource<'_>],
    projection: &Projection,
    bench: &mut Bench,
) {
    let mut seen = Seen::default();
    for resource in resources {
        let (flaws, shown) = context.schemas.look(resource.own, resource.value);
        for flaw in &flaws {
            tell(context, resource, flaw, projection, bench);
        }
        user_name(context, resource, projection, bench);
        unknown(context, resource, &shown, bench);
        times_held(context.version, resource.value, bench);
        required_held(context.version, resource, projection, bench);
        seen.add(shown);
    }
    held(context.version, &seen, bench);
}

/// What was looked at held, unless a breach of it was told before.
fn held(version: Version, seen: &Seen, bench: &mut Bench) {
    for kind in &seen.kinds {
        bench.judge(type_rule(version, *kind), None);
    }
    if seen.kinds.contains(&Kind::DateTime) && version == Version::V2 {
        bench.judge("rfc7643-2.3.5/datetimes-hold-date-and-time", None);
    }
    if seen.several {
        bench.judge(plural_rule(version), None);
    }
    if seen.extension && version == Version::V2 {
        bench.judge("rfc7643-3.3/extension-data-sits-under-its-urn", None);
    }
}

/// The times of `meta` have rules of their own.
fn times_held(version: Version, resource: &Value, bench: &mut Bench) {
    let shows = |time: &str| resource.pointer(time).is_some_and(|value| !value.is_null());
    let created = shows("/meta/created");
    match version {
        Version::V2 if created => bench.judge("rfc7643-3.1/meta-created-is-datetime", None),
        Version::V1 if created || shows("/meta/lastModified") => {
            bench.judge("scim11-core-5.1/meta-times-are-datetimes", None);
        }
        _ => {}
    }
}

fn required_held(
    version: Version,
    resource: &Resource<'_>,
    projection: &Projection,
    bench: &mut Bench,
) {
    let mut attributes = resource.own.core.attributes.iter();
    let is_demanded =
        |name: &str| required_rule(version, resource, name) == Some(REQUIRED_HAVE_VALUES);
    if !projection.is_some()
        && attributes.any(|attribute| attribute.required && is_demanded(&attribute.name))
    {
        bench.judge(REQUIRED_HAVE_VALUES, None);
    }
}

pub(super) fn plural_rule(version: Version) -> &'static str {
    rule(
        version,
        "rfc7643-2.4/multi-valued-attributes-are-arrays",
        "scim11-core-3.2/multi-valued-attributes-are-arrays",
    )
}

pub(super) fn type_rule(version: Version, kind: Kind) -> &'static str {
    let by = |v2, v1| rule(version, v2, v1);
    match kind {
        Kind::Boolean => by(
            "rfc7643-2.3.2/booleans-are-json-booleans",
            "scim11-core-3.1.2/booleans-are-json-booleans",
        ),
        Kind::Integer => by(
            "rfc7643-2.3.4/integers-have-no-fraction-or-exponent",
            "scim11-core-3.1.4/integers-are-json-numbers",
        ),
        Kind::Decimal => by(
            "rfc7643-2.3/values-have-their-schema-type",
            "scim11-core-3.1.3/decimals-are-json-numbers",
        ),
        Kind::DateTime => by(
            "rfc7643-2.3.5/datetimes-are-valid-xsd",
            "scim11-core-3.1.5/datetimes-are-xsd-strings",
        ),
        Kind::Binary => by(
            "rfc7643-2.3.6/binary-is-base64",
            "scim11-core-3.1.6/binary-is-base64",
        ),
        Kind::Reference => by(
            "rfc7643-2.3.7/reference-holds-target-uri",
            "scim11-core-3.1/values-have-their-schema-type",
        ),
        Kind::String | Kind::Complex | Kind::Unknown => by(
            "rfc7643-2.3/values-have-their-schema-type",
            "scim11-core-3.1/values-have-their-schema-type",
        ),
    }
}

fn tell(
    context: Context<'_>,
    resource: &Resource<'_>,
    flaw: &Flaw<'_>,
    projection: &Projection,
    bench: &mut Bench,
) {
    let Some(named) = &flaw.attribute else {
        return container(context, resource, flaw, bench);
    };
    match flaw.kind {
        FlawKind::Missing if projection.is_some() => {}
        FlawKind::Missing => missing(context, resource, flaw, named, bench),
        FlawKind::Plurality => {
            let expected = match named.attribute.multi_valued {
                true => format!("an array, as {named} has several values"),
                false => format!("one value, as {named} has only one"),
            };
            bench.judge(
                plural_rule(context.version),
                Some(breach(resource, flaw, expected)),
            );
        }
        FlawKind::Type | FlawKind::Container => wrong_type(context, resource, flaw, named, bench),
    }
}

fn breach(resource: &Resource<'_>, flaw: &Flaw<'_>, expected: String) -> Breach {
    let value = flaw.value.as_ref();
    Breach::new(
        format!("{} is {}", resource.at(&flaw.pointer), shown(value)),
        expected,
        shown(value),
    )
}

/// A value of another type, or in another form, than its attribute.
fn wrong_type(
    context: Context<'_>,
    resource: &Resource<'_>,
    flaw: &Flaw<'_>,
    named: &Named<'_>,
    bench: &mut Bench,
) {
    let kind = named.attribute.kind;
    let text = flaw.value.as_ref().and_then(Value::as_str);
    let breach = Some(breach(
        resource,
        flaw,
        format!("{}, as {named} is", in_words(kind)),
    ));
    let v2 = context.version == Version::V2;
    let rule = match (kind, text) {
        (Kind::DateTime, _) if !v2 && named.path.starts_with("meta.") => {
            "scim11-core-5.1/meta-times-are-datetimes"
        }
        (Kind::DateTime, Some(text)) if is_date_time(text) => {
            let id = type_rule(context.version, kind);
            return bench.judge_leniently(id, NO_ZONE, breach);
        }
        (Kind::DateTime, _) if v2 && named.path == "meta.created" => {
            "rfc7643-3.1/meta-created-is-datetime"
        }
        (Kind::DateTime, Some(text)) if v2 && is_date_alone(text) => {
            "rfc7643-2.3.5/datetimes-hold-date-and-time"
        }
        // What the provider makes itself are the references to its own resources.
        (Kind::Reference, Some(_)) if !named.path.ends_with("$ref") => {
            return bench.judge_leniently(type_rule(context.version, kind), OF_CLIENTS, breach);
        }
        _ => type_rule(context.version, kind),
    };
    bench.judge(rule, breach);
}

fn is_date_alone(text: &str) -> bool {
    is_date_time(&format!("{text}T00:00:00"))
}

fn in_words(kind: Kind) -> &'static str {
    match kind {
        Kind::String => "a string",
        Kind::Boolean => "a JSON boolean",
        Kind::Decimal => "a JSON number",
        Kind::Integer => "a JSON number without fraction and exponent",
        Kind::DateTime => "an xsd:dateTime such as 2026-11-24T09:00:00Z",
        Kind::Binary => "a Base64 string",
        Kind::Reference => "a URI reference",
        Kind::Complex => "an object",
        Kind::Unknown => "anything",
    }
}

/// A required attribute without a value.
fn missing(
    context: Context<'_>,
    resource: &Resource<'_>,
    flaw: &Flaw<'_>,
    named: &Named<'_>,
    bench: &mut Bench,
) {
    let breach = Breach::new(
        format!("{} is missing", resource.at(&flaw.pointer)),
        format!("a value, as {named} is required"),
        "nothing",
    );
    if let Some(rule) = required_rule(context.version, resource, &named.path) {
        bench.judge(rule, Some(breach));
    }
}

/// The rule that is about a required attribute. That every User has a userName is judged by itself.
fn required_rule(version: Version, resource: &Resource<'_>, path: &str) -> Option<&'static str> {
    match (version, resource.own.name.as_str(), path) {
        (_, "User", "userName") => None,
        (Version::V2, "Group", "displayName") => Some("rfc7643-4.2/group-display-name-is-required"),
        (Version::V1, "Group", "displayName") => {
            Some("scim11-core-8/group-display-name-is-required")
        }
        (Version::V2, ..) => Some(REQUIRED_HAVE_VALUES),
        (Version::V1, ..) => None,
    }
}

fn user_name(
    context: Context<'_>,
    resource: &Resource<'_>,
    projection: &Projection,
    bench: &mut Bench,
) {
    if resource.own.name != "User" || projection.is_some() {
        return;
    }
    let members = resource.value.as_object().into_iter().flatten();
    let mut found = members.filter(|(name, _)| name.eq_ignore_ascii_case("userName"));
    let found = found.next().map(|(_, value)| value);
    let empty = match found {
        None | Some(Value::Null) => true,
        Some(value) => value.as_str().is_some_and(|name| name.trim().is_empty()),
    };
    let breach = || {
        Breach::new(
            format!("{} is {}", resource.at("/userName"), shown(found)),
            "a non-empty string",
            shown(found),
        )
    };
    let id = rule(
        context.version,
        "rfc7643-4.1.1/user-has-nonempty-username",
        "scim11-core-6.1/user-has-nonempty-username",
    );
    bench.judge(id, empty.then(breach));
}

/// An extension whose attributes are in no object.
fn container(context: Context<'_>, resource: &Resource<'_>, flaw: &Flaw<'_>, bench: &mut Bench) {
    if context.version == Version::V2 {
        let expected = "an object that holds the attributes of the extension";
        bench.judge(
            "rfc7643-3.3/extension-data-sits-under-its-urn",
            Some(breach(resource, flaw, expected.to_owned())),
        );
    }
}

/// What no schema of the type defines. Providers are free to add to resources, so that is only told;
/// but an attribute that an extension defines has its place there.
fn unknown(context: Context<'_>, resource: &Resource<'_>, seen: &Seen, bench: &mut Bench) {
    if context.version == Version::V2 {
        let flattened = seen.flattened.as_ref().map(|pointer| {
            Breach::new(
                format!(
                    "{} stands among the attributes of the core schema",
                    resource.at(pointer)
                ),
                "it in the object of the extension that defines it",
                shown(resource.value.pointer(pointer)),
            )
        });
        if flattened.is_some() {
            bench.judge("rfc7643-3.3/extension-data-sits-under-its-urn", flattened);
        }
        let unknown = seen.unknown.first().map(|pointer| {
            let more = match seen.unknown.len() {
                1 => String::new(),
                count => format!(", and {} more", count - 1),
            };
            Breach::new(
                format!(
                    "no schema of {} defines {}{more}",
                    resource.own.name,
                    resource.at(pointer)
                ),
                "attributes of the published schemas",
                shown(resource.value.pointer(pointer)),
            )
        });
        bench.judge("rfc7643-3/attributes-are-defined-by-schemas", unknown);
    }
    extension_is_named(context, resource, bench);
}

/// The extensions in use stand in `schemas`: SCIM 1.1 demands it, SCIM 2.0 allows it.
fn extension_is_named(context: Context<'_>, resource: &Resource<'_>, bench: &mut Bench) {
    let members = resource.value.as_object().into_iter().flatten();
    let mut used = members.filter(|(name, value)| {
        resource.own.extension(name).is_some()
            && value.as_object().is_some_and(|own| !own.is_empty())
    });
    let Some((used, _)) = used.next() else {
        return;
    };
    let Some(schemas) = resource.value.get("schemas").and_then(Value::as_array) else {
        return;
    };
    let is_named = schemas
        .iter()
        .filter_map(Value::as_str)
        .any(|urn| urn.eq_ignore_ascii_case(used));
    let breach = || {
        Breach::new(
            format!(
                "{} does not name an extension in use",
                resource.at("/schemas")
            ),
            used.clone(),
            shown(resource.value.get("schemas")),
        )
    };
    let id = rule(
        context.version,
        "rfc7643-3.3/may-list-extension-uris",
        "scim11-core-4/json-extensions-are-named-in-schemas",
    );
    bench.judge(id, (!is_named).then(breach));
}

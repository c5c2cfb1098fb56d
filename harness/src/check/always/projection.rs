//! Which attributes an answer shows: what the request asked for, what is always there and what is
//! never (RFC 7643 section 7, RFC 7644 section 3.9; SCIM 1.1 REST API section 3.7).

use serde_json::Value;

use super::{Context, Endpoint, Resource};
use crate::{
    check::{Bench, Breach, is_assigned, shown},
    exchange::SentRequest,
    model::{Attribute, Mutability, Place, Returned, Schema, names_in_list},
    scenario::Version,
};

const WRITTEN: &str = "A71: the answer to a write may show more, from which no client loses";

/// What a request asks to be shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Projection {
    attributes: Vec<String>,
    excluded: Vec<String>,
}

impl Projection {
    /// From the parameters of a request, or from the body of a search.
    pub(super) fn of(request: &SentRequest) -> Self {
        let searched = (request.method == "POST" && Endpoint::of(request) == Endpoint::Search)
            .then(|| request.json())
            .flatten();
        let names = |key: &str| {
            let parameters = request.parameters.iter().filter(|(name, _)| name == key);
            let mut names: Vec<String> = parameters
                .flat_map(|(_, value)| names_in_list(value))
                .map(str::to_owned)
                .collect();
            let listed = searched.as_ref().and_then(|body| body.get(key));
            match listed {
                Some(Value::Array(listed)) => {
                    names.extend(listed.iter().filter_map(Value::as_str).map(str::to_owned));
                }
                Some(Value::String(listed)) => {
                    names.extend(names_in_list(listed).map(str::to_owned));
                }
                _ => {}
            }
            names
        };
        Self {
            attributes: names("attributes"),
            excluded: names("excludedAttributes"),
        }
    }

    /// Whether the answer is not the whole default set.
    pub(super) fn is_some(&self) -> bool {
        !(self.attributes.is_empty() && self.excluded.is_empty())
    }
}

/// Whether the request shaped the answer by a projection.
pub fn is_projected(request: &SentRequest) -> bool {
    request.asks("attributes").is_some()
        || request.asks("excludedAttributes").is_some()
        || Projection::of(request).is_some()
}

/// Whether the request asks for an attribute of this name.
pub(super) fn asks_for(context: Context<'_>, name: &str) -> bool {
    let projection = Projection::of(context.request);
    projection
        .attributes
        .iter()
        .any(|asked| asked.eq_ignore_ascii_case(name))
}

pub(super) fn judge(
    context: Context<'_>,
    resource: &Resource<'_>,
    projection: &Projection,
    bench: &mut Bench,
) {
    let shown = Shown::of(context, resource);
    hidden(&shown, context.version, bench);
    // Both at once may get any answer (A23).
    match (
        projection.attributes.as_slice(),
        projection.excluded.as_slice(),
    ) {
        ([], []) => on_demand(context, &shown, bench),
        (asked, []) => only(context, resource, asked, &shown, bench),
        ([], excluded) if context.version == Version::V2 => {
            except(context, resource, excluded, &shown, bench);
        }
        _ => {}
    }
}

/// The attributes that a resource shows, of which schemas tell something.
struct Shown<'a> {
    resource: &'a Resource<'a>,
    attributes: Vec<OneShown<'a>>,
}

struct OneShown<'a> {
    extension: Option<&'a Schema>,
    attribute: &'a Attribute,
    value: &'a Value,
    /// JSON pointer from the resource.
    pointer: String,
}

impl<'a> Shown<'a> {
    fn of(context: Context<'a>, resource: &'a Resource<'a>) -> Self {
        let model = &context.schemas.model;
        let mut attributes = Vec::new();
        for (name, value) in resource.value.as_object().into_iter().flatten() {
            if !is_assigned(value) {
                continue;
            }
            let pointer = format!("/{}", escaped(name));
            if let Some(schema) = resource.own.extension(name) {
                for (name, value) in value.as_object().into_iter().flatten() {
                    let found = crate::model::attribute::find(&schema.attributes, name);
                    attributes.extend(found.filter(|_| is_assigned(value)).map(|attribute| {
                        OneShown {
                            extension: Some(schema),
                            attribute,
                            value,
                            pointer: format!("{pointer}/{}", escaped(name)),
                        }
                    }));
                }
            } else if let Some(attribute) = model.attribute(resource.own, name) {
                attributes.push(OneShown {
                    extension: None,
                    attribute,
                    value,
                    pointer,
                });
            }
        }
        Self {
            resource,
            attributes,
        }
    }

    /// Each shown attribute and sub-attribute for which this holds.
    fn find(&self, holds: impl Fn(&Attribute) -> bool) -> Option<(String, &Value)> {
        self.attributes.iter().find_map(|one| {
            if holds(one.attribute) {
                return Some((one.pointer.clone(), one.value));
            }
            let values = one.values();
            let mut subs = values.flat_map(|(pointer, value)| {
                let members = value.as_object().into_iter().flatten();
                members.map(move |(name, value)| (pointer.clone(), name, value))
            });
            subs.find_map(|(pointer, name, value)| {
                let sub = one.attribute.sub(name)?;
                (is_assigned(value) && holds(sub))
                    .then(|| (format!("{pointer}/{}", escaped(name)), value))
            })
        })
    }

    fn breach(&self, found: (String, &Value), what: &str, expected: &str) -> Breach {
        let (pointer, value) = found;
        Breach::new(
            format!("{} {what}", self.resource.at(&pointer)),
            expected,
            shown(Some(value)),
        )
    }
}

impl<'a> OneShown<'a> {
    /// Its values with their places.
    fn values(&self) -> impl Iterator<Item = (String, &'a Value)> + '_ {
        let (items, single) = match self.value {
            Value::Array(items) => (items.as_slice(), None),
            single => (&[][..], Some((self.pointer.clone(), single))),
        };
        let items = items.iter().enumerate();
        items
            .map(|(index, item)| (format!("{}/{index}", self.pointer), item))
            .chain(single)
    }
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Never returned is never returned. A password has a rule of its own.
fn hidden(shown: &Shown<'_>, version: Version, bench: &mut Bench) {
    if version == Version::V1 {
        return;
    }
    let is_password = |one: &Attribute| one.name.eq_ignore_ascii_case("password");
    let never = |one: &Attribute| one.returned == Returned::Never && !is_password(one);
    let write_only = |one: &Attribute| {
        one.mutability == Mutability::WriteOnly
            && one.returned != Returned::Never
            && !is_password(one)
    };
    let breach = |found| shown.breach(found, "is returned", "nothing, as its schema says");
    bench.judge(
        "rfc7643-7/never-returned-attributes-stay-hidden",
        shown.find(never).map(breach),
    );
    bench.judge(
        "rfc7643-7/writeonly-values-are-not-returned",
        shown.find(write_only).map(breach),
    );
}

/// What is returned on request only is not there unasked; after a write it may be (RFC 7643
/// section 7).
fn on_demand(context: Context<'_>, shown: &Shown<'_>, bench: &mut Bench) {
    let reads =
        context.request.method == "GET" || Endpoint::of(context.request) == Endpoint::Search;
    if !reads || context.version == Version::V1 {
        return;
    }
    let breach = shown
        .find(|one| one.returned == Returned::Request)
        .map(|found| {
            shown.breach(
                found,
                "is returned though it was not asked for",
                "nothing, as its schema says returned = request",
            )
        });
    bench.judge("rfc7643-7/request-attributes-return-only-on-demand", breach);
}

/// How a list of names hits an attribute.
enum Hit<'a> {
    Whole,
    Subs(Vec<&'a Attribute>),
    None,
}

fn hit<'a>(places: &[Place<'a>], one: &OneShown<'_>) -> Hit<'a> {
    let mut subs = Vec::new();
    for place in places {
        match place {
            Place::Extension(schema) => {
                if one.extension.is_some_and(|own| std::ptr::eq(own, *schema)) {
                    return Hit::Whole;
                }
            }
            Place::Attribute { attribute, sub, .. } => {
                if std::ptr::eq(*attribute, one.attribute) {
                    match sub {
                        Some(sub) => subs.push(*sub),
                        None => return Hit::Whole,
                    }
                }
            }
        }
    }
    match subs.is_empty() {
        true => Hit::None,
        false => Hit::Subs(subs),
    }
}

/// The URN of an extension alone is no name of an attribute (RFC 7644 section 3.10): a server may take
/// it for one that leads nowhere (A23).
fn is_whole_extension(place: &Place<'_>) -> bool {
    matches!(place, Place::Extension(_))
}

/// A name of the core schema with its URN, which has a rule of its own.
fn is_qualified_core(name: &str, place: &Place<'_>) -> bool {
    let has_urn = name.contains(':');
    has_urn
        && matches!(
            place,
            Place::Attribute {
                extension: None,
                ..
            }
        )
}

/// Nothing but what is always there and what was asked for. Names that lead nowhere may be
/// ignored or refused (A23).
fn only(
    context: Context<'_>,
    resource: &Resource<'_>,
    asked: &[String],
    shown: &Shown<'_>,
    bench: &mut Bench,
) {
    let model = &context.schemas.model;
    let resolved = |name: &String| model.resolve(resource.own, name);
    let Some(places) = asked.iter().map(resolved).collect::<Option<Vec<_>>>() else {
        return;
    };
    if places.iter().all(is_whole_extension) {
        return;
    }
    let mut extra = None;
    let mut sibling = None;
    for one in &shown.attributes {
        let is_free = |one: &Attribute| {
            one.returned == Returned::Always
                || ["schemas", "id", "meta"].contains(&one.name.as_str())
        };
        if one.extension.is_none() && is_free(one.attribute) {
            continue;
        }
        match hit(&places, one) {
            Hit::Whole => {}
            Hit::None if one.attribute.returned == Returned::Always => {}
            Hit::None => {
                extra.get_or_insert((one.pointer.clone(), one.value));
            }
            Hit::Subs(subs) => {
                let wanted = |sub: &Attribute| {
                    sub.returned == Returned::Always
                        || subs.iter().any(|own| std::ptr::eq(*own, sub))
                };
                sibling = sibling.or_else(|| other_sub(one, wanted));
            }
        }
    }
    let expected = format!("no more than {}", asked.join(", "));
    let breach = |found| shown.breach(found, "is returned though it was not asked for", &expected);
    match context.version {
        Version::V2 => {
            let rule = "rfc7644-3.9/attributes-overrides-default-set";
            more(context, rule, extra.map(breach), bench);
            bench.judge(
                "rfc7644-3.9/attributes-yields-always-plus-requested",
                sibling.map(breach),
            );
        }
        Version::V1 => bench.judge(
            "scim11-api-3.7/attributes-returns-nothing-else",
            extra.or(sibling).map(breach),
        ),
    }
}

/// A shown sub-attribute that is not wanted.
fn other_sub<'a>(
    one: &OneShown<'a>,
    wanted: impl Fn(&Attribute) -> bool,
) -> Option<(String, &'a Value)> {
    one.values().find_map(|(pointer, value)| {
        let mut members = value.as_object().into_iter().flatten();
        members.find_map(|(name, value)| {
            let sub = one.attribute.sub(name)?;
            (is_assigned(value) && !wanted(sub))
                .then(|| (format!("{pointer}/{}", escaped(name)), value))
        })
    })
}

/// What is excluded is gone, unless it is always there.
fn except(
    context: Context<'_>,
    resource: &Resource<'_>,
    excluded: &[String],
    shown: &Shown<'_>,
    bench: &mut Bench,
) {
    let model = &context.schemas.model;
    let places: Vec<Place<'_>> = excluded
        .iter()
        .filter_map(|name| Some((name, model.resolve(resource.own, name)?)))
        .filter(|(name, place)| !is_whole_extension(place) && !is_qualified_core(name, place))
        .map(|(_, place)| place)
        .collect();
    let mut left = None;
    for one in &shown.attributes {
        let stays = |one: &Attribute| one.returned == Returned::Always || one.name == "schemas";
        if stays(one.attribute) {
            continue;
        }
        match hit(&places, one) {
            Hit::Whole if one.attribute.sub_attributes.iter().any(stays) => {}
            Hit::Whole => {
                left.get_or_insert((one.pointer.clone(), one.value));
            }
            Hit::Subs(subs) => {
                let wanted =
                    |sub: &Attribute| stays(sub) || !subs.iter().any(|own| std::ptr::eq(*own, sub));
                left = left.or_else(|| other_sub(one, wanted));
            }
            Hit::None => {}
        }
    }
    if !places.is_empty() {
        let expected = format!("nothing of {}", excluded.join(", "));
        let breach =
            left.map(|found| shown.breach(found, "is returned though it was excluded", &expected));
        let rule = "rfc7644-3.9/exclusion-keeps-always-attributes";
        more(context, rule, breach, bench);
    }
}

/// Judges whether more is shown than a projection asks for.
fn more(context: Context<'_>, rule: &'static str, breach: Option<Breach>, bench: &mut Bench) {
    let request = context.request;
    let reads = request.method == "GET" || Endpoint::of(request) == Endpoint::Search;
    match reads {
        true => bench.judge(rule, breach),
        false => bench.judge_leniently(rule, WRITTEN, breach),
    }
}

//! Always-on checks: what every answer has to keep, whatever the scenario asks.
//!
//! One broken promise shows even where no scenario looks for it. What section 7 of the facts
//! (A01…A71) leaves open is never a breach here, or one that its leeway lowers to a warning.

pub mod change;
mod created;
mod error;
mod form;
mod internals;
mod list;
mod message;
mod place;
mod projection;
mod published;
mod reference;
mod resource;
mod shape;
pub mod stored;
pub mod throttle;
mod time;

use serde_json::Value;

use super::{Bench, Judgement, mark::Tags, schema::Schemas};
use crate::{
    exchange::{Answer, Exchange, SentRequest},
    model::ResourceType,
    scenario::Version,
};

pub(crate) use error::is_server_failure;
pub(crate) use form::is_of_form;
pub(crate) use projection::is_projected;

/// Every rule that these checks judge.
pub const RULES: [&str; 128] = [
    throttle::RULE,
    "rfc7643-2.1/resource-names-its-schemas",
    "rfc7643-2.2/required-attributes-have-values",
    "rfc7643-2.3.2/booleans-are-json-booleans",
    "rfc7643-2.3.4/integers-have-no-fraction-or-exponent",
    "rfc7643-2.3.5/datetimes-are-valid-xsd",
    "rfc7643-2.3.5/datetimes-hold-date-and-time",
    "rfc7643-2.3.6/binary-is-base64",
    "rfc7643-2.3.7/reference-holds-target-uri",
    "rfc7643-2.3.7/reference-is-http-addressable",
    "rfc7643-2.3/values-have-their-schema-type",
    "rfc7643-2.4/at-most-one-value-is-primary",
    "rfc7643-2.4/multi-valued-attributes-are-arrays",
    "rfc7643-2.4/returns-no-duplicate-type-value-pair",
    "rfc7643-3.1/client-sent-id-has-no-effect",
    "rfc7643-3.1/client-sent-meta-is-ignored",
    "rfc7643-3.1/every-representation-has-id",
    "rfc7643-3.1/every-type-has-common-attributes",
    "rfc7643-3.1/id-does-not-contain-bulkid",
    "rfc7643-3.1/id-is-stable-and-not-reused",
    "rfc7643-3.1/ids-are-unique-across-types",
    "rfc7643-3.1/last-modified-moves-on-change",
    "rfc7643-3.1/last-modified-starts-equal-to-created",
    "rfc7643-3.1/meta-created-is-datetime",
    "rfc7643-3.1/meta-location-leads-to-resource",
    "rfc7643-3.1/meta-location-matches-content-location",
    "rfc7643-3.1/meta-resource-type-matches-type-name",
    "rfc7643-3.1/meta-version-equals-etag",
    "rfc7643-3.1/provider-assigns-id-and-meta",
    "rfc7643-3.1/provider-invents-no-external-id",
    "rfc7643-3.1/weak-version-carries-w-prefix",
    "rfc7643-3.3/extension-data-sits-under-its-urn",
    "rfc7643-3.3/may-list-extension-uris",
    "rfc7643-3.3/schemas-contains-base-schema",
    "rfc7643-3/attributes-are-defined-by-schemas",
    "rfc7643-3/schemas-has-no-duplicates",
    "rfc7643-3/schemas-is-nonempty-uri-array",
    "rfc7643-3/schemas-lists-only-declared-uris",
    "rfc7643-4.1.1/password-never-returned",
    "rfc7643-4.1.1/password-stays-hidden-when-requested",
    "rfc7643-4.1.1/user-has-nonempty-username",
    "rfc7643-4.1.2/user-groups-hold-group-ids",
    "rfc7643-4.2/group-display-name-is-required",
    "rfc7643-4.2/member-value-is-resource-id",
    "rfc7643-4.3/manager-ref-is-user-uri",
    "rfc7643-6/required-extension-is-always-present",
    "rfc7643-7/every-used-schema-is-published",
    "rfc7643-7/immutable-attributes-keep-first-value",
    "rfc7643-7/never-returned-attributes-stay-hidden",
    "rfc7643-7/readonly-attributes-never-change",
    "rfc7643-7/request-attributes-return-only-on-demand",
    "rfc7643-7/writeonly-values-are-not-returned",
    "rfc7644-2/www-authenticate-announces-schemes",
    "rfc7644-3.1/media-type-is-scim-json",
    "rfc7644-3.1/message-bodies-carry-api-urn",
    "rfc7644-3.1/responses-show-stored-state",
    "rfc7644-3.12/error-status-is-string",
    "rfc7644-3.12/errors-have-scim-json-body",
    "rfc7644-3.12/errors-use-listed-status-codes",
    "rfc7644-3.12/scimtype-is-known-keyword",
    "rfc7644-3.12/server-error-explains-itself",
    "rfc7644-3.2/error-body-repeats-status",
    "rfc7644-3.3.1/resource-type-follows-endpoint",
    "rfc7644-3.3/create-returns-new-resource",
    "rfc7644-3.3/location-header-matches-meta-location",
    "rfc7644-3.3/post-ignores-readonly-attributes",
    "rfc7644-3.4.2.4/page-never-exceeds-count",
    "rfc7644-3.4.2.4/total-results-counts-all-matches",
    "rfc7644-3.4.2/partial-list-has-items-per-page",
    "rfc7644-3.4.2/partial-list-has-start-index",
    "rfc7644-3.4.2/query-answer-is-list-response",
    "rfc7644-3.4.2/resources-present-when-matches-exist",
    "rfc7644-3.4.2/total-results-is-present",
    "rfc7644-3.5.1/put-ignores-readonly-values",
    "rfc7644-3.5.1/put-keeps-immutable-values",
    "rfc7644-3.6/no-content-has-no-body",
    "rfc7644-3.8/accept-scim-json-works",
    "rfc7644-3.8/json-names-are-unique",
    "rfc7644-3.8/utf8-is-default-encoding",
    "rfc7644-3.9/attributes-overrides-default-set",
    "rfc7644-3.9/attributes-yields-always-plus-requested",
    "rfc7644-3.9/exclusion-keeps-always-attributes",
    "rfc7644-8.1/responses-announce-scim-json",
    "scim11-api-3.1/create-returns-new-resource",
    "scim11-api-3.1/created-is-201-with-location",
    "scim11-api-3.2.2.3/page-never-exceeds-count",
    "scim11-api-3.2.2/list-has-total-and-resources",
    "scim11-api-3.3.1/put-ignores-readonly-attributes",
    "scim11-api-3.3.1/put-returns-200-and-resource",
    "scim11-api-3.4/no-content-has-no-body",
    "scim11-api-3.6/accept-json-works",
    "scim11-api-3.6/default-format-is-json",
    "scim11-api-3.6/json-names-are-unique",
    "scim11-api-3.7/attributes-returns-nothing-else",
    "scim11-api-3.9/errors-have-body-in-requested-format",
    "scim11-api-3.9/errors-use-listed-status-codes",
    "scim11-api-3.9/server-error-explains-itself",
    "scim11-api-3/error-body-repeats-code",
    "scim11-core-3.1.2/booleans-are-json-booleans",
    "scim11-core-3.1.3/decimals-are-json-numbers",
    "scim11-core-3.1.4/integers-are-json-numbers",
    "scim11-core-3.1.5/datetimes-are-xsd-strings",
    "scim11-core-3.1.6/binary-is-base64",
    "scim11-core-3.1/values-have-their-schema-type",
    "scim11-core-3.2/at-most-one-value-is-primary",
    "scim11-core-3.2/multi-valued-attributes-are-arrays",
    "scim11-core-3.2/returns-no-duplicate-type-value-pair",
    "scim11-core-3/json-resource-names-its-schemas",
    "scim11-core-4/json-extensions-are-named-in-schemas",
    "scim11-core-5.1/client-sent-id-has-no-effect",
    "scim11-core-5.1/every-representation-has-id",
    "scim11-core-5.1/every-resource-has-common-attributes",
    "scim11-core-5.1/id-does-not-contain-bulkid",
    "scim11-core-5.1/id-is-stable-and-not-reused",
    "scim11-core-5.1/ids-are-unique-across-types",
    "scim11-core-5.1/last-modified-starts-equal-to-created",
    "scim11-core-5.1/meta-location-equals-location-header",
    "scim11-core-5.1/meta-location-leads-to-resource",
    "scim11-core-5.1/meta-times-are-datetimes",
    "scim11-core-5.1/meta-version-equals-etag",
    "scim11-core-5.2/schemas-are-full-uris",
    "scim11-core-5.2/schemas-has-no-duplicates",
    "scim11-core-5.2/schemas-is-nonempty-array",
    "scim11-core-6.1/password-never-returned",
    "scim11-core-6.1/user-has-nonempty-username",
    "scim11-core-8/group-display-name-is-required",
    "security/errors-repeat-no-secret",
    "security/errors-show-no-internals",
];

/// One answer with what is known about its request.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// Version of the protocol that was spoken.
    pub version: Version,
    /// What the target's resources are made of.
    pub schemas: &'a Schemas,
    /// What was asked.
    pub request: &'a SentRequest,
    /// What was answered.
    pub answer: &'a Answer,
    /// Whose conversation it is.
    pub tags: Tags<'a>,
}

impl<'a> Context<'a> {
    /// A resource of the answer with its type; `place` is the JSON pointer to it.
    fn resource(&self, value: &'a Value, place: String) -> Resource<'a> {
        Resource {
            value,
            place,
            own: self.schemas.type_of(&self.request.path, value),
        }
    }
}

/// A resource in an answer.
#[derive(Debug)]
struct Resource<'a> {
    value: &'a Value,
    /// JSON pointer to it: nothing, or `/Resources/0`.
    place: String,
    own: &'a ResourceType,
}

impl Resource<'_> {
    /// A place in it, as findings name it.
    fn at(&self, pointer: &str) -> String {
        format!("`{}{pointer}`", self.place)
    }
}

/// The judgements on one exchange; none if nothing was answered, or nothing has to be.
pub fn judge(schemas: &Schemas, exchange: &Exchange, tags: Tags<'_>) -> Vec<Judgement> {
    let Some(answer) = &exchange.response else {
        return Vec::new();
    };
    // SCIM says nothing of these, and the answer to a HEAD has no body.
    if matches!(exchange.request.method.as_str(), "HEAD" | "OPTIONS") {
        return Vec::new();
    }
    let context = Context {
        version: schemas.model.version,
        schemas,
        request: &exchange.request,
        answer,
        tags,
    };
    let endpoint = Endpoint::of(&exchange.request);
    let is_list = |body: &Value| list::is_marked(context.version, body);
    if endpoint == Endpoint::Root && !answer.json.as_ref().is_some_and(is_list) {
        // What is at the base URL need not be SCIM (A57).
        return Vec::new();
    }
    let mut bench = Bench::default();
    message::judge(context, &mut bench);
    match (&answer.json, answer.status) {
        (_, 400..) => error::judge(context, &mut bench),
        (Some(body), 200..300) => success(context, body, &mut bench),
        (None, 201) => created::without_body(context, &mut bench),
        _ => {}
    }
    bench.into_judgements()
}

fn success(context: Context<'_>, body: &Value, bench: &mut Bench) {
    let (request, status) = (context.request, context.answer.status);
    match Endpoint::of(request) {
        // What comes with a removal is no resource (RFC 7644 section 3.6); scenarios judge the status.
        Endpoint::Resource(_) if request.method == "DELETE" => {}
        Endpoint::Collection if status != 201 && request.method != "POST" => {
            list::judge(context, body, bench)
        }
        Endpoint::Collection | Endpoint::Resource(_) => resource::judge(context, body, bench),
        Endpoint::Search | Endpoint::Root => list::judge(context, body, bench),
        Endpoint::Other => published::judge(context, body, bench),
    }
}

/// Whether judging an exchange takes knowledge of what the target's resources are made of.
pub fn needs_schemas(exchange: &Exchange) -> bool {
    let succeeded = exchange
        .response
        .as_ref()
        .is_some_and(|answer| answer.is_success() && answer.json.is_some());
    succeeded && Endpoint::of(&exchange.request) != Endpoint::Other
}

/// What a path below the base URL addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// All resources of a type: `/Users`.
    Collection,
    /// One resource: `/Users/{id}`, with the decoded id.
    Resource(String),
    /// `/.search`, `/Users/.search`.
    Search,
    /// The base URL, where a server may have something else than a list of all its resources.
    Root,
    /// Discovery and everything else.
    Other,
}

impl Endpoint {
    pub(crate) fn of(request: &SentRequest) -> Self {
        Self::of_path(&request.path)
    }

    /// The endpoint that a percent-encoded path below the base URL addresses.
    pub(crate) fn of_path(path: &str) -> Self {
        let segments: Vec<&str> = path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .collect();
        match segments.as_slice() {
            [] => Self::Root,
            [.., ".search"] => Self::Search,
            [
                "ServiceProviderConfig"
                | "ServiceProviderConfigs"
                | "ResourceTypes"
                | "Schemas"
                | "Bulk"
                | "Me",
                ..,
            ] => Self::Other,
            [_] => Self::Collection,
            [_, id] => Self::Resource(
                percent_encoding::percent_decode_str(id)
                    .decode_utf8_lossy()
                    .into_owned(),
            ),
            _ => Self::Other,
        }
    }
}

/// The rule for the version that was spoken.
fn rule(version: Version, v2: &'static str, v1: &'static str) -> &'static str {
    match version {
        Version::V2 => v2,
        Version::V1 => v1,
    }
}

/// Every member of an object and of all objects in it, with its name.
fn members<'a>(value: &'a Value, visit: &mut dyn FnMut(&'a str, &'a Value)) {
    match value {
        Value::Object(object) => object.iter().for_each(|(name, value)| {
            visit(name, value);
            members(value, visit);
        }),
        Value::Array(items) => items.iter().for_each(|item| members(item, visit)),
        _ => {}
    }
}

#[cfg(test)]
mod tests;

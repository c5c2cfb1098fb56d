//! The answer to a creation: what the provider assigned, and where the new resource is (RFC 7644
//! section 3.3; SCIM 1.1 REST API section 3.1).

use serde_json::Value;
use url::Url;

use super::{
    Context, Resource, is_projected,
    place::{RELATIVE, path_of},
    resource::wrong_type,
    rule, time,
};
use crate::{
    check::{Bench, Breach, is_assigned, shown},
    scenario::Version,
};

const SPARSE_META: &str = "no sentence of the RFC demands each member of meta by itself";
const SECOND: &str = "A55: the two may be a second apart";

pub(super) fn judge(context: Context<'_>, resource: &Resource<'_>, bench: &mut Bench) {
    let body = resource.value;
    let meta = body.get("meta").filter(|meta| meta.is_object());
    let missing = || {
        Breach::new(
            "the created resource has no meta",
            "meta with created, lastModified and location",
            shown(body.get("meta")),
        )
    };
    bench.judge(returns_resource(context), None);
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
            if !resource.own.name.is_empty() {
                bench.judge(
                    "rfc7644-3.3.1/resource-type-follows-endpoint",
                    wrong_type(resource),
                );
            }
            external_id(context, body, bench);
        }
        Version::V1 => bench.judge(
            "scim11-core-5.1/every-resource-has-common-attributes",
            meta.is_none().then(missing),
        ),
    }
    times(context, body, bench);
    location(context, meta, bench);
}

/// A 201 without a body leaves the client to read what it just sent.
pub(super) fn without_body(context: Context<'_>, bench: &mut Bench) {
    let breach = Breach::new(
        "the 201 does not show the new resource",
        "the resource as the provider stored it",
        "no body",
    );
    if context.answer.body.is_empty() {
        bench.judge(returns_resource(context), Some(breach));
    }
    location(context, None, bench);
}

fn returns_resource(context: Context<'_>) -> &'static str {
    rule(
        context.version,
        "rfc7644-3.3/create-returns-new-resource",
        "scim11-api-3.1/create-returns-new-resource",
    )
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

/// Only the client gives a resource an externalId.
fn external_id(context: Context<'_>, body: &Value, bench: &mut Bench) {
    let Some(Value::Object(sent)) = context.request.json() else {
        return;
    };
    let is_sent = sent
        .iter()
        .any(|(name, value)| name.eq_ignore_ascii_case("externalId") && is_assigned(value));
    if is_sent {
        return;
    }
    let found = body.get("externalId");
    let invented = found.filter(|value| is_assigned(value) && **value != "");
    let breach = invented.map(|_| {
        Breach::new(
            "the provider gives the resource an externalId of its own",
            "no externalId, as none was sent",
            shown(found),
        )
    });
    bench.judge("rfc7643-3.1/provider-invents-no-external-id", breach);
}

/// A new resource was never changed.
fn times(context: Context<'_>, body: &Value, bench: &mut Bench) {
    let Some((created, modified, apart)) = apart(body) else {
        return;
    };
    let id = rule(
        context.version,
        "rfc7643-3.1/last-modified-starts-equal-to-created",
        "scim11-core-5.1/last-modified-starts-equal-to-created",
    );
    let breach = || {
        Breach::new(
            "the new resource was modified at another time than it was created",
            format!("string <{created:?}>"),
            format!("string <{modified:?}>"),
        )
    };
    match apart.abs() {
        0 => bench.judge(id, None),
        1..=time::ALIKE_MS => bench.judge_leniently(id, SECOND, Some(breach())),
        _ => bench.judge(id, Some(breach())),
    }
}

/// No resource was changed before it was created. SCIM 1.1 has no word on it.
pub(super) fn before_changes(context: Context<'_>, body: &Value, bench: &mut Bench) {
    let (Version::V2, Some((created, modified, apart))) = (context.version, apart(body)) else {
        return;
    };
    let breach = || {
        Breach::new(
            "the last change of the resource is earlier than its creation",
            format!("string <{created:?}> or later"),
            format!("string <{modified:?}>"),
        )
    };
    bench.judge(
        "rfc7643-3.1/last-modified-moves-on-change",
        (apart < -time::ALIKE_MS).then(breach),
    );
}

/// The two times of a resource and how many milliseconds lie between them.
fn apart(body: &Value) -> Option<(&str, &str, i128)> {
    let time = |name: &str| body.get("meta")?.get(name)?.as_str();
    let (created, modified) = (time("created")?, time("lastModified")?);
    let apart = time::instant(created)?.duration_until(time::instant(modified)?);
    Some((created, modified, apart.as_millis()))
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

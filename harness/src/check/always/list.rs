//! Lists: the envelope and its numbers (RFC 7644 section 3.4.2; SCIM 1.1 REST API section 3.2.2).

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Context, resource, rule};
use crate::{
    check::{Bench, Breach, shown},
    scenario::Version,
};

pub(super) fn judge(context: Context<'_>, body: &Value, bench: &mut Bench) {
    let resources = body
        .get("Resources")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    envelope(context, body, bench);
    let by_cursor = is_by_cursor(context, body);
    let integers = integers(context, body, by_cursor, bench);
    if integers && !by_cursor {
        counts(context, body, resources.len(), bench);
    }
    page_size(context, resources.len(), bench);
    ids(context, resources, bench);
    let resources: Vec<_> = resources
        .iter()
        .enumerate()
        .filter(|(_, value)| !context.tags.are_of_another(value))
        .map(|(index, value)| context.resource(value, format!("/Resources/{index}")))
        .collect();
    resource::judge_all(context, &resources, bench);
}

/// No two resources of a page have one id.
fn ids(context: Context<'_>, resources: &[Value], bench: &mut Bench) {
    let mut seen = BTreeSet::new();
    let mut ids = resources
        .iter()
        .filter_map(|resource| resource.get("id")?.as_str());
    let twice = ids.find(|id| !seen.insert(*id));
    if resources.len() > 1 {
        let breach = twice.map(|id| {
            Breach::new(
                "two resources of a page have the same id",
                "an id of its own for each",
                format!("{id:?} twice"),
            )
        });
        let id = rule(
            context.version,
            "rfc7643-3.1/ids-are-unique-across-types",
            "scim11-core-5.1/ids-are-unique-across-types",
        );
        bench.judge(id, breach);
    }
}

/// Whether a body says that it is a list.
pub(super) fn is_marked(version: Version, body: &Value) -> bool {
    let schemas = body.get("schemas").and_then(Value::as_array);
    schemas.is_some_and(|schemas| schemas.iter().any(|schema| schema == version.list_urn()))
}

/// Whether a list is paged by cursor (RFC 9865 section 2).
fn is_by_cursor(context: Context<'_>, body: &Value) -> bool {
    let named = |name: &str| body.get(name).is_some();
    context.version == Version::V2
        && (context.request.asks("cursor").is_some() && body.get("startIndex").is_none()
            || named("nextCursor")
            || named("previousCursor"))
}

fn envelope(context: Context<'_>, body: &Value, bench: &mut Bench) {
    let urn = context.version.list_urn();
    let found = body.get("schemas");
    let marked = is_marked(context.version, body);
    let breach = || {
        Breach::new(
            "the answer to a query is not marked as a list",
            urn,
            shown(found),
        )
    };
    match (context.version, found) {
        (Version::V2, _) => bench.judge(
            "rfc7644-3.4.2/query-answer-is-list-response",
            (!marked).then(breach),
        ),
        (Version::V1, None) => {
            let leeway = "the draft's own list example has no schemas";
            bench.judge_leniently(
                "scim11-api-3.2.2/list-has-total-and-resources",
                leeway,
                Some(breach()),
            );
        }
        (Version::V1, Some(_)) => bench.judge(
            "scim11-api-3.2.2/list-has-total-and-resources",
            (!marked).then(breach),
        ),
    }
}

/// Whether `totalResults` is an integer and the other numbers are integers where they are there. A
/// list that is paged by cursor may leave `totalResults` out (RFC 9865 section 2).
fn integers(context: Context<'_>, body: &Value, by_cursor: bool, bench: &mut Bench) -> bool {
    let total = body.get("totalResults").filter(|value| !value.is_null());
    let missing = || Breach::new("`/totalResults` is missing", "an integer", "nothing");
    if total.is_some() || !by_cursor {
        bench.judge(
            rule(
                context.version,
                "rfc7644-3.4.2/total-results-is-present",
                "scim11-api-3.2.2/list-has-total-and-resources",
            ),
            total.is_none().then(missing),
        );
    }
    let named = ["totalResults", "startIndex", "itemsPerPage"].map(|name| (name, body.get(name)));
    let wrong = named.into_iter().find(|(_, value)| {
        value.is_some_and(|value| !value.is_null() && !value.is_i64() && !value.is_u64())
    });
    let breach = wrong.map(|(name, value)| {
        Breach::new(
            format!("`/{name}` is {}", shown(value)),
            "an integer",
            shown(value),
        )
    });
    let held = breach.is_none();
    bench.judge(
        rule(
            context.version,
            "rfc7643-2.3.4/integers-have-no-fraction-or-exponent",
            "scim11-core-3.1.4/integers-are-json-numbers",
        ),
        breach,
    );
    held && total.is_some()
}

fn counts(context: Context<'_>, body: &Value, length: usize, bench: &mut Bench) {
    let number = |name: &str| body.get(name).and_then(Value::as_i64);
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let total = number("totalResults").unwrap_or(0);
    let few = || {
        Breach::new(
            "totalResults is smaller than the page",
            format!("at least {length}"),
            format!("integer <{total}>"),
        )
    };
    let (all, present) = match context.version {
        Version::V2 => (
            "rfc7644-3.4.2.4/total-results-counts-all-matches",
            "rfc7644-3.4.2/resources-present-when-matches-exist",
        ),
        Version::V1 => (
            "scim11-api-3.2.2/list-has-total-and-resources",
            "scim11-api-3.2.2/list-has-total-and-resources",
        ),
    };
    bench.judge(all, (total < length).then(few));
    let first = asked(context, "startIndex").unwrap_or(1).max(1);
    let wanted = asked(context, "count").unwrap_or(1) > 0 && total >= first;
    let none = || {
        Breach::new(
            "there are matches and no Resources",
            format!("resources, as totalResults is {total}"),
            shown(body.get("Resources")),
        )
    };
    bench.judge(present, (wanted && length == 0).then(none));
    if context.version == Version::V2 {
        paging(
            body,
            Page {
                length,
                total,
                first,
            },
            bench,
        );
    }
}

struct Page {
    length: i64,
    total: i64,
    first: i64,
}

/// `startIndex` and `itemsPerPage` are required where not everything is on the page; elsewhere they
/// are not judged (A04).
fn paging(body: &Value, page: Page, bench: &mut Bench) {
    let number = |name: &str| body.get(name).and_then(Value::as_i64);
    let partial = page.length > 0 && page.length < page.total;
    let differs = |found: Option<i64>, name: &str, wanted: i64| {
        let message = format!(
            "`/{name}` is {}",
            found.map_or("missing".to_owned(), |found| format!("integer <{found}>"))
        );
        (found != Some(wanted)).then(|| {
            Breach::new(
                message,
                format!("integer <{wanted}>"),
                shown(body.get(name)),
            )
        })
    };
    if partial {
        bench.judge(
            "rfc7644-3.4.2/partial-list-has-start-index",
            differs(number("startIndex"), "startIndex", page.first),
        );
        bench.judge(
            "rfc7644-3.4.2/partial-list-has-items-per-page",
            differs(number("itemsPerPage"), "itemsPerPage", page.length),
        );
    }
}

fn page_size(context: Context<'_>, length: usize, bench: &mut Bench) {
    let Some(count) = asked(context, "count").map(|count| usize::try_from(count).unwrap_or(0))
    else {
        return;
    };
    let id = rule(
        context.version,
        "rfc7644-3.4.2.4/page-never-exceeds-count",
        "scim11-api-3.2.2.3/page-never-exceeds-count",
    );
    let breach = || {
        Breach::new(
            "the page holds more than was asked for",
            format!("at most {count} resources"),
            format!("{length} resources"),
        )
    };
    bench.judge(id, (length > count).then(breach));
}

fn asked(context: Context<'_>, name: &str) -> Option<i64> {
    context.request.asks(name)?.parse().ok()
}

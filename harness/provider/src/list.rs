//! Queries: filter, sort and page (RFC 7644 section 3.4.2, RFC 9865).

use std::cmp::Ordering;
use std::slice;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering as Atomic};

use serde_json::{Value, json};

use crate::config::{Config, Version};
use crate::cursor::{Cursors, Found};
use crate::error::{Error, Result, ScimType};
use crate::exchange::Outcome;
use crate::filter::{Condition, Filter, Key, Source, Unknown, ordering, parse};
use crate::multi::is_primary;
use crate::query::Query;
use crate::schema::{Dialect, Kind, Place, Returned};
use crate::store::Resource;
use crate::switch::Switch;
use crate::variants;
use crate::view::View;

/// What is known of earlier lists.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    /// Counts lists, for the fault that orders each one differently.
    turn: AtomicUsize,
    cursors: Cursors,
}

/// Answers a query at the endpoint of a kind, or at the root.
pub(crate) fn run(
    config: &Config,
    view: View<'_>,
    kind: Option<Kind>,
    query: &Query,
    lists: &Lists,
) -> Result<Outcome> {
    let Some(cursor) = cursor(config, query) else {
        let found = select(config, view, kinds_at(config, kind.as_ref()), query, lists)?;
        return Ok(Outcome::ok(answer(config, view, query, &found)));
    };
    if query.start_index.is_some() {
        return Err(Error::bad(
            ScimType::InvalidValue,
            "a query has either a cursor or a startIndex",
        ));
    }
    let endpoint = kind.map_or("", Kind::endpoint);
    let kept = match cursor {
        "" => None,
        cursor => Some(
            lists
                .cursors
                .find(cursor, query, endpoint, config.cursor_timeout),
        ),
    };
    let (found, offset) = match kept.transpose() {
        Ok(Some(kept)) => kept,
        Err(error) if !config.has(Switch::UnknownCursorIsFirstPage) => return Err(error),
        Ok(None) | Err(_) => {
            let found = Found {
                ids: ids(&select(
                    config,
                    view,
                    kinds_at(config, kind.as_ref()),
                    query,
                    lists,
                )?),
                query: Query {
                    cursor: None,
                    ..query.clone()
                },
                endpoint,
            };
            (Arc::new(found), 0)
        }
    };
    Ok(Outcome::ok(page_by_cursor(
        config,
        view,
        &lists.cursors,
        &found,
        offset,
    )))
}

/// The cursor that a query asks for its page by, the empty one where it does not say how to page
/// and cursors are the default (RFC 9865 section 2.4).
fn cursor<'q>(config: &Config, query: &'q Query) -> Option<&'q str> {
    let by_default = config.has(Switch::CursorIsDefault) && query.start_index.is_none();
    let cursor = query.cursor.as_deref().or(by_default.then_some(""));
    cursor.filter(|_| config.version == Version::V2)
}

fn ids(found: &[&Resource]) -> Vec<String> {
    found.iter().map(|resource| resource.id.clone()).collect()
}

/// What a query finds, in its order.
fn select<'s>(
    config: &Config,
    view: View<'s>,
    kinds: &[Kind],
    query: &Query,
    lists: &Lists,
) -> Result<Vec<&'s Resource>> {
    let turn = lists.turn.fetch_add(1, Atomic::Relaxed);
    let filter = read_filter(config, query)?;
    let mut found = find(config, view, kinds, filter.as_ref())?;
    if let Some(filter) = &filter
        && query.finds_deleted
        && kinds.contains(&Kind::User)
    {
        found.extend(find_deleted(view, filter)?);
    }
    if filter.is_some() && found.is_empty() && config.has(Switch::NoMatchIsNotFound) {
        return Err(Error::not_found("resource"));
    }
    if let Some(sort_by) = &query.sort_by
        && !config.has(Switch::SortIgnored)
    {
        let by_default = config.has(Switch::SortDescendsByDefault);
        sort(
            config,
            view,
            &mut found,
            sort_by,
            query.descending.unwrap_or(by_default),
        );
    }
    if config.has(Switch::UnstableOrder) && !found.is_empty() {
        let by = turn % found.len();
        found.rotate_left(by);
    }
    Ok(found)
}

fn read_filter(config: &Config, query: &Query) -> Result<Option<Filter>> {
    let Some(text) = query.filter.as_deref() else {
        return Ok(None);
    };
    if config.has(Switch::FilterIgnored) {
        return Ok(None);
    }
    match parse::filter(text, config.version) {
        Err(_) if config.has(Switch::BadFilterReturnsAll) => Ok(None),
        read => Ok(Some(read?.misread(config))),
    }
}

fn find<'s>(
    config: &Config,
    view: View<'s>,
    kinds: &[Kind],
    filter: Option<&Filter>,
) -> Result<Vec<&'s Resource>> {
    let Some(filter) = filter else {
        let all = kinds.iter().flat_map(|kind| view.store.all(*kind));
        let mut all: Vec<&Resource> = all.collect();
        variants::hide_the_latest(config, &mut all);
        return Ok(all);
    };
    let unknown = if kinds.len() > 1 {
        Unknown::WithoutValue
    } else {
        Unknown::Refused
    };
    let mut found = Vec::new();
    for &kind in kinds {
        let condition = Condition::on_type(filter, view.dialect.resource_type(kind), unknown)?;
        let matches = |resource: &&Resource| condition.holds(&view.source(resource));
        match filter.user_name() {
            Some(name) if kind == Kind::User => {
                found.extend(view.store.users_named(name).filter(matches))
            }
            _ => found.extend(view.store.all(kind).filter(matches)),
        }
    }
    variants::hide_the_latest(config, &mut found);
    if config.has(Switch::InactiveUsersHiddenFromFilter) {
        found.retain(|resource| !resource.is_inactive());
    }
    if let (Some(name), true) = (
        filter.user_name(),
        config.has(Switch::UserNameFilterCaseSensitive),
    ) {
        found.retain(|resource| resource.text("userName") == Some(name));
    }
    Ok(found)
}

/// `deleted-users-searched`.
fn find_deleted<'s>(view: View<'s>, filter: &Filter) -> Result<Vec<&'s Resource>> {
    let users = view.dialect.resource_type(Kind::User);
    let condition = Condition::on_type(filter, users, Unknown::WithoutValue)?;
    let deleted = view.store.shelved().iter();
    Ok(deleted
        .filter(|user| condition.holds(&view.source(user)))
        .collect())
}

/// Sorts by an attribute; a name that cannot be sorted by leaves the order as it is.
fn sort(
    config: &Config,
    view: View<'_>,
    found: &mut Vec<&Resource>,
    sort_by: &str,
    descending: bool,
) {
    let mut keyed: Vec<(Option<Key>, &Resource)> = found
        .iter()
        .map(|resource| (sort_key(config, view, resource, sort_by), *resource))
        .collect();
    let missing_first = config.has(Switch::SortMissingFirst);
    keyed.sort_by(|(one, _), (other, _)| {
        let order = match (one, other) {
            (None, Some(_)) | (Some(_), None) if missing_first => {
                one.is_some().cmp(&other.is_some())
            }
            _ => compare(one.as_ref(), other.as_ref()),
        };
        if descending { order.reverse() } else { order }
    });
    *found = keyed.into_iter().map(|(_, resource)| resource).collect();
}

/// Resources without a value come last, or first when descending (RFC 7644 section 3.4.2.3).
fn compare(one: Option<&Key>, other: Option<&Key>) -> Ordering {
    match (one, other) {
        (Some(one), Some(other)) => ordering(one, other).unwrap_or(Ordering::Equal),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
}

/// The value to sort by: of several the primary one, else the first.
fn sort_key(config: &Config, view: View<'_>, resource: &Resource, sort_by: &str) -> Option<Key> {
    let place = view.dialect.resource_type(resource.kind).resolve(sort_by)?;
    let Place::Attribute {
        extension,
        attribute,
        sub,
    } = place
    else {
        return None;
    };
    if attribute.returned == Returned::Never {
        return None;
    }
    let source = view.source(resource);
    let values = source.values(Place::Attribute {
        extension,
        attribute,
        sub: None,
    });
    let value = values
        .iter()
        .find(|value| is_primary(value) && !config.has(Switch::SortByFirstValue))
        .or_else(|| values.first())?;
    let (attribute, value) = match sub.or_else(|| attribute.sub("value")) {
        Some(sub) => (sub, value.get(&sub.name)?),
        None => (attribute, value.as_ref()),
    };
    match value.as_str() {
        Some(text) if config.has(Switch::SortHeedsCase) => Some(Key::Text(text.to_owned())),
        _ => Key::of(attribute, value),
    }
}

fn answer(config: &Config, view: View<'_>, query: &Query, found: &[&Resource]) -> Value {
    let is_heeded = query.count.is_some() || !config.has(Switch::StartIndexNeedsCount);
    let start_index = query.start_index.filter(|_| is_heeded);
    let start = usize::try_from(start_index.unwrap_or(1))
        .unwrap_or(1)
        .max(1);
    let page: Vec<Value> = found
        .iter()
        .skip(offset(config, start))
        .take(page_size(config, query))
        .map(|resource| shown(config, view, query, resource))
        .collect();
    let total = if config.has(Switch::TotalIsPageSize) {
        page.len()
    } else {
        found.len()
    };
    answer_of(view.dialect, total, start, page)
}

fn shown(config: &Config, view: View<'_>, query: &Query, resource: &Resource) -> Value {
    let resource_type = view.dialect.resource_type(resource.kind);
    let full = view.full(resource);
    Value::Object(query.projection.apply(config, resource_type, full))
}

/// A page of a kept result; what was deleted meanwhile is left out of it (RFC 9865 section 2).
fn page_by_cursor(
    config: &Config,
    view: View<'_>,
    cursors: &Cursors,
    found: &Arc<Found>,
    offset: usize,
) -> Value {
    let size = page_size(config, &found.query);
    let page: Vec<Value> = found
        .ids
        .iter()
        .skip(offset)
        .take(size)
        .filter_map(|id| view.store.get(id))
        .map(|resource| shown(config, view, &found.query, resource))
        .collect();
    let mut answer = json!({
        "schemas": [view.dialect.list_urn()],
        "totalResults": found.ids.len(),
        "itemsPerPage": page.len(),
    });
    let give = |offset| cursors.give(config, found, offset);
    if size > 0 && offset > 0 {
        answer["previousCursor"] = give(offset.saturating_sub(size)).into();
    }
    let next = offset.saturating_add(size);
    if size > 0 && (next < found.ids.len() || config.has(Switch::CursorNeverEnds)) {
        answer["nextCursor"] = give(next).into();
    }
    answer["Resources"] = page.into();
    answer
}

fn offset(config: &Config, start: usize) -> usize {
    if config.has(Switch::StartIndexZeroBased) {
        return start;
    }
    if config.has(Switch::PageOverlap) {
        return start.saturating_sub(2);
    }
    start - 1
}

/// A negative count counts as zero (RFC 7644 section 3.4.2.4).
fn page_size(config: &Config, query: &Query) -> usize {
    if config.has(Switch::CountIgnored) {
        return usize::MAX;
    }
    let cap = match () {
        () if config.has(Switch::PageCap2) => 2,
        () if config.has(Switch::PageCap50) => 50,
        () => config.max_results,
    };
    match query.count {
        Some(count) => usize::try_from(count.max(0)).unwrap_or(usize::MAX).min(cap),
        None => cap,
    }
}

/// A list answer; the paging members are always there, as Okta wants them.
pub(crate) fn answer_of(
    dialect: &Dialect,
    total: usize,
    start: usize,
    resources: Vec<Value>,
) -> Value {
    json!({
        "schemas": [dialect.list_urn()],
        "totalResults": total,
        "startIndex": start,
        "itemsPerPage": resources.len(),
        "Resources": resources,
    })
}

/// The kinds that a query covers, all of them without an endpoint.
fn kinds_at<'k>(config: &Config, kind: Option<&'k Kind>) -> &'k [Kind] {
    kind.map_or(config.kinds(), slice::from_ref)
}

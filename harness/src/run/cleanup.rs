//! Removes what a run created, and nothing else.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::ledger::{Entry, Ledger, member, path_of};
use crate::{
    check::mark::is_marked,
    client::{Client, Outgoing},
    exchange::Exchange,
    scenario::{CORE_V1, Version},
    target::{Mask, Target},
    template::percent_encode,
};

/// How many removals of one case go on side by side.
const SIDE_BY_SIDE: usize = 8;
/// How often a removal is tried again that got no answer or a server error.
const RETRIES: u32 = 2;

/// Something that could not be removed.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Leftover {
    /// Where it is, or how it can be found.
    pub url: String,
    /// Case that created it.
    pub case: String,
    /// Why it is still there.
    pub reason: String,
}

impl Leftover {
    /// The same without secrets: an id may be anything that a target makes up.
    pub(super) fn masked(self, mask: &Mask) -> Self {
        Self {
            url: mask.apply(&self.url),
            reason: mask.apply(&self.reason),
            ..self
        }
    }
}

/// Why a creation is left whose answer was lost.
const LOST: &str = "its answer was lost and it is not there yet; `scim-harness sweep` looks again";
/// Why a creation is left that cannot be found.
const UNMARKED: &str =
    "its answer does not show it, and nothing in its request says how to find it";
/// Pauses between looks for a creation whose answer was lost.
const PAUSES: [Duration; 3] = [
    Duration::from_millis(200),
    Duration::from_millis(500),
    Duration::from_secs(1),
];

/// Whether to wait for a creation whose answer was lost.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Patience {
    /// The run has just ended: the server may still be at work.
    Some,
    /// Long after the run.
    None,
}

/// How many copies of one creation are removed.
const MOST_COPIES: usize = 8;

/// What became of a creation.
enum End {
    /// It was removed.
    Removed,
    /// Nothing of it is there.
    Absent,
    /// It is still there, or may be: where, and why.
    Left(String, String),
}

/// Removes what a case created: groups before users, last created first.
pub(super) async fn clean(
    client: &Client,
    target: &Target,
    ledger: &Ledger,
    case: &str,
) -> Vec<Leftover> {
    let mut open = ledger.open_of(case);
    open.reverse();
    let (groups, others): (Vec<Entry>, Vec<Entry>) = open.into_iter().partition(Entry::is_group);
    let mut left = Vec::new();
    for entries in [groups, others] {
        let removals = stream::iter(entries).map(|entry| async move {
            let end = remove(client, target, ledger.tag(), &entry, Patience::Some).await;
            (entry, end)
        });
        let mut removals = std::pin::pin!(removals.buffer_unordered(SIDE_BY_SIDE));
        while let Some((entry, end)) = removals.next().await {
            match end {
                End::Removed | End::Absent => ledger.removed(entry.number),
                End::Left(url, reason) => left.push(Leftover {
                    url,
                    case: entry.case,
                    reason,
                }),
            }
        }
    }
    left
}

/// What of a case is not removed, as the cleanup was ended.
pub(super) fn given_up(target: &Target, ledger: &Ledger, case: &str) -> Vec<Leftover> {
    let entries = ledger.open_of(case).into_iter();
    let left = entries.map(|entry| {
        let base = target.base(entry.scim).unwrap_or_default();
        Leftover {
            url: match &entry.path {
                Some(path) => format!("{base}{path}"),
                None => searched(base, &entry),
            },
            case: entry.case,
            reason: "its removal was interrupted; `scim-harness sweep` removes it".to_owned(),
        }
    });
    left.collect()
}

/// Removes one creation, and says whether there was something to remove; `Err` says where it still
/// is and why.
pub(super) async fn remove_entry(
    client: &Client,
    target: &Target,
    tag: &str,
    entry: &Entry,
) -> Result<bool, Leftover> {
    match remove(client, target, tag, entry, Patience::None).await {
        End::Removed => Ok(true),
        End::Absent => Ok(false),
        End::Left(url, reason) => Err(Leftover {
            url,
            case: entry.case.clone(),
            reason,
        }),
    }
}

async fn remove(
    client: &Client,
    target: &Target,
    tag: &str,
    entry: &Entry,
    patience: Patience,
) -> End {
    let target = &*target.of(entry.tenant);
    let Some(base) = target.base(entry.scim) else {
        return End::Absent;
    };
    let known = match &entry.path {
        Some(path) if entry.confirmed => Some(path.clone()),
        Some(path) => match look(client, target, entry.scim, path, tag).await {
            Look::Ours => Some(path.clone()),
            // A create may answer with an id that is not the right one.
            Look::Nothing | Look::Foreign => None,
            Look::Unclear(reason) => return End::Left(format!("{base}{path}"), reason),
        },
        None => None,
    };
    if let Some(path) = known {
        return remove_at(client, target, base, entry, &path).await;
    }
    match find_patiently(client, target, base, entry, patience).await {
        Ok(Some(path)) => remove_copies(client, target, base, tag, entry, path).await,
        Ok(None) => match entry.status {
            Some(200..=299) if entry.key.is_none() => {
                End::Left(searched(base, entry), UNMARKED.to_owned())
            }
            None if patience == Patience::Some => End::Left(searched(base, entry), LOST.to_owned()),
            _ => End::Absent,
        },
        // Who refused it and cannot be asked for it is believed.
        Err(_) if matches!(entry.status, Some(400..=499)) => End::Absent,
        Err(reason) => End::Left(searched(base, entry), reason),
    }
}

/// Removes what a search found, and the copies of it that a careless target made. A search is not
/// believed: what is removed has to show our mark when it is read.
async fn remove_copies(
    client: &Client,
    target: &Target,
    base: &str,
    tag: &str,
    entry: &Entry,
    first: String,
) -> End {
    let mut done: Vec<String> = Vec::new();
    let mut end = End::Absent;
    let mut path = first;
    loop {
        let left = |reason: &str| End::Left(format!("{base}{path}"), reason.to_owned());
        let removed = match look(client, target, entry.scim, &path, tag).await {
            Look::Ours => match remove_at(client, target, base, entry, &path).await {
                End::Left(url, reason) => return End::Left(url, reason),
                End::Removed | End::Absent => true,
            },
            // Another removal may have come first: then the next search does not show it.
            Look::Nothing => false,
            Look::Foreign => return left("a search shows it where a read shows something else"),
            Look::Unclear(reason) => return left(&reason),
        };
        let shown = left("a search shows it where a read shows nothing");
        if removed {
            end = End::Removed;
        }
        done.push(path);
        match find(client, target, base, entry).await {
            // A search may be late.
            Ok(Some(other)) if done.contains(&other) => {
                return if removed { end } else { shown };
            }
            Ok(Some(_)) if done.len() == MOST_COPIES => {
                let reason = format!("a search goes on showing it after {MOST_COPIES} times");
                return End::Left(searched(base, entry), reason);
            }
            Ok(Some(other)) => path = other,
            Ok(None) | Err(_) => return end,
        }
    }
}

async fn remove_at(client: &Client, target: &Target, base: &str, entry: &Entry, path: &str) -> End {
    let url = format!("{base}{path}");
    let exchange = send(client, target, base, entry.scim, "DELETE", path, None).await;
    match exchange.response.as_ref().map(|answer| answer.status) {
        Some(200..=299) => End::Removed,
        Some(404 | 410) => End::Absent,
        Some(status) if entry.collection.ends_with("/Users") => {
            deactivate(client, target, base, entry.scim, path, status).await
        }
        Some(status) => End::Left(url, format!("DELETE answered {status}")),
        None => End::Left(url, no_answer(&exchange)),
    }
}

/// What a read shows at a path.
pub(super) enum Look {
    /// A resource with the tag of the run.
    Ours,
    /// A resource without it.
    Foreign,
    /// 404.
    Nothing,
    /// Something else.
    Unclear(String),
}

/// Reads what is at a path.
pub(super) async fn look(
    client: &Client,
    target: &Target,
    version: Version,
    path: &str,
    tag: &str,
) -> Look {
    let base = target.base(version).unwrap_or_default();
    let exchange = send(client, target, base, version, "GET", path, None).await;
    let Some(answer) = &exchange.response else {
        return Look::Unclear(no_answer(&exchange));
    };
    match (answer.status, &answer.json) {
        (200, Some(body)) if is_marked(body, tag) => Look::Ours,
        (200, Some(_)) => Look::Foreign,
        (404 | 410, _) => Look::Nothing,
        (status, _) => Look::Unclear(format!("GET answered {status}")),
    }
}

/// Looks again for a creation whose answer was lost, as the server may still be at work on it.
async fn find_patiently(
    client: &Client,
    target: &Target,
    base: &str,
    entry: &Entry,
    patience: Patience,
) -> Result<Option<String>, String> {
    let pauses = if entry.status.is_some() || patience == Patience::None {
        &[][..]
    } else {
        &PAUSES[..]
    };
    let mut found = find(client, target, base, entry).await;
    for pause in pauses {
        if matches!(found, Ok(Some(_))) {
            break;
        }
        tokio::time::sleep(*pause).await;
        found = find(client, target, base, entry).await;
    }
    found
}

/// A provider that does not delete gets its users deactivated.
async fn deactivate(
    client: &Client,
    target: &Target,
    base: &str,
    version: Version,
    path: &str,
    refused: u16,
) -> End {
    let id = path.rsplit('/').next().unwrap_or_default();
    let id = percent_encoding::percent_decode_str(id)
        .decode_utf8_lossy()
        .into_owned();
    let body = match version {
        Version::V2 => {
            json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [{"op": "replace", "value": {"active": false}}]})
        }
        Version::V1 => json!({"schemas": [CORE_V1], "id": id, "active": false}),
    };
    let exchange = send(client, target, base, version, "PATCH", path, Some(body)).await;
    let reason = match exchange.response.as_ref().map(|answer| answer.status) {
        Some(200..=299) => format!("DELETE answered {refused}; it was deactivated"),
        Some(status) => format!("DELETE answered {refused}, deactivation {status}"),
        None => format!("DELETE answered {refused}; {}", no_answer(&exchange)),
    };
    End::Left(format!("{base}{path}"), reason)
}

/// Looks for a creation whose answer was lost, by the tag it carries.
async fn find(
    client: &Client,
    target: &Target,
    base: &str,
    entry: &Entry,
) -> Result<Option<String>, String> {
    let Some((attribute, value)) = &entry.key else {
        return Ok(None);
    };
    let filter = format!("{attribute} eq {}", Value::from(value.as_str()));
    let outgoing = Outgoing {
        query: format!("filter={}", percent_encode(&filter)),
        ..request(target, base, entry.scim, "GET", &entry.collection)
    };
    let exchange = client.send(outgoing).await;
    let Some(answer) = &exchange.response else {
        return Err(no_answer(&exchange));
    };
    if answer.status == 404 {
        return Ok(None);
    }
    let resources = answer
        .json
        .as_ref()
        .and_then(|body| body.get("Resources")?.as_array());
    let mut resources = resources.into_iter().flatten().peekable();
    let filtered = resources.peek().is_none();
    let ours = resources.find(|resource| {
        member(resource, attribute)
            .and_then(Value::as_str)
            .is_some_and(|found| found.eq_ignore_ascii_case(value))
    });
    match ours {
        Some(resource) => match path_of(&entry.collection, resource) {
            Some(path) => Ok(Some(path)),
            None => Err("it is there with an id that no path can name".to_owned()),
        },
        None if !answer.is_success() => Err(format!("looking for it answered {}", answer.status)),
        None if !filtered => Err(format!(
            "the target answers with other resources to a filter by {attribute}, so it may be there"
        )),
        None => Ok(None),
    }
}

/// Sends again what got no answer or a server error, and, to a target that demands a condition (428),
/// with one that always holds. An answer that cannot be read will not be read
/// the next time either.
async fn send(
    client: &Client,
    target: &Target,
    base: &str,
    version: Version,
    method: &str,
    path: &str,
    body: Option<Value>,
) -> Exchange {
    let (mut tries, mut conditional) = (0, false);
    loop {
        let mut outgoing = request(target, base, version, method, path);
        if conditional {
            let any = ("If-Match".to_owned(), "*".to_owned());
            outgoing.headers.push(any);
        }
        if let Some(body) = &body {
            outgoing
                .headers
                .push(("Content-Type".to_owned(), version.media_type().to_owned()));
            outgoing.body = Some(body.to_string());
        }
        let exchange = client.send(outgoing).await;
        let status = exchange.response.as_ref().map(|answer| answer.status);
        if status == Some(428) && !conditional {
            conditional = true;
            continue;
        }
        let fails = match (&exchange.response, &exchange.failure) {
            (Some(answer), _) => answer.status >= 500 && answer.status != 501,
            (None, failure) => failure
                .as_ref()
                .is_none_or(|failure| failure.kind.is_silence()),
        };
        if !fails || tries == RETRIES {
            return exchange;
        }
        tries += 1;
        tokio::time::sleep(Duration::from_millis(100 * u64::from(tries))).await;
    }
}

fn request(target: &Target, base: &str, version: Version, method: &str, path: &str) -> Outgoing {
    Outgoing {
        step: "clean up".to_owned(),
        method: method.to_owned(),
        base: base.to_owned(),
        path: path.to_owned(),
        headers: super::probe::own_headers(version),
        auth: target.credential.clone(),
        authorised: true,
        ..Outgoing::default()
    }
}

fn no_answer(exchange: &Exchange) -> String {
    exchange
        .failure
        .as_ref()
        .map(|failure| failure.message.clone())
        .unwrap_or_default()
}

fn searched(base: &str, entry: &Entry) -> String {
    match &entry.key {
        Some((attribute, value)) => {
            format!("{base}{} where {attribute} is {value:?}", entry.collection)
        }
        None => format!("{base}{}", entry.collection),
    }
}

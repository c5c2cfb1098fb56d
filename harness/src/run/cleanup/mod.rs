//! Removes what a run created, and nothing else.

mod find;
mod look;
mod removal;
mod site;

use std::time::Duration;

use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};

use super::{
    ledger::{Entry, Ledger},
    names::case_tag_of,
};
use crate::{
    client::Client,
    target::{Mask, Target},
};

use site::Site;

pub(super) use look::{Look, look};
pub(super) use removal::Trust;

/// How many removals of one case go on side by side.
const SIDE_BY_SIDE: usize = 8;

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
/// Why something is left that does not look like what was created, where its answer said that it is.
const STRANGE: &str = "its answer says that it is there, and what a read shows there has no mark of this run; \
                       it may be somebody else's";
/// Pauses between looks for a creation whose answer was lost, or that is said to be gone.
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

/// Removes what a case created: groups before users, what has a known path before what is searched,
/// last created first.
pub(super) async fn clean(
    client: &Client,
    target: &Target,
    (ledger, trust): (&Ledger, &Trust),
    case: &str,
) -> Vec<Leftover> {
    let mut left = Vec::new();
    for places in phases(ledger.open_of(case)) {
        let removals = stream::iter(places).map(|same| async move {
            let mut ends = Vec::new();
            for (nth, mut entry) in same.into_iter().enumerate() {
                // What was removed may be somebody else's by now, where an id is given again.
                entry.confirmed &= nth == 0;
                let judged = (ledger.tag(), trust);
                let end = remove(client, target, judged, &entry, Patience::Some).await;
                ends.push((entry, end));
            }
            ends
        });
        let mut removals = std::pin::pin!(removals.buffer_unordered(SIDE_BY_SIDE));
        while let Some(ends) = removals.next().await {
            for (entry, end) in ends {
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
    }
    left
}

/// The creations of a case in the order of their removal; those at the same place, one after the
/// other, make a list.
fn phases(mut open: Vec<Entry>) -> Vec<Vec<Vec<Entry>>> {
    open.reverse();
    let (groups, others): (Vec<Entry>, Vec<Entry>) = open.into_iter().partition(Entry::is_group);
    let known = |entry: &Entry| entry.path.is_some();
    let phases = [groups, others].into_iter().flat_map(|entries| {
        let (known, searched): (Vec<Entry>, Vec<Entry>) = entries.into_iter().partition(known);
        [known, searched]
    });
    phases.map(at_the_same_place).collect()
}

fn at_the_same_place(entries: Vec<Entry>) -> Vec<Vec<Entry>> {
    let mut places: Vec<Vec<Entry>> = Vec::new();
    for entry in entries {
        let mut there = places.iter_mut();
        let same = there.find(|same| same.first().is_some_and(|other| other.is_where(&entry)));
        match same {
            Some(same) => same.push(entry),
            None => places.push(vec![entry]),
        }
    }
    places
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

/// Removes one creation of the run with this tag, and says whether there was something to remove;
/// `Err` says where it still is and why.
pub(super) async fn remove_entry(
    client: &Client,
    target: &Target,
    (tag, trust): (&str, &Trust),
    entry: &Entry,
) -> Result<bool, Leftover> {
    match remove(client, target, (tag, trust), entry, Patience::None).await {
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
    (tag, trust): (&str, &Trust),
    entry: &Entry,
    patience: Patience,
) -> End {
    let target = &*target.of(entry.tenant);
    let Some(site) = Site::new(client, target, entry.scim) else {
        return End::Absent;
    };
    let own = case_tag_of(tag, &entry.case);
    let mut stranger = entry.stranger.clone();
    let known = match &entry.path {
        // A step of the case removed it: whether it is gone was not looked at.
        Some(path) if entry.deleted => match site.stays(entry, path, &own, trust).await {
            true => Some(path.clone()),
            false => return End::Absent,
        },
        None if entry.deleted => return End::Absent,
        Some(path) if entry.confirmed && !entry.hearsay => Some(path.clone()),
        Some(path) => match site.look(path, &own).await {
            // A location may be that of one of two: some servers create what a bulk job refers to twice.
            Look::Ours if entry.hearsay && entry.key.is_some() => {
                return remove_copies(site, (tag, trust), entry, path.clone()).await;
            }
            Look::Ours => Some(path.clone()),
            Look::Nothing => None,
            // A create may answer with an id that is not the right one.
            Look::Foreign => {
                stranger = Some(path.clone());
                None
            }
            Look::Unclear(reason) => return End::Left(site.url(path), reason),
        },
        None => None,
    };
    if let Some(path) = known {
        return site.remove_at(entry, &path, &own, trust).await;
    }
    match site.find_patiently(entry, patience).await {
        Ok(Some(path)) => remove_copies(site, (tag, trust), entry, path).await,
        Ok(None) => match (entry.status, stranger) {
            (Some(200..=299), Some(path)) => remove_told(site, (&own, trust), entry, &path).await,
            (Some(200..=299), None) if entry.key.is_none() => {
                End::Left(searched(site.base, entry), UNMARKED.to_owned())
            }
            (None, _) if patience == Patience::Some => {
                End::Left(searched(site.base, entry), LOST.to_owned())
            }
            _ => End::Absent,
        },
        // Who refused it and cannot be asked for it is believed.
        Err(_) if matches!(entry.status, Some(400..=499)) => End::Absent,
        Err(reason) => End::Left(searched(site.base, entry), reason),
    }
}

/// Removes what the answer to its creation said is at a path, if by now it has the mark of the run.
async fn remove_told(
    site: Site<'_>,
    (own, trust): (&str, &Trust),
    entry: &Entry,
    path: &str,
) -> End {
    match site.look(path, own).await {
        Look::Ours => site.remove_at(entry, path, own, trust).await,
        Look::Nothing => End::Absent,
        Look::Foreign => End::Left(site.url(path), STRANGE.to_owned()),
        Look::Unclear(reason) => End::Left(site.url(path), reason),
    }
}

/// Removes what a search found, and the copies of it that a careless target made. A search is not
/// believed: what is removed has to show our mark when it is read.
async fn remove_copies(
    site: Site<'_>,
    (tag, trust): (&str, &Trust),
    entry: &Entry,
    first: String,
) -> End {
    let own = case_tag_of(tag, &entry.case);
    let mut done: Vec<String> = Vec::new();
    let mut end = End::Absent;
    let mut path = first;
    loop {
        let left = |reason: &str| End::Left(site.url(&path), reason.to_owned());
        let removed = match site.look(&path, tag).await {
            Look::Ours => match site.remove_at(entry, &path, &own, trust).await {
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
        match site.find(entry).await {
            // A search may be late.
            Ok(Some(other)) if done.contains(&other) => {
                return if removed { end } else { shown };
            }
            Ok(Some(_)) if done.len() == MOST_COPIES => {
                let reason = format!("a search goes on showing it after {MOST_COPIES} times");
                return End::Left(searched(site.base, entry), reason);
            }
            Ok(Some(other)) => path = other,
            Ok(None) | Err(_) => return end,
        }
    }
}

fn searched(base: &str, entry: &Entry) -> String {
    match &entry.key {
        Some((attribute, value)) => {
            format!("{base}{} where {attribute} is {value:?}", entry.collection)
        }
        None => format!("{base}{}", entry.collection),
    }
}

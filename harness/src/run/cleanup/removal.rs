//! Removes what is at a path, sees that it is gone, and deactivates a user that stays.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use serde_json::{Value, json};

use super::{
    End, PAUSES,
    look::Look,
    site::{Site, no_answer, status},
};
use crate::{
    check::mark::is_marked,
    exchange::Answer,
    run::{ledger::Entry, resource::member},
    scenario::{CORE_V1, Version},
};

/// How many removals of a kind in a row have to be seen to work before a DELETE is believed.
const ENOUGH: u32 = 3;
/// Of those that are believed, one of so many is looked at all the same.
const SAMPLE: u32 = 20;

/// Where a DELETE that was answered as done was seen to be done: a look at each removal would
/// double what a cleanup asks for.
#[derive(Default)]
pub(in crate::run) struct Trust(Mutex<HashMap<String, Seen>>);

/// What was seen of the removals of one kind.
#[derive(Default)]
struct Seen {
    removals: u32,
    in_a_row: u32,
    /// Whether one was seen to have no effect: the next one is not waited for.
    vain: bool,
}

impl Trust {
    fn of<T>(&self, entry: &Entry, use_it: impl FnOnce(&mut Seen) -> T) -> T {
        let mut kinds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kind = format!("{} {:?} {}", entry.scim, entry.tenant, entry.collection);
        use_it(kinds.entry(kind).or_default())
    }

    /// Counts a removal, and says whether it is to be looked at.
    fn is_doubtful(&self, entry: &Entry) -> bool {
        self.of(entry, |seen| {
            seen.removals += 1;
            seen.in_a_row < ENOUGH || seen.removals.is_multiple_of(SAMPLE)
        })
    }

    /// Whether a removal that was looked at had an effect.
    fn saw(&self, entry: &Entry, gone: bool) {
        self.of(entry, |seen| {
            seen.in_a_row = if gone { seen.in_a_row + 1 } else { 0 };
            seen.vain = !gone;
        });
    }
}

impl Site<'_> {
    /// Removes what is at a path and was seen to be ours; `tag` is that of its case.
    pub(super) async fn remove_at(
        &self,
        entry: &Entry,
        path: &str,
        tag: &str,
        trust: &Trust,
    ) -> End {
        let exchange = self.send("DELETE", path, None).await;
        match status(&exchange) {
            Some(200..=299) if !trust.is_doubtful(entry) => End::Removed,
            Some(status @ 200..=299) => match self.stays(entry, path, tag, trust).await {
                false => End::Removed,
                true => self.leave(entry, path, &still_there(status), false).await,
            },
            Some(status @ (404 | 410)) => match self.look(path, tag).await {
                Look::Nothing | Look::Foreign => End::Absent,
                Look::Ours => self.leave(entry, path, &still_there(status), false).await,
                Look::Unclear(reason) => End::Left(
                    self.url(path),
                    format!("DELETE answered {status}, {reason}"),
                ),
            },
            Some(status) => {
                let again = !matches!(status, 405 | 501);
                let why = format!("DELETE answered {status}");
                self.leave(entry, path, &why, again).await
            }
            None => End::Left(self.url(path), no_answer(&exchange)),
        }
    }

    /// Whether what was deleted, so its answer says, is still shown, a moment later too. A freed id
    /// may be another's by now.
    pub(super) async fn stays(&self, entry: &Entry, path: &str, tag: &str, trust: &Trust) -> bool {
        let shown =
            async || matches!(self.look_once(path).await, Some(body) if is_marked(&body, tag));
        let vain = trust.of(entry, |seen| seen.vain);
        let mut stays = shown().await;
        for pause in PAUSES.iter().filter(|_| !vain) {
            if stays {
                tokio::time::sleep(*pause).await;
                stays = shown().await;
            }
        }
        trust.saw(entry, !stays);
        stays
    }

    /// What a read shows, if it shows something.
    async fn look_once(&self, path: &str) -> Option<Value> {
        let exchange = self.send("GET", path, None).await;
        exchange.response.filter(Answer::is_success)?.json
    }

    /// What is not removed: a user is deactivated, and then `again` removed if that helps.
    async fn leave(&self, entry: &Entry, path: &str, why: &str, again: bool) -> End {
        let left = |reason: String| End::Left(self.url(path), reason);
        if !entry.collection.ends_with("/Users") {
            return left(why.to_owned());
        }
        match self.deactivate(path).await {
            Ok(()) if again && self.delete_again(path).await => End::Removed,
            Ok(()) => left(format!("{why}; it was deactivated")),
            Err(reason) => left(format!("{why}{reason}")),
        }
    }

    /// Some remove only who is inactive.
    async fn delete_again(&self, path: &str) -> bool {
        let exchange = self.send("DELETE", path, None).await;
        matches!(status(&exchange), Some(200..=299)) && self.look_once(path).await.is_none()
    }

    /// Makes a user inactive: with PATCH, and where that is refused or does nothing, with a PUT of
    /// what is there.
    async fn deactivate(&self, path: &str) -> Result<(), String> {
        let without_effect = || ", deactivation had no effect".to_owned();
        let patch = self.send("PATCH", path, Some(self.patch(path))).await;
        let refused = match status(&patch) {
            Some(200..=299) => without_effect(),
            Some(status) => format!(", deactivation {status}"),
            None => return Err(format!("; {}", no_answer(&patch))),
        };
        let patched = patch.response.as_ref().is_some_and(Answer::is_success);
        let shown = self.look_once(path).await;
        let Some(body) = shown.filter(|body| !patched || is_active(body)) else {
            return if patched { Ok(()) } else { Err(refused) };
        };
        let put = self.send("PUT", path, Some(inactive(body))).await;
        let done = put.response.as_ref().is_some_and(Answer::is_success);
        if !done {
            return Err(refused);
        }
        let still_active = self.look_once(path).await.as_ref().is_some_and(is_active);
        if still_active {
            Err(without_effect())
        } else {
            Ok(())
        }
    }

    fn patch(&self, path: &str) -> Value {
        let id = path.rsplit('/').next().unwrap_or_default();
        let id = percent_encoding::percent_decode_str(id).decode_utf8_lossy();
        match self.version {
            Version::V2 => {
                json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [{"op": "replace", "value": {"active": false}}]})
            }
            Version::V1 => json!({"schemas": [CORE_V1], "id": id, "active": false}),
        }
    }
}

fn still_there(status: u16) -> String {
    format!("DELETE answered {status}, and it is still there")
}

/// Whether a user is shown as active.
fn is_active(user: &Value) -> bool {
    match member(user, "active") {
        Some(Value::String(active)) => active.eq_ignore_ascii_case("true"),
        active => active == Some(&Value::Bool(true)),
    }
}

/// The same user, inactive.
fn inactive(mut user: Value) -> Value {
    if let Value::Object(members) = &mut user {
        members.retain(|name, _| !name.eq_ignore_ascii_case("active"));
        members.insert("active".to_owned(), Value::Bool(false));
    }
    user
}

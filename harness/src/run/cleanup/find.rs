//! Looks for a creation by the tag that it carries.

use serde_json::Value;

use super::{
    PAUSES, Patience,
    look::{is_absence, is_list},
    site::{Site, no_answer},
};
use crate::{
    exchange::Answer,
    run::{
        ledger::Entry,
        resource::{member, path_of},
    },
    template::percent_encode,
};

impl Site<'_> {
    /// Looks again for a creation whose answer was lost, as the server may still be at work on it.
    pub(super) async fn find_patiently(
        &self,
        entry: &Entry,
        patience: Patience,
    ) -> Result<Option<String>, String> {
        let pauses = if entry.status.is_some() || patience == Patience::None {
            &[][..]
        } else {
            &PAUSES[..]
        };
        let mut found = self.find(entry).await;
        for pause in pauses {
            if matches!(found, Ok(Some(_))) {
                break;
            }
            tokio::time::sleep(*pause).await;
            found = self.find(entry).await;
        }
        found
    }

    /// The path of a creation that a search shows; `Err` says why it shows nothing either way.
    pub(super) async fn find(&self, entry: &Entry) -> Result<Option<String>, String> {
        let Some((attribute, value)) = &entry.key else {
            return Ok(None);
        };
        let filter = format!("{attribute} eq {}", Value::from(value.as_str()));
        let query = format!("filter={}", percent_encode(&filter));
        let exchange = self.query(&entry.collection, &query).await;
        let Some(answer) = &exchange.response else {
            return Err(no_answer(&exchange));
        };
        if is_absence(answer) || (answer.status == 404 && self.has(&entry.collection).await) {
            return Ok(None);
        }
        shown(answer, entry, (attribute, value))
    }
}

/// What an answer to a search shows of a creation.
fn shown(
    answer: &Answer,
    entry: &Entry,
    (attribute, value): (&str, &str),
) -> Result<Option<String>, String> {
    let body = answer.json.as_ref();
    let resources = body.and_then(|body| member(body, "Resources")?.as_array());
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
        None if !body.is_some_and(is_list) => Err(format!(
            "looking for it answered {} without a list",
            answer.status
        )),
        None => Ok(None),
    }
}

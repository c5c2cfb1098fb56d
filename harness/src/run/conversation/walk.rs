//! Walks a list page by page, as an import does. Of each page only what the judgement on the walk
//! needs is kept, so that a list of any length is walked in bounded memory.

use std::sync::Arc;

use serde_json::Value;

use super::{Conversation, Outcome, prepare, unclear};
use crate::{
    check::pages::{self, Pages},
    exchange::Exchange,
    scenario::{PageStep, Step, Subject, Walk},
    template::{Names, percent_encode},
    verdict::Stop,
};

/// How often a walk is taken again when the list changed meanwhile.
const MOST_WALKS: usize = 3;

impl Conversation<'_> {
    /// Walks a list as an import does. Of a walk during which the list changed nothing can be
    /// said, so it is taken again.
    pub(super) async fn walk(&mut self, step: &Arc<Step>) -> Outcome {
        let (names, shots) = (self.names.clone(), self.shots.len());
        for _ in 0..MOST_WALKS {
            self.shots.truncate(shots);
            let Some((walk, first)) = self.pages(step, &names).await? else {
                return Ok(());
            };
            if walk.are_comparable() {
                let found = pages::judge(step, &walk, &names)
                    .map_err(|undefined| unclear(undefined.to_string()))?;
                self.keep(step, first, found);
                return Ok(());
            }
        }
        Err(unclear(format!(
            "the list changed during each of {MOST_WALKS} walks in the step `{}`: others are at work on it",
            step.name
        )))
    }

    /// The pages, as many as the user allows, each judged as it comes, with the place of the first
    /// in the record; none where the list was refused, as far as the step allows that.
    async fn pages(
        &mut self,
        step: &Arc<Step>,
        names: &Names,
    ) -> Result<Option<(Pages, usize)>, Stop> {
        let first = self.ask(step, names).await?;
        let start = number(&first, "startIndex").unwrap_or(1);
        let total = total(&first);
        let asked = number(&first, "count").and_then(|count| usize::try_from(count).ok());
        let asked = asked.unwrap_or(0);
        let by = step.page_step.unwrap_or(PageStep::Cursor);
        let mut walk = match by {
            PageStep::Index(_) => Pages::new(asked),
            PageStep::Cursor => Pages::by_cursor(asked),
        };
        see(&first, |page| walk.see(page));
        let refused = !first
            .response
            .as_ref()
            .is_some_and(crate::exchange::Answer::is_success);
        self.take(step, first, names).await?;
        if refused {
            return Ok(None);
        }
        let place = self.record.exchanges.len().saturating_sub(1);
        match by {
            PageStep::Index(by) => {
                let steps = Steps { start, by, total };
                self.by_index(step, names, &mut walk, steps).await?;
            }
            PageStep::Cursor => self.by_cursor(step, names, &mut walk, asked).await?,
        }
        let wants_again = step
            .expect
            .iter()
            .any(|expectation| matches!(expectation.subject, Subject::Pages(Walk::Steady)));
        if wants_again {
            let again = match by {
                PageStep::Index(_) => {
                    let index = Value::from(start);
                    self.ask_with(step, names, "startIndex", index).await?
                }
                PageStep::Cursor => self.ask(step, names).await?,
            };
            see(&again, |page| walk.see_again(page));
            self.page(step, again, names, 1).await?;
        }
        Ok(Some((walk, place)))
    }

    /// On to the page that holds the last of `totalResults`.
    async fn by_index(
        &mut self,
        step: &Arc<Step>,
        names: &Names,
        walk: &mut Pages,
        Steps { start, by, total }: Steps,
    ) -> Outcome {
        let most = self.engine.settings.import_limit.div_ceil(by);
        let by = i64::from(by);
        let mut index = start.saturating_add(by);
        let mut count = 1;
        while index <= total && count < most {
            count += 1;
            let page = self
                .ask_with(step, names, "startIndex", index.into())
                .await?;
            see(&page, |page| walk.see(page));
            self.page(step, page, names, count).await?;
            index = index.saturating_add(by);
        }
        walk.end(index > total);
        Ok(())
    }

    /// On as long as there is a `nextCursor` and it leads to something.
    async fn by_cursor(
        &mut self,
        step: &Arc<Step>,
        names: &Names,
        walk: &mut Pages,
        asked: usize,
    ) -> Outcome {
        let asked = u32::try_from(asked).unwrap_or(u32::MAX).max(1);
        let most = self.engine.settings.import_limit.div_ceil(asked);
        let mut count = 1;
        while let Some(cursor) = walk.next_cursor() {
            if count >= most || walk.is_stuck() {
                return Ok(());
            }
            count += 1;
            let cursor = Value::from(cursor);
            let page = self.ask_with(step, names, "cursor", cursor).await?;
            see(&page, |page| walk.see(page));
            self.page(step, page, names, count).await?;
        }
        walk.end(true);
        Ok(())
    }

    /// The step's request with another value of this parameter, which a search has in its body.
    async fn ask_with(
        &self,
        step: &Arc<Step>,
        names: &Names,
        name: &str,
        value: Value,
    ) -> Result<Exchange, Stop> {
        let mut outgoing = prepare::outgoing(self, step, names)?;
        if outgoing.method == "POST" {
            outgoing.body = outgoing.body.map(|body| with_member(&body, name, value));
        } else {
            outgoing.query = with_parameter(&outgoing.query, name, &plain(&value));
        }
        self.send(outgoing).await
    }
}

/// From where a walk by index goes how far, and in what steps.
struct Steps {
    start: i64,
    by: u32,
    total: i64,
}

fn see(page: &Exchange, see: impl FnOnce(&crate::exchange::Answer)) {
    if let Some(answer) = &page.response {
        see(answer);
    }
}

fn total(page: &Exchange) -> i64 {
    page.response
        .as_ref()
        .and_then(|answer| answer.json.as_ref()?.get("totalResults")?.as_i64())
        .unwrap_or(0)
}

/// What the query asks by this name, as a number.
fn number(page: &Exchange, name: &str) -> Option<i64> {
    page.request.asks(name)?.parse().ok()
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// The body of a search with another value of this member.
fn with_member(body: &str, name: &str, value: Value) -> String {
    match serde_json::from_str::<Value>(body) {
        Ok(Value::Object(mut members)) => {
            members.insert(name.to_owned(), value);
            Value::Object(members).to_string()
        }
        _ => body.to_owned(),
    }
}

/// The query with another value of this parameter in its place, or at the end.
fn with_parameter(query: &str, name: &str, value: &str) -> String {
    let pair = format!("{name}={}", percent_encode(value));
    let mut pairs: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty()).collect();
    match pairs
        .iter_mut()
        .find(|found| found.split('=').next() == Some(name))
    {
        Some(found) => *found = &pair,
        None => pairs.push(&pair),
    }
    pairs.join("&")
}

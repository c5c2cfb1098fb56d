//! Walks a list page by page, as an import does. Of each page only what the judgement on the walk
//! needs is kept, so that a list of any length is walked in bounded memory.

use std::sync::Arc;

use super::{Conversation, Outcome, prepare, unclear};
use crate::{
    check::pages::{self, Pages},
    exchange::Exchange,
    scenario::{Step, Subject, Walk},
    template::Names,
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
            let (walk, first) = self.pages(step, &names).await?;
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
    /// in the record.
    async fn pages(&mut self, step: &Arc<Step>, names: &Names) -> Result<(Pages, usize), Stop> {
        let by = step.page_step.unwrap_or(1);
        let first = self.ask(step, names).await?;
        let number = |name: &str| -> Option<i64> { first.request.parameter(name)?.parse().ok() };
        let start = number("startIndex").unwrap_or(1);
        let asked = number("count").and_then(|count| usize::try_from(count).ok());
        let total = total(&first);
        let mut walk = Pages::new(asked.unwrap_or(0));
        see(&first, |page| walk.see(page));
        self.take(step, first, names).await?;
        let place = self.record.exchanges.len().saturating_sub(1);
        let most = self.engine.settings.import_limit.div_ceil(by);
        let mut index = start.saturating_add(i64::from(by));
        let mut count = 1;
        while index <= total && count < most {
            count += 1;
            let page = self.ask_from(step, names, index).await?;
            see(&page, |page| walk.see(page));
            self.page(step, page, names, count).await?;
            index = index.saturating_add(i64::from(by));
        }
        walk.end(index > total);
        let wants_again = step
            .expect
            .iter()
            .any(|expectation| matches!(expectation.subject, Subject::Pages(Walk::Steady)));
        if wants_again {
            let again = self.ask_from(step, names, start).await?;
            see(&again, |page| walk.see_again(page));
            self.page(step, again, names, 1).await?;
        }
        Ok((walk, place))
    }

    async fn ask_from(
        &self,
        step: &Arc<Step>,
        names: &Names,
        start: i64,
    ) -> Result<Exchange, Stop> {
        let mut outgoing = prepare::outgoing(self, step, names).map_err(unclear)?;
        outgoing.query = with_start_index(&outgoing.query, start);
        self.send(outgoing).await
    }
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

/// The query with another `startIndex` in its place.
fn with_start_index(query: &str, start: i64) -> String {
    let replaced = query.split('&').map(|pair| {
        if pair.starts_with("startIndex=") {
            format!("startIndex={start}")
        } else {
            pair.to_owned()
        }
    });
    replaced.collect::<Vec<_>>().join("&")
}

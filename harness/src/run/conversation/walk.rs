//! Walks a list page by page, as an import does.

use std::sync::Arc;

use super::{Conversation, Outcome, prepare, unclear};
use crate::{
    check::pages::{self, Pages},
    exchange::{Answer, Exchange},
    scenario::{Step, Subject, Walk},
    verdict::Stop,
};

/// The most pages that a walk reads, so that a tenant of any size is tested in bounded time and
/// memory; of a longer list only what these pages show is judged.
const MOST_PAGES: usize = 50;
/// How often a walk is taken again when the list changed meanwhile.
const MOST_WALKS: usize = 3;

/// The exchanges of a walk.
struct Walked {
    pages: Vec<Exchange>,
    again: Option<Exchange>,
    asked: usize,
    whole: bool,
}

impl Walked {
    fn judged(&self) -> Pages<'_> {
        Pages {
            pages: self.pages.iter().filter_map(answer_of).collect(),
            again: self.again.as_ref().and_then(answer_of),
            asked: self.asked,
            whole: self.whole,
        }
    }
}

impl Conversation<'_> {
    /// Walks a list as an import does. Of a walk during which the list changed nothing can be
    /// said, so it is taken again.
    pub(super) async fn walk(&mut self, step: &Arc<Step>) -> Outcome {
        for attempt in 1..=MOST_WALKS {
            let walk = self.pages(step).await?;
            let judged = walk.judged();
            let comparable = judged.are_comparable();
            if !comparable && attempt < MOST_WALKS {
                continue;
            }
            let names = self.names.clone();
            let found = pages::judge(step, &judged, &names)
                .map_err(|undefined| unclear(undefined.to_string()))?;
            let first_index = self.record.exchanges.len();
            let mut pages = walk.pages.into_iter();
            if let Some(first) = pages.next() {
                self.take(step, first, &names)?;
            }
            for page in pages.chain(walk.again) {
                self.observe(step, page)?;
            }
            if comparable {
                self.keep(step, first_index, found);
                return Ok(());
            }
        }
        Err(unclear(format!(
            "the list changed during each of {MOST_WALKS} walks in the step `{}`: others are at work on it",
            step.name
        )))
    }

    async fn pages(&mut self, step: &Arc<Step>) -> Result<Walked, Stop> {
        let by = i64::from(step.page_step.unwrap_or(1));
        let first = self.ask(step, &self.names).await?;
        let start: i64 = first
            .request
            .parameter("startIndex")
            .and_then(|text| text.parse().ok())
            .unwrap_or(1);
        let asked = first
            .request
            .parameter("count")
            .and_then(|text| text.parse().ok())
            .unwrap_or(0);
        let total = first
            .response
            .as_ref()
            .and_then(|answer| answer.json.as_ref()?.get("totalResults")?.as_i64())
            .unwrap_or(0);
        let mut pages = vec![first];
        let mut index = start.saturating_add(by);
        while index <= total && pages.len() < MOST_PAGES {
            pages.push(self.ask_from(step, index).await?);
            index = index.saturating_add(by);
        }
        let wants_again = step
            .expect
            .iter()
            .any(|expectation| matches!(expectation.subject, Subject::Pages(Walk::Steady)));
        let again = if wants_again {
            Some(self.ask_from(step, start).await?)
        } else {
            None
        };
        Ok(Walked {
            pages,
            again,
            asked,
            whole: index > total,
        })
    }

    async fn ask_from(&self, step: &Arc<Step>, start: i64) -> Result<Exchange, Stop> {
        let mut outgoing = prepare::outgoing(self, step, &self.names).map_err(unclear)?;
        outgoing.query = with_start_index(&outgoing.query, start);
        self.send(outgoing).await
    }
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

fn answer_of(exchange: &Exchange) -> Option<&Answer> {
    exchange.response.as_ref()
}

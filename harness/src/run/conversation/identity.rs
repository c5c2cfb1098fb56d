//! Whether a new resource has an id of its own (RFC 7643 section 3.1; SCIM 1.1 core schema section
//! 5.1): a client that still knows the old resource by it would change the new one.

use super::Conversation;
use crate::{
    check::{Bench, Breach, Judgement, mark::is_marked},
    exchange::{Answer, Exchange},
    run::resource::path_of,
    scenario::Version,
};

const OF_THE_GONE: &str = "A49: an id that was handed out before is at most a warning";

impl Conversation<'_> {
    /// The judgement on what a creation was answered with, once the ledger knows of it.
    pub(super) fn has_its_own_id(&self, exchange: &Exchange) -> Vec<Judgement> {
        let mut bench = Bench::default();
        if let Some(path) = self.created_at(exchange) {
            let whose = (self.version(), exchange.request.tenant);
            let given_again = self.engine.ledger.is_given_again(whose, &path);
            let breach = || {
                Breach::new(
                    "the new resource has the id of one that was deleted before",
                    "an id that was never used",
                    format!("{path}, which was that of another resource of this run"),
                )
            };
            let rule = match self.version() {
                Version::V2 => "rfc7643-3.1/id-is-stable-and-not-reused",
                Version::V1 => "scim11-core-5.1/id-is-stable-and-not-reused",
            };
            bench.judge_leniently(rule, OF_THE_GONE, given_again.then(breach));
        }
        bench.into_judgements()
    }

    /// Whether an answer may be about something new that has the id of what the case removed.
    pub(super) fn is_about_another(&self, exchange: &Exchange) -> bool {
        let ledger = &self.engine.ledger;
        let is_lost = || {
            let whose = (self.version(), exchange.request.tenant);
            let entry = ledger.entry_at(whose, exchange.request.path.trim_end_matches('/'));
            entry.is_some_and(|entry| entry.may_be_gone())
        };
        let body = exchange
            .response
            .as_ref()
            .and_then(|answer| answer.json.as_ref());
        ledger.has_lost_an_id(&self.case.name)
            || body.is_some_and(|body| self.tags().are_of_another(body)) && is_lost()
    }

    /// Where a request created something, going by an answer that shows our mark.
    fn created_at(&self, exchange: &Exchange) -> Option<String> {
        let answer = exchange
            .response
            .as_ref()
            .filter(|answer| answer.is_success())?;
        let Answer {
            json: Some(body), ..
        } = answer
        else {
            return None;
        };
        let creates =
            exchange.request.method == "POST" && is_marked(body, self.engine.ledger.tag());
        let path = exchange.request.path.trim_end_matches('/');
        path_of(path, body).filter(|_| creates)
    }
}

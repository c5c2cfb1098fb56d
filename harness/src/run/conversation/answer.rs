//! Takes answers into a conversation: judges them, captures from them, remembers them.

use std::sync::Arc;

use serde_json::Value;

use super::{Conversation, Outcome, unclear};
use crate::{
    check::{
        Judgement, always,
        expectation::{self, Scope},
        is_assigned,
    },
    exchange::{Answer, Exchange},
    scenario::{CaptureFrom, Selector, Step, Version},
    snapshot::Shot,
    template::{Names, Undefined, percent_encode},
    verdict::Stop,
};

/// Of how many pages of a walk the bodies are kept, whatever they hold.
const KEPT_PAGES: u32 = 10;

impl Conversation<'_> {
    /// Takes an answer into the conversation: judges it, captures from it, remembers it.
    pub(super) fn take(
        &mut self,
        step: &Arc<Step>,
        mut exchange: Exchange,
        names: &Names,
    ) -> Outcome {
        self.put_off(step, &mut exchange)?;
        let index = self.record.exchanges.len();
        let always = always::judge(self.version(), &exchange);
        self.record.exchanges.push(self.labelled(exchange));
        let Some(answer) = self
            .record
            .exchanges
            .get(index)
            .and_then(|exchange| exchange.response.clone())
        else {
            return Err(self.unanswered(step, index));
        };
        if step.not_offered.has(answer.status) {
            self.keep(step, index, always);
            return Err(self.not_offered(index, &answer));
        }
        let missing = self.missing(step, &answer)?;
        let expected = match missing {
            None => self.expected(step, &answer, names),
            Some(_) => Ok(expectation::judge_status(step, &answer)),
        };
        let expected = expected.map_err(|undefined| unclear(undefined.to_string()))?;
        if let Some(opening) = &self.opening {
            failed_opening(opening, step, &expected)?;
        } else {
            self.keep(step, index, always);
            self.keep(step, index, expected);
            let confirmed = self.confirm(index, &answer);
            self.keep(step, index, confirmed);
        }
        self.remember(step, index, &answer);
        if expectation::breaks_off(step, &answer) {
            return Err(Stop::BrokenOff);
        }
        if let Some(place) = missing {
            return Err(Stop::NotOffered(format!(
                "the target does not offer it: the answer to `{}` has no `{place}`",
                step.name
            )));
        }
        self.capture(step, &answer)
    }

    /// The first place without which in the answer the target does not offer what the case is about.
    fn missing<'s>(&self, step: &'s Step, answer: &Answer) -> Result<Option<&'s Selector>, Stop> {
        for place in &step.only_with {
            let body = answer.json.as_ref().unwrap_or(&Value::Null);
            let found = expectation::select(place, body, &self.names)
                .map_err(|undefined| unclear(undefined.to_string()))?;
            if !found.iter().any(|(_, value)| is_assigned(value)) {
                return Ok(Some(place));
            }
        }
        Ok(None)
    }

    fn not_offered(&self, index: usize, answer: &Answer) -> Stop {
        let request = &self.record.exchanges[index].request;
        Stop::NotOffered(format!(
            "the target does not offer {} {}: {}",
            request.method, request.path, answer.status
        ))
    }

    /// Keeps the answers that asked to wait before this one came. A request that was only put off
    /// was never answered, and nothing can be said of it.
    fn put_off(&mut self, step: &Step, exchange: &mut Exchange) -> Outcome {
        let mut refused = std::mem::take(&mut exchange.refused);
        let tries = refused.len() + 1;
        let at_last = exchange.response.as_ref().map(|answer| answer.status) == Some(429);
        let put_off = at_last && !expectation::expects(step, 429);
        if put_off {
            refused.push(exchange.clone());
        }
        for mut exchange in refused {
            let index = self.record.exchanges.len();
            let judgements = always::throttle::judge(&self.case.scenario.clients, &exchange);
            if let Some(answer) = &mut exchange.response {
                answer.json = None;
            }
            self.record.exchanges.push(self.labelled(exchange));
            if self.opening.is_none() {
                self.keep(step, index, judgements);
            }
        }
        if !put_off {
            return Ok(());
        }
        Err(unclear(format!(
            "the step `{}` was put off with 429 to the last of {tries} tries: a lower --rate may help",
            step.name
        )))
    }

    /// Judges a read by what the write before it answered.
    fn confirm(&mut self, index: usize, answer: &Answer) -> Vec<Judgement> {
        let request = &self.record.exchanges[index].request;
        if request.method != "GET" || answer.status != 200 || always::is_projected(request) {
            return Vec::new();
        }
        match (self.written.remove(&request.path), &answer.json) {
            (Some(written), Some(read)) => always::stored::judge(self.version(), &written, read),
            _ => Vec::new(),
        }
    }

    /// Keeps the answer to a write for the next read; any other write may change what it said.
    fn keep_written(&mut self, index: usize, answer: &Answer) {
        let request = &self.record.exchanges[index].request;
        if matches!(request.method.as_str(), "GET" | "HEAD" | "OPTIONS") {
            return;
        }
        self.written.clear();
        let body = answer.json.as_ref().filter(|_| answer.is_success());
        let Some(body) = body.filter(|_| !always::is_projected(request)) else {
            return;
        };
        let id = body.get("id").and_then(Value::as_str).unwrap_or_default();
        let path = match (request.method.as_str(), self.version()) {
            ("POST", Version::V2) => format!("{}/{}", request.path, percent_encode(id)),
            ("PUT", _) | ("PATCH", Version::V2) => request.path.clone(),
            _ => return,
        };
        self.written.insert(path, body.clone());
    }

    /// Takes a further page of a walk: it is judged like the first, and brings nothing else. A
    /// walk may bring many pages: the bodies of the later ones are kept only where they broke a
    /// rule.
    pub(super) fn page(
        &mut self,
        step: &Arc<Step>,
        mut exchange: Exchange,
        names: &Names,
        number: u32,
    ) -> Outcome {
        self.put_off(step, &mut exchange)?;
        let index = self.record.exchanges.len();
        let mut judgements = always::judge(self.version(), &exchange);
        let Some(answer) = &mut exchange.response else {
            self.record.exchanges.push(self.labelled(exchange));
            return Err(self.unanswered(step, index));
        };
        let expected = self
            .expected(step, answer, names)
            .map_err(|undefined| unclear(undefined.to_string()))?;
        let breaks_off = expectation::breaks_off(step, answer);
        let failed = self
            .opening
            .as_ref()
            .map(|opening| failed_opening(opening, step, &expected));
        judgements.extend(expected);
        let sound = judgements
            .iter()
            .all(|judgement| judgement.breach.is_none());
        if sound && number > KEPT_PAGES {
            answer.body = format!("(page {number} of the walk, left out here)");
        }
        exchange.forget();
        self.record.exchanges.push(self.labelled(exchange));
        match failed {
            Some(outcome) => outcome?,
            None => self.keep(step, index, judgements),
        }
        if breaks_off {
            return Err(Stop::BrokenOff);
        }
        Ok(())
    }

    pub(super) fn expected(
        &self,
        step: &Step,
        answer: &Answer,
        names: &Names,
    ) -> Result<Vec<Judgement>, Undefined> {
        expectation::judge(
            step,
            answer,
            Scope {
                names,
                earlier: &self.earlier,
                manner: &self.engine.target.manner,
            },
        )
    }

    fn labelled(&self, mut exchange: Exchange) -> Exchange {
        if let Some(opening) = &self.opening {
            exchange.step = format!("{opening} / {}", exchange.step);
        }
        exchange
    }

    pub(super) fn keep(&mut self, step: &Step, exchange: usize, judgements: Vec<Judgement>) {
        let named = judgements.into_iter().map(|judgement| Judgement {
            step: step.name.clone(),
            exchange,
            ..judgement
        });
        self.record.judgements.extend(named);
    }

    fn unanswered(&self, step: &Step, index: usize) -> Stop {
        let failure = self
            .record
            .exchanges
            .get(index)
            .and_then(|exchange| exchange.failure.as_ref());
        unclear(format!(
            "the step `{}` got no answer: {}",
            step.name,
            failure
                .map(|failure| failure.message.as_str())
                .unwrap_or_default()
        ))
    }

    fn remember(&mut self, step: &Step, index: usize, answer: &Answer) {
        self.keep_written(index, answer);
        let Some(exchange) = self.record.exchanges.get(index) else {
            return;
        };
        let path = exchange.request.path.trim_matches('/').to_owned();
        if exchange.request.method == "POST"
            && answer.is_success()
            && let Some(id) = answer.json.as_ref().and_then(|body| body.get("id"))
        {
            let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
            self.created.push((path, id));
        }
        if let Some(body) = &answer.json {
            self.earlier.insert(step.name.clone(), body.clone());
        }
        if step.snapshot && self.opening.is_none() {
            let shot = Shot::new(
                &step.name,
                exchange,
                answer,
                &self.names,
                &self.created,
                self.engine.target.base(self.version()).unwrap_or_default(),
            );
            self.shots.push(shot);
        }
    }

    fn capture(&mut self, step: &Step, answer: &Answer) -> Outcome {
        for capture in &step.capture {
            let value = match &capture.from {
                CaptureFrom::Header(name) => answer.header(name).map(Value::from),
                CaptureFrom::Body(selector) => {
                    let body = answer.json.as_ref().unwrap_or(&Value::Null);
                    let found = expectation::select(selector, body, &self.names)
                        .map_err(|undefined| unclear(undefined.to_string()))?;
                    found.into_iter().next().map(|(_, value)| value.clone())
                }
            };
            match value {
                Some(value) => drop(self.names.insert(capture.name.clone(), value)),
                None => {
                    return Err(unclear(format!(
                        "the answer to `{}` brings no {}, which the conversation needs to go on",
                        step.name,
                        place(&capture.from)
                    )));
                }
            }
        }
        Ok(())
    }
}

fn place(from: &CaptureFrom) -> String {
    match from {
        CaptureFrom::Header(name) => format!("header {name}"),
        CaptureFrom::Body(selector) => format!("`{selector}`"),
    }
}

/// A breach in an opening says nothing of the scenario's rules: the case cannot be judged.
fn failed_opening(opening: &str, step: &Step, judgements: &[Judgement]) -> Outcome {
    let breach = judgements
        .iter()
        .find_map(|judgement| Some((judgement.breach.as_ref()?, &judgement.rule)));
    match breach {
        Some((breach, rule)) => Err(unclear(format!(
            "the opening `{opening}` failed at `{}`: {} (expected {}, {rule})",
            step.name, breach.message, breach.expected
        ))),
        None => Ok(()),
    }
}

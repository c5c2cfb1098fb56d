//! Takes answers into a conversation: judges them, captures from them, remembers them.

use std::sync::Arc;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::{Conversation, Outcome, asking::given_to_another, unclear};
use crate::{
    check::{
        Judgement, always, condition, cut_short,
        expectation::{self, Scope},
        is_assigned, refusal,
    },
    client::MOST_RETRIES,
    exchange::{Answer, Exchange},
    run::{guard::id_in_location, kept},
    scenario::{CaptureFrom, Selector, Step, Times},
    snapshot::Shot,
    source::Location,
    template::{Names, Place, Undefined, fill, fill_value},
    verdict::Stop,
};

/// Of how many pages of a walk the bodies are kept, whatever they hold.
const KEPT_PAGES: u32 = 10;

impl Conversation<'_> {
    /// Takes an answer into the conversation: judges it, captures from it, remembers it.
    pub(super) async fn take(
        &mut self,
        step: &Arc<Step>,
        mut exchange: Exchange,
        names: &Names,
    ) -> Outcome {
        self.put_off(step, &mut exchange)?;
        let index = self.record.exchanges.len();
        if self.is_about_another(&exchange) {
            self.record.exchanges.push(self.labelled(exchange));
            return Err(given_to_another());
        }
        let (always, followed) = self.always(step, &exchange).await;
        self.record.exchanges.push(self.labelled(exchange));
        self.keep(step, index, followed);
        let Some(answer) = self
            .record
            .exchanges
            .get(index)
            .and_then(|exchange| exchange.response.clone())
        else {
            let is_cut = self
                .record
                .exchanges
                .get(index)
                .is_some_and(Exchange::is_cut);
            return match step.may_be_cut && is_cut {
                true => Ok(()),
                false => Err(self.unanswered(step, index)),
            };
        };
        if step.not_offered.has(answer.status) {
            self.keep(step, index, always);
            return Err(self.not_offered(index, &answer));
        }
        let missing = self.missing(step, &answer, names)?;
        let path = self.record.exchanges[index].request.path.clone();
        let expected = match missing {
            None => self.expected(step, &path, &answer, names),
            Some(_) => Ok(expectation::judge_status(step, &answer, self.version())),
        };
        let expected = expected.map_err(|undefined| unclear(undefined.to_string()))?;
        let ends = expectation::ends(step, &expected);
        if let Some(why) = self.lawful(step, index, &answer, &expected).await {
            if self.opening.is_none() {
                self.keep(step, index, always);
            }
            return Err(Stop::NotOffered(why));
        }
        if let Some(why) = self.barred(step, index, &answer) {
            if self.opening.is_none() {
                self.keep(step, index, always);
            }
            return Err(unclear(why));
        }
        if let Some(opening) = &self.opening {
            failed_opening(opening, step, &expected)?;
        } else {
            self.keep(step, index, always);
            self.keep(step, index, expected);
        }
        self.remember(step, index, &answer);
        kept::after_judgement(&mut self.record, index, self.engine.client.mask());
        if ends || expectation::breaks_off(step, &answer) {
            return Err(Stop::BrokenOff);
        }
        if let Some(place) = missing {
            let place = fill(&place.to_string(), names, Place::Plain)
                .map_err(|undefined| unclear(undefined.to_string()))?;
            let lack = match &step.sought {
                Some(what) => format!("does not show {what}"),
                None => format!("has no `{place}`"),
            };
            return Err(Stop::NotOffered(format!(
                "the target does not offer it: the answer to `{}` {lack}",
                step.name
            )));
        }
        self.keeps(step, &answer, names)?;
        self.capture(step, &answer)
    }

    /// Why an answer that is not what was expected is right all the same, going by what the target
    /// publishes and the size of its pages: the RFCs leave both to it. What a client sends and needs it
    /// sends and needs whatever they are.
    async fn lawful(
        &self,
        step: &Step,
        index: usize,
        answer: &Answer,
        expected: &[Judgement],
    ) -> Option<String> {
        let clients = &self.case.scenario.clients;
        if clients.iter().any(|client| client != "rfc") {
            return None;
        }
        let exchange = self.record.exchanges.get(index)?;
        if step.page_step.is_none() && expectation::misses_resources(step, expected) {
            return cut_short::explained(exchange);
        }
        let is_broken = expected.iter().any(|judgement| judgement.breach.is_some());
        let misses = expectation::misses_success(step, answer);
        if let Some(why) = cut_short::refused(exchange).filter(|_| misses) {
            return Some(why);
        }
        let is_refused = misses || is_broken && refusal::is_of_mutability(answer);
        if !is_refused {
            return None;
        }
        let schemas = self.engine.schemas(self.version(), true).await;
        refusal::explained(&schemas, exchange)
    }

    /// Why a creation that was expected to succeed was refused whatever it says.
    fn barred(&self, step: &Step, index: usize, answer: &Answer) -> Option<String> {
        let exchange = self.record.exchanges.get(index)?;
        refusal::barred(exchange).filter(|_| expectation::misses_success(step, answer))
    }

    /// The first place without which in the answer the target does not offer what the case is about.
    fn missing<'s>(
        &self,
        step: &'s Step,
        answer: &Answer,
        names: &Names,
    ) -> Result<Option<&'s Selector>, Stop> {
        for place in &step.only_with {
            let body = answer.json.as_ref().unwrap_or(&Value::Null);
            let found = expectation::select(place, body, names)
                .map_err(|undefined| unclear(undefined.to_string()))?;
            if !found.iter().any(|(_, value)| is_assigned(value)) {
                return Ok(Some(place));
            }
        }
        Ok(None)
    }

    /// What the always-on checks say of an exchange by itself, and with what went before it. The
    /// latter counts in an opening, too: what a provider loses there, no case would look for.
    async fn always(
        &mut self,
        step: &Step,
        exchange: &Exchange,
    ) -> (Vec<Judgement>, Vec<Judgement>) {
        let needed = always::needs_schemas(exchange);
        let schemas = self.engine.schemas(self.version(), needed).await;
        let at_once = step.parallel.is_some() || matches!(step.times, Times::Repeat(_));
        let by_itself = always::judge(&schemas, exchange, self.tags());
        let mut followed = self.history.follow(&schemas, exchange, at_once);
        followed.extend(self.has_its_own_id(exchange));
        (by_itself, followed)
    }

    fn not_offered(&self, index: usize, answer: &Answer) -> Stop {
        let request = &self.record.exchanges[index].request;
        let what = match answer.status {
            403..=405 | 501 => "does not offer",
            _ => "refuses",
        };
        Stop::NotOffered(format!(
            "the target {what} {} {}: {}",
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
            exchange.forget();
            self.record.exchanges.push(self.labelled(exchange));
            if self.opening.is_none() {
                self.keep(step, index, judgements);
            }
        }
        if !put_off {
            return Ok(());
        }
        let why = match tries > MOST_RETRIES {
            true => "",
            false => "it asks for a longer wait than the harness grants; ",
        };
        Err(unclear(format!(
            "the step `{}` was put off with 429 to the last of {tries} tries: {why}a lower --rate may help",
            step.name
        )))
    }

    /// Ends the case where the target does not keep what it relies on.
    fn keeps(&self, step: &Step, answer: &Answer, names: &Names) -> Outcome {
        let told = |undefined: Undefined| unclear(undefined.to_string());
        let body = answer.json.as_ref().filter(|_| answer.is_success());
        for (place, value) in &step.kept {
            let wanted = fill_value(value, names).map_err(told)?;
            let found = expectation::select(place, body.unwrap_or(&Value::Null), names);
            let mut found = found.map_err(told)?.into_iter();
            if !found.any(|(_, value)| condition::holds(value, &wanted)) {
                let place = fill(&place.to_string(), names, Place::Plain).map_err(told)?;
                return Err(Stop::NotOffered(format!(
                    "the target does not keep {wanted} at `{place}`"
                )));
            }
        }
        Ok(())
    }

    /// Takes a further page of a walk: it is judged like the first, and brings nothing else. A
    /// walk may bring many pages: the bodies of the later ones are kept only where they broke a
    /// rule.
    pub(super) async fn page(
        &mut self,
        step: &Arc<Step>,
        mut exchange: Exchange,
        names: &Names,
        number: u32,
    ) -> Outcome {
        self.put_off(step, &mut exchange)?;
        let index = self.record.exchanges.len();
        let (mut judgements, followed) = self.always(step, &exchange).await;
        let Some(answer) = &mut exchange.response else {
            self.record.exchanges.push(self.labelled(exchange));
            return Err(self.unanswered(step, index));
        };
        let expected = self
            .expected(step, &exchange.request.path, answer, names)
            .map_err(|undefined| unclear(undefined.to_string()))?;
        let breaks_off = expectation::breaks_off(step, answer);
        let failed = self
            .opening
            .as_ref()
            .map(|opening| failed_opening(opening, step, &expected));
        judgements.extend(expected);
        let mut all = judgements.iter().chain(&followed);
        let sound = all.all(|judgement| judgement.breach.is_none());
        if sound && number > KEPT_PAGES {
            answer.body = format!("(page {number} of the walk, left out here)");
        }
        exchange.forget();
        self.record.exchanges.push(self.labelled(exchange));
        self.keep(step, index, followed);
        match failed {
            Some(outcome) => outcome?,
            None => self.keep(step, index, judgements),
        }
        if breaks_off {
            return Err(Stop::BrokenOff);
        }
        Ok(())
    }

    /// What the step expects of the answer to a request at a path.
    pub(super) fn expected(
        &self,
        step: &Step,
        path: &str,
        answer: &Answer,
        names: &Names,
    ) -> Result<Vec<Judgement>, Undefined> {
        let schemas = self.engine.known_schemas(self.version());
        expectation::judge(
            step,
            answer,
            Scope {
                names,
                earlier: &self.earlier,
                manner: &self.engine.target.manner,
                own: schemas.model.at(path),
                version: self.version(),
            },
        )
    }

    fn labelled(&self, mut exchange: Exchange) -> Exchange {
        exchange.step = self.label(&exchange.step);
        exchange
    }

    /// A step by its name, and by the opening that it is of.
    fn label(&self, step: &str) -> String {
        match &self.opening {
            Some(opening) => format!("{opening} / {step}"),
            None => self.step_name(step),
        }
    }

    pub(super) fn keep(&mut self, step: &Step, exchange: usize, judgements: Vec<Judgement>) {
        for mut judgement in judgements {
            if judgement.breach.is_some() {
                judgement.step = self.label(&step.name);
                judgement.exchange = exchange;
                judgement.asked = Some(Location {
                    file: Arc::clone(&step.file),
                    span: step.span.clone(),
                });
            }
            self.record.judge(judgement);
        }
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
        self.statuses.insert(step.name.clone(), answer.status);
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
        if let Some(body) = answer.json.as_ref().filter(|_| answer.turn.is_none()) {
            self.earlier.insert(step.name.clone(), body.clone());
        }
        if step.snapshot && self.opening.is_none() && self.engine.settings.snapshots.is_on() {
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
                    let found = found.into_iter().next().map(|(_, value)| value.clone());
                    found.or_else(|| located(selector, answer))
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

/// The id of what was created, where the answer tells it in Location alone.
fn located(selector: &Selector, answer: &Answer) -> Option<Value> {
    let is_id = matches!(selector, Selector::Pointer(place) if place == "/id");
    let id = id_in_location(answer).filter(|_| is_id)?;
    Some(Value::from(percent_decode_str(id).decode_utf8_lossy()))
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
            "the opening `{opening}` failed at `{}`: expected {}, came {} ({rule})",
            step.name, breach.expected, breach.actual
        ))),
        None => Ok(()),
    }
}

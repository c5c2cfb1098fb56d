//! What is known of the resources of a conversation, so that an answer is judged with those before it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    check::{
        Judgement,
        always::{self, Endpoint, change::Change},
        schema::Schemas,
    },
    exchange::{Answer, Exchange, SentRequest, Tenant},
    scenario::Version,
    template::percent_encode,
};

/// The resources of a conversation by their paths.
#[derive(Debug, Default)]
pub(super) struct History {
    /// Answers to writes that the next read has to confirm.
    written: BTreeMap<String, Value>,
    /// Whole representations, as the last answer showed them.
    whole: BTreeMap<String, Value>,
    /// Whole representations, as a read by id showed them.
    read: BTreeMap<String, Value>,
    /// Writes of which the next read shows what they did, with the resource before.
    open: BTreeMap<String, (SentRequest, Option<Value>)>,
}

impl History {
    /// Takes an exchange in and judges it with those before it. Of requests that are under way at
    /// once it is not known which came last, so that nothing is remembered.
    pub(super) fn follow(
        &mut self,
        schemas: &Schemas,
        exchange: &Exchange,
        at_once: bool,
    ) -> Vec<Judgement> {
        let Some(answer) = &exchange.response else {
            return Vec::new();
        };
        // At the same path another tenant may have another resource.
        if exchange.request.tenant == Tenant::Other {
            *self = Self::default();
            return Vec::new();
        }
        match (
            exchange.request.method.as_str(),
            Endpoint::of(&exchange.request),
        ) {
            ("GET", Endpoint::Resource(_)) => self.read(schemas, &exchange.request, answer),
            ("GET", Endpoint::Collection) | ("POST", Endpoint::Search) if !at_once => {
                self.listed(schemas, &exchange.request, answer)
            }
            ("GET" | "HEAD" | "OPTIONS", _) | ("POST", Endpoint::Search) => Vec::new(),
            _ if at_once => {
                *self = Self::default();
                Vec::new()
            }
            _ => self.write(schemas, &exchange.request, answer),
        }
    }

    fn read(
        &mut self,
        schemas: &Schemas,
        request: &SentRequest,
        answer: &Answer,
    ) -> Vec<Judgement> {
        let Some(body) = whole(request, answer) else {
            return Vec::new();
        };
        let path = path_of(request);
        let mut judgements = Vec::new();
        if let Some((write, before)) = self.open.remove(path) {
            if let Some(written) = self.written.remove(path) {
                let method = &write.method;
                let judged = always::stored::judge(schemas, method, path, &written, body);
                judgements.extend(judged);
                if let Some(sent) = write.json().filter(|_| write.method == "POST") {
                    let judged =
                        always::stored::judge_left_out(schemas, path, &sent, &written, body);
                    judgements.extend(judged);
                }
            }
            let change = Change {
                request: &write,
                before: before.as_ref(),
                after: body,
            };
            judgements.extend(always::change::judge(schemas, change));
        }
        self.whole.insert(path.to_owned(), body.clone());
        self.read.insert(path.to_owned(), body.clone());
        judgements
    }

    /// What is listed is what a read of it shows. In SCIM 1.1 a list need not show all of it.
    fn listed(&self, schemas: &Schemas, request: &SentRequest, answer: &Answer) -> Vec<Judgement> {
        let Some(body) = whole(request, answer).filter(|_| schemas.model.version == Version::V2)
        else {
            return Vec::new();
        };
        let collection = path_of(request).trim_end_matches("/.search");
        let entries = body.get("Resources").and_then(Value::as_array);
        let known = entries.into_iter().flatten().filter_map(|entry| {
            let path = format!(
                "{collection}/{}",
                percent_encode(entry.get("id")?.as_str()?)
            );
            let read = self.read.get(&path)?;
            Some(always::stored::judge_listed(schemas, &path, read, entry))
        });
        known.flatten().collect()
    }

    /// Any write may change what was known of other resources.
    fn write(
        &mut self,
        schemas: &Schemas,
        request: &SentRequest,
        answer: &Answer,
    ) -> Vec<Judgement> {
        let after = whole(request, answer);
        let path = match (request.method.as_str(), Endpoint::of(request)) {
            ("POST", Endpoint::Collection) => after
                .and_then(|body| body.get("id")?.as_str())
                .map(|id| format!("{}/{}", path_of(request), percent_encode(id))),
            ("PUT" | "PATCH", Endpoint::Resource(_)) => Some(path_of(request).to_owned()),
            _ => None,
        };
        self.written.clear();
        self.open.clear();
        if answer.is_success() {
            self.read.clear();
        }
        let before = path.as_ref().and_then(|path| self.whole.get(path).cloned());
        if answer.is_success() {
            self.whole.clear();
        }
        let Some(path) = path else {
            return Vec::new();
        };
        let mut judgements = Vec::new();
        if let Some(after) = after {
            let change = Change {
                request,
                before: before.as_ref(),
                after,
            };
            judgements = always::change::judge(schemas, change);
            let shown = always::change::remembered(schemas, &path, before.as_ref(), after);
            self.whole.insert(path.clone(), shown);
            self.written.insert(path.clone(), after.clone());
        }
        self.open.insert(path, (request.clone(), before));
        judgements
    }
}

fn path_of(request: &SentRequest) -> &str {
    request.path.trim_end_matches('/')
}

/// The whole resource that an answer shows. A large answer is not held longer than its turn lasts.
fn whole<'a>(request: &SentRequest, answer: &'a Answer) -> Option<&'a Value> {
    let body = answer.json.as_ref().filter(|body| body.is_object());
    let body = body.filter(|_| answer.turn.is_none());
    body.filter(|_| answer.is_success() && !always::is_projected(request))
}

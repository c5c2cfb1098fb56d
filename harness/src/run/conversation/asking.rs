//! Sends the requests of a conversation: what it may create is written down first, and what this
//! run did not create is not changed.

use std::{ops::RangeInclusive, sync::Arc, time::Duration};

use futures_util::{StreamExt, stream};
use serde_json::Value;

use super::{Conversation, numbered, prepare, unclear};
use crate::{
    check::{
        always::{Endpoint, is_projected},
        mark::is_marked,
    },
    client::Outgoing,
    exchange::{Exchange, FailureKind, Tenant},
    model::complete,
    run::{
        Stopping,
        guard::{Write, ids_of_creations, is_removal, overrides, status_of_creations, writes},
        naming::misleading,
        resource::{LONGEST_ID, path_of},
        settling::is_read,
    },
    scenario::{Step, Version},
    target::Deactivation,
    template::Names,
    verdict::Stop,
};

/// What follows cannot be told from what becomes of the other resource.
pub(super) fn given_to_another() -> Stop {
    Stop::NotOffered(
        "the target gives the id of what was deleted to something new at once, so that the rest of \
         the case would be about that"
            .to_owned(),
    )
}

/// How many requests of a repeated step are under way at once.
const SIDE_BY_SIDE: usize = 8;
/// As what a creation counts whose body the target would not read: refused, and looked for once.
const CUT: u16 = 413;
/// How long a request that is under way may go on after an interruption, so that it is known what
/// it created.
const GRACE: Duration = Duration::from_secs(5);

impl Conversation<'_> {
    pub(super) async fn ask_all(
        &self,
        step: &Arc<Step>,
        numbers: RangeInclusive<u32>,
        names: &Names,
    ) -> Vec<Result<Exchange, Stop>> {
        let asked = stream::iter(numbers).map(|n| {
            let names = numbered(names, n);
            async move {
                let mut asked = self.ask(step, &names).await;
                // The answer waits for its siblings, which may be waiting for its turn.
                if let Ok(Exchange {
                    response: Some(answer),
                    ..
                }) = &mut asked
                {
                    answer.turn = None;
                }
                asked
            }
        });
        asked.buffered(SIDE_BY_SIDE).collect().await
    }

    pub(super) async fn ask(&self, step: &Arc<Step>, names: &Names) -> Result<Exchange, Stop> {
        let outgoing = prepare::outgoing(self, step, names)?;
        self.send(self.completed(outgoing).await).await
    }

    /// What is created has what the target's schemas demand, as the administrator of an identity
    /// provider would map it.
    async fn completed(&self, outgoing: Outgoing) -> Outgoing {
        if outgoing.raw.is_some() || self.case.scenario.for_each.is_some() {
            return outgoing;
        }
        let body = outgoing.body.as_deref();
        let Some(mut body) = body.and_then(|body| serde_json::from_str::<Value>(body).ok()) else {
            return outgoing;
        };
        let resources = written(&outgoing.method, &outgoing.path, &mut body);
        if resources.is_empty() {
            return outgoing;
        }
        let schemas = self.engine.schemas(self.version(), true).await;
        let mut lacked = false;
        for (path, resource) in resources {
            if let Some(own) = schemas.model.at(&path) {
                lacked |= complete(own, resource, &self.engine.target.user_domain);
            }
        }
        match lacked {
            true => Outgoing {
                body: Some(body.to_string()),
                ..outgoing
            },
            false => outgoing,
        }
    }

    /// Sends a request, writing down first what it may create, and refusing what is not ours.
    pub(super) async fn send(&self, outgoing: Outgoing) -> Result<Exchange, Stop> {
        let interrupted = || unclear("the run was interrupted");
        if self.engine.is_interrupted() {
            return Err(interrupted());
        }
        let created = self.guard(&outgoing).await?;
        let (may_be_cut, reads) = (outgoing.may_be_cut, is_read(&outgoing));
        let too_late = async {
            self.engine.stopping(Stopping::Soon).await;
            tokio::time::sleep(GRACE).await;
        };
        let exchange = async {
            if reads {
                self.settling.settled().await;
            }
            self.engine.client.send(outgoing).await
        };
        let exchange = tokio::select! {
            exchange = exchange => exchange,
            () = too_late => return Err(interrupted()),
            () = self.engine.stopping(Stopping::Now) => return Err(interrupted()),
        };
        if !reads {
            self.settling.change();
        }
        self.account(&created, &exchange);
        if may_be_cut && exchange.is_cut() {
            let refused = |number: &usize| self.engine.ledger.answered(*number, CUT);
            created.iter().for_each(refused);
        }
        Ok(exchange)
    }

    /// Before a write: only what this run created is changed, and a creation is in the ledger.
    /// Returns the numbers of the creations.
    async fn guard(&self, outgoing: &Outgoing) -> Result<Vec<usize>, Stop> {
        let ledger = &self.engine.ledger;
        let mut created = Vec::new();
        let writes = writes(outgoing, ledger.tag());
        if let Some(why) = misleading(outgoing, !writes.is_empty()) {
            let (method, path) = (&outgoing.method, &outgoing.path);
            return Err(unclear(format!("{method} {path} was not sent: {why}")));
        }
        if !writes.is_empty() {
            self.allow_named(outgoing).await?;
        }
        for write in writes {
            match write {
                Write::Change { path, key } => {
                    self.allow(&outgoing.method, &path, outgoing.tenant).await?;
                    if self.may_remove(outgoing) {
                        for tenant in [Tenant::Own, outgoing.tenant] {
                            ledger.doubt((self.version(), tenant), &path);
                        }
                    }
                    // Nobody has this id there, but a target may create what was to be replaced.
                    if let (Some(_), Some((collection, _))) = (&key, path.rsplit_once('/'))
                        && self.is_nobody(&path, outgoing.tenant)
                    {
                        created.push(self.note(collection, key, outgoing.tenant)?);
                    }
                }
                Write::Create { collection, key } => {
                    self.allow_collection(&collection).await?;
                    created.push(self.note(&collection, key, outgoing.tenant)?)
                }
            }
        }
        Ok(created)
    }

    /// Whether a change may free the id of what it changes, so that somebody else may get it.
    fn may_remove(&self, outgoing: &Outgoing) -> bool {
        let removed = self.engine.target.deactivation == Deactivation::Removed;
        let replaces = matches!(outgoing.method.as_str(), "PUT" | "PATCH");
        removed || !replaces || overrides(outgoing)
    }

    /// Writes a creation down, and gives its number.
    fn note(
        &self,
        collection: &str,
        key: Option<(String, String)>,
        tenant: Tenant,
    ) -> Result<usize, Stop> {
        let (ledger, case) = (&self.engine.ledger, &self.case.name);
        let number = ledger.create(case, (self.version(), tenant), collection, key);
        number.map_err(|error| {
            unclear(format!(
                "the ledger of creations cannot be written: {error}"
            ))
        })
    }

    /// After an answer: the ledger learns where a creation is, or that there is none, and what a
    /// read shows of it. An answer without our mark is not believed.
    fn account(&self, created: &[usize], exchange: &Exchange) {
        let Some(answer) = &exchange.response else {
            // Without a connection the request was never sent.
            if exchange.failure.as_ref().map(|failure| failure.kind)
                == Some(FailureKind::Unreachable)
            {
                created
                    .iter()
                    .for_each(|number| self.engine.ledger.removed(*number));
            }
            return;
        };
        let (ledger, path) = (
            &self.engine.ledger,
            exchange.request.path.trim_end_matches('/'),
        );
        let whose = (self.version(), exchange.request.tenant);
        let status = status_of_creations(path, answer);
        let answered = |number: &usize| ledger.answered(*number, status);
        created.iter().for_each(answered);
        for (number, id) in created.iter().zip(ids_of_creations(path, answer)) {
            let is_sound =
                |id: &String| id.len() <= LONGEST_ID && !self.engine.client.mask().finds(id);
            if let Some(id) = id.filter(is_sound) {
                ledger.identified(*number, &id);
            }
        }
        match (exchange.request.method.as_str(), created, &answer.json) {
            ("POST", [number], Some(body)) if answer.is_success() => {
                match path_of(path, body) {
                    Some(path) if !is_marked(body, ledger.tag()) => {
                        ledger.estranged(*number, &path);
                    }
                    // A secret that comes back as an id is not written to disk.
                    Some(path) if self.engine.client.mask().finds(&path) => {
                        ledger.located(*number, &path);
                    }
                    Some(path) => ledger.created(*number, &path),
                    None => {}
                }
            }
            _ if answer.is_success() && is_removal(&exchange.request) => {
                ledger.deleted(whose, path);
            }
            ("GET", _, _) if matches!(answer.status, 404 | 410) && exchange.request.authorised => {
                ledger.missed(whose, path);
            }
            ("GET", _, Some(body)) if answer.status == 200 => {
                self.see(whose, path, body, is_projected(&exchange.request));
            }
            _ => {}
        }
    }

    /// What a read shows of the creations of this run; a part of a resource may lack the mark.
    fn see(&self, whose: (Version, Tenant), path: &str, body: &Value, partial: bool) {
        let ledger = &self.engine.ledger;
        match body.get("Resources").and_then(Value::as_array) {
            None => {
                let marked = is_marked(body, ledger.tag());
                if marked || !partial {
                    ledger.seen(whose, path, marked);
                }
            }
            Some(resources) => {
                let marked = resources
                    .iter()
                    .filter(|resource| is_marked(resource, ledger.tag()));
                for path in marked.filter_map(|resource| path_of(path, resource)) {
                    ledger.seen(whose, &path, true);
                }
            }
        }
    }
}

/// The whole resources that a body writes, each with the path that tells its type: itself, or the data
/// of the operations of a bulk job.
fn written<'v>(method: &str, path: &str, body: &'v mut Value) -> Vec<(String, &'v mut Value)> {
    let is_whole = |method: &str, path: &str| match Endpoint::of_path(path) {
        Endpoint::Collection => method == "POST",
        Endpoint::Resource(_) => method == "PUT",
        _ => false,
    };
    if path != "/Bulk" {
        return match is_whole(method, path) {
            true => vec![(path.to_owned(), body)],
            false => Vec::new(),
        };
    }
    let operations = body.get_mut("Operations").and_then(Value::as_array_mut);
    let data = operations.into_iter().flatten().filter_map(|operation| {
        let text = |name: &str| operation.get(name).and_then(Value::as_str);
        let (method, path) = (text("method")?, text("path")?.to_owned());
        match is_whole(method, &path) {
            true => Some((path, operation.get_mut("data")?)),
            false => None,
        }
    });
    data.collect()
}

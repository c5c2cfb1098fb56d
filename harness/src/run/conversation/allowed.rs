//! What a write may change, name and create on a live target.

use super::{Conversation, asking::given_to_another, unclear};
use crate::{
    check::always::Endpoint,
    client::Outgoing,
    exchange::Tenant,
    run::{
        cleanup::{Look, look},
        named::named,
        names::case_tag_of,
    },
    verdict::Stop,
};

impl Conversation<'_> {
    /// Whether what is at a path may be changed. That a create answered with an id is not enough:
    /// before the first change, what is there has to show the tag of this run.
    ///
    /// Another tenant may have somebody else at the path of what is ours: its write is sent only
    /// where it sees ours there, or nothing.
    pub(super) async fn allow(&self, method: &str, path: &str, tenant: Tenant) -> Result<(), Stop> {
        let refused = |why: &str| unclear(format!("{method} {path} was not sent: {why}"));
        if matches!(Endpoint::of_path(path), Endpoint::Resource(id) if self.is_unknown(&id)) {
            return Ok(());
        }
        let ledger = &self.engine.ledger;
        let whose = (self.version(), tenant);
        if ledger.has_lost_an_id(&self.case.name) {
            return Err(given_to_another());
        }
        let entry = ledger.entry_at(whose, path);
        let Some(entry) = entry.or_else(|| ledger.entry_at((whose.0, Tenant::Own), path)) else {
            return Err(refused("this run did not create it"));
        };
        if entry.case != self.case.name {
            return Err(refused("it belongs to another case or to a shared opening"));
        }
        let (strange, gone) = (entry.tenant != tenant, entry.deleted || entry.removed);
        if entry.confirmed && !strange {
            return Ok(());
        }
        let engine = &self.engine;
        // A freed id may be that of another creation of this run.
        let tag = case_tag_of(ledger.tag(), &entry.case);
        match look(
            &engine.client,
            &engine.target.of(tenant),
            self.version(),
            path,
            &tag,
        )
        .await
        {
            Look::Ours => ledger.seen(whose, path, true),
            Look::Nothing if strange || gone => {}
            Look::Nothing => return Err(refused("a read shows nothing there")),
            Look::Foreign if gone || entry.doubtful => return Err(given_to_another()),
            Look::Foreign => {
                ledger.seen(whose, path, false);
                return Err(refused(
                    "a read shows something that this run did not create",
                ));
            }
            Look::Unclear(reason) => {
                return Err(refused(&format!(
                    "whether it is ours could not be read: {reason}"
                )));
            }
        }
        Ok(())
    }

    /// Whether everybody whom a write names may be named. Who is in the ledger is ours, whatever a
    /// read would show: it would take a request for each of many members. The id of what was deleted
    /// may be somebody else's by now.
    pub(super) async fn allow_named(&self, outgoing: &Outgoing) -> Result<(), Stop> {
        let (engine, ledger) = (&self.engine, &self.engine.ledger);
        let whose = (self.version(), outgoing.tenant);
        let target = engine.target.of(outgoing.tenant);
        for named in named(outgoing) {
            let is_tagged = named.id.contains(ledger.tag());
            let in_ledger = |path: String| {
                let entry = ledger.entry_at(whose, &path);
                entry.is_some_and(|entry| !entry.deleted && !entry.removed)
            };
            if is_tagged || self.is_unknown(&named.id) || named.paths().any(in_ledger) {
                continue;
            }
            for path in named.paths() {
                let why = match look(&engine.client, &target, whose.0, &path, ledger.tag()).await {
                    Look::Ours => break,
                    Look::Nothing => continue,
                    Look::Foreign => "which this run did not create".to_owned(),
                    Look::Unclear(reason) => {
                        format!("and whose that is could not be read: {reason}")
                    }
                };
                let (method, sent) = (&outgoing.method, &outgoing.path);
                return Err(unclear(format!(
                    "{method} {sent} was not sent: it names {path}, {why}"
                )));
            }
        }
        Ok(())
    }

    /// Whether something may be created in a collection: what a POST does elsewhere is not known.
    pub(super) async fn allow_collection(&self, collection: &str) -> Result<(), Stop> {
        let named = |known: &str| {
            let (known, asked) = (known.trim_matches('/'), collection.trim_matches('/'));
            known.eq_ignore_ascii_case(asked)
        };
        if named("Users") || named("Groups") {
            return Ok(());
        }
        let schemas = self.engine.schemas(self.version(), true).await;
        let mut types = schemas.model.types.iter();
        match types.any(|own| named(&own.endpoint)) {
            true => Ok(()),
            false => Err(unclear(format!(
                "POST {collection} was not sent: the target names no type of resources there"
            ))),
        }
    }

    /// Whether a tenant has nothing at a path that it may change: the id is one that nobody has, or
    /// what is there is of another tenant.
    pub(super) fn is_nobody(&self, path: &str, tenant: Tenant) -> bool {
        let id = path.rsplit('/').next().unwrap_or_default();
        let whose = (self.version(), tenant);
        let is_strange = || self.engine.ledger.entry_at(whose, path).is_none();
        self.is_unknown(id) || tenant == Tenant::Other && is_strange()
    }

    fn is_unknown(&self, id: &str) -> bool {
        self.unknown_id.as_deref() == Some(id)
    }
}

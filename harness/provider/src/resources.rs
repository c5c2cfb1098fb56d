//! Single resources: create, read, replace, patch and delete (RFC 7644 sections 3.3 to 3.6).

use std::sync::MutexGuard;
use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;
use uuid::Uuid;

use crate::config::{Config, Version};
use crate::error::{Error, Result};
use crate::exchange::{Call, Outcome, member};
use crate::intake::{Intake, check_required};
use crate::patch::{Patcher, faults::reorder, operations, v1};
use crate::provider::Provider;
use crate::query::projection;
use crate::schema::{Kind, urn};
use crate::store::{Data, Resource, Store};
use crate::switch::Switch;
use crate::view::View;
use crate::{characteristics, crud_faults, faults, group_faults, links, race_faults, variants};

impl Provider {
    pub(crate) fn create(&self, kind: Kind, call: &Call<'_>) -> Result<Outcome> {
        let config = self.config();
        let body = call.object()?;
        let mut data = self.received(kind, &body)?;
        crud_faults::lose_display(config, &mut data);
        let mut store = self.store();
        if !config.has(Switch::DuplicateCreateAccepted) {
            check_unique(config, &store, &data, "")?;
            let resource_type = self.dialect().resource_type(kind);
            characteristics::check_unique(config, resource_type, &store, (kind, ""), &data)?;
        }
        let resource_type = self.dialect().resource_type(kind);
        characteristics::spoil(config, resource_type, &body, None, &mut data);
        crud_faults::group_name(config, &store, kind, &data)?;
        variants::check(config, kind, &data)?;
        if config.has(Switch::SimultaneousDuplicateCreated) {
            store = self.interrupted(store, 50);
        }
        links::settle(&store, &mut data, None, call)?;
        group_faults::created(config, kind, &mut data)?;
        let id = match member(&body, "id").and_then(Value::as_str) {
            Some(id) if config.has(Switch::ClientIdAdopted) => id.to_owned(),
            _ => {
                let given = call.bulk.id.clone();
                let freed = given.or_else(|| crud_faults::freed_id(config, &mut store, kind));
                freed.unwrap_or_else(|| variants::id(config))
            }
        };
        faults::formatted_name(config, &mut data);
        crud_faults::external_id(config, &mut data, &id);
        variants::settle(config, self.dialect().resource_type(kind), &mut data);
        store.insert(kind, id.clone(), data);
        crud_faults::adopt_meta(config, &mut store, &id, &body);
        crud_faults::adopt_groups(config, &mut store, &id, &body);
        let outcome = self.shown(&store, &id, 201, call);
        if config.has(Switch::CreateNotStored) {
            store.remove(&id);
        }
        outcome
    }

    pub(crate) fn read(&self, kind: Kind, id: &str, call: &Call<'_>) -> Result<Outcome> {
        let store = self.store();
        if let Some(outcome) = self.look_alike(&store, kind, id, call) {
            return outcome;
        }
        let resource = self.find(&store, kind, id)?;
        if resource.is_inactive() && self.config().has(Switch::InactiveUsersUnreadable) {
            return Err(self.missing(kind, id));
        }
        let version = self.view(&store, "").version(resource);
        if call
            .if_none_match
            .is_some_and(|tags| names_version(tags, &version))
            && !self.config().has(Switch::IfNoneMatchIgnored)
        {
            return Ok(Outcome {
                etag: Some(version),
                ..Outcome::empty(304)
            });
        }
        self.shown(&store, id, 200, call)
    }

    pub(crate) fn replace(&self, kind: Kind, id: &str, call: &Call<'_>) -> Result<Outcome> {
        let config = self.config();
        let body = call.object()?;
        let mut store = self.store();
        if config.has(Switch::PutCreates) && store.get(id).is_none() {
            store.insert(kind, id.to_owned(), self.received(kind, &body)?);
            return self.shown(&store, id, 201, call);
        }
        let old = self.find(&store, kind, id)?.clone();
        self.check_version(&store, &old, call)?;
        if kind == Kind::User && config.has(Switch::LostUserUpdates) {
            store = self.interrupted(store, 60);
        }
        faults::refuse_readonly(config, &body)?;
        let received = self.received(kind, &body);
        if received.is_err() {
            crud_faults::refused_name(config, &mut store, &old, &body);
        }
        let mut data = received?;
        // A password that is not sent is kept: the client cannot read it to send it back.
        if let (None, Some(password)) = (member(&body, "password"), old.data.get("password")) {
            data.insert("password".to_owned(), password.clone());
        }
        faults::formatted_name(config, &mut data);
        variants::settle(config, self.dialect().resource_type(kind), &mut data);
        faults::partial_put(config, &old.data, &mut data);
        group_faults::put(config, &old, &mut data);
        let resource_type = self.dialect().resource_type(kind);
        characteristics::keep_immutable(resource_type, &old.data, &mut data);
        characteristics::spoil(config, resource_type, &body, Some(&old.data), &mut data);
        crud_faults::keep_omitted(config, &old.data, &body, &mut data);
        crud_faults::keep_one_value(config, &mut data);
        self.check(&store, &old, &mut data, call)?;
        store.update(id, data.clone());
        group_faults::told(config, &mut store, &old);
        group_faults::deactivated(config, &mut store, &old);
        crud_faults::hold_time(config, &mut store, &old, call.method);
        crud_faults::adopt_meta(config, &mut store, id, &body);
        crud_faults::adopt_groups(config, &mut store, id, &body);
        let outcome = self.shown(&store, id, 200, call)?;
        faults::undo_put(config, &mut store, &old, data);
        if config.has(Switch::IdChangesOnPut) {
            let id = new_id();
            store.rename(&old.id, &id);
            return self.shown(&store, &id, 200, call);
        }
        Ok(outcome)
    }

    pub(crate) fn patch(&self, kind: Kind, id: &str, call: &Call<'_>) -> Result<Outcome> {
        let config = self.config();
        if kind == Kind::Group && config.has(Switch::GroupPatchNotAllowed) {
            return Err(Error::method_not_allowed("PATCH", "GET, PUT, DELETE"));
        }
        let body = match config.version {
            Version::V2 if config.has(Switch::PatchMessageUnchecked) => call.object()?,
            Version::V2 => call.message(urn::PATCH)?,
            Version::V1 => call.object()?,
        };
        if let Some(milliseconds) = race_faults::before_reading(config, kind, &body) {
            sleep(Duration::from_millis(milliseconds));
        }
        let mut store = self.store();
        let old = self.find(&store, kind, id)?.clone();
        self.check_version(&store, &old, call)?;
        if let Some(milliseconds) = race_faults::before_writing(config, kind, &body) {
            store = self.interrupted(store, milliseconds);
        }
        if faults::patch_read_only(config, &mut store, id, &body) {
            return self.shown(&store, id, 200, call);
        }
        group_faults::refuse_many_changes(config, kind, &body)?;
        let mut data = old.data.clone();
        let applied = self.apply_patch(kind, id, &mut data, &body);
        if applied.is_err() && faults::stays_in_part(config, &body) {
            store.update(id, data);
            return applied.map(|()| Outcome::default());
        }
        applied?;
        group_faults::patched(config, &old, &body, &mut data);
        crud_faults::cut_long_texts(config, &mut data);
        faults::formatted_name(config, &mut data);
        variants::settle(config, self.dialect().resource_type(kind), &mut data);
        self.check(&store, &old, &mut data, call)?;
        let before = self.shown(&store, id, 200, call)?;
        if data == old.data && config.has(Switch::NoOpTouchesModified) {
            store.touch(id);
        }
        store.update(id, data.clone());
        group_faults::told(config, &mut store, &old);
        group_faults::deactivated(config, &mut store, &old);
        crud_faults::hold_time(config, &mut store, &old, call.method);
        let after = self.shown(&store, id, 200, call)?;
        faults::undo_patch(config, &mut store, &old, &data, &body);
        let answers_old_state = config.has(Switch::PatchAnswersOldState)
            || kind == Kind::Group && config.has(Switch::GroupPatchAnswersOldState);
        let asks = call.params.iter().any(|(name, _)| name == "attributes");
        Ok(match config {
            _ if answers_old_state => before,
            _ if config.has(Switch::PatchAnswersNothing) && !asks => variants::without_body(after),
            _ => after,
        })
    }

    pub(crate) fn delete(&self, kind: Kind, id: &str, call: &Call<'_>) -> Result<Outcome> {
        let mut store = self.store();
        let resource = self.find(&store, kind, id)?.clone();
        self.check_version(&store, &resource, call)?;
        variants::check_deletion(self.config(), kind)?;
        group_faults::deleted(self.config(), &mut store, &resource);
        crud_faults::deleted(self.config(), &mut store, &resource);
        match () {
            () if kind == Kind::Group && self.config().has(Switch::DeletedGroupsListed) => {
                store.hide(id);
            }
            () if self.config().has(Switch::DeleteNotStored) => {}
            () if self.config().has(Switch::SoftDelete) => store.bury(id),
            () if kind == Kind::User && self.config().has(Switch::DeletedUsersSearched) => {
                store.shelve(id);
            }
            () if self.config().has(Switch::MembersDangle) => store.take_out(id),
            () => store.remove(id),
        }
        Ok(Outcome::empty(204))
    }

    pub(crate) fn view<'s>(&'s self, store: &'s Store, base: &'s str) -> View<'s> {
        View {
            store,
            dialect: self.dialect(),
            base,
            config: self.config(),
        }
    }

    /// Lets others at the store for so many milliseconds, as no provider may do between reading
    /// and writing.
    fn interrupted<'p>(
        &'p self,
        store: MutexGuard<'p, Store>,
        milliseconds: u64,
    ) -> MutexGuard<'p, Store> {
        drop(store);
        sleep(Duration::from_millis(milliseconds));
        self.store()
    }

    fn find<'s>(&self, store: &'s Store, kind: Kind, id: &str) -> Result<&'s Resource> {
        store
            .get_kind(kind, id)
            .filter(|_| !store.is_buried(id))
            .ok_or_else(|| self.missing(kind, id))
    }

    /// `ids-shared-across-types`: some resource of this kind, as if it had the id of another kind's.
    fn look_alike(
        &self,
        store: &Store,
        kind: Kind,
        id: &str,
        call: &Call<'_>,
    ) -> Option<Result<Outcome>> {
        let other = store.get(id).filter(|other| other.kind != kind)?;
        let alike = store.all(kind).next()?;
        self.config().has(Switch::IdsSharedAcrossTypes).then(|| {
            let mut outcome = self.shown(store, &alike.id, 200, call)?;
            if let Some(body) = &mut outcome.body {
                body["id"] = other.id.as_str().into();
            }
            Ok(outcome)
        })
    }

    /// The resource of a POST or PUT body; a user is active unless the body says otherwise.
    fn received(&self, kind: Kind, body: &Data) -> Result<Data> {
        let resource_type = self.dialect().resource_type(kind);
        let mut data = Intake {
            resource_type,
            config: self.config(),
        }
        .resource(body)?;
        crud_faults::drop_zero_and_false(self.config(), &mut data);
        crud_faults::cut_long_texts(self.config(), &mut data);
        if !self.config().has(Switch::RequiredNotChecked) {
            check_required(resource_type, &data)?;
        }
        if kind == Kind::User
            && !data.contains_key("active")
            && !self.config().has(Switch::ActiveNotDefaulted)
        {
            data.insert("active".to_owned(), Value::Bool(true));
        }
        Ok(data)
    }

    fn apply_patch(&self, kind: Kind, id: &str, data: &mut Data, body: &Data) -> Result<()> {
        let config = self.config();
        let intake = Intake {
            resource_type: self.dialect().resource_type(kind),
            config,
        };
        if config.version == Version::V1 {
            return v1::apply(intake, data, body);
        }
        let mut operations = operations(config, body)?;
        if config.has(Switch::FirstOperationOnly) {
            operations.truncate(1);
        }
        reorder(config, &mut operations);
        if kind == Kind::Group && operations.iter().any(|operation| operation.path.is_none()) {
            faults::refuse_pathless(config)?;
        }
        let patcher = Patcher { intake, id };
        operations
            .iter()
            .try_for_each(|operation| match patcher.apply(data, operation) {
                Err(_) if config.has(Switch::FailingOperationSkipped) => Ok(()),
                applied => applied,
            })
    }

    /// Checks changed data against the schema and the other resources.
    fn check(&self, store: &Store, old: &Resource, data: &mut Data, call: &Call<'_>) -> Result<()> {
        let config = self.config();
        let skips = |switch| call.method == "PATCH" && config.has(switch);
        if !config.has(Switch::RequiredNotChecked) && !skips(Switch::BlankUserNamePatched) {
            check_required(self.dialect().resource_type(old.kind), data)?;
        }
        if !config.has(Switch::RenameToTakenAccepted) && !skips(Switch::TakenUserNamePatched) {
            check_unique(config, store, data, &old.id)?;
        }
        let own = (old.kind, old.id.as_str());
        let resource_type = self.dialect().resource_type(old.kind);
        characteristics::check_unique(config, resource_type, store, own, data)?;
        characteristics::check_immutable(config, resource_type, &old.data, data)?;
        variants::check(config, old.kind, data)?;
        links::settle(store, data, Some(old), call)
    }

    fn check_version(&self, store: &Store, resource: &Resource, call: &Call<'_>) -> Result<()> {
        let Some(tags) = call.if_match else {
            return variants::check_unconditional(self.config());
        };
        let version = self.view(store, "").version(resource);
        if names_version(tags, &version) || self.config().has(Switch::StaleVersionAccepted) {
            return Ok(());
        }
        Err(Error::new(
            412,
            format!("the resource has changed, its version is {version}"),
        ))
    }

    fn shown(&self, store: &Store, id: &str, status: u16, call: &Call<'_>) -> Result<Outcome> {
        let resource = store.get(id).ok_or_else(|| Error::not_found("resource"))?;
        let base = self.base();
        let view = self.view(store, &base);
        let resource_type = self.dialect().resource_type(resource.kind);
        let mut projection = projection(&call.params);
        if call.method != "GET" && projection.attributes.is_empty() {
            let body = call.object().unwrap_or_default();
            projection.requested = characteristics::just_written(resource_type, &body);
        }
        let mut body = projection.apply(self.config(), resource_type, view.full(resource));
        variants::turn(self.config(), self.turn(), &mut body);
        faults::show_unknown(self.config(), resource_type, resource, &mut body);
        // SCIM 1.1 names the resource in every answer that shows it (core schema section 5.1).
        let shows_location = status == 201 || self.config().version == Version::V1;
        Ok(Outcome {
            status,
            etag: Some(view.version(resource)),
            location: shows_location.then(|| view.location(resource)),
            body: Some(Value::Object(body)),
        })
    }
}

/// An id that was never used and never will be again.
pub(crate) fn new_id() -> String {
    Uuid::new_v4().to_string()
}

/// Whether a list of entity tags names the version; tags are compared weakly.
fn names_version(tags: &str, version: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    tags.trim() == "*" || tags.split(',').any(|tag| opaque(tag) == opaque(version))
}

/// A userName belongs to one user, whatever its case (RFC 7643 section 4.1.1).
fn check_unique(config: &Config, store: &Store, data: &Data, own_id: &str) -> Result<()> {
    let Some(name) = data.get("userName").and_then(Value::as_str) else {
        return Ok(());
    };
    let by_case = config.has(Switch::UserNameUniqueByCase);
    let clashes = |user: &Resource| {
        user.id != own_id
            && (!by_case || user.text("userName") == Some(name))
            && !crud_faults::frees_name(config, user)
    };
    match store.users_named(name).any(clashes) {
        true => Err(Error::taken("userName", name)),
        false => Ok(()),
    }
}

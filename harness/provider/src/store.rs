//! The resources, in memory, in the order of their creation.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::schema::Kind;

pub(crate) type Data = Map<String, Value>;

/// A stored resource. What is derived (schemas, id, meta, a user's groups) is not in `data`.
#[derive(Clone, Debug)]
pub(crate) struct Resource {
    pub(crate) id: String,
    pub(crate) kind: Kind,
    /// Canonical names and types; the attributes of an extension under its URN.
    pub(crate) data: Data,
    pub(crate) created: Timestamp,
    pub(crate) modified: Timestamp,
    pub(crate) revision: u64,
}

impl Resource {
    /// The text of a top-level attribute.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.data.get(name).and_then(Value::as_str)
    }

    /// The values of a multi-valued attribute.
    fn values(&self, name: &str) -> &[Value] {
        self.data
            .get(name)
            .and_then(Value::as_array)
            .map_or(&[], Vec::as_slice)
    }

    pub(crate) fn member_ids(&self) -> impl Iterator<Item = &str> {
        self.values("members")
            .iter()
            .filter_map(|member| member.get("value")?.as_str())
    }

    /// Whether the user was deactivated.
    pub(crate) fn is_inactive(&self) -> bool {
        self.data.get("active") == Some(&Value::Bool(false))
    }
}

/// The number of a resource in the order of creation.
type Serial = u64;

/// All resources, with indices for what is asked often.
#[derive(Debug, Default)]
pub(crate) struct Store {
    resources: BTreeMap<Serial, Resource>,
    /// The resources of each kind.
    kinds: [BTreeSet<Serial>; Kind::ALL.len()],
    ids: HashMap<String, Serial>,
    /// Users by userName in lower case; more than one only when a fault lets them in.
    names: HashMap<String, BTreeSet<Serial>>,
    /// Groups by the id of a member.
    memberships: HashMap<String, BTreeSet<Serial>>,
    /// Deleted resources that a fault leaves in lists.
    hidden: HashSet<String>,
    next: Serial,
    /// Ids of resources that are deleted and still there, a fault.
    buried: HashSet<String>,
    /// Kinds and ids of deleted resources, the last one at the end.
    freed: Vec<(Kind, String)>,
    /// Resources that are deleted and still found by some, a fault.
    shelved: Vec<Resource>,
}

impl Store {
    pub(crate) fn get(&self, id: &str) -> Option<&Resource> {
        self.resources.get(self.ids.get(id)?)
    }

    pub(crate) fn get_kind(&self, kind: Kind, id: &str) -> Option<&Resource> {
        let is_there = |resource: &&Resource| resource.kind == kind && !self.hidden.contains(id);
        self.get(id).filter(is_there)
    }

    /// The resources of a kind in the order of creation.
    pub(crate) fn all(&self, kind: Kind) -> impl Iterator<Item = &Resource> {
        self.kinds[kind as usize]
            .iter()
            .filter_map(|serial| self.resources.get(serial))
    }

    /// The users of this name in any case (RFC 7643 section 4.1.1).
    pub(crate) fn users_named(&self, name: &str) -> impl Iterator<Item = &Resource> {
        let serials = self.names.get(&name.to_lowercase());
        serials
            .into_iter()
            .flatten()
            .filter_map(|serial| self.resources.get(serial))
    }

    /// The groups that have this member.
    pub(crate) fn groups_of(&self, id: &str) -> impl Iterator<Item = &Resource> {
        let serials = self.memberships.get(id);
        serials
            .into_iter()
            .flatten()
            .filter_map(|serial| self.resources.get(serial))
    }

    /// Stores a new resource.
    pub(crate) fn insert(&mut self, kind: Kind, id: String, data: Data) -> Resource {
        let now = Timestamp::now();
        let resource = Resource {
            id,
            kind,
            data,
            created: now,
            modified: now,
            revision: 1,
        };
        let serial = self.next;
        self.next += 1;
        self.index(serial, &resource);
        self.resources.insert(serial, resource.clone());
        resource
    }

    /// Stores new data; nothing moves where nothing changed.
    pub(crate) fn update(&mut self, id: &str, data: Data) {
        let Some(&serial) = self.ids.get(id) else {
            return;
        };
        let Some(mut resource) = self.resources.remove(&serial) else {
            return;
        };
        if resource.data != data {
            self.unindex(serial, &resource);
            resource.data = data;
            resource.revision += 1;
            resource.modified = later(resource.modified);
            self.index(serial, &resource);
        }
        self.resources.insert(serial, resource);
    }

    /// Moves the time of the last change without one, a fault.
    pub(crate) fn touch(&mut self, id: &str) {
        let serial = self.ids.get(id);
        if let Some(resource) = serial.and_then(|serial| self.resources.get_mut(serial)) {
            resource.revision += 1;
            resource.modified = later(resource.modified);
        }
    }

    /// Gives a resource another time of creation, a fault. Whether there is one.
    pub(crate) fn set_created(&mut self, id: &str, created: Timestamp) -> bool {
        self.get_mut(id)
            .map(|resource| resource.created = created)
            .is_some()
    }

    /// Puts a resource back as it was, for faults that store nothing.
    pub(crate) fn restore(&mut self, old: Resource) {
        let Some(&serial) = self.ids.get(&old.id) else {
            return;
        };
        if let Some(current) = self.resources.remove(&serial) {
            self.unindex(serial, &current);
        }
        self.index(serial, &old);
        self.resources.insert(serial, old);
    }

    /// Gives a resource another id, a fault.
    pub(crate) fn rename(&mut self, id: &str, new_id: &str) {
        let Some(&serial) = self.ids.get(id) else {
            return;
        };
        let Some(mut resource) = self.resources.remove(&serial) else {
            return;
        };
        self.unindex(serial, &resource);
        new_id.clone_into(&mut resource.id);
        self.index(serial, &resource);
        self.resources.insert(serial, resource);
    }

    /// Deletes a resource and its memberships.
    pub(crate) fn remove(&mut self, id: &str) {
        self.take_out(id);
        self.forget_member(id);
    }

    /// Deletes a resource; groups keep it as a member.
    pub(crate) fn take_out(&mut self, id: &str) {
        let Some(&serial) = self.ids.get(id) else {
            return;
        };
        if let Some(resource) = self.resources.remove(&serial) {
            self.unindex(serial, &resource);
            self.freed.push((resource.kind, resource.id));
        }
    }

    /// The id of the resource of a kind that was deleted last and whose id was not given again, a
    /// fault.
    pub(crate) fn freed_id(&mut self, kind: Kind) -> Option<String> {
        let last = self.freed.iter().rposition(|(freed, _)| *freed == kind)?;
        Some(self.freed.remove(last).1)
    }

    /// Deletes a resource that some still find, a fault.
    pub(crate) fn shelve(&mut self, id: &str) {
        self.shelved.extend(self.get(id).cloned());
        self.remove(id);
    }

    pub(crate) fn shelved(&self) -> &[Resource] {
        &self.shelved
    }

    /// Marks a resource as deleted that stays in lists, a fault.
    pub(crate) fn bury(&mut self, id: &str) {
        self.buried.insert(id.to_owned());
    }

    pub(crate) fn is_buried(&self, id: &str) -> bool {
        self.buried.contains(id)
    }

    /// Gives a resource another time of its last change, a fault.
    pub(crate) fn set_modified(&mut self, id: &str, modified: Timestamp) {
        if let Some(resource) = self.get_mut(id) {
            resource.modified = modified;
        }
    }

    fn get_mut(&mut self, id: &str) -> Option<&mut Resource> {
        self.resources.get_mut(self.ids.get(id)?)
    }

    /// Makes a resource unreadable by its id, but leaves it in lists, a fault.
    pub(crate) fn hide(&mut self, id: &str) {
        self.hidden.insert(id.to_owned());
    }

    /// Takes an id out of every group.
    pub(crate) fn forget_member(&mut self, id: &str) {
        let groups: Vec<(String, Data)> = self
            .groups_of(id)
            .map(|group| (group.id.clone(), group.data.clone()))
            .collect();
        for (group, mut data) in groups {
            if let Some(Value::Array(members)) = data.get_mut("members") {
                members.retain(|member| member.get("value").and_then(Value::as_str) != Some(id));
                if members.is_empty() {
                    data.shift_remove("members");
                }
            }
            self.update(&group, data);
        }
    }

    /// Leaves a group among those of a user that is no member of it, a fault.
    pub(crate) fn keep_membership(&mut self, user: &str, group: &str) {
        if let Some(&serial) = self.ids.get(group) {
            let groups = self.memberships.entry(user.to_owned());
            groups.or_default().insert(serial);
        }
    }

    /// Takes a group out of those of its member, a fault.
    pub(crate) fn end_membership(&mut self, user: &str, group: &str) {
        if let Some(&serial) = self.ids.get(group) {
            withdraw(&mut self.memberships, user, serial);
        }
    }

    fn index(&mut self, serial: Serial, resource: &Resource) {
        self.kinds[resource.kind as usize].insert(serial);
        self.ids.insert(resource.id.clone(), serial);
        if let Some(name) = resource.text("userName") {
            self.names
                .entry(name.to_lowercase())
                .or_default()
                .insert(serial);
        }
        for member in resource.member_ids() {
            self.memberships
                .entry(member.to_owned())
                .or_default()
                .insert(serial);
        }
    }

    fn unindex(&mut self, serial: Serial, resource: &Resource) {
        self.kinds[resource.kind as usize].remove(&serial);
        self.ids.remove(&resource.id);
        if let Some(name) = resource.text("userName") {
            withdraw(&mut self.names, &name.to_lowercase(), serial);
        }
        for member in resource.member_ids() {
            withdraw(&mut self.memberships, member, serial);
        }
    }
}

fn withdraw(index: &mut HashMap<String, BTreeSet<Serial>>, key: &str, serial: Serial) {
    if let Some(serials) = index.get_mut(key) {
        serials.remove(&serial);
        if serials.is_empty() {
            index.remove(key);
        }
    }
}

/// Now, but visibly after `before` in the milliseconds that clients see.
fn later(before: Timestamp) -> Timestamp {
    let next = before
        .checked_add(Duration::from_millis(1))
        .unwrap_or(before);
    Timestamp::now().max(next)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn data(value: Value) -> Data {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn order_survives_changes() {
        let mut store = Store::default();
        for name in ["a", "b", "c"] {
            store.insert(Kind::User, name.to_owned(), data(json!({"userName": name})));
        }
        store.update("a", data(json!({"userName": "z"})));
        store.remove("b");
        let ids: Vec<&str> = store.all(Kind::User).map(|user| user.id.as_str()).collect();
        assert_eq!(ids, ["a", "c"]);
        assert_eq!(store.users_named("Z").count(), 1);
        assert_eq!(
            store.users_named("a").count() + store.users_named("b").count(),
            0
        );
    }

    #[test]
    fn nothing_moves_where_nothing_changed() {
        let mut store = Store::default();
        let user = store.insert(Kind::User, "1".to_owned(), data(json!({"userName": "a"})));
        store.update("1", user.data.clone());
        assert_eq!(
            store.get("1").map(|user| (user.revision, user.modified)),
            Some((1, user.modified))
        );
        store.update("1", data(json!({"userName": "b"})));
        assert!(
            store
                .get("1")
                .is_some_and(|changed| changed.modified > user.modified)
        );
    }

    #[test]
    fn a_deleted_user_leaves_its_groups() {
        let mut store = Store::default();
        store.insert(Kind::User, "u".to_owned(), data(json!({"userName": "a"})));
        store.insert(
            Kind::Group,
            "g".to_owned(),
            data(json!({"members": [{"value": "u"}]})),
        );
        assert_eq!(store.groups_of("u").count(), 1);
        store.remove("u");
        assert_eq!(store.groups_of("u").count(), 0);
        assert_eq!(
            store.get("g").map(|group| group.member_ids().count()),
            Some(0)
        );
    }
}

//! Faults of groups that take more than a line where the behaviour lives.

use serde_json::Value;

use crate::config::{Config, Version};
use crate::error::{Error, Result, ScimType};
use crate::exchange::member;
use crate::faults::operations;
use crate::multi;
use crate::schema::Kind;
use crate::store::{Data, Resource, Store};
use crate::switch::Switch;

const MEMBERS: &str = "members";

/// `empty-group-refused`, `created-members-dropped`, and the two that cut members.
pub(crate) fn created(config: &Config, kind: Kind, data: &mut Data) -> Result<()> {
    if kind != Kind::Group {
        return Ok(());
    }
    if config.has(Switch::EmptyGroupRefused) && !data.contains_key(MEMBERS) {
        return Err(Error::bad(
            ScimType::InvalidValue,
            "a group needs at least one member",
        ));
    }
    if config.has(Switch::CreatedMembersDropped) {
        data.shift_remove(MEMBERS);
    }
    cut(config, data);
    Ok(())
}

/// `member-changes-limited`: each value and each operation without values is a change.
pub(crate) fn refuse_many_changes(config: &Config, kind: Kind, body: &Data) -> Result<()> {
    if kind != Kind::Group || !config.has(Switch::MemberChangesLimited) {
        return Ok(());
    }
    let values = |value: Option<&Value>| value.map_or(1, |value| multi::each(value).len());
    let changes = match member(body, "Operations") {
        Some(operations) => multi::each(operations)
            .iter()
            .map(|operation| values(operation.get("value")))
            .sum(),
        None => values(member(body, MEMBERS)),
    };
    match changes {
        0..=50 => Ok(()),
        more => Err(Error::bad(
            ScimType::InvalidValue,
            format!("{more} changes are more than the 50 that are taken"),
        )),
    }
}

/// What a PATCH makes of a group in a wrong way. `data` is what it should have become.
pub(crate) fn patched(config: &Config, old: &Resource, body: &Data, data: &mut Data) {
    if old.kind != Kind::Group {
        return;
    }
    let has = |switch| config.has(switch);
    let empties = has(Switch::RenameDropsMembers) && renames(body)
        || has(Switch::FilteredRemoveEmptiesGroup) && operations(body).iter().any(removes_a_member);
    let keeps = has(Switch::MembersReplaceAdds) && replaces_members(body)
        || has(Switch::EmptyMembersReplaceIgnored)
            && replaces_members(body)
            && !data.contains_key(MEMBERS)
        || has(Switch::MemberDeletionIgnored) && deletes_a_member(body);
    if empties {
        data.shift_remove(MEMBERS);
    }
    if keeps {
        keep_members(&old.data, data);
    }
    if has(Switch::AddMembersReplaces) && config.version == Version::V1 {
        keep_sent(body, data);
    }
    cut(config, data);
}

/// `put-group-name-ignored` and `put-members-ignored`.
pub(crate) fn put(config: &Config, old: &Resource, data: &mut Data) {
    let ignored = [
        (Switch::PutGroupNameIgnored, "displayName"),
        (Switch::PutMembersIgnored, MEMBERS),
    ];
    for (_, name) in ignored.iter().filter(|(switch, _)| config.has(*switch)) {
        match old.data.get(*name) {
            _ if old.kind != Kind::Group => {}
            Some(value) => drop(data.insert((*name).to_owned(), value.clone())),
            None => drop(data.shift_remove(*name)),
        }
    }
}

/// `rename-hides-group` and `former-groups-shown`: what the users of a group that has changed are
/// told of it.
pub(crate) fn told(config: &Config, store: &mut Store, old: &Resource) {
    let Some(new) = store.get_kind(Kind::Group, &old.id).cloned() else {
        return;
    };
    let is_renamed = old.text("displayName") != new.text("displayName");
    if is_renamed && config.has(Switch::RenameHidesGroup) {
        new.member_ids()
            .for_each(|id| store.end_membership(id, &new.id));
    }
    let stays = |id: &&str| new.member_ids().any(|own| own == *id);
    let gone: Vec<&str> = old.member_ids().filter(|id| !stays(id)).collect();
    if !gone.is_empty() && config.has(Switch::FormerGroupsShown) {
        gone.iter()
            .for_each(|id| store.keep_membership(id, &new.id));
    }
}

pub(crate) fn is_op(operation: &Value, op: &str) -> bool {
    let own = operation.get("op").and_then(Value::as_str);
    own.is_some_and(|own| own.eq_ignore_ascii_case(op))
}

pub(crate) fn path(operation: &Value) -> &str {
    operation
        .get("path")
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn renames(body: &Data) -> bool {
    let named = |operation: &Value| {
        let value = operation.get("value");
        value.is_some_and(|value| value.get("displayName").is_some())
    };
    operations(body).iter().any(named)
        || body.contains_key("displayName") && !body.contains_key(MEMBERS)
}

/// Whether an operation removes the members that a filter names.
pub(crate) fn removes_a_member(operation: &Value) -> bool {
    is_op(operation, "remove") && path(operation).starts_with("members[")
}

/// SCIM 1.1 lists `members` among the attributes to remove first.
fn replaces_members(body: &Data) -> bool {
    let replaces = |operation: &Value| {
        is_op(operation, "replace") && path(operation).eq_ignore_ascii_case(MEMBERS)
    };
    let removed = body
        .get("meta")
        .and_then(|meta| meta.get("attributes"))
        .map_or(&[][..], multi::each);
    operations(body).iter().any(replaces) || removed.iter().any(|name| name == MEMBERS)
}

fn deletes_a_member(body: &Data) -> bool {
    let members = body.get(MEMBERS).map_or(&[][..], multi::each);
    members
        .iter()
        .any(|member| member.get("operation").is_some())
}

/// Puts the old members back, before those that are there.
fn keep_members(old: &Data, data: &mut Data) {
    let new = data.get(MEMBERS).map_or(&[][..], multi::each);
    let mut all = old.get(MEMBERS).map_or(&[][..], multi::each).to_vec();
    let added: Vec<Value> = new
        .iter()
        .filter(|member| {
            !all.iter()
                .any(|own| own.get("value") == member.get("value"))
        })
        .cloned()
        .collect();
    all.extend(added);
    if !all.is_empty() {
        data.insert(MEMBERS.to_owned(), Value::Array(all));
    }
}

/// `add-members-replaces` in SCIM 1.1: members that the body does not name are lost.
fn keep_sent(body: &Data, data: &mut Data) {
    let Some(sent) = body.get(MEMBERS).map(multi::each) else {
        return;
    };
    if let Some(Value::Array(members)) = data.get_mut(MEMBERS) {
        members.retain(|member| {
            sent.iter()
                .any(|own| own.get("value") == member.get("value"))
        });
    }
}

/// `members-cut-at-100` and `members-cut-at-500`.
fn cut(config: &Config, data: &mut Data) {
    let most = match (
        config.has(Switch::MembersCutAt100),
        config.has(Switch::MembersCutAt500),
    ) {
        (true, _) => 100,
        (_, true) => 500,
        _ => return,
    };
    if let Some(Value::Array(members)) = data.get_mut(MEMBERS) {
        members.truncate(most);
    }
}

/// `group-deletion-takes-users`: removes the members of a group that is about to go.
pub(crate) fn deleted(config: &Config, store: &mut Store, group: &Resource) {
    if group.kind == Kind::Group && config.has(Switch::GroupDeletionTakesUsers) {
        group.member_ids().for_each(|id| store.remove(id));
    }
}

/// `deactivation-empties-groups`.
pub(crate) fn deactivated(config: &Config, store: &mut Store, old: &Resource) {
    let now_inactive = store.get(&old.id).is_some_and(Resource::is_inactive);
    if old.is_inactive() || !now_inactive || !config.has(Switch::DeactivationEmptiesGroups) {
        return;
    }
    let groups: Vec<(String, Data)> = store
        .groups_of(&old.id)
        .map(|group| (group.id.clone(), group.data.clone()))
        .collect();
    for (id, mut data) in groups {
        data.shift_remove(MEMBERS);
        store.update(&id, data);
    }
}

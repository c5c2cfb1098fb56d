//! Faults that take more than a line where the behaviour lives.

use serde_json::{Value, json};

use crate::config::Config;
use crate::error::{Error, Result, ScimType};
use crate::exchange::member;
use crate::multi;
use crate::schema::{Dialect, Kind, ResourceType};
use crate::store::{Data, Resource, Store};
use crate::switch::Switch;

/// `formatted-name-wins`: the parts of the name are cut from its formatted form.
pub(crate) fn formatted_name(config: &Config, data: &mut Data) {
    if !config.has(Switch::FormattedNameWins) {
        return;
    }
    let Some(name) = data.get_mut("name") else {
        return;
    };
    let Some((given, family)) = name
        .get("formatted")
        .and_then(Value::as_str)
        .and_then(|text| text.split_once(' '))
    else {
        return;
    };
    let (given, family) = (json!(given), json!(family));
    name["givenName"] = given;
    name["familyName"] = family;
}

/// `readonly-in-put-refused`.
pub(crate) fn refuse_readonly(config: &Config, body: &Data) -> Result<()> {
    let sent = ["id", "meta", "groups"]
        .into_iter()
        .find(|name| member(body, name).is_some());
    match sent {
        Some(name) if config.has(Switch::ReadonlyInPutRefused) => Err(Error::bad(
            ScimType::Mutability,
            format!("{name} is read-only"),
        )),
        _ => Ok(()),
    }
}

/// `put-updates-partially` and `put-members-added`.
pub(crate) fn partial_put(config: &Config, old: &Data, data: &mut Data) {
    if config.has(Switch::PutUpdatesPartially) {
        for (name, value) in old {
            data.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }
    if config.has(Switch::PutMembersAdded) {
        let members = [old.get("members"), data.get("members")]
            .into_iter()
            .flatten()
            .flat_map(multi::each);
        let resource_type = Dialect::of(config.version).resource_type(Kind::Group);
        let Some(attribute) = resource_type.attribute("members") else {
            return;
        };
        let mut all = Vec::new();
        members
            .cloned()
            .for_each(|member| multi::merge(attribute, &mut all, member));
        data.insert("members".to_owned(), Value::Array(all));
    }
}

/// `put-not-stored` and `put-deactivate-not-stored`: what was answered is taken back.
pub(crate) fn undo_put(config: &Config, store: &mut Store, old: &Resource, mut data: Data) {
    if config.has(Switch::PutNotStored) {
        store.restore(old.clone());
    } else if config.has(Switch::PutDeactivateNotStored) && deactivates(old, &data) {
        data.insert("active".to_owned(), Value::Bool(true));
        store.update(&old.id, data);
    }
}

/// `patch-not-stored`, `pathless-deactivate-not-stored` and `v1-patch-deactivate-not-stored`.
pub(crate) fn undo_patch(
    config: &Config,
    store: &mut Store,
    old: &Resource,
    data: &Data,
    body: &Data,
) {
    let is_pathless = || operations(body).iter().any(is_pathless);
    let lost = config.has(Switch::PatchNotStored)
        || deactivates(old, data)
            && (is_pathless() && config.has(Switch::PathlessDeactivateNotStored)
                || config.has(Switch::V1PatchDeactivateNotStored));
    if lost {
        store.restore(old.clone());
    }
}

/// `patch-not-atomic` and `pathless-patch-not-atomic`: whether what a PATCH did before it failed
/// stays.
pub(crate) fn stays_in_part(config: &Config, body: &Data) -> bool {
    config.has(Switch::PatchNotAtomic)
        || operations(body).iter().all(is_pathless) && config.has(Switch::PathlessPatchNotAtomic)
}

/// The operations of a PATCH in SCIM 2.0.
pub(crate) fn operations(body: &Data) -> &[Value] {
    member(body, "Operations").map_or(&[], multi::each)
}

fn is_pathless(operation: &Value) -> bool {
    let operation = operation.as_object();
    operation.is_some_and(|own| member(own, "path").is_none())
}

fn deactivates(old: &Resource, data: &Data) -> bool {
    !old.is_inactive() && data.get("active") == Some(&Value::Bool(false))
}

/// `pathless-group-patch-refused`.
pub(crate) fn refuse_pathless(config: &Config) -> Result<()> {
    match config.has(Switch::PathlessGroupPatchRefused) {
        true => Err(Error {
            plain_text: true,
            ..Error::new(400, "Unsupported group path")
        }),
        false => Ok(()),
    }
}

/// `created-patched` and `group-joined-by-user-patch`: an operation that has an effect where it
/// must not have one. Whether there was one.
pub(crate) fn patch_read_only(config: &Config, store: &mut Store, id: &str, body: &Data) -> bool {
    let aimed = |path: &str| {
        let aimed = operations(body)
            .iter()
            .find(|operation| operation.get("path").and_then(Value::as_str) == Some(path));
        aimed.and_then(|operation| operation.get("value"))
    };
    if let Some(time) = aimed("meta.created").filter(|_| config.has(Switch::CreatedPatched)) {
        let time = time.as_str().and_then(|text| text.parse().ok());
        return time.is_some_and(|time| store.set_created(id, time));
    }
    let groups = aimed("groups").filter(|_| config.has(Switch::GroupJoinedByUserPatch));
    let groups = groups.map_or(&[][..], multi::each);
    for group in groups
        .iter()
        .filter_map(|group| group.get("value")?.as_str())
    {
        let Some(mut data) = store.get(group).map(|group| group.data.clone()) else {
            continue;
        };
        let members = data.entry("members").or_insert_with(|| json!([]));
        if let Value::Array(members) = members {
            members.push(json!({"value": id}));
        }
        store.update(group, data);
    }
    !groups.is_empty()
}

/// `unknown-attribute-stored`: what no schema has is shown too.
pub(crate) fn show_unknown(
    config: &Config,
    resource_type: &'static ResourceType,
    resource: &Resource,
    body: &mut Data,
) {
    if config.has(Switch::UnknownAttributeStored) {
        let data = resource.data.iter();
        let unknown = data.filter(|(name, _)| resource_type.resolve(name).is_none());
        body.extend(unknown.map(|(name, value)| (name.clone(), value.clone())));
    }
}

//! Faults and legal variants of single resources that take more than a line where the behaviour
//! lives.

use serde_json::Value;

use crate::config::Config;
use crate::error::{Error, Result};
use crate::exchange::member;
use crate::message::Response;
use crate::multi;
use crate::schema::{Kind, urn};
use crate::store::{Data, Resource, Store};
use crate::switch::Switch;

/// How many characters of a text `long-texts-cut` leaves.
const LONGEST: usize = 255;

/// `external-id-invented`.
pub(crate) fn external_id(config: &Config, data: &mut Data, id: &str) {
    if config.has(Switch::ExternalIdInvented) && !data.contains_key("externalId") {
        data.insert("externalId".to_owned(), id.into());
    }
}

/// `freed-id-given-again`.
pub(crate) fn freed_id(config: &Config, store: &mut Store, kind: Kind) -> Option<String> {
    match config.has(Switch::FreedIdGivenAgain) {
        true => store.freed_id(kind),
        false => None,
    }
}

/// `client-meta-adopted`.
pub(crate) fn adopt_meta(config: &Config, store: &mut Store, id: &str, body: &Data) {
    let created = member(body, "meta").and_then(|meta| meta.get("created")?.as_str());
    if config.has(Switch::ClientMetaAdopted)
        && let Some(created) = created.and_then(|text| text.parse().ok())
    {
        store.set_created(id, created);
    }
}

/// `last-modified-stands-still`, `group-times-stand-still` and `patch-times-stand-still`.
pub(crate) fn hold_time(config: &Config, store: &mut Store, old: &Resource, method: &str) {
    let of_group = old.kind == Kind::Group && config.has(Switch::GroupTimesStandStill);
    let of_patch = method == "PATCH" && config.has(Switch::PatchTimesStandStill);
    if of_group || of_patch || config.has(Switch::LastModifiedStandsStill) {
        store.set_modified(&old.id, old.modified);
    }
}

/// `groups-of-user-adopted`: the groups named are those that the user is in.
pub(crate) fn adopt_groups(config: &Config, store: &mut Store, user: &str, body: &Data) {
    let Some(named) = member(body, "groups").filter(|_| config.has(Switch::GroupsOfUserAdopted))
    else {
        return;
    };
    store.forget_member(user);
    for group in multi::each(named) {
        let id = group
            .get("value")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let Some(group) = store.get_kind(Kind::Group, id) else {
            continue;
        };
        let mut data = group.data.clone();
        let members = data
            .entry("members")
            .or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(members) = members {
            members.push(serde_json::json!({"value": user, "type": "User"}));
        }
        store.update(id, data);
    }
}

/// `inactive-names-free`.
pub(crate) fn frees_name(config: &Config, user: &Resource) -> bool {
    config.has(Switch::InactiveNamesFree) && user.data.get("active") == Some(&Value::Bool(false))
}

/// `zero-and-false-are-none`.
pub(crate) fn drop_zero_and_false(config: &Config, data: &mut Data) {
    if config.has(Switch::ZeroAndFalseAreNone) {
        data.retain(|_, value| *value != Value::Bool(false) && value.as_f64() != Some(0.0));
    }
}

/// `create-loses-display`.
pub(crate) fn lose_display(config: &Config, data: &mut Data) {
    if let Some(Value::Array(emails)) = data.get_mut("emails")
        && config.has(Switch::CreateLosesDisplay)
    {
        for email in emails.iter_mut().filter_map(Value::as_object_mut) {
            email.shift_remove("display");
        }
    }
}

/// `long-texts-cut`.
pub(crate) fn cut_long_texts(config: &Config, data: &mut Data) {
    if !config.has(Switch::LongTextsCut) {
        return;
    }
    for value in data.values_mut() {
        if let Value::String(text) = value {
            *text = text.chars().take(LONGEST).collect();
        }
    }
}

/// `reports-deleted-too`: removes those whose manager is about to go.
pub(crate) fn deleted(config: &Config, store: &mut Store, user: &Resource) {
    if !config.has(Switch::ReportsDeletedToo) {
        return;
    }
    let manager = |report: &Resource| {
        let extensions = [urn::ENTERPRISE, urn::V1_ENTERPRISE];
        let mut managers = extensions
            .iter()
            .filter_map(|urn| report.data.get(*urn)?.get("manager"));
        managers.any(|manager| {
            let id = manager.get("value").or_else(|| manager.get("managerId"));
            id.and_then(Value::as_str) == Some(&user.id)
        })
    };
    let reports = store.all(Kind::User).filter(|report| manager(report));
    let reports: Vec<String> = reports.map(|report| report.id.clone()).collect();
    reports.iter().for_each(|id| store.remove(id));
}

/// `put-keeps-one-value`.
pub(crate) fn keep_one_value(config: &Config, data: &mut Data) {
    let attributes = data.iter_mut().filter(|(name, _)| *name != "schemas");
    for values in attributes.filter_map(|(_, value)| value.as_array_mut()) {
        if config.has(Switch::PutKeepsOneValue) {
            values.truncate(1);
        }
    }
}

/// `put-keeps-omitted`.
pub(crate) fn keep_omitted(config: &Config, old: &Data, body: &Data, data: &mut Data) {
    if config.has(Switch::PutKeepsOmitted) {
        for (name, value) in old.iter().filter(|(name, _)| member(body, name).is_none()) {
            data.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }
}

/// `refused-put-stores-name`.
pub(crate) fn refused_name(config: &Config, store: &mut Store, old: &Resource, body: &Data) {
    let name = member(body, "displayName").filter(|name| name.is_string());
    if let Some(name) = name
        && config.has(Switch::RefusedPutStoresName)
    {
        let mut data = old.data.clone();
        data.insert("displayName".to_owned(), name.clone());
        store.update(&old.id, data);
    }
}

/// `group-names-unique`.
pub(crate) fn group_name(config: &Config, store: &Store, kind: Kind, data: &Data) -> Result<()> {
    let name = data.get("displayName").and_then(Value::as_str);
    let taken = kind == Kind::Group
        && config.has(Switch::GroupNamesUnique)
        && store
            .all(kind)
            .any(|group| group.text("displayName") == name);
    match (taken, name) {
        (true, Some(name)) => Err(Error::taken("displayName", name)),
        _ => Ok(()),
    }
}

/// `accept-compared-verbatim` and `accept-heeded`.
pub(crate) fn check_accept(config: &Config, accept: Option<&str>, own: &str) -> Result<()> {
    let Some(accept) = accept else {
        return Ok(());
    };
    let refused = config.has(Switch::AcceptComparedVerbatim) && accept != own
        || config.has(Switch::AcceptHeeded)
            && !["json", "*/*", "application/*"]
                .iter()
                .any(|known| accept.contains(known));
    match refused {
        true => Err(Error::new(406, format!("{own} is all there is"))),
        false => Ok(()),
    }
}

/// `strong-tags`.
pub(crate) fn strengthen(config: &Config, mut response: Response) -> Response {
    if config.has(Switch::StrongTags) {
        for (name, value) in &mut response.headers {
            if name == "ETag" {
                *value = value.trim_start_matches("W/").to_owned();
            }
        }
        if let Ok(body) = std::str::from_utf8(&response.body) {
            response.body = body.replace(r#""W/\""#, r#""\""#).into_bytes();
        }
    }
    response
}

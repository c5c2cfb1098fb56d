//! References from one resource to another: members of groups and managers.

use serde_json::Value;

use crate::error::{Error, Result, ScimType};
use crate::exchange::Call;
use crate::schema::{Kind, urn};
use crate::store::{Data, Resource, Store};

/// Checks the references in new data and takes out of it what is derived from their targets.
pub(crate) fn settle(
    store: &Store,
    data: &mut Data,
    old: Option<&Resource>,
    call: &Call<'_>,
) -> Result<()> {
    if let Some(Value::Array(members)) = data.get_mut("members") {
        members
            .iter_mut()
            .try_for_each(|member| settle_member(store, member, old, call))?;
    }
    let enterprise = data
        .get_mut(urn::ENTERPRISE)
        .and_then(|extension| extension.get_mut("manager"));
    if let Some(Value::Object(manager)) = enterprise {
        let id = manager.get("value").and_then(Value::as_str);
        if id.is_some_and(|id| store.get_kind(Kind::User, id).is_some()) {
            manager.shift_remove("$ref");
        }
    }
    Ok(())
}

/// A new member must be a resource of this provider (RFC 7643 section 4.2); its type is the
/// provider's to tell.
fn settle_member(
    store: &Store,
    member: &mut Value,
    old: Option<&Resource>,
    call: &Call<'_>,
) -> Result<()> {
    let Value::Object(member) = member else {
        return Ok(());
    };
    let id = member
        .get("value")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let target = store.get(id).filter(|target| target.kind.is_core());
    let is_known = target.is_some()
        || call
            .bulk
            .promised
            .is_some_and(|promised| promised.contains(id))
        || old.is_some_and(|group| group.member_ids().any(|old| old == id));
    if !is_known {
        return Err(Error::bad(
            ScimType::InvalidValue,
            format!("the member \"{id}\" is not known"),
        ));
    }
    member.shift_remove("$ref");
    if let Some(target) = target {
        member.insert("type".to_owned(), target.kind.name().into());
    }
    Ok(())
}

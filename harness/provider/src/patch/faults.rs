//! Faults of PATCH that take more than a line where the behaviour lives.

use serde_json::Value;

use super::change::{Target, no_target};
use super::{Action, Operation};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::multi;
use crate::schema::{Attribute, Type};
use crate::store::Data;
use crate::switch::Switch;

/// `add-to-missing-refused` and `replace-of-missing-refused`.
pub(super) fn refuse_missing(config: &Config, action: Action, old: Option<&Value>) -> Result<()> {
    let refused = match action {
        Action::Add => config.has(Switch::AddToMissingRefused),
        Action::Replace => config.has(Switch::ReplaceOfMissingRefused),
        Action::Remove => false,
    };
    match refused && old.is_none() {
        true => Err(no_target()),
        false => Ok(()),
    }
}

/// `add-keeps-old-value`, `replace-keeps-old-value`, `remove-leaves-empty-text` and
/// `null-stored-as-text`.
pub(super) fn single(
    config: &Config,
    attribute: &Attribute,
    action: Action,
    old: Option<&Value>,
    value: &Value,
    new: Option<Value>,
) -> Option<Value> {
    let keeps = match action {
        Action::Add => config.has(Switch::AddKeepsOldValue),
        Action::Replace => config.has(Switch::ReplaceKeepsOldValue),
        Action::Remove => false,
    };
    let text = |text: &str| (attribute.kind == Type::String).then(|| Value::from(text));
    match (action, old) {
        (_, Some(old)) if keeps => Some(old.clone()),
        (Action::Remove, Some(_)) if config.has(Switch::RemoveLeavesEmptyText) => text(""),
        (Action::Replace, _) if value.is_null() && config.has(Switch::NullStoredAsText) => {
            text("None")
        }
        _ => new,
    }
}

/// `add-members-replaces`, `add-replaces-list` and `replace-appends`.
pub(super) fn list_action(config: &Config, attribute: &Attribute, action: Action) -> Action {
    let members = attribute.name == "members" && config.has(Switch::AddMembersReplaces);
    match action {
        Action::Add if members || config.has(Switch::AddReplacesList) => Action::Replace,
        Action::Replace if config.has(Switch::ReplaceAppends) => Action::Add,
        action => action,
    }
}

/// `manager-removal-ignored`.
pub(super) fn ignores(config: &Config, attribute: &Attribute, action: Action) -> bool {
    action == Action::Remove
        && attribute.name == "manager"
        && config.has(Switch::ManagerRemovalIgnored)
}

/// What a remove of all values leaves: with `remove-takes-first-only` all but the first.
pub(super) fn left(config: &Config, old: &[Value]) -> Vec<Value> {
    match old {
        [_, rest @ ..] if config.has(Switch::RemoveTakesFirstOnly) => rest.to_vec(),
        _ => Vec::new(),
    }
}

/// The new values of an add: with `first-added-only` no more than one.
pub(super) fn heeded<'v>(config: &Config, new: &'v [Value]) -> &'v [Value] {
    match config.has(Switch::FirstAddedOnly) {
        true => new.get(..1).unwrap_or(new),
        false => new,
    }
}

/// Adds a value to a list, as [`multi::merge`] but for `add-repeats-values`,
/// `twice-added-kept-twice` and `add-existing-refused`.
pub(super) fn append(
    config: &Config,
    attribute: &Attribute,
    old: &[Value],
    values: &mut Vec<Value>,
    new: Value,
) -> Result<()> {
    if config.has(Switch::AddRepeatsValues) || is_kept_again(config, attribute, old, &new) {
        values.push(new);
        return Ok(());
    }
    let before = values.len();
    multi::merge(attribute, values, new);
    match values.len() == before && config.has(Switch::AddExistingRefused) {
        true => Err(Error::new(409, "the value is there already")),
        false => Ok(()),
    }
}

/// `twice-added-kept-twice`: whether a value is compared with those before the PATCH alone, and new.
fn is_kept_again(config: &Config, attribute: &Attribute, old: &[Value], new: &Value) -> bool {
    config.has(Switch::TwiceAddedKeptTwice) && !multi::holds(attribute, old, new)
}

/// Whether an operation with a filter works on a value: on those that match, but for
/// `filtered-remove-takes-all`, `filtered-remove-first-only` and `filtered-replace-first-only`.
pub(super) fn is_touched(
    config: &Config,
    target: &Target,
    action: Action,
    is_hit: bool,
    is_first: bool,
) -> bool {
    match (action, target.sub) {
        (Action::Remove, None) if config.has(Switch::FilteredRemoveFirstOnly) => is_hit && is_first,
        (Action::Remove, None) => is_hit || config.has(Switch::FilteredRemoveTakesAll),
        (Action::Replace, Some(_)) if config.has(Switch::FilteredReplaceFirstOnly) => {
            is_hit && is_first
        }
        _ => is_hit,
    }
}

/// `filtered-replace-replaces-all`.
pub(super) fn replaces_all(config: &Config, target: &Target, action: Action) -> bool {
    action == Action::Replace
        && target.sub.is_none()
        && config.has(Switch::FilteredReplaceReplacesAll)
}

/// `pathless-replace-clears-rest`: only what every resource needs is left.
pub(super) fn clear_rest(config: &Config, action: Action, data: &mut Data) {
    if action == Action::Replace && config.has(Switch::PathlessReplaceClearsRest) {
        data.retain(|name, _| ["userName", "externalId", "displayName"].contains(&name.as_str()));
    }
}

/// `operations-reordered`.
pub(crate) fn reorder(config: &Config, operations: &mut [Operation]) {
    if config.has(Switch::OperationsReordered) {
        operations.sort_by_key(|operation| match operation.action {
            Action::Remove => 0,
            Action::Replace => 1,
            Action::Add => 2,
        });
    }
}

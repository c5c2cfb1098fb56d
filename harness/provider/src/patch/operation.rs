//! The operations in a PATCH body.

use serde_json::Value;

use crate::config::Config;
use crate::error::{Error, Result, ScimType};
use crate::exchange::member;
use crate::store::Data;
use crate::switch::Switch;

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Add,
    Remove,
    Replace,
}

/// One element of `Operations`.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    pub(crate) action: Action,
    pub(crate) path: Option<String>,
    pub(crate) value: Option<Value>,
}

/// Reads the operations of a PatchOp message.
pub(crate) fn operations(config: &Config, message: &Data) -> Result<Vec<Operation>> {
    let unchecked = config.has(Switch::PatchMessageUnchecked);
    match member(message, "Operations") {
        None | Some(Value::String(_)) if unchecked => Ok(Vec::new()),
        Some(Value::Array(operations)) if unchecked && operations.is_empty() => Ok(Vec::new()),
        Some(Value::Array(operations)) if !operations.is_empty() => operations
            .iter()
            .map(|operation| read(config, operation))
            .collect(),
        _ => Err(syntax(
            "Operations must be a list of at least one operation",
        )),
    }
}

fn read(config: &Config, operation: &Value) -> Result<Operation> {
    let Value::Object(operation) = operation else {
        return Err(syntax("an operation must be an object"));
    };
    let action = match member(operation, "op") {
        None if config.has(Switch::PatchMessageUnchecked) => Action::Replace,
        op => action(config, op)?,
    };
    let path = match member(operation, "path") {
        None | Some(Value::Null) => None,
        Some(Value::String(path)) if path.is_empty() => None,
        Some(Value::String(path)) => Some(path.clone()),
        Some(_) => return Err(Error::bad(ScimType::InvalidPath, "path must be a string")),
    };
    let value = member(operation, "value").cloned();
    let unchecked = config.has(Switch::PatchMessageUnchecked);
    if value.is_none() && action != Action::Remove && !unchecked {
        return Err(Error::bad(
            ScimType::InvalidValue,
            "add and replace need a value",
        ));
    }
    if path.is_none() && config.has(Switch::PatchWithoutPathRefused) {
        return Err(Error::bad(
            ScimType::InvalidPath,
            "an operation needs a path",
        ));
    }
    Ok(Operation {
        action,
        path,
        value,
    })
}

/// Entra writes `Add` and `Replace`.
fn action(config: &Config, op: Option<&Value>) -> Result<Action> {
    let op = op
        .and_then(Value::as_str)
        .ok_or_else(|| syntax("an operation needs an op"))?;
    let lower = match config.has(Switch::CapitalisedOpRefused) {
        true => op.to_owned(),
        false => op.to_ascii_lowercase(),
    };
    match lower.as_str() {
        "add" => Ok(Action::Add),
        "remove" => Ok(Action::Remove),
        "replace" => Ok(Action::Replace),
        _ => Err(syntax("op must be add, remove or replace")),
    }
}

fn syntax(detail: &str) -> Error {
    Error::bad(ScimType::InvalidSyntax, detail)
}

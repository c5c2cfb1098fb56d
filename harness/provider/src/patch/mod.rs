//! PATCH (RFC 7644 section 3.5.2): operations applied in order to a copy of a resource's data.

mod change;
mod operation;
mod slot;
pub(crate) mod v1;

use serde_json::Value;

use crate::error::{Error, Result, ScimType};
use crate::filter::{Condition, parse};
use crate::intake::Intake;
use crate::schema::{Attribute, Mutability, Place, Schema};
use crate::store::Data;
use change::Target;
pub(crate) use operation::{Action, Operation, operations};

/// Applies operations to a resource.
pub(crate) struct Patcher<'c> {
    pub(crate) intake: Intake<'c>,
    /// The id of the resource.
    pub(crate) id: &'c str,
}

impl Patcher<'_> {
    /// Applies one operation; after an error `data` may be changed in part.
    pub(crate) fn apply(&self, data: &mut Data, operation: &Operation) -> Result<()> {
        let value = operation.value.as_ref();
        if let Some(path) = &operation.path {
            return self.at_path(data, operation.action, &parse::path(path)?, value);
        }
        match (operation.action, value) {
            (Action::Remove, _) => Err(Error::bad(ScimType::NoTarget, "remove needs a path")),
            (action, Some(Value::Object(members))) => members
                .iter()
                .try_for_each(|(name, value)| self.member(data, action, name, value)),
            _ => Err(Error::bad(
                ScimType::InvalidValue,
                "without path the value must be an object",
            )),
        }
    }

    /// A member of a value without path. Its name may be any path, as Entra sends them, and is
    /// dropped if unknown; the own id is what Okta repeats when it renames a group.
    fn member(&self, data: &mut Data, action: Action, name: &str, value: &Value) -> Result<()> {
        let is_own_id = name.eq_ignore_ascii_case("id") && value.as_str() == Some(self.id);
        if is_own_id || name.eq_ignore_ascii_case("schemas") {
            return Ok(());
        }
        match parse::path(name) {
            Ok(path) if self.intake.resource_type.resolve(&path.name).is_some() => {
                self.at_path(data, action, &path, Some(value))
            }
            _ => Ok(()),
        }
    }

    fn at_path(
        &self,
        data: &mut Data,
        action: Action,
        path: &parse::Path,
        value: Option<&Value>,
    ) -> Result<()> {
        match self.intake.resource_type.resolve(&path.name) {
            Some(Place::Extension(schema)) if path.filter.is_none() => {
                self.extension(data, schema, action, value)
            }
            Some(Place::Attribute {
                extension,
                attribute,
                sub,
            }) => {
                let target = target(path, attribute, sub)?;
                self.change(data, extension, &target, action, value)
            }
            _ => Err(invalid_path(&path.name)),
        }
    }

    /// A whole extension, as the path or as a member of a value without path.
    fn extension(
        &self,
        data: &mut Data,
        schema: &'static Schema,
        action: Action,
        value: Option<&Value>,
    ) -> Result<()> {
        match (action, value) {
            (Action::Remove, _) | (Action::Replace, Some(Value::Null)) => {
                data.shift_remove(&schema.id);
                Ok(())
            }
            (_, Some(Value::Object(members))) => members.iter().try_for_each(|(name, value)| {
                match crate::schema::find(&schema.attributes, name) {
                    Some(attribute) => self.change(
                        data,
                        Some(schema),
                        &Target::whole(attribute),
                        action,
                        Some(value),
                    ),
                    None => Ok(()),
                }
            }),
            _ => Err(Error::bad(
                ScimType::InvalidValue,
                "the value of an extension must be an object",
            )),
        }
    }

    fn change(
        &self,
        data: &mut Data,
        extension: Option<&'static Schema>,
        target: &Target,
        action: Action,
        value: Option<&Value>,
    ) -> Result<()> {
        let attribute = target.attribute;
        target.check_writable()?;
        // `schemas` follows the attributes in use; what a client adds to it has no effect.
        if attribute.name == "schemas" && action != Action::Remove {
            return Ok(());
        }
        let old = slot::get(data, extension, &attribute.name);
        let new = self.changed(target, action, old, value.unwrap_or(&Value::Null))?;
        if new.is_none() && attribute.required {
            let detail = format!("{} is required and cannot be removed", attribute.name);
            return Err(Error::bad(ScimType::Mutability, detail));
        }
        slot::put(data, extension, &attribute.name, new);
        Ok(())
    }
}

fn target(
    path: &parse::Path,
    attribute: &'static Attribute,
    sub: Option<&'static Attribute>,
) -> Result<Target> {
    let condition = match &path.filter {
        Some(_) if !attribute.multi_valued || sub.is_some() => {
            return Err(invalid_path(&path.name));
        }
        Some(filter) => Some(Condition::on_values(filter, attribute)?),
        None => None,
    };
    let sub = match &path.sub {
        Some(name) => Some(attribute.sub(name).ok_or_else(|| invalid_path(name))?),
        None => sub,
    };
    Ok(Target {
        attribute,
        sub,
        condition,
        filter: path.filter.clone(),
    })
}

impl Target {
    fn check_writable(&self) -> Result<()> {
        let read_only = |attribute: &Attribute| attribute.mutability == Mutability::ReadOnly;
        match read_only(self.attribute) || self.sub.is_some_and(read_only) {
            true => Err(Error::bad(
                ScimType::Mutability,
                format!("{} is read-only", self.attribute.name),
            )),
            false => Ok(()),
        }
    }
}

fn invalid_path(name: &str) -> Error {
    Error::bad(
        ScimType::InvalidPath,
        format!("there is no attribute {name} that fits the path"),
    )
}

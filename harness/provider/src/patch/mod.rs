//! PATCH (RFC 7644 section 3.5.2): operations applied in order to a copy of a resource's data.

mod change;
pub(crate) mod faults;
mod operation;
mod slot;
pub(crate) mod v1;

use serde_json::Value;

use crate::error::{Error, Result, ScimType};
use crate::filter::{Condition, Filter, parse};
use crate::intake::Intake;
use crate::schema::{Attribute, Mutability, Place, Schema};
use crate::store::Data;
use crate::switch::Switch;
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
            (Action::Remove, _) if self.has(Switch::RemoveWithoutPathIgnored) => Ok(()),
            (Action::Remove, _) => Err(Error::bad(ScimType::NoTarget, "remove needs a path")),
            (action, Some(Value::Object(members))) => {
                faults::clear_rest(self.intake.config, action, data);
                members
                    .iter()
                    .try_for_each(|(name, value)| self.member(data, action, name, value))
            }
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
            Ok(path) if self.resolve(data, &path.name).is_some() => {
                self.check_member(data, &path)?;
                self.at_path(data, action, &path, Some(value))
            }
            _ => {
                self.store_unknown(data, name, Some(value));
                Ok(())
            }
        }
    }

    /// `names-with-dots-refused`: a name that says where inside an attribute or an extension.
    fn check_member(&self, data: &Data, path: &parse::Path) -> Result<()> {
        let goes_inside = match self.resolve(data, &path.name) {
            Some(Place::Attribute { extension, sub, .. }) => extension.is_some() || sub.is_some(),
            _ => false,
        };
        match goes_inside && self.has(Switch::NamesWithDotsRefused) {
            true => Err(invalid_path(&path.name)),
            false => Ok(()),
        }
    }

    fn at_path(
        &self,
        data: &mut Data,
        action: Action,
        path: &parse::Path,
        value: Option<&Value>,
    ) -> Result<()> {
        let place = self.resolve(data, &path.name);
        if let Some(Place::Attribute {
            extension: Some(schema),
            ..
        }) = place
            && self.has(Switch::ExtensionIgnoredUnlessPresent)
            && !data.contains_key(&schema.id)
        {
            return Ok(());
        }
        match place {
            Some(Place::Extension(schema)) if path.filter.is_none() => {
                self.extension(data, schema, action, value)
            }
            Some(Place::Attribute {
                extension,
                attribute,
                sub,
            }) => {
                let target = self.target(path, attribute, sub)?;
                self.change(data, extension, &target, action, value)
            }
            None if self.store_unknown(data, &path.name, value) => Ok(()),
            None if self.has(Switch::UnknownPathIgnored) => Ok(()),
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
        if target.is_read_only() && self.has(Switch::ReadOnlyPatchIgnored) {
            return Ok(());
        }
        target.check_writable()?;
        if faults::ignores(self.intake.config, attribute, action) {
            return Ok(());
        }
        // `schemas` follows the attributes in use; what a client adds to it has no effect.
        if attribute.name == "schemas" && action != Action::Remove {
            return match self.has(Switch::SchemasPatchRefused) {
                true => Err(Error::bad(ScimType::Mutability, "schemas is read-only")),
                false => Ok(()),
            };
        }
        let old = slot::get(data, extension, &attribute.name);
        let new = match self.changed(target, action, old, value.unwrap_or(&Value::Null)) {
            Err(error)
                if error.scim_type == Some(ScimType::InvalidValue)
                    && self.has(Switch::WrongTypeIgnored) =>
            {
                return Ok(());
            }
            changed => changed?,
        };
        if new.is_none() && attribute.required {
            if self.has(Switch::RequiredRemovalIgnored) {
                return Ok(());
            }
            let detail = format!("{} is required and cannot be removed", attribute.name);
            return Err(Error::bad(ScimType::Mutability, detail));
        }
        slot::put(data, extension, &attribute.name, new);
        Ok(())
    }

    fn target(
        &self,
        path: &parse::Path,
        attribute: &'static Attribute,
        sub: Option<&'static Attribute>,
    ) -> Result<Target> {
        let is_logical = matches!(
            path.filter,
            Some(Filter::All(_) | Filter::Any(_) | Filter::Not(_))
        );
        let condition = match &path.filter {
            Some(_) if !attribute.multi_valued || sub.is_some() => {
                return Err(invalid_path(&path.name));
            }
            Some(_) if is_logical && self.has(Switch::LogicalPathRefused) => {
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

    /// The place that a name leads to.
    fn resolve(&self, data: &Data, name: &str) -> Option<Place> {
        let place = self.intake.resource_type.resolve(name);
        let is_plain = !name.contains(':');
        let extensions = &self.intake.resource_type.extensions;
        let missed = self.has(Switch::PlainPathMissesCore)
            && is_plain
            && extensions
                .iter()
                .any(|schema| data.contains_key(&schema.id));
        let misspelt = self.has(Switch::NamesCaseSensitive)
            && matches!(&place, Some(Place::Attribute { attribute, sub, .. })
                if !is_spelt(name, attribute, *sub));
        place.filter(|_| !missed && !misspelt)
    }

    /// `unknown-attribute-stored`.
    fn store_unknown(&self, data: &mut Data, name: &str, value: Option<&Value>) -> bool {
        let stores = self.has(Switch::UnknownAttributeStored);
        if let Some(value) = value.filter(|_| stores) {
            data.insert(name.to_owned(), value.clone());
        }
        stores
    }

    fn has(&self, switch: Switch) -> bool {
        self.intake.config.has(switch)
    }
}

/// Whether a name is written in the letter case of the schema.
fn is_spelt(name: &str, attribute: &Attribute, sub: Option<&Attribute>) -> bool {
    match sub {
        Some(sub) => name.ends_with(&format!("{}.{}", attribute.name, sub.name)),
        None => name.ends_with(&attribute.name),
    }
}

impl Target {
    fn is_read_only(&self) -> bool {
        let read_only = |attribute: &Attribute| attribute.mutability == Mutability::ReadOnly;
        read_only(self.attribute) || self.sub.is_some_and(read_only)
    }

    fn check_writable(&self) -> Result<()> {
        match self.is_read_only() {
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

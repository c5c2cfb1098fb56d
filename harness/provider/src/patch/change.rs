//! The new value of an attribute, by the kind of path and operation.

use serde_json::{Map, Value};

use super::{Action, Patcher, faults, slot};
use crate::error::{Error, Result, ScimType};
use crate::filter::{Condition, Element, Filter};
use crate::multi;
use crate::schema::{Attribute, Mutability, Type};
use crate::switch::Switch;

/// What a path leads to.
pub(super) struct Target {
    pub(super) attribute: &'static Attribute,
    pub(super) sub: Option<&'static Attribute>,
    /// Which values are meant.
    pub(super) condition: Option<Condition>,
    /// The same as it was written.
    pub(super) filter: Option<Filter>,
}

impl Target {
    pub(super) fn whole(attribute: &'static Attribute) -> Self {
        Self {
            attribute,
            sub: None,
            condition: None,
            filter: None,
        }
    }
}

impl Patcher<'_> {
    pub(super) fn changed(
        &self,
        target: &Target,
        action: Action,
        old: Option<&Value>,
        value: &Value,
    ) -> Result<Option<Value>> {
        let attribute = target.attribute;
        faults::refuse_missing(self.intake.config, action, old)?;
        match (attribute.multi_valued, target.sub) {
            (false, None) => self.single(attribute, action, old, value),
            (false, Some(sub)) => self.sub_attribute(sub, action, old, value),
            (true, None) if target.condition.is_none() => self.list(attribute, action, old, value),
            (true, _) => self.elements(target, action, old.map_or(&[], multi::each), value),
        }
    }

    /// `nickName`, `name`: a complex value is merged, any other replaced.
    fn single(
        &self,
        attribute: &'static Attribute,
        action: Action,
        old: Option<&Value>,
        value: &Value,
    ) -> Result<Option<Value>> {
        if action == Action::Remove && old.is_none() {
            self.unmatched()?;
        }
        let new = match action {
            Action::Remove => None,
            Action::Replace if value.is_null() => None,
            Action::Add | Action::Replace if attribute.kind == Type::Complex => {
                return self.merged(attribute, old, &unwrapped(attribute, value));
            }
            Action::Add | Action::Replace => self
                .intake
                .attribute(attribute, value)?
                .or_else(|| old.cloned()),
        };
        self.guard_immutable(attribute, old, new.as_ref())?;
        Ok(faults::single(
            self.intake.config,
            attribute,
            action,
            old,
            value,
            new,
        ))
    }

    /// Sub-attributes that are given change, null takes one away, the others stay.
    fn merged(
        &self,
        attribute: &'static Attribute,
        old: Option<&Value>,
        value: &Value,
    ) -> Result<Option<Value>> {
        let mut members = match self.intake.config.has(Switch::ComplexReplacedWhole) {
            true => Map::new(),
            false => object(old),
        };
        if let Some(new) = self.intake.single(attribute, value)? {
            multi::complete_members(&mut members, new);
        }
        if let Value::Object(given) = value {
            for (name, _) in given.iter().filter(|(_, value)| value.is_null()) {
                if let Some(sub) = attribute.sub(name) {
                    members.shift_remove(&sub.name);
                }
            }
        }
        Ok((!members.is_empty()).then_some(Value::Object(members)))
    }

    /// `name.familyName`: the parent comes and goes with its last sub-attribute.
    fn sub_attribute(
        &self,
        sub: &'static Attribute,
        action: Action,
        old: Option<&Value>,
        value: &Value,
    ) -> Result<Option<Value>> {
        let mut members = object(old);
        let new = self.single(sub, action, members.get(&sub.name), value)?;
        slot::set(&mut members, &sub.name, new);
        Ok((!members.is_empty()).then_some(Value::Object(members)))
    }

    /// `emails`: all values.
    fn list(
        &self,
        attribute: &'static Attribute,
        action: Action,
        old: Option<&Value>,
        value: &Value,
    ) -> Result<Option<Value>> {
        let old = old.map_or(&[][..], multi::each);
        let is_members = attribute.name == "members";
        let config = self.intake.config;
        if !value.is_array() && !value.is_null() && config.has(Switch::BareValueRefused) {
            let detail = format!("{} must be a list", attribute.name);
            return Err(Error::bad(ScimType::InvalidValue, detail));
        }
        if action == Action::Remove && old.is_empty() {
            self.unmatched()?;
        }
        let mut values = match faults::list_action(config, attribute, action) {
            Action::Remove if is_members && !value.is_null() => self.without_listed(old, value),
            Action::Remove => faults::left(config, old),
            Action::Add => {
                let mut values = old.to_vec();
                for new in faults::heeded(config, multi::each(value)) {
                    if let Some(new) = self.intake.single(attribute, new)? {
                        faults::append(config, attribute, old, &mut values, new)?;
                    }
                }
                values
            }
            Action::Replace => {
                let new = self.intake.attribute(attribute, value)?;
                new.as_ref()
                    .map_or(Vec::new(), |new| multi::each(new).to_vec())
            }
        };
        multi::settle_primary(config, attribute, old, &mut values)?;
        Ok((!values.is_empty()).then_some(Value::Array(values)))
    }

    /// A remove that finds nothing changes nothing, or fails in the other reading of RFC 7644
    /// section 3.5.2.2.
    fn unmatched(&self) -> Result<()> {
        match self.intake.config.has(Switch::UnmatchedRemoveRefused) {
            true => Err(no_target()),
            false => Ok(()),
        }
    }

    /// Entra lists the members to remove in `value`.
    fn without_listed(&self, old: &[Value], value: &Value) -> Vec<Value> {
        if self.intake.config.has(Switch::RemoveMembersValueIgnored) {
            return Vec::new();
        }
        let id = |member: &Value| member.get("value").unwrap_or(member).clone();
        let listed: Vec<Value> = multi::each(value).iter().map(id).collect();
        old.iter()
            .filter(|member| !listed.contains(&id(member)))
            .cloned()
            .collect()
    }

    /// `emails[type eq "work"]`, with or without a sub-attribute, and `emails.type`.
    fn elements(
        &self,
        target: &Target,
        action: Action,
        old: &[Value],
        value: &Value,
    ) -> Result<Option<Value>> {
        let is_hit = |value: &Value| match &target.condition {
            Some(condition) => condition.holds(&Element(value)),
            None => true,
        };
        let config = self.intake.config;
        let mut values = Vec::new();
        for (index, element) in old.iter().enumerate() {
            let is_first = !old[..index].iter().any(is_hit);
            match faults::is_touched(config, target, action, is_hit(element), is_first) {
                true => values.extend(self.element(target, action, element, value)?),
                false => values.push(element.clone()),
            }
        }
        if !old.iter().any(is_hit) {
            match action {
                Action::Remove => self.unmatched()?,
                Action::Replace if config.has(Switch::UnmatchedReplaceIgnored) => {}
                Action::Replace if !config.has(Switch::UnmatchedReplaceCreates) => {
                    return Err(no_target());
                }
                Action::Add | Action::Replace => values.push(self.created(target, value)?),
            }
        } else if faults::replaces_all(config, target, action) {
            values = self
                .intake
                .single(target.attribute, only(value))?
                .into_iter()
                .collect();
        }
        multi::settle_primary(config, target.attribute, old, &mut values)?;
        Ok((!values.is_empty()).then_some(Value::Array(values)))
    }

    /// One value that the filter matches; none if it goes.
    fn element(
        &self,
        target: &Target,
        action: Action,
        old: &Value,
        value: &Value,
    ) -> Result<Option<Value>> {
        let config = self.intake.config;
        match (action, target.sub) {
            (Action::Remove, Some(_)) if config.has(Switch::FilteredRemoveTakesRecord) => Ok(None),
            (_, Some(sub)) => self.sub_attribute(sub, action, Some(old), value),
            (Action::Remove, None) => Ok(None),
            (Action::Replace, None) if !config.has(Switch::FilteredReplaceMerges) => {
                self.intake.single(target.attribute, only(value))
            }
            (Action::Add | Action::Replace, None) => {
                self.merged(target.attribute, Some(old), only(value))
            }
        }
    }

    /// Entra expects that an add whose filter matches nothing creates a value that it matches.
    fn created(&self, target: &Target, value: &Value) -> Result<Value> {
        let template = target
            .filter
            .as_ref()
            .and_then(Filter::template)
            .ok_or_else(no_target)?;
        let template = template
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.clone()));
        let template = Value::Object(template.collect());
        let new = self.intake.single(target.attribute, &template)?;
        let new = match target.sub {
            Some(sub) => self.sub_attribute(sub, Action::Add, new.as_ref(), value)?,
            None => self.merged(target.attribute, new.as_ref(), only(value))?,
        };
        new.ok_or_else(no_target)
    }

    fn guard_immutable(
        &self,
        attribute: &Attribute,
        old: Option<&Value>,
        new: Option<&Value>,
    ) -> Result<()> {
        let is_fixed = attribute.mutability == Mutability::Immutable
            && !self.intake.config.has(Switch::ImmutableChangeable);
        if is_fixed && old.is_some() && old != new {
            let detail = format!("{} cannot be changed once it is set", attribute.name);
            return Err(Error::bad(ScimType::Mutability, detail));
        }
        Ok(())
    }
}

pub(super) fn no_target() -> Error {
    Error::bad(ScimType::NoTarget, "the path matches no value")
}

fn object(value: Option<&Value>) -> Map<String, Value> {
    value
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default()
}

/// The value itself, or the only one in a list.
fn only(value: &Value) -> &Value {
    match value.as_array().map(Vec::as_slice) {
        Some([only]) => only,
        _ => value,
    }
}

/// Entra sends a manager as a list of one, or as nothing but its id.
fn unwrapped(attribute: &Attribute, value: &Value) -> Value {
    let value = only(value);
    match attribute.sub("value") {
        Some(_) if value.is_string() => serde_json::json!({"value": value}),
        _ => value.clone(),
    }
}

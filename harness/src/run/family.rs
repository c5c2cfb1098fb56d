//! Families: the values and attributes for each of which a step is sent or a conversation held.

use serde_json::Value;

use super::Engine;
use crate::{
    model::family::{Attributes, members},
    scenario::{ForEach, Selector, Version},
    template::Names,
};

/// One of many, with the names that it has.
#[derive(Clone, Debug)]
pub(super) struct Turn {
    /// What it is called in findings.
    pub(super) label: String,
    /// Its names with their values.
    pub(super) names: Names,
}

/// The tag of what a turn creates, from 0: that of the case and a number.
pub(super) fn tag_of(unique: &str, nth: usize) -> String {
    format!("{unique}-{nth}")
}

impl Engine {
    /// The turns of a family; `unique` is the tag of the case.
    pub(super) async fn turns(
        &self,
        version: Version,
        family: &ForEach,
        unique: &str,
    ) -> Vec<Turn> {
        if let Some(wanted) = &family.attributes {
            return self.attributes(version, family, wanted, unique).await;
        }
        let turn = |value: &String| Turn {
            label: value.clone(),
            names: Names::from([(family.name.clone(), Value::from(value.as_str()))]),
        };
        match &family.resource_types {
            Some(wanted) => {
                let endpoints = self.discovery(version).await.endpoints(&wanted.schema);
                endpoints.iter().map(turn).collect()
            }
            None => family.of.iter().map(turn).collect(),
        }
    }

    /// Attributes that the target publishes, but for those that it is known not to keep as they are
    /// sent.
    async fn attributes(
        &self,
        version: Version,
        family: &ForEach,
        wanted: &Attributes,
        unique: &str,
    ) -> Vec<Turn> {
        let schemas = self.schemas(version, true).await;
        let tag = |nth| tag_of(unique, nth);
        let found = members(&schemas.model, wanted, &tag, &self.target.user_domain);
        let named = |part: &str| format!("{}.{part}", family.name);
        let turns = found.into_iter().map(|member| {
            let parts = member.parts.into_iter();
            let mut names: Names = parts.map(|(part, value)| (named(part), value)).collect();
            names.insert(family.name.clone(), Value::from(member.name));
            Turn {
                label: member.label,
                names,
            }
        });
        turns
            .filter(|turn| {
                let part = |part| turn.names.get(&named(part)).and_then(Value::as_str);
                let resource = part("type").unwrap_or_default();
                let pointer = part("pointer").unwrap_or_default();
                let is_demanded = resource == "User" && self.target.manner.demands(pointer);
                !(wanted.required == Some(false) && is_demanded) && self.is_about(resource, pointer)
            })
            .collect()
    }

    /// Whether resources of this type are tried at all, and this attribute of theirs is not known to
    /// be kept otherwise than it is sent.
    fn is_about(&self, resource: &str, pointer: &str) -> bool {
        let settled = match resource {
            "User" => self.target.rules_over(pointer),
            "Group" => self.target.groups == Some(false),
            _ => false,
        };
        let place = Selector::Pointer(pointer.to_owned());
        let manner = &self.target.manner;
        !settled && manner.keeps(&place) && !manner.has_one_value(&place)
    }
}

//! What clients see of a stored resource, derived attributes included.

use std::borrow::Cow;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};
use serde_json::{Map, Value, json};

use crate::config::{Config, Version};
use crate::filter::Source;
use crate::schema::{Dialect, Kind, Place, urn};
use crate::store::{Data, Resource, Store};
use crate::switch::Switch;
use crate::variants;

/// What stands in a segment of a path only percent-encoded (RFC 3986 section 2.3).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// An id as a segment of a path.
pub(crate) fn segment(id: &str) -> PercentEncode<'_> {
    utf8_percent_encode(id, ENCODED)
}

/// The URI of a resource below a base URL.
pub(crate) fn uri(base: &str, kind: Kind, id: &str) -> String {
    format!("{base}/{}/{}", kind.endpoint(), segment(id))
}

/// Shows the resources of a store under a base URL.
#[derive(Clone, Copy)]
pub(crate) struct View<'s> {
    pub(crate) store: &'s Store,
    pub(crate) dialect: &'static Dialect,
    pub(crate) base: &'s str,
    pub(crate) config: &'s Config,
}

impl<'s> View<'s> {
    /// The whole resource, the never returned attributes included.
    pub(crate) fn full(&self, resource: &'s Resource) -> Data {
        let mut full = Map::new();
        for name in ["schemas", "id"] {
            full.extend(
                self.attribute(resource, name)
                    .map(|value| (name.to_owned(), value.into_owned())),
            );
        }
        for name in resource.data.keys() {
            let value = self.attribute(resource, name).map(Cow::into_owned);
            full.extend(value.map(|value| (name.clone(), value)));
        }
        let derived: &[&str] = match resource.kind {
            Kind::User => &["groups", "meta"],
            Kind::Device => &["state", "enrolledBy", "meta"],
            _ => &["meta"],
        };
        for name in derived {
            full.extend(
                self.attribute(resource, name)
                    .map(|value| ((*name).to_owned(), value.into_owned())),
            );
        }
        full
    }

    /// The absolute URI of a resource.
    pub(crate) fn location(&self, resource: &Resource) -> String {
        self.uri(resource.kind, &resource.id)
    }

    /// The weak ETag: the stored revision, and for a user the groups it is shown with.
    pub(crate) fn version(&self, resource: &Resource) -> String {
        if resource.kind == Kind::Group && self.config.has(Switch::GroupVersionsStandStill) {
            return r#""1""#.to_owned();
        }
        let mut hasher = DefaultHasher::new();
        for group in self.store.groups_of(&resource.id) {
            (&group.id, group.text("displayName")).hash(&mut hasher);
        }
        format!("W/\"{}-{:x}\"", resource.revision, hasher.finish())
    }

    /// A top-level attribute, or an extension by its URN.
    fn attribute(&self, resource: &'s Resource, name: &str) -> Option<Cow<'s, Value>> {
        let owned = match (name, resource.kind) {
            ("schemas", _) => self.schemas(resource),
            ("id", _) => Value::from(resource.id.as_str()),
            ("meta", _) => self.meta(resource),
            ("groups", Kind::User) => self.groups(resource)?,
            ("members", Kind::Group) => self.members(resource)?,
            ("state", Kind::Device) if !resource.data.contains_key(name) => "registered".into(),
            ("enrolledBy", Kind::Device) if !resource.data.contains_key(name) => "SCIM".into(),
            (urn::ENTERPRISE, _) => self.enterprise(resource.data.get(name)?, "value"),
            (urn::V1_ENTERPRISE, _) => self.enterprise(resource.data.get(name)?, "managerId"),
            _ => return resource.data.get(name).map(Cow::Borrowed),
        };
        Some(Cow::Owned(owned))
    }

    /// The core URN and those of the extensions in use.
    fn schemas(&self, resource: &Resource) -> Value {
        let resource_type = self.dialect.resource_type(resource.kind);
        let used = resource_type
            .extensions
            .iter()
            .filter(|schema| resource.data.contains_key(&schema.id));
        std::iter::once(&resource_type.core)
            .chain(used)
            .map(|schema| schema.id.as_str())
            .collect()
    }

    fn meta(&self, resource: &Resource) -> Value {
        let mut meta = Map::new();
        if self.dialect.version == Version::V2 {
            meta.insert("resourceType".to_owned(), resource.kind.name().into());
        }
        for (name, time) in [
            ("created", resource.created),
            ("lastModified", resource.modified),
        ] {
            meta.insert(name.to_owned(), variants::time(self.config, time).into());
        }
        meta.insert("location".to_owned(), self.location(resource).into());
        meta.insert("version".to_owned(), self.version(resource).into());
        Value::Object(meta)
    }

    /// A user's direct groups.
    fn groups(&self, user: &Resource) -> Option<Value> {
        let shown = |group: &Resource| {
            let mut shown = json!({"value": group.id});
            self.refer(&mut shown, Kind::Group, &group.id);
            shown["display"] = group.text("displayName").into();
            shown["type"] = "direct".into();
            shown
        };
        let groups: Vec<Value> = self.store.groups_of(&user.id).map(shown).collect();
        (!groups.is_empty()).then_some(Value::Array(groups))
    }

    /// The members with what the provider knows of them.
    fn members(&self, group: &Resource) -> Option<Value> {
        let shown = |member: &Value| {
            let mut shown = member.clone();
            let known = member
                .get("value")
                .and_then(Value::as_str)
                .and_then(|id| self.store.get(id));
            if let Some(known) = known {
                self.refer(&mut shown, known.kind, &known.id);
                shown["type"] = known.kind.name().into();
            }
            shown
        };
        let members = group.data.get("members")?.as_array()?;
        Some(members.iter().map(shown).collect())
    }

    /// The enterprise extension with the manager's name, which only the provider can know.
    fn enterprise(&self, stored: &Value, id_name: &str) -> Value {
        let mut shown = stored.clone();
        let id = stored
            .get("manager")
            .and_then(|manager| manager.get(id_name)?.as_str());
        if let Some(manager) = id.and_then(|id| self.store.get_kind(Kind::User, id)) {
            self.refer(&mut shown["manager"], Kind::User, &manager.id);
            if let Some(name) = manager.text("displayName") {
                shown["manager"]["displayName"] = name.into();
            }
        }
        shown
    }

    /// `$ref`, which SCIM 1.1 does not have.
    fn refer(&self, value: &mut Value, kind: Kind, id: &str) {
        if self.dialect.version == Version::V2 {
            value["$ref"] = self.uri(kind, id).into();
        }
    }

    fn uri(&self, kind: Kind, id: &str) -> String {
        uri(self.base, kind, id)
    }

    /// A stored resource as the source of a filter's values.
    pub(crate) fn source(self, resource: &'s Resource) -> Shown<'s> {
        Shown {
            view: self,
            resource,
        }
    }
}

/// A resource that filters and sorting look at, without building the rest of it.
pub(crate) struct Shown<'s> {
    view: View<'s>,
    resource: &'s Resource,
}

impl Source for Shown<'_> {
    fn values(&self, place: Place) -> Vec<Cow<'_, Value>> {
        match place {
            Place::Extension(schema) => self
                .view
                .attribute(self.resource, &schema.id)
                .into_iter()
                .collect(),
            Place::Attribute {
                extension,
                attribute,
                sub,
            } => {
                let top = extension.map_or(&attribute.name, |schema| &schema.id);
                let Some(value) = self.view.attribute(self.resource, top) else {
                    return Vec::new();
                };
                let value = match extension {
                    Some(_) => member(value, &attribute.name),
                    None => Some(value),
                };
                let each = value.map(each).unwrap_or_default();
                match sub {
                    Some(sub) => each
                        .into_iter()
                        .filter_map(|value| member(value, &sub.name))
                        .collect(),
                    None => each,
                }
            }
        }
    }
}

fn member<'v>(value: Cow<'v, Value>, name: &str) -> Option<Cow<'v, Value>> {
    match value {
        Cow::Borrowed(value) => value.get(name).map(Cow::Borrowed),
        Cow::Owned(mut value) => value.get_mut(name).map(|member| Cow::Owned(member.take())),
    }
}

/// The values of a multi-valued attribute one by one, or the only one.
fn each(value: Cow<'_, Value>) -> Vec<Cow<'_, Value>> {
    match value {
        Cow::Borrowed(Value::Array(values)) => values.iter().map(Cow::Borrowed).collect(),
        Cow::Owned(Value::Array(values)) => values.into_iter().map(Cow::Owned).collect(),
        single => vec![single],
    }
}

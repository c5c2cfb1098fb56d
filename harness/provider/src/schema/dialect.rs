//! The resource types and schemas of a protocol version.

use std::sync::LazyLock;

use super::{Attribute, Schema, find, urn};
use crate::config::{Config, Version};
use crate::switch::Switch;

/// The kinds of resource that the store holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    User,
    Group,
    /// A role, an entitlement or a licence that users can have (Okta's entitlement management).
    Role,
    Entitlement,
    License,
    /// A device: a type of the provider's own, with attributes of every kind.
    Device,
}

impl Kind {
    pub(crate) const CORE: [Self; 2] = [Self::User, Self::Group];
    pub(crate) const ALL: [Self; 6] = [
        Self::User,
        Self::Group,
        Self::Role,
        Self::Entitlement,
        Self::License,
        Self::Device,
    ];

    /// The name of the resource type (RFC 7643 section 6).
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
            Self::Role => "Role",
            Self::Entitlement => "Entitlement",
            Self::License => "License",
            Self::Device => "Device",
        }
    }

    /// The last segment of the endpoint.
    pub(crate) fn endpoint(self) -> &'static str {
        match self {
            Self::User => "Users",
            Self::Group => "Groups",
            Self::Role => "Roles",
            Self::Entitlement => "Entitlements",
            Self::License => "Licenses",
            Self::Device => "Devices",
        }
    }

    /// Whether clients may change resources of this kind.
    pub(crate) fn is_writable(self) -> bool {
        self.is_core() || self == Self::Device
    }

    /// Whether it is a user or a group.
    pub(crate) fn is_core(self) -> bool {
        Self::CORE.contains(&self)
    }
}

/// Where a name in attribute notation leads (RFC 7644 section 3.10).
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    /// A whole extension, named by its URN.
    Extension(&'static Schema),
    /// An attribute, or one of its sub-attributes.
    Attribute {
        /// The extension that defines it; none for core and common attributes.
        extension: Option<&'static Schema>,
        attribute: &'static Attribute,
        sub: Option<&'static Attribute>,
    },
}

/// A resource type with the schemas it is made of.
#[derive(Debug)]
pub(crate) struct ResourceType {
    common: Vec<Attribute>,
    pub(crate) core: Schema,
    pub(crate) extensions: Vec<Schema>,
}

impl ResourceType {
    /// The core or common attribute of this name.
    pub(crate) fn attribute(&'static self, name: &str) -> Option<&'static Attribute> {
        find(&self.core.attributes, name).or_else(|| find(&self.common, name))
    }

    /// Common and core attributes in the order of their definition.
    pub(crate) fn attributes(&'static self) -> impl Iterator<Item = &'static Attribute> {
        self.common.iter().chain(&self.core.attributes)
    }

    /// The extension of this URN.
    pub(crate) fn extension(&'static self, id: &str) -> Option<&'static Schema> {
        self.extensions
            .iter()
            .find(|schema| schema.id.eq_ignore_ascii_case(id))
    }

    /// Resolves `[URN:]name[.sub]` or the URN of an extension, all in any case.
    ///
    /// A name without URN refers to the schemas of the stored resource (RFC 7644 section 3.5.2),
    /// so that extensions are looked at after the core; Entra sends `manager` like that.
    pub(crate) fn resolve(&'static self, token: &str) -> Option<Place> {
        if let Some(schema) = self.extension(token) {
            return Some(Place::Extension(schema));
        }
        if let Some(rest) = after_urn(token, &self.core.id) {
            return member(rest, None, |name| self.attribute(name));
        }
        for schema in &self.extensions {
            if let Some(rest) = after_urn(token, &schema.id) {
                return member(rest, Some(schema), |name| find(&schema.attributes, name));
            }
        }
        member(token, None, |name| self.attribute(name)).or_else(|| {
            self.extensions.iter().find_map(|schema| {
                member(token, Some(schema), |name| find(&schema.attributes, name))
            })
        })
    }
}

/// What follows `urn:` in `urn:name`.
fn after_urn<'t>(token: &'t str, urn: &str) -> Option<&'t str> {
    let (head, rest) = token.split_at_checked(urn.len())?;
    head.eq_ignore_ascii_case(urn)
        .then(|| rest.strip_prefix(':'))?
}

fn member(
    token: &str,
    extension: Option<&'static Schema>,
    lookup: impl Fn(&str) -> Option<&'static Attribute>,
) -> Option<Place> {
    let (name, sub) = match token.split_once('.') {
        Some((name, sub)) => (name, Some(sub)),
        None => (token, None),
    };
    let attribute = lookup(name)?;
    let sub = match sub {
        Some(sub) => Some(attribute.sub(sub)?),
        None => None,
    };
    Some(Place::Attribute {
        extension,
        attribute,
        sub,
    })
}

/// The resource types of a protocol version.
#[derive(Debug)]
pub(crate) struct Dialect {
    pub(crate) version: Version,
    user: ResourceType,
    group: ResourceType,
    role: ResourceType,
    entitlement: ResourceType,
    device: ResourceType,
}

impl Dialect {
    pub(crate) fn of(version: Version) -> &'static Self {
        static V2: LazyLock<Dialect> = LazyLock::new(Dialect::v2);
        static V1: LazyLock<Dialect> = LazyLock::new(Dialect::v1);
        match version {
            Version::V2 => &V2,
            Version::V1 => &V1,
        }
    }

    /// The same, for a provider with faults: one may compare all strings with regard to case, or none.
    pub(crate) fn of_config(config: &Config) -> &'static Self {
        static HEEDED: LazyLock<Dialect> = LazyLock::new(|| Dialect::v2().with_case(true));
        static IGNORED: LazyLock<Dialect> = LazyLock::new(|| Dialect::v2().with_case(false));
        match config.version {
            Version::V2 if config.has(Switch::CaseAlwaysHeeded) => &HEEDED,
            Version::V2 if config.has(Switch::CaseNeverHeeded) => &IGNORED,
            version => Self::of(version),
        }
    }

    fn with_case(mut self, exact: bool) -> Self {
        fn set(attributes: &mut [Attribute], exact: bool) {
            for attribute in attributes {
                attribute.case_exact = exact;
                set(&mut attribute.sub_attributes, exact);
            }
        }
        for own in [&mut self.user, &mut self.group, &mut self.device] {
            set(&mut own.core.attributes, exact);
            set(&mut own.common, exact);
            for extension in &mut own.extensions {
                set(&mut extension.attributes, exact);
            }
        }
        self
    }

    pub(crate) fn resource_type(&'static self, kind: Kind) -> &'static ResourceType {
        match kind {
            Kind::User => &self.user,
            Kind::Group => &self.group,
            Kind::Role => &self.role,
            Kind::Entitlement | Kind::License => &self.entitlement,
            Kind::Device => &self.device,
        }
    }

    /// The URN of list answers.
    pub(crate) fn list_urn(&self) -> &'static str {
        match self.version {
            Version::V2 => urn::LIST,
            Version::V1 => urn::V1_CORE,
        }
    }

    fn v2() -> Self {
        let common = read(include_str!("../../schemas/common.json")).attributes;
        let user = ResourceType {
            common: common.clone(),
            core: read(include_str!("../../schemas/user.json")),
            extensions: vec![read(include_str!("../../schemas/enterprise-user.json"))],
        };
        let plain = |json| ResourceType {
            common: common.clone(),
            core: read(json),
            extensions: Vec::new(),
        };
        let device = ResourceType {
            extensions: vec![read(include_str!("../../schemas/warranty.json"))],
            ..plain(include_str!("../../schemas/device.json"))
        };
        Self {
            version: Version::V2,
            device,
            user,
            group: plain(include_str!("../../schemas/group.json")),
            role: plain(include_str!("../../schemas/role.json")),
            entitlement: plain(include_str!("../../schemas/entitlement.json")),
        }
    }

    /// The attributes are those of 2.0 without `$ref`; only the URNs and the manager differ.
    fn v1() -> Self {
        let Self {
            mut user,
            mut group,
            role,
            entitlement,
            device,
            ..
        } = Self::v2();
        user.extensions = vec![read(include_str!("../../schemas/enterprise-user-v1.json"))];
        for resource_type in [&mut user, &mut group] {
            urn::V1_CORE.clone_into(&mut resource_type.core.id);
            for attribute in &mut resource_type.core.attributes {
                attribute.sub_attributes.retain(|sub| sub.name != "$ref");
            }
            for attribute in &mut resource_type.common {
                attribute
                    .sub_attributes
                    .retain(|sub| sub.name != "resourceType");
            }
        }
        Self {
            version: Version::V1,
            user,
            group,
            role,
            entitlement,
            device,
        }
    }
}

/// Reads an embedded schema; that all of them can be read is tested below.
fn read(json: &str) -> Schema {
    serde_json::from_str(json).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name_of(place: Option<Place>) -> String {
        match place {
            Some(Place::Extension(schema)) => schema.id.clone(),
            Some(Place::Attribute {
                extension,
                attribute,
                sub,
            }) => {
                let extension = extension.map_or("", |_| "enterprise");
                let sub = sub.map(|sub| sub.name.as_str()).unwrap_or_default();
                format!("{extension}/{}/{sub}", attribute.name)
            }
            None => "nothing".to_owned(),
        }
    }

    #[test]
    fn embedded_schemas_can_be_read() {
        let dialect = Dialect::of(Version::V2);
        for (schema, urn) in [
            (
                &dialect.user.core,
                "urn:ietf:params:scim:schemas:core:2.0:User",
            ),
            (
                &dialect.group.core,
                "urn:ietf:params:scim:schemas:core:2.0:Group",
            ),
            (&dialect.user.extensions[0], urn::ENTERPRISE),
            (&dialect.role.core, "urn:okta:scim:schemas:core:1.0:Role"),
            (
                &dialect.entitlement.core,
                "urn:okta:scim:schemas:core:1.0:Entitlement",
            ),
        ] {
            assert_eq!(schema.id, urn);
            assert!(!schema.attributes.is_empty());
        }
        assert_eq!(dialect.user.common.len(), 4);
        let v1 = Dialect::of(Version::V1);
        assert_eq!(
            v1.user.extensions[0].id,
            "urn:scim:schemas:extension:enterprise:1.0"
        );
    }

    #[test]
    fn names_resolve_in_every_notation() {
        let user = Dialect::of(Version::V2).resource_type(Kind::User);
        for (token, expected) in [
            ("userName", "/userName/"),
            ("USERNAME", "/userName/"),
            ("name.familyname", "/name/familyName"),
            (
                "urn:ietf:params:scim:schemas:core:2.0:user:name.familyName",
                "/name/familyName",
            ),
            (
                &format!("{}:department", urn::ENTERPRISE),
                "enterprise/department/",
            ),
            (
                &format!("{}:manager.value", urn::ENTERPRISE),
                "enterprise/manager/value",
            ),
            (urn::ENTERPRISE, urn::ENTERPRISE),
            ("manager", "enterprise/manager/"),
            ("meta.lastModified", "/meta/lastModified"),
            ("name.nothing", "nothing"),
            ("urn:x:y", "nothing"),
            ("name.familyName.x", "nothing"),
        ] {
            assert_eq!(name_of(user.resolve(token)), expected, "{token}");
        }
    }
}

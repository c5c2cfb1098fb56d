//! What a target offers: from its own discovery documents, asked once a run, and the target file.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde_json::Value;

use crate::{
    scenario::Version,
    target::{Deactivation, Duplicates, EmptyGroups, Target, UniqueField, UserName},
};

/// Schemas of the resource types that Okta's entitlement management reads.
const OKTA_ROLE: &str = "urn:okta:scim:schemas:core:1.0:Role";
const OKTA_ENTITLEMENT: &str = "urn:okta:scim:schemas:core:1.0:Entitlement";
/// Extension of ServiceProviderConfigs that Okta's on-premises provisioning reads.
const OKTA_ON_PREMISES: &str = "urn:okta:schemas:scim:providerconfig:1.0";
/// Capability of that extension.
const OKTA_INCREMENTAL: &str = "OPP_SCIM_INCREMENTAL_IMPORTS";

/// Something that a scenario or a step needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, JsonSchema)]
#[schemars(rename_all = "kebab-case")]
pub enum Capability {
    /// Throw-away users may be created.
    Users,
    /// Groups are a resource type.
    Groups,
    /// The enterprise extension of User.
    Enterprise,
    /// PATCH.
    Patch,
    /// Bulk.
    Bulk,
    /// Filtering.
    Filter,
    /// Sorting.
    Sort,
    /// Entity tags.
    Etag,
    /// Changing passwords.
    ChangePassword,
    /// Roles or entitlements are resource types, as Okta's entitlement management asks for them.
    Entitlements,
    /// Roles are.
    Roles,
    /// Entitlements are.
    EntitlementTypes,
    /// The configuration of SCIM 1.1 tells what Okta's on-premises provisioning may use.
    OnPremises,
    /// Okta's on-premises provisioning may ask for what changed since its last import.
    IncrementalImport,
    /// The target asks for a credential.
    Auth,
    /// `/ResourceTypes`.
    ResourceTypes,
    /// `/Schemas`.
    Schemas,
    /// Paging by index (RFC 9865 section 4: not every target has it).
    Index,
    /// Paging by cursor (RFC 9865).
    Cursor,
    /// The base URL is `https`.
    Tls,
    /// A second credential is configured.
    SecondCredential,
    /// A credential of another tenant is configured.
    OtherTenant,
    /// A deactivated user stays readable.
    DeactivationInactive,
    /// A deactivated user is removed.
    DeactivationRemoved,
    /// A create of a user that is there already is refused.
    DuplicateRefused,
    /// A create of a user that is there already is answered with that user.
    DuplicateMatched,
    /// A userName may differ from the user's e-mail.
    FreeUserName,
    /// The app looks users up by their externalId.
    LookupByExternalId,
    /// A group may have no members.
    EmptyGroups,
}

impl Capability {
    /// Every capability by the name it has in scenario files.
    pub const NAMES: [(&'static str, Self); 29] = [
        ("users", Self::Users),
        ("groups", Self::Groups),
        ("enterprise", Self::Enterprise),
        ("patch", Self::Patch),
        ("bulk", Self::Bulk),
        ("filter", Self::Filter),
        ("sort", Self::Sort),
        ("etag", Self::Etag),
        ("change-password", Self::ChangePassword),
        ("entitlements", Self::Entitlements),
        ("roles", Self::Roles),
        ("entitlement-types", Self::EntitlementTypes),
        ("on-premises", Self::OnPremises),
        ("incremental-import", Self::IncrementalImport),
        ("auth", Self::Auth),
        ("resource-types", Self::ResourceTypes),
        ("schemas", Self::Schemas),
        ("index", Self::Index),
        ("cursor", Self::Cursor),
        ("tls", Self::Tls),
        ("second-credential", Self::SecondCredential),
        ("other-tenant", Self::OtherTenant),
        ("deactivation-inactive", Self::DeactivationInactive),
        ("deactivation-removed", Self::DeactivationRemoved),
        ("duplicate-refused", Self::DuplicateRefused),
        ("duplicate-matched", Self::DuplicateMatched),
        ("free-user-name", Self::FreeUserName),
        ("lookup-by-external-id", Self::LookupByExternalId),
        ("empty-groups", Self::EmptyGroups),
    ];

    /// Whether the target's discovery documents have a say in it.
    pub fn is_discovered(self) -> bool {
        !self.is_policy()
            && !matches!(
                self,
                Self::Users | Self::Auth | Self::Tls | Self::SecondCredential | Self::OtherTenant
            )
    }

    /// Whether it is a policy of which the target file says whether the target has it.
    pub fn is_policy(self) -> bool {
        matches!(
            self,
            Self::DeactivationInactive
                | Self::DeactivationRemoved
                | Self::DuplicateRefused
                | Self::DuplicateMatched
                | Self::FreeUserName
                | Self::LookupByExternalId
                | Self::EmptyGroups
        )
    }

    /// Member of ServiceProviderConfig that states it (RFC 7643 section 5).
    fn config_member(self) -> Option<&'static str> {
        match self {
            Self::Patch => Some("patch"),
            Self::Bulk => Some("bulk"),
            Self::Filter => Some("filter"),
            Self::Sort => Some("sort"),
            Self::Etag => Some("etag"),
            Self::ChangePassword => Some("changePassword"),
            _ => None,
        }
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = Self::NAMES
            .iter()
            .find(|(_, capability)| capability == self);
        formatter.write_str(named.map_or("", |(name, _)| name))
    }
}

impl FromStr for Capability {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::NAMES
            .iter()
            .find(|(name, _)| *name == text)
            .map(|(_, capability)| *capability)
            .ok_or(())
    }
}

/// What the target says of itself; a document that it does not offer is `None`.
#[derive(Clone, Debug, Default)]
pub struct Discovery {
    /// ServiceProviderConfig, in SCIM 1.1 ServiceProviderConfigs.
    pub config: Option<Value>,
    /// Resources of /ResourceTypes; SCIM 1.1 has none.
    pub resource_types: Option<Vec<Value>>,
    /// Resources of /Schemas.
    pub schemas: Option<Vec<Value>>,
}

/// Paths of the discovery documents: configuration, resource types, schemas.
pub fn discovery_paths(version: Version) -> [Option<&'static str>; 3] {
    match version {
        Version::V2 => [
            Some("/ServiceProviderConfig"),
            Some("/ResourceTypes"),
            Some("/Schemas"),
        ],
        Version::V1 => [Some("/ServiceProviderConfigs"), None, Some("/Schemas")],
    }
}

impl Discovery {
    /// From the bodies of the three documents.
    pub fn new(
        config: Option<Value>,
        resource_types: Option<Value>,
        schemas: Option<Value>,
    ) -> Self {
        Self {
            config: config.filter(Value::is_object),
            resource_types: resources(resource_types),
            schemas: resources(schemas),
        }
    }

    /// Whether the documents say nothing of something that is usual, and that a request can tell.
    pub fn is_silent_on(&self, capability: Capability) -> bool {
        matches!(capability, Capability::Patch | Capability::Filter)
            && self.stated(capability).is_none()
    }

    /// What the configuration says of something.
    fn stated(&self, capability: Capability) -> Option<bool> {
        let config = self.config.as_ref()?;
        let stated = config.get(capability.config_member()?)?;
        stated.get("supported")?.as_bool()
    }

    /// Why the target does not offer this, as far as its own documents say; `None` where it does
    /// or where they are silent on something that is usual.
    fn refusal(&self, capability: Capability) -> Option<String> {
        if let Some(member) = capability.config_member() {
            let usual = matches!(
                capability,
                Capability::Patch | Capability::Filter | Capability::ChangePassword
            );
            return match self.stated(capability) {
                Some(false) => Some(format!(
                    "the target's ServiceProviderConfig says {member}.supported = false"
                )),
                None if !usual => Some(format!(
                    "the target's ServiceProviderConfig does not offer `{member}`"
                )),
                Some(true) | None => None,
            };
        }
        match capability {
            Capability::Groups => self.lacks_group(),
            Capability::Enterprise => self.lacks_enterprise(),
            Capability::ResourceTypes => lacks("/ResourceTypes", self.resource_types.as_ref()),
            Capability::Schemas => lacks("/Schemas", self.schemas.as_ref()),
            Capability::Index => (self.pages_by("index") == Some(false)).then(|| {
                "the target's ServiceProviderConfig says pagination.index = false".to_owned()
            }),
            Capability::Cursor => (self.pages_by("cursor") != Some(true)).then(|| {
                "the target's ServiceProviderConfig does not offer paging by cursor".to_owned()
            }),
            Capability::Entitlements => self.lacks_types(&[OKTA_ROLE, OKTA_ENTITLEMENT]),
            Capability::Roles => self.lacks_types(&[OKTA_ROLE]),
            Capability::EntitlementTypes => self.lacks_types(&[OKTA_ENTITLEMENT]),
            Capability::OnPremises | Capability::IncrementalImport => {
                self.lacks_on_premises(capability)
            }
            _ => None,
        }
    }

    /// What the configuration says of a way of paging (RFC 9865 section 4).
    fn pages_by(&self, way: &str) -> Option<bool> {
        self.config.as_ref()?.get("pagination")?.get(way)?.as_bool()
    }

    fn lacks_group(&self) -> Option<String> {
        let listed = self.resource_types.as_ref().or(self.schemas.as_ref())?;
        let named = |resource: &Value| {
            resource
                .get("name")
                .and_then(Value::as_str)
                .is_some_and(|name| name.eq_ignore_ascii_case("Group"))
        };
        (!listed.iter().any(named))
            .then(|| "the target's discovery documents list no Group".to_owned())
    }

    fn lacks_enterprise(&self) -> Option<String> {
        let listed = self.resource_types.as_ref().or(self.schemas.as_ref())?;
        let mentioned = listed.iter().any(|resource| {
            let text = resource.to_string();
            ["extension:enterprise:2.0:User", "extension:enterprise:1.0"]
                .iter()
                .any(|urn| text.contains(urn))
        });
        (!mentioned).then(|| {
            "the target's discovery documents show no enterprise extension of User".to_owned()
        })
    }

    fn lacks_types(&self, schemas: &[&str]) -> Option<String> {
        self.endpoints(schemas).is_empty().then(|| {
            let schemas = schemas.join(" or ");
            format!("the target's /ResourceTypes lists none with the schema {schemas}")
        })
    }

    fn lacks_on_premises(&self, capability: Capability) -> Option<String> {
        let own = self.config.as_ref().and_then(|config| {
            config
                .get(OKTA_ON_PREMISES)?
                .get("userManagementCapabilities")?
                .as_array()
        });
        let Some(stated) = own else {
            return Some(format!(
                "the target's ServiceProviderConfigs has no {OKTA_ON_PREMISES}"
            ));
        };
        let incremental = stated.iter().any(|one| one == OKTA_INCREMENTAL);
        (capability == Capability::IncrementalImport && !incremental).then(|| {
            format!("the target's ServiceProviderConfigs does not list {OKTA_INCREMENTAL}")
        })
    }

    /// Endpoints of the resource types that have one of these schemas, or of all types where none is
    /// named, without the slash that some write before them (A32); SCIM 1.1 tells of none. One that is
    /// no single segment is left out, as what its answers should look like is not known.
    pub fn endpoints(&self, schemas: &[impl AsRef<str>]) -> Vec<String> {
        let wanted = |resource: &&Value| {
            let schema = resource.get("schema").and_then(Value::as_str);
            schemas.is_empty()
                || schema.is_some_and(|own| {
                    schemas
                        .iter()
                        .any(|one| one.as_ref().eq_ignore_ascii_case(own))
                })
        };
        let types = self.resource_types.iter().flatten().filter(wanted);
        types
            .filter_map(|resource| resource.get("endpoint")?.as_str())
            .map(|endpoint| endpoint.trim_matches('/').to_owned())
            .filter(|endpoint| !endpoint.is_empty() && !endpoint.contains('/'))
            .collect()
    }
}

fn lacks(path: &str, document: Option<&Vec<Value>>) -> Option<String> {
    document
        .is_none()
        .then(|| format!("the target has no readable {path}"))
}

fn resources(list: Option<Value>) -> Option<Vec<Value>> {
    match list?.get("Resources")? {
        Value::Array(resources) => Some(resources.clone()),
        _ => None,
    }
}

/// Why the target does not offer this, if it does not. Without discovery documents only what the
/// target file settles is known.
pub fn refusal(
    capability: Capability,
    target: &Target,
    discovery: Option<&Discovery>,
) -> Option<String> {
    let file = |said: &str| Some(format!("the target file says {said}"));
    match capability {
        Capability::Groups if target.groups == Some(false) => file("groups = false"),
        Capability::Groups if target.groups == Some(true) => None,
        Capability::Auth if !target.credential.is_some() => {
            Some("the target is used without a credential".to_owned())
        }
        Capability::Tls if !target.is_https() && target.is_private() => {
            Some("the base URL is not https, as is usual for tests in one's own network".to_owned())
        }
        Capability::SecondCredential if target.second.is_none() => {
            Some("no second credential is configured".to_owned())
        }
        Capability::OtherTenant if target.other_tenant.is_none() => {
            Some("no credential of another tenant is configured".to_owned())
        }
        Capability::DeactivationInactive if target.deactivation == Deactivation::Removed => {
            file("deactivation = \"removed\"")
        }
        Capability::DuplicateRefused if target.manner.duplicates == Duplicates::Matched => {
            file("duplicates = \"matched\"")
        }
        Capability::FreeUserName if target.manner.user_name == UserName::Email => {
            file("user_name = \"email\"")
        }
        Capability::DuplicateMatched if target.manner.duplicates == Duplicates::Refused => {
            Some("the target refuses duplicates (duplicates = \"refused\")".to_owned())
        }
        Capability::DeactivationRemoved if target.deactivation == Deactivation::Inactive => {
            Some("the target keeps deactivated users (deactivation = \"inactive\")".to_owned())
        }
        Capability::EmptyGroups if target.manner.empty_groups == EmptyGroups::Refused => {
            file("empty_groups = \"refused\"")
        }
        Capability::LookupByExternalId if target.manner.unique_field == UniqueField::UserName => {
            Some("users are looked up by userName (unique_field = \"userName\")".to_owned())
        }
        other => discovery?.refusal(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_the_configuration_denies_is_refused_with_its_words() {
        let discovery = Discovery::new(
            Some(json!({"patch": {"supported": false}, "sort": {"supported": true}})),
            None,
            None,
        );
        assert_eq!(
            discovery.refusal(Capability::Patch).unwrap(),
            "the target's ServiceProviderConfig says patch.supported = false"
        );
        assert_eq!(discovery.refusal(Capability::Sort), None);
        assert_eq!(
            discovery.refusal(Capability::Filter),
            None,
            "usual and not denied: tried"
        );
        assert!(
            discovery.refusal(Capability::Bulk).is_some(),
            "unusual and not stated: not tried"
        );
        assert_eq!(discovery.refusal(Capability::Groups), None);
    }

    #[test]
    fn endpoints_are_those_of_the_schemas_asked_for() {
        let role = OKTA_ROLE;
        let types = json!({"Resources": [
            {"schema": "urn:x:User", "endpoint": "/Users"},
            {"schema": role, "endpoint": "/Roles"},
            {"schema": role, "endpoint": "/x/Roles"},
            {"schema": role}]});
        let discovery = Discovery::new(None, Some(types), None);
        assert_eq!(discovery.endpoints(&[role]), ["Roles"]);
        assert_eq!(discovery.endpoints(&[""; 0]), ["Users", "Roles"]);
        let offers = |capability| discovery.refusal(capability).is_none();
        assert!(offers(Capability::Entitlements) && offers(Capability::Roles));
        assert_eq!(
            discovery.refusal(Capability::EntitlementTypes).unwrap(),
            format!("the target's /ResourceTypes lists none with the schema {OKTA_ENTITLEMENT}")
        );
    }

    #[test]
    fn what_on_premises_provisioning_may_use_is_told_by_the_configuration() {
        let discovery = |capabilities: Value| {
            let own = json!({"userManagementCapabilities": capabilities});
            Discovery::new(Some(json!({OKTA_ON_PREMISES: own})), None, None)
        };
        let full = discovery(json!(["PUSH_NEW_USERS", OKTA_INCREMENTAL]));
        let plain = discovery(json!(["PUSH_NEW_USERS"]));
        for (told, on_premises, incremental) in [
            (&full, true, true),
            (&plain, true, false),
            (&Discovery::default(), false, false),
        ] {
            let offers = |capability| told.refusal(capability).is_none();
            assert_eq!(offers(Capability::OnPremises), on_premises);
            assert_eq!(offers(Capability::IncrementalImport), incremental);
        }
    }

    #[test]
    fn paging_and_documents_are_offered_as_discovery_says() {
        let with = |pagination: Value| {
            let config = json!({"pagination": pagination});
            Discovery::new(Some(config), None, Some(json!({"Resources": []})))
        };
        let offers = |discovery: &Discovery, capability| discovery.refusal(capability).is_none();
        let both = with(json!({"cursor": true, "index": true}));
        assert!(offers(&both, Capability::Cursor) && offers(&both, Capability::Index));
        let one = with(json!({"cursor": true, "index": false}));
        assert!(offers(&one, Capability::Cursor) && !offers(&one, Capability::Index));
        let silent = Discovery::default();
        assert!(!offers(&silent, Capability::Cursor) && offers(&silent, Capability::Index));
        assert!(offers(&both, Capability::Schemas) && !offers(&silent, Capability::Schemas));
        assert!(!offers(&both, Capability::ResourceTypes));
    }

    #[test]
    fn every_capability_is_read_by_its_name() {
        let told = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/README.md"));
        for (name, capability) in Capability::NAMES {
            assert!(told.contains(&format!("`{name}`")), "{name} is documented");
            assert_eq!(name.parse(), Ok(capability));
            assert_eq!(capability.to_string(), name);
        }
    }
}

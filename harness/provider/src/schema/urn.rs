//! The URNs of schemas and messages.

pub(crate) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
pub(crate) const CONFIG: &str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
pub(crate) const RESOURCE_TYPE: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
pub(crate) const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";
pub(crate) const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
pub(crate) const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
pub(crate) const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
pub(crate) const BULK_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
pub(crate) const BULK_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";
pub(crate) const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// SCIM 1.1 has one URN for users, groups, lists, bulk messages and discovery.
pub(crate) const V1_CORE: &str = "urn:scim:schemas:core:1.0";

/// What Okta's on-premises provisioning reads of the configuration in SCIM 1.1.
pub(crate) const OKTA_CONFIG: &str = "urn:okta:schemas:scim:providerconfig:1.0";

/// The enterprise extension of SCIM 1.1.
pub(crate) const V1_ENTERPRISE: &str = "urn:scim:schemas:extension:enterprise:1.0";

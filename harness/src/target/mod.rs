//! Whom we test, with which credential, and what it is known to do differently.

mod config;
mod credential;
pub(crate) mod host;
mod manner;
mod nearly;
mod notation;
mod secretless;
mod variables;

use std::{borrow::Cow, path::PathBuf};

use serde::Deserialize;
use url::Url;

use crate::{exchange::Tenant, scenario::Version};

pub use config::{Config, select};
pub use credential::{Auth, Mask, PLACEHOLDER};
pub use manner::{Duplicates, EmptyGroups, Manner, UniqueField, UserName};
pub use nearly::Nearly;
pub(crate) use variables::proxy_credentials;
pub use variables::{Environment, wanted_version};

/// A SCIM service provider under test.
#[derive(Clone, Debug)]
pub struct Target {
    /// Name for reports and snapshots.
    pub name: String,
    /// Base URL for each version of the protocol it speaks.
    pub endpoints: Vec<(Version, Url)>,
    /// The credential that every request carries unless its step says otherwise.
    pub credential: Auth,
    /// A second credential, with fewer rights.
    pub second: Option<Auth>,
    /// The credential of another tenant.
    pub other_tenant: Option<Auth>,
    /// Domain of the users that are created.
    pub user_domain: String,
    /// What becomes of a deactivated user.
    pub deactivation: Deactivation,
    /// Whether it has groups, if the target file says so.
    pub groups: Option<bool>,
    /// What else is particular to it.
    pub manner: Manner,
    /// How its TLS certificate is judged.
    pub tls: Tls,
    /// The arguments by which the command line names it again.
    pub arguments: String,
    /// Whether it is the provider that is embedded in the harness.
    pub embedded: bool,
}

/// What a provider does with a user whose `active` becomes false.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Deactivation {
    /// It stays, with `active` false.
    #[default]
    Inactive,
    /// It is removed.
    Removed,
}

/// How TLS is done.
#[derive(Clone, Debug, Default)]
pub struct Tls {
    /// PEM file of a certificate authority that is trusted besides the system's.
    pub ca: Option<PathBuf>,
    /// PEM file with a client certificate and its key.
    pub client_certificate: Option<PathBuf>,
    /// Certificates are not verified.
    pub insecure: bool,
}

impl Target {
    /// The target as a tenant of it has it, with that one's credential.
    pub fn of(&self, tenant: Tenant) -> Cow<'_, Self> {
        match tenant {
            Tenant::Own => Cow::Borrowed(self),
            Tenant::Other => Cow::Owned(Self {
                credential: self.other_tenant.clone().unwrap_or_default(),
                ..self.clone()
            }),
        }
    }

    /// Base URL for a version, without a slash at its end.
    pub fn base(&self, version: Version) -> Option<&str> {
        let endpoint = self.endpoints.iter().find(|(spoken, _)| *spoken == version);
        endpoint.map(|(_, url)| url.as_str().trim_end_matches('/'))
    }

    /// Whether this is one of its base URLs.
    pub fn has_base(&self, url: &str) -> bool {
        let bases = self.endpoints.iter();
        let mut bases = bases.filter_map(|(version, _)| self.base(*version));
        bases.any(|base| base == url.trim_end_matches('/'))
    }

    /// The base URL that reports show.
    pub fn url(&self) -> String {
        let urls = self
            .endpoints
            .iter()
            .map(|(_, url)| url.as_str().trim_end_matches('/').to_owned());
        urls.collect::<Vec<_>>().join(", ")
    }

    /// Whether every base URL of it is https.
    pub fn is_https(&self) -> bool {
        self.endpoints
            .iter()
            .all(|(_, url)| url.scheme() == "https")
    }

    /// Whether every base URL of it is in a network of one's own.
    pub fn is_private(&self) -> bool {
        self.endpoints.iter().all(|(_, url)| host::is_private(url))
    }

    /// Whether it decides itself what an attribute of a user holds: whoever is deactivated is removed,
    /// or a userName is the e-mail.
    pub fn rules_over(&self, pointer: &str) -> bool {
        match pointer {
            "/active" => self.deactivation == Deactivation::Removed,
            "/userName" => self.manner.user_name == UserName::Email,
            _ => false,
        }
    }

    /// The versions it is tested in, as reports show them.
    pub fn versions(&self) -> String {
        self.endpoints
            .iter()
            .map(|(version, _)| version.to_string())
            .collect::<Vec<_>>()
            .join(", ")
    }
}

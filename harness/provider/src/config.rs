//! What a provider is started with.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::like::Like;
use crate::schema::Kind;
use crate::switch::Switch;

/// The protocol version that a provider speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Version {
    /// SCIM 2.0 (RFC 7643 and RFC 7644).
    #[default]
    V2,
    /// SCIM 1.1 (core schema and REST API of July 2012).
    V1,
}

impl Version {
    /// The media type of its messages.
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::V2 => "application/scim+json",
            Self::V1 => "application/json",
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V2 => "2.0",
            Self::V1 => "1.1",
        })
    }
}

impl FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "2.0" | "2" => Ok(Self::V2),
            "1.1" => Ok(Self::V1),
            other => Err(format!(
                "unknown SCIM version \"{other}\", known are 2.0 and 1.1"
            )),
        }
    }
}

/// The credentials that a provider demands (RFC 7644 section 2). An empty secret lets nobody in.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Auth {
    /// Everybody is let in.
    #[default]
    None,
    /// `Authorization: Bearer` with this token.
    Bearer(String),
    /// `Authorization: Basic` with these credentials.
    Basic {
        /// The user's name.
        user: String,
        /// The user's password.
        password: String,
    },
    /// This very value of the Authorization header.
    Header(String),
    /// Any of these.
    Any(Vec<Auth>),
}

/// Names the scheme and hides the secret.
impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Bearer(_) => "Bearer(..)",
            Self::Basic { .. } => "Basic(..)",
            Self::Header(_) => "Header(..)",
            Self::Any(_) => "Any(..)",
        })
    }
}

/// What a provider is started with.
#[derive(Clone, Debug)]
pub struct Config {
    /// The protocol version.
    pub version: Version,
    /// The credentials demanded of every request but discovery.
    pub auth: Auth,
    /// Credentials that are known but give no right: 403 to every request but discovery.
    pub barred: Option<Auth>,
    /// The credentials of another tenant, which has resources of its own (RFC 7644 section 6).
    pub other_tenant: Option<Auth>,
    /// The absolute base URL that locations start with, without a slash at the end.
    pub base: String,
    /// The faults that are switched on; without any the provider is correct.
    pub faults: Vec<Switch>,
    /// The service provider of the field whose manner it takes on.
    pub like: Option<Like>,
    /// Whether Okta's extensions are there: in SCIM 2.0 resource types of roles and entitlements,
    /// which can only be read, in SCIM 1.1 the capabilities that on-premises provisioning asks for.
    pub okta: bool,
    /// Whether there is a resource type of the provider's own, Device, in SCIM 2.0.
    pub devices: bool,
    /// The most resources in one page, advertised as `filter.maxResults` (RFC 7643 section 5).
    pub max_results: usize,
    /// How long a cursor is good for, advertised as `pagination.cursorTimeout` (RFC 9865 section 4).
    pub cursor_timeout: Duration,
    /// The most operations in one bulk request, advertised as `bulk.maxOperations`.
    pub max_operations: usize,
    /// The most bytes in one bulk request, advertised as `bulk.maxPayloadSize`.
    pub max_payload: usize,
    /// Where it is noted which faults were asked for.
    pub asked: Option<Asked>,
}

/// The faults whose place a request came by: none of the others would have made a difference.
#[derive(Clone, Debug, Default)]
pub struct Asked(Arc<Mutex<BTreeSet<Switch>>>);

impl Asked {
    /// Whether this one was asked for.
    pub fn has(&self, switch: Switch) -> bool {
        self.switches().contains(&switch)
    }

    fn switches(&self) -> MutexGuard<'_, BTreeSet<Switch>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            version: Version::V2,
            auth: Auth::None,
            barred: None,
            other_tenant: None,
            base: "http://127.0.0.1:8080/scim/v2".to_owned(),
            faults: Vec::new(),
            like: None,
            okta: false,
            devices: false,
            max_results: 200,
            cursor_timeout: Duration::from_secs(3600),
            max_operations: 1000,
            max_payload: 1_048_576,
            asked: None,
        }
    }
}

impl Config {
    /// The kinds of resource that are offered.
    pub(crate) fn kinds(&self) -> &'static [Kind] {
        const WITH_DEVICES: [Kind; 3] = [Kind::User, Kind::Group, Kind::Device];
        match (self.version, self.okta, self.devices) {
            (Version::V2, true, true) => &Kind::ALL,
            (Version::V2, true, false) => &Kind::ALL[..5],
            (Version::V2, false, true) => &WITH_DEVICES,
            _ => &Kind::CORE,
        }
    }

    /// Whether this fault is switched on.
    pub(crate) fn has(&self, switch: Switch) -> bool {
        if let Some(asked) = &self.asked {
            asked.switches().insert(switch);
        }
        self.faults.contains(&switch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_stay_out_of_debug() {
        let config = Config {
            auth: Auth::Bearer("s3cret".to_owned()),
            ..Config::default()
        };
        assert!(!format!("{config:?}").contains("s3cret"));
    }

    #[test]
    fn versions_read_what_they_show() {
        for version in [Version::V2, Version::V1] {
            assert_eq!(version.to_string().parse(), Ok(version));
        }
        assert!("3.0".parse::<Version>().is_err());
    }
}

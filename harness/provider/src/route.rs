//! The paths below the base URL (RFC 7644 section 3.2, SCIM 1.1 API section 3).

use crate::config::{Config, Version};
use crate::schema::Kind;

/// Where a path leads. Paths are case-sensitive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    Root,
    /// `.search`, at the root or below a resource type.
    Search(Option<Kind>),
    Collection(Kind),
    Resource(Kind, String),
    Config,
    ResourceTypes(Option<String>),
    Schemas(Option<String>),
    Bulk,
    Me,
}

impl Route {
    /// The route of the decoded segments of a path.
    pub(crate) fn find(config: &Config, segments: &[String]) -> Option<Self> {
        let version = config.version;
        let at = |endpoint: &str| {
            let mut kinds = config.kinds().iter().copied();
            kinds.find(|kind| kind.endpoint() == endpoint)
        };
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        match (version, segments.as_slice()) {
            (_, []) if version == Version::V2 => Some(Self::Root),
            (Version::V2, [".search"]) => Some(Self::Search(None)),
            (Version::V2, [endpoint, ".search"]) => Some(Self::Search(Some(at(endpoint)?))),
            (Version::V2, ["ServiceProviderConfig"])
            | (Version::V1, ["ServiceProviderConfigs"]) => Some(Self::Config),
            (Version::V2, ["ResourceTypes"]) => Some(Self::ResourceTypes(None)),
            (Version::V2, ["ResourceTypes", id]) => {
                Some(Self::ResourceTypes(Some((*id).to_owned())))
            }
            (_, ["Schemas"]) => Some(Self::Schemas(None)),
            (_, ["Schemas", id]) => Some(Self::Schemas(Some((*id).to_owned()))),
            (Version::V2, ["Me", ..]) => Some(Self::Me),
            (_, ["Bulk"]) => Some(Self::Bulk),
            (_, [endpoint]) => Some(Self::Collection(at(endpoint)?)),
            (_, [endpoint, id]) => Some(Self::Resource(at(endpoint)?, (*id).to_owned())),
            _ => None,
        }
    }

    /// The methods for Allow; none where the method does not matter.
    pub(crate) fn allow(&self) -> Option<&'static str> {
        match self {
            Self::Root | Self::Config | Self::ResourceTypes(_) | Self::Schemas(_) => Some("GET"),
            Self::Search(_) | Self::Bulk => Some("POST"),
            Self::Collection(kind) | Self::Resource(kind, _) if !kind.is_writable() => Some("GET"),
            Self::Collection(_) => Some("GET, POST"),
            Self::Resource(..) => Some("GET, PUT, PATCH, DELETE"),
            Self::Me => None,
        }
    }

    /// Discovery needs no credentials (RFC 7643 section 5).
    pub(crate) fn is_public(&self) -> bool {
        matches!(
            self,
            Self::Config | Self::ResourceTypes(_) | Self::Schemas(_)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(version: Version, path: &str) -> Option<Route> {
        let config = Config {
            version,
            ..Config::default()
        };
        let segments: Vec<String> = path
            .split('/')
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect();
        Route::find(&config, &segments)
    }

    #[test]
    fn paths_lead_to_their_routes() {
        let id = || "1".to_owned();
        assert_eq!(
            find(Version::V2, "/Users"),
            Some(Route::Collection(Kind::User))
        );
        assert_eq!(
            find(Version::V2, "/Groups/1"),
            Some(Route::Resource(Kind::Group, id()))
        );
        assert_eq!(
            find(Version::V2, "/Users/.search"),
            Some(Route::Search(Some(Kind::User)))
        );
        assert_eq!(
            find(Version::V1, "/ServiceProviderConfigs"),
            Some(Route::Config)
        );
        for path in ["/users", "/Users/1/x", "/ServiceProviderConfigs", "/x"] {
            assert_eq!(find(Version::V2, path), None, "{path}");
        }
        for path in ["/", "/ResourceTypes", "/Me", "/.search"] {
            assert_eq!(find(Version::V1, path), None, "{path}");
        }
    }
}

//! Failures and how either version writes them (RFC 7644 section 3.12, SCIM 1.1 API section 3.9).

use serde_json::{Value, json};

use crate::config::Version;

/// The keyword for the cause of an error (RFC 7644 table 9, RFC 9865 table 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScimType {
    ExpiredCursor,
    InvalidCount,
    InvalidCursor,
    InvalidFilter,
    InvalidPath,
    InvalidSyntax,
    InvalidValue,
    Mutability,
    NoTarget,
    Uniqueness,
}

impl ScimType {
    fn name(self) -> &'static str {
        match self {
            Self::ExpiredCursor => "expiredCursor",
            Self::InvalidCount => "invalidCount",
            Self::InvalidCursor => "invalidCursor",
            Self::InvalidFilter => "invalidFilter",
            Self::InvalidPath => "invalidPath",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidValue => "invalidValue",
            Self::Mutability => "mutability",
            Self::NoTarget => "noTarget",
            Self::Uniqueness => "uniqueness",
        }
    }
}

/// A request that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Error {
    pub(crate) status: u16,
    pub(crate) scim_type: Option<ScimType>,
    pub(crate) detail: String,
    /// A header that belongs to the status, such as Allow to 405.
    pub(crate) header: Option<(&'static str, String)>,
    /// Only a switched fault answers in plain text.
    pub(crate) plain_text: bool,
}

pub(crate) type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub(crate) fn new(status: u16, detail: impl Into<String>) -> Self {
        Self {
            status,
            scim_type: None,
            detail: detail.into(),
            header: None,
            plain_text: false,
        }
    }

    /// 400 with a keyword.
    pub(crate) fn bad(scim_type: ScimType, detail: impl Into<String>) -> Self {
        Self {
            scim_type: Some(scim_type),
            ..Self::new(400, detail)
        }
    }

    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(404, format!("{what} not found"))
    }

    /// 409: RFC 7644 section 3.3 for POST; table 8 has the same status for PUT and PATCH.
    pub(crate) fn taken(attribute: &str, value: &str) -> Self {
        let detail = format!("{attribute} \"{value}\" is already taken");
        Self {
            scim_type: Some(ScimType::Uniqueness),
            ..Self::new(409, detail)
        }
    }

    pub(crate) fn method_not_allowed(method: &str, allow: &str) -> Self {
        let header = Some(("Allow", allow.to_owned()));
        Self {
            header,
            ..Self::new(405, format!("{method} is not allowed here, only {allow}"))
        }
    }

    /// The body in the version's own form; the code is a string in both.
    pub(crate) fn body(&self, version: Version) -> Value {
        let status = self.status.to_string();
        match version {
            Version::V1 => json!({"Errors": [{"description": self.detail, "code": status}]}),
            Version::V2 => {
                let mut body = json!({"schemas": [crate::schema::urn::ERROR], "status": status});
                if let Some(scim_type) = self.scim_type {
                    body["scimType"] = scim_type.name().into();
                }
                body["detail"] = self.detail.as_str().into();
                body
            }
        }
    }
}

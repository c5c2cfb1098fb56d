//! Service providers of the field that the provider can act like.

mod thousandeyes;

use std::fmt;
use std::str::FromStr;

use crate::message::{Request, Response};
use crate::provider::Provider;

/// A service provider of the field whose manner the provider can take on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Like {
    /// ThousandEyes: users only, known by their e-mail, removed when deactivated.
    ThousandEyes,
}

impl Like {
    /// All of them.
    pub const ALL: [Self; 1] = [Self::ThousandEyes];

    /// The name on the command line and in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::ThousandEyes => "thousandeyes",
        }
    }

    pub(crate) fn answer(self, provider: &Provider, request: &Request) -> Response {
        match self {
            Self::ThousandEyes => thousandeyes::answer(provider, request),
        }
    }
}

impl fmt::Display for Like {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Like {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.map(Self::name).join(", ");
        Self::ALL
            .into_iter()
            .find(|like| like.name() == text)
            .ok_or_else(|| format!("unknown provider \"{text}\", known is {known}"))
    }
}

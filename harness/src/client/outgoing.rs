//! A request before it is sent.

use crate::{client_profile::CREDENTIAL, exchange::Tenant, target::Auth};

/// A request that is ready to go out.
#[derive(Clone, Debug, Default)]
pub struct Outgoing {
    /// Step that sends it.
    pub step: String,
    /// Method in upper case.
    pub method: String,
    /// Base URL without a slash at its end.
    pub base: String,
    /// Path below the base URL, percent-encoded.
    pub path: String,
    /// Query string as sent, without `?`; empty for none.
    pub query: String,
    /// Headers; the value `{{credential}}` stands for the credential.
    pub headers: Vec<(String, String)>,
    /// Credential.
    pub auth: Auth,
    /// Body.
    pub body: Option<String>,
    /// A whole request for a socket of its own, instead of all the above but the base URL.
    pub raw: Option<String>,
    /// Whether the target may close the connection instead of answering.
    pub may_be_cut: bool,
    /// Whether the target is known to accept the credential.
    pub authorised: bool,
    /// Whose credential it is.
    pub tenant: Tenant,
}

impl Outgoing {
    /// The content that it carries: its body, or what follows the head of a raw request.
    pub fn content(&self) -> Option<&str> {
        match &self.raw {
            Some(text) => after_empty_line(text),
            None => self.body.as_deref(),
        }
    }

    /// The headers with the credential in its place; without a credential its header is left out.
    pub(super) fn sent_headers(&self) -> impl Iterator<Item = (String, String)> + '_ {
        let auth = self.auth.header();
        self.headers
            .iter()
            .filter_map(move |(name, value)| match value.as_str() {
                CREDENTIAL => Some((name.clone(), auth.clone()?)),
                _ => Some((name.clone(), value.clone())),
            })
    }

    /// The absolute URL; a raw request names its target itself.
    pub(super) fn url(&self) -> String {
        let (base, path, query) = (&self.base, &self.path, &self.query);
        let question = if query.is_empty() { "" } else { "?" };
        format!("{base}{path}{question}{query}")
    }
}

/// What follows the first empty line, however lines end.
fn after_empty_line(text: &str) -> Option<&str> {
    let mut length = 0;
    for line in text.split_inclusive('\n') {
        length += line.len();
        if line.trim_end_matches(['\r', '\n']).is_empty() {
            return text.get(length..);
        }
    }
    None
}

//! Which headers each identity provider sends, from `fixtures/clients.toml`.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::Deserialize;

use crate::{assets, diagnostic::Diagnostic, rule::toml_problem, scenario::Version};

/// The identity providers whose conversations the scenarios model.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clients {
    client: Vec<Client>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Client {
    name: String,
    about: String,
    send: BTreeMap<Version, IndexMap<String, String>>,
}

/// What stands for the target's credential in a header.
pub const CREDENTIAL: &str = "{{credential}}";

impl Clients {
    /// The clients that travel with the harness.
    pub fn embedded() -> Result<Self, Diagnostic> {
        let file = assets::clients_file();
        toml::from_str(&file.text).map_err(|error| toml_problem(&file, &error))
    }

    /// The headers of a client in its order, if it speaks this version.
    pub fn headers(&self, name: &str, version: Version) -> Option<&IndexMap<String, String>> {
        self.client
            .iter()
            .find(|client| client.name == name)?
            .send
            .get(&version)
    }

    /// Names of all clients.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.client.iter().map(|client| client.name.as_str())
    }

    /// Names of all clients with a sentence on each.
    pub fn descriptions(&self) -> impl Iterator<Item = (&str, &str)> {
        self.client
            .iter()
            .map(|client| (client.name.as_str(), client.about.as_str()))
    }
}

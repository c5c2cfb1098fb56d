//! The standard schemas of both versions, from `fixtures/attributes`.

use std::sync::LazyLock;

use serde::Deserialize;

use super::attribute::Attribute;
use crate::{assets, diagnostic::Diagnostic, rule::toml_problem, scenario::Version};

/// The standard schemas of one version.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Book {
    /// Attributes that every resource has.
    pub(super) common: Vec<Attribute>,
    /// Schemas of resource types and their extensions.
    pub(super) schema: Vec<Standard>,
}

/// One standard schema.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Standard {
    /// Its URN.
    pub(super) id: String,
    /// Its name: of a resource type, or of an extension.
    pub(super) name: String,
    /// Where resources of the type are, from `/`.
    #[serde(default)]
    pub(super) endpoint: Option<String>,
    /// The resource type that it extends.
    #[serde(default)]
    pub(super) extends: Option<String>,
    /// Its attributes.
    pub(super) attributes: Vec<Attribute>,
}

static V1: LazyLock<Book> = LazyLock::new(|| read(Version::V1).unwrap_or_default());
static V2: LazyLock<Book> = LazyLock::new(|| read(Version::V2).unwrap_or_default());

/// The standard of a version; that it reads is tested below.
pub(super) fn of(version: Version) -> &'static Book {
    match version {
        Version::V1 => &V1,
        Version::V2 => &V2,
    }
}

fn read(version: Version) -> Result<Book, Diagnostic> {
    let file = assets::attributes_file(version);
    toml::from_str(&file.text).map_err(|error| toml_problem(&file, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_schemas_read() {
        for version in [Version::V1, Version::V2] {
            let book = read(version).unwrap();
            assert_eq!(book.common.len(), 4);
            let names: Vec<&str> = book
                .schema
                .iter()
                .map(|schema| schema.name.as_str())
                .collect();
            assert_eq!(names, ["User", "Group", "EnterpriseUser"]);
            assert!(book.schema.iter().all(|one| !one.attributes.is_empty()));
        }
    }
}

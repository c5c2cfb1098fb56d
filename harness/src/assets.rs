//! The scenarios, rules, clients and faults that travel in the binary, so that it works alone.
//!
//! A debug build reads them from the checkout it was built in, so that an edited scenario needs no
//! new build.

use std::{borrow::Cow, sync::Arc};

use rust_embed::Embed;

use crate::{scenario::Version, source::SourceFile};

#[derive(Embed)]
#[folder = "scenarios/"]
struct Scenarios;

#[derive(Embed)]
#[folder = "fixtures/rules/"]
struct Rules;

#[derive(Embed)]
#[folder = "fixtures/faults/"]
struct Faults;

#[derive(Embed)]
#[folder = "fixtures/schemas/"]
struct Schemas;

#[derive(Embed)]
#[folder = "fixtures/targets/"]
struct Targets;

#[derive(Embed)]
#[folder = "fixtures/programs/"]
struct Programs;

const CLIENTS: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/fixtures/clients.toml"
));

const ATTRIBUTES_V1: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/fixtures/attributes/v1.toml"
));
const ATTRIBUTES_V2: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/fixtures/attributes/v2.toml"
));

/// Every embedded scenario and opening, with paths from `scenarios/`, ordered.
pub fn scenario_files() -> Vec<Arc<SourceFile>> {
    toml_files::<Scenarios>("scenarios")
}

/// The rule files.
pub fn rule_files() -> Vec<Arc<SourceFile>> {
    toml_files::<Rules>("fixtures/rules")
}

/// The certification programmes.
pub fn program_files() -> Vec<Arc<SourceFile>> {
    toml_files::<Programs>("fixtures/programs")
}

/// The fault files.
pub fn fault_files() -> Vec<Arc<SourceFile>> {
    toml_files::<Faults>("fixtures/faults")
}

/// The client profiles: which headers each identity provider sends.
pub fn clients_file() -> Arc<SourceFile> {
    SourceFile::new("fixtures/clients.toml", CLIENTS)
}

/// The attributes of the standard schemas of a version.
pub fn attributes_file(version: Version) -> Arc<SourceFile> {
    match version {
        Version::V1 => SourceFile::new("fixtures/attributes/v1.toml", ATTRIBUTES_V1),
        Version::V2 => SourceFile::new("fixtures/attributes/v2.toml", ATTRIBUTES_V2),
    }
}

/// The text of a JSON Schema below `fixtures/schemas/`.
pub fn json_schema(name: &str) -> Option<String> {
    text_of::<Schemas>(name)
}

/// A target file that comes with the harness.
pub fn target_file(name: &str) -> Option<Arc<SourceFile>> {
    let text = text_of::<Targets>(name)?;
    Some(SourceFile::new(format!("fixtures/targets/{name}"), text))
}

fn text_of<Folder: Embed>(path: &str) -> Option<String> {
    match Folder::get(path)?.data {
        Cow::Borrowed(bytes) => String::from_utf8(bytes.to_vec()).ok(),
        Cow::Owned(bytes) => String::from_utf8(bytes).ok(),
    }
}

fn toml_files<Folder: Embed>(prefix: &str) -> Vec<Arc<SourceFile>> {
    let mut paths: Vec<Cow<'static, str>> = Folder::iter()
        .filter(|path| path.ends_with(".toml"))
        .collect();
    paths.sort();
    paths
        .iter()
        .filter_map(|path| {
            let text = text_of::<Folder>(path)?;
            Some(SourceFile::new(format!("{prefix}/{path}"), text))
        })
        .collect()
}

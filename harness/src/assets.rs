//! The scenarios, rules, clients and faults that are compiled into the harness,
//! so that an installed binary works alone.

use std::sync::Arc;

use include_dir::{Dir, include_dir};

use crate::source::SourceFile;

static SCENARIOS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/scenarios");
static RULES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/fixtures/rules");
static FAULTS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/fixtures/faults");
static SCHEMAS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/fixtures/schemas");
const CLIENTS: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/fixtures/clients.toml"
));

/// Every embedded scenario and opening, with paths from `scenarios/`, ordered.
pub fn scenario_files() -> Vec<Arc<SourceFile>> {
    toml_files(&SCENARIOS, "scenarios")
}

/// The rule files.
pub fn rule_files() -> Vec<Arc<SourceFile>> {
    toml_files(&RULES, "fixtures/rules")
}

/// The fault files.
pub fn fault_files() -> Vec<Arc<SourceFile>> {
    toml_files(&FAULTS, "fixtures/faults")
}

/// The client profiles: which headers each identity provider sends.
pub fn clients_file() -> Arc<SourceFile> {
    SourceFile::new("fixtures/clients.toml", CLIENTS)
}

/// The text of a JSON Schema below `fixtures/schemas/`.
pub fn json_schema(name: &str) -> Option<&'static str> {
    SCHEMAS.get_file(name)?.contents_utf8()
}

fn toml_files(folder: &Dir<'_>, prefix: &str) -> Vec<Arc<SourceFile>> {
    let mut found = Vec::new();
    collect(folder, prefix, &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn collect(folder: &Dir<'_>, prefix: &str, found: &mut Vec<Arc<SourceFile>>) {
    let toml = folder.files().filter(|file| {
        file.path()
            .extension()
            .is_some_and(|extension| extension == "toml")
    });
    found.extend(toml.filter_map(|file| {
        let path = format!(
            "{prefix}/{}",
            file.path().to_string_lossy().replace('\\', "/")
        );
        Some(SourceFile::new(path, file.contents_utf8()?))
    }));
    folder
        .dirs()
        .for_each(|inner| collect(inner, prefix, found));
}

//! Finds scenario files, in the binary or in a folder, and reads them all.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    sync::Arc,
};

use super::{Scenario, lower};
use crate::{assets, diagnostic::Diagnostic, source::SourceFile};

/// Every scenario and opening that was read.
#[derive(Clone, Debug, Default)]
pub struct Collection {
    /// Scenarios by name, `okta::v2::create_user`.
    pub scenarios: Vec<Arc<Scenario>>,
    /// Openings by the name that `given` uses, `okta/v2/user`.
    pub openings: BTreeMap<String, Arc<Scenario>>,
}

impl Collection {
    /// The openings that a scenario begins with, each after those that it begins with itself, and
    /// none twice.
    pub fn openings_of(&self, scenario: &Scenario) -> Vec<Arc<Scenario>> {
        let mut openings = Vec::new();
        let mut seen = BTreeSet::new();
        self.follow(scenario, &mut seen, &mut openings);
        openings
    }

    fn follow<'a>(
        &'a self,
        scenario: &'a Scenario,
        seen: &mut BTreeSet<&'a str>,
        openings: &mut Vec<Arc<Scenario>>,
    ) {
        for (name, _) in &scenario.given {
            if let Some(opening) = self.openings.get(name).filter(|_| seen.insert(name)) {
                self.follow(opening, seen, openings);
                openings.push(Arc::clone(opening));
            }
        }
    }

    /// Adds what another collection holds.
    pub fn extend(&mut self, other: Self) {
        self.scenarios.extend(other.scenarios);
        self.openings.extend(other.openings);
    }
}

/// The scenarios that travel with the harness.
pub fn load_embedded() -> Result<Collection, Vec<Diagnostic>> {
    load_files(&assets::scenario_files(), "scenarios/")
}

/// Every `.toml` file in a folder and the folders in it, or one file.
pub fn load_folder(path: &Path) -> Result<Collection, Vec<Diagnostic>> {
    let mut files = Vec::new();
    collect(path, &mut files)?;
    if files.is_empty() {
        return Err(vec![Diagnostic::error(format!(
            "there is no scenario file (*.toml) in {}",
            path.display()
        ))]);
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let root = if path.is_dir() {
        format!("{}/", path.to_string_lossy().trim_end_matches('/'))
    } else {
        String::new()
    };
    load_files(&files, &root)
}

fn collect(path: &Path, files: &mut Vec<Arc<SourceFile>>) -> Result<(), Vec<Diagnostic>> {
    let unreadable = |error| {
        vec![Diagnostic::error(format!(
            "{} cannot be read: {error}",
            path.display()
        ))]
    };
    if path.is_dir() {
        for entry in fs::read_dir(path).map_err(unreadable)? {
            let inner = entry.map_err(unreadable)?.path();
            if inner.is_dir()
                || inner
                    .extension()
                    .is_some_and(|extension| extension == "toml")
            {
                collect(&inner, files)?;
            }
        }
        return Ok(());
    }
    let text = fs::read_to_string(path).map_err(unreadable)?;
    files.push(SourceFile::new(path.to_string_lossy(), text));
    Ok(())
}

/// Files that were read; what `root` is in their paths is no part of their names.
pub fn load_files(files: &[Arc<SourceFile>], root: &str) -> Result<Collection, Vec<Diagnostic>> {
    let mut collection = Collection::default();
    let mut problems = Vec::new();
    for file in files {
        let path = name_of(&file.path, root);
        let opening = path.strip_prefix("given/");
        let name = opening.map_or_else(|| path.replace('/', "::"), str::to_owned);
        match (lower::read(file, name.clone()), opening) {
            (Err(errors), _) => problems.extend(errors),
            (Ok(scenario), None) => collection.scenarios.push(Arc::new(scenario)),
            (Ok(scenario), Some(_)) => {
                let opening = Scenario {
                    is_opening: true,
                    ..scenario
                };
                collection.openings.insert(name, Arc::new(opening));
            }
        }
    }
    if problems.is_empty() {
        Ok(collection)
    } else {
        Err(problems)
    }
}

/// The path below the scenario folder, without its ending. A single file that stands somewhere
/// in a `scenarios` folder has the name it has there.
fn name_of<'a>(path: &'a str, root: &str) -> &'a str {
    let inner = path.strip_prefix(root).unwrap_or(path);
    let inner = inner
        .rsplit_once("scenarios/")
        .map_or(inner, |(_, below)| below);
    inner.strip_suffix(".toml").unwrap_or(inner)
}

#[cfg(test)]
mod tests {
    use super::name_of;

    #[test]
    fn the_path_is_the_name() {
        assert_eq!(
            name_of("scenarios/okta/v2/create_user.toml", "scenarios/"),
            "okta/v2/create_user"
        );
        assert_eq!(name_of("mine/acme/create.toml", "mine/"), "acme/create");
        assert_eq!(name_of("/x/scenarios/okta/a.toml", ""), "okta/a");
        assert_eq!(name_of("create.toml", ""), "create");
    }
}

//! Snapshots that no scenario records any longer.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use super::file;
use crate::scenario::Scenario;

/// Where scenarios record their answers, below the folder of a target.
#[derive(Clone, Debug, Default)]
pub struct Recorded {
    paths: BTreeSet<PathBuf>,
}

impl Recorded {
    /// What these scenarios record.
    pub fn of<'a>(scenarios: impl IntoIterator<Item = &'a Scenario>) -> Self {
        let mut paths = BTreeSet::new();
        for scenario in scenarios {
            let folder: PathBuf = scenario.name.split("::").collect();
            let steps = scenario.steps.iter().filter(|step| step.snapshot);
            paths.extend(steps.map(|step| folder.join(file::name(&step.name))));
        }
        Self { paths }
    }

    /// Whether a snapshot is one of them, in whichever target's folder it stands.
    fn has(&self, snapshot: &Path) -> bool {
        let plain = unnumbered(snapshot);
        let is = |path: &PathBuf| snapshot.ends_with(path) || plain.ends_with(path);
        self.paths.iter().any(is)
    }
}

/// The snapshot of the step itself, for one of a step that is taken more than once.
fn unnumbered(snapshot: &Path) -> PathBuf {
    let stem = snapshot.file_stem().unwrap_or_default().to_string_lossy();
    let plain = stem.trim_end_matches(|c: char| c.is_ascii_digit());
    snapshot.with_file_name(format!("{}.snap", plain.strip_suffix('_').unwrap_or(&stem)))
}

/// Files of snapshots below a folder, what waits beside them included, that no scenario records.
pub fn unused(folder: &Path, recorded: &Recorded) -> Vec<PathBuf> {
    let snapshot_of = |path: &Path| {
        let name = path.file_name()?.to_str()?;
        let end = name.rfind(".snap")? + ".snap".len();
        let ending = name.get(end..)?;
        let known = ["", ".new", ".gone"].contains(&ending);
        known.then(|| path.with_file_name(name.get(..end).unwrap_or_default()))
    };
    file::below(folder)
        .into_iter()
        .filter(|path| snapshot_of(path).is_some_and(|snapshot| !recorded.has(&snapshot)))
        .collect()
}

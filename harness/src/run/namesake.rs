//! Refuses a seed that another run against the same target has taken: both would give what they
//! create the same names, and each would remove what is the other's.

use std::{fs, path::Path};

use super::{
    ledger,
    names::{Seed, run_tag},
};
use crate::{diagnostic::Diagnostic, target::Target};

/// Whether no other ledger of the folder is of a run with this seed against this target: one that
/// is still going, or one that left something there.
pub(super) fn none(
    folder: &Path,
    own: &Path,
    target: &Target,
    seed: Seed,
) -> Result<(), Diagnostic> {
    let prefix = format!("{}-", run_tag(seed));
    let others = fs::read_dir(folder).into_iter().flatten().flatten();
    for path in others.map(|file| file.path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path == own || !name.starts_with(&prefix) || !name.ends_with(".jsonl") {
            continue;
        }
        // A damaged ledger is told of by a sweep.
        let Ok(Some(left)) = ledger::read(&path) else {
            continue;
        };
        if left.is_of(target) {
            return Err(match ledger::is_in_use(&path) {
                true => taken(seed, "is still going"),
                false => taken(seed, "left something there").note(
                    "help",
                    "`scim-harness sweep` removes what can be removed of it",
                ),
            });
        }
    }
    Ok(())
}

fn taken(seed: Seed, how: &str) -> Diagnostic {
    let title = format!("a run with the seed {seed} against this target {how}");
    Diagnostic::error(title).note(
        "help",
        "leave --seed out: what this run creates then has names of its own",
    )
}

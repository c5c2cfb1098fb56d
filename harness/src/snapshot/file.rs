//! The files of snapshots: insta's format.

use std::{fs, io, path::Path};

use crate::whole;

/// The name of the file for a step.
pub(super) fn name(step: &str) -> String {
    let plain: String = step
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '-' {
                c
            } else {
                '_'
            }
        })
        .collect();
    format!("{plain}.snap")
}

/// The recorded text.
pub(super) fn read(path: &Path) -> Option<String> {
    let snapshot = insta::Snapshot::from_file(path).ok()?;
    Some(snapshot.as_text()?.to_string().trim_end().to_owned())
}

/// What a snapshot says it is of: `case / step`.
pub(super) fn description(path: &Path) -> Option<String> {
    let snapshot = insta::Snapshot::from_file(path).ok()?;
    Some(snapshot.metadata().description()?.to_owned())
}

/// A header between lines of dashes, then the text.
pub(super) fn write(path: &Path, case: &str, step: &str, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let description = serde_json::Value::from(format!("{case} / {step}"));
    whole::write(
        path,
        &format!(
            "---\nsource: harness/src/snapshot/mod.rs\ndescription: {description}\n---\n{}\n",
            text.trim_end()
        ),
    )
}

/// Every file below a folder, ordered; what cannot be read is left out.
pub(super) fn below(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()) {
        if path.is_dir() {
            found.extend(below(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

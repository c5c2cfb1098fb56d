//! Reads JSON reports back.

use std::path::{Path, PathBuf};

use super::{json, model::Report};
use crate::diagnostic::Diagnostic;

/// The report in a file.
pub fn read(path: &Path) -> Result<Report, Diagnostic> {
    let told = |reason: String| {
        Diagnostic::error(format!("{} cannot be read: {reason}", path.display())).note(
            "help",
            "a report is written by `scim-harness run --report json=PATH`",
        )
    };
    let text = std::fs::read_to_string(path).map_err(|error| told(error.to_string()))?;
    json::parse(&text).map_err(told)
}

/// The files meant by a path: itself, or the JSON files in a folder, ordered.
pub fn files(path: &Path) -> Result<Vec<PathBuf>, Diagnostic> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let told = |reason: String| Diagnostic::error(format!("{} {reason}", path.display()));
    let entries =
        std::fs::read_dir(path).map_err(|error| told(format!("cannot be read: {error}")))?;
    let mut files: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .collect();
    files.sort();
    match files.is_empty() {
        true => Err(told("holds no JSON report".to_owned())),
        false => Ok(files),
    }
}

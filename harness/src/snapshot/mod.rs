//! Snapshots of answers, the regression gate: insta's files, compared without its global state.
//!
//! insta reads the files and `cargo insta review` works on them. Its assertion macros are not used:
//! they print to standard output, panic, and take their settings from the environment (insta 1.49).

mod normalise;

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use similar::TextDiff;

use crate::target::Mask;

pub use normalise::Shot;

/// What is done with snapshots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Answers are compared with what was recorded, where something was recorded.
    Check,
    /// Answers are recorded.
    Record,
    /// Nothing.
    Off,
}

/// The snapshots of one target.
#[derive(Clone, Debug)]
pub struct Snapshots {
    mode: Mode,
    root: PathBuf,
}

/// An answer that differs from its snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The step.
    pub step: String,
    /// What differs.
    pub kind: Kind,
    /// The lines that differ.
    pub diff: String,
}

/// How an answer differs from its snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// It is another.
    Changed,
    /// Nothing was recorded.
    New,
    /// The step gave no answer.
    Vanished,
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Changed => "changed",
            Self::New => "new",
            Self::Vanished => "vanished",
        })
    }
}

impl Snapshots {
    /// The snapshots of a target in a folder. A target without a baseline has no gate.
    pub fn new(mode: Mode, folder: &Path, target: &str) -> Self {
        let root = folder.join(target);
        let mode = if mode == Mode::Check && !root.is_dir() {
            Mode::Off
        } else {
            mode
        };
        Self { mode, root }
    }

    /// Compares or records the answers of a case; returns those that differ. A difference is kept
    /// beside the snapshot as `.snap.new`, for review.
    pub fn compare(&self, case: &str, shots: &[Shot], mask: &Mask) -> Vec<Change> {
        if self.mode == Mode::Off {
            return Vec::new();
        }
        let folder = case
            .split("::")
            .fold(self.root.clone(), |folder, part| folder.join(part));
        let mut changes: Vec<Change> = shots
            .iter()
            .filter_map(|shot| self.one(&folder, case, shot, mask))
            .collect();
        if !shots.is_empty() {
            changes.extend(self.vanished(&folder, shots));
        }
        changes
    }

    fn one(&self, folder: &Path, case: &str, shot: &Shot, mask: &Mask) -> Option<Change> {
        let path = folder.join(file_name(&shot.step));
        let text = mask.apply(&shot.text);
        let stored = stored(&path);
        let pending = path.with_extension("snap.new");
        if stored.as_deref() == Some(text.trim_end()) {
            drop(fs::remove_file(pending));
            return None;
        }
        let target = if self.mode == Mode::Record {
            &path
        } else {
            &pending
        };
        let written = write(target, case, &shot.step, &text);
        if self.mode == Mode::Record && written.is_ok() {
            drop(fs::remove_file(pending));
            return None;
        }
        Some(change(&shot.step, stored.as_deref(), Some(&text)))
    }

    /// Recorded steps that gave no answer this time.
    fn vanished(&self, folder: &Path, shots: &[Shot]) -> Vec<Change> {
        let expected: Vec<String> = shots.iter().map(|shot| file_name(&shot.step)).collect();
        let files = fs::read_dir(folder)
            .into_iter()
            .flatten()
            .flatten()
            .map(|file| file.path());
        let gone = files.filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "snap")
        });
        let gone = gone.filter(|path| {
            !path
                .file_name()
                .is_some_and(|name| expected.iter().any(|expected| name == expected.as_str()))
        });
        let mut changes = Vec::new();
        for path in gone {
            if self.mode == Mode::Record {
                drop(fs::remove_file(&path));
            } else {
                let step = path
                    .file_stem()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .replace('_', " ");
                changes.push(change(&step, stored(&path).as_deref(), None));
            }
        }
        changes
    }
}

fn file_name(step: &str) -> String {
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

fn stored(path: &Path) -> Option<String> {
    let snapshot = insta::Snapshot::from_file(path).ok()?;
    Some(snapshot.as_text()?.to_string().trim_end().to_owned())
}

/// insta's file format: a header between lines of dashes, then the text.
fn write(path: &Path, case: &str, step: &str, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let description = serde_json::Value::from(format!("{case} / {step}"));
    fs::write(
        path,
        format!(
            "---\nsource: harness/src/snapshot/mod.rs\ndescription: {description}\n---\n{}\n",
            text.trim_end()
        ),
    )
}

fn change(step: &str, old: Option<&str>, new: Option<&str>) -> Change {
    let kind = match (old, new) {
        (None, _) => Kind::New,
        (Some(_), None) => Kind::Vanished,
        (Some(_), Some(_)) => Kind::Changed,
    };
    let lines = |text: Option<&str>| {
        text.map(|text| format!("{}\n", text.trim_end()))
            .unwrap_or_default()
    };
    let (old, new) = (lines(old), lines(new));
    let diff = TextDiff::from_lines(&old, &new);
    let diff = diff
        .unified_diff()
        .context_radius(2)
        .header("recorded", "answered")
        .to_string();
    Change {
        step: step.to_owned(),
        kind,
        diff,
    }
}

/// Snapshots that wait for review (`.snap.new`) below a folder, ordered.
pub fn pending(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
    {
        if path.is_dir() {
            found.extend(pending(&path));
        } else if path.to_string_lossy().ends_with(".snap.new") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Accepts or rejects a pending snapshot.
pub fn settle(pending: &Path, accept: bool) -> io::Result<()> {
    if accept {
        fs::rename(pending, pending.with_extension(""))
    } else {
        fs::remove_file(pending)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shot(step: &str, text: &str) -> Shot {
        Shot {
            step: step.to_owned(),
            text: text.to_owned(),
        }
    }

    #[test]
    fn an_answer_is_recorded_compared_and_accepted() {
        let folder =
            std::env::temp_dir().join(format!("scim-harness-snapshots-{}", std::process::id()));
        let mask = Mask::default();
        let record = Snapshots::new(Mode::Record, &folder, "t");
        assert_eq!(
            Snapshots::new(Mode::Check, &folder, "t").compare("a::b", &[shot("s 1", "x")], &mask),
            [],
            "no baseline, no gate"
        );
        assert_eq!(record.compare("a::b", &[shot("s 1", "x\ny")], &mask), []);
        let check = Snapshots::new(Mode::Check, &folder, "t");
        assert_eq!(check.compare("a::b", &[shot("s 1", "x\ny")], &mask), []);
        let changed = check.compare("a::b", &[shot("s 1", "x\nz")], &mask);
        assert_eq!((changed.len(), changed[0].kind), (1, Kind::Changed));
        assert!(changed[0].diff.contains("-y\n+z"), "{}", changed[0].diff);
        let waiting = pending(&folder);
        assert_eq!(waiting.len(), 1);
        settle(&waiting[0], true).unwrap();
        assert_eq!(check.compare("a::b", &[shot("s 1", "x\nz")], &mask), []);
        let kinds: Vec<Kind> = check
            .compare("a::b", &[shot("other", "x")], &mask)
            .iter()
            .map(|change| change.kind)
            .collect();
        assert_eq!(kinds, [Kind::New, Kind::Vanished]);
        fs::remove_dir_all(folder).unwrap();
    }
}

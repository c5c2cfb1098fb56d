//! Snapshots of answers, the regression gate: insta's files, compared without its global state.
//!
//! insta reads the files and `cargo insta review` works on them. Its assertion macros are not used:
//! they print to standard output, panic, and take their settings from the environment (insta 1.49).

mod change;
mod file;
mod normalise;
mod pending;
mod unused;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use crate::{exchange::starred, target::Mask, whole};

pub use change::{Change, Kind};
pub use normalise::{Shot, as_written};
pub use pending::{Pending, pending};
pub use unused::{Recorded, unused};

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

/// What a case brought to be compared.
#[derive(Clone, Debug)]
pub struct Album<'a> {
    /// Name of the case.
    pub case: &'a str,
    /// The steps whose answers are recorded, in the order in which they are taken.
    pub steps: Vec<&'a str>,
    /// The answers that came, in order.
    pub shots: &'a [Shot],
    /// Whether the conversation came to its end.
    pub whole: bool,
    /// Passwords and cookies that any answer of the case gave away, [as they are written](as_written).
    pub secrets: Vec<String>,
}

/// Finds out whether answers can be recorded in a folder, which is made.
pub fn check(folder: &Path) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    whole::check(&folder.join("snapshots"))
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

    /// Whether answers are compared or recorded at all.
    pub fn is_on(&self) -> bool {
        self.mode != Mode::Off
    }

    /// Compares or records the answers of a case; returns those that differ. A difference is kept
    /// beside the snapshot, for review.
    pub fn compare(&self, album: &Album<'_>, mask: &Mask) -> Vec<Change> {
        if !self.is_on() {
            return Vec::new();
        }
        let folder = album
            .case
            .split("::")
            .fold(self.root.clone(), |folder, part| folder.join(part));
        let mut taken = BTreeMap::new();
        let mut changes = Vec::new();
        for shot in album.shots {
            let times: &mut usize = taken.entry(shot.step.as_str()).or_default();
            *times += 1;
            let step = numbered(&shot.step, *times);
            let text = album.without_secrets(mask.apply(&shot.text));
            changes.extend(self.one(&folder, album.case, &step, &text));
        }
        for step in album.passed() {
            let mut times = taken.get(step).copied().unwrap_or_default();
            loop {
                times += 1;
                let step = numbered(step, times);
                let path = folder.join(file::name(&step));
                if !path.is_file() {
                    break;
                }
                changes.extend(self.vanished(&path, &step));
            }
        }
        changes
    }

    fn one(&self, folder: &Path, case: &str, step: &str, text: &str) -> Option<Change> {
        let path = folder.join(file::name(step));
        let stored = file::read(&path);
        let pending = Pending::beside(&path);
        if stored.as_deref() == Some(text.trim_end()) {
            pending.forget();
            return None;
        }
        if self.mode == Mode::Record && file::write(&path, case, step, text).is_ok() {
            pending.forget();
            return None;
        }
        pending.keep(case, step, text);
        Some(Change::between(step, stored.as_deref(), Some(text)))
    }

    /// A recorded answer that did not come this time.
    fn vanished(&self, path: &Path, step: &str) -> Option<Change> {
        let pending = Pending::beside(path);
        if self.mode == Mode::Record && fs::remove_file(path).is_ok() {
            pending.forget();
            return None;
        }
        let stored = file::read(path);
        pending.keep_gone();
        Some(Change::between(step, stored.as_deref(), None))
    }
}

impl<'a> Album<'a> {
    /// A text without the passwords and cookies that any of the answers gave away.
    fn without_secrets(&self, text: String) -> String {
        starred(&text, self.secrets.iter().map(String::as_str)).unwrap_or(text)
    }

    /// The steps that the conversation passed, whether they brought an answer or not. Of one that
    /// ended early, those up to its last answer.
    fn passed(&self) -> &[&'a str] {
        let last = self.shots.last();
        let reached = last.and_then(|last| self.steps.iter().rposition(|step| *step == last.step));
        let count = match (self.whole, reached) {
            (true, _) => self.steps.len(),
            (false, reached) => reached.unwrap_or_default(),
        };
        self.steps.get(..count).unwrap_or_default()
    }
}

/// A step that is taken more than once records its answers by number.
fn numbered(step: &str, times: usize) -> String {
    match times {
        1 => step.to_owned(),
        times => format!("{step} {times}"),
    }
}

#[cfg(test)]
mod tests;

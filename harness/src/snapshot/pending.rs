//! Answers that differ from their snapshots and wait for a decision, beside them: a new answer as
//! `.snap.new`, as insta has it, and one that did not come as an empty `.snap.gone`.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{Change, file};

/// How the files of new answers and of those that did not come end.
const ENDINGS: [&str; 2] = ["snap.new", "snap.gone"];

/// A snapshot with what waits beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    snapshot: PathBuf,
}

/// What waits below a folder, ordered.
pub fn pending(folder: &Path) -> Vec<Pending> {
    let mut found: Vec<Pending> = file::below(folder)
        .iter()
        .filter(|path| {
            let name = path.to_string_lossy();
            ENDINGS
                .iter()
                .any(|ending| name.ends_with(&format!(".{ending}")))
        })
        .map(|path| Pending::beside(&path.with_extension("")))
        .collect();
    found.dedup();
    found
}

impl Pending {
    /// What waits beside a snapshot, if anything does.
    pub(super) fn beside(snapshot: &Path) -> Self {
        Self {
            snapshot: snapshot.to_owned(),
        }
    }

    /// The snapshot that it is about, which may not be there yet.
    pub fn snapshot(&self) -> &Path {
        &self.snapshot
    }

    /// `case / step`, or the path where the files do not say.
    pub fn title(&self) -> String {
        file::description(&self.answer())
            .or_else(|| file::description(&self.snapshot))
            .unwrap_or_else(|| self.snapshot.display().to_string())
    }

    /// How the answer differs.
    pub fn change(&self) -> Change {
        let old = file::read(&self.snapshot);
        let new = file::read(&self.answer());
        Change::between(&self.title(), old.as_deref(), new.as_deref())
    }

    /// Takes the answer, or that none came, as what is expected from now on.
    pub fn accept(&self) -> io::Result<()> {
        if self.answer().is_file() {
            fs::rename(self.answer(), &self.snapshot)?;
        } else if self.absence().is_file() {
            forgive(fs::remove_file(&self.snapshot))?;
        }
        forgive(fs::remove_file(self.absence()))
    }

    /// Keeps what was recorded.
    pub fn reject(&self) -> io::Result<()> {
        forgive(fs::remove_file(self.answer()))?;
        forgive(fs::remove_file(self.absence()))
    }

    /// Nothing waits any longer. Where it cannot be removed, the next review shows it.
    pub(super) fn forget(&self) {
        drop(self.reject());
    }

    /// An answer that waits. Where it cannot be written, the report has it.
    pub(super) fn keep(&self, case: &str, step: &str, text: &str) {
        self.forget();
        drop(file::write(&self.answer(), case, step, text));
    }

    /// An answer that did not come.
    pub(super) fn keep_gone(&self) {
        self.forget();
        drop(fs::write(self.absence(), ""));
    }

    fn answer(&self) -> PathBuf {
        self.snapshot.with_extension(ENDINGS[0])
    }

    fn absence(&self) -> PathBuf {
        self.snapshot.with_extension(ENDINGS[1])
    }
}

/// What is gone already need not be removed.
fn forgive(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

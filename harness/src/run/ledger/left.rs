//! Ledgers that earlier runs left on disk.

use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
};

use super::{Entry, Line, fingerprint::Fingerprints};
use crate::{exchange::Tenant, run::names::is_run_tag, scenario::Version, target::Target};

/// A ledger that an earlier run left on disk.
#[derive(Debug)]
pub(in crate::run) struct Left {
    /// Its file.
    pub path: PathBuf,
    /// Tag of that run.
    pub tag: String,
    /// Base URLs that the run was against.
    pub urls: Vec<(Version, String)>,
    /// The credentials that it had.
    credentials: Fingerprints,
    /// What it did not remove.
    pub open: Vec<Entry>,
    /// Lines that cannot be read, besides a last one that was not finished.
    pub unreadable: usize,
}

impl Left {
    /// Whether the run was against this target.
    pub(in crate::run) fn is_of(&self, target: &Target) -> bool {
        let mut urls = self.urls.iter();
        urls.any(|(version, url)| target.base(*version) == Some(url))
    }

    /// Whether what is open was made with the target's credentials: another one at the same base
    /// URL may be another tenant's, which sees nothing of it. A ledger that does not say counts.
    pub(in crate::run) fn is_of_credentials(&self, target: &Target) -> bool {
        let now = Fingerprints::new(&self.tag, target);
        let differ = |tenant: Tenant| {
            let then = self.credentials.of(tenant);
            then.is_some() && then != now.of(tenant)
        };
        !self.open.iter().any(|entry| differ(entry.tenant))
    }
}

/// Reads a ledger back; nothing for one that was not begun. A last line that a killed run did not
/// finish is left out.
pub(in crate::run) fn read(path: &Path) -> Result<Option<Left>, String> {
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&bytes);
    let Some((text, _unfinished)) = text.rsplit_once('\n') else {
        return Ok(None);
    };
    let mut left = None;
    let mut entries: Vec<Entry> = Vec::new();
    let mut unreadable = 0;
    for line in text.lines() {
        let Ok(line) = serde_json::from_str::<Line>(line) else {
            unreadable += 1;
            continue;
        };
        match line {
            Line::Run {
                tag,
                urls,
                credentials,
                ..
            } if is_run_tag(&tag) => {
                left = Some(Left {
                    path: path.to_owned(),
                    tag,
                    urls,
                    credentials,
                    open: Vec::new(),
                    unreadable: 0,
                })
            }
            Line::Run { .. } => unreadable += 1,
            Line::Create(entry) => entries.push(entry),
            Line::Created { number, path } => entries
                .iter_mut()
                .filter(|entry| entry.number == number)
                .for_each(|entry| entry.path = Some(path.clone())),
            Line::Removed { number } => entries
                .iter_mut()
                .filter(|entry| entry.number == number)
                .for_each(|entry| entry.removed = true),
        }
    }
    let left = left.ok_or("it does not say whose run it is of")?;
    Ok(Some(Left {
        open: entries.into_iter().filter(|entry| !entry.removed).collect(),
        unreadable,
        ..left
    }))
}

/// Whether the run of a ledger is still going: it holds the lock of its file.
pub(in crate::run) fn is_in_use(path: &Path) -> bool {
    let file = File::open(path);
    file.is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
}

//! Finishes what a killed run could not: removes what its ledger says it created.

use std::{fs, path::Path};

use super::{
    Leftover,
    cleanup::{self, Trust},
    ledger::{self, Entry},
};
use crate::{client::Client, diagnostic::Diagnostic, target::Target};

/// What a sweep did.
#[derive(Debug, Default)]
pub struct Swept {
    /// What was removed, or would be in a dry run.
    pub removed: Vec<String>,
    /// How many creations are not there any more, or never were.
    pub absent: usize,
    /// What could not be removed.
    pub left: Vec<Leftover>,
    /// What is wrong with ledgers that cannot be read, or not whole; they stay where they are.
    pub damaged: Vec<Diagnostic>,
    /// Ledgers of other targets, which were not looked at.
    pub foreign: usize,
    /// Ledgers of runs with another credential, which were not looked at.
    pub others: usize,
    /// Ledgers of runs that are still going, which remove what they created themselves.
    pub going: usize,
}

/// How a sweep is done.
#[derive(Clone, Copy, Debug, Default)]
pub struct SweepSettings {
    /// Nothing is sent.
    pub dry_run: bool,
    /// Ledgers of runs with another credential are swept too: a token may have been renewed.
    pub any_credential: bool,
}

/// Removes what earlier runs against this target left.
pub async fn sweep(
    client: &Client,
    target: &Target,
    folder: &Path,
    settings: SweepSettings,
) -> Result<Swept, Diagnostic> {
    let mut swept = Swept::default();
    let Ok(files) = fs::read_dir(folder) else {
        return Ok(swept);
    };
    for path in files
        .filter_map(|file| Some(file.ok()?.path()))
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "jsonl")
        })
    {
        let left = match ledger::read(&path) {
            Ok(Some(left)) => left,
            Ok(None) => continue,
            Err(reason) => {
                swept.damaged.push(damaged(&path, &reason));
                continue;
            }
        };
        if !left.is_of(target) {
            swept.foreign += 1;
            continue;
        }
        if ledger::is_in_use(&path) {
            swept.going += 1;
            continue;
        }
        if !settings.any_credential && !left.is_of_credentials(target) {
            swept.others += 1;
            continue;
        }
        if left.unreadable > 0 {
            let reason = format!("{} of its lines cannot be read", left.unreadable);
            let told = damaged(&path, &reason);
            swept.damaged.push(told.note("tag", left.tag.as_str()));
        }
        one(client, target, &left, settings.dry_run, &mut swept).await;
    }
    Ok(swept)
}

fn damaged(path: &Path, reason: &str) -> Diagnostic {
    let title = format!("the ledger {} is damaged: {reason}", path.display());
    Diagnostic::error(title).note(
        "help",
        "what it names no longer is left: look for resources with its tag, then remove the file",
    )
}

async fn one(
    client: &Client,
    target: &Target,
    left: &ledger::Left,
    dry_run: bool,
    swept: &mut Swept,
) {
    let (before, trust) = (swept.left.len(), Trust::default());
    let (groups, others): (Vec<&Entry>, Vec<&Entry>) =
        left.open.iter().rev().partition(|entry| entry.is_group());
    for entry in groups.into_iter().chain(others) {
        let place = entry
            .path
            .clone()
            .unwrap_or_else(|| format!("{} of {}", entry.collection, left.tag));
        if dry_run {
            swept.removed.push(place);
            continue;
        }
        match cleanup::remove_entry(client, target, (&left.tag, &trust), entry).await {
            Ok(true) => swept.removed.push(place),
            Ok(false) => swept.absent += 1,
            Err(leftover) => swept.left.push(leftover),
        }
    }
    if !dry_run && swept.left.len() == before && left.unreadable == 0 {
        drop(fs::remove_file(&left.path));
    }
}

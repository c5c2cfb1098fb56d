//! `scim-harness snapshots`: answers that differ from their snapshots and wait for a decision.

use std::{io::ErrorKind, path::PathBuf};

use clap::{Args, Subcommand};
use scim_harness::{diagnostic::Diagnostic, snapshot};

use super::Outcome;

#[derive(Debug, Args)]
pub struct SnapshotsArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Name the answers that wait
    List(Folder),
    /// Take each as the new snapshot
    Accept(Folder),
    /// Drop each and keep the recorded one
    Reject(Folder),
}

#[derive(Debug, Args)]
struct Folder {
    /// Folder of snapshots, or a folder in it
    #[arg(value_name = "DIR", default_value = "snapshots")]
    folder: PathBuf,
}

/// Lists or settles what waits.
pub fn run(arguments: &SnapshotsArgs) -> Outcome {
    let (folder, accept, word) = match &arguments.action {
        Action::List(folder) => (&folder.folder, None, "waiting"),
        Action::Accept(folder) => (&folder.folder, Some(true), "accepted"),
        Action::Reject(folder) => (&folder.folder, Some(false), "rejected"),
    };
    if !folder.is_dir() {
        return Err(Diagnostic::error(format!("there is no folder {}", folder.display())).into());
    }
    let waiting = snapshot::pending(folder);
    for path in &waiting {
        if let Some(accept) = accept {
            snapshot::settle(path, accept).or_else(|error| {
                if error.kind() == ErrorKind::NotFound {
                    Ok(())
                } else {
                    Err(error)
                }
            })?;
        }
        super::print(&format!("{word} {}\n", path.with_extension("").display()))?;
    }
    if waiting.is_empty() {
        super::print("nothing waits\n")?;
    }
    Ok(0)
}

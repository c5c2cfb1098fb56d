//! `scim-harness snapshots`: answers that differ from their snapshots and wait for a decision.

use std::{fs, path::PathBuf};

use clap::{Args, Subcommand};
use console::Term;
use scim_harness::{
    client_profile::Clients,
    diagnostic::Diagnostic,
    rule::Rulebook,
    session,
    snapshot::{self, Pending, Recorded},
};

use super::{Outcome, review};

#[derive(Debug, Args)]
pub struct SnapshotsArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Name the answers that wait
    List(Folder),
    /// Show each with its diff and ask what to do with it
    Review(Folder),
    /// Take each as the new snapshot
    Accept(Folder),
    /// Drop each and keep the recorded one
    Reject(Folder),
    /// Remove snapshots that no scenario records any longer
    Clean(CleanArgs),
}

#[derive(Debug, Args)]
struct Folder {
    /// Folder of snapshots, or a folder in it
    #[arg(value_name = "DIR", default_value = "snapshots")]
    folder: PathBuf,
}

#[derive(Debug, Args)]
struct CleanArgs {
    #[command(flatten)]
    folder: Folder,
    /// Folder with scenarios of your own, whose snapshots stay; repeatable
    #[arg(long, value_name = "DIR")]
    scenarios: Vec<PathBuf>,
    /// Only name them
    #[arg(long)]
    dry_run: bool,
}

/// Lists or settles what waits, or removes what is of no use.
pub fn run(arguments: &SnapshotsArgs) -> Outcome {
    match &arguments.action {
        Action::List(folder) => each(folder, "waiting", |_| Ok(())),
        Action::Review(folder) => ask(folder),
        Action::Accept(folder) => each(folder, "accepted", Pending::accept),
        Action::Reject(folder) => each(folder, "rejected", Pending::reject),
        Action::Clean(arguments) => clean(arguments),
    }
}

impl Folder {
    fn waiting(&self) -> Result<Vec<Pending>, Diagnostic> {
        self.check()?;
        Ok(snapshot::pending(&self.folder))
    }

    fn check(&self) -> Result<(), Diagnostic> {
        if self.folder.is_dir() {
            return Ok(());
        }
        let folder = self.folder.display();
        Err(Diagnostic::error(format!("there is no folder {folder}")))
    }
}

fn each(folder: &Folder, word: &str, settle: impl Fn(&Pending) -> std::io::Result<()>) -> Outcome {
    let waiting = folder.waiting()?;
    for pending in &waiting {
        settle(pending)?;
        super::print(&format!("{word} {}\n", pending.snapshot().display()))?;
    }
    if waiting.is_empty() {
        super::print("nothing waits\n")?;
    }
    Ok(0)
}

/// Asks on the terminal.
fn ask(folder: &Folder) -> Outcome {
    let waiting = folder.waiting()?;
    if waiting.is_empty() {
        super::print("nothing waits\n")?;
        return Ok(0);
    }
    let terminal = Term::stdout();
    if !terminal.is_term() || !std::io::IsTerminal::is_terminal(&std::io::stdin()) {
        return Err(Diagnostic::error("a review takes a terminal, to ask on")
            .note(
                "help",
                "without one: `scim-harness snapshots list`, then `accept` or `reject`",
            )
            .into());
    }
    review::review(&waiting, || terminal.read_char(), super::print)?;
    Ok(0)
}

fn clean(arguments: &CleanArgs) -> Outcome {
    arguments.folder.check()?;
    let (rulebook, clients) = (Rulebook::embedded()?, Clients::embedded()?);
    let collection = session::scenarios(&arguments.scenarios, &rulebook, &clients)?;
    let recorded = Recorded::of(collection.scenarios.iter().map(AsRef::as_ref));
    let unused = snapshot::unused(&arguments.folder.folder, &recorded);
    let word = if arguments.dry_run {
        "unused"
    } else {
        "removed"
    };
    for path in &unused {
        if !arguments.dry_run {
            fs::remove_file(path)?;
        }
        super::print(&format!("{word} {}\n", path.display()))?;
    }
    if unused.is_empty() {
        super::print("every snapshot is of use\n")?;
    }
    Ok(0)
}

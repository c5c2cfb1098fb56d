//! `scim-harness lint`: every mistake in scenario files, before any request.

use std::path::PathBuf;

use clap::Args;
use scim_harness::{
    check::always,
    client_profile::Clients,
    diagnostic::Diagnostic,
    rule::Rulebook,
    scenario::{self, Collection},
};

use super::{MISUSED, Outcome};

#[derive(Debug, Args)]
pub struct LintArgs {
    /// Scenario files, or folders with them
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
}

/// Checks the files; openings and clients that travel with the harness may be used.
pub fn run(arguments: &LintArgs) -> Outcome {
    let rulebook = Rulebook::embedded()?;
    let clients = Clients::embedded()?;
    let mut collection = Collection::default();
    let mut problems: Vec<Diagnostic> = Vec::new();
    for path in &arguments.paths {
        if !path.exists() {
            problems.push(Diagnostic::error(format!(
                "there is no file or folder {}",
                path.display()
            )));
            continue;
        }
        match scenario::load_folder(path) {
            Ok(read) => collection.extend(read),
            Err(errors) => problems.extend(errors),
        }
    }
    let embedded = scenario::load_embedded()?;
    problems.extend(scenario::lint_with(
        &collection,
        &embedded,
        &always::RULES,
        &rulebook,
        &clients,
    ));
    if problems.is_empty() {
        super::print(&format!(
            "{} and {} without a mistake\n",
            counted(collection.scenarios.len(), "scenario"),
            counted(collection.openings.len(), "opening")
        ))?;
        return Ok(0);
    }
    super::tell(&problems);
    Ok(MISUSED)
}

fn counted(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

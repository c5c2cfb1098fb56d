//! `scim-harness list`: the cases that a run would hold.

use clap::Args;
use scim_harness::{
    session::{Options, Session},
    snapshot::Mode,
};

use super::{
    Outcome,
    target::{SelectionArgs, TargetArgs},
};

#[derive(Debug, Args)]
pub struct ListArgs {
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    selection: SelectionArgs,
}

/// Prints a line for each case: name, clients, title, and why it would be skipped.
pub fn run(arguments: &ListArgs) -> Outcome {
    let options = Options {
        selection: arguments.selection.selection(arguments.target.version()?),
        scenarios: arguments.selection.scenarios.clone(),
        snapshots: Mode::Off,
        keep_ledger: false,
        ..Options::default()
    };
    let session = Session::new(arguments.target.target()?, &options)?;
    let width = session
        .cases
        .iter()
        .map(|case| case.name.len())
        .max()
        .unwrap_or(0);
    let lines: Vec<String> = session
        .cases
        .iter()
        .map(|case| {
            let skip = case
                .skip
                .as_ref()
                .map(|reason| format!("  (skipped: {reason})"))
                .unwrap_or_default();
            format!(
                "{:width$}  {:20}  {}{skip}\n",
                case.name,
                case.scenario.clients.join(", "),
                case.scenario.title
            )
        })
        .collect();
    super::print(&lines.concat())?;
    if lines.is_empty() {
        super::tell(&[arguments.selection.nothing_fits(&session.known)]);
        return Ok(4);
    }
    Ok(0)
}

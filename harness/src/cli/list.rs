//! `scim-harness list`: the cases that a run would hold.

use clap::Args;
use scim_harness::{
    certificate::Program,
    plan::Case,
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

    /// The cases of Okta's manual test plan, each with what covers it, or why nothing can
    #[arg(long)]
    plan: bool,
}

/// The programme whose items are those of the plan.
const PROGRAM: &str = "okta-oin";

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
    if arguments.plan {
        super::print(&plan(&Program::named(PROGRAM)?, &session.cases))?;
        return Ok(0);
    }
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

/// A line for each id of the plan: the cases that cover it, or why a provider shows nothing of it.
fn plan(program: &Program, cases: &[Case]) -> String {
    let covered = program.item.iter().flat_map(|item| &item.plan).map(|id| {
        let covers = |case: &&Case| case.scenario.plan.contains(id);
        let names = cases.iter().filter(covers).map(|case| case.name.as_str());
        match names.collect::<Vec<_>>().join(", ") {
            names if names.is_empty() => format!("{id:7} no case of this selection\n"),
            names => format!("{id:7} {names}\n"),
        }
    });
    let unseen = program.outside.iter().flat_map(|outside| {
        let line = |id| format!("{id:7} not seen by a provider: {}\n", outside.title);
        outside.plan.iter().map(line)
    });
    covered.chain(unseen).collect()
}

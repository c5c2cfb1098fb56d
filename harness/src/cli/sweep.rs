//! `scim-harness sweep`: removes what an earlier, killed run left behind.

use clap::Args;
use scim_harness::{
    client::Client,
    diagnostic::{Diagnostic, printable},
    run::{self, SweepSettings},
    session::ledger_folder,
    trial::runtime,
};

use super::{Outcome, pace::PaceArgs, target::TargetArgs};

#[derive(Debug, Args)]
pub struct SweepArgs {
    #[command(flatten)]
    target: TargetArgs,
    /// Only say what would be removed
    #[arg(long)]
    dry_run: bool,
    /// Sweep what runs with another credential left, too: of the same tenant, whose token was renewed
    #[arg(long)]
    any_credential: bool,
    #[command(flatten)]
    pace: PaceArgs,
}

/// Sweeps one target. What is left after it makes exit code 3.
pub fn run(arguments: &SweepArgs) -> Outcome {
    let Some(target) = arguments.target.target()? else {
        return Err(Diagnostic::error("sweep needs to know the target")
            .note("help", "scim-harness sweep --target URL")
            .into());
    };
    let client = Client::new(&target, arguments.pace.settings())?;
    let swept = runtime()?.block_on(run::sweep(
        &client,
        &target,
        &ledger_folder(),
        SweepSettings {
            dry_run: arguments.dry_run,
            any_credential: arguments.any_credential,
        },
    ))?;
    let verb = if arguments.dry_run {
        "would remove"
    } else {
        "removed"
    };
    let mut lines: Vec<String> = swept
        .removed
        .iter()
        .map(|place| format!("{verb} {place}\n"))
        .collect();
    lines.extend(
        swept
            .left
            .iter()
            .map(|left| format!("left {}: {}\n", left.url, left.reason)),
    );
    if swept.absent > 0 {
        lines.push(format!("{} of what was noted is not there\n", swept.absent));
    }
    super::tell(&swept.damaged);
    if lines.is_empty() && swept.damaged.is_empty() && swept.others == 0 {
        lines.push("nothing of earlier runs is left on this target\n".to_owned());
    }
    lines.extend(ledgers(swept.foreign, "to other targets"));
    lines.extend(ledgers(swept.going, "to a run that is still going"));
    lines.extend(others(swept.others));
    super::print(&printable(&client.mask().apply(&lines.concat())))?;
    let clean = swept.left.is_empty() && swept.damaged.is_empty() && swept.others == 0;
    Ok(if clean { 0 } else { 3 })
}

/// How many ledgers were not looked at, and whose they are.
fn ledgers(count: usize, whose: &str) -> Option<String> {
    match count {
        0 => None,
        1 => Some(format!("1 ledger belongs {whose}\n")),
        many => Some(format!("{many} ledgers belong {whose}\n")),
    }
}

/// Ledgers of runs with another credential: with that of another tenant everything that they name
/// would seem to be gone.
fn others(count: usize) -> Option<String> {
    let whose = match count {
        0 => return None,
        1 => "1 ledger was made with another credential".to_owned(),
        many => format!("{many} ledgers were made with another credential"),
    };
    Some(format!(
        "{whose}: if it was of the same tenant, `--any-credential` sweeps what it left\n"
    ))
}

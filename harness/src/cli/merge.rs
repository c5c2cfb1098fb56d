//! `scim-harness merge`: the reports of shards as one.

use std::path::PathBuf;

use clap::Args;
use scim_harness::report::{
    self, Request, annotations, merge,
    terminal::{self, Detail},
};

use super::{MISUSED, Outcome, github};

#[derive(Debug, Args)]
pub struct MergeArgs {
    /// JSON reports of the shards, or folders of them
    #[arg(value_name = "PATH", required = true)]
    reports: Vec<PathBuf>,
    /// Write the merged report: FORMAT=PATH, as `run` does; repeatable
    #[arg(long, value_name = "FORMAT=PATH")]
    report: Vec<Request>,
    /// Only the summary, no findings
    #[arg(short, long)]
    quiet: bool,
}

/// Merges the reports, shows what they say together, and ends as a run of all of it would.
pub fn run(arguments: &MergeArgs) -> Outcome {
    let mut shards = Vec::new();
    for path in &arguments.reports {
        for file in report::files(path)? {
            shards.push((file.display().to_string(), report::read(&file)?));
        }
    }
    let merged = merge(shards)?;
    let detail = if arguments.quiet {
        Detail::Summary
    } else {
        Detail::Findings
    };
    let text = terminal::text(&merged, super::style(detail));
    github::told(|| Ok(super::print(&text)?), || annotations::text(&merged))?;
    let mut code = merged.exit_code();
    for request in &arguments.report {
        if let Err(error) = request.write(&merged) {
            super::tell(&[super::unwritable(request, &error)]);
            code = MISUSED;
        }
    }
    Ok(code)
}

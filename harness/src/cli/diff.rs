//! `scim-harness diff`: what became of an earlier run in a later one.

use std::path::PathBuf;

use clap::Args;
use scim_harness::{
    comparison::{self, Comparison},
    report::read,
};

use super::{Outcome, format::Format, github};

/// Exit code for a regression.
const REGRESSION: u8 = 1;
/// Exit code where the later run shows too little.
const UNCLEAR: u8 = 3;

#[derive(Debug, Args)]
pub struct DiffArgs {
    /// JSON report of the earlier run
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// JSON report of the later run
    #[arg(value_name = "NEW")]
    new: PathBuf,
    /// How to show it
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// Prints the comparison; 1 says that something is broken that was not, 3 that it may be.
pub fn run(arguments: &DiffArgs) -> Outcome {
    let comparison = Comparison::of(&read(&arguments.old)?, &read(&arguments.new)?);
    let format = arguments.format;
    let text = format.of(&comparison, comparison::text, comparison::markdown)?;
    github::told(|| Ok(super::print(&text)?), String::new)?;
    Ok(match (comparison.regression, comparison.unclear) {
        (true, _) => REGRESSION,
        (false, true) => UNCLEAR,
        (false, false) => 0,
    })
}

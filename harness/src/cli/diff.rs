//! `scim-harness diff`: what became of an earlier run in a later one.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use scim_harness::{
    comparison::{self, Comparison},
    report::read,
};

use super::Outcome;

/// Exit code for a regression.
const REGRESSION: u8 = 1;

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

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Text,
    Markdown,
    Json,
}

/// Prints the comparison; 1 says that something is broken that was not.
pub fn run(arguments: &DiffArgs) -> Outcome {
    let comparison = Comparison::of(&read(&arguments.old)?, &read(&arguments.new)?);
    let text = match arguments.format {
        Format::Text => comparison::text(&comparison),
        Format::Markdown => comparison::markdown(&comparison),
        Format::Json => {
            serde_json::to_string_pretty(&comparison).map_err(std::io::Error::from)? + "\n"
        }
    };
    super::print(&text)?;
    Ok(if comparison.regression { REGRESSION } else { 0 })
}

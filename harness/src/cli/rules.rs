//! `scim-harness rules`: which rule is proven by which scenario or check.

use clap::{Args, ValueEnum};
use scim_harness::{
    report::coverage::{self, Coverage},
    rule::Rulebook,
    scenario,
};

use super::Outcome;

#[derive(Debug, Args)]
pub struct RulesArgs {
    /// How to show them
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Text,
    Markdown,
    Json,
}

/// Prints the coverage of the rulebook by the scenarios and checks of this version.
pub fn run(arguments: &RulesArgs) -> Outcome {
    let rulebook = Rulebook::embedded()?;
    let faults = scim_harness::fault::embedded()?;
    let coverage: Vec<Coverage> = coverage::of(&rulebook, &scenario::load_embedded()?, &faults);
    let text = match arguments.format {
        Format::Text => coverage::text(&coverage),
        Format::Markdown => coverage::markdown(&coverage),
        Format::Json => {
            serde_json::to_string_pretty(&coverage).map_err(std::io::Error::from)? + "\n"
        }
    };
    super::print(&text)?;
    Ok(0)
}

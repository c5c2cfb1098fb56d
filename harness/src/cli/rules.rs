//! `scim-harness rules`: which rule is proven by which scenario or check.

use clap::Args;
use scim_harness::{
    report::coverage::{self, Coverage},
    rule::Rulebook,
    scenario,
};

use super::{Outcome, format::Format};

#[derive(Debug, Args)]
pub struct RulesArgs {
    /// How to show them
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// Prints the coverage of the rulebook by the scenarios and checks of this version.
pub fn run(arguments: &RulesArgs) -> Outcome {
    let rulebook = Rulebook::embedded()?;
    let faults = scim_harness::fault::embedded()?;
    let coverage: Vec<Coverage> = coverage::of(&rulebook, &scenario::load_embedded()?, &faults);
    let text = |coverage: &Vec<Coverage>| coverage::text(coverage);
    let markdown = |coverage: &Vec<Coverage>| coverage::markdown(coverage);
    super::print(&arguments.format.of(&coverage, text, markdown)?)?;
    Ok(0)
}

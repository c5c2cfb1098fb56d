//! Commands of the command line, one module each.

mod certify;
mod diff;
mod format;
mod github;
mod hold;
mod lint;
mod list;
mod merge;
mod pace;
mod panic;
mod review;
mod rules;
mod run;
mod serve;
mod snapshots;
mod sweep;
mod target;

use std::io::{self, IsTerminal, Write};

use clap::{Parser, Subcommand, error::ErrorKind};
use scim_harness::{
    diagnostic::Diagnostic,
    report::{
        Request,
        terminal::{Detail, Style},
    },
    stop::keep_writing,
};
use terminal_size::{Width, terminal_size};

/// Exit code for a mistake in usage, configuration, scenarios or rulebook, before any request.
const MISUSED: u8 = 2;

/// SCIM conformance test harness: holds identity providers' conversations with a SCIM service
/// provider and tells which rule is broken.
#[derive(Debug, Parser)]
#[command(name = "scim-harness", version, args_conflicts_with_subcommands = true, after_help = AFTER_HELP, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: run::RunArgs,
}

const AFTER_HELP: &str = "\
Without a command, `run`. Without a target, the embedded provider is tested.

Credentials are never arguments: they are SCIM_TOKEN, or SCIM_USERNAME and SCIM_PASSWORD, or the
variables and files that a target of the target file names.

Exit codes: 0 conformant and unchanged, 1 findings of severity error or a gate that failed,
2 a mistake in usage, configuration or scenarios, 3 could not tell, 4 nothing ran.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the scenarios against a target (the default)
    Run(run::RunArgs),
    /// Offer the embedded provider to others
    Serve(serve::ServeArgs),
    /// List the cases that a run would hold
    List(list::ListArgs),
    /// Check scenario files without sending a request
    Lint(lint::LintArgs),
    /// Show which rule is proven by which scenario or check
    Rules(rules::RulesArgs),
    /// Print a JSON Schema of the scenario format, for editors
    Schema,
    /// Review, accept or reject answers that differ from their snapshots
    Snapshots(snapshots::SnapshotsArgs),
    /// Run what a certification programme asks for, and write the evidence into one folder
    Certify(certify::CertifyArgs),
    /// Compare the JSON reports of two runs: what was fixed, what broke
    Diff(diff::DiffArgs),
    /// Merge the JSON reports of shards into one
    Merge(merge::MergeArgs),
    /// Remove what an earlier, killed run left behind
    Sweep(sweep::SweepArgs),
}

/// What went wrong before or beside the run itself.
enum Trouble {
    /// To be told, with exit code 2.
    Told(Vec<Diagnostic>),
    /// Standard output is gone.
    Output(io::Error),
}

impl From<Diagnostic> for Trouble {
    fn from(problem: Diagnostic) -> Self {
        Self::Told(vec![problem])
    }
}

impl From<Vec<Diagnostic>> for Trouble {
    fn from(problems: Vec<Diagnostic>) -> Self {
        Self::Told(problems)
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

type Outcome = Result<u8, Trouble>;

/// Runs the command that the arguments name and returns the exit code.
pub fn main() -> u8 {
    panic::keep_secrets();
    keep_writing();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            drop(error.print());
            return if matches!(
                error.kind(),
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
            ) {
                0
            } else {
                MISUSED
            };
        }
    };
    let outcome = match cli.command {
        None => run::run(&cli.run),
        Some(Command::Run(arguments)) => run::run(&arguments),
        Some(Command::Serve(arguments)) => serve::run(&arguments),
        Some(Command::List(arguments)) => list::run(&arguments),
        Some(Command::Lint(arguments)) => lint::run(&arguments),
        Some(Command::Rules(arguments)) => rules::run(&arguments),
        Some(Command::Schema) => schema(),
        Some(Command::Snapshots(arguments)) => snapshots::run(&arguments),
        Some(Command::Certify(arguments)) => certify::run(&arguments),
        Some(Command::Diff(arguments)) => diff::run(&arguments),
        Some(Command::Merge(arguments)) => merge::run(&arguments),
        Some(Command::Sweep(arguments)) => sweep::run(&arguments),
    };
    match outcome {
        Ok(code) => code,
        Err(Trouble::Told(problems)) => {
            tell(&problems);
            MISUSED
        }
        Err(Trouble::Output(error)) => {
            tell(&[Diagnostic::error(format!(
                "the output cannot be written: {error}"
            ))]);
            MISUSED
        }
    }
}

fn schema() -> Outcome {
    let text = serde_json::to_string_pretty(&scim_harness::scenario::json_schema())
        .map_err(io::Error::from)?;
    print(&format!("{text}\n"))?;
    Ok(0)
}

/// To standard output; colours are left out where they are not wanted.
fn print(text: &str) -> io::Result<()> {
    let mut output = anstream::stdout().lock();
    output.write_all(text.as_bytes())?;
    output.flush()
}

/// How a text is made for whoever reads it; colours are left out later where they are not wanted.
fn style(detail: Detail) -> Style {
    let terminal = io::stdout().is_terminal();
    Style {
        colour: true,
        width: terminal
            .then(terminal_size)
            .flatten()
            .map(|(Width(columns), _)| usize::from(columns)),
        detail,
    }
}

/// A report that cannot be written.
fn unwritable(request: &Request, error: &io::Error) -> Diagnostic {
    let path = request.path.display();
    Diagnostic::error(format!("the report {path} cannot be written: {error}")).note(
        "help",
        "does the folder exist, may it be written to, and is there space?",
    )
}

/// To standard error, if there is something to tell; if that is closed there is nobody to tell.
fn tell(problems: &[Diagnostic]) {
    if problems.is_empty() {
        return;
    }
    let text: Vec<String> = problems
        .iter()
        .map(|problem| problem.render(true))
        .collect();
    drop(writeln!(anstream::stderr(), "{}", text.join("\n\n")));
}

//! `scim-harness run`: the main job.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use scim_harness::{
    deviation::{self, Known},
    diagnostic::{Diagnostic, Tone},
    report::{
        self, Report, Request, annotations,
        terminal::{self, Detail},
    },
    run::{DEFAULT_IMPORT_LIMIT, DEFAULT_JOBS, Seed},
    session::{Options, Session},
    snapshot::{self, Mode},
    trial::runtime,
    whole,
};

use super::{
    MISUSED, Outcome, Trouble, github, hold,
    pace::PaceArgs,
    target::{Choice, SelectionArgs, TargetArgs},
};

#[derive(Clone, Debug, Args)]
pub struct RunArgs {
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    selection: SelectionArgs,
    /// How many cases run side by side
    #[arg(long, value_name = "N", default_value_t = DEFAULT_JOBS, value_parser = at_least_one)]
    jobs: usize,
    #[command(flatten)]
    pace: PaceArgs,
    /// Most resources that an import of existing data reads
    #[arg(long, value_name = "N", default_value_t = DEFAULT_IMPORT_LIMIT, value_parser = clap::value_parser!(u32).range(1..))]
    import_limit: u32,
    /// Warnings count as errors
    #[arg(long)]
    strict: bool,
    /// Write a report file: json, html, junit, markdown, har, sarif or annotations; repeatable
    #[arg(long, value_name = "FORMAT=PATH")]
    report: Vec<Request>,
    /// Write the errors that are found into the target file as known deviations
    #[arg(long)]
    write_known: bool,
    /// Compare answers with their snapshots, record them, or neither
    #[arg(long, value_name = "MODE", default_value = "check")]
    snapshots: SnapshotMode,
    /// Folder of snapshots, with a folder for each target
    #[arg(long, value_name = "DIR", default_value = "snapshots")]
    snapshot_folder: PathBuf,
    /// Seed of everything random, to repeat a run
    #[arg(long, value_name = "HEX")]
    seed: Option<Seed>,
    /// Only the summary, no findings
    #[arg(short, long, conflicts_with = "verbose")]
    quiet: bool,
    /// Every case, and the exchanges that show the findings
    #[arg(short, long)]
    verbose: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum SnapshotMode {
    Check,
    Record,
    Off,
}

pub(super) fn at_least_one(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|number| *number > 0)
        .ok_or_else(|| "expected a whole number of at least 1".to_owned())
}

impl RunArgs {
    fn options(&self, known: Vec<Known>) -> Result<Options, Diagnostic> {
        Ok(Options {
            known,
            selection: self.selection.selection(self.target.version()?),
            scenarios: self.selection.scenarios.clone(),
            jobs: self.jobs,
            rate: self.pace.rate,
            timeout: self.pace.timeout(),
            strict: self.strict,
            import_limit: self.import_limit,
            seed: self.seed,
            snapshots: match self.snapshots {
                SnapshotMode::Check => Mode::Check,
                SnapshotMode::Record => Mode::Record,
                SnapshotMode::Off => Mode::Off,
            },
            snapshot_folder: self.snapshot_folder.clone(),
            keeps_exchanges: !self.report.is_empty(),
            ..Options::default()
        })
    }

    /// How much is told.
    fn detail(&self, usual: Detail) -> Detail {
        match (self.quiet, self.verbose) {
            (true, _) => Detail::Summary,
            (_, true) => Detail::Everything,
            _ => usual,
        }
    }
}

/// Runs the cases and reports on them.
pub fn run(arguments: &RunArgs) -> Outcome {
    let Choice {
        target,
        known,
        called,
    } = arguments.target.choice()?;
    let options = arguments.options(known)?;
    check_outputs(arguments)?;
    let session = Session::new(target, &options)?;
    let finished = hold::hold(&session, &runtime()?);
    let engine = &session.engine;
    let trouble = engine
        .known_trouble()
        .map(scim_harness::run::Trouble::diagnostic);
    let code = github::told(
        || tell(arguments, &finished, &session.known, trouble),
        || annotations::text(&finished),
    )?;
    if arguments.write_known {
        adopt(arguments.target.file(), &called, &finished)?;
    }
    Ok(code)
}

/// Finds out before the first request whether everything can be written that is asked for.
fn check_outputs(arguments: &RunArgs) -> Result<(), Trouble> {
    if arguments.write_known {
        let file = arguments.target.file();
        whole::check(file).map_err(|error| deviation::unwritable(file, &error))?;
    }
    if let Some(path) = report::written_twice(&arguments.report) {
        let title = format!("two reports would be written to {}", path.display());
        return Err(Diagnostic::error(title).into());
    }
    if matches!(arguments.snapshots, SnapshotMode::Record) {
        let folder = &arguments.snapshot_folder;
        snapshot::check(folder).map_err(|error| {
            let folder = folder.display();
            Diagnostic::error(format!("answers cannot be recorded in {folder}: {error}"))
                .note("help", "--snapshot-folder DIR names another folder")
        })?;
    }
    for report in &arguments.report {
        report
            .check()
            .map_err(|error| super::unwritable(report, &error))?;
    }
    Ok(())
}

/// Writes the errors that nobody expected into the target file.
fn adopt(file: &Path, target: &str, report: &Report) -> Result<(), Trouble> {
    let newcomers = report.newcomers();
    let said = match newcomers.len() {
        0 => "there is no error to write: the target file stays as it is".to_owned(),
        count => {
            let entries = deviation::adopt(file, target, &newcomers)?;
            let file = file.display();
            format!(
                "{count} findings were written to {file} as {entries} known deviations: say in each `why` why it is accepted; until then the run fails"
            )
        }
    };
    super::tell(&[Diagnostic {
        tone: Tone::Info,
        ..Diagnostic::error(said)
    }]);
    Ok(())
}

/// Writes what was asked for. A report that cannot be written never hides the verdict.
fn tell(
    arguments: &RunArgs,
    report: &Report,
    known: &[String],
    trouble: Option<Diagnostic>,
) -> Outcome {
    if report.cases.is_empty() {
        super::tell(&[arguments.selection.nothing_fits(known)]);
    }
    // Trouble makes every case inconclusive but the one about the connection itself.
    super::tell(trouble.as_slice());
    let usual = match trouble.is_some() && nothing_found(report) {
        true => Detail::Summary,
        false => Detail::Findings,
    };
    let style = super::style(arguments.detail(usual));
    let printed = super::print(&terminal::text(report, style));
    let mut code = report.exit_code();
    for request in &arguments.report {
        if let Err(error) = request.write(report) {
            super::tell(&[super::unwritable(request, &error)]);
            code = MISUSED;
        }
    }
    printed?;
    Ok(code)
}

/// Whether there is nothing to tell of the target.
fn nothing_found(report: &Report) -> bool {
    let mut cases = report.cases.iter();
    cases.all(|case| case.findings.is_empty() && case.changes.is_empty())
}

//! `scim-harness run`: the main job.

use std::{
    io::{self, IsTerminal},
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use scim_harness::{
    diagnostic::Diagnostic,
    report::{Report, Request, Span, terminal},
    run::{DEFAULT_IMPORT_LIMIT, DEFAULT_JOBS, Seed},
    session::{Options, Session},
    snapshot::Mode,
    trial::{interrupt_on_signal, runtime},
    verdict::{CaseResult, Verdict},
};

use super::{
    MISUSED, Outcome,
    target::{SelectionArgs, TargetArgs},
};

/// The shortest time in which the progress line is drawn anew.
const REDRAWS_A_SECOND: u8 = 10;

#[derive(Clone, Debug, Args)]
pub struct RunArgs {
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    selection: SelectionArgs,
    /// How many cases run side by side
    #[arg(long, value_name = "N", default_value_t = DEFAULT_JOBS, value_parser = at_least_one)]
    jobs: usize,
    /// Most requests a second
    #[arg(long, value_name = "N", value_parser = positive)]
    rate: Option<f64>,
    /// How long an answer may take, in seconds
    #[arg(long, value_name = "S", default_value = "60", value_parser = positive)]
    timeout: f64,
    /// Most resources that an import of existing data reads
    #[arg(long, value_name = "N", default_value_t = DEFAULT_IMPORT_LIMIT, value_parser = clap::value_parser!(u32).range(1..))]
    import_limit: u32,
    /// Warnings count as errors
    #[arg(long)]
    strict: bool,
    /// Write a report file: json=PATH; repeatable
    #[arg(long, value_name = "FORMAT=PATH")]
    report: Vec<Request>,
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
    #[arg(short, long)]
    quiet: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum SnapshotMode {
    Check,
    Record,
    Off,
}

fn at_least_one(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|number| *number > 0)
        .ok_or_else(|| "expected a whole number of at least 1".to_owned())
}

fn positive(text: &str) -> Result<f64, String> {
    let number = text
        .parse::<f64>()
        .ok()
        .filter(|number| number.is_finite() && *number > 0.0 && *number < 1e9);
    number.ok_or_else(|| "expected a number above 0".to_owned())
}

impl RunArgs {
    fn options(&self) -> Result<Options, Diagnostic> {
        Ok(Options {
            selection: self.selection.selection(self.target.version()?),
            scenarios: self.selection.scenarios.clone(),
            jobs: self.jobs,
            rate: self.rate,
            timeout: Duration::from_secs_f64(self.timeout),
            strict: self.strict,
            import_limit: self.import_limit,
            seed: self.seed,
            snapshots: match self.snapshots {
                SnapshotMode::Check => Mode::Check,
                SnapshotMode::Record => Mode::Record,
                SnapshotMode::Off => Mode::Off,
            },
            snapshot_folder: self.snapshot_folder.clone(),
            ..Options::default()
        })
    }
}

/// Runs the cases and reports on them.
pub fn run(arguments: &RunArgs) -> Outcome {
    let target = arguments.target.target()?;
    let session = Session::new(target, &arguments.options()?)?;
    for report in &arguments.report {
        report.check().map_err(|error| unwritable(report, &error))?;
    }
    let runtime = runtime()?;
    let started = (jiff::Timestamp::now(), Instant::now());
    let engine = &session.engine;
    if engine.target().tls.insecure {
        super::tell(&[Diagnostic {
            tone: scim_harness::diagnostic::Tone::Warning,
            ..Diagnostic::error(
                "the target's certificate is not verified (--insecure): anybody could answer in its place",
            )
        }]);
    }
    let results = runtime.block_on(async {
        let signals = tokio::spawn(interrupt_on_signal(Arc::clone(engine)));
        let results = with_progress(&session).await;
        signals.abort();
        results
    });
    let span = Span {
        started: started.0.to_string(),
        seconds: started.1.elapsed().as_secs_f64(),
    };
    let finished = Report::of(engine, results, span);
    let trouble = engine
        .known_trouble()
        .map(scim_harness::run::Trouble::diagnostic);
    tell(arguments, &finished, &session.known, trouble)
}

async fn with_progress(session: &Session) -> Vec<CaseResult> {
    let bar = progress(session.cases.len());
    let findings = std::cell::Cell::new(0);
    let results = session
        .engine
        .run(&session.cases, |result| {
            findings.set(findings.get() + result.findings.len());
            bar.set_message(format!(
                "{} findings, {} requests",
                findings.get(),
                session.engine.requests()
            ));
            bar.inc(1);
        })
        .await;
    bar.finish_and_clear();
    results
}

/// A progress line on a terminal, nothing elsewhere.
fn progress(cases: usize) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let target = indicatif::ProgressDrawTarget::stderr_with_hz(REDRAWS_A_SECOND);
    let bar = ProgressBar::with_draw_target(Some(u64::try_from(cases).unwrap_or(u64::MAX)), target);
    match ProgressStyle::with_template("{bar:30} {pos}/{len} cases  {msg}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
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
    let told = match (&trouble, only_trouble(report)) {
        (Some(trouble), true) => {
            super::tell(std::slice::from_ref(trouble));
            terminal::text(report, true, true)
        }
        _ => terminal::text(report, true, arguments.quiet),
    };
    let printed = super::print(&told);
    let mut code = report.exit_code();
    for request in &arguments.report {
        if let Err(error) = request.write(report) {
            super::tell(&[unwritable(request, &error)]);
            code = MISUSED;
        }
    }
    printed?;
    Ok(code)
}

fn unwritable(request: &Request, error: &io::Error) -> Diagnostic {
    let path = request.path.display();
    Diagnostic::error(format!("the report {path} cannot be written: {error}"))
        .note("help", "does the folder exist, and may it be written to?")
}

/// Whether nothing was learned of the target.
fn only_trouble(report: &Report) -> bool {
    report
        .cases
        .iter()
        .all(|case| matches!(case.verdict, Verdict::Inconclusive | Verdict::Skipped))
}

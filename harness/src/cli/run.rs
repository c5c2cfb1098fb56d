//! `scim-harness run`: the main job.

use std::{
    io::{self, IsTerminal},
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use scim_harness::{
    diagnostic::Diagnostic,
    environment,
    report::{
        self, Report, Request, Span, annotations,
        terminal::{self, Detail, Style},
    },
    run::{DEFAULT_IMPORT_LIMIT, DEFAULT_JOBS, Seed},
    session::{Options, Session},
    snapshot::Mode,
    trial::{interrupt_on_signal, runtime},
    verdict::{CaseResult, Verdict},
};
use terminal_size::{Width, terminal_size};

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
    /// Write a report file: json, html, junit, markdown, har, sarif or annotations; repeatable
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

impl RunArgs {
    /// Colours are left out later where they are not wanted.
    fn style(&self, usual: Detail) -> Style {
        let terminal = io::stdout().is_terminal();
        Style {
            colour: true,
            width: terminal
                .then(terminal_size)
                .flatten()
                .map(|(Width(columns), _)| usize::from(columns)),
            detail: match (self.quiet, self.verbose) {
                (true, _) => Detail::Summary,
                (_, true) => Detail::Everything,
                _ => usual,
            },
        }
    }
}

/// Runs the cases and reports on them.
pub fn run(arguments: &RunArgs) -> Outcome {
    let target = arguments.target.target()?;
    let session = Session::new(target, &arguments.options()?)?;
    if let Some(path) = report::written_twice(&arguments.report) {
        let title = format!("two reports would be written to {}", path.display());
        return Err(Diagnostic::error(title).into());
    }
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
    if !on_github() {
        return tell(arguments, &finished, &session.known, trouble);
    }
    let (begin, end) = annotations::inert(fastrand::u64(..));
    super::print(&begin)?;
    let code = tell(arguments, &finished, &session.known, trouble);
    super::print(&(end + &annotations::text(&finished)))?;
    code
}

/// Whether this is a step of GitHub Actions, whose runner reads commands from the output.
fn on_github() -> bool {
    environment::read()
        .get("GITHUB_ACTIONS")
        .is_some_and(|value| value == "true")
}

async fn with_progress(session: &Session) -> Vec<CaseResult> {
    let bar = progress(session);
    let findings = std::cell::Cell::new(0);
    let results = session
        .engine
        .run(&session.cases, |result| {
            findings.set(findings.get() + result.findings.len());
            bar.set_message(match findings.get() {
                1 => "1 finding".to_owned(),
                many => format!("{many} findings"),
            });
            bar.inc(1);
        })
        .await;
    bar.finish_and_clear();
    results
}

/// A progress line on a terminal, nothing elsewhere.
fn progress(session: &Session) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let target = indicatif::ProgressDrawTarget::stderr_with_hz(REDRAWS_A_SECOND);
    let cases = u64::try_from(session.cases.len()).unwrap_or(u64::MAX);
    let bar = ProgressBar::with_draw_target(Some(cases), target).with_message("0 findings");
    let engine = Arc::clone(&session.engine);
    let rate = move |state: &ProgressState, line: &mut dyn std::fmt::Write| {
        let rate = requests_a_second(engine.requests(), state.elapsed());
        write!(line, "{rate} requests/s").unwrap_or_default();
    };
    let template = "{bar:30} {pos}/{len} cases  {msg}  {rate}";
    let Ok(style) = ProgressStyle::with_template(template) else {
        return bar;
    };
    bar.enable_steady_tick(Duration::from_secs(1) / u32::from(REDRAWS_A_SECOND));
    bar.with_style(style.with_key("rate", rate))
}

/// In the first second, what was sent so far.
fn requests_a_second(requests: u64, elapsed: Duration) -> u64 {
    let milliseconds = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    requests.saturating_mul(1000) / milliseconds.max(1000)
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
    let style = match (&trouble, only_trouble(report)) {
        (Some(trouble), true) => {
            super::tell(std::slice::from_ref(trouble));
            arguments.style(Detail::Summary)
        }
        _ => arguments.style(Detail::Findings),
    };
    let printed = super::print(&terminal::text(report, style));
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
    Diagnostic::error(format!("the report {path} cannot be written: {error}")).note(
        "help",
        "does the folder exist, may it be written to, and is there space?",
    )
}

/// Whether nothing was learned of the target.
fn only_trouble(report: &Report) -> bool {
    report
        .cases
        .iter()
        .all(|case| matches!(case.verdict, Verdict::Inconclusive | Verdict::Skipped))
}

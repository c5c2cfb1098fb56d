//! Holds the cases of a session, with a progress line on a terminal.

use std::{
    io::{self, IsTerminal},
    sync::Arc,
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use scim_harness::{
    diagnostic::{Diagnostic, Tone},
    report::{Report, Span},
    session::Session,
    trial::interrupt_on_signal,
    verdict::CaseResult,
};
use tokio::runtime::Runtime;

/// The shortest time in which the progress line is drawn anew.
const REDRAWS_A_SECOND: u8 = 10;

/// Runs the cases to their report. Ctrl-C, SIGTERM and SIGHUP end it early, with everything removed.
pub fn hold(session: &Session, runtime: &Runtime) -> Report {
    let started = (jiff::Timestamp::now(), Instant::now());
    let engine = &session.engine;
    if engine.target().tls.insecure {
        super::tell(&[Diagnostic {
            tone: Tone::Warning,
            ..Diagnostic::error(
                "the target's certificate is not verified (--insecure): anybody could answer in its place",
            )
        }]);
    }
    let results = runtime.block_on(async {
        let signals = tokio::spawn(interrupt_on_signal(Arc::clone(engine)));
        let results = with_progress(session).await;
        signals.abort();
        results
    });
    let span = Span {
        started: started.0.to_string(),
        seconds: started.1.elapsed().as_secs_f64(),
    };
    Report::of(engine, results, span)
}

async fn with_progress(session: &Session) -> Vec<CaseResult> {
    let bar = progress(session);
    let findings = std::cell::Cell::new(0);
    let results = session
        .engine
        .run(&session.cases, |result| {
            let unexpected = result.findings.iter();
            let unexpected = unexpected.filter(|finding| finding.known.is_none());
            findings.set(findings.get() + unexpected.count());
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

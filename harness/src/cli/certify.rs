//! `scim-harness certify`: a run for a certification programme, with its evidence in one folder.

use std::path::PathBuf;

use clap::Args;
use scim_harness::{
    certificate::{self, Assessed, Evidence, Program, Signer, Standing},
    diagnostic::Diagnostic,
    environment,
    plan::Selection,
    report::{
        annotations,
        terminal::{self, Detail},
    },
    run::{DEFAULT_JOBS, Seed},
    session::{Options, Session},
    shell,
    snapshot::Mode,
    trial::runtime,
};

use super::{
    Outcome, github, hold,
    pace::PaceArgs,
    target::{Choice, TargetArgs},
};

/// Exit code for an item that failed.
const FAILED: u8 = 1;
/// Exit code where something that is asked for could not be shown.
const NOT_SHOWN: u8 = 3;

#[derive(Debug, Args)]
pub struct CertifyArgs {
    /// The programme: okta-oin, entra-gallery or scim-2.0
    #[arg(long, value_name = "NAME")]
    program: String,
    /// Folder for the evidence; it must not be there, or be empty
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    target: TargetArgs,
    /// Sign the manifest with this secret key of minisign; MINISIGN_PASSWORD has its passphrase
    #[arg(long, value_name = "KEY")]
    sign: Option<PathBuf>,
    /// How many cases run side by side
    #[arg(long, value_name = "N", default_value_t = DEFAULT_JOBS, value_parser = super::run::at_least_one)]
    jobs: usize,
    #[command(flatten)]
    pace: PaceArgs,
    /// Seed of everything random, to repeat a run
    #[arg(long, value_name = "HEX")]
    seed: Option<Seed>,
}

/// Runs what the programme asks for and writes the evidence, whatever the verdict is.
pub fn run(arguments: &CertifyArgs) -> Outcome {
    let program = Program::named(&arguments.program)?;
    if let Some(other) = arguments
        .target
        .version()?
        .filter(|wanted| *wanted != program.scim)
    {
        let (name, its) = (&program.name, program.scim);
        return Err(Diagnostic::error(format!(
            "the programme {name} is about SCIM {its}, not {other}"
        ))
        .note("help", "leave --scim and SCIM_VERSION out")
        .into());
    }
    certificate::check(&arguments.out)?;
    let signer = match &arguments.sign {
        Some(path) => {
            let passphrase = environment::read().remove("MINISIGN_PASSWORD");
            Some(Signer::read(path, passphrase)?)
        }
        None => None,
    };
    let Choice { target, known, .. } = arguments.target.choice()?;
    let options = Options {
        selection: Selection {
            scim: Some(program.scim),
            clients: program.clients.clone(),
            ..Selection::default()
        },
        jobs: arguments.jobs,
        rate: arguments.pace.rate,
        timeout: arguments.pace.timeout(),
        seed: arguments.seed,
        snapshots: Mode::Off,
        known,
        ..Options::default()
    };
    let session = Session::new(target, &options)?;
    let runtime = runtime()?;
    let report = hold::hold(&session, &runtime);
    let configuration = runtime.block_on(session.engine.configuration(program.scim));
    let items = certificate::assess(&program, &report, &session.cases);
    let evidence = Evidence {
        program: &program,
        items: &items,
        report: &report,
        configuration,
        command: command(),
    };
    certificate::write(&arguments.out, &evidence, signer.as_ref())?;
    let text = terminal::text(&report, super::style(Detail::Findings))
        + &certificate::terminal(&program, &items, &report);
    github::told(|| Ok(super::print(&text)?), || annotations::text(&report))?;
    super::print(&format!("evidence is in {}\n", arguments.out.display()))?;
    Ok(code(report.exit_code(), &items))
}

/// The worst of what the run and its items say.
fn code(of_run: u8, items: &[Assessed]) -> u8 {
    let asked = items.iter().filter(|item| !item.optional);
    let worst = asked.map(|item| item.status).max();
    let failed = items.iter().any(|item| item.status == Standing::Failed);
    match (of_run, worst) {
        (FAILED, _) => FAILED,
        _ if failed => FAILED,
        (0, Some(worst)) if worst > Standing::Warned => NOT_SHOWN,
        (code, _) => code,
    }
}

/// The command as it was typed. Credentials come from the environment and are not in it.
fn command() -> String {
    let arguments = std::env::args_os().skip(1);
    let words = arguments.map(|word| shell::word(&word.to_string_lossy()));
    let words: Vec<String> = std::iter::once("scim-harness".to_owned())
        .chain(words)
        .collect();
    words.join(" ")
}

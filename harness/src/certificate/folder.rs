//! The folder of evidence, written whole or not at all.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use ring::digest::{SHA256, digest};
use serde::Serialize;
use serde_json::{Value, json};

use super::{Assessed, Program, Signer, text};
use crate::{
    assets,
    diagnostic::Diagnostic,
    report::{Format, Report, documents},
};

/// The file with the SHA-256 of every other, as `sha256sum --check` reads it.
const MANIFEST: &str = "SHA256SUMS";
/// Its signature.
const SIGNATURE: &str = "SHA256SUMS.minisig";

/// What a certification run brought.
pub struct Evidence<'a> {
    /// The programme.
    pub program: &'a Program,
    /// What the run says of its items.
    pub items: &'a [Assessed],
    /// The run.
    pub report: &'a Report,
    /// What the target says that it offers.
    pub configuration: Option<Value>,
    /// The command, which holds no secret.
    pub command: String,
}

/// Whether the folder may be written: it is not there, or empty.
pub fn check(folder: &Path) -> Result<(), Diagnostic> {
    if folder.file_name().is_none() {
        let title = format!("the folder {} has no name of its own", folder.display());
        return Err(Diagnostic::error(title).note(
            "help",
            "evidence is put in the place of a folder: name one, such as --out evidence",
        ));
    }
    match fs::read_dir(folder).map(|mut entries| entries.next().is_some()) {
        Ok(false) => {}
        Ok(true) => {
            let title = format!("the folder {} is not empty", folder.display());
            return Err(Diagnostic::error(title).note(
                "help",
                "evidence of one run is not mixed with anything: name another --out",
            ));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(unwritable(folder, &error)),
    }
    let beside = beside(folder);
    fs::create_dir(&beside)
        .and_then(|()| fs::remove_dir(&beside))
        .map_err(|error| unwritable(folder, &error))
}

/// Writes the folder: beside it first, then in its place. One that is there keeps its mode.
pub fn write(
    folder: &Path,
    evidence: &Evidence<'_>,
    signer: Option<&Signer>,
) -> Result<(), Diagnostic> {
    let mut files = files(evidence).map_err(|error| unwritable(folder, &error))?;
    let manifest = manifest(&files);
    if let Some(signer) = signer {
        let report = evidence.report;
        let about = format!(
            "{} of {} on {}",
            evidence.program.name, report.target.url, report.run.started
        );
        files.push((SIGNATURE, signer.sign(&manifest, &about)?));
    }
    files.push((MANIFEST, manifest));
    let beside = beside(folder);
    let written = place(&beside, folder, &files);
    if written.is_err() {
        drop(fs::remove_dir_all(&beside));
    }
    written.map_err(|error| unwritable(folder, &error))
}

fn place(beside: &Path, folder: &Path, files: &[(&str, String)]) -> io::Result<()> {
    private_folder(beside)?;
    for (name, text) in files {
        fs::write(beside.join(name), text)?;
    }
    if let Ok(known) = fs::metadata(folder) {
        fs::set_permissions(beside, known.permissions())?;
    }
    // An empty folder gives way; one that has been filled meanwhile does not.
    match fs::remove_dir(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::rename(beside, folder)
}

/// A folder that only its owner looks into: the answers hold data of the tenant.
fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn files(evidence: &Evidence<'_>) -> io::Result<Vec<(&'static str, String)>> {
    let Evidence {
        program,
        items,
        report,
        ..
    } = evidence;
    let checklist = json!({
        "format": "scim-harness/certificate/1",
        "program": program.name,
        "title": program.title,
        "source": program.source,
        "verdict": report.verdict,
        "items": items,
        "outside": program.outside.iter().map(|outside| json!({
            "title": outside.told(), "source": outside.source, "status": outside.status(report),
        })).collect::<Vec<_>>(),
    });
    Ok(vec![
        ("report.html", Format::Html.text(report)?),
        ("report.json", Format::Json.text(report)?),
        ("report.har", Format::Har.text(report)?),
        ("items.md", text::markdown(program, items, report)),
        ("items.json", pretty(&checklist)?),
        ("coverage.json", pretty(&coverage(report))?),
        ("environment.json", pretty(&environment(evidence))?),
    ])
}

fn pretty(value: &impl Serialize) -> io::Result<String> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}

/// What the run says of the rules, by document.
fn coverage(report: &Report) -> Value {
    let ids = |rules: &[&crate::report::model::Rule]| -> Vec<String> {
        rules.iter().map(|rule| rule.id.clone()).collect()
    };
    let documents = documents::of(report);
    let documents = documents.iter().map(|document| {
        json!({
            "document": document.name,
            "upheld": ids(&document.upheld),
            "broken": ids(&document.broken),
            "not_verified": ids(&document.not_verified),
        })
    });
    Value::Array(documents.collect())
}

/// What the run was done with, so that it can be repeated.
fn environment(evidence: &Evidence<'_>) -> Value {
    let rules: String = assets::rule_files()
        .iter()
        .map(|file| format!("{}\n{}", file.path, file.text))
        .collect();
    let report = evidence.report;
    json!({
        "harness": report.harness,
        "rulebook": { "sha256": sha256(&rules), "rules": report.rules.len() },
        "program": evidence.program.name,
        "target": report.target,
        "service_provider_config": evidence.configuration,
        "command": evidence.command,
        "run": report.run,
        "platform": { "os": std::env::consts::OS, "architecture": std::env::consts::ARCH },
    })
}

fn manifest(files: &[(&str, String)]) -> String {
    let mut lines: Vec<String> = files
        .iter()
        .map(|(name, text)| format!("{}  {name}\n", sha256(text)))
        .collect();
    lines.sort_by(|a, b| a.get(66..).cmp(&b.get(66..)));
    lines.concat()
}

fn sha256(text: &str) -> String {
    let hash = digest(&SHA256, text.as_bytes());
    hash.as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn beside(folder: &Path) -> PathBuf {
    let plain: PathBuf = folder.components().collect();
    let mut beside = plain.into_os_string();
    beside.push(format!(".{}.part", std::process::id()));
    PathBuf::from(beside)
}

fn unwritable(folder: &Path, error: &io::Error) -> Diagnostic {
    let title = format!("the folder {} cannot be written: {error}", folder.display());
    Diagnostic::error(title).note(
        "help",
        "does the folder above it exist, and may it be written to?",
    )
}

//! Reports: what a run found, for people and for machines. They show verdicts and compute none.

pub mod coverage;
mod curl;
pub mod json;
pub mod terminal;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    run::{Engine, Leftover},
    verdict::{CaseResult, Overall, Summary},
};

/// A run that is over.
pub struct Finished<'a> {
    /// The engine that did it.
    pub engine: &'a Engine,
    /// What became of each case.
    pub results: &'a [CaseResult],
    /// What could not be removed.
    pub leftovers: Vec<Leftover>,
    /// When it began, in RFC 3339.
    pub started: String,
    /// How long it took, in seconds.
    pub seconds: f64,
}

impl Finished<'_> {
    /// How many cases ended how.
    pub fn summary(&self) -> Summary {
        Summary::of(self.results)
    }

    /// The verdict on the target.
    pub fn overall(&self) -> Overall {
        self.summary().overall()
    }

    /// The exit code of the documentation: 0 conformant and unchanged, 1 findings or a gate that
    /// failed, 3 could not tell, 4 nothing ran.
    pub fn exit_code(&self) -> u8 {
        let summary = self.summary();
        if summary.failed > 0 || summary.changed > 0 {
            1
        } else if summary.inconclusive > 0 {
            3
        } else if summary.passed + summary.warned == 0 {
            4
        } else {
            0
        }
    }
}

/// A report file that the user asked for: `FORMAT=PATH`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The format.
    pub format: Format,
    /// The file.
    pub path: PathBuf,
}

/// Formats of report files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `scim-harness/report/1`.
    Json,
}

impl std::str::FromStr for Request {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (format, path) = text
            .split_once('=')
            .ok_or("expected FORMAT=PATH, such as json=report.json")?;
        if path.is_empty() {
            return Err("the path is missing: FORMAT=PATH, such as json=report.json".to_owned());
        }
        match format {
            "json" => Ok(Self {
                format: Format::Json,
                path: path.into(),
            }),
            other => Err(format!(
                "there is no report format `{other}`: this version writes json"
            )),
        }
    }
}

impl Request {
    /// Whether the report can be written, found out before a run rather than after it.
    pub fn check(&self) -> io::Result<()> {
        if self.path.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if is_device(&self.path) {
            return Ok(());
        }
        let beside = beside(&self.path);
        fs::write(&beside, "")?;
        fs::remove_file(&beside)
    }

    /// Writes the report.
    pub fn write(&self, finished: &Finished<'_>) -> io::Result<()> {
        let text = match self.format {
            Format::Json => json::text(finished)?,
        };
        write_whole(&self.path, &text)
    }
}

/// Writes a file whole or not at all: beside it first, then in its place.
fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    if is_device(path) {
        return fs::write(path, text);
    }
    let beside = beside(path);
    let written = fs::write(&beside, text).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        drop(fs::remove_file(&beside));
    }
    written
}

/// A pipe, a terminal or another thing that is written to and cannot be replaced.
fn is_device(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir())
}

/// The name under which a file is written before it takes its place.
fn beside(path: &Path) -> PathBuf {
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.part", std::process::id()));
    PathBuf::from(beside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_asked_for_by_format_and_path() {
        assert_eq!(
            "json=a/b.json".parse(),
            Ok(Request {
                format: Format::Json,
                path: "a/b.json".into()
            })
        );
        assert_eq!(
            "htlm=x".parse::<Request>().unwrap_err(),
            "there is no report format `htlm`: this version writes json"
        );
        assert!("json".parse::<Request>().is_err() && "json=".parse::<Request>().is_err());
    }
}

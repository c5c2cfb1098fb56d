//! Report files: which format goes where.

use std::{
    fs, io,
    path::{Path, PathBuf},
    str::FromStr,
};

use super::{annotations, har, html, json, junit, markdown, model::Report, sarif};
use crate::{diagnostic::did_you_mean, whole};

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
    /// One page of HTML.
    Html,
    /// JUnit XML.
    Junit,
    /// Markdown for the summary of a step or a comment on a pull request.
    Markdown,
    /// HAR 1.2.
    Har,
    /// SARIF 2.1.0.
    Sarif,
    /// Commands of GitHub Actions that annotate a run.
    Annotations,
}

impl Format {
    /// Every format by its name.
    pub const NAMES: [(&'static str, Self); 7] = [
        ("json", Self::Json),
        ("html", Self::Html),
        ("junit", Self::Junit),
        ("markdown", Self::Markdown),
        ("har", Self::Har),
        ("sarif", Self::Sarif),
        ("annotations", Self::Annotations),
    ];

    /// The report in this format.
    pub fn text(self, report: &Report) -> io::Result<String> {
        match self {
            Self::Json => json::text(report),
            Self::Html => html::text(report),
            Self::Junit => junit::text(report),
            Self::Markdown => Ok(markdown::text(report)),
            Self::Har => har::text(report),
            Self::Sarif => sarif::text(report),
            Self::Annotations => Ok(annotations::text(report)),
        }
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::NAMES.iter().find(|(name, _)| *name == text);
        known.map(|(_, format)| *format).ok_or_else(|| {
            let names = Self::NAMES.map(|(name, _)| name);
            let meant = match did_you_mean(text, names) {
                none if none.is_empty() => none,
                meant => format!("; {meant}"),
            };
            format!(
                "there is no report format `{text}`{meant} (known: {})",
                names.join(", ")
            )
        })
    }
}

impl FromStr for Request {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (format, path) = text
            .split_once('=')
            .ok_or("expected FORMAT=PATH, such as json=report.json")?;
        if path.is_empty() {
            return Err("the path is missing: FORMAT=PATH, such as json=report.json".to_owned());
        }
        Ok(Self {
            format: format.parse()?,
            path: path.into(),
        })
    }
}

impl Request {
    /// Whether the report can be written, found out before a run rather than after it.
    pub fn check(&self) -> io::Result<()> {
        read_by_somebody(&self.path)?;
        whole::check(&self.path)
    }

    /// Writes the report.
    pub fn write(&self, report: &Report) -> io::Result<()> {
        whole::write(&self.path, &self.format.text(report)?)
    }
}

/// A pipe that nobody reads would hold up the report for ever. One that is read is kept open until
/// the process ends: its reader would take its end for the end of the report.
#[cfg(unix)]
fn read_by_somebody(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};

    const NO_READER: i32 = 6;
    let is_pipe = fs::metadata(path).is_ok_and(|found| found.file_type().is_fifo());
    if !is_pipe {
        return Ok(());
    }
    let without_waiting = if cfg!(target_os = "linux") { 0x800 } else { 4 };
    let opened = fs::OpenOptions::new()
        .write(true)
        .custom_flags(without_waiting)
        .open(path);
    match opened {
        Ok(pipe) => std::mem::forget(pipe),
        Err(error) if error.raw_os_error() == Some(NO_READER) => {
            return Err(io::Error::other("it is a pipe that nobody reads"));
        }
        Err(error) => return Err(error),
    }
    Ok(())
}

#[cfg(not(unix))]
fn read_by_somebody(_: &Path) -> io::Result<()> {
    Ok(())
}

/// A file that more than one report goes to; a device takes any number.
pub fn written_twice(requests: &[Request]) -> Option<&Path> {
    let paths = requests.iter().map(|request| request.path.as_path());
    let mut files = paths.filter(|path| !whole::is_device(path));
    let places: Vec<PathBuf> = requests
        .iter()
        .map(|request| place(&request.path))
        .collect();
    let count = |path: &Path| {
        let place = place(path);
        places.iter().filter(|known| **known == place).count()
    };
    files.find(|path| count(path) > 1)
}

/// The one name of a file, whether it is there or not: `r.json`, `./r.json` and `a/../r.json` are
/// the same.
fn place(path: &Path) -> PathBuf {
    let known = fs::canonicalize(path).or_else(|error| match (path.parent(), path.file_name()) {
        (Some(folder), Some(name)) => {
            let folder = if folder.as_os_str().is_empty() {
                Path::new(".")
            } else {
                folder
            };
            Ok(fs::canonicalize(folder)?.join(name))
        }
        _ => Err(error),
    });
    known.unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_file_is_one_file_however_it_is_named() {
        let folder = tempfile::TempDir::new().unwrap();
        fs::create_dir(folder.path().join("b")).unwrap();
        let at = |path: &str| Request {
            format: Format::Json,
            path: folder.path().join(path),
        };
        assert_eq!(written_twice(&[at("a"), at("b/a")]), None);
        for other in ["a", "./a", "b/../a"] {
            let both = [at("a"), at(other)];
            assert_eq!(written_twice(&both), Some(both[0].path.as_path()));
        }
        let here = |path: &str| Request {
            format: Format::Json,
            path: path.into(),
        };
        assert!(written_twice(&[here("not-there"), here("./not-there")]).is_some());
        let device = [here("/dev/null"), here("/dev/null")];
        assert_eq!(written_twice(&device), None);
    }

    #[test]
    fn a_report_is_asked_for_by_format_and_path() {
        assert_eq!(
            "json=a/b.json".parse(),
            Ok(Request {
                format: Format::Json,
                path: "a/b.json".into()
            })
        );
        assert!("json".parse::<Request>().is_err() && "json=".parse::<Request>().is_err());
    }
}

//! Certification: what a programme asks of a service provider, and the evidence that a run gives
//! for it. An item without a case that passed is never shown as passed.

mod assess;
mod folder;
mod sign;
mod text;

use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::{
    assets,
    diagnostic::{Diagnostic, did_you_mean},
    report::Report,
    rule::{Rulebook, toml_problem},
    scenario::{Collection, Version},
    source::Location,
};

pub use assess::{Assessed, Standing, assess};
pub use folder::{Evidence, check, write};
pub use sign::Signer;
pub use text::terminal;

/// A certification programme.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// Its name, that of its file.
    #[serde(skip)]
    pub name: String,
    /// What it is, for people.
    pub title: String,
    /// The version of the protocol that it is about.
    #[serde(deserialize_with = "version")]
    pub scim: Version,
    /// Whose conversations it asks for; none: all.
    #[serde(default)]
    pub clients: Vec<String>,
    /// Where its demands are described.
    pub source: String,
    /// What a run can show.
    pub item: Vec<Item>,
    /// What it asks for besides, which no run can show.
    #[serde(default)]
    pub outside: Vec<Outside>,
}

/// Something that a programme asks for and a run can show.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Its name in the programme.
    pub id: String,
    /// What is asked for.
    pub title: String,
    /// Where.
    pub source: String,
    /// Whether it applies only to those who claim the feature.
    #[serde(default)]
    pub optional: bool,
    /// Cases that show it, by their name or its beginning.
    #[serde(default)]
    pub cases: Vec<Spanned<String>>,
    /// Ids of Okta's manual plan; the cases that cover one show it.
    #[serde(default)]
    pub plan: Vec<String>,
    /// Rules that show it, each of which has to be upheld.
    #[serde(default)]
    pub rules: Vec<Spanned<String>>,
    /// A book of rules, none of which may be broken, however severe it is; those that it leaves to
    /// the server may.
    pub exact: Option<String>,
    /// Other items that are parts of it: it is not shown where one of them is not.
    #[serde(default)]
    pub parts: Vec<String>,
}

/// Something that a programme asks for outside of HTTP.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Outside {
    /// What is asked for.
    pub title: String,
    /// Where.
    pub source: String,
    /// Ids of Okta's manual plan that are about it.
    #[serde(default)]
    pub plan: Vec<String>,
    /// Whether it is that the base URL is https, which a run does see.
    #[serde(default)]
    pub https: bool,
}

impl Outside {
    /// What a run says of it: whether it is so, where the run can see it.
    pub fn is_so(&self, report: &Report) -> Option<bool> {
        let mut urls = report.target.url.split(", ");
        self.https
            .then(|| urls.all(|url| url.to_ascii_lowercase().starts_with("https://")))
    }

    /// The same in words.
    pub fn status(&self, report: &Report) -> &'static str {
        match self.is_so(report) {
            Some(true) => "shown by this run",
            Some(false) => "not so in this run",
            None => "not verified by this run",
        }
    }

    /// What is asked for, with the ids of the plan.
    pub fn told(&self) -> String {
        match self.plan.as_slice() {
            [] => self.title.clone(),
            ids => format!("{}: {}", self.title, ids.join(", ")),
        }
    }
}

fn version<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Version, D::Error> {
    String::deserialize(deserializer)?
        .parse()
        .map_err(serde::de::Error::custom)
}

impl Program {
    /// The programmes that travel with the harness, ordered by name.
    pub fn embedded() -> Result<Vec<Self>, Diagnostic> {
        let files = assets::program_files();
        let read = files.iter().map(|file| {
            let mut program: Self =
                toml::from_str(&file.text).map_err(|error| toml_problem(file, &error))?;
            let name = file.path.rsplit('/').next().unwrap_or_default();
            program.name = name.trim_end_matches(".toml").to_owned();
            Ok(program)
        });
        read.collect()
    }

    /// The programme of this name.
    pub fn named(name: &str) -> Result<Self, Diagnostic> {
        let programs = Self::embedded()?;
        let names: Vec<String> = programs.iter().map(|known| known.name.clone()).collect();
        let found = programs.into_iter().find(|known| known.name == name);
        found.ok_or_else(|| {
            let names = names.iter().map(String::as_str);
            Diagnostic::error(format!("there is no programme `{name}`"))
                .note("help", did_you_mean(name, names.clone()))
                .note("known", names.collect::<Vec<_>>().join(", "))
        })
    }

    /// References to cases and rules that there are not, and items that nothing could show.
    pub fn lint(&self, collection: &Collection, rulebook: &Rulebook) -> Vec<Diagnostic> {
        let path = format!("fixtures/programs/{}.toml", self.name);
        let file = assets::program_files()
            .into_iter()
            .find(|file| file.path == path);
        let at = |title: String, span: std::ops::Range<usize>| match &file {
            Some(file) => Diagnostic::error(title).at(
                Location {
                    file: std::sync::Arc::clone(file),
                    span,
                },
                "unknown",
            ),
            None => Diagnostic::error(title),
        };
        let mut problems = Vec::new();
        for item in &self.item {
            for case in &item.cases {
                let mut names = collection.scenarios.iter().map(|known| &known.name);
                if !names.any(|name| assess::begins(name, case.get_ref())) {
                    problems.push(at(
                        format!("no case is called `{}`", case.get_ref()),
                        case.span(),
                    ));
                }
            }
            for rule in &item.rules {
                if rulebook.get(rule.get_ref()).is_none() {
                    problems.push(at(
                        format!("there is no rule `{}`", rule.get_ref()),
                        rule.span(),
                    ));
                }
            }
            let is_book = |book: &String| {
                rulebook
                    .iter()
                    .any(|rule| rule.id.starts_with(&format!("{book}/")))
            };
            if let Some(book) = item.exact.as_ref().filter(|book| !is_book(book)) {
                problems.push(Diagnostic::error(format!(
                    "there is no book of rules `{book}`"
                )));
            }
            for part in &item.parts {
                if !self.item.iter().any(|known| known.id == *part) {
                    problems.push(Diagnostic::error(format!("no item is called `{part}`")));
                }
            }
            if item.cases.is_empty() && item.plan.is_empty() && item.rules.is_empty() {
                problems.push(Diagnostic::error(format!(
                    "nothing could show `{}`",
                    item.id
                )));
            }
        }
        problems
    }
}

#[cfg(test)]
mod tests;

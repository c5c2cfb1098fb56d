//! The rulebook: what a service provider has to do, one rule an entry.
//!
//! Rules come from `fixtures/rules/*.toml`. A scenario or a check names a rule; the rule alone
//! knows how severe a breach of it is.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use crate::{
    assets,
    diagnostic::Diagnostic,
    scenario::Version,
    source::{Location, SourceFile},
};

/// How many points of known ambiguity there are, A01 and so on. A01 to A70 are what the RFCs leave open
/// or say in two ways. A71 is ours: the answer to a write shows more than `attributes` asks for (RFC 7644
/// section 3.9), from which no client loses anything.
pub const AMBIGUITIES: usize = 71;

/// What breaking a rule is, from harmless to fatal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing, never a reproach.
    Info,
    /// Against a recommendation.
    Warning,
    /// Against a requirement: the target is not conformant.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// One normative statement, in our own words.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// `<document>-<section>/<slug>`, or `okta/<slug>` for what a client needs.
    pub id: String,
    /// Key word of the statement: `must`, `should`, …, or `implied`.
    pub level: String,
    /// The worst verdict that breaking it may give.
    pub severity: Severity,
    /// Another severity in the conversations of these clients.
    #[serde(default, rename = "for")]
    pub severity_by_client: BTreeMap<String, Severity>,
    /// Whose duty it is: `sp`, `client` or `both`.
    pub binds: String,
    /// What a conforming server does, in one sentence.
    pub summary: String,
    /// How a client decides it from outside.
    pub test: String,
    /// Capabilities that the test takes.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Whether it can be decided from outside: `yes`, `partial`, `no`.
    pub testable: String,
    /// Why no scenario or check judges it, where it could be decided in part.
    #[serde(default)]
    pub unverified: Option<String>,
    /// Whether Okta's provisioning calls depend on it.
    #[serde(default)]
    pub okta: bool,
    /// How often real servers get it wrong, a judgement.
    #[serde(default)]
    pub risk: Option<String>,
    /// Points of known ambiguity that apply (A01…A71).
    #[serde(default)]
    pub ambiguity: Vec<String>,
    /// What is never failed.
    #[serde(default)]
    pub leeway: Option<String>,
    /// For client rules: where the client's behaviour is described.
    #[serde(default)]
    pub source: Option<String>,
    /// For client rules: `A` documented, `B` captured, `C` inferred.
    #[serde(default)]
    pub confidence: Option<String>,
}

impl Rule {
    /// How severe a breach is in a conversation that these clients have: the worst of theirs.
    pub fn severity_for(&self, clients: &[String]) -> Severity {
        let of = |client| {
            *self
                .severity_by_client
                .get(client)
                .unwrap_or(&self.severity)
        };
        clients.iter().map(of).max().unwrap_or(self.severity)
    }

    /// Whether it can apply where this version of the protocol is spoken.
    pub fn is_about(&self, version: Version) -> bool {
        match (version, &self.id) {
            (Version::V2, id) => !id.starts_with("scim11-"),
            (Version::V1, id) => !id.starts_with("rfc") && !id.starts_with("entra/"),
        }
    }

    /// The document and section it comes from, for people: `RFC 7644 section 3.3`.
    pub fn reference(&self) -> String {
        let place = self.id.split('/').next().unwrap_or_default();
        let (document, section) = place.rsplit_once('-').unwrap_or((place, ""));
        let document = match document {
            "rfc7643" => "RFC 7643",
            "rfc7644" => "RFC 7644",
            "rfc9865" => "RFC 9865",
            "scim11-core" => "SCIM 1.1 core schema",
            "scim11-api" => "SCIM 1.1 REST API",
            _ => return self.source.clone().unwrap_or_else(|| place.to_owned()),
        };
        format!("{document} section {section}")
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Book {
    rule: Vec<Rule>,
}

/// All rules by id.
#[derive(Clone, Debug, Default)]
pub struct Rulebook {
    rules: BTreeMap<String, Rule>,
}

impl Rulebook {
    /// The rulebook that travels with the harness.
    pub fn embedded() -> Result<Self, Vec<Diagnostic>> {
        Self::load(&assets::rule_files())
    }

    /// Reads rule files; an id may stand only once in all of them.
    pub fn load(files: &[std::sync::Arc<SourceFile>]) -> Result<Self, Vec<Diagnostic>> {
        let mut book = Self::default();
        let mut problems = Vec::new();
        for file in files {
            match toml::from_str::<Book>(&file.text) {
                Ok(read) => read.rule.into_iter().for_each(|rule| {
                    let id = rule.id.clone();
                    if book.rules.insert(id.clone(), rule).is_some() {
                        let title = format!("the rule `{id}` stands twice");
                        problems.push(at_id(Diagnostic::error(title), file, &id, "again"));
                    }
                }),
                Err(error) => problems.push(toml_problem(file, &error)),
            }
        }
        if problems.is_empty() {
            Ok(book)
        } else {
            Err(problems)
        }
    }

    /// The rule of this id.
    pub fn get(&self, id: &str) -> Option<&Rule> {
        self.rules.get(id)
    }

    /// Every rule, ordered by id.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.rules.values()
    }

    /// Every id, ordered.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.rules.keys().map(String::as_str)
    }
}

/// A problem at the last place of a rule file where this id stands.
fn at_id(
    problem: Diagnostic,
    file: &std::sync::Arc<SourceFile>,
    id: &str,
    label: &str,
) -> Diagnostic {
    let quoted = format!("\"{id}\"");
    match file.text.rfind(&quoted) {
        Some(start) => {
            let location = Location {
                file: std::sync::Arc::clone(file),
                span: start..start + quoted.len(),
            };
            problem.at(location, label)
        }
        None => problem,
    }
}

/// A rule of the embedded rulebook that no scenario uses.
pub fn unused_rule(id: &str) -> Diagnostic {
    let problem = Diagnostic::error(format!("no scenario uses the rule `{id}`"));
    let quoted = format!("\"{id}\"");
    match assets::rule_files()
        .iter()
        .find(|file| file.text.contains(&quoted))
    {
        Some(file) => at_id(problem, file, id, "unused rule"),
        None => problem,
    }
}

/// What the TOML reader objects to, at its place and with the nearest right word.
pub fn toml_problem(file: &std::sync::Arc<SourceFile>, error: &toml::de::Error) -> Diagnostic {
    let message = error.message().trim().to_owned();
    let span = error.span().unwrap_or(0..0);
    let word = file
        .text
        .get(span.clone())
        .unwrap_or_default()
        .trim_matches('"');
    let help = crate::diagnostic::did_you_mean(word, expected_words(&message));
    let title = message
        .split(", expected")
        .next()
        .unwrap_or(&message)
        .replace("invalid type: sequence", "invalid type: list")
        .replace("invalid type: map", "invalid type: table");
    let label = message
        .split_once(", expected")
        .map_or(String::new(), |(_, rest)| {
            format!("expected{}", in_words(rest))
        });
    Diagnostic::error(title)
        .at(
            Location {
                file: std::sync::Arc::clone(file),
                span,
            },
            label,
        )
        .note("help", help)
}

/// Rust's names of numbers mean nothing to a person who writes a scenario.
fn in_words(expected: &str) -> String {
    match expected.trim() {
        "usize" | "u8" | "u16" | "u32" | "u64" => " a whole number, not below 0".to_owned(),
        "a nonzero u32" => " a whole number of at least 1".to_owned(),
        "f64" => " a number".to_owned(),
        "a sequence" => " a list in [ ]".to_owned(),
        "a map" => " a table".to_owned(),
        _ => expected.to_owned(),
    }
}

/// The words that serde lists behind "expected" when it meets an unknown key or variant.
fn expected_words(message: &str) -> impl Iterator<Item = &str> {
    let listed = message
        .strip_prefix("unknown ")
        .and_then(|rest| rest.split_once(", expected"))
        .map_or("", |(_, words)| words);
    listed.split('`').skip(1).step_by(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_embedded_rule_reads_and_names_its_document() {
        let book = Rulebook::embedded().unwrap();
        assert_eq!(
            book.get("rfc7644-3.3/created-is-201").unwrap().reference(),
            "RFC 7644 section 3.3"
        );
        assert_eq!(
            book.get("scim11-api-3.1/duplicate-create-is-409")
                .unwrap()
                .reference(),
            "SCIM 1.1 REST API section 3.1"
        );
        for rule in book.iter() {
            assert!(
                ["yes", "partial", "no"].contains(&rule.testable.as_str()),
                "{}",
                rule.id
            );
            assert!(
                ["sp", "client", "both"].contains(&rule.binds.as_str()),
                "{}",
                rule.id
            );
            assert!(!rule.reference().is_empty(), "{}", rule.id);
        }
    }

    #[test]
    fn a_rule_is_as_severe_as_the_strictest_client_of_a_conversation_finds_it() {
        let mut rule = Rulebook::embedded()
            .unwrap()
            .get("okta/unknown-user-is-empty-list")
            .unwrap()
            .clone();
        rule.severity_by_client
            .insert("okta-spec".to_owned(), Severity::Error);
        let of = |clients: &[&str]| {
            let clients: Vec<String> = clients.iter().map(|client| (*client).to_owned()).collect();
            rule.severity_for(&clients)
        };
        assert_eq!(of(&["okta-oin"]), Severity::Warning);
        assert_eq!(of(&["okta-spec"]), Severity::Error);
        assert_eq!(of(&["okta-oin", "okta-spec"]), Severity::Error);
        assert_eq!(of(&[]), Severity::Warning);
    }

    #[test]
    fn what_a_client_is_only_believed_to_need_is_no_error() {
        for rule in Rulebook::embedded().unwrap().iter() {
            if rule.confidence.as_deref() == Some("C") {
                assert!(rule.severity < Severity::Error, "{}", rule.id);
            }
        }
    }
}

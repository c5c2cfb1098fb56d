//! A known deviation as a report tells of it.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::{
    diagnostic::Diagnostic,
    source::{Location, Place},
};

/// Why a deviation is stale that the target has no longer.
pub(super) const NO_LONGER: &str = "it no longer occurs";

/// A known deviation with what a case says of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declared {
    /// The rule that is broken.
    pub rule: String,
    /// Why it is, in the words of the target file.
    pub why: String,
    /// The last day on which it is accepted, such as `2027-01-31`.
    pub until: Option<String>,
    /// What the case says of it.
    pub status: Standing,
    /// Why it is stale or was not reached.
    pub reason: Option<String>,
    /// Where it stands in the target file.
    pub place: Place,
    #[serde(skip)]
    pub(super) why_place: Option<Location>,
}

/// What a case says of a known deviation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It still occurs.
    Occurs,
    /// It no longer occurs, or its last day has passed: it has to leave the target file.
    Stale,
    /// The case did not get far enough to tell, or was not run.
    NotReached,
}

impl Declared {
    /// Whether nobody has said why it is accepted.
    pub fn is_unexplained(&self) -> bool {
        self.why.trim().is_empty()
    }

    /// Whether it fails the run.
    pub fn fails(&self) -> bool {
        self.status == Standing::Stale || self.is_unexplained()
    }

    /// What is said of those that are stale: of each rule and reason the first is shown, the others
    /// are named.
    pub fn stale(declared: &[(&str, &Self)]) -> Vec<Diagnostic> {
        let mut groups: IndexMap<(&str, &str), Vec<(&str, &Self)>> = IndexMap::new();
        for (case, known) in declared {
            let reason = known.reason.as_deref().unwrap_or_default();
            let group = groups.entry((&known.rule, reason)).or_default();
            group.push((case, known));
        }
        let told = groups.into_iter().filter_map(|((rule, reason), group)| {
            let ((case, first), others) = group.split_first()?;
            let help = match reason {
                NO_LONGER => "take it out of the target file",
                _ => "take it out of the target file, or change its `until`",
            };
            let lines = others.iter().map(|(_, known)| known.place.line);
            let problem = Diagnostic::error(format!("a known deviation is stale: {reason}"));
            let problem = at(problem, first.place.quoted.clone(), "stale")
                .note("case", *case)
                .note("rule", rule)
                .note("also in", lines_told(lines))
                .note("help", help);
            Some(problem)
        });
        told.collect()
    }

    /// What is said of those that nobody has explained: the first is shown, the others are named.
    pub fn unexplained(declared: &[(&str, &Self)]) -> Option<Diagnostic> {
        let ((case, first), others) = declared.split_first()?;
        let places = others.iter().filter_map(|(_, known)| {
            let place = known.why_place.as_ref()?;
            Some(place.file.line_column(place.span.start).0)
        });
        let also = lines_told(places);
        let problem = Diagnostic::error("nobody says why a known deviation is accepted");
        let problem = at(problem, first.why_place.clone(), "`why` is empty")
            .note("case", *case)
            .note("rule", first.rule.as_str())
            .note("also in", also);
        Some(problem)
    }
}

/// `line 12, 20`; nothing for none.
fn lines_told(lines: impl Iterator<Item = usize>) -> String {
    let lines: Vec<String> = lines.map(|line| line.to_string()).collect();
    match lines.as_slice() {
        [] => String::new(),
        lines => format!("line {}", lines.join(", ")),
    }
}

fn at(problem: Diagnostic, place: Option<Location>, label: &str) -> Diagnostic {
    match place {
        Some(place) => problem.at(place, label),
        None => problem,
    }
}

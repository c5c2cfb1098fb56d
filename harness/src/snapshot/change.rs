//! How an answer differs from its snapshot.

use std::fmt;

use serde::{Deserialize, Serialize};
use similar::TextDiff;

/// An answer that differs from its snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The step.
    pub step: String,
    /// What differs.
    pub kind: Kind,
    /// The lines that differ.
    pub diff: String,
}

/// How an answer differs from its snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// It is another.
    Changed,
    /// Nothing was recorded.
    New,
    /// The step gave no answer.
    Vanished,
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Changed => "changed",
            Self::New => "new",
            Self::Vanished => "vanished",
        })
    }
}

impl Change {
    /// The difference between a recorded answer and one that came.
    pub(super) fn between(step: &str, old: Option<&str>, new: Option<&str>) -> Self {
        let kind = match (old, new) {
            (_, None) => Kind::Vanished,
            (None, Some(_)) => Kind::New,
            (Some(_), Some(_)) => Kind::Changed,
        };
        let lines = |text: Option<&str>| {
            text.map(|text| format!("{}\n", text.trim_end()))
                .unwrap_or_default()
        };
        let (old, new) = (lines(old), lines(new));
        let diff = TextDiff::from_lines(&old, &new);
        let diff = diff
            .unified_diff()
            .context_radius(2)
            .header("recorded", "answered")
            .to_string();
        Self {
            step: step.to_owned(),
            kind,
            diff,
        }
    }
}

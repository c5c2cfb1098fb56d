//! One form and one renderer for everything that is wrong: a scenario file, a configuration,
//! a finding against the service provider.

use std::fmt;

use annotate_snippets::{AnnotationKind, Element, Level, Renderer, Snippet};

use crate::source::Location;

/// How the first line of a [`Diagnostic`] begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// `error`
    Error,
    /// `warning`
    Warning,
    /// `info`
    Info,
    /// `harness`: the harness could not tell; nothing is said about the service provider.
    Harness,
}

/// Something to tell the user, with the place it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How the first line begins.
    pub tone: Tone,
    /// What stands in brackets behind it: a rule id or a kind of error.
    pub id: Option<String>,
    /// What is, in one line and in the present tense.
    pub title: String,
    /// The place, with what is shown beside the caret.
    pub place: Option<Box<(Location, String)>>,
    /// Named lines below, such as `rule`, `step`, `curl`.
    pub notes: Vec<(&'static str, String)>,
}

impl Diagnostic {
    /// An error without a place.
    pub fn error(title: impl Into<String>) -> Self {
        Self {
            tone: Tone::Error,
            id: None,
            title: title.into(),
            place: None,
            notes: Vec::new(),
        }
    }

    /// The harness could not tell, for this kind of reason.
    pub fn harness(kind: &str, title: impl Into<String>) -> Self {
        Self {
            tone: Tone::Harness,
            id: Some(kind.to_owned()),
            ..Self::error(title)
        }
    }

    /// The same at a place, with a label beside the caret.
    #[must_use]
    pub fn at(mut self, location: Location, label: impl Into<String>) -> Self {
        self.place = Some(Box::new((location, label.into())));
        self
    }

    /// The same with one more named line; an empty text adds none.
    #[must_use]
    pub fn note(mut self, name: &'static str, text: impl Into<String>) -> Self {
        let text = text.into();
        if !text.is_empty() {
            self.notes.push((name, text));
        }
        self
    }

    /// The text for a terminal, with colours or without.
    pub fn render(&self, colour: bool) -> String {
        let level = match self.tone {
            Tone::Error => Level::ERROR,
            Tone::Warning => Level::WARNING,
            Tone::Info => Level::INFO,
            Tone::Harness => Level::ERROR.with_name("harness"),
        };
        let mut title = level.primary_title(printable(&self.title));
        if let Some(id) = &self.id {
            title = title.id(id.as_str());
        }
        let mut elements: Vec<Element<'_>> = Vec::new();
        if let Some((location, label)) = self.place.as_deref() {
            let annotation = AnnotationKind::Primary
                .span(location.span.clone())
                .label(printable(label));
            let snippet =
                Snippet::source(location.file.text.as_str()).path(location.file.path.as_str());
            elements.push(snippet.annotation(annotation).into());
        }
        for (name, text) in &self.notes {
            elements.push(Level::NOTE.with_name(*name).message(printable(text)).into());
        }
        let renderer = if colour {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        renderer.render(&[title.elements(elements)])
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.render(false))
    }
}

/// Text with its control characters made visible: a server's answer cannot move the cursor.
pub fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if is_unsafe(c) { '\u{fffd}' } else { c })
        .collect()
}

fn is_unsafe(c: char) -> bool {
    let bidi = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    bidi || (c.is_control() && c != '\n' && c != '\t')
}

/// The candidate nearest to a misspelt word, if one is near enough to be meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (nearness(word, candidate), candidate))
        .filter(|(nearness, _)| *nearness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// From 0 for nothing in common to 1 for the same. In a short word one slip is as much as is
/// forgiven, and two letters in the wrong order are one slip.
fn nearness(word: &str, candidate: &str) -> f64 {
    let (word, candidate) = (word.to_lowercase(), candidate.to_lowercase());
    let near = strsim::jaro_winkler(&word, &candidate);
    match strsim::osa_distance(&word, &candidate) {
        1 if word.len() > 1 => near.max(0.9),
        _ => near,
    }
}

/// `did you mean …?` or nothing.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    nearest(word, candidates)
        .map(|found| format!("did you mean `{found}`?"))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceFile;

    #[test]
    fn quotes_the_place_with_a_caret() {
        let file = SourceFile::new("a.toml", "title = 1\n");
        let diagnostic = Diagnostic::error("`title` is a string")
            .at(Location { file, span: 8..9 }, "this is an integer")
            .note("help", "write \"1\"");
        assert_eq!(
            diagnostic.render(false),
            "error: `title` is a string\n --> a.toml:1:9\n  |\n1 | title = 1\n  |         ^ this is an integer\n  |\n  = help: write \"1\""
        );
    }

    #[test]
    fn control_characters_of_a_server_are_made_harmless() {
        assert_eq!(printable("a\u{1b}[31mb\u{202e}"), "a\u{fffd}[31mb\u{fffd}");
    }

    #[test]
    fn the_nearest_word_is_found_and_a_far_one_is_not() {
        assert_eq!(nearest("stauts", ["status", "header"]), Some("status"));
        assert_eq!(nearest("zebra", ["status", "header"]), None);
        assert_eq!(nearest("fo", ["name", "of"]), Some("of"));
        assert_eq!(nearest("x", ["of"]), None);
    }
}

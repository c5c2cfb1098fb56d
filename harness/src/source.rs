//! Where text came from: a file and places in it.

use std::{ops::Range, sync::Arc};

use serde::{Deserialize, Serialize};

/// Byte range in a [`SourceFile`].
pub type Span = Range<usize>;

/// A text file that was read, kept so that errors can quote it.
#[derive(Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Path as the user knows it, such as `scenarios/okta/v2/create_user.toml`.
    pub path: String,
    /// The whole text.
    pub text: String,
}

impl SourceFile {
    /// A file of this path and text.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self {
            path: path.into(),
            text: text.into(),
        })
    }

    /// Line and column of a byte offset, both counted from 1; columns count characters.
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..offset).unwrap_or(&self.text);
        let line = before.matches('\n').count() + 1;
        let column = before
            .rsplit('\n')
            .next()
            .unwrap_or_default()
            .chars()
            .count()
            + 1;
        (line, column)
    }
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The file.
    pub file: Arc<SourceFile>,
    /// The bytes meant.
    pub span: Span,
}

impl Location {
    /// `path:line:column`, for people and editors.
    pub fn display(&self) -> String {
        let (line, column) = self.file.line_column(self.span.start);
        format!("{}:{line}:{column}", self.file.path)
    }
}

/// A place in a file as reports name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Path of the file, as the user knows it.
    pub file: String,
    /// Line, counted from 1.
    pub line: usize,
    /// Column in characters, counted from 1.
    pub column: usize,
    /// The text there, where it is to be quoted; a report that was read back has none.
    #[serde(skip)]
    pub quoted: Option<Location>,
}

impl Place {
    /// A place whose text says nothing by itself.
    pub fn unquoted(location: &Location) -> Self {
        let (line, column) = location.file.line_column(location.span.start);
        Self {
            file: location.file.path.clone(),
            line,
            column,
            quoted: None,
        }
    }
}

impl From<Location> for Place {
    fn from(location: Location) -> Self {
        Self {
            quoted: Some(location.clone()),
            ..Self::unquoted(&location)
        }
    }
}

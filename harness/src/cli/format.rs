//! In which form a command shows what it has to say.

use std::io;

use clap::ValueEnum;
use serde::Serialize;

/// The forms that a command offers.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Format {
    /// For a terminal.
    Text,
    /// For documents and pull requests.
    Markdown,
    /// For programs.
    Json,
}

impl Format {
    /// Something in this form.
    pub fn of<T: Serialize>(
        self,
        value: &T,
        text: impl Fn(&T) -> String,
        markdown: impl Fn(&T) -> String,
    ) -> io::Result<String> {
        Ok(match self {
            Self::Text => text(value),
            Self::Markdown => markdown(value),
            Self::Json => serde_json::to_string_pretty(value)? + "\n",
        })
    }
}

//! Writes findings into a target file as known deviations, for a first adoption.

use std::{fs, io, path::Path};

use toml_edit::{ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value, value};

use crate::{
    diagnostic::{Diagnostic, printable},
    rule::toml_problem,
    source::SourceFile,
    whole,
};

/// A finding that is to become a known deviation.
#[derive(Clone, Copy, Debug)]
pub struct Newcomer<'a> {
    /// Name of the case.
    pub case: &'a str,
    /// Id of the rule.
    pub rule: &'a str,
    /// What was found, which becomes a comment.
    pub message: &'a str,
}

/// Adds findings of a target, by its name or base URL, to the target file; the file is made if it
/// is not there. Nothing else in it changes. The reasons are left for people to fill in.
pub fn adopt(path: &Path, target: &str, newcomers: &[Newcomer<'_>]) -> Result<(), Diagnostic> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(unwritable(path, &error)),
    };
    let text = added(path, &text, target, newcomers)?;
    whole::write(path, &text).map_err(|error| unwritable(path, &error))
}

/// A target file that cannot be extended.
pub fn unwritable(path: &Path, error: &io::Error) -> Diagnostic {
    let path = path.display();
    Diagnostic::error(format!(
        "the target file {path} cannot be extended: {error}"
    ))
    .note("help", "may it be read and written?")
}

fn added(
    path: &Path,
    text: &str,
    target: &str,
    newcomers: &[Newcomer<'_>],
) -> Result<String, Diagnostic> {
    let mut document: DocumentMut = text.parse().map_err(|_| unreadable(path, text))?;
    let known = document
        .entry("known")
        .or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
    for newcomer in newcomers {
        match known {
            Item::ArrayOfTables(entries) => entries.push(table(target, newcomer)),
            Item::Value(Value::Array(entries)) => {
                let mut entry = Value::from(inline(target, newcomer));
                entry.decor_mut().set_prefix("\n    ");
                entries.push_formatted(entry);
            }
            _ => return Err(unreadable(path, text)),
        }
    }
    Ok(with_line_ends_of(text, document.to_string()))
}

/// The editor of TOML ends every line alike; a file from Windows keeps its own ends.
fn with_line_ends_of(text: &str, edited: String) -> String {
    let windows = text.matches("\r\n").count();
    match windows > 0 && windows == text.matches('\n').count() {
        true => edited.replace("\r\n", "\n").replace('\n', "\r\n"),
        false => edited,
    }
}

/// What the strict reader says of the file.
fn unreadable(path: &Path, text: &str) -> Diagnostic {
    let file = SourceFile::new(path.to_string_lossy(), text);
    match toml::from_str::<toml::Table>(text) {
        Err(error) => toml_problem(&file, &error),
        Ok(_) => Diagnostic::error(format!("`known` is no list in {}", path.display())),
    }
}

fn table(target: &str, newcomer: &Newcomer<'_>) -> Table {
    let mut entry = Table::new();
    for (name, text) in members(target, newcomer) {
        entry.insert(name, value(text));
    }
    let seen = printable(newcomer.message).replace(['\n', '\t'], " ");
    entry.decor_mut().set_prefix(format!("\n# {seen}\n"));
    entry
}

fn inline(target: &str, newcomer: &Newcomer<'_>) -> InlineTable {
    members(target, newcomer).into_iter().collect()
}

fn members<'a>(target: &'a str, newcomer: &Newcomer<'a>) -> [(&'static str, &'a str); 4] {
    [
        ("target", target),
        ("case", newcomer.case),
        ("rule", newcomer.rule),
        ("why", ""),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEW: Newcomer<'static> = Newcomer {
        case: "a::b",
        rule: "r/s",
        message: "`/id` is\nabsent",
    };

    fn with(text: &str) -> String {
        added(Path::new("t.toml"), text, "acme", &[NEW]).unwrap()
    }

    #[test]
    fn an_entry_is_added_and_everything_else_stays_as_it_was() {
        let entry = "\n# `/id` is absent\n[[known]]\ntarget = \"acme\"\ncase = \"a::b\"\nrule = \"r/s\"\nwhy = \"\"\n";
        let file = "# ours\n[target.acme]   # the one\nurl  = \"https://x/\"  # here\n\n[target.acme.manner]\n";
        assert_eq!(with(file), format!("{file}{entry}"));
        assert_eq!(with(""), entry);
        let known = "[[known]]\ncase = \"c\"\nrule = \"r\"\nwhy = \"w\" # because\n";
        let later = "[target.acme]\nurl = \"https://x/\"\n";
        assert_eq!(
            with(&format!("{known}\n{later}")),
            format!("{known}{entry}\n{later}")
        );
    }

    #[test]
    fn a_file_from_windows_keeps_the_ends_of_its_lines() {
        let file = "# ours\n[target.acme]\nurl  = \"https://x/\"\n";
        let windows = |text: &str| text.replace('\n', "\r\n");
        assert_eq!(with(&windows(file)), windows(&with(file)));
    }

    #[test]
    fn a_list_on_one_line_is_extended_as_one() {
        let file = "known = [{ case = \"c\", rule = \"r\", why = \"w\" }]\n";
        assert_eq!(
            with(file),
            "known = [{ case = \"c\", rule = \"r\", why = \"w\" },\n    { target = \"acme\", case = \"a::b\", rule = \"r/s\", why = \"\" }]\n"
        );
    }

    #[test]
    fn a_file_that_is_no_toml_is_told_with_its_place() {
        let problem = added(Path::new("t.toml"), "a = = 1", "acme", &[NEW]).unwrap_err();
        assert!(problem.to_string().contains("t.toml:1:5"), "{problem}");
        assert!(added(Path::new("t.toml"), "known = 1", "acme", &[NEW]).is_err());
    }
}

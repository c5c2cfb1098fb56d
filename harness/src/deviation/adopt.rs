//! Writes findings into a target file as known deviations, for a first adoption.

use std::{fs, io, path::Path};

use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value, value};

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
/// is not there. Nothing else in it changes. Those of one rule are one entry; the reasons are left for
/// people to fill in. Returns how many entries were added.
pub fn adopt(path: &Path, target: &str, newcomers: &[Newcomer<'_>]) -> Result<usize, Diagnostic> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(unwritable(path, &error)),
    };
    let entries = by_rule(newcomers);
    let text = added(path, &text, target, &entries)?;
    whole::write(path, &text).map_err(|error| unwritable(path, &error))?;
    Ok(entries.len())
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
    entries: &[OfRule<'_>],
) -> Result<String, Diagnostic> {
    let mut document: DocumentMut = text.parse().map_err(|_| unreadable(path, text))?;
    let known = document
        .entry("known")
        .or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
    for same in entries {
        match known {
            Item::ArrayOfTables(tables) => tables.push(table(target, same)),
            Item::Value(Value::Array(list)) => {
                let mut entry = Value::from(inline(target, same));
                entry.decor_mut().set_prefix("\n    ");
                list.push_formatted(entry);
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

/// Findings of one rule, which may have one reason.
struct OfRule<'a> {
    rule: &'a str,
    cases: Vec<&'a str>,
    /// What was found first.
    message: &'a str,
}

/// Findings by rule, in the order in which the rules come.
fn by_rule<'a>(newcomers: &[Newcomer<'a>]) -> Vec<OfRule<'a>> {
    let mut rules: Vec<OfRule<'a>> = Vec::new();
    for newcomer in newcomers {
        match rules.iter_mut().find(|same| same.rule == newcomer.rule) {
            Some(same) => same.cases.push(newcomer.case),
            None => rules.push(OfRule {
                rule: newcomer.rule,
                cases: vec![newcomer.case],
                message: newcomer.message,
            }),
        }
    }
    rules
}

fn table(target: &str, same: &OfRule<'_>) -> Table {
    let mut entry = Table::new();
    for (name, item) in members(target, same) {
        entry.insert(name, value(item));
    }
    let seen = printable(same.message).replace(['\n', '\t'], " ");
    entry.decor_mut().set_prefix(format!("\n# {seen}\n"));
    entry
}

fn inline(target: &str, same: &OfRule<'_>) -> InlineTable {
    members(target, same).into_iter().collect()
}

fn members(target: &str, same: &OfRule<'_>) -> [(&'static str, Value); 4] {
    [
        ("target", target.into()),
        ("case", cases(&same.cases)),
        ("rule", same.rule.into()),
        ("why", "".into()),
    ]
}

/// One case, or a list with a case on each line.
fn cases(names: &[&str]) -> Value {
    if let [only] = names {
        return (*only).into();
    }
    let mut list: Array = names.iter().copied().collect();
    for name in list.iter_mut() {
        name.decor_mut().set_prefix("\n    ");
    }
    list.set_trailing_comma(true);
    list.set_trailing("\n");
    list.into()
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
        added(Path::new("t.toml"), text, "acme", &by_rule(&[NEW])).unwrap()
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
    fn the_cases_of_a_rule_have_one_entry() {
        let of = |case, rule| Newcomer { case, rule, ..NEW };
        let new = [of("a::b", "r/s"), of("a::c", "r/t"), of("a::d", "r/s")];
        let text = added(Path::new("t.toml"), "", "acme", &by_rule(&new)).unwrap();
        let list = "case = [\n    \"a::b\",\n    \"a::d\",\n]\nrule = \"r/s\"\n";
        assert!(text.contains(list), "{text}");
        assert_eq!(text.matches("[[known]]").count(), 2);
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
        let new = by_rule(&[NEW]);
        let problem = added(Path::new("t.toml"), "a = = 1", "acme", &new).unwrap_err();
        assert!(problem.to_string().contains("t.toml:1:5"), "{problem}");
        assert!(added(Path::new("t.toml"), "known = 1", "acme", &new).is_err());
    }
}

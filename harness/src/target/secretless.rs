//! Mistakes in a target file or a URL, told without what may be a secret that was put there.

use std::sync::Arc;

use crate::{
    diagnostic::Diagnostic,
    rule::toml_problem,
    source::{SourceFile, Span},
};

/// Keys whose values are no secrets, so that a mistake in one may be shown.
const OPEN: [&str; 26] = [
    "default",
    "url",
    "scim",
    "bearer_env",
    "bearer_file",
    "basic_env",
    "header_env",
    "user_domain",
    "deactivation",
    "groups",
    "stores",
    "demands",
    "refuses",
    "filters",
    "settles",
    "duplicates",
    "user_name",
    "empty_groups",
    "unique_field",
    "target",
    "case",
    "rule",
    "why",
    "until",
    "second",
    "other_tenant",
];

/// What is wrong with a target file. Of a key that nobody knows the value is not shown: it may be
/// a token that was put where none belongs.
pub(super) fn problem(file: &Arc<SourceFile>, error: &toml::de::Error) -> Diagnostic {
    let span = error.span().unwrap_or(0..0);
    let line = line_at(&file.text, span.start);
    let text = file.text.get(line.clone()).unwrap_or_default();
    let key = text.split('=').next().unwrap_or_default().trim();
    let value = line.start + text.find('=').map_or(text.len(), |at| at + 1);
    let hidden = match error.message().contains("unknown field") {
        true => hidden(file, &[value..span.start, value.max(span.end)..line.end]),
        false if OPEN.contains(&key) || text.trim_start().starts_with('[') => Arc::clone(file),
        false => hidden(file, std::slice::from_ref(&(value..line.end))),
    };
    toml_problem(&hidden, error)
}

/// The line that holds this byte.
fn line_at(text: &str, at: usize) -> Span {
    let (before, after) = text.split_at_checked(at).unwrap_or((text, ""));
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    start
        ..after
            .find('\n')
            .map_or(text.len(), |end| before.len() + end)
}

/// The file with stars in these places, in which everything else stays where it is.
pub(super) fn hidden(file: &Arc<SourceFile>, places: &[Span]) -> Arc<SourceFile> {
    let is_in = |at: usize| places.iter().any(|place| place.contains(&at));
    let text = file.text.char_indices().map(|(at, sign)| match sign {
        sign if !is_in(at) || "\n\r\"'= ".contains(sign) => sign.to_string(),
        sign => "*".repeat(sign.len_utf8()),
    });
    SourceFile::new(file.path.clone(), text.collect::<String>())
}

/// A URL, or what was meant to be one, without a credential before its host, and without its query
/// and fragment.
pub(super) fn url(text: &str) -> String {
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), text),
    };
    let rest = match rest.rsplit_once('@') {
        Some((_, host)) => format!("********@{host}"),
        None => rest.to_owned(),
    };
    let end = rest.find(['?', '#']).map_or(rest.len(), |at| at + 1);
    let dots = if end < rest.len() { "…" } else { "" };
    format!("{scheme}{}{dots}", &rest[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_without_what_may_be_secret() {
        for (written, shown) in [
            ("https://h/v2", "https://h/v2"),
            ("https://user:p/w@h/v2", "https://********@h/v2"),
            ("user:secret@h", "********@h"),
            ("https://h/v2?token=secret", "https://h/v2?…"),
            ("https://h/v2#secret", "https://h/v2#…"),
            ("https://h/v2?", "https://h/v2?"),
        ] {
            assert_eq!(url(written), shown);
        }
    }

    #[test]
    fn the_value_of_an_unknown_key_is_not_shown() {
        for text in [
            "[target.a]\nurl = \"https://h\"\ntoken = \"hunter2-secret\"\n",
            "[target]\na = { pin = \"hunter2-first\", url = \"https://h\", token = \"hunter2\" }\n",
            "[target.a]\nurl = \"https://h\"\ntoken = hunter2-secret\n",
            "[target.a]\nurl = \"https://h\"\ntoken = \"hunter2-secret\n",
        ] {
            let file = SourceFile::new("t.toml", text);
            let told = crate::target::Config::parse(&file).unwrap_err().to_string();
            assert!(!told.contains("hunter2"), "{told}");
            assert!(told.contains("token") || told.contains("pin"), "{told}");
        }
    }

    #[test]
    fn a_url_with_a_secret_is_not_shown_in_its_place() {
        for url in [
            "https://user:hunter2@h/v2",
            "https://h/v2?token=hunter2",
            "https://h/v2#hunter2",
            "https://user:hunter2@h h/v2",
        ] {
            let file = SourceFile::new("t.toml", format!("[target.a]\nurl = \"{url}\"\n"));
            let config = crate::target::Config::parse(&file).unwrap();
            let select = |wanted| {
                let environment = crate::target::Environment::new();
                let tls = crate::target::Tls::default();
                crate::target::select(Some(wanted), None, &config, &environment, tls)
            };
            for wanted in ["a", url] {
                let told = select(wanted).unwrap_err().to_string();
                assert!(!told.contains("hunter2"), "{told}");
            }
        }
    }
}

//! Words for a shell: what is shown to be pasted means there what it says.

/// A word as a POSIX shell reads it: as it is where nothing in it is special, else in single quotes.
pub fn word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    match !text.is_empty() && text.chars().all(is_plain) {
        true => text.to_owned(),
        false => quoted(text),
    }
}

/// A text in single quotes, whatever it holds.
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_quoted_where_a_shell_would_take_it_for_more() {
        for (text, written) in [
            ("https://h.example:1/v2", "https://h.example:1/v2"),
            ("okta::v2::create_user", "okta::v2::create_user"),
            ("my scenarios", "'my scenarios'"),
            ("a'b", "'a'\\''b'"),
            ("$(x);y", "'$(x);y'"),
            ("http://[::1]/v2", "'http://[::1]/v2'"),
            ("", "''"),
        ] {
            assert_eq!(word(text), written);
        }
    }
}

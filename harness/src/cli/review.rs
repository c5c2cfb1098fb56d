//! The questions of `scim-harness snapshots review`.

use std::io;

use scim_harness::{diagnostic::printable, snapshot::Pending};

/// What may be typed.
const KEYS: &str = "a accept · r reject · s skip · q quit";

/// Shows each answer that waits and does with it what is typed. The end of the input ends it.
pub fn review(
    waiting: &[Pending],
    mut key: impl FnMut() -> io::Result<char>,
    mut say: impl FnMut(&str) -> io::Result<()>,
) -> io::Result<()> {
    let mut counts = [0; 3];
    'answers: for (index, pending) in waiting.iter().enumerate() {
        say(&shown(pending, index + 1, waiting.len()))?;
        let (place, word) = loop {
            match key() {
                Ok('a' | 'A') => {
                    pending.accept()?;
                    break (0, "accepted");
                }
                Ok('r' | 'R') => {
                    pending.reject()?;
                    break (1, "rejected");
                }
                Ok('s' | 'S') => break (2, "skipped"),
                Ok('q' | 'Q' | '\u{3}' | '\u{4}' | '\u{1b}') => break 'answers,
                Ok(_) => say(&format!("  {KEYS}\n"))?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => break 'answers,
                Err(error) => return Err(error),
            }
        };
        counts[place] += 1;
        say(&format!("  {word}\n\n"))?;
    }
    let [accepted, rejected, skipped] = counts;
    let left = waiting.len() - accepted - rejected;
    say(&format!(
        "{accepted} accepted, {rejected} rejected, {skipped} skipped: {left} wait\n"
    ))
}

/// One answer: where it is from, what differs, what may be typed.
fn shown(pending: &Pending, number: usize, of: usize) -> String {
    let change = pending.change();
    let lines: String = change.diff.lines().map(coloured).collect();
    format!(
        "{number} of {of}  {}: {}\n  {}\n{lines}  {KEYS}\n",
        change.kind,
        printable(&change.step),
        pending.snapshot().display()
    )
}

/// A line of a diff; where colours are not wanted, printing leaves them out.
fn coloured(line: &str) -> String {
    let code = match line.as_bytes().first() {
        Some(b'+') => 32,
        Some(b'-') => 31,
        Some(b'@') => 36,
        _ => 0,
    };
    format!("  \u{1b}[{code}m{}\u{1b}[0m\n", printable(line))
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        reason = "a test that cannot be set up fails, and says where"
    )]

    use std::fs;

    use scim_harness::snapshot::pending;

    use super::*;

    #[test]
    fn each_answer_is_shown_and_settled_as_typed() {
        let folder =
            std::env::temp_dir().join(format!("scim-harness-review-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let snapshot = |text: &str| format!("---\nsource: x\ndescription: a / b\n---\n{text}\n");
        for name in ["1", "2", "3", "4", "5"] {
            fs::write(folder.join(format!("{name}.snap")), snapshot("old")).unwrap();
            fs::write(folder.join(format!("{name}.snap.new")), snapshot("new")).unwrap();
        }
        let (mut keys, mut said) = ("xarsq".chars(), String::new());
        let say = |text: &str| {
            said.push_str(text);
            Ok(())
        };
        review(&pending(&folder), || Ok(keys.next().unwrap()), say).unwrap();
        assert!(said.starts_with("1 of 5  changed: a / b\n"), "{said}");
        assert!(
            said.contains("\u{1b}[31m-old\u{1b}[0m\n  \u{1b}[32m+new\u{1b}[0m\n"),
            "{said}"
        );
        assert_eq!(said.matches(KEYS).count(), 5, "{said}");
        assert!(
            said.ends_with("1 accepted, 1 rejected, 1 skipped: 3 wait\n"),
            "{said}"
        );
        let text = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
        assert!(text("1.snap").ends_with("new\n") && text("2.snap").ends_with("old\n"));
        let left: Vec<String> = pending(&folder)
            .iter()
            .map(|left| left.snapshot().display().to_string())
            .collect();
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(left.len(), 3);
    }
}

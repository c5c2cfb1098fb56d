//! Regular expressions, each compiled once however many values it is tried on.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, PoisonError},
};

use regex::Regex;

/// How many are kept; those whose text has a name in it differ from case to case.
const MOST: usize = 1000;

static COMPILED: LazyLock<Mutex<HashMap<String, Regex>>> = LazyLock::new(Mutex::default);

/// The regular expression of this text.
///
/// # Errors
/// Where the text is none.
pub(crate) fn compiled(pattern: &str) -> Result<Regex, regex::Error> {
    let known = || COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(regex) = known().get(pattern) {
        return Ok(regex.clone());
    }
    let regex = Regex::new(pattern)?;
    let mut known = known();
    if known.len() >= MOST {
        known.clear();
    }
    known.insert(pattern.to_owned(), regex.clone());
    Ok(regex)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_the_same_whenever_it_is_asked_for() {
        for _ in 0..2 {
            assert!(compiled("^a+$").is_ok_and(|regex| regex.is_match("aa")));
            assert!(compiled("(").is_err());
        }
        for n in 0..=MOST {
            assert!(compiled(&format!("^x{n}$")).is_ok());
        }
        assert!(compiled("^a+$").is_ok_and(|regex| !regex.is_match("b")));
    }
}

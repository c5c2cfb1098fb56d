//! Forms of strings: dateTime, Base64, URI references.

use std::sync::LazyLock;

use base64::{
    Engine,
    alphabet::{STANDARD, URL_SAFE},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use regex::Regex;

#[expect(
    clippy::unwrap_used,
    reason = "the pattern is a constant that the tests of this module compile"
)]
static DATE_TIME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^-?\d{4,}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-4]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|[+-]\d{2}:\d{2})?$").unwrap()
});

/// Whether a text is an xsd:dateTime (RFC 7643 section 2.3.5); a zone is optional there.
pub fn is_date_time(text: &str) -> bool {
    DATE_TIME.is_match(text)
}

/// Whether an xsd:dateTime says its zone.
pub fn has_zone(text: &str) -> bool {
    let end = text.get(text.len().saturating_sub(6)..).unwrap_or_default();
    text.ends_with('Z') || end.starts_with(['+', '-']) && end.contains(':')
}

/// Whether a text is Base64 in one of its alphabets, with its padding or without; line breaks are
/// left aside (RFC 7643 section 2.3.6).
pub fn is_base64(text: &str) -> bool {
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let compact = text.replace(['\r', '\n'], "");
    [STANDARD, URL_SAFE].iter().any(|alphabet| {
        GeneralPurpose::new(alphabet, config)
            .decode(&compact)
            .is_ok()
    })
}

/// Whether a text can be a URI reference (RFC 3986 section 4.1): it has none of the characters
/// that have no place in one. Other letters than those of ASCII are let pass.
pub fn is_uri_reference(text: &str) -> bool {
    let bytes = text.as_bytes();
    let encoded = |at: usize| {
        let digits = bytes.get(at + 1..at + 3);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    text.char_indices().all(|(at, character)| match character {
        '%' => encoded(at),
        '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}' | ' ' => false,
        other => !other.is_control(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn date_times_have_a_date_and_a_time() {
        for text in [
            "2026-11-24T09:00:00Z",
            "2026-11-24T09:00:00.123456+01:00",
            "2026-11-24T09:00:00",
        ] {
            assert!(is_date_time(text), "{text}");
        }
        for text in ["2026-11-24", "24.11.2026", "2026-11-24 09:00:00Z", ""] {
            assert!(!is_date_time(text), "{text}");
        }
        assert!(has_zone("2026-11-24T09:00:00-05:00"));
        assert!(!has_zone("2026-11-24T09:00:00"));
    }

    #[test]
    fn base64_may_lack_its_padding() {
        for text in ["TWFu", "TQ==", "TQ", "-_-_", "TW\nFu", ""] {
            assert!(is_base64(text), "{text}");
        }
        assert!(!is_base64("-----BEGIN CERTIFICATE-----"));
        assert!(!is_base64("T*"));
    }

    #[test]
    fn a_uri_reference_has_no_blanks_and_no_quotes() {
        for text in [
            "https://x.example/Users/1?a=b#c",
            "../Users/1",
            "/Users/a%20b",
            "urn:x:y",
            "https://bücher.example",
        ] {
            assert!(is_uri_reference(text), "{text}");
        }
        for text in ["my home page", "http://x/{id}", "http://x/%zz", "a\nb"] {
            assert!(!is_uri_reference(text), "{text}");
        }
    }
}

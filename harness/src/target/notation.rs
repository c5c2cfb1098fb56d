//! How a text may be written: as it is, or as some notation on the way writes it.

use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use regex::{Regex, RegexBuilder, escape};

/// A shorter secret stands in words by chance, if capitals do not count.
const SHORTEST_IN_ANY_CASE: usize = 8;
/// Base64 of a shorter part stands in other texts by chance.
const SHORTEST_BASE64: usize = 6;
/// What a pattern may need; a secret of some kilobytes is a long one.
const MOST_MEMORY: usize = 256 * 1024 * 1024;

/// What finds any of these texts in every notation; nothing without a text.
pub(super) fn of_any(texts: &[String]) -> Option<Regex> {
    let texts = &with_and_without_padding(texts);
    let build = |notations: fn(&str) -> String| {
        let each: Vec<String> = texts.iter().map(|text| notations(text)).collect();
        let pattern = each.join("|");
        RegexBuilder::new(&pattern).size_limit(MOST_MEMORY).build()
    };
    // The whole pattern of a text that is far too long for it: the text as it is.
    let built = build(every).or_else(|_| build(escape)).ok();
    built.filter(|_| !texts.is_empty())
}

/// The texts, and those that end as Base64 does without its padding too: who decodes them leaves it
/// out.
fn with_and_without_padding(texts: &[String]) -> Vec<String> {
    let mut all = texts.to_vec();
    let bare = texts.iter().filter_map(|text| {
        let bare = text.trim_end_matches('=');
        (bare != text && bare.len() >= SHORTEST_IN_ANY_CASE).then(|| bare.to_owned())
    });
    all.extend(bare);
    all
}

/// A pattern for each notation of a text, the longest match first.
fn every(text: &str) -> String {
    let case = match text.chars().count() < SHORTEST_IN_ANY_CASE {
        true => "",
        false => "i",
    };
    let letters: String = text.chars().map(letter).collect();
    let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    let base64 = base64(text).into_iter().map(|part| {
        let part = part
            .replace('+', "[+-]")
            .replace('/', "(?:\\\\*/|_|%2[Ff])");
        format!("(?-i:{part}={{0,2}})")
    });
    let mut notations = vec![letters, hex];
    notations.extend(base64);
    format!("(?{case}:{})", notations.join("|"))
}

/// A character as it is, percent-encoded once or more often, as JSON escapes it, within other JSON
/// more than once, and as HTML does.
fn letter(c: char) -> String {
    let code = u32::from(c);
    let mut buffer = [0; 4];
    let bytes = c.encode_utf8(&mut buffer).bytes();
    let percent: String = bytes
        .map(|byte| format!("%(?:25)*(?i:{byte:02x})"))
        .collect();
    let mut units = [0; 2];
    let json: String = c
        .encode_utf16(&mut units)
        .iter()
        .map(|unit| format!("\\\\+u(?i:{unit:04x})"))
        .collect();
    let plain = escape(&c.to_string());
    let mut notations = vec![
        plain.clone(),
        percent,
        json,
        format!("&#0*{code};"),
        format!("&#(?i:x0*{code:x});"),
    ];
    notations.extend(match c {
        '"' | '/' => Some(format!("\\\\+{plain}")),
        '\\' => Some("\\\\+".to_owned()),
        ' ' => Some("\\+".to_owned()),
        _ => None,
    });
    notations.extend(match c {
        '&' => Some("&amp;".to_owned()),
        '<' => Some("&lt;".to_owned()),
        '>' => Some("&gt;".to_owned()),
        '"' => Some("&quot;".to_owned()),
        '\'' => Some("&apos;".to_owned()),
        _ => None,
    });
    // What begins with the character itself comes after what it may begin.
    notations.sort_by_key(|notation| std::cmp::Reverse(notation.len()));
    format!("(?:{})", notations.join("|"))
}

/// Base64 of the text by itself, then what is the same in Base64 of all texts that hold it, with
/// 0, 1 or 2 bytes over before it.
fn base64(text: &str) -> Vec<String> {
    let inside = (0..3).map(|before| {
        let bytes = [&vec![0; before][..], text.as_bytes()].concat();
        let encoded = BASE64_STANDARD_NO_PAD.encode(&bytes);
        // A character that holds bits of what is around may be any.
        let (from, to) = ((before * 8).div_ceil(6), bytes.len() * 8 / 6);
        encoded.get(from..to).unwrap_or_default().to_owned()
    });
    let whole = BASE64_STANDARD_NO_PAD.encode(text);
    let all = std::iter::once(whole).chain(inside);
    all.filter(|part| part.len() >= SHORTEST_BASE64).collect()
}

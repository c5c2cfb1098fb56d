//! The grammar of filters and PATCH paths (RFC 7644 figures 1 and 7, SCIM 1.1 API section 3.2.2.1).

use serde_json::Value;
use winnow::ascii::{Caseless, space0, space1};
use winnow::combinator::{
    alt, cut_err, delimited, eof, not, opt, peek, preceded, separated, terminated,
};
use winnow::error::{ContextError, ErrMode};
use winnow::prelude::*;
use winnow::token::{one_of, take_while};

use super::{Filter, Op};
use crate::config::Version;
use crate::error::{Error, Result, ScimType};

/// How deep parentheses and brackets may nest; deeper filters are refused, not followed.
const MAX_DEPTH: u8 = 24;

/// A PATCH path: an attribute, perhaps with a filter on its values and a sub-attribute of them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Path {
    /// Attribute notation, without the sub-attribute where there is a filter.
    pub(crate) name: String,
    pub(crate) filter: Option<Filter>,
    /// The sub-attribute after `]`.
    pub(crate) sub: Option<String>,
}

/// Reads a filter.
pub(crate) fn filter(text: &str, version: Version) -> Result<Filter> {
    let place = Place {
        depth: 0,
        brackets: version == Version::V2,
        version,
    };
    delimited(
        space0,
        |input: &mut &str| any_of(input, place),
        (space0, eof),
    )
    .parse(text)
    .map_err(|error| {
        let detail = format!(
            "the filter cannot be read from character {} on",
            error.offset()
        );
        Error::bad(ScimType::InvalidFilter, detail)
    })
}

/// Reads a PATCH path.
pub(crate) fn path(text: &str) -> Result<Path> {
    terminated(path_form, eof).parse(text).map_err(|error| {
        let detail = format!(
            "the path cannot be read from character {} on",
            error.offset()
        );
        Error::bad(ScimType::InvalidPath, detail)
    })
}

/// Where in the filter the parser is.
#[derive(Clone, Copy)]
struct Place {
    depth: u8,
    /// Whether `[` may follow a name: not in SCIM 1.1 and not within brackets.
    brackets: bool,
    version: Version,
}

impl Place {
    fn deeper(self) -> Option<Self> {
        (self.depth < MAX_DEPTH).then_some(Self {
            depth: self.depth + 1,
            ..self
        })
    }
}

fn backtrack<T>() -> ModalResult<T> {
    Err(ErrMode::Backtrack(ContextError::new()))
}

fn refuse<T>() -> ModalResult<T> {
    Err(ErrMode::Cut(ContextError::new()))
}

fn any_of(input: &mut &str, place: Place) -> ModalResult<Filter> {
    let clause = |input: &mut &str| all_of(input, place);
    let or = delimited(space1, Caseless("or"), space1);
    let parts: Vec<Filter> = separated(1.., clause, or).parse_next(input)?;
    Ok(joined(parts, Filter::Any))
}

fn all_of(input: &mut &str, place: Place) -> ModalResult<Filter> {
    let clause = |input: &mut &str| term(input, place);
    let and = delimited(space1, Caseless("and"), space1);
    let parts: Vec<Filter> = separated(1.., clause, and).parse_next(input)?;
    Ok(joined(parts, Filter::All))
}

fn joined(mut parts: Vec<Filter>, join: fn(Vec<Filter>) -> Filter) -> Filter {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            join(parts)
        }
        None => join(parts),
    }
}

fn term(input: &mut &str, place: Place) -> ModalResult<Filter> {
    let mut negated = opt(terminated(Caseless("not"), (space0, peek('('))));
    if negated.parse_next(input)?.is_some() {
        if place.version == Version::V1 {
            return refuse();
        }
        space0.parse_next(input)?;
        return group(input, place).map(|inner| Filter::Not(Box::new(inner)));
    }
    if input.starts_with('(') {
        return group(input, place);
    }
    expression(input, place)
}

fn group(input: &mut &str, place: Place) -> ModalResult<Filter> {
    let Some(inner) = place.deeper() else {
        return refuse();
    };
    let body = delimited(space0, |input: &mut &str| any_of(input, inner), space0);
    delimited('(', body, ')').parse_next(input)
}

fn expression(input: &mut &str, place: Place) -> ModalResult<Filter> {
    let name = name.parse_next(input)?;
    if !place.brackets || !input.starts_with('[') {
        return test(name, input, place);
    }
    let mut inner = brackets(input, place)?;
    // Entra writes `emails[type eq "work"].value eq "x"`, which the grammar does not have.
    if opt('.').parse_next(input)?.is_some() {
        let sub = self::name.parse_next(input)?;
        inner = Filter::All(vec![inner, test(sub, input, place)?]);
    }
    let inner = Box::new(inner);
    Ok(Filter::Element { name, inner })
}

/// What follows a name: `pr`, or an operator and a value.
fn test(name: String, input: &mut &str, place: Place) -> ModalResult<Filter> {
    space1.parse_next(input)?;
    let word = take_while(1.., |c: char| c.is_ascii_alphabetic()).parse_next(input)?;
    if word.eq_ignore_ascii_case("pr") {
        return Ok(Filter::Present(name));
    }
    let Some(op) = Op::named(word) else {
        return refuse();
    };
    if place.version == Version::V1 && matches!(op, Op::Ne | Op::Ew) {
        return refuse();
    }
    let value = cut_err(preceded(space1, literal)).parse_next(input)?;
    Ok(Filter::Compare { name, op, value })
}

fn brackets(input: &mut &str, place: Place) -> ModalResult<Filter> {
    let Some(inner) = place.deeper() else {
        return refuse();
    };
    let inner = Place {
        brackets: false,
        ..inner
    };
    let body = delimited(space0, |input: &mut &str| any_of(input, inner), space0);
    delimited('[', body, ']').parse_next(input)
}

/// A name in attribute notation; its parts are told apart when it is looked up.
fn name(input: &mut &str) -> ModalResult<String> {
    let first = one_of(|c: char| c.is_ascii_alphabetic() || c == '$');
    let rest = take_while(0.., |c: char| {
        c.is_ascii_alphanumeric() || "-_$:.".contains(c)
    });
    let name = (first, rest).take().parse_next(input)?;
    let urn = name
        .get(..4)
        .is_some_and(|head| head.eq_ignore_ascii_case("urn:"));
    if name.ends_with(['.', ':']) || (!urn && name.contains(':')) || name.contains("..") {
        return backtrack();
    }
    Ok(name.to_owned())
}

/// A JSON string, number, true, false or null.
fn literal(input: &mut &str) -> ModalResult<Value> {
    let number = take_while(1.., |c: char| c.is_ascii_digit() || "+-.eE".contains(c));
    let word = take_while(1.., |c: char| c.is_ascii_alphabetic());
    let text = alt((string, number, word)).parse_next(input)?;
    match serde_json::from_str(text) {
        Ok(value) => Ok(value),
        // The words are JSON's, yet ABNF strings ignore case (RFC 5234 section 2.3).
        Err(_) => serde_json::from_str(&text.to_ascii_lowercase()).or_else(|_| refuse()),
    }
}

/// A JSON string with its quotes, escapes left as they are.
fn string<'i>(input: &mut &'i str) -> ModalResult<&'i str> {
    let mut escaped = false;
    let end = input.char_indices().skip(1).find(|(_, c)| {
        let closes = *c == '"' && !escaped;
        escaped = *c == '\\' && !escaped;
        closes
    });
    match end {
        Some((end, _)) if input.starts_with('"') => {
            let (text, rest) = input.split_at(end + 1);
            *input = rest;
            Ok(text)
        }
        _ => backtrack(),
    }
}

fn path_form(input: &mut &str) -> ModalResult<Path> {
    let name = name.parse_next(input)?;
    let place = Place {
        depth: 0,
        brackets: true,
        version: Version::V2,
    };
    let filter = match input.starts_with('[') {
        true => Some(brackets(input, place)?),
        false => None,
    };
    let sub = match filter {
        Some(_) => opt(preceded('.', self::name)).parse_next(input)?,
        None => None,
    };
    not(one_of(' ')).parse_next(input)?;
    Ok(Path { name, filter, sub })
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;

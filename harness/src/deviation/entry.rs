//! An entry `[[known]]` of the target file.

use std::{fmt, sync::Arc};

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, de};
use toml::{Spanned, value::Datetime};

use super::{Declared, Standing};
use crate::{
    diagnostic::Diagnostic,
    source::{Location, SourceFile, Span},
};

/// A breach of a rule in a case that is expected of a target.
#[derive(Clone, Debug)]
pub struct Known {
    /// Name of the case.
    pub case: String,
    /// Id of the rule.
    pub rule: String,
    /// Why it is accepted for now.
    pub why: String,
    /// The last day on which it is.
    pub until: Option<Date>,
    pub(super) case_place: Location,
    pub(super) rule_place: Location,
    why_place: Location,
}

/// An entry as it stands in the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawKnown {
    /// Name or base URL of the target that it is about; without one, of whichever is tested.
    #[serde(default)]
    pub(crate) target: Option<Spanned<String>>,
    case: Spanned<Cases>,
    rule: Spanned<String>,
    why: Spanned<String>,
    #[serde(default)]
    until: Option<Spanned<Datetime>>,
}

/// One case, or a list of cases in which one rule is broken for one reason.
#[derive(Debug)]
struct Cases(Vec<String>);

impl<'de> Deserialize<'de> for Cases {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Names;
        impl<'de> de::Visitor<'de> for Names {
            type Value = Cases;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("the name of a case, or a list of names")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Cases, E> {
                Ok(Cases(vec![name.to_owned()]))
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Cases, A::Error> {
                let mut names = Vec::new();
                while let Some(name) = list.next_element()? {
                    names.push(name);
                }
                match names.is_empty() {
                    true => Err(de::Error::invalid_length(0, &self)),
                    false => Ok(Cases(names)),
                }
            }
        }
        deserializer.deserialize_any(Names)
    }
}

impl RawKnown {
    /// What it says of each of its cases, once its date is known to be one.
    pub(crate) fn read(&self, file: &Arc<SourceFile>) -> Result<Vec<Known>, Diagnostic> {
        let place = |span: Span| Location {
            file: Arc::clone(file),
            span,
        };
        let until = self.until.as_ref().map(|until| {
            date(until.get_ref()).ok_or_else(|| {
                Diagnostic::error("`until` is a day, such as 2027-01-31")
                    .at(place(until.span()), "expected a date without a time")
            })
        });
        let until = until.transpose()?;
        let known = |case: &String| Known {
            case: case.clone(),
            rule: self.rule.get_ref().clone(),
            why: self.why.get_ref().clone(),
            until,
            case_place: place(self.case.span()),
            rule_place: place(self.rule.span()),
            why_place: place(self.why.span()),
        };
        Ok(self.case.get_ref().0.iter().map(known).collect())
    }
}

fn date(until: &Datetime) -> Option<Date> {
    let date = until
        .date
        .filter(|_| until.time.is_none() && until.offset.is_none())?;
    let (month, day) = (i8::try_from(date.month).ok()?, i8::try_from(date.day).ok()?);
    Date::new(i16::try_from(date.year).ok()?, month, day).ok()
}

impl Known {
    /// Whether it is accepted on a day; it is on its last.
    pub fn holds_on(&self, day: Date) -> bool {
        self.until.is_none_or(|last| day <= last)
    }

    /// An entry that stands a second time.
    pub(crate) fn twice(&self) -> Diagnostic {
        let title = format!("`{}` in `{}` is known twice", self.rule, self.case);
        Diagnostic::error(title).at(self.rule_place.clone(), "again")
    }

    pub(super) fn declared(&self, status: Standing, reason: Option<String>) -> Declared {
        Declared {
            rule: self.rule.clone(),
            why: self.why.clone(),
            until: self.until.map(|last| last.to_string()),
            status,
            reason,
            place: self.rule_place.clone().into(),
            why_place: Some(self.why_place.clone()),
        }
    }
}

//! An entry `[[known]]` of the target file.

use std::sync::Arc;

use jiff::civil::Date;
use serde::Deserialize;
use toml::{Spanned, value::Datetime};

use super::{Declared, Standing};
use crate::{
    diagnostic::Diagnostic,
    source::{Location, SourceFile},
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
    case: Spanned<String>,
    rule: Spanned<String>,
    why: Spanned<String>,
    #[serde(default)]
    until: Option<Spanned<Datetime>>,
}

impl RawKnown {
    /// What it says, once its date is known to be one.
    pub(crate) fn read(&self, file: &Arc<SourceFile>) -> Result<Known, Diagnostic> {
        let place = |spanned: &Spanned<String>| Location {
            file: Arc::clone(file),
            span: spanned.span(),
        };
        let until = self.until.as_ref().map(|until| {
            date(until.get_ref()).ok_or_else(|| {
                let span = until.span();
                let place = Location {
                    file: Arc::clone(file),
                    span,
                };
                Diagnostic::error("`until` is a day, such as 2027-01-31")
                    .at(place, "expected a date without a time")
            })
        });
        Ok(Known {
            case: self.case.get_ref().clone(),
            rule: self.rule.get_ref().clone(),
            why: self.why.get_ref().clone(),
            until: until.transpose()?,
            case_place: place(&self.case),
            rule_place: place(&self.rule),
            why_place: place(&self.why),
        })
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

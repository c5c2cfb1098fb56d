//! Checks: pure functions from exchanges to judgements, without network and without clock.
//!
//! [`expectation`] judges what a scenario expects, [`always`] what every answer has to keep,
//! whatever the scenario asks, and [`pages`] a walk over a list. [`refusal`] tells what the target's
//! own schemas excuse.

pub mod always;
pub mod condition;
pub mod cut_short;
pub mod expectation;
pub mod format;
pub mod mark;
pub mod pages;
mod pattern;
pub mod refusal;
pub mod schema;
mod spelling;

use std::borrow::Cow;

pub(crate) use pattern::compiled;

use serde_json::Value;

use crate::source::Location;

/// A rule that was looked at, with the breach if it was broken.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// Id of the rule.
    pub rule: Cow<'static, str>,
    /// What broke it; `None`: it held.
    pub breach: Option<Breach>,
    /// A point of known leeway (A01…A71) that lowers the breach to a warning.
    pub leeway: Option<Cow<'static, str>>,
    /// The expectation's place; `None` for an always-on check.
    pub place: Option<Location>,
    /// The place of the step whose answer was judged; `None` until it is kept.
    pub asked: Option<Location>,
    /// Step whose answer was judged.
    pub step: String,
    /// Index of the exchange in its case.
    pub exchange: usize,
}

/// What is wrong, in three lines that a person understands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// What is, in the present tense.
    pub message: String,
    /// What was expected.
    pub expected: String,
    /// What came.
    pub actual: String,
}

impl Breach {
    /// A breach in these words.
    pub fn new(
        message: impl Into<String>,
        expected: impl Into<String>,
        actual: impl Into<String>,
    ) -> Self {
        Self {
            message: message.into(),
            expected: expected.into(),
            actual: actual.into(),
        }
    }
}

/// Collects the judgements on one exchange.
#[derive(Debug, Default)]
pub struct Bench {
    judgements: Vec<Judgement>,
}

impl Bench {
    /// Notes whether a rule held.
    pub fn judge(&mut self, rule: impl Into<Cow<'static, str>>, breach: Option<Breach>) {
        self.push(rule.into(), breach, None);
    }

    /// The same, with the leeway that a breach has.
    pub fn judge_leniently(
        &mut self,
        rule: &'static str,
        leeway: &'static str,
        breach: Option<Breach>,
    ) {
        self.push(rule.into(), breach, Some(leeway.into()));
    }

    fn push(
        &mut self,
        rule: Cow<'static, str>,
        breach: Option<Breach>,
        leeway: Option<Cow<'static, str>>,
    ) {
        let known = self.judgements.iter_mut().find(|known| known.rule == rule);
        let Some(known) = known else {
            self.judgements.push(Judgement {
                rule,
                breach,
                leeway,
                place: None,
                asked: None,
                step: String::new(),
                exchange: 0,
            });
            return;
        };
        // One finding for a rule and an answer: the first breach stands for all, unless it had
        // leeway and another has none.
        let worse = known.breach.is_none() || known.leeway.is_some() && leeway.is_none();
        if breach.is_some() && worse {
            known.breach = breach;
            known.leeway = leeway;
        }
    }

    /// All judgements, in order.
    pub fn into_judgements(self) -> Vec<Judgement> {
        self.judgements
    }
}

/// A value with its JSON type, as failures show it: `boolean <false>`. It is whole: it is cut
/// only after secrets are masked.
pub fn shown(value: Option<&Value>) -> String {
    value.map_or_else(
        || "nothing".to_owned(),
        |value| format!("{} <{value}>", type_name(value)),
    )
}

/// The JSON type of a value; numbers without fraction are integers.
pub fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The member of an object, whatever case its name is written in (RFC 7643 section 2.1).
pub(crate) fn member<'v>(object: &'v Value, name: &str) -> Option<&'v Value> {
    let mut members = object.as_object()?.iter();
    members
        .find(|(found, _)| found.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

/// Whether a value counts as there: `null` and `[]` mean unassigned (RFC 7643 section 2.5).
pub fn is_assigned(value: &Value) -> bool {
    !(value.is_null() || value.as_array().is_some_and(Vec::is_empty))
}

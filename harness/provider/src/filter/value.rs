//! Values of one type compared, for filters and sorting (RFC 7644 section 3.4.2.2).

use std::cmp::Ordering;

use jiff::Timestamp;
use serde_json::Value;

use super::Op;
use crate::schema::{Attribute, Type};

/// A value in the form that it is compared in.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Key {
    Text(String),
    Boolean(bool),
    Number(f64),
    Instant(Timestamp),
}

impl Key {
    /// The value's key by the type and case rule of the attribute; none where the type differs.
    pub(crate) fn of(attribute: &Attribute, value: &Value) -> Option<Self> {
        match attribute.kind {
            Type::Boolean => value.as_bool().map(Self::Boolean),
            Type::Integer | Type::Decimal => value.as_f64().map(Self::Number),
            Type::DateTime => value.as_str()?.parse().ok().map(Self::Instant),
            Type::Binary => value.as_str().map(|text| Self::Text(text.to_owned())),
            Type::String | Type::Reference if attribute.case_exact => {
                value.as_str().map(|text| Self::Text(text.to_owned()))
            }
            Type::String | Type::Reference => {
                value.as_str().map(|text| Self::Text(text.to_lowercase()))
            }
            Type::Complex => None,
        }
    }

    /// Whether `self op operand` holds.
    pub(super) fn test(&self, op: Op, operand: &Self) -> bool {
        match (op, self, operand) {
            (Op::Co, Self::Text(own), Self::Text(part)) => own.contains(part.as_str()),
            (Op::Sw, Self::Text(own), Self::Text(part)) => own.starts_with(part.as_str()),
            (Op::Ew, Self::Text(own), Self::Text(part)) => own.ends_with(part.as_str()),
            (Op::Co | Op::Sw | Op::Ew, ..) => false,
            (Op::Eq, ..) => ordering(self, operand) == Some(Ordering::Equal),
            (Op::Ne, ..) => ordering(self, operand) != Some(Ordering::Equal),
            (Op::Gt, ..) => ordering(self, operand) == Some(Ordering::Greater),
            (Op::Lt, ..) => ordering(self, operand) == Some(Ordering::Less),
            (Op::Ge, ..) => ordering(self, operand).is_some_and(Ordering::is_ge),
            (Op::Le, ..) => ordering(self, operand).is_some_and(Ordering::is_le),
        }
    }
}

/// The order of two keys of one type.
pub(crate) fn ordering(one: &Key, other: &Key) -> Option<Ordering> {
    match (one, other) {
        (Key::Text(one), Key::Text(other)) => Some(one.cmp(other)),
        (Key::Boolean(one), Key::Boolean(other)) => Some(one.cmp(other)),
        (Key::Number(one), Key::Number(other)) => one.partial_cmp(other),
        (Key::Instant(one), Key::Instant(other)) => Some(one.cmp(other)),
        _ => None,
    }
}

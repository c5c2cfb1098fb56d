//! Filters (RFC 7644 section 3.4.2.2): read, checked against the schema, then evaluated.

mod condition;
mod faulty;
pub(crate) mod parse;
mod value;

use serde_json::Value;

pub(crate) use condition::{Condition, Element, Source, Unknown};
pub(crate) use value::{Key, ordering};

/// A filter as it was written; names are not yet looked up.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Filter {
    /// Joined by `and`.
    All(Vec<Filter>),
    /// Joined by `or`.
    Any(Vec<Filter>),
    Not(Box<Filter>),
    Present(String),
    Compare {
        name: String,
        op: Op,
        value: Value,
    },
    /// `name[...]`: all of the inner filter applies to one and the same value.
    Element {
        name: String,
        inner: Box<Filter>,
    },
}

/// The comparison operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Eq,
    Ne,
    Co,
    Sw,
    Ew,
    Gt,
    Ge,
    Lt,
    Le,
}

impl Op {
    const ALL: [(&'static str, Self); 9] = [
        ("eq", Self::Eq),
        ("ne", Self::Ne),
        ("co", Self::Co),
        ("sw", Self::Sw),
        ("ew", Self::Ew),
        ("gt", Self::Gt),
        ("ge", Self::Ge),
        ("lt", Self::Lt),
        ("le", Self::Le),
    ];

    fn named(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(_, op)| *op)
    }

    /// Whether the operator asks for an order.
    fn is_ordering(self) -> bool {
        matches!(self, Self::Gt | Self::Ge | Self::Lt | Self::Le)
    }

    /// Whether the operator looks inside a text.
    fn is_substring(self) -> bool {
        matches!(self, Self::Co | Self::Sw | Self::Ew)
    }
}

impl Filter {
    /// The value that every match must have as its userName, if the filter says so.
    pub(crate) fn user_name(&self) -> Option<&str> {
        match self {
            Self::Compare {
                name,
                op: Op::Eq,
                value,
            } if name.eq_ignore_ascii_case("userName") => value.as_str(),
            Self::All(parts) => parts.iter().find_map(Self::user_name),
            _ => None,
        }
    }

    /// The fault of a server that stops reading after the first clause.
    fn first_clause(self) -> Self {
        match self {
            Self::All(parts) | Self::Any(parts) if !parts.is_empty() => parts
                .into_iter()
                .next()
                .map_or(Self::All(Vec::new()), Self::first_clause),
            other => other,
        }
    }

    /// The sub-attribute values that a new element must have to match, where the filter is
    /// nothing but `eq` joined by `and`.
    pub(crate) fn template(&self) -> Option<Vec<(&str, &Value)>> {
        match self {
            Self::Compare {
                name,
                op: Op::Eq,
                value,
            } => Some(vec![(name.as_str(), value)]),
            Self::All(parts) => {
                let parts: Option<Vec<_>> = parts.iter().map(Self::template).collect();
                Some(parts?.into_iter().flatten().collect())
            }
            _ => None,
        }
    }
}

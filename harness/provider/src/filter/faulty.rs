//! Filters that are read wrongly on purpose.

use jiff::Timestamp;
use serde_json::Value;

use super::{Filter, Op};
use crate::config::Config;
use crate::switch::Switch;

impl Filter {
    /// The filter as a provider with these faults understands it.
    pub(crate) fn misread(self, config: &Config) -> Self {
        let mut filter = self;
        for (switch, misread) in [
            (
                Switch::SecondClauseDropped,
                Self::first_clause as fn(Self) -> Self,
            ),
            (Switch::FilterReadFromLeftToRight, Self::left_to_right),
            (Switch::BracketsMatchAcrossValues, Self::without_brackets),
            (Switch::NotIgnored, Self::without_not),
            (Switch::ComplexClauseDropped, Self::without_complex),
            (Switch::NeSkipsAbsent, Self::with_values_alone),
            (Switch::PercentIsWildcard, Self::with_wildcards),
            (Switch::EqTakesBeginnings, Self::with_beginnings),
            (Switch::GtTakesEqual, Self::with_ge),
            (Switch::LtTakesEqual, Self::with_le),
        ] {
            if config.has(switch) {
                filter = misread(filter);
            }
        }
        filter
    }

    /// `a or b and c` becomes `(a or b) and c`.
    fn left_to_right(self) -> Self {
        let Self::Any(mut parts) = self else {
            return self;
        };
        match parts.pop() {
            Some(Self::All(mut last)) if !parts.is_empty() && !last.is_empty() => {
                parts.push(last.remove(0));
                last.insert(0, Self::Any(parts));
                Self::All(last)
            }
            last => {
                parts.extend(last);
                Self::Any(parts)
            }
        }
    }

    /// `title ne "x"` becomes `title pr and title ne "x"`, which is no fault: A42 has two readings.
    fn with_values_alone(self) -> Self {
        let all = |parts: Vec<Self>| parts.into_iter().map(Self::with_values_alone).collect();
        match self {
            Self::All(parts) => Self::All(all(parts)),
            Self::Any(parts) => Self::Any(all(parts)),
            Self::Not(inner) => Self::Not(Box::new(inner.with_values_alone())),
            Self::Compare {
                name,
                op: Op::Ne,
                value,
            } => Self::All(vec![
                Self::Present(name.clone()),
                Self::Compare {
                    name,
                    op: Op::Ne,
                    value,
                },
            ]),
            other => other,
        }
    }

    /// `emails[type eq "work" and value pr]` becomes `emails.type eq "work" and emails.value pr`.
    fn without_brackets(self) -> Self {
        match self {
            Self::Element { name, inner } => inner.map_names(&|sub| format!("{name}.{sub}")),
            Self::All(parts) => Self::All(parts.into_iter().map(Self::without_brackets).collect()),
            Self::Any(parts) => Self::Any(parts.into_iter().map(Self::without_brackets).collect()),
            other => other,
        }
    }

    fn map_names(self, map: &dyn Fn(String) -> String) -> Self {
        let all = |parts: Vec<Self>| parts.into_iter().map(|part| part.map_names(map)).collect();
        match self {
            Self::All(parts) => Self::All(all(parts)),
            Self::Any(parts) => Self::Any(all(parts)),
            Self::Not(inner) => Self::Not(Box::new(inner.map_names(map))),
            Self::Present(name) => Self::Present(map(name)),
            Self::Compare { name, op, value } => Self::Compare {
                name: map(name),
                op,
                value,
            },
            Self::Element { name, inner } => Self::Element {
                name: map(name),
                inner,
            },
        }
    }

    fn without_not(self) -> Self {
        match self {
            Self::Not(inner) => *inner,
            Self::All(parts) => Self::All(parts.into_iter().map(Self::without_not).collect()),
            Self::Any(parts) => Self::Any(parts.into_iter().map(Self::without_not).collect()),
            other => other,
        }
    }

    /// `userName eq "a%"` becomes `userName sw "a"`.
    fn with_wildcards(self) -> Self {
        match self {
            Self::Compare {
                name,
                op: Op::Eq | Op::Sw,
                value: Value::String(text),
            } if text.ends_with('%') => Self::Compare {
                name,
                op: Op::Sw,
                value: text.trim_end_matches('%').into(),
            },
            other => other,
        }
    }

    /// `title eq "x"` becomes `title sw "x"`; of a date there is no beginning.
    fn with_beginnings(self) -> Self {
        let is_text = |value: &Value| match value {
            Value::String(text) => text.parse::<Timestamp>().is_err(),
            _ => false,
        };
        self.map_ops(&|op, value| match op {
            Op::Eq if is_text(value) => Op::Sw,
            op => op,
        })
    }

    fn with_ge(self) -> Self {
        self.map_ops(&|op, _| if op == Op::Gt { Op::Ge } else { op })
    }

    fn with_le(self) -> Self {
        self.map_ops(&|op, _| if op == Op::Lt { Op::Le } else { op })
    }

    /// Each operator becomes another one, by its value.
    fn map_ops(self, map: &dyn Fn(Op, &Value) -> Op) -> Self {
        let all = |parts: Vec<Self>| parts.into_iter().map(|part| part.map_ops(map)).collect();
        match self {
            Self::All(parts) => Self::All(all(parts)),
            Self::Any(parts) => Self::Any(all(parts)),
            Self::Not(inner) => Self::Not(Box::new(inner.map_ops(map))),
            Self::Present(name) => Self::Present(name),
            Self::Compare { name, op, value } => Self::Compare {
                op: map(op, &value),
                name,
                value,
            },
            Self::Element { name, inner } => Self::Element {
                name,
                inner: Box::new(inner.map_ops(map)),
            },
        }
    }

    fn without_complex(self) -> Self {
        let is_complex = |part: &Self| matches!(part, Self::Compare { name, .. } if name == "name");
        match self {
            Self::All(mut parts) => {
                parts.retain(|part| !is_complex(part));
                Self::All(parts)
            }
            other => other,
        }
    }
}

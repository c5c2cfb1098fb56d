//! A filter checked against a schema, ready to be evaluated.

use std::borrow::Cow;

use serde_json::Value;

use super::value::Key;
use super::{Filter, Op};
use crate::error::{Error, Result, ScimType};
use crate::schema::{Attribute, Mutability, Place, ResourceType, Type};

/// What values a condition is evaluated on: a resource, or one value of an attribute.
pub(crate) trait Source {
    /// The values of the attribute, those of a multi-valued one each by itself.
    fn values(&self, place: Place) -> Vec<Cow<'_, Value>>;
}

/// One value of a multi-valued attribute.
pub(crate) struct Element<'v>(pub(crate) &'v Value);

impl Source for Element<'_> {
    fn values(&self, place: Place) -> Vec<Cow<'_, Value>> {
        match place {
            Place::Attribute { attribute, .. } => self
                .0
                .get(&attribute.name)
                .map(Cow::Borrowed)
                .into_iter()
                .collect(),
            Place::Extension(_) => Vec::new(),
        }
    }
}

/// What to make of an attribute that the resource type does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// An endpoint of one type refuses it.
    Refused,
    /// It has no value at an endpoint of several types (RFC 7644 section 3.4.2.1).
    WithoutValue,
}

/// A filter whose names are resolved and whose operands fit the attributes' types.
#[derive(Clone, Debug)]
pub(crate) enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Present(Place),
    /// `eq null`: the attribute has no value (RFC 7643 section 2.5).
    Absent(Place),
    Compare {
        place: Place,
        attribute: &'static Attribute,
        op: Op,
        operand: Key,
    },
    Element {
        place: Place,
        inner: Box<Condition>,
    },
    Constant(bool),
}

type Lookup<'l> = &'l dyn Fn(&str) -> Option<Place>;

impl Condition {
    /// Checks a filter on the resources of a type.
    pub(crate) fn on_type(
        filter: &Filter,
        resource_type: &'static ResourceType,
        unknown: Unknown,
    ) -> Result<Self> {
        check(filter, &|name| resource_type.resolve(name), unknown)
    }

    /// Checks a filter on the values of a multi-valued attribute.
    pub(crate) fn on_values(filter: &Filter, attribute: &'static Attribute) -> Result<Self> {
        let lookup = |name: &str| {
            let attribute = attribute.sub(name)?;
            Some(Place::Attribute {
                extension: None,
                attribute,
                sub: None,
            })
        };
        check(filter, &lookup, Unknown::Refused)
    }

    /// Whether the condition holds.
    pub(crate) fn holds(&self, source: &impl Source) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(source)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(source)),
            Self::Not(inner) => !inner.holds(source),
            Self::Present(place) => is_present(source, *place),
            Self::Absent(place) => !is_present(source, *place),
            Self::Compare {
                place,
                attribute,
                op,
                operand,
            } => compare(source, *place, attribute, *op, operand),
            Self::Element { place, inner } => source
                .values(*place)
                .iter()
                .any(|value| inner.holds(&Element(value))),
            Self::Constant(holds) => *holds,
        }
    }
}

fn is_present(source: &impl Source, place: Place) -> bool {
    source.values(place).iter().any(|value| is_filled(value))
}

/// A complex value is filled as soon as one of its nodes is.
fn is_filled(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(values) => values.iter().any(is_filled),
        Value::Object(members) => members.values().any(is_filled),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

/// Any value may match; an attribute without value is unequal to everything.
fn compare(
    source: &impl Source,
    place: Place,
    attribute: &Attribute,
    op: Op,
    operand: &Key,
) -> bool {
    let values = source.values(place);
    if values.is_empty() {
        return op == Op::Ne;
    }
    values
        .iter()
        .any(|value| Key::of(attribute, value).is_some_and(|own| own.test(op, operand)))
}

fn check(filter: &Filter, lookup: Lookup<'_>, unknown: Unknown) -> Result<Condition> {
    let all = |parts: &[Filter]| -> Result<Vec<Condition>> {
        parts
            .iter()
            .map(|part| check(part, lookup, unknown))
            .collect()
    };
    Ok(match filter {
        Filter::All(parts) => Condition::All(all(parts)?),
        Filter::Any(parts) => Condition::Any(all(parts)?),
        Filter::Not(inner) => Condition::Not(Box::new(check(inner, lookup, unknown)?)),
        Filter::Present(name) => match find(name, lookup, unknown)? {
            Some(place) => Condition::Present(place),
            None => Condition::Constant(false),
        },
        Filter::Compare { name, op, value } => match find(name, lookup, unknown)? {
            Some(place) => comparison(name, place, *op, value)?,
            None => Condition::Constant(*op == Op::Ne),
        },
        Filter::Element { name, inner } => match find(name, lookup, unknown)? {
            Some(place) => element(name, place, inner)?,
            None => Condition::Constant(false),
        },
    })
}

fn find(name: &str, lookup: Lookup<'_>, unknown: Unknown) -> Result<Option<Place>> {
    match lookup(name) {
        // A filter on a secret would let it be guessed letter by letter.
        Some(Place::Attribute { attribute, .. })
            if attribute.mutability == Mutability::WriteOnly =>
        {
            Err(refused(format!("{name} cannot be filtered")))
        }
        None if unknown == Unknown::Refused => {
            Err(refused(format!("there is no attribute {name}")))
        }
        found => Ok(found),
    }
}

fn refused(detail: String) -> Error {
    Error::bad(ScimType::InvalidFilter, detail)
}

fn element(name: &str, place: Place, inner: &Filter) -> Result<Condition> {
    match place {
        Place::Attribute {
            attribute,
            sub: None,
            ..
        } if attribute.kind == Type::Complex => {
            let inner = Box::new(Condition::on_values(inner, attribute)?);
            Ok(Condition::Element { place, inner })
        }
        _ => Err(refused(format!("{name} has no values with sub-attributes"))),
    }
}

fn comparison(name: &str, place: Place, op: Op, value: &Value) -> Result<Condition> {
    let (place, attribute) = simple(name, place)?;
    if value.is_null() {
        return match op {
            Op::Eq => Ok(Condition::Absent(place)),
            Op::Ne => Ok(Condition::Present(place)),
            _ => Err(refused(
                "null can only be compared with eq and ne".to_owned(),
            )),
        };
    }
    if !fits(op, attribute.kind) {
        return Err(refused(format!(
            "{name} is not of a type that this operator compares"
        )));
    }
    match Key::of(attribute, value) {
        Some(operand) => Ok(Condition::Compare {
            place,
            attribute,
            op,
            operand,
        }),
        None => Err(refused(format!("{value} is not of the type of {name}"))),
    }
}

/// A complex attribute with a `value` stands for it, as in `emails co "example.com"`, the RFC's
/// own example; any other needs a named sub-attribute.
fn simple(name: &str, place: Place) -> Result<(Place, &'static Attribute)> {
    match place {
        Place::Attribute { sub: Some(sub), .. } => Ok((place, sub)),
        Place::Attribute {
            extension,
            attribute,
            sub: None,
        } if attribute.kind == Type::Complex => {
            let Some(sub) = attribute.sub("value") else {
                return Err(refused(format!(
                    "{name} is complex, name one of its sub-attributes"
                )));
            };
            Ok((
                Place::Attribute {
                    extension,
                    attribute,
                    sub: Some(sub),
                },
                sub,
            ))
        }
        Place::Attribute { attribute, .. } => Ok((place, attribute)),
        Place::Extension(_) => Err(refused(format!(
            "{name} is an extension, name an attribute of it"
        ))),
    }
}

/// The table of operators and types, RFC 7644 section 3.4.2.2.
fn fits(op: Op, kind: Type) -> bool {
    match kind {
        Type::String | Type::Reference => true,
        Type::Boolean | Type::Binary => !op.is_ordering() && !op.is_substring(),
        Type::Integer | Type::Decimal | Type::DateTime => !op.is_substring(),
        Type::Complex => false,
    }
}

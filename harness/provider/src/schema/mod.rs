//! Schemas as data: one definition drives discovery, filters, PATCH and projection.

mod dialect;
pub(crate) mod urn;

use serde::Deserialize;

pub(crate) use dialect::{Dialect, Kind, Place, ResourceType};

/// Data types (RFC 7643 section 2.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Type {
    #[default]
    String,
    Boolean,
    Decimal,
    Integer,
    DateTime,
    Binary,
    Reference,
    Complex,
}

/// When a value may be written (RFC 7643 section 7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Mutability {
    #[default]
    ReadWrite,
    ReadOnly,
    Immutable,
    WriteOnly,
}

/// When a value is returned (RFC 7643 section 7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Returned {
    #[default]
    Default,
    Always,
    Never,
    Request,
}

/// Among which resources a value is unique (RFC 7643 section 7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Uniqueness {
    #[default]
    None,
    Server,
    Global,
}

/// An attribute's characteristics; what is missing takes the defaults of RFC 7643 section 2.2.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Attribute {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) kind: Type,
    pub(crate) multi_valued: bool,
    pub(crate) description: String,
    pub(crate) required: bool,
    pub(crate) case_exact: bool,
    pub(crate) mutability: Mutability,
    pub(crate) returned: Returned,
    pub(crate) uniqueness: Uniqueness,
    pub(crate) canonical_values: Vec<String>,
    pub(crate) sub_attributes: Vec<Attribute>,
}

impl Attribute {
    /// The sub-attribute of this name in any case.
    pub(crate) fn sub(&self, name: &str) -> Option<&Self> {
        find(&self.sub_attributes, name)
    }
}

/// A schema (RFC 7643 section 7).
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Schema {
    pub(crate) id: String,
    pub(crate) description: String,
    pub(crate) attributes: Vec<Attribute>,
}

/// The attribute of this name in any case (RFC 7643 section 2.1).
pub(crate) fn find<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a Attribute> {
    attributes
        .iter()
        .find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}

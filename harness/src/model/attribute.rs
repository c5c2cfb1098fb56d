//! Attributes with their characteristics, as schemas publish them (RFC 7643 section 7; SCIM 1.1 core
//! schema section 10).

use schemars::JsonSchema;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::scenario::Version;

/// Data type of an attribute (RFC 7643 section 2.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are those of the RFC")]
pub enum Kind {
    #[default]
    String,
    Boolean,
    Decimal,
    Integer,
    DateTime,
    Binary,
    Reference,
    Complex,
    /// A type that no document defines: nothing is known of its values.
    #[serde(skip)]
    Unknown,
}

impl Kind {
    /// The name that schemas use.
    pub fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Boolean => "boolean",
            Self::Decimal => "decimal",
            Self::Integer => "integer",
            Self::DateTime => "dateTime",
            Self::Binary => "binary",
            Self::Reference => "reference",
            Self::Complex => "complex",
            Self::Unknown => "unknown",
        }
    }

    /// The type that a published attribute states, if it states one that is known.
    pub(super) fn stated(json: &Value) -> Option<Self> {
        word(&KINDS, json.get("type"))
    }
}

/// When a value may be written (RFC 7643 section 7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are those of the RFC")]
pub enum Mutability {
    #[default]
    ReadWrite,
    ReadOnly,
    Immutable,
    WriteOnly,
}

/// When a value is returned (RFC 7643 section 7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are those of the RFC")]
pub enum Returned {
    #[default]
    Default,
    Always,
    Never,
    Request,
}

/// Among which resources a value is unique (RFC 7643 section 7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are those of the RFC")]
pub enum Uniqueness {
    #[default]
    None,
    Server,
    Global,
}

/// An attribute with its characteristics; what a schema leaves out has its default (RFC 7643
/// section 2.2).
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[expect(missing_docs, reason = "the names are those of the RFC")]
pub struct Attribute {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: Kind,
    pub multi_valued: bool,
    pub required: bool,
    pub case_exact: bool,
    pub mutability: Mutability,
    pub returned: Returned,
    pub uniqueness: Uniqueness,
    pub canonical_values: Vec<String>,
    pub reference_types: Vec<String>,
    pub sub_attributes: Vec<Attribute>,
    /// Whether the target itself publishes it.
    #[serde(skip)]
    pub published: bool,
}

/// The value of a word as a target writes it, in any case; what is no known word is `None`.
fn word<Of: DeserializeOwned>(words: &[&str], json: Option<&Value>) -> Option<Of> {
    let written = json?.as_str()?;
    let known = words
        .iter()
        .find(|word| word.eq_ignore_ascii_case(written))?;
    Of::deserialize(Value::from(*known)).ok()
}

const KINDS: [&str; 8] = [
    "string",
    "boolean",
    "decimal",
    "integer",
    "dateTime",
    "binary",
    "reference",
    "complex",
];
const MUTABILITIES: [&str; 4] = ["readWrite", "readOnly", "immutable", "writeOnly"];
const RETURNED: [&str; 4] = ["default", "always", "never", "request"];
const UNIQUENESS: [&str; 3] = ["none", "server", "global"];

impl Attribute {
    /// An attribute as a target publishes it, read leniently: what cannot be understood has its
    /// default. `None` without a name.
    pub fn published(json: &Value) -> Option<Self> {
        let text = |key: &str| json.get(key).and_then(Value::as_str);
        let truth = |key: &str| json.get(key).and_then(Value::as_bool);
        let texts = |key: &str| {
            let listed = json.get(key).and_then(Value::as_array);
            let texts = listed.into_iter().flatten().filter_map(Value::as_str);
            texts.map(str::to_owned).collect::<Vec<_>>()
        };
        let subs = json.get("subAttributes").and_then(Value::as_array);
        let kind = match json.get("type") {
            Some(written) => word(&KINDS, Some(written)).unwrap_or(Kind::Unknown),
            None => Kind::default(),
        };
        let mutability = match truth("readOnly") {
            // SCIM 1.1 knows no other mutability.
            Some(true) => Some(Mutability::ReadOnly),
            _ => word(&MUTABILITIES, json.get("mutability")),
        };
        Some(Self {
            name: text("name")?.to_owned(),
            kind,
            multi_valued: truth("multiValued").unwrap_or(false),
            required: truth("required").unwrap_or(false),
            case_exact: truth("caseExact").unwrap_or(false),
            mutability: mutability.unwrap_or_default(),
            returned: word(&RETURNED, json.get("returned")).unwrap_or_default(),
            uniqueness: word(&UNIQUENESS, json.get("uniqueness")).unwrap_or_default(),
            canonical_values: texts("canonicalValues"),
            reference_types: texts("referenceTypes"),
            sub_attributes: subs
                .into_iter()
                .flatten()
                .filter_map(Self::published)
                .collect(),
            published: true,
        })
    }

    fn read_with(self, version: Version, known: &Self) -> Self {
        let mut own = Self {
            kind: known.kind,
            multi_valued: known.multi_valued,
            sub_attributes: merged(version, self.sub_attributes, &known.sub_attributes),
            ..self
        };
        if version == Version::V1 {
            // A schema of SCIM 1.1 cannot say these.
            own.returned = known.returned;
            own.uniqueness = known.uniqueness;
            if known.mutability != Mutability::ReadWrite {
                own.mutability = known.mutability;
            }
        }
        own
    }

    /// The sub-attribute of this name in any case.
    pub fn sub(&self, name: &str) -> Option<&Self> {
        find(&self.sub_attributes, name)
    }

    /// Whether clients may write it, now or at creation.
    pub fn is_writable(&self) -> bool {
        self.mutability != Mutability::ReadOnly
    }

    /// Whether its values are ever shown.
    pub fn is_hidden(&self) -> bool {
        self.returned == Returned::Never || self.mutability == Mutability::WriteOnly
    }

    /// Whether it, or a sub-attribute, names another resource of the server.
    pub fn refers_to_resources(&self) -> bool {
        let own = |kind: &String| !["external", "uri"].contains(&kind.to_lowercase().as_str());
        let refers = |one: &Self| {
            one.kind == Kind::Reference
                && (one.name == "$ref" || one.reference_types.iter().any(own))
        };
        refers(self) || self.sub_attributes.iter().any(refers)
    }
}

/// The attribute of this name in any case (RFC 7643 section 2.1).
pub fn find<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a Attribute> {
    attributes
        .iter()
        .find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}

/// What a target publishes, read together with the standard: types and plurality of a standard
/// attribute are the standard's, so that a mistake in a published schema is told once, where
/// schemas are judged, and not again with every resource. Standard attributes that are not
/// published are known all the same, and nothing is demanded of them.
pub fn merged(
    version: Version,
    published: Vec<Attribute>,
    standard: &[Attribute],
) -> Vec<Attribute> {
    let mut all: Vec<Attribute> = published
        .into_iter()
        .map(|own| match find(standard, &own.name) {
            Some(known) => own.read_with(version, known),
            None => own,
        })
        .collect();
    let unpublished = standard
        .iter()
        .filter(|known| find(&all, &known.name).is_none());
    let unpublished: Vec<Attribute> = unpublished
        .map(|known| Attribute {
            required: false,
            ..known.clone()
        })
        .collect();
    all.extend(unpublished);
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn published_attributes_are_read_leniently_in_both_versions() {
        let own = json!({"name": "groups", "type": "COMPLEX", "multiValued": true, "mutability": "sometimes",
            "returned": "request", "subAttributes": [{"name": "value", "caseExact": true}, {"type": "string"}], "vendor": 1});
        let read = Attribute::published(&own).unwrap();
        assert_eq!(
            (read.kind, read.mutability, read.returned),
            (Kind::Complex, Mutability::ReadWrite, Returned::Request)
        );
        assert_eq!(read.sub_attributes.len(), 1, "one has no name");
        assert_eq!(read.sub("VALUE").unwrap().kind, Kind::String);
        let old = json!({"name": "id", "type": "string", "readOnly": true, "multiValuedAttributeChildName": "x"});
        assert_eq!(
            Attribute::published(&old).unwrap().mutability,
            Mutability::ReadOnly
        );
        let odd = json!({"name": "a", "type": "money"});
        assert_eq!(Attribute::published(&odd).unwrap().kind, Kind::Unknown);
    }

    #[test]
    fn types_of_standard_attributes_are_the_standards() {
        let published = vec![
            Attribute::published(&json!({"name": "Active", "type": "string", "required": true}))
                .unwrap(),
            Attribute::published(&json!({"name": "badge", "type": "integer"})).unwrap(),
        ];
        let standard = [
            Attribute {
                name: "active".into(),
                kind: Kind::Boolean,
                ..Attribute::default()
            },
            Attribute {
                name: "title".into(),
                required: true,
                ..Attribute::default()
            },
        ];
        let merged = merged(Version::V2, published, &standard);
        assert_eq!(merged[0].kind, Kind::Boolean);
        assert!(merged[0].required && merged[0].published);
        assert_eq!(merged[1].kind, Kind::Integer);
        assert!(!merged[2].required && !merged[2].published);
    }
}

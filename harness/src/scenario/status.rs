//! Statuses that a step expects: single ones and whole classes.

use std::fmt;

use schemars::JsonSchema;
use serde::{
    Deserialize, Deserializer,
    de::{self, SeqAccess, Visitor},
};

/// HTTP statuses, as a scenario names them: `200`, `"2xx"`, or a list of such.
#[derive(Clone, Debug, Default, PartialEq, Eq, JsonSchema)]
#[schemars(with = "StatusForms")]
pub struct Statuses(Vec<Status>);

/// A status or a class of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    Code(u16),
    /// Its first digit.
    Class(u16),
}

#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its JSON Schema is used")]
enum StatusForms {
    One(StatusForm),
    Many(Vec<StatusForm>),
}

#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its JSON Schema is used")]
enum StatusForm {
    Code(u16),
    Class(#[schemars(regex(pattern = r"^[1-5]xx$"))] String),
}

impl Statuses {
    /// Whether none is named.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a status is one of these.
    pub fn has(&self, status: u16) -> bool {
        self.0.iter().any(|named| match named {
            Status::Code(code) => *code == status,
            Status::Class(class) => *class == status / 100,
        })
    }

    /// Whether a status is named by itself, not by its class.
    pub fn names(&self, status: u16) -> bool {
        self.0.contains(&Status::Code(status))
    }

    /// Whether a status is of the same class as one of these.
    pub fn has_class_of(&self, status: u16) -> bool {
        self.0.iter().any(|named| match named {
            Status::Code(code) => code / 100 == status / 100,
            Status::Class(class) => *class == status / 100,
        })
    }
}

impl<const N: usize> From<[u16; N]> for Statuses {
    fn from(codes: [u16; N]) -> Self {
        Self(codes.map(Status::Code).to_vec())
    }
}

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(formatter, "{code}"),
            Self::Class(class) => write!(formatter, "{class}xx"),
        }
    }
}

impl fmt::Display for Statuses {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, status) in self.0.iter().enumerate() {
            let before = if index == 0 { "" } else { " or " };
            write!(formatter, "{before}{status}")?;
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Statuses {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StatusesVisitor)
    }
}

struct StatusesVisitor;

impl<'de> Visitor<'de> for StatusesVisitor {
    type Value = Statuses;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(
            "an HTTP status such as 200, a class such as \"2xx\", or a list such as [200, 204]",
        )
    }

    fn visit_i64<E: de::Error>(self, status: i64) -> Result<Statuses, E> {
        match u16::try_from(status) {
            Ok(code) if (100..600).contains(&code) => Ok(Statuses(vec![Status::Code(code)])),
            _ => Err(E::invalid_value(de::Unexpected::Signed(status), &self)),
        }
    }

    fn visit_str<E: de::Error>(self, class: &str) -> Result<Statuses, E> {
        let digit = class
            .strip_suffix("xx")
            .and_then(|digit| digit.parse().ok());
        match digit {
            Some(class @ 1..=5) => Ok(Statuses(vec![Status::Class(class)])),
            _ => Err(E::invalid_value(de::Unexpected::Str(class), &self)),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Statuses, A::Error> {
        let mut statuses = Vec::new();
        while let Some(Statuses(one)) = list.next_element()? {
            statuses.extend(one);
        }
        Ok(Statuses(statuses))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Holder {
        status: Statuses,
    }

    fn parse(text: &str) -> Result<Statuses, toml::de::Error> {
        toml::from_str::<Holder>(&format!("status = {text}")).map(|holder| holder.status)
    }

    fn read(text: &str) -> Statuses {
        parse(text).unwrap()
    }

    #[test]
    fn codes_and_classes_are_read_held_and_shown() {
        let statuses = read(r#"["2xx", 404]"#);
        assert!(statuses.has(200) && statuses.has(299) && statuses.has(404));
        assert!(!statuses.has(400) && statuses.has_class_of(400));
        assert!(!statuses.has_class_of(500));
        assert_eq!(statuses.to_string(), "2xx or 404");
        assert_eq!(read("200"), Statuses::from([200]));
        assert!(Statuses::default().is_empty());
    }

    #[test]
    fn what_is_no_status_is_refused() {
        for text in ["99", "\"6xx\"", "\"2x\"", "true"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}

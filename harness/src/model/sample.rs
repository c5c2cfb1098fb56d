//! Valid values for an attribute: they keep to its type, its canonical values, and the formats that
//! the RFC gives to attributes of certain names.

use serde_json::{Map, Value, json};

use super::{Attribute, Kind, Mutability, Uniqueness, certificates::CERTIFICATES};

/// Sub-attributes that a provider may fill or change by itself (RFC 7643 sections 2.4 and 4.1.1), so
/// that nothing is learned from sending them.
const DERIVED: [&str; 3] = ["formatted", "display", "$ref"];

/// What makes values recognisable and unique.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tag<'a> {
    /// Text that nothing else carries.
    pub(super) text: &'a str,
    /// Domain for e-mail addresses.
    pub(super) domain: &'a str,
}

/// Two valid values of an attribute that differ.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sample {
    /// A value; of an attribute of several, a list of two where there are as many.
    pub(super) value: Value,
    /// Another.
    pub(super) other: Value,
}

/// Values of an attribute; `None` where none can be made, as it names other resources or has a type
/// that is not known.
pub(super) fn sample(attribute: &Attribute, tag: Tag<'_>) -> Option<Sample> {
    let maker = Maker {
        tag,
        parent: None,
        reads: attribute.mutability == Mutability::ReadOnly,
    };
    let [first, second, third] = [0, 1, 2].map(|nth| maker.one(attribute, nth));
    let (first, second, third) = (first?, second?, third?);
    if first == second {
        return None;
    }
    Some(match attribute.multi_valued {
        false => Sample {
            value: first,
            other: second,
        },
        true if third == first || third == second => Sample {
            value: json!([first]),
            other: json!([second]),
        },
        true => Sample {
            value: json!([first, second]),
            other: json!([third]),
        },
    })
}

/// Values of a sub-attribute.
pub(super) fn sample_of_sub(parent: &Attribute, sub: &Attribute, tag: Tag<'_>) -> Option<Sample> {
    let maker = Maker {
        tag,
        parent: Some(&parent.name),
        reads: sub.mutability == Mutability::ReadOnly,
    };
    if DERIVED.contains(&sub.name.as_str()) {
        return None;
    }
    let (value, other) = (maker.one(sub, 0)?, maker.one(sub, 1)?);
    let listed = |value: Value| match sub.multi_valued {
        true => json!([value]),
        false => value,
    };
    (value != other).then(|| Sample {
        value: listed(value),
        other: listed(other),
    })
}

#[derive(Clone, Copy)]
struct Maker<'a> {
    tag: Tag<'a>,
    parent: Option<&'a str>,
    /// Whether values are made that are only sent to see that they are not taken.
    reads: bool,
}

impl<'a> Maker<'a> {
    /// The n-th value, from 0.
    fn one(self, attribute: &'a Attribute, nth: usize) -> Option<Value> {
        if attribute.refers_to_resources() && !self.reads {
            return None;
        }
        let pick = |values: [&str; 3]| Value::from(values[nth % 3]);
        Some(match attribute.kind {
            Kind::Boolean => Value::Bool(nth.is_multiple_of(2)),
            Kind::Integer => json!([7, 11, 13][nth % 3]),
            Kind::Decimal => json!([1.5, 2.25, 3.75][nth % 3]),
            Kind::DateTime => pick([
                "2026-01-02T03:04:05Z",
                "2027-02-03T04:05:06Z",
                "2028-03-04T05:06:07Z",
            ]),
            Kind::Binary if self.parent == Some("x509Certificates") => pick(CERTIFICATES),
            Kind::Binary => pick(["c2NpbS1oYXJuZXNz", "b3RoZXI=", "dGhpcmQ="]),
            Kind::Reference => {
                let name = self.parent.unwrap_or(&attribute.name);
                json!(format!("https://example.com/{name}/{}", nth + 1))
            }
            Kind::Complex => self.object(attribute, nth)?,
            Kind::String => self.text(attribute, nth),
            Kind::Unknown => return None,
        })
    }

    fn object(self, attribute: &'a Attribute, nth: usize) -> Option<Value> {
        let maker = Self {
            parent: Some(&attribute.name),
            ..self
        };
        let mut members = Map::new();
        for sub in &attribute.sub_attributes {
            let is_known = sub.published || !attribute.published;
            let is_sent = is_known && (self.reads || sub.is_writable());
            if DERIVED.contains(&sub.name.as_str()) || !is_sent || sub.is_hidden() {
                continue;
            }
            // What is set once would stand in the way of another value.
            let is_set_once = sub.mutability == Mutability::Immutable;
            if is_set_once && !attribute.multi_valued && attribute.mutability != sub.mutability {
                continue;
            }
            // At most one value of a list is primary.
            if sub.name == "primary" && (nth > 0 || !attribute.multi_valued) {
                continue;
            }
            let value = maker.one(sub, nth)?;
            let value = match sub.multi_valued {
                true => json!([value]),
                false => value,
            };
            members.insert(sub.name.clone(), value);
        }
        (!members.is_empty()).then_some(Value::Object(members))
    }

    fn text(self, attribute: &Attribute, nth: usize) -> Value {
        let canonical = &attribute.canonical_values;
        if !canonical.is_empty() {
            return Value::from(canonical[nth % canonical.len()].as_str());
        }
        let pick = |values: [&str; 3]| Value::from(values[nth % 3]);
        let Tag { text, domain } = self.tag;
        let count = ["One", "Two", "Three"][nth % 3];
        let address = || json!(format!("{text}-{}@{domain}", count.to_lowercase()));
        match (self.parent, attribute.name.as_str()) {
            (None, "userName") | (Some("emails"), "value") | (None, "email") => address(),
            (Some("phoneNumbers"), "value") => pick([
                "tel:+1-201-555-0123",
                "tel:+1-201-555-0124",
                "tel:+1-201-555-0125",
            ]),
            (None, "preferredLanguage" | "locale") => pick(["en-US", "en-GB", "de-DE"]),
            (None, "timezone") => {
                pick(["America/Los_Angeles", "America/New_York", "Europe/Berlin"])
            }
            (_, "country") => pick(["US", "SE", "DE"]),
            (_, "postalCode") => pick(["91608", "11122", "10115"]),
            (_, "password") => json!(format!("Pa55-{text}-{count}")),
            // What a run's resources are known by stays recognisable.
            (None, "displayName" | "externalId") => json!(format!("{text} {count}")),
            (_, name) if attribute.uniqueness != Uniqueness::None => {
                json!(format!("{name}-{text}-{count}"))
            }
            (_, name) => json!(format!("{name}{count}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::Model, scenario::Version};

    const TAG: Tag<'static> = Tag {
        text: "tag",
        domain: "example.com",
    };

    fn of_user(name: &str) -> Option<Sample> {
        let model = Model::standard(Version::V2);
        let user = model.at("/Users").unwrap();
        sample(model.attribute(user, name).unwrap(), TAG)
    }

    #[test]
    fn values_keep_to_types_formats_and_canonical_values() {
        for (name, value, other) in [
            ("nickName", json!("nickNameOne"), json!("nickNameTwo")),
            (
                "userName",
                json!("tag-one@example.com"),
                json!("tag-two@example.com"),
            ),
            ("active", json!(true), json!(false)),
            (
                "timezone",
                json!("America/Los_Angeles"),
                json!("America/New_York"),
            ),
            (
                "profileUrl",
                json!("https://example.com/profileUrl/1"),
                json!("https://example.com/profileUrl/2"),
            ),
            (
                "phoneNumbers",
                json!([
                    {"value": "tel:+1-201-555-0123", "type": "work", "primary": true},
                    {"value": "tel:+1-201-555-0124", "type": "home"}]),
                json!([{"value": "tel:+1-201-555-0125", "type": "mobile"}]),
            ),
            (
                "name",
                json!({"familyName": "familyNameOne", "givenName": "givenNameOne", "middleName": "middleNameOne",
                    "honorificPrefix": "honorificPrefixOne", "honorificSuffix": "honorificSuffixOne"}),
                json!({"familyName": "familyNameTwo", "givenName": "givenNameTwo", "middleName": "middleNameTwo",
                    "honorificPrefix": "honorificPrefixTwo", "honorificSuffix": "honorificSuffixTwo"}),
            ),
        ] {
            assert_eq!(of_user(name), Some(Sample { value, other }), "{name}");
        }
        let photos = of_user("photos").unwrap();
        assert_eq!(photos.other[0]["type"], "photo", "there are two types only");
        let certificates = of_user("x509Certificates").unwrap();
        let first = certificates.value[0]["value"].as_str().unwrap();
        assert!(crate::check::format::is_base64(first) && first.starts_with("MII"));
    }

    #[test]
    fn what_names_other_resources_has_no_sample_unless_it_cannot_be_written() {
        let model = Model::standard(Version::V2);
        let group = model.at("/Groups").unwrap();
        let members = model.attribute(group, "members").unwrap();
        assert_eq!(sample(members, TAG), None);
        assert!(of_user("groups").is_some(), "it is sent to be ignored");
    }

    #[test]
    fn values_that_cannot_differ_are_no_sample() {
        let only = Attribute {
            name: "kind".into(),
            canonical_values: vec!["a".into()],
            ..Attribute::default()
        };
        assert_eq!(sample(&only, TAG), None);
        let two = Attribute {
            multi_valued: true,
            canonical_values: vec!["a".into(), "b".into()],
            ..only
        };
        let sample = sample(&two, TAG).unwrap();
        assert_eq!((sample.value, sample.other), (json!(["a"]), json!(["b"])));
    }

    #[test]
    fn sub_attributes_have_values_of_their_own() {
        let model = Model::standard(Version::V2);
        let user = model.at("/Users").unwrap();
        let of = |parent: &str, sub: &str| {
            let parent = model.attribute(user, parent).unwrap();
            sample_of_sub(parent, parent.sub(sub).unwrap(), TAG)
        };
        let family = of("name", "familyName").unwrap();
        assert_eq!(family.value, "familyNameOne");
        assert_eq!(of("emails", "type").unwrap().other, "home");
        assert_eq!(of("name", "formatted"), None, "a provider may make it");
    }
}

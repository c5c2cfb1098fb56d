//! Families: the attributes of a target's own schemas for which a conversation is held once each,
//! with what the conversation has to know of them.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, de};
use serde_json::{Value, json};

use super::{
    Attribute, Kind, Model, Mutability, ResourceType, Returned, Uniqueness,
    attribute::find,
    body::{Body, KnownBy, smallest},
    sample::{Sample, Tag, sample, sample_of_sub},
};

/// Which attributes of the target's published schemas are meant; what is not said fits all.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Attributes {
    /// Resource type: `User`, `Group` or one of the target's own.
    pub resource: Option<String>,
    /// Its type is one of these.
    #[serde(rename = "type")]
    pub kind: OneOf<Kind>,
    /// Its mutability is one of these.
    pub mutability: OneOf<Mutability>,
    /// When it is returned is one of these.
    pub returned: OneOf<Returned>,
    /// Its uniqueness is one of these.
    pub uniqueness: OneOf<Uniqueness>,
    /// Whether it holds several values.
    pub multi_valued: Option<bool>,
    /// Whether its strings are compared with regard to case.
    pub case_exact: Option<bool>,
    /// Whether it is required.
    pub required: Option<bool>,
    /// Whether the values it may have are listed.
    pub canonical: Option<bool>,
    /// `true`: sub-attributes of complex attributes, not the attributes themselves.
    pub sub: bool,
    /// For sub-attributes: whether the attribute they are in holds several values.
    pub of_several: Option<bool>,
    /// Whether it is defined by an extension.
    pub extension: Option<bool>,
    /// `true`: the common attributes id, externalId and meta too.
    pub common: bool,
    /// `false`: not the attribute by which the resources of a run are known.
    pub tagged: Option<bool>,
    /// Names that are left out.
    pub except: Vec<String>,
}

/// One word or a list of words; none fits all.
#[derive(Clone, Debug, PartialEq, JsonSchema)]
#[schemars(untagged)]
pub enum OneOf<T> {
    /// This one.
    One(T),
    /// One of these.
    Many(Vec<T>),
}

impl<T> Default for OneOf<T> {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl<T: PartialEq> OneOf<T> {
    fn fits(&self, value: &T) -> bool {
        match self {
            Self::One(only) => only == value,
            Self::Many(words) => words.is_empty() || words.contains(value),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOf<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Words<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> de::Visitor<'de> for Words<T> {
            type Value = OneOf<T>;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("a word or a list of words")
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<OneOf<T>, E> {
                T::deserialize(de::value::StrDeserializer::new(word)).map(OneOf::One)
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<OneOf<T>, A::Error> {
                let mut words = Vec::new();
                while let Some(word) = list.next_element()? {
                    words.push(word);
                }
                Ok(OneOf::Many(words))
            }
        }
        deserializer.deserialize_any(Words(std::marker::PhantomData))
    }
}

/// Names that an attribute of a family has in a scenario, after its own name and a dot.
pub const PARTS: [&str; 17] = [
    "path", "pointer", "type", "endpoint", "schema", "value", "other", "both", "body", "bare",
    "again", "instead", "sub", "known_by", "tag", "upper", "lower",
];

/// An attribute for which a conversation is held.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// What it is called in findings: `User nickName`.
    pub label: String,
    /// Its name, such as `nickName` or `name.familyName`.
    pub name: String,
    /// The parts with their values.
    pub parts: Vec<(&'static str, Value)>,
}

/// The attributes of a target's schemas that fit. `tag` makes the text that marks what the n-th of
/// them creates.
pub fn members(
    model: &Model,
    wanted: &Attributes,
    tag: &dyn Fn(usize) -> String,
    domain: &str,
) -> Vec<Member> {
    let mut members = Vec::new();
    for own in model.types.iter().filter(|own| wanted.is_of(own)) {
        for place in places(model, own, wanted) {
            let text = tag(members.len());
            let tag = Tag {
                text: &text,
                domain,
            };
            members.extend(place.member(model, own, wanted, tag));
        }
    }
    members
}

impl Attributes {
    fn is_of(&self, own: &ResourceType) -> bool {
        self.resource.as_ref().is_none_or(|name| *name == own.name)
    }

    /// Common attributes need not be published.
    fn fits(&self, attribute: &Attribute, is_common: bool) -> bool {
        let is = |wanted: Option<bool>, value: bool| wanted.is_none_or(|wanted| wanted == value);
        (attribute.published || is_common)
            && self.kind.fits(&attribute.kind)
            && self.mutability.fits(&attribute.mutability)
            && self.returned.fits(&attribute.returned)
            && self.uniqueness.fits(&attribute.uniqueness)
            && is(self.multi_valued, attribute.multi_valued)
            && is(self.case_exact, attribute.case_exact)
            && is(self.required, attribute.required)
            && is(self.canonical, !attribute.canonical_values.is_empty())
            && !self.except.contains(&attribute.name)
    }
}

/// Bodies that create a resource with an attribute, another with the same value of it, one with
/// another value of it, and one without.
struct Bodies {
    full: Body,
    again: Body,
    instead: Body,
    bare: Body,
}

/// An attribute or sub-attribute with where it is.
#[derive(Clone, Copy)]
struct Place<'a> {
    urn: Option<&'a str>,
    schema: &'a str,
    attribute: &'a Attribute,
    sub: Option<&'a Attribute>,
}

/// The places of a resource type that fit, in the order of its schemas.
fn places<'a>(model: &'a Model, own: &'a ResourceType, wanted: &Attributes) -> Vec<Place<'a>> {
    let is_common = |one: &&Attribute| find(&model.common, &one.name).is_some();
    let mut places = Vec::new();
    let mut add = |urn, schema, attribute: &'a Attribute, is_common: bool| {
        let place = Place {
            urn,
            schema,
            attribute,
            sub: None,
        };
        let several = attribute.multi_valued;
        if !wanted.sub && wanted.fits(attribute, is_common) {
            places.push(place);
        }
        if wanted.sub && wanted.of_several.is_none_or(|wanted| wanted == several) {
            let subs = attribute.sub_attributes.iter();
            let subs = subs.filter(|sub| wanted.fits(sub, is_common));
            places.extend(subs.map(|sub| Place {
                sub: Some(sub),
                ..place
            }));
        }
    };
    let core = own.core.urn.as_str();
    if wanted.extension != Some(true) {
        let common = model.common.iter().filter(|one| one.name != "schemas");
        for attribute in common.filter(|_| wanted.common) {
            add(None, core, attribute, true);
        }
        for attribute in own.core.attributes.iter().filter(|one| !is_common(one)) {
            add(None, core, attribute, false);
        }
    }
    if wanted.extension != Some(false) {
        for schema in &own.extensions {
            for attribute in &schema.attributes {
                add(Some(schema.urn.as_str()), &schema.urn, attribute, false);
            }
        }
    }
    places
}

impl Place<'_> {
    fn member(
        self,
        model: &Model,
        own: &ResourceType,
        wanted: &Attributes,
        tag: Tag<'_>,
    ) -> Option<Member> {
        let (body, known_by) = smallest(model, own, tag)?;
        let is_tagged = self.urn.is_none() && known_by.name == self.attribute.name;
        if wanted.tagged.is_some_and(|wanted| wanted != is_tagged) {
            return None;
        }
        let sample = match self.sub {
            None if is_tagged => sample(&unique(self.attribute), tag)?,
            None => sample(self.attribute, tag)?,
            Some(sub) => sample_of_sub(self.attribute, sub, tag)?,
        };
        let full = |body: Body, value: &Value, tag| match self.sub {
            None => Some(body.with(self.urn, &self.attribute.name, value.clone())),
            Some(sub) => body.with_sub(self.urn, self.attribute, &sub.name, value.clone(), tag),
        };
        let own_to_provider = self.sub.unwrap_or(self.attribute).mutability == Mutability::ReadOnly;
        let text = format!("{}-again", tag.text);
        let another = Tag { text: &text, ..tag };
        let bodies = Bodies {
            full: match own_to_provider {
                true => body.clone(),
                false => full(body.clone(), &sample.value, tag)?,
            },
            again: full(smallest(model, own, another)?.0, &sample.value, another)?,
            instead: full(body.clone(), &sample.other, tag)?,
            bare: body,
        };
        let name = match self.sub {
            Some(sub) => format!("{}.{}", self.attribute.name, sub.name),
            None => self.attribute.name.clone(),
        };
        Some(Member {
            label: format!("{} {name}", own.name),
            parts: self.parts(own, &name, &sample, &bodies, &known_by, is_tagged),
            name,
        })
    }

    fn parts(
        self,
        own: &ResourceType,
        name: &str,
        sample: &Sample,
        bodies: &Bodies,
        known_by: &KnownBy,
        is_tagged: bool,
    ) -> Vec<(&'static str, Value)> {
        let path = match self.urn {
            Some(urn) => format!("{urn}:{name}"),
            None => name.to_owned(),
        };
        let tag = match (&sample.value, is_tagged) {
            (Value::String(value), true) => value.clone(),
            _ => known_by.value.clone(),
        };
        let text = sample.value.as_str().unwrap_or_default();
        vec![
            ("path", json!(path)),
            ("pointer", json!(self.pointer())),
            ("type", json!(own.name)),
            ("endpoint", json!(own.endpoint.trim_start_matches('/'))),
            ("schema", json!(self.schema)),
            ("value", sample.value.clone()),
            ("other", sample.other.clone()),
            ("both", both(sample)),
            ("body", bodies.full.json()),
            ("bare", bodies.bare.json()),
            ("again", bodies.again.json()),
            ("instead", bodies.instead.json()),
            ("sub", json!(self.sub.map_or("", |sub| &sub.name))),
            ("known_by", json!(known_by.name)),
            ("tag", json!(tag)),
            ("upper", json!(text.to_uppercase())),
            ("lower", json!(text.to_lowercase())),
        ]
    }

    /// JSON pointer in a resource; to a sub-attribute of several values, in the first.
    fn pointer(self) -> String {
        let escaped = |name: &str| name.replace('~', "~0").replace('/', "~1");
        let urn = self.urn.map(|urn| format!("/{}", escaped(urn)));
        let first = if self.sub.is_some() && self.attribute.multi_valued {
            "/0"
        } else {
            ""
        };
        let sub = self
            .sub
            .map(|sub| format!("{first}/{}", escaped(&sub.name)));
        format!(
            "{}/{}{}",
            urn.unwrap_or_default(),
            escaped(&self.attribute.name),
            sub.unwrap_or_default()
        )
    }
}

/// An attribute by which a run knows its resources: its values are of this run alone, whatever its
/// schema allows.
fn unique(attribute: &Attribute) -> Attribute {
    Attribute {
        uniqueness: Uniqueness::Server,
        ..attribute.clone()
    }
}

/// All values of both lists; of single values the other.
fn both(sample: &Sample) -> Value {
    match (&sample.value, &sample.other) {
        (Value::Array(value), Value::Array(other)) => value.iter().chain(other).cloned().collect(),
        (_, other) => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{capability::Discovery, scenario::Version};

    const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
    const BADGE: &str = "urn:x:badge";

    fn model() -> Model {
        let types = json!({"Resources": [
            {"name": "User", "endpoint": "/Users", "schema": USER, "schemaExtensions": [{"schema": BADGE}]},
            {"name": "Device", "endpoint": "/Devices", "schema": "urn:x:Device"}]});
        let schemas = json!({"Resources": [
            {"id": USER, "attributes": [
                {"name": "userName", "required": true, "uniqueness": "server"}, {"name": "id", "mutability": "readOnly"},
                {"name": "name", "type": "complex", "subAttributes": [{"name": "familyName"}, {"name": "givenName"}]},
                {"name": "active", "type": "boolean"},
                {"name": "groups", "type": "complex", "multiValued": true, "mutability": "readOnly", "subAttributes": [
                    {"name": "value"}, {"name": "$ref", "type": "reference", "referenceTypes": ["Group"]}]}]},
            {"id": BADGE, "attributes": [{"name": "number", "type": "integer"}]},
            {"id": "urn:x:Device", "attributes": [{"name": "label", "required": true},
                {"name": "tags", "multiValued": true}]}]});
        Model::new(
            Version::V2,
            &Discovery::new(None, Some(types), Some(schemas)),
        )
    }

    fn family(wanted: &str) -> Vec<Member> {
        let wanted: Attributes = toml::from_str(wanted).unwrap();
        members(&model(), &wanted, &|n| format!("tag-{n}"), "example.com")
    }

    fn labels(wanted: &str) -> Vec<String> {
        family(wanted).into_iter().map(|one| one.label).collect()
    }

    #[test]
    fn members_are_chosen_by_their_characteristics() {
        assert_eq!(
            labels(""),
            [
                "User userName",
                "User name",
                "User active",
                "User groups",
                "User number",
                "Device label",
                "Device tags"
            ],
            "id is common"
        );
        assert_eq!(
            labels("type = ['boolean', 'integer']"),
            ["User active", "User number"]
        );
        assert_eq!(
            labels("resource = 'Device'"),
            ["Device label", "Device tags"]
        );
        assert_eq!(labels("required = true"), ["User userName", "Device label"]);
        assert_eq!(labels("uniqueness = 'server'"), ["User userName"]);
        assert_eq!(labels("extension = true"), ["User number"]);
        assert_eq!(
            labels("multi_valued = true\nmutability = 'readWrite'"),
            ["Device tags"]
        );
        assert_eq!(
            labels("sub = true\nof_several = false"),
            ["User name.familyName", "User name.givenName"]
        );
        assert_eq!(labels("tagged = true"), ["User userName", "Device label"]);
        let read_only = labels("common = true\nmutability = 'readOnly'\nresource = 'User'");
        assert_eq!(read_only, ["User id", "User meta", "User groups"]);
    }

    #[test]
    fn a_member_brings_what_a_conversation_needs() {
        let part = |wanted: &str, part: &str| {
            let member = family(wanted).remove(0);
            let found = member.parts.iter().find(|(name, _)| *name == part);
            found.unwrap().1.clone()
        };
        let number = "extension = true";
        assert_eq!(part(number, "path"), json!("urn:x:badge:number"));
        assert_eq!(part(number, "pointer"), json!("/urn:x:badge/number"));
        assert_eq!(part(number, "endpoint"), json!("Users"));
        assert_eq!(part(number, "body")["urn:x:badge"], json!({"number": 7}));
        assert_eq!(part(number, "body")["schemas"], json!([USER, BADGE]));
        assert_eq!(part(number, "bare")["schemas"], json!([USER]));
        let tags = "resource = 'Device'\nmulti_valued = true";
        assert_eq!(
            part(tags, "both"),
            json!(["tagsOne", "tagsTwo", "tagsThree"])
        );
        assert_eq!(part(tags, "known_by"), json!("label"));
        assert_eq!(part(tags, "tag"), json!("tag-0"));
        let label = "resource = 'Device'\ntagged = true";
        assert_eq!(part(label, "value"), json!("label-tag-0-One"));
        let family_name = "sub = true";
        assert_eq!(part(family_name, "path"), json!("name.familyName"));
        assert_eq!(
            part(family_name, "body")["name"]["givenName"],
            json!("Test")
        );
        assert_eq!(
            part(family_name, "body")["name"]["familyName"],
            json!("familyNameOne")
        );
        assert_eq!(
            part("uniqueness = 'server'", "tag"),
            json!("tag-0-one@example.com"),
            "the body has it"
        );
        let id = "common = true\nmutability = 'readOnly'\nresource = 'User'";
        assert_eq!(part(id, "path"), json!("id"));
        assert_eq!(part(id, "body"), part(id, "bare"), "the provider gives it");
        assert_eq!(part(id, "again")["id"], part(id, "value"));
        for (name, _) in &family("")[0].parts {
            assert!(PARTS.contains(name));
        }
    }
}

//! What the resources of a target are made of: its resource types with their schemas, from its own
//! discovery documents and, where these are silent, from the standard.

mod apart;
pub mod attribute;
mod body;
mod certificates;
mod contrary;
mod demanded;
pub mod family;
mod notation;
mod sample;
mod standard;

use serde_json::Value;

use crate::{capability::Discovery, scenario::Version};

pub use contrary::{Contrary, contrary};
pub use demanded::complete;

pub use attribute::{Attribute, Kind, Mutability, Returned, Uniqueness};
pub use notation::{Place, names_in_list};

/// A schema with its attributes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schema {
    /// Its URN.
    pub urn: String,
    /// Its attributes.
    pub attributes: Vec<Attribute>,
    /// Whether anything is known of its attributes.
    pub known: bool,
    /// Paths of attributes that the standard lets clients write, and the target's own schema does not.
    pub apart: Vec<String>,
}

/// A resource type.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResourceType {
    /// Its name, such as `User`.
    pub name: String,
    /// Where its resources are, from `/`.
    pub endpoint: String,
    /// The schema that all its resources have.
    pub core: Schema,
    /// What its resources may have besides.
    pub extensions: Vec<Schema>,
    /// URNs of the extensions that they have to have.
    pub required: Vec<String>,
    /// Whether the target itself says so, and all of it: what is not listed is not allowed.
    pub declared: bool,
}

/// The resource types of a target.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Version of the protocol.
    pub version: Version,
    /// The resource types.
    pub types: Vec<ResourceType>,
    /// Attributes that every resource has.
    pub common: Vec<Attribute>,
    /// URNs of the schemas that the target publishes; `None` if it publishes none.
    pub published: Option<Vec<String>>,
}

impl Model {
    /// The standard alone.
    pub fn standard(version: Version) -> Self {
        Self::new(version, &Discovery::default())
    }

    /// From a target's discovery documents, read leniently.
    pub fn new(version: Version, discovery: &Discovery) -> Self {
        let mut types = match version {
            Version::V2 => declared_v2(discovery),
            Version::V1 => declared_v1(discovery),
        };
        for standard in undeclared(version, discovery) {
            let taken = types
                .iter()
                .any(|own| own.name == standard.name || own.endpoint == standard.endpoint);
            if !taken {
                types.push(standard);
            }
        }
        let published = discovery.schemas.as_ref().map(|schemas| {
            let ids = schemas.iter().filter_map(|schema| schema.get("id"));
            ids.filter_map(Value::as_str).map(str::to_owned).collect()
        });
        Self {
            version,
            types,
            common: standard::of(version).common.clone(),
            published: published.filter(|ids: &Vec<String>| !ids.is_empty()),
        }
    }

    /// The resource type that a path below the base URL addresses.
    pub fn at(&self, path: &str) -> Option<&ResourceType> {
        let under = |endpoint: &str| {
            path.strip_prefix(endpoint)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.types.iter().find(|own| under(&own.endpoint))
    }

    /// The resource type that a resource itself names, by `meta.resourceType` or its schemas.
    pub fn of(&self, resource: &Value) -> Option<&ResourceType> {
        let name = resource.pointer("/meta/resourceType");
        let name = name.and_then(Value::as_str);
        let schemas = resource.get("schemas").and_then(Value::as_array);
        let has = |urn: &str| {
            let mut named = schemas.into_iter().flatten().filter_map(Value::as_str);
            named.any(|one| one.eq_ignore_ascii_case(urn))
        };
        let named = self
            .types
            .iter()
            .find(|own| Some(own.name.as_str()) == name);
        let by_schema = || self.types.iter().find(|own| has(&own.core.urn));
        match self.version {
            Version::V2 => named.or_else(by_schema),
            Version::V1 => named,
        }
    }

    /// A core or common attribute of a resource type, by its name in any case. Common attributes
    /// are those of the RFC, whatever a schema says of them (RFC 7643 section 3.1).
    pub fn attribute<'a>(&'a self, own: &'a ResourceType, name: &str) -> Option<&'a Attribute> {
        attribute::find(&self.common, name).or_else(|| attribute::find(&own.core.attributes, name))
    }

    /// Core and common attributes of a resource type.
    pub fn attributes<'a>(
        &'a self,
        own: &'a ResourceType,
    ) -> impl Iterator<Item = &'a Attribute> + 'a {
        let core = own.core.attributes.iter();
        self.common
            .iter()
            .chain(core.filter(|own| attribute::find(&self.common, &own.name).is_none()))
    }
}

impl ResourceType {
    /// Whether a place of an answer, as a pointer or a JSONPath, is about an attribute that the
    /// target's own schemas set apart from what clients can write.
    pub fn sets_apart(&self, place: &str) -> bool {
        let schemas = [&self.core].into_iter().chain(&self.extensions);
        schemas
            .into_iter()
            .any(|schema| apart::is_about(place, &schema.apart))
    }

    /// The extension of this URN, in any case.
    pub fn extension(&self, urn: &str) -> Option<&Schema> {
        self.extensions
            .iter()
            .find(|schema| schema.urn.eq_ignore_ascii_case(urn))
    }
}

/// The resource types of SCIM 2.0 that the target declares.
fn declared_v2(discovery: &Discovery) -> Vec<ResourceType> {
    let listed = discovery.resource_types.iter().flatten();
    let read = |json: &Value| {
        let text = |key: &str| json.get(key).and_then(Value::as_str);
        let extensions = json.get("schemaExtensions").and_then(Value::as_array);
        let extensions = extensions.into_iter().flatten();
        let urns = extensions.clone();
        let urns = urns.filter_map(|one| one.get("schema")?.as_str());
        let required = extensions
            .filter(|one| one.get("required") == Some(&Value::Bool(true)))
            .filter_map(|one| one.get("schema")?.as_str());
        Some(ResourceType {
            name: text("name")?.to_owned(),
            endpoint: endpoint(text("endpoint")?),
            core: schema_v2(discovery, text("schema")?),
            extensions: urns.map(|urn| schema_v2(discovery, urn)).collect(),
            required: required.map(str::to_owned).collect(),
            declared: true,
        })
    };
    listed.filter_map(read).collect()
}

/// An endpoint may be written with or without its slash (A32), or with the base URL or its path
/// before it: the last segment tells.
fn endpoint(text: &str) -> String {
    let last = text.trim_end_matches('/').rsplit('/').next();
    format!("/{}", last.unwrap_or_default())
}

/// A schema of SCIM 2.0: as published, read together with the standard.
fn schema_v2(discovery: &Discovery, urn: &str) -> Schema {
    let has_urn = |schema: &&Value| {
        let id = schema.get("id").and_then(Value::as_str);
        id.is_some_and(|id| id.eq_ignore_ascii_case(urn))
    };
    let published = discovery.schemas.iter().flatten().find(has_urn);
    let published = published.and_then(|schema| schema.get("attributes")?.as_array());
    let book = standard::of(Version::V2);
    let known = book
        .schema
        .iter()
        .find(|schema| schema.id.eq_ignore_ascii_case(urn));
    schema(
        Version::V2,
        urn,
        published.map(|listed| listed.iter().filter_map(Attribute::published).collect()),
        known.map(|schema| schema.attributes.as_slice()),
    )
}

fn schema(
    version: Version,
    urn: &str,
    published: Option<Vec<Attribute>>,
    known: Option<&[Attribute]>,
) -> Schema {
    Schema {
        urn: urn.to_owned(),
        known: published.is_some() || known.is_some(),
        apart: match (&published, known) {
            (Some(own), Some(known)) => apart::apart(own, known),
            _ => Vec::new(),
        },
        attributes: match (published, known) {
            (Some(own), known) => attribute::merged(version, own, known.unwrap_or_default()),
            (None, Some(known)) => known.to_vec(),
            (None, None) => Vec::new(),
        },
    }
}

/// The resource types of SCIM 1.1, where a schema names its endpoint, and each attribute the
/// schema it is of.
fn declared_v1(discovery: &Discovery) -> Vec<ResourceType> {
    let listed = discovery.schemas.iter().flatten();
    listed.filter_map(resource_type_v1).collect()
}

fn resource_type_v1(json: &Value) -> Option<ResourceType> {
    let text = |key: &str| json.get(key).and_then(Value::as_str);
    let (name, urn) = (text("name")?, text("schema")?);
    let mut groups: Vec<(String, Vec<Attribute>)> = vec![(urn.to_owned(), Vec::new())];
    for json in json.get("attributes")?.as_array()? {
        let of = json.get("schema").and_then(Value::as_str).unwrap_or(urn);
        let Some(read) = Attribute::published(json) else {
            continue;
        };
        match groups
            .iter_mut()
            .find(|(urn, _)| urn.eq_ignore_ascii_case(of))
        {
            Some((_, attributes)) => attributes.push(read),
            None => groups.push((of.to_owned(), vec![read])),
        }
    }
    let book = standard::of(Version::V1);
    let mut schemas = groups.into_iter().enumerate().map(|(index, (urn, own))| {
        let known = book.schema.iter().find(|known| {
            let same = known.id.eq_ignore_ascii_case(&urn);
            same && (known.name == name || index > 0 && known.extends.as_deref() == Some(name))
        });
        let known = known.map(|known| known.attributes.as_slice());
        schema(Version::V1, &urn, Some(own), known)
    });
    Some(ResourceType {
        name: name.to_owned(),
        endpoint: endpoint(text("endpoint")?),
        core: schemas.next()?,
        extensions: schemas.collect(),
        required: Vec::new(),
        declared: false,
    })
}

/// Users and groups, which every provider has at these endpoints (RFC 7644 section 3.2), where the
/// target does not say what they are.
fn undeclared(version: Version, discovery: &Discovery) -> Vec<ResourceType> {
    let book = standard::of(version);
    let of = |one: &standard::Standard| match version {
        Version::V2 => schema_v2(discovery, &one.id),
        Version::V1 => schema(version, &one.id, None, Some(&one.attributes)),
    };
    let types = book.schema.iter().filter_map(|one| {
        let extensions = book
            .schema
            .iter()
            .filter(|other| other.extends.as_ref() == Some(&one.name));
        Some(ResourceType {
            name: one.name.clone(),
            endpoint: one.endpoint.clone()?,
            core: of(one),
            extensions: extensions.map(of).collect(),
            required: Vec::new(),
            declared: false,
        })
    });
    types.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
    const BADGE: &str = "urn:example:badge:User";

    fn list(resources: Value) -> Option<Value> {
        Some(json!({"Resources": resources}))
    }

    fn model() -> Model {
        let types = json!([
            {"name": "User", "endpoint": "Users", "schema": USER, "schemaExtensions": [{"schema": BADGE}]},
            {"name": "Device", "endpoint": "/scim/v2/Devices/", "schema": "urn:example:Device"},
            {"name": "Broken"}]);
        let schemas = json!([
            {"id": USER, "attributes": [{"name": "userName", "required": true}, {"name": "shoeSize", "type": "integer"}]},
            {"id": BADGE, "attributes": [{"name": "number", "type": "string"}]}]);
        Model::new(
            Version::V2,
            &Discovery::new(None, list(types), list(schemas)),
        )
    }

    #[test]
    fn types_come_from_the_targets_own_documents() {
        let model = model();
        let user = model.at("/Users/1").unwrap();
        assert!(user.declared && user.core.known);
        assert_eq!(
            model.attribute(user, "SHOESIZE").unwrap().kind,
            Kind::Integer
        );
        assert_eq!(
            model.attribute(user, "emails").unwrap().kind,
            Kind::Complex,
            "not published, and standard"
        );
        assert_eq!(user.extension(BADGE).unwrap().attributes.len(), 1);
        let device = model.at("/Devices").unwrap();
        assert!(!device.core.known, "its schema is not published");
        assert!(model.at("/Devicesx").is_none());
        assert!(!model.at("/Groups").unwrap().declared);
    }

    #[test]
    fn a_resource_says_what_it_is() {
        let model = model();
        let name = |resource: Value| model.of(&resource).map(|own| own.name.clone());
        assert_eq!(
            name(json!({"meta": {"resourceType": "Device"}})).as_deref(),
            Some("Device")
        );
        assert_eq!(name(json!({"schemas": [USER]})).as_deref(), Some("User"));
        assert_eq!(name(json!({"schemas": ["urn:x:y"]})), None);
    }

    #[test]
    fn without_discovery_the_standard_holds() {
        for version in [Version::V1, Version::V2] {
            let model = Model::standard(version);
            let user = model.at("/Users").unwrap();
            assert_eq!(user.extensions.len(), 1);
            assert!(model.attribute(user, "userName").unwrap().required);
            assert_eq!(model.published, None);
        }
    }

    #[test]
    fn schemas_of_the_first_version_hold_their_extensions_inside() {
        let core = "urn:scim:schemas:core:1.0";
        let user = json!([{"name": "User", "schema": core, "endpoint": "/Users", "attributes": [
            {"name": "password", "schema": core},
            {"name": "badge", "type": "integer", "schema": "urn:x:y"}]}]);
        let model = Model::new(Version::V1, &Discovery::new(None, None, list(user)));
        let user = model.at("/Users").unwrap();
        assert_eq!(
            user.extension("urn:x:y").unwrap().attributes[0].kind,
            Kind::Integer
        );
        assert_eq!(
            model.attribute(user, "password").unwrap().returned,
            Returned::Never,
            "a schema of 1.1 cannot say it"
        );
    }
}

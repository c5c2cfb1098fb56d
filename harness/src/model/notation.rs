//! Attribute notation (RFC 7644 section 3.10): `[URN:]name[.sub]`.

use super::{Attribute, Model, ResourceType, Schema, attribute::find};

/// Where a name in attribute notation leads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Place<'a> {
    /// A whole extension, named by its URN.
    Extension(&'a Schema),
    /// An attribute, or one of its sub-attributes.
    Attribute {
        /// The extension that defines it; none for core and common attributes.
        extension: Option<&'a Schema>,
        /// The attribute.
        attribute: &'a Attribute,
        /// Its sub-attribute, if that is meant.
        sub: Option<&'a Attribute>,
    },
}

impl Model {
    /// Where a name leads in a resource type; names and URNs in any case.
    pub fn resolve<'a>(&'a self, own: &'a ResourceType, name: &str) -> Option<Place<'a>> {
        if let Some(schema) = own.extension(name) {
            return Some(Place::Extension(schema));
        }
        if let Some(rest) = after_urn(name, &own.core.urn) {
            return place(rest, None, |name| self.attribute(own, name));
        }
        for schema in &own.extensions {
            if let Some(rest) = after_urn(name, &schema.urn) {
                return place(rest, Some(schema), |name| find(&schema.attributes, name));
            }
        }
        place(name, None, |name| self.attribute(own, name))
    }
}

/// What follows `urn:` in `urn:name`.
fn after_urn<'t>(name: &'t str, urn: &str) -> Option<&'t str> {
    let (head, rest) = name.split_at_checked(urn.len())?;
    head.eq_ignore_ascii_case(urn)
        .then(|| rest.strip_prefix(':'))?
}

fn place<'a>(
    name: &str,
    extension: Option<&'a Schema>,
    lookup: impl Fn(&str) -> Option<&'a Attribute>,
) -> Option<Place<'a>> {
    let (name, sub) = match name.split_once('.') {
        Some((name, sub)) => (name, Some(sub)),
        None => (name, None),
    };
    let attribute = lookup(name)?;
    let sub = match sub {
        Some(sub) => Some(attribute.sub(sub)?),
        None => None,
    };
    Some(Place::Attribute {
        extension,
        attribute,
        sub,
    })
}

/// The names in the value of `attributes` or `excludedAttributes`.
pub fn names_in_list(text: &str) -> impl Iterator<Item = &str> {
    text.split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Version;

    #[test]
    fn names_lead_to_their_places_in_any_case() {
        let model = Model::standard(Version::V2);
        let user = model.at("/Users").unwrap();
        let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        let shown = |name: &str| match model.resolve(user, name) {
            Some(Place::Extension(schema)) => schema.urn.clone(),
            Some(Place::Attribute {
                extension,
                attribute,
                sub,
            }) => format!(
                "{}{}{}",
                extension.map_or("", |_| "enterprise:"),
                attribute.name,
                sub.map_or(String::new(), |sub| format!(".{}", sub.name))
            ),
            None => "nothing".to_owned(),
        };
        assert_eq!(shown("USERNAME"), "userName");
        assert_eq!(shown("name.FamilyName"), "name.familyName");
        assert_eq!(
            shown("urn:ietf:params:scim:schemas:core:2.0:user:meta.location"),
            "meta.location"
        );
        assert_eq!(shown(enterprise), enterprise);
        assert_eq!(
            shown(&format!("{enterprise}:manager.value")),
            "enterprise:manager.value"
        );
        assert_eq!(shown("department"), "nothing", "it stands in an extension");
        assert_eq!(shown("name.no"), "nothing");
        assert_eq!(
            names_in_list(" a, b.c ,,").collect::<Vec<_>>(),
            ["a", "b.c"]
        );
    }
}

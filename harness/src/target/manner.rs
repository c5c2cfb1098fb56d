//! What is particular to a target, as its target file says: configured, not assumed.

use std::{sync::LazyLock, time::Duration};

use jiff::SignedDuration;
use regex::Regex;
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::{Map, Value};

use crate::scenario::{Query, Selector};

/// Attributes of a user that a target may not keep (RFC 7643 section 4.1; SCIM 1.1 core schema
/// section 6), and the extension for enterprises in both versions.
static OPTIONAL: [&str; 22] = [
    "externalId",
    "name",
    "displayName",
    "nickName",
    "profileUrl",
    "title",
    "userType",
    "preferredLanguage",
    "locale",
    "timezone",
    "password",
    "emails",
    "phoneNumbers",
    "ims",
    "photos",
    "addresses",
    "groups",
    "entitlements",
    "roles",
    "x509Certificates",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    "urn:scim:schemas:extension:enterprise:1.0",
];

#[expect(
    clippy::unwrap_used,
    reason = "the pattern is a constant that every test of this module compiles"
)]
static TEXT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#""(?:[^"\\]|\\.)*""#).unwrap());

#[expect(
    clippy::unwrap_used,
    reason = "the pattern is a constant that every test of this module compiles"
)]
static COMPARISON: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)([a-z$][\w:.$-]*)\s+(?:(?:eq|ne|co|sw|ew|gt|ge|lt|le|pr)\b|\{\{)").unwrap()
});

/// What a target does with a user that is there already when it is created.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Duplicates {
    /// The create is refused.
    #[default]
    Refused,
    /// The create is answered with the user that is there.
    Matched,
}

/// What a userName may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UserName {
    /// Any text.
    #[default]
    Free,
    /// The user's e-mail, whatever is sent.
    Email,
}

/// What becomes of a group without members.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EmptyGroups {
    /// It is a group as others.
    #[default]
    Taken,
    /// It is refused, as by many directories.
    Refused,
}

/// The attribute by which the app looks a user up, the "unique identifier field" of Okta's apps.
/// One that is known by its e-mail is looked up by its userName all the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum UniqueField {
    /// What it is called at the target.
    #[default]
    UserName,
    /// The id that the identity provider has for it.
    ExternalId,
}

impl UniqueField {
    /// Name of the attribute.
    pub fn name(self) -> &'static str {
        match self {
            Self::UserName => "userName",
            Self::ExternalId => "externalId",
        }
    }
}

/// An optional attribute that a target keeps. A misspelt one would leave another unjudged.
#[derive(Clone, Debug)]
struct Stored(String);

impl<'de> Deserialize<'de> for Stored {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        if OPTIONAL.contains(&name.as_str()) {
            Ok(Self(name))
        } else {
            Err(D::Error::unknown_variant(&name, &OPTIONAL))
        }
    }
}

/// What is particular to a target. The default is a target of which nothing is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manner {
    /// What becomes of a create of a user that is there already.
    #[serde(default)]
    pub duplicates: Duplicates,
    /// What a userName may be.
    #[serde(default)]
    pub user_name: UserName,
    /// What becomes of a group without members.
    #[serde(default)]
    pub empty_groups: EmptyGroups,
    /// The attribute by which users are looked up.
    #[serde(default)]
    pub unique_field: UniqueField,
    /// The optional attributes of a user that are kept; left out: all.
    #[serde(default)]
    stores: Option<Vec<Stored>>,
    /// Attributes that every user has to have, with a value.
    #[serde(default)]
    demands: Map<String, Value>,
    /// Attributes with which a user is refused.
    #[serde(default)]
    refuses: Vec<String>,
    /// Attributes of several values of which a user may have one.
    #[serde(default)]
    single: Vec<String>,
    /// The attributes that a filter may name; left out: all.
    #[serde(default)]
    filters: Option<Vec<String>>,
    /// How long it takes until reads show a change; left out: no time.
    #[serde(default)]
    settles: Settles,
}

/// How long a target takes to show a change, as `"500ms"` or `"2s"`.
#[derive(Clone, Copy, Debug, Default)]
struct Settles(Duration);

/// The longest that is waited for each time.
const LONGEST: Duration = Duration::from_secs(60);

impl<'de> Deserialize<'de> for Settles {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let wanted =
            || D::Error::custom("expected a time up to \"60s\", such as \"500ms\" or \"2s\"");
        let signed: SignedDuration = text.parse().map_err(|_| wanted())?;
        let time = Duration::try_from(signed).map_err(|_| wanted())?;
        (time <= LONGEST).then_some(Self(time)).ok_or_else(wanted)
    }
}

impl Manner {
    /// How long it takes until reads show a change.
    pub fn settles(&self) -> Duration {
        self.settles.0
    }

    /// Whether what stands at this place of an answer is kept by the target.
    pub fn keeps(&self, place: &Selector) -> bool {
        let (Selector::Pointer(text) | Selector::Path(text)) = place;
        let named = |attribute: &str| {
            let extension = attribute.contains(':');
            extension && text.contains(attribute)
                || text
                    .split(|c: char| !c.is_ascii_alphanumeric())
                    .any(|word| word == attribute)
        };
        let absent = |attribute: &&&str| {
            self.stores
                .as_ref()
                .is_some_and(|kept| !kept.iter().any(|known| known.0 == **attribute))
                || self.refuses.iter().any(|refused| refused == **attribute)
        };
        !OPTIONAL
            .iter()
            .filter(absent)
            .any(|attribute| named(attribute))
    }

    /// Whether every user has to have what a JSON pointer leads to.
    pub fn demands(&self, pointer: &str) -> bool {
        let mut names = pointer.split('/').skip(1);
        let demanded = names.next().and_then(|name| self.demands.get(name));
        demanded.is_some_and(|value| match (value, names.next()) {
            (Value::Object(parts), Some(part)) => parts.contains_key(part),
            _ => true,
        })
    }

    /// Whether this place of an answer is in an attribute that has one value, whatever was meant to be
    /// sent.
    pub fn has_one_value(&self, place: &Selector) -> bool {
        let (Selector::Pointer(text) | Selector::Path(text)) = place;
        let mut words = text.split(|c: char| !c.is_ascii_alphanumeric());
        words.any(|word| self.single.iter().any(|attribute| attribute == word))
    }

    /// Whether a query filters by nothing that the target cannot filter by.
    pub fn can_filter(&self, query: &Query) -> bool {
        let Some(possible) = &self.filters else {
            return true;
        };
        let filter = match query {
            Query::Parameters(parameters) => parameters
                .iter()
                .find(|(name, _)| name == "filter")
                .map(|(_, value)| value.clone()),
            Query::Raw(text) => url::form_urlencoded::parse(text.as_bytes())
                .find(|(name, _)| name == "filter")
                .map(|(_, value)| value.into_owned()),
        };
        let filter = filter.unwrap_or_default();
        let filter = TEXT.replace_all(&filter, "");
        COMPARISON.captures_iter(&filter).all(|comparison| {
            possible
                .iter()
                .any(|attribute| attribute.eq_ignore_ascii_case(&comparison[1]))
        })
    }

    /// The body of a write with what the target demands of a user and without what it refuses; in a
    /// bulk job each user is written so.
    pub fn fit(&self, method: &str, path: &str, body: String) -> String {
        if self.demands.is_empty() && self.refuses.is_empty() && self.single.is_empty() {
            return body;
        }
        let is_job = method == "POST" && path == "/Bulk";
        if !is_job && !writes_user(method, path) {
            return body;
        }
        let Ok(mut value) = serde_json::from_str(&body) else {
            return body;
        };
        match is_job {
            true => self.fit_job(&mut value),
            false => self.fit_user(&mut value),
        }
        value.to_string()
    }

    fn fit_job(&self, job: &mut Value) {
        let operations = job.get_mut("Operations").and_then(Value::as_array_mut);
        for operation in operations.into_iter().flatten() {
            let text = |name: &str| operation.get(name).and_then(Value::as_str);
            let (method, path) = (text("method"), text("path"));
            let is_user = method
                .zip(path)
                .is_some_and(|(method, path)| writes_user(&method.to_uppercase(), path));
            if let Some(user) = operation.get_mut("data").filter(|_| is_user) {
                self.fit_user(user);
            }
        }
    }

    fn fit_user(&self, user: &mut Value) {
        let Value::Object(user) = user else {
            return;
        };
        let name = named(user, "userName").and_then(|name| name.as_str());
        let name = name.unwrap_or_default().to_owned();
        for (attribute, value) in &self.demands {
            demand(user, attribute, &of_user(value, &name));
        }
        for attribute in &self.single {
            if let Some(Value::Array(values)) = named(user, attribute) {
                keep_one(values);
            }
        }
        for attribute in &self.refuses {
            user.shift_remove(attribute);
        }
    }
}

/// A member, whatever case its name is written in.
fn named<'v>(object: &'v mut Map<String, Value>, name: &str) -> Option<&'v mut Value> {
    let found = object
        .iter_mut()
        .find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value)
}

/// A demanded value for this user: one in which it is named is no other user's.
fn of_user(value: &Value, name: &str) -> Value {
    match value {
        Value::String(text) => text.replace("{{userName}}", name).into(),
        Value::Array(values) => values.iter().map(|value| of_user(value, name)).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(member, value)| (member.clone(), of_user(value, name)))
            .collect(),
        other => other.clone(),
    }
}

/// Leaves the primary value, or else the first.
fn keep_one(values: &mut Vec<Value>) {
    let is_primary = |value: &Value| value.get("primary") == Some(&Value::Bool(true));
    if let Some(primary) = values.iter().position(is_primary) {
        values.swap(0, primary);
    }
    values.truncate(1);
}

fn writes_user(method: &str, path: &str) -> bool {
    match method {
        "POST" => path == "/Users",
        "PUT" => path.starts_with("/Users/"),
        _ => false,
    }
}

/// Adds a value that is not there, to an extension or another object its missing parts; an extension
/// is named among the schemas, too.
fn demand(user: &mut Map<String, Value>, attribute: &str, value: &Value) {
    match (named(user, attribute), value) {
        (None, value) => drop(user.insert(attribute.to_owned(), value.clone())),
        (Some(Value::Object(there)), Value::Object(parts)) => {
            for (part, value) in parts {
                if named(there, part).is_none() {
                    there.insert(part.clone(), value.clone());
                }
            }
        }
        (Some(_), _) => {}
    }
    let schemas = user.get_mut("schemas").and_then(Value::as_array_mut);
    if let Some(schemas) = schemas.filter(|_| attribute.contains(':'))
        && !schemas.iter().any(|urn| urn == attribute)
    {
        schemas.push(Value::from(attribute));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manner(text: &str) -> Manner {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn an_attribute_that_is_misspelt_is_not_taken_for_one_that_is_stored() {
        let problem = toml::from_str::<Manner>(r#"stores = ["displayname"]"#).unwrap_err();
        let text = problem.message();
        assert!(text.contains("unknown variant `displayname`"), "{text}");
        assert!(text.contains("`displayName`"), "{text}");
    }

    #[test]
    fn how_long_it_takes_to_settle_is_a_time_of_up_to_a_minute() {
        assert_eq!(
            manner(r#"settles = "1500ms""#).settles(),
            Duration::from_millis(1500)
        );
        assert_eq!(Manner::default().settles(), Duration::ZERO);
        for bad in ["2", "-1s", "61s", "soon", ""] {
            let problem = toml::from_str::<Manner>(&format!("settles = {bad:?}")).unwrap_err();
            assert!(problem.message().contains("\"500ms\" or \"2s\""), "{bad}");
        }
    }

    fn pointer(text: &str) -> Selector {
        Selector::Pointer(text.to_owned())
    }

    #[test]
    fn a_target_without_particulars_keeps_filters_and_takes_everything() {
        let plain = Manner::default();
        assert_eq!(plain.unique_field.name(), "userName");
        assert!(plain.keeps(&pointer("/name/givenName")));
        assert!(plain.can_filter(&Query::Raw("filter=title+pr".into())));
        assert_eq!(plain.fit("POST", "/Users", "{ }".into()), "{ }");
    }

    #[test]
    fn what_is_not_stored_is_not_looked_at() {
        let manner = manner(r#"stores = ["displayName", "emails"]"#);
        for kept in [
            "/displayName",
            "/id",
            "/emails/0/value",
            "",
            "/active",
            "/userName",
        ] {
            assert!(manner.keeps(&pointer(kept)), "{kept}");
        }
        let path = |text: &str| Selector::Path(text.to_owned());
        assert!(!manner.keeps(&pointer("/name/familyName")));
        assert!(!manner.keeps(&path("$.Resources[?!@.name.givenName]")));
        assert!(manner.keeps(&path("$.Resources[*].emails[0].value")));
        let extension = "/urn:ietf:params:scim:schemas:extension:enterprise:2.0:User/division";
        assert!(!manner.keeps(&pointer(extension)));
    }

    #[test]
    fn a_filter_names_only_what_the_target_filters_by() {
        let manner = manner(r#"filters = ["userName", "externalId"]"#);
        let asks = |filter: &str| {
            let pair = ("filter".to_owned(), filter.to_owned());
            manner.can_filter(&Query::Parameters(vec![pair]))
        };
        assert!(asks(r#"username eq "a \" title pr b""#));
        assert!(!asks("title pr"));
        assert!(asks(r#"externalId eq "x" or userName sw "y""#));
        assert!(!asks(r#"emails.value eq "x""#));
        assert!(!asks(r#"meta.created {{op}} "x""#) && asks(r#"userName {{op}} "x""#));
        assert!(!manner.can_filter(&Query::Raw("filter=displayName+eq+%22x%22".into())));
        assert!(manner.can_filter(&Query::Raw("startIndex=1".into())));
    }

    #[test]
    fn a_user_is_written_as_the_target_takes_it() {
        let manner = manner("refuses = [\"locale\"]\ndemands = { title = \"Engineer\" }");
        let body = r#"{"userName":"a","locale":"en-US"}"#.to_owned();
        assert_eq!(
            manner.fit("POST", "/Users", body.clone()),
            r#"{"userName":"a","title":"Engineer"}"#
        );
        for (method, path) in [
            ("POST", "/Groups"),
            ("POST", "/Users/.search"),
            ("PATCH", "/Users/1"),
        ] {
            assert_eq!(manner.fit(method, path, body.clone()), body, "{path}");
        }
        assert!(!manner.keeps(&pointer("/locale")));
    }

    #[test]
    fn a_demanded_value_may_be_each_users_own() {
        let manner = manner(
            r#"demands = { externalId = "{{userName}}", name = { formatted = "The {{userName}}" } }"#,
        );
        assert_eq!(
            manner.fit("POST", "/Users", r#"{"userName":"a"}"#.into()),
            r#"{"userName":"a","externalId":"a","name":{"formatted":"The a"}}"#
        );
        let own = r#"{"USERNAME":"a","externalid":"b","Name":{"FORMATTED":"B"}}"#;
        assert_eq!(manner.fit("PUT", "/Users/1", own.into()), own);
        assert!(manner.demands("/externalId") && manner.demands("/name/formatted"));
        assert!(!manner.demands("/name/givenName") && !manner.demands("/title"));
    }

    #[test]
    fn of_an_attribute_that_may_have_one_value_the_primary_one_is_sent() {
        let manner = manner(r#"single = ["emails"]"#);
        let body = r#"{"emails":[{"value":"a"},{"value":"b","primary":true}],"roles":[1,2]}"#;
        assert_eq!(
            manner.fit("POST", "/Users", body.into()),
            r#"{"emails":[{"value":"b","primary":true}],"roles":[1,2]}"#
        );
        let without = r#"{"emails":[{"value":"a"},{"value":"b"}]}"#;
        assert_eq!(
            manner.fit("PUT", "/Users/1", without.into()),
            r#"{"emails":[{"value":"a"}]}"#
        );
        let path = Selector::Path("$.emails[?@.type == 'home'].value".into());
        assert!(manner.has_one_value(&path) && !manner.has_one_value(&pointer("/roles/0")));
    }

    #[test]
    fn users_of_a_bulk_job_are_written_so_too_and_extensions_are_filled_up() {
        let manner = manner("demands = { \"urn:x:User\" = { badge = 1 } }");
        let job = r#"{"Operations":[{"method":"post","path":"/Users","data":{"schemas":["urn:c"],"urn:x:User":{"a":2}}},{"method":"POST","path":"/Groups","data":{}}]}"#;
        assert_eq!(
            manner.fit("POST", "/Bulk", job.to_owned()),
            r#"{"Operations":[{"method":"post","path":"/Users","data":{"schemas":["urn:c","urn:x:User"],"urn:x:User":{"a":2,"badge":1}}},{"method":"POST","path":"/Groups","data":{}}]}"#
        );
    }
}

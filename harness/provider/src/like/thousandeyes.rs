//! The manner of ThousandEyes, as its documentation describes it: SCIM 1.1 without PATCH and 2.0;
//! users only, filtered by userName and externalId; of a user the e-mail, which is unique, and the
//! display name are stored; an e-mail that is known is matched instead of refused; a user that is
//! deactivated is removed.

use serde_json::{Value, json};

use crate::auth;
use crate::config::Version;
use crate::error::{Error, Result, ScimType};
use crate::exchange::member;
use crate::filter::{Filter, parse};
use crate::message::{Request, Response};
use crate::provider::Provider;
use crate::query::Query;
use crate::store::Data;
use crate::switch::Switch;

/// What is stored of a user and shown again, besides what every resource has.
const STORED: [&str; 5] = ["externalId", "userName", "displayName", "emails", "active"];
/// What every resource has.
const COMMON: [&str; 3] = ["schemas", "id", "meta"];

/// Answers a request in this manner.
pub(super) fn answer(provider: &Provider, request: &Request) -> Response {
    let manner = Manner { provider, request };
    let answered = manner.refuse().and_then(|()| manner.answer());
    answered.unwrap_or_else(|error| error.into_response(provider.config().version))
}

struct Manner<'r> {
    provider: &'r Provider,
    request: &'r Request,
}

impl Manner<'_> {
    fn version(&self) -> Version {
        self.provider.config().version
    }

    fn path(&self) -> &str {
        self.request.target.split('?').next().unwrap_or_default()
    }

    fn segments(&self) -> Vec<&str> {
        self.path()
            .split('/')
            .filter(|segment| !segment.is_empty())
            .collect()
    }

    /// What it does not do at all.
    fn refuse(&self) -> Result<()> {
        let endpoint = self
            .segments()
            .first()
            .copied()
            .unwrap_or_default()
            .to_owned();
        let discovery = [
            "ServiceProviderConfig",
            "ServiceProviderConfigs",
            "ResourceTypes",
            "Schemas",
        ];
        if discovery.contains(&endpoint.as_str()) {
            return Ok(());
        }
        auth::check(self.provider.config(), self.request.header("Authorization"))?;
        let patches_v1 = self.version() == Version::V1 && self.request.method == "PATCH";
        if endpoint != "Users" || patches_v1 || self.path().ends_with("/.search") {
            let what = format!("{} /{endpoint} is not supported", self.request.method);
            return Err(Error::new(501, what));
        }
        self.check_filter()
    }

    /// Filters name userName and externalId only.
    fn check_filter(&self) -> Result<()> {
        let query = self
            .request
            .target
            .split_once('?')
            .map_or("", |(_, query)| query);
        let params: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        let Some(text) = Query::from_params(&params)?.filter else {
            return Ok(());
        };
        let filter = parse::filter(&text, self.version())?;
        let is_known = |name: &str| {
            ["userName", "externalId"]
                .iter()
                .any(|known| name.eq_ignore_ascii_case(known))
        };
        match names(&filter).into_iter().find(|name| !is_known(name)) {
            None => Ok(()),
            Some(name) => Err(Error::bad(
                ScimType::InvalidFilter,
                format!("users cannot be filtered by {name}"),
            )),
        }
    }

    fn answer(&self) -> Result<Response> {
        let response = match self.request.method.as_str() {
            "POST" if self.segments().len() == 1 => self.create()?,
            "PUT" => self.provider.plain(&self.reduced()?),
            _ => self.provider.plain(self.request),
        };
        let Ok(body) = serde_json::from_slice::<Value>(&response.body) else {
            return Ok(response);
        };
        if response.status >= 400 {
            return Ok(response);
        }
        let writes = matches!(self.request.method.as_str(), "PUT" | "PATCH");
        let removes = !self.provider.config().has(Switch::DeactivatedUserStays);
        if removes && writes && body.get("active") == Some(&json!(false)) {
            self.remove(body.get("id"));
        }
        Ok(Response {
            body: self.shown(body).to_string().into_bytes(),
            ..response
        })
    }

    /// A user whose e-mail is known is matched: it takes the new names and keeps its id.
    fn create(&self) -> Result<Response> {
        let reduced = self.reduced()?;
        let body: Data = serde_json::from_slice(&reduced.body).unwrap_or_default();
        let email = body
            .get("userName")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let known = self
            .provider
            .store()
            .users_named(email)
            .next()
            .map(|user| user.id.clone());
        let matches = !self.provider.config().has(Switch::DuplicateCreateAccepted);
        let Some(id) = known.filter(|_| matches) else {
            return Ok(self.provider.plain(&reduced));
        };
        let mut matched = self.provider.plain(&Request {
            method: "PUT".to_owned(),
            target: format!("/Users/{id}"),
            ..reduced
        });
        if matched.status == 200 {
            matched.status = 201;
            let location = format!("{}/Users/{id}", self.provider.base());
            matched.headers.push(("Location".to_owned(), location));
        }
        Ok(matched)
    }

    /// The request with what is stored of the user in its body.
    fn reduced(&self) -> Result<Request> {
        let Ok(Value::Object(user)) = serde_json::from_slice(&self.request.body) else {
            return Ok(self.request.clone());
        };
        let email = email(&user)
            .ok_or_else(|| Error::bad(ScimType::InvalidValue, "a user has an e-mail"))?;
        let mut kept: Data = user
            .iter()
            .filter(|(name, _)| {
                let is = |known: &&str| name.eq_ignore_ascii_case(known);
                STORED.iter().chain(&["schemas"]).any(is)
            })
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        kept.retain(|name, _| {
            !["emails", "userName"]
                .iter()
                .any(|known| name.eq_ignore_ascii_case(known))
        });
        kept.insert("userName".to_owned(), json!(email));
        kept.insert(
            "emails".to_owned(),
            json!([{"value": email, "type": "work", "primary": true}]),
        );
        Ok(Request {
            body: Value::Object(kept).to_string().into_bytes(),
            ..self.request.clone()
        })
    }

    fn remove(&self, id: Option<&Value>) {
        if let Some(id) = id.and_then(Value::as_str) {
            self.provider.plain(&Request {
                method: "DELETE".to_owned(),
                target: format!("/Users/{id}"),
                body: Vec::new(),
                ..self.request.clone()
            });
        }
    }

    /// An answer with what is stored of each user, and discovery of what there is.
    fn shown(&self, mut body: Value) -> Value {
        let segments = self.segments();
        match segments.first().copied().unwrap_or_default() {
            "Users" => match body.get_mut("Resources").and_then(Value::as_array_mut) {
                Some(users) => users.iter_mut().for_each(reduce),
                None => reduce(&mut body),
            },
            "ServiceProviderConfig" | "ServiceProviderConfigs" => self.offer_less(&mut body),
            "ResourceTypes" | "Schemas" => only_users(&mut body),
            _ => {}
        }
        body
    }

    fn offer_less(&self, config: &mut Value) {
        let without = match self.version() {
            Version::V1 => ["patch", "bulk", "changePassword"].as_slice(),
            Version::V2 => ["bulk", "changePassword"].as_slice(),
        };
        for feature in without {
            config[*feature]["supported"] = json!(false);
        }
    }
}

/// The attributes that a filter names.
fn names(filter: &Filter) -> Vec<&str> {
    match filter {
        Filter::All(parts) | Filter::Any(parts) => parts.iter().flat_map(names).collect(),
        Filter::Not(inner) => names(inner),
        Filter::Present(name) | Filter::Compare { name, .. } | Filter::Element { name, .. } => {
            vec![name]
        }
    }
}

/// The primary e-mail or the first, else the userName.
fn email(user: &Data) -> Option<String> {
    let emails = member(user, "emails").and_then(Value::as_array);
    let emails = emails.map(Vec::as_slice).unwrap_or_default();
    let primary = emails
        .iter()
        .find(|email| email.get("primary") == Some(&json!(true)));
    let value = |email: &Value| email.get("value")?.as_str().map(str::to_owned);
    let is_address = |text: &String| text.contains('@');
    primary
        .or(emails.first())
        .and_then(value)
        .filter(is_address)
        .or_else(|| {
            let name = member(user, "userName")?.as_str()?;
            Some(name.to_owned()).filter(is_address)
        })
}

/// Takes away what is not stored of a user.
fn reduce(user: &mut Value) {
    if let Value::Object(members) = user {
        let is_kept = |name: &str| COMMON.contains(&name) || STORED.contains(&name);
        members.retain(|name, _| is_kept(name));
        if let Some(Value::Array(schemas)) = members.get_mut("schemas") {
            schemas.retain(|schema| !schema.as_str().unwrap_or_default().contains("enterprise"));
        }
    }
}

/// Takes groups and extensions out of a list of resource types or schemas, or out of one of them.
fn only_users(body: &mut Value) {
    let is_foreign = |one: &Value| {
        let id = one.get("id").and_then(Value::as_str).unwrap_or_default();
        id.ends_with("Group") || id.contains("enterprise")
    };
    let reduce = |one: &mut Value| {
        if let Value::Object(members) = one {
            members.remove("schemaExtensions");
            let kept = |attribute: &Value| {
                let name = attribute
                    .get("name")
                    .and_then(Value::as_str)
                    .unwrap_or_default();
                COMMON.contains(&name) || STORED.contains(&name)
            };
            let is_user = members.get("name") == Some(&json!("User"));
            if let (true, Some(Value::Array(attributes))) = (is_user, members.get_mut("attributes"))
            {
                attributes.retain(kept);
            }
        }
    };
    let Some(Value::Array(resources)) = body.get_mut("Resources") else {
        return reduce(body);
    };
    resources.retain(|one| !is_foreign(one));
    resources.iter_mut().for_each(reduce);
    let total = resources.len();
    let Value::Object(list) = body else { return };
    for name in ["totalResults", "itemsPerPage"] {
        if list.contains_key(name) {
            list.insert(name.to_owned(), json!(total));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Auth, Config, Like};

    fn provider(version: Version) -> Provider {
        Provider::new(Config {
            version,
            auth: Auth::None,
            like: Some(Like::ThousandEyes),
            ..Config::default()
        })
    }

    fn ask(provider: &Provider, method: &str, target: &str, body: Value) -> (u16, Value) {
        let response = provider.handle(&Request {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: Vec::new(),
            body: match body {
                Value::Null => Vec::new(),
                body => body.to_string().into_bytes(),
            },
        });
        let json = serde_json::from_slice(&response.body).unwrap_or(Value::Null);
        (response.status, json)
    }

    fn user(version: Version) -> Value {
        let urn = match version {
            Version::V2 => "urn:ietf:params:scim:schemas:core:2.0:User",
            Version::V1 => crate::schema::urn::V1_CORE,
        };
        json!({"schemas": [urn], "userName": "x", "displayName": "Ada", "title": "Countess",
            "name": {"givenName": "Ada"}, "locale": "en-US", "password": "secret00",
            "emails": [{"value": "ada@b.example"}, {"value": "ada@a.example", "primary": true}]})
    }

    #[test]
    fn of_a_user_the_email_and_the_display_name_are_stored() {
        for version in [Version::V2, Version::V1] {
            let provider = provider(version);
            let (status, created) = ask(&provider, "POST", "/Users", user(version));
            assert_eq!(status, 201, "{created}");
            assert_eq!(created["userName"], "ada@a.example");
            assert_eq!(created["displayName"], "Ada");
            for absent in ["title", "name", "locale", "password"] {
                assert!(created.get(absent).is_none(), "{absent}");
            }
        }
    }

    #[test]
    fn an_email_that_is_known_is_matched() {
        let provider = provider(Version::V2);
        let (_, first) = ask(&provider, "POST", "/Users", user(Version::V2));
        let mut again = user(Version::V2);
        again["displayName"] = json!("Ada L.");
        let (status, matched) = ask(&provider, "POST", "/Users", again);
        assert_eq!((status, &matched["id"]), (201, &first["id"]));
        assert_eq!(matched["displayName"], "Ada L.");
        let (_, list) = ask(&provider, "GET", "/Users", Value::Null);
        assert_eq!(list["totalResults"], 1);
    }

    #[test]
    fn a_deactivated_user_is_removed() {
        for version in [Version::V2, Version::V1] {
            let provider = provider(version);
            let (_, mut created) = ask(&provider, "POST", "/Users", user(version));
            let path = format!("/Users/{}", created["id"].as_str().unwrap());
            created["active"] = json!(false);
            let (status, answer) = ask(&provider, "PUT", &path, created);
            assert_eq!((status, &answer["active"]), (200, &json!(false)));
            assert_eq!(ask(&provider, "GET", &path, Value::Null).0, 404);
        }
    }

    #[test]
    fn there_are_no_groups_no_other_filters_and_no_patch_in_v1() {
        let provider_of = provider;
        let provider = provider_of(Version::V2);
        assert_eq!(ask(&provider, "GET", "/Groups", Value::Null).0, 501);
        let target = "/Users?filter=displayName+eq+%22Ada%22";
        let (status, error) = ask(&provider, "GET", target, Value::Null);
        assert_eq!((status, &error["scimType"]), (400, &json!("invalidFilter")));
        let (status, _) = ask(
            &provider,
            "GET",
            "/Users?filter=userName+eq+%22a%22",
            Value::Null,
        );
        assert_eq!(status, 200);
        let (_, types) = ask(&provider, "GET", "/ResourceTypes", Value::Null);
        assert_eq!(
            types["totalResults"],
            types["Resources"].as_array().unwrap().len()
        );
        assert!(!types.to_string().contains("/Groups"));
        let provider = provider_of(Version::V1);
        let (_, config) = ask(&provider, "GET", "/ServiceProviderConfigs", Value::Null);
        assert_eq!(config["patch"]["supported"], false);
        assert_eq!(ask(&provider, "PATCH", "/Users/1", json!({})).0, 501);
    }
}

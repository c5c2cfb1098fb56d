//! The provider from outside, as a client sees it.

mod bulk;
mod crud;
mod cursors;
mod discovery;
mod faults;
mod faults_groups;
mod faults_patch;
mod faults_resources;
mod faults_v1;
mod groups;
mod lists;
mod okta;
mod patch_switches;
mod patching;
mod patching_refused;
mod transport;
mod v1;

use serde_json::{Value, json};

use crate::{Config, Provider, Request, Response, Switch, Version};

pub(crate) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub(crate) const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
pub(crate) const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
pub(crate) const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
pub(crate) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// Sends requests to a provider and reads the answers.
pub(crate) struct Client {
    pub(crate) provider: Provider,
    pub(crate) headers: Vec<(String, String)>,
}

/// An answer with its body as JSON, null where there is none.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) response: Response,
}

impl Client {
    pub(crate) fn new() -> Self {
        Self::with(Config::default())
    }

    pub(crate) fn with(config: Config) -> Self {
        Self {
            provider: Provider::new(config),
            headers: Vec::new(),
        }
    }

    pub(crate) fn faulty(switch: Switch) -> Self {
        Self::with(Config {
            faults: vec![switch],
            ..Config::default()
        })
    }

    pub(crate) fn v1() -> Self {
        Self::with(Config {
            version: Version::V1,
            ..Config::default()
        })
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn raw(&self, method: &str, target: &str, body: &[u8]) -> Answer {
        let request = Request {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: self.headers.clone(),
            body: body.to_vec(),
        };
        let response = self.provider.handle(&request);
        let body = serde_json::from_slice(&response.body).unwrap_or(Value::Null);
        Answer {
            status: response.status,
            body,
            response,
        }
    }

    pub(crate) fn send(&self, method: &str, target: &str, body: &Value) -> Answer {
        self.raw(method, target, body.to_string().as_bytes())
    }

    pub(crate) fn get(&self, target: &str) -> Answer {
        self.raw("GET", target, b"")
    }

    /// Creates a user of this name; gives its id.
    pub(crate) fn user(&self, name: &str) -> String {
        self.create("/Users", json!({"schemas": [USER], "userName": name}))
    }

    /// Creates a group with these members; gives its id.
    pub(crate) fn group(&self, name: &str, members: &[&str]) -> String {
        let members: Vec<Value> = members.iter().map(|id| json!({"value": id})).collect();
        self.create(
            "/Groups",
            json!({"schemas": [GROUP], "displayName": name, "members": members}),
        )
    }

    pub(crate) fn create(&self, target: &str, body: Value) -> String {
        let answer = self.send("POST", target, &body);
        assert_eq!(answer.status, 201, "{}", answer.body);
        text(&answer.body["id"])
    }

    pub(crate) fn patch(&self, target: &str, operations: Value) -> Answer {
        self.send(
            "PATCH",
            target,
            &json!({"schemas": [PATCH], "Operations": operations}),
        )
    }

    /// The userNames that a filter finds.
    pub(crate) fn found(&self, filter: &str) -> Vec<String> {
        let filter: String = form_urlencoded::byte_serialize(filter.as_bytes()).collect();
        let answer = self.get(&format!("/Users?filter={filter}"));
        assert_eq!(answer.status, 200, "{}", answer.body);
        names(&answer.body)
    }

    pub(crate) fn member_ids(&self, group: &str) -> Vec<String> {
        let members = self.get(&format!("/Groups/{group}")).body["members"].clone();
        members.as_array().map_or(Vec::new(), |all| {
            all.iter().map(|one| text(&one["value"])).collect()
        })
    }
}

pub(crate) fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("not a string: {value}"))
        .to_owned()
}

/// The userNames in a list.
pub(crate) fn names(list: &Value) -> Vec<String> {
    list["Resources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| text(&user["userName"]))
        .collect()
}

/// The status and scimType of an answer.
pub(crate) fn failure(answer: &Answer) -> (u16, &str) {
    assert_eq!(answer.body["status"], answer.status.to_string());
    assert!(!text(&answer.body["detail"]).is_empty());
    (
        answer.status,
        answer.body["scimType"].as_str().unwrap_or_default(),
    )
}

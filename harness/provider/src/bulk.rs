//! Bulk jobs (RFC 7644 section 3.7, SCIM 1.1 API section 3.5).
//!
//! The ids of all resources that a job creates are drawn before its first operation, so that any
//! operation may refer to any other, in a circle too.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value, json};

use crate::config::{Config, Version};
use crate::error::{Error, Result, ScimType};
use crate::exchange::{Body, Call, InBulk, Outcome, member};
use crate::provider::Provider;
use crate::route::Route;
use crate::schema::urn;
use crate::store::Data;
use crate::switch::Switch;
use crate::variants;
use crate::view::{segment, uri};

const REFERENCE: &str = "bulkId:";

/// Carries out a job.
pub(crate) fn run(provider: &Provider, call: &Call<'_>) -> Result<Outcome> {
    let config = provider.config();
    if let Body::Bytes(bytes) = call.body
        && bytes.len() > config.max_payload
        && !config.has(Switch::BulkLimitsIgnored)
    {
        return Err(too_large("maxPayloadSize", config.max_payload));
    }
    let (message, response_urn) = match config.version {
        Version::V2 => (call.message(urn::BULK_REQUEST)?, urn::BULK_RESPONSE),
        Version::V1 => (call.object()?, urn::V1_CORE),
    };
    let Some(Value::Array(operations)) = member(&message, "Operations") else {
        return Err(syntax("Operations must be a list"));
    };
    let most = variants::most_operations(config);
    if operations.len() > most && !config.has(Switch::BulkLimitsIgnored) {
        return Err(too_large("maxOperations", most));
    }
    let results = Job::new(provider, operations).run(operations, limit(config, &message)?);
    Ok(Outcome::ok(
        json!({"schemas": [response_urn], "Operations": results}),
    ))
}

fn syntax(detail: &str) -> Error {
    Error::bad(ScimType::InvalidSyntax, detail)
}

fn too_large(limit: &str, value: usize) -> Error {
    Error::new(413, format!("the job exceeds {limit} ({value})"))
}

/// The number of errors that ends the job.
fn limit(config: &Config, message: &Data) -> Result<usize> {
    if config.has(Switch::BulkStopsAtFirstFailure) {
        return Ok(1);
    }
    let beyond = u64::from(config.has(Switch::FailOnErrorsExceeded));
    let given = member(message, "failOnErrors");
    match given.filter(|_| !config.has(Switch::FailOnErrorsIgnored)) {
        None | Some(Value::Null) => Ok(usize::MAX),
        Some(value) => match value.as_u64() {
            Some(limit) if limit > 0 => {
                Ok(usize::try_from(limit.saturating_add(beyond)).unwrap_or(usize::MAX))
            }
            _ => Err(Error::bad(
                ScimType::InvalidValue,
                "failOnErrors must be a positive integer",
            )),
        },
    }
}

/// What became of a resource that the job is to create.
#[derive(Clone, Debug, PartialEq)]
enum State {
    Promised,
    Created,
    Failed,
}

struct Job<'p> {
    provider: &'p Provider,
    base: String,
    /// The ids drawn for each bulkId.
    ids: HashMap<String, (String, State)>,
    /// Those of them that are still to be created.
    promised: HashSet<String>,
}

impl<'p> Job<'p> {
    fn new(provider: &'p Provider, operations: &[Value]) -> Self {
        let is_post = |operation: &&Data| {
            text(operation, "method").is_some_and(|method| method.eq_ignore_ascii_case("POST"))
        };
        let bulk_ids = operations
            .iter()
            .filter_map(Value::as_object)
            .filter(is_post)
            .filter_map(|operation| text(operation, "bulkId"));
        let ids: HashMap<_, _> = bulk_ids
            .map(|bulk_id| {
                (
                    bulk_id.to_owned(),
                    (variants::id(provider.config()), State::Promised),
                )
            })
            .collect();
        let promised = ids.values().map(|(id, _)| id.clone()).collect();
        Self {
            provider,
            base: provider.base(),
            ids,
            promised,
        }
    }

    fn run(mut self, operations: &[Value], limit: usize) -> Vec<Value> {
        let mut results = Vec::new();
        let mut errors = 0;
        for operation in operations {
            let (result, failed) = self.operation(operation);
            results.push(result);
            errors += usize::from(failed);
            if errors >= limit {
                break;
            }
        }
        // Who referred to a resource that never came to be is left without it.
        let mut store = self.provider.store();
        for (id, _) in self
            .ids
            .values()
            .filter(|(_, state)| *state != State::Created)
        {
            store.forget_member(id);
        }
        results
    }

    /// Carries out an operation; gives its result and whether it failed.
    fn operation(&mut self, operation: &Value) -> (Value, bool) {
        let empty = Map::new();
        let operation = operation.as_object().unwrap_or(&empty);
        let method = text(operation, "method")
            .unwrap_or_default()
            .to_ascii_uppercase();
        let bulk_id = text(operation, "bulkId");
        let mut location = None;
        let mut answer = self.carry_out(operation, &method, bulk_id, &mut location);
        let incomplete = |error: &Error| error.scim_type == Some(ScimType::InvalidSyntax);
        if answer.as_ref().is_err_and(incomplete)
            && self.provider.config().has(Switch::BulkIncompleteDone)
        {
            answer = Ok(Outcome::empty(200));
        }
        if let Some((id, state)) = bulk_id.and_then(|bulk_id| self.ids.get_mut(bulk_id))
            && *state == State::Promised
        {
            self.promised.remove(id);
            *state = if answer.is_ok() {
                State::Created
            } else {
                State::Failed
            };
        }
        let failed = answer.is_err();
        (self.result(&method, bulk_id, location, answer), failed)
    }

    fn carry_out(
        &self,
        operation: &Data,
        method: &str,
        bulk_id: Option<&str>,
        location: &mut Option<String>,
    ) -> Result<Outcome> {
        if !["POST", "PUT", "PATCH", "DELETE"].contains(&method) {
            return Err(syntax("method must be POST, PUT, PATCH or DELETE"));
        }
        let path = text(operation, "path").ok_or_else(|| syntax("an operation needs a path"))?;
        let route = self.provider.route(&self.resolved_path(path)?);
        let route = route.ok_or_else(|| Error::not_found(path))?;
        match &route {
            Route::Resource(kind, id) => {
                *location = Some(uri(&self.base, *kind, id));
            }
            Route::Collection(_) => {}
            _ => {
                return Err(Error::bad(
                    ScimType::InvalidValue,
                    format!("{path} cannot be changed in bulk"),
                ));
            }
        }
        let mut data = member(operation, "data").cloned().unwrap_or(Value::Null);
        if data.is_null() && method != "DELETE" {
            return Err(syntax("an operation needs data"));
        }
        if !self.provider.config().has(Switch::BulkIdNotResolved) {
            self.resolve(&mut data)?;
        }
        let id = if method == "POST" {
            Some(self.drawn_id(bulk_id)?)
        } else {
            None
        };
        let call = Call {
            method,
            params: Vec::new(),
            if_match: text(operation, "version"),
            if_none_match: None,
            body: Body::Json(&data),
            bulk: InBulk {
                id,
                promised: Some(&self.promised),
            },
        };
        let outcome = self.provider.dispatch(&route, &call)?;
        if outcome.location.is_some() {
            location.clone_from(&outcome.location);
        }
        Ok(outcome)
    }

    /// The id for a POST, which needs a bulkId of its own.
    fn drawn_id(&self, bulk_id: Option<&str>) -> Result<String> {
        match bulk_id.and_then(|bulk_id| self.ids.get(bulk_id)) {
            Some((id, State::Promised)) => Ok(id.clone()),
            Some(_) => Err(syntax("a bulkId can be used only once")),
            None => Err(syntax("POST needs a bulkId")),
        }
    }

    /// Puts ids in the place of references to bulkIds (RFC 7644 section 3.7.2).
    fn resolve(&self, value: &mut Value) -> Result<()> {
        match value {
            Value::String(text) => {
                if let Some(bulk_id) = text.strip_prefix(REFERENCE) {
                    *text = self.id_of(bulk_id)?;
                }
                Ok(())
            }
            Value::Array(values) => values.iter_mut().try_for_each(|value| self.resolve(value)),
            Value::Object(members) => members
                .values_mut()
                .try_for_each(|value| self.resolve(value)),
            _ => Ok(()),
        }
    }

    fn resolved_path(&self, path: &str) -> Result<String> {
        match path.rsplit_once(REFERENCE) {
            Some((head, bulk_id)) if head.ends_with('/') => {
                Ok(format!("{head}{}", segment(&self.id_of(bulk_id)?)))
            }
            _ => Ok(path.to_owned()),
        }
    }

    fn id_of(&self, bulk_id: &str) -> Result<String> {
        match self.ids.get(bulk_id) {
            Some((_, State::Failed)) | None => {
                let detail = format!("the reference bulkId:{bulk_id} leads to no resource");
                Err(Error {
                    status: 409,
                    ..Error::bad(ScimType::InvalidValue, detail)
                })
            }
            Some((_, State::Promised))
                if self
                    .provider
                    .config()
                    .has(Switch::BulkForwardReferencesRefused) =>
            {
                let detail = format!("bulkId:{bulk_id} is not there yet");
                Err(Error::bad(ScimType::InvalidValue, detail))
            }
            Some((id, _)) => Ok(id.clone()),
        }
    }

    fn result(
        &self,
        method: &str,
        bulk_id: Option<&str>,
        location: Option<String>,
        answer: Result<Outcome>,
    ) -> Value {
        let version = self.provider.config().version;
        let mut result = json!({"method": method});
        if let Some(bulk_id) = bulk_id {
            result["bulkId"] = bulk_id.into();
        }
        if let Some(etag) = answer
            .as_ref()
            .ok()
            .and_then(|outcome| outcome.etag.as_deref())
        {
            result["version"] = etag.into();
        }
        if let Some(location) = location {
            result["location"] = location.into();
        }
        let status = answer
            .as_ref()
            .map_or_else(|error| error.status, |outcome| outcome.status)
            .to_string();
        match (version, answer) {
            (Version::V2, Ok(_)) => result["status"] = status.into(),
            (Version::V2, Err(error)) => {
                result["status"] = status.into();
                result["response"] = error.body(version);
            }
            (Version::V1, Ok(_)) => result["status"] = json!({"code": status}),
            (Version::V1, Err(error)) => {
                result["status"] = json!({"code": status, "description": error.detail});
            }
        }
        result
    }
}

fn text<'d>(operation: &'d Data, name: &str) -> Option<&'d str> {
    member(operation, name).and_then(Value::as_str)
}

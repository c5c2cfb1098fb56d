//! A request once it is understood and an answer before it is written.

use std::collections::HashSet;

use serde_json::Value;

use crate::config::Version;
use crate::error::{Error, Result, ScimType};
use crate::message::Response;
use crate::store::Data;

/// The body of a request, or the data of a bulk operation.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Body<'r> {
    Bytes(&'r [u8]),
    Json(&'r Value),
}

/// A request whose path is already looked up.
#[derive(Clone, Debug)]
pub(crate) struct Call<'r> {
    pub(crate) method: &'r str,
    pub(crate) params: Vec<(String, String)>,
    pub(crate) if_match: Option<&'r str>,
    pub(crate) if_none_match: Option<&'r str>,
    pub(crate) body: Body<'r>,
    pub(crate) bulk: InBulk<'r>,
}

/// What an operation in a bulk job is told of the job; empty for other requests.
#[derive(Clone, Debug, Default)]
pub(crate) struct InBulk<'r> {
    /// The id that others in the job already refer to.
    pub(crate) id: Option<String>,
    /// The ids of resources that the job is still to create.
    pub(crate) promised: Option<&'r HashSet<String>>,
}

impl Call<'_> {
    /// The JSON object in the body.
    pub(crate) fn object(&self) -> Result<Data> {
        let value = match self.body {
            Body::Json(value) => value.clone(),
            Body::Bytes(bytes) => serde_json::from_slice(bytes).map_err(|error| {
                Error::bad(
                    ScimType::InvalidSyntax,
                    format!("the body is not JSON: {error}"),
                )
            })?,
        };
        match value {
            Value::Object(object) => Ok(object),
            _ => Err(Error::bad(
                ScimType::InvalidSyntax,
                "the body must be a JSON object",
            )),
        }
    }

    /// The message in the body, which must name its URN (RFC 7644 section 3.1).
    pub(crate) fn message(&self, urn: &str) -> Result<Data> {
        let message = self.object()?;
        let names = |schema: &Value| {
            schema
                .as_str()
                .is_some_and(|own| own.eq_ignore_ascii_case(urn))
        };
        match member(&message, "schemas").and_then(Value::as_array) {
            Some(schemas) if schemas.iter().any(names) => Ok(message),
            _ => Err(Error::bad(
                ScimType::InvalidSyntax,
                format!("schemas must hold {urn}"),
            )),
        }
    }
}

/// A member of a message, its name in any case (RFC 7643 section 2.1).
pub(crate) fn member<'v>(message: &'v Data, name: &str) -> Option<&'v Value> {
    message.get(name).or_else(|| {
        message
            .iter()
            .find(|(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    })
}

/// The answer to a request that went well.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) status: u16,
    pub(crate) etag: Option<String>,
    pub(crate) location: Option<String>,
    pub(crate) body: Option<Value>,
}

impl Outcome {
    pub(crate) fn ok(body: Value) -> Self {
        Self {
            status: 200,
            body: Some(body),
            ..Self::default()
        }
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self {
            status,
            ..Self::default()
        }
    }

    pub(crate) fn into_response(self, version: Version) -> Response {
        let mut headers = Vec::new();
        headers.extend(
            self.location
                .map(|location| ("Location".to_owned(), location)),
        );
        headers.extend(self.etag.map(|etag| ("ETag".to_owned(), etag)));
        respond(self.status, headers, self.body.as_ref(), version)
    }
}

impl Error {
    pub(crate) fn into_response(self, version: Version) -> Response {
        let headers = self
            .header
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect();
        if self.plain_text {
            let headers = vec![("Content-Type".to_owned(), "text/plain".to_owned())];
            return Response {
                status: self.status,
                headers,
                body: self.detail.into_bytes(),
            };
        }
        respond(self.status, headers, Some(&self.body(version)), version)
    }
}

fn respond(
    status: u16,
    mut headers: Vec<(String, String)>,
    body: Option<&Value>,
    version: Version,
) -> Response {
    let Some(body) = body else {
        return Response {
            status,
            headers,
            body: Vec::new(),
        };
    };
    headers.push((
        "Content-Type".to_owned(),
        format!("{}; charset=utf-8", version.media_type()),
    ));
    Response {
        status,
        headers,
        body: body.to_string().into_bytes(),
    }
}

//! Thin HTTP fronts over a handler: [`hyper`] as a server, [`inside`] as the same in the caller's
//! process, [`wiremock`] for stubs in tests.
//!
//! All carry several mounts, each a handler under a path prefix, and all treat a request alike:
//!
//! - The mount with the longest prefix that ends where a path segment ends takes it. Where none
//!   does, the answer is 500 with a text, as a bare 404 could pass for a provider's own.
//! - [`Request::target`] is what follows the prefix, query included, and begins with `/`.
//! - Hop-by-hop headers are passed on in neither direction, nor is `Content-Length` in an answer:
//!   the front knows the length itself.
//! - A 204 or a 304 is sent without a body. What cannot be sent at all, such as a status below 200
//!   or a line break in a header, becomes a 500 with a text that says so.

pub mod hyper;
pub mod inside;
pub mod wiremock;

use std::sync::Arc;

use ::hyper::header::{CONTENT_LENGTH, HeaderName, HeaderValue};
use ::hyper::{HeaderMap, StatusCode};

use crate::message::{Request, Response};

/// Answers a request; called from several threads at once.
pub type Handler = Arc<dyn Fn(&Request) -> Response + Send + Sync>;

/// A path prefix such as `/scim/v2`, empty for the root, and what answers below it.
pub type Mount = (String, Handler);

const HOP_BY_HOP: [&str; 7] = [
    "connection",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// The mounts, longest prefix first.
struct Router(Vec<Mount>);

impl Router {
    fn new(mut mounts: Vec<Mount>) -> Self {
        for (prefix, _) in &mut mounts {
            *prefix = normalised(prefix);
        }
        mounts.sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
        Self(mounts)
    }

    /// The mount's answer to a request whose target is still the whole one.
    fn answer(&self, mut request: Request) -> Response {
        for (prefix, handler) in &self.0 {
            if let Some(target) = below(prefix, &request.target) {
                request.target = target;
                return handler(&request);
            }
        }
        let Request { method, target, .. } = request;
        plain(500, &format!("nothing is mounted at {method} {target}"))
    }
}

/// The prefix with a slash in front and none at the end.
fn normalised(prefix: &str) -> String {
    match prefix.trim_matches('/') {
        "" => String::new(),
        prefix => format!("/{prefix}"),
    }
}

fn below(prefix: &str, target: &str) -> Option<String> {
    let rest = target.strip_prefix(prefix)?;
    match rest.as_bytes().first() {
        Some(b'/') => Some(rest.to_owned()),
        None | Some(b'?') => Some(format!("/{rest}")),
        Some(_) => None,
    }
}

fn request_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .filter(|(name, _)| !HOP_BY_HOP.contains(&name.as_str()))
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.to_string(), value)
        })
        .collect()
}

/// Status, headers and body as HTTP can carry them.
fn sendable(response: Response) -> (StatusCode, HeaderMap, Vec<u8>) {
    match head(&response) {
        Ok((status @ (StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED), headers)) => {
            (status, headers, Vec::new())
        }
        Ok((status, headers)) => (status, headers, response.body),
        Err(reason) => (
            StatusCode::INTERNAL_SERVER_ERROR,
            HeaderMap::new(),
            format!("scim-provider: the answer cannot be sent for its {reason}\n").into_bytes(),
        ),
    }
}

/// The status and the headers, or what it is in them that no HTTP message can carry.
fn head(response: &Response) -> Result<(StatusCode, HeaderMap), String> {
    let status = StatusCode::from_u16(response.status)
        .ok()
        .filter(|status| !status.is_informational())
        .ok_or_else(|| format!("status {}", response.status))?;
    let mut headers = HeaderMap::new();
    for (name, value) in &response.headers {
        let key =
            HeaderName::from_bytes(name.as_bytes()).map_err(|_| format!("header name {name:?}"))?;
        if key == CONTENT_LENGTH || HOP_BY_HOP.contains(&key.as_str()) {
            continue;
        }
        let value = HeaderValue::from_bytes(value.as_bytes())
            .map_err(|_| format!("header {name} with value {value:?}"))?;
        headers.append(key, value);
    }
    Ok((status, headers))
}

/// An answer of the front's own, as no provider would give it.
fn plain(status: u16, text: &str) -> Response {
    Response {
        status,
        headers: vec![("Content-Type".to_owned(), "text/plain".to_owned())],
        body: format!("scim-provider: {text}\n").into_bytes(),
    }
}

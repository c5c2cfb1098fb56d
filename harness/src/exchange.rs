//! A request with its answer, as plain data. Texts are masked when an exchange is made, so that
//! nothing that shows or stores one can leak a secret.

use serde::Serialize;
use serde_json::Value;

/// A request and what came of it.
#[derive(Clone, Debug, Serialize)]
pub struct Exchange {
    /// Step that sent it.
    pub step: String,
    /// What was sent.
    pub request: SentRequest,
    /// What came back; `None` if nothing did.
    pub response: Option<Answer>,
    /// Why nothing came back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// Time until the last byte of the answer, in milliseconds.
    pub milliseconds: u64,
}

/// A request as it was sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SentRequest {
    /// Method in upper case.
    pub method: String,
    /// Absolute URL as sent.
    pub url: String,
    /// Headers as sent; those that the HTTP library adds (Host, Content-Length) are left out.
    pub headers: Vec<(String, String)>,
    /// Body as sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Path below the base URL, percent-encoded.
    #[serde(skip)]
    pub path: String,
    /// Whether it was sent byte for byte over a socket of its own; the body is the whole request.
    #[serde(skip)]
    pub raw: bool,
    /// Parameters of the query, decoded.
    #[serde(skip)]
    pub parameters: Vec<(String, String)>,
    /// Whether it carried a credential that the target is known to accept.
    #[serde(skip)]
    pub authorised: bool,
}

impl SentRequest {
    /// The decoded value of a query parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_str(self.body.as_ref()?).ok()
    }
}

/// What the target answered.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers in the order they came, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body as text; what is no UTF-8 is replaced.
    pub body: String,
    /// Body as JSON, if it is JSON. Not masked: for checks alone.
    #[serde(skip)]
    pub json: Option<Value>,
    /// Why the body is no JSON, if it is none.
    #[serde(skip)]
    pub not_json: Option<String>,
}

impl Answer {
    /// The value of the first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Whether the status is of the 2xx class.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The media type without its parameters, in lower case.
    pub fn media_type(&self) -> Option<String> {
        let value = self.header("content-type")?;
        Some(
            value
                .split(';')
                .next()
                .unwrap_or_default()
                .trim()
                .to_ascii_lowercase(),
        )
    }
}

/// Why a request has no answer. It says nothing of conformance: we could not tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// What kind of trouble it was.
    pub kind: FailureKind,
    /// The cause, for people.
    pub message: String,
}

/// Kinds of trouble on the way to an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// No connection could be made.
    Unreachable,
    /// The target took longer than `--timeout`.
    Timeout,
    /// The connection ended before the answer was whole.
    Cut,
    /// The answer is larger than the harness reads.
    TooLarge,
    /// What came is no HTTP, or its encoding cannot be undone.
    Garbled,
    /// The harness itself could not send the request.
    Unsendable,
}

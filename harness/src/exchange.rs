//! A request with its answer, as plain data. Texts are masked when an exchange is made, so that
//! nothing that shows or stores one can leak a secret.

use std::{any::Any, fmt, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a text was before it was masked: for checks alone, and never shown.
#[derive(Clone, Default)]
pub struct Hidden<T>(pub T);

impl<T> fmt::Debug for Hidden<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("(hidden)")
    }
}

/// What stands for a password or a cookie. A credential has a placeholder of its own, which a
/// shell fills in.
pub const STARS: &str = "********";

/// A text with stars for the secrets that it holds; `None` if it holds none of them.
pub fn starred<'a>(text: &str, secrets: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut held = secrets.filter(|secret| text.contains(secret)).peekable();
    held.peek()?;
    Some(held.fold(text.to_owned(), |text, secret| text.replace(secret, STARS)))
}

/// Something that is held as long as what it was taken for: a turn to read a large answer.
#[derive(Clone)]
pub struct Held(pub Arc<dyn Any + Send + Sync>);

impl fmt::Debug for Held {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("(held)")
    }
}

/// Whose resources a request is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tenant {
    /// Those of the tenant that is tested.
    #[default]
    Own,
    /// Those of the tenant that must see nothing of the first.
    Other,
}

/// A request and what came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Exchange {
    /// Step that sent it.
    pub step: String,
    /// What was sent.
    pub request: SentRequest,
    /// What came back; `None` if nothing did.
    pub response: Option<Answer>,
    /// Why nothing came back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// Time until the last byte of the answer, in milliseconds.
    pub milliseconds: u64,
    /// The same request sent before and answered with 429; a case keeps each as an exchange of
    /// its own, before this one.
    #[serde(skip)]
    pub refused: Vec<Exchange>,
}

impl Exchange {
    /// What was hidden in it besides the target's credentials.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        let answered = self.response.iter().flat_map(|answer| &answer.secrets);
        let secrets = self.request.secrets.iter().chain(answered);
        secrets.map(String::as_str)
    }

    /// Whether the target closed the connection instead of answering.
    pub fn is_cut(&self) -> bool {
        let failure = self.failure.as_ref();
        failure.is_some_and(|failure| failure.kind == FailureKind::Cut)
    }

    /// Changes every text for which there is another, such as to hide in one exchange what another
    /// gave away.
    pub fn change_texts(&mut self, change: impl Fn(&str) -> Option<String>) {
        let request = &mut self.request;
        let answer = self.response.as_mut();
        let (headers, body) = match answer {
            Some(answer) => (answer.headers.as_mut_slice(), Some(&mut answer.body)),
            None => (&mut [][..], None),
        };
        let headers = request.headers.iter_mut().chain(headers);
        let texts = headers
            .map(|(_, value)| value)
            .chain([&mut request.url])
            .chain(request.body.as_mut())
            .chain(body)
            .chain(self.failure.as_mut().map(|failure| &mut failure.message));
        for text in texts {
            if let Some(changed) = change(text) {
                *text = changed;
            }
        }
    }

    /// Drops what only checks look at, once they have: the masked texts are enough from then on.
    pub fn forget(&mut self) {
        self.request.hidden = None;
        if let Some(answer) = &mut self.response {
            answer.json = None;
            answer.hidden_headers = None;
            answer.turn = None;
        }
    }
}

/// A request as it was sent.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SentRequest {
    /// When it was sent, in RFC 3339.
    #[serde(default)]
    pub sent: String,
    /// Method in upper case.
    pub method: String,
    /// Absolute URL as sent.
    pub url: String,
    /// Headers as sent; those that the HTTP library adds (Host, Content-Length) are left out.
    pub headers: Vec<(String, String)>,
    /// Body as sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Path below the base URL, percent-encoded.
    #[serde(skip)]
    pub path: String,
    /// Whether it was sent byte for byte over a socket of its own; the body is the whole request.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub raw: bool,
    /// Parameters of the query, decoded.
    #[serde(skip)]
    pub parameters: Vec<(String, String)>,
    /// Whether it carried a credential that the target is known to accept.
    #[serde(skip)]
    pub authorised: bool,
    /// Whose credential it carried.
    #[serde(skip)]
    pub tenant: Tenant,
    /// Passwords that were hidden in it, for hiding them elsewhere.
    #[serde(skip)]
    pub secrets: Vec<String>,
    /// URL and body before they were masked, if that changed them.
    #[serde(skip)]
    pub hidden: Option<Hidden<(String, Option<String>)>>,
}

impl SentRequest {
    /// The absolute URL as it was sent, not masked: for checks alone.
    pub fn sent_url(&self) -> &str {
        self.hidden
            .as_ref()
            .map_or(&self.url, |Hidden((url, _))| url)
    }

    /// The decoded value of a query parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether it is a query sent in a body (RFC 7644 section 3.4.3).
    pub fn is_search(&self) -> bool {
        self.method == "POST" && self.path.trim_end_matches('/').ends_with("/.search")
    }

    /// What a query asks by this name, in its URL or in the body of a search, as text.
    pub fn asks(&self, name: &str) -> Option<String> {
        if let Some(text) = self.parameter(name) {
            return Some(text.to_owned());
        }
        let body = self.is_search().then(|| self.json()).flatten()?;
        match body.get(name)? {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        }
    }

    /// The body as JSON. Not masked: for checks alone.
    pub fn json(&self) -> Option<Value> {
        let body = match &self.hidden {
            Some(Hidden((_, body))) => body,
            None => &self.body,
        };
        serde_json::from_str(body.as_ref()?).ok()
    }
}

/// What the target answered.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
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
    /// Cookies and passwords that were hidden in it, for hiding them elsewhere.
    #[serde(skip)]
    pub secrets: Vec<String>,
    /// Headers before they were masked, if that changed them.
    #[serde(skip)]
    pub hidden_headers: Option<Hidden<Vec<(String, String)>>>,
    /// The turn of a large answer: while its JSON is held, no other large one is read.
    #[serde(skip)]
    pub turn: Option<Held>,
}

impl Answer {
    /// All headers. Not masked: for checks alone.
    pub fn plain_headers(&self) -> &[(String, String)] {
        match &self.hidden_headers {
            Some(Hidden(headers)) => headers,
            None => &self.headers,
        }
    }

    /// The value of the first header of this name. Not masked: for checks alone.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.plain_headers()
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What kind of trouble it was.
    pub kind: FailureKind,
    /// The cause, for people.
    pub message: String,
}

/// Kinds of trouble on the way to an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// What came is no HTTP, or its encoding cannot be undone, or what its JSON says cannot be told.
    Garbled,
    /// The harness itself could not send the request.
    Unsendable,
}

impl FailureKind {
    /// Whether the target did not answer, and may do so the next time.
    pub fn is_silence(self) -> bool {
        matches!(self, Self::Timeout | Self::Unreachable | Self::Cut)
    }
}

//! Sends requests; the only user of reqwest.

mod body;
mod pace;
mod raw;
mod shown;
mod wait;

use std::{
    error::Error as _,
    fs, io,
    sync::{PoisonError, RwLock},
    time::Duration,
};

use jiff::Timestamp;
use reqwest::{
    Certificate, Identity, Method, header::HeaderName, header::HeaderValue, redirect, retry,
};
use tokio::time::Instant;
use url::Url;

use crate::{
    client_profile::CREDENTIAL,
    diagnostic::Diagnostic,
    exchange::{Answer, Exchange, Failure, FailureKind, Hidden, SentRequest},
    target::{Auth, Mask, Target},
};

use pace::Pace;

/// How requests are sent.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How long an answer may take.
    pub timeout: Duration,
    /// Most requests a second, if limited.
    pub rate: Option<f64>,
}

/// A request that is ready to go out.
#[derive(Clone, Debug, Default)]
pub struct Outgoing {
    /// Step that sends it.
    pub step: String,
    /// Method in upper case.
    pub method: String,
    /// Base URL without a slash at its end.
    pub base: String,
    /// Path below the base URL, percent-encoded.
    pub path: String,
    /// Query string as sent, without `?`; empty for none.
    pub query: String,
    /// Headers; the value `{{credential}}` stands for the credential.
    pub headers: Vec<(String, String)>,
    /// Credential.
    pub auth: Auth,
    /// Body.
    pub body: Option<String>,
    /// A whole request for a socket of its own, instead of all the above but the base URL.
    pub raw: Option<String>,
    /// Whether the target is known to accept the credential.
    pub authorised: bool,
}

impl Outgoing {
    /// The content that it carries: its body, or what follows the head of a raw request.
    pub fn content(&self) -> Option<&str> {
        match &self.raw {
            Some(text) => text.split_once("\n\n").map(|(_, content)| content),
            None => self.body.as_deref(),
        }
    }
}

/// One HTTP client for the whole process.
pub struct Client {
    http: RwLock<reqwest::Client>,
    target: Target,
    mask: Mask,
    pace: Pace,
    timeout: Duration,
}

impl Client {
    /// A client for this target.
    pub fn new(target: &Target, settings: Settings) -> Result<Self, Diagnostic> {
        let http = connect(target, settings.timeout)?;
        let mask = Mask::new([&target.credential].into_iter().chain(&target.second));
        Ok(Self {
            http: RwLock::new(http),
            target: target.clone(),
            mask,
            pace: Pace::new(settings.rate),
            timeout: settings.timeout,
        })
    }

    /// The mask for the target's secrets.
    pub fn mask(&self) -> &Mask {
        &self.mask
    }

    /// How many requests were sent.
    pub fn requests(&self) -> u64 {
        self.pace.count()
    }

    /// How often the target asked to wait.
    pub fn pauses(&self) -> u64 {
        self.pace.pauses()
    }

    /// Sends a request and reads its answer. A 429 had no effect, so the request is sent again
    /// after the wait that it asks for; the answers before the last one go with it.
    pub async fn send(&self, outgoing: Outgoing) -> Exchange {
        let mut refused = Vec::new();
        loop {
            self.pace.wait().await;
            let (sent, started) = (Timestamp::now(), Instant::now());
            // On the heap: the futures of an HTTP exchange are too large for the stack of a debug build.
            let result = Box::pin(self.exchange(&outgoing)).await;
            let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
            let wait = result
                .as_ref()
                .ok()
                .and_then(|answer| wait::asked(answer, refused.len()));
            let exchange = self.record(&outgoing, result, sent, milliseconds);
            match wait {
                Some(wait) => {
                    self.pace.pause(started, wait).await;
                    refused.push(exchange);
                }
                None => {
                    return Exchange {
                        refused,
                        ..exchange
                    };
                }
            }
        }
    }

    async fn exchange(&self, outgoing: &Outgoing) -> Result<Answer, Failure> {
        match &outgoing.raw {
            Some(text) => {
                let text = text.replace(CREDENTIAL, &outgoing.auth.header().unwrap_or_default());
                raw::exchange(&outgoing.base, &text, self.timeout).await
            }
            None => self.over_http(outgoing).await,
        }
    }

    async fn over_http(&self, outgoing: &Outgoing) -> Result<Answer, Failure> {
        let request = self.request(outgoing)?;
        let http = self
            .http
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let mut response = http
            .execute(request)
            .await
            .map_err(|error| failure(&error))?;
        let status = response.status().as_u16();
        let headers: Vec<(String, String)> = response
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), text_of(value)))
            .collect();
        let bytes = body::read(&mut response).await?;
        let encoding = headers
            .iter()
            .find(|(name, _)| name == "content-encoding")
            .map(|(_, value)| value.as_str());
        let bytes = body::decode(bytes, encoding)?;
        if matches!(status, 500 | 502..) {
            self.leave_connections();
        }
        Ok(body::answer(status, headers, &bytes))
    }

    /// A server that has failed may close the connection without saying so; the next request is
    /// not to be the one that finds out.
    fn leave_connections(&self) {
        if let Ok(fresh) = connect(&self.target, self.timeout) {
            *self.http.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        }
    }

    fn request(&self, outgoing: &Outgoing) -> Result<reqwest::Request, Failure> {
        let unsendable = |message: String| Failure {
            kind: FailureKind::Unsendable,
            message,
        };
        let url = Url::parse(&url_of(outgoing))
            .map_err(|error| unsendable(format!("the URL cannot be used: {error}")))?;
        let method = Method::from_bytes(outgoing.method.as_bytes())
            .map_err(|error| unsendable(error.to_string()))?;
        let mut request = reqwest::Request::new(method, url);
        for (name, value) in headers_of(outgoing) {
            let parsed = HeaderName::from_bytes(name.as_bytes())
                .ok()
                .zip(HeaderValue::from_bytes(value.as_bytes()).ok());
            let (parsed_name, mut parsed_value) = parsed.ok_or_else(|| {
                unsendable(format!(
                    "the header `{name}` holds characters that cannot be sent"
                ))
            })?;
            parsed_value.set_sensitive(name.eq_ignore_ascii_case("authorization"));
            request.headers_mut().append(parsed_name, parsed_value);
        }
        if let Some(text) = &outgoing.body {
            *request.body_mut() = Some(text.clone().into());
        }
        Ok(request)
    }

    fn record(
        &self,
        outgoing: &Outgoing,
        result: Result<Answer, Failure>,
        sent: Timestamp,
        milliseconds: u64,
    ) -> Exchange {
        let (sent_url, sent_body) = (
            url_of(outgoing),
            outgoing.raw.as_ref().or(outgoing.body.as_ref()),
        );
        let url = self.mask.apply(&sent_url);
        let (body, secrets) = sent_body.map(|text| shown::sent(text, &self.mask)).unzip();
        let changed = url != sent_url || body.as_ref() != sent_body;
        let request = SentRequest {
            sent: format!("{sent:.3}"),
            method: outgoing.method.clone(),
            url,
            headers: headers_of(outgoing)
                .map(|(name, value)| (name, self.mask.header(&value)))
                .collect(),
            body,
            path: outgoing.path.clone(),
            raw: outgoing.raw.is_some(),
            parameters: url::form_urlencoded::parse(outgoing.query.as_bytes())
                .into_owned()
                .collect(),
            authorised: outgoing.authorised,
            secrets: secrets.unwrap_or_default(),
            hidden: changed.then(|| Hidden((sent_url, sent_body.cloned()))),
        };
        let (response, failure) = match result {
            Ok(answer) => (Some(shown::answer(answer, &self.mask)), None),
            Err(failure) => (
                None,
                Some(Failure {
                    message: self.mask.apply(&failure.message),
                    ..failure
                }),
            ),
        };
        Exchange {
            step: outgoing.step.clone(),
            request,
            response,
            failure,
            milliseconds,
            refused: Vec::new(),
        }
    }
}

/// The headers with the credential in its place; without a credential its header is left out.
fn headers_of(outgoing: &Outgoing) -> impl Iterator<Item = (String, String)> + '_ {
    let auth = outgoing.auth.header();
    outgoing
        .headers
        .iter()
        .filter_map(move |(name, value)| match value.as_str() {
            CREDENTIAL => Some((name.clone(), auth.clone()?)),
            _ => Some((name.clone(), value.clone())),
        })
}

/// The absolute URL of a request; a raw one names its target itself.
fn url_of(outgoing: &Outgoing) -> String {
    let (base, path, query) = (&outgoing.base, &outgoing.path, &outgoing.query);
    let question = if query.is_empty() { "" } else { "?" };
    format!("{base}{path}{question}{query}")
}

fn text_of(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Steps that are sent many times at once open more connections than the cases go on to need.
const IDLE_CONNECTIONS: usize = 16;

/// An HTTP client with connections of its own.
fn connect(target: &Target, timeout: Duration) -> Result<reqwest::Client, Diagnostic> {
    // The first client of the process decides; ring builds in a fraction of the time of aws-lc.
    drop(rustls::crypto::ring::default_provider().install_default());
    let mut builder = reqwest::Client::builder()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .http1_only()
        .pool_max_idle_per_host(IDLE_CONNECTIONS)
        .http1_title_case_headers()
        .timeout(timeout)
        .tls_danger_accept_invalid_certs(target.tls.insecure);
    let mut urls = target.endpoints.iter().map(|(_, url)| url);
    if urls.clone().all(is_loopback) {
        builder = builder.no_proxy();
        if urls.all(|url| url.scheme() == "http") {
            // To read the system's certificates takes longer than many a case.
            builder = builder.tls_certs_only([]);
        }
    }
    if let Some(path) = &target.tls.ca {
        let pem = read(path, "CA certificate")?;
        let certificates = Certificate::from_pem_bundle(&pem)
            .map_err(|error| unusable(path, "CA certificate", &error))?;
        builder = builder.tls_certs_merge(certificates);
    }
    if let Some(path) = &target.tls.client_certificate {
        let pem = read(path, "client certificate")?;
        builder = builder.identity(
            Identity::from_pem(&pem)
                .map_err(|error| unusable(path, "client certificate", &error))?,
        );
    }
    builder.build().map_err(|error| {
        Diagnostic::error(format!(
            "the HTTP client cannot be set up: {}",
            chain(&error)
        ))
    })
}

/// Tells the kinds of trouble apart by the causes below reqwest's error.
fn failure(error: &reqwest::Error) -> Failure {
    let kind = if error.is_timeout() {
        FailureKind::Timeout
    } else if error.is_connect() {
        FailureKind::Unreachable
    } else if is_cut(error) {
        FailureKind::Cut
    } else {
        FailureKind::Garbled
    };
    let message = match kind {
        FailureKind::Timeout => "no answer within the time limit".to_owned(),
        _ => chain(error),
    };
    Failure { kind, message }
}

fn is_cut(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(inner) = cause {
        let text = inner.to_string();
        let by_peer = inner.downcast_ref::<io::Error>().is_some_and(|error| {
            matches!(
                error.kind(),
                io::ErrorKind::ConnectionReset
                    | io::ErrorKind::BrokenPipe
                    | io::ErrorKind::UnexpectedEof
            )
        });
        if by_peer
            || text.contains("closed before message completed")
            || text.contains("end of file before message length")
        {
            return true;
        }
        cause = inner.source();
    }
    false
}

/// The innermost cause of an error, which is the one that helps; URLs are left out.
fn chain(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

fn read(path: &std::path::Path, what: &str) -> Result<Vec<u8>, Diagnostic> {
    fs::read(path).map_err(|error| {
        Diagnostic::error(format!(
            "the {what} {} cannot be read: {error}",
            path.display()
        ))
    })
}

fn unusable(path: &std::path::Path, what: &str, error: &reqwest::Error) -> Diagnostic {
    let help =
        "it has to be PEM: for a client certificate, the certificate followed by its private key";
    Diagnostic::error(format!(
        "the {what} {} cannot be used: {}",
        path.display(),
        chain(error)
    ))
    .note("help", help)
}

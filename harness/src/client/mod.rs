//! Sends requests; the only user of reqwest.

mod address;
mod body;
mod failure;
mod json;
mod old_tls;
mod outgoing;
mod pace;
mod raw;
mod record;
mod shown;
mod silence;
pub mod tls;
mod transport;
mod turn;
mod wait;

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use jiff::Timestamp;
use reqwest::{Method, header::HeaderName, header::HeaderValue};
use tokio::time::Instant;

use crate::{
    client_profile::CREDENTIAL,
    diagnostic::Diagnostic,
    environment,
    exchange::{Answer, Exchange, Failure, FailureKind},
    target::{Mask, Target, proxy_credentials},
};

use body::Reader;
use pace::Pace;
use silence::Silence;
use transport::Kept;
use turn::Turns;

pub(crate) use body::shortened;
pub use outgoing::Outgoing;
pub(crate) use wait::MOST_RETRIES;

/// How requests are sent.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How long an answer may take.
    pub timeout: Duration,
    /// Most requests a second, if limited.
    pub rate: Option<f64>,
}

/// JSON as every reader has to take it: without a name that has two values.
pub fn read_json(text: &str) -> Option<serde_json::Value> {
    json::read(text.as_bytes(), usize::MAX).ok()
}

/// How long a look at the target's TLS may take.
const LONGEST_LOOK: Duration = Duration::from_secs(10);

/// One HTTP client for the whole process.
pub struct Client {
    http: reqwest::Client,
    /// Begins each request on a connection of its own.
    fresh: reqwest::Client,
    /// Whether the target answered anything: before, no connection can have been kept.
    answered: AtomicBool,
    /// Whether it closes connections that it says it keeps.
    unkept: AtomicBool,
    mask: Mask,
    pace: Pace,
    turns: Turns,
    silence: Silence,
    timeout: Duration,
}

impl Client {
    /// A client for this target.
    pub fn new(target: &Target, settings: Settings) -> Result<Self, Diagnostic> {
        let http = transport::client(target, settings.timeout, Kept::Yes)?;
        let fresh = transport::client(target, settings.timeout, Kept::No)?;
        let further = target.second.iter().chain(&target.other_tenant);
        let proxies = proxy_credentials(&environment::read());
        let own = [&target.credential].into_iter().chain(further);
        let mask = Mask::new(own.chain(&proxies)).and_nearly(&target.credential);
        Ok(Self {
            http,
            fresh,
            answered: AtomicBool::new(false),
            unkept: AtomicBool::new(false),
            mask,
            pace: Pace::new(settings.rate),
            turns: Turns::new(settings.timeout),
            silence: Silence::new(settings.timeout),
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

    /// Looks at the TLS of the target's first base URL.
    pub(crate) async fn look_at_tls(&self, target: &Target) -> tls::Seen {
        match target.endpoints.first() {
            Some((_, url)) => tls::look(url, &target.tls, self.timeout.min(LONGEST_LOOK)).await,
            None => tls::Seen::default(),
        }
    }

    /// Sends a request and reads its answer. One that was put off had no effect, so it is sent
    /// again after the wait that it is asked for; the answers before the last one go with it.
    pub async fn send(&self, outgoing: Outgoing) -> Exchange {
        let mut refused = Vec::new();
        loop {
            self.pace.wait().await;
            let (sent, started) = (Timestamp::now(), Instant::now());
            // On the heap: the futures of an HTTP exchange are too large for the stack of a debug build.
            let result = Box::pin(self.exchange(&outgoing)).await;
            let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
            let put_off = match &result {
                Ok(answer) => {
                    self.put_off(&outgoing, answer, started, refused.len())
                        .await
                }
                Err(_) => false,
            };
            let exchange = record::exchange(&self.mask, &outgoing, result, (sent, milliseconds));
            if !put_off {
                return Exchange {
                    refused,
                    ..exchange
                };
            }
            refused.push(exchange);
        }
    }

    /// Whether an answer puts its request off, and is waited for.
    async fn put_off(
        &self,
        outgoing: &Outgoing,
        answer: &Answer,
        sent: Instant,
        tries: usize,
    ) -> bool {
        if answer.status != 429 {
            self.pace.answered().await;
        }
        match wait::asked(&outgoing.method, answer, tries) {
            Some(wait) => self.pace.pause(sent, wait).await,
            None => false,
        }
    }

    /// One exchange, unless the target has fallen silent.
    async fn exchange(&self, outgoing: &Outgoing) -> Result<Answer, Failure> {
        if let Some(failure) = self.silence.verdict() {
            return Err(failure);
        }
        let kept = self.answered.load(Ordering::Relaxed) && !self.unkept.load(Ordering::Relaxed);
        let mut result = self.exchange_once(outgoing).await;
        let unforeseen = outgoing.raw.is_none() && !outgoing.may_be_cut;
        let kind =
            |result: &Result<Answer, Failure>| result.as_ref().err().map(|failure| failure.kind);
        if kept && unforeseen && kind(&result) == Some(FailureKind::Cut) {
            // It may be a connection that the target had closed and we had kept. From now on none
            // is kept, and a request that changes nothing is sent again.
            self.unkept.store(true, Ordering::Relaxed);
            if wait::SAFE.contains(&outgoing.method.as_str()) {
                self.pace.wait().await;
                result = self.exchange_once(outgoing).await;
            }
        }
        self.answered.fetch_or(result.is_ok(), Ordering::Relaxed);
        self.silence.hear(kind(&result));
        result
    }

    async fn exchange_once(&self, outgoing: &Outgoing) -> Result<Answer, Failure> {
        match &outgoing.raw {
            Some(text) => {
                let text = text.replace(CREDENTIAL, &outgoing.auth.header().unwrap_or_default());
                raw::exchange(&outgoing.base, &text, self.timeout, &self.turns).await
            }
            None => self.over_http(outgoing).await,
        }
    }

    async fn over_http(&self, outgoing: &Outgoing) -> Result<Answer, Failure> {
        let request = self.request(outgoing)?;
        let http = match self.unkept.load(Ordering::Relaxed) {
            true => &self.fresh,
            false => &self.http,
        };
        let mut response = http
            .execute(request)
            .await
            .map_err(|error| failure::of(&error))?;
        let status = response.status().as_u16();
        let headers: Vec<(String, String)> = response
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), text_of(value)))
            .collect();
        let mut reader = Reader::new(&self.turns);
        let bytes = reader.read(&mut response).await?;
        let encoding = headers
            .iter()
            .find(|(name, _)| name == "content-encoding")
            .map(|(_, value)| value.as_str());
        let bytes = reader.decode(bytes, encoding).await?;
        reader.answer(status, headers, bytes).await
    }

    fn request(&self, outgoing: &Outgoing) -> Result<reqwest::Request, Failure> {
        let unsendable = |message: String| Failure {
            kind: FailureKind::Unsendable,
            message,
        };
        let url = address::of(outgoing).map_err(unsendable)?;
        let method = Method::from_bytes(outgoing.method.as_bytes())
            .map_err(|error| unsendable(error.to_string()))?;
        let mut request = reqwest::Request::new(method, url);
        for (name, value) in outgoing.sent_headers() {
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
}

fn text_of(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

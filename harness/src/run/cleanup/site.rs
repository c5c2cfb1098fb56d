//! Where something is removed, and the requests that go there.

use std::time::Duration;

use serde_json::Value;

use crate::{
    client::{Client, Outgoing},
    exchange::{Answer, Exchange},
    run::probe,
    scenario::Version,
    target::Target,
};

/// How often a request is sent again that got no answer or a server error.
const RETRIES: u32 = 2;

/// A target as a tenant has it, in one version of the protocol.
#[derive(Clone, Copy)]
pub(super) struct Site<'a> {
    pub client: &'a Client,
    pub target: &'a Target,
    pub base: &'a str,
    pub version: Version,
}

impl<'a> Site<'a> {
    /// `None` where the version is not spoken.
    pub(super) fn new(client: &'a Client, target: &'a Target, version: Version) -> Option<Self> {
        Some(Self {
            client,
            target,
            base: target.base(version)?,
            version,
        })
    }

    /// The URL of a path.
    pub(super) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// Sends again what got no answer or a server error, and, to a target that demands a condition
    /// (428), with one that always holds. An answer that cannot be read will not be read the next
    /// time either.
    pub(super) async fn send(&self, method: &str, path: &str, body: Option<Value>) -> Exchange {
        let (mut tries, mut conditional) = (0, false);
        if method == "GET" {
            self.settled().await;
        }
        loop {
            let exchange = self
                .client
                .send(self.outgoing(method, path, body.as_ref(), conditional))
                .await;
            let status = exchange.response.as_ref().map(|answer| answer.status);
            if status == Some(428) && !conditional {
                conditional = true;
                continue;
            }
            let fails = match (&exchange.response, &exchange.failure) {
                (Some(answer), _) => answer.status >= 500 && answer.status != 501,
                (None, failure) => failure
                    .as_ref()
                    .is_none_or(|failure| failure.kind.is_silence()),
            };
            if !fails || tries == RETRIES {
                return exchange;
            }
            tries += 1;
            tokio::time::sleep(Duration::from_millis(100 * u64::from(tries))).await;
        }
    }

    fn outgoing(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
        conditional: bool,
    ) -> Outgoing {
        let mut outgoing = self.request(method, path, "");
        if conditional {
            let any = ("If-Match".to_owned(), "*".to_owned());
            outgoing.headers.push(any);
        }
        if let Some(body) = body {
            let media = self.version.media_type().to_owned();
            outgoing.headers.push(("Content-Type".to_owned(), media));
            outgoing.body = Some(body.to_string());
        }
        outgoing
    }

    fn request(&self, method: &str, path: &str, query: &str) -> Outgoing {
        Outgoing {
            step: "clean up".to_owned(),
            method: method.to_owned(),
            base: self.base.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: probe::own_headers(self.version),
            auth: self.target.credential.clone(),
            authorised: true,
            ..Outgoing::default()
        }
    }

    /// A read waits until the target shows what was changed before.
    async fn settled(&self) {
        let takes = self.target.manner.settles();
        if !takes.is_zero() {
            tokio::time::sleep(takes).await;
        }
    }

    /// Asks a collection once.
    pub(super) async fn query(&self, collection: &str, query: &str) -> Exchange {
        self.settled().await;
        self.client
            .send(self.request("GET", collection, query))
            .await
    }
}

/// The status of an answer, if there is one.
pub(super) fn status(exchange: &Exchange) -> Option<u16> {
    exchange
        .response
        .as_ref()
        .map(|answer: &Answer| answer.status)
}

/// Why there is no answer.
pub(super) fn no_answer(exchange: &Exchange) -> String {
    exchange
        .failure
        .as_ref()
        .map(|failure| failure.message.clone())
        .unwrap_or_default()
}

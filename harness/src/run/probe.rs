//! The first questions to a target: is there a service provider that accepts us, what does it offer?

use serde::Serialize;
use serde_json::Value;

use crate::{
    capability::{Discovery, discovery_paths},
    client::{Client, Outgoing},
    client_profile::CREDENTIAL,
    diagnostic::Diagnostic,
    exchange::{Answer, Exchange, FailureKind},
    scenario::Version,
    target::Target,
};

/// Statuses of what is not there.
const NOT_THERE: [u16; 4] = [404, 405, 410, 501];

/// Why nothing can be said of a target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Trouble {
    /// `unreachable`, `unavailable`, `credentials`, `not-scim` or `web-page`.
    pub kind: &'static str,
    /// What happened, in one line.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

impl Trouble {
    /// For the terminal.
    pub fn diagnostic(&self) -> Diagnostic {
        Diagnostic::harness(self.kind, self.message.clone()).note("help", self.help.clone())
    }
}

/// Headers of requests that are the harness's own and no identity provider's.
pub(super) fn own_headers(version: Version) -> Vec<(String, String)> {
    let agent = concat!("scim-harness/", env!("CARGO_PKG_VERSION"));
    [
        ("Accept", version.media_type()),
        ("User-Agent", agent),
        ("Authorization", CREDENTIAL),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

fn request(target: &Target, version: Version, path: &str, query: &str) -> Outgoing {
    Outgoing {
        step: "ask the target".to_owned(),
        method: "GET".to_owned(),
        base: target.base(version).unwrap_or_default().to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: own_headers(version),
        auth: target.credential.clone(),
        authorised: true,
        ..Outgoing::default()
    }
}

/// What the first reads told of a target.
#[derive(Debug, Default)]
pub(super) struct Probed {
    /// Why nothing can be said of it.
    pub trouble: Option<Trouble>,
    /// Why it is taken for one that has groups and no users.
    pub has_no_users: Option<String>,
}

/// One read of `/Users`, or of `/Groups` where there are no users, tells whether a run makes sense.
pub(super) async fn probe(client: &Client, target: &Target) -> Probed {
    let Some((version, _)) = target.endpoints.first() else {
        return Probed::default();
    };
    let read = |path| client.send(request(target, *version, path, "startIndex=1&count=1"));
    let users = read("/Users").await;
    let Some(found) = trouble(&users, target) else {
        return Probed::default();
    };
    let status = users.response.as_ref().map_or(0, |answer| answer.status);
    if NOT_THERE.contains(&status) && lists_groups(&read("/Groups").await) {
        let why = format!("the target has groups and no users: GET /Users is {status}");
        return Probed {
            trouble: None,
            has_no_users: Some(why),
        };
    }
    let message = client.mask().apply(&found.message);
    Probed {
        trouble: Some(Trouble { message, ..found }),
        has_no_users: None,
    }
}

fn lists_groups(groups: &Exchange) -> bool {
    let answer = groups.response.as_ref();
    answer.is_some_and(|answer| answer.is_success() && answer.json.as_ref().is_some_and(is_scim))
}

fn trouble(exchange: &Exchange, target: &Target) -> Option<Trouble> {
    let url = &exchange.request.url;
    let Some(answer) = &exchange.response else {
        return exchange
            .failure
            .as_ref()
            .map(|failure| unreachable(url, failure.kind, &failure.message));
    };
    match answer.status {
        407 => Some(of_a_proxy(url)),
        401 | 403 => Some(refused(url, answer.status, target)),
        status if NOT_THERE.contains(&status) => Some(not_scim(url, answer)),
        300..=399 => Some(redirected(url, answer)),
        502..=504 => Some(unavailable(url, answer.status)),
        200..=299 if is_web_page(answer) => Some(web_page(url, answer)),
        200..=299 if answer.json.as_ref().is_some_and(|body| !is_scim(body)) => {
            Some(other_json(url))
        }
        _ => None,
    }
}

/// Alerts of a server that is not content with the client's certificate, or misses one.
const CLIENT_CERTIFICATE: [&str; 5] = [
    "CertificateRequired",
    "HandshakeFailure",
    "BadCertificate",
    "AccessDenied",
    "alert: UnknownCA",
];

fn unreachable(url: &str, kind: FailureKind, message: &str) -> Trouble {
    let help = match kind {
        FailureKind::Timeout => "is the server up? --timeout gives it more time",
        _ if CLIENT_CERTIFICATE
            .iter()
            .any(|alert| message.contains(alert)) =>
        {
            "does the server ask for a client certificate, or for another one? --client-cert FILE gives it"
        }
        FailureKind::Unreachable if message.contains("CaUsedAsEndEntity") => {
            "the server shows the certificate of an authority as its own, and --ca cannot trust that: give it one that is none (`openssl req -x509 … -addext basicConstraints=critical,CA:FALSE`), or turn verification off with --insecure"
        }
        FailureKind::Unreachable if message.contains("certificate") => {
            "is the certificate trusted? --ca FILE adds an authority, --insecure turns verification off"
        }
        FailureKind::Unreachable if message.contains("InvalidContentType") => {
            "the port does not speak TLS: does the URL begin with http://?"
        }
        FailureKind::Unreachable => "is the server up, and are host and port right?",
        _ => "is this the port of an HTTP server, and are http and https not mixed up?",
    };
    Trouble {
        kind: "unreachable",
        message: format!("GET {url} got no answer: {message}"),
        help: help.to_owned(),
    }
}

fn refused(url: &str, status: u16, target: &Target) -> Trouble {
    let help = match target.credential.is_some() {
        true => {
            "the server does not accept this credential: is it right, and does it have the right to read users?"
        }
        false => "no credential was sent: set SCIM_TOKEN, or SCIM_USERNAME and SCIM_PASSWORD",
    };
    Trouble {
        kind: "credentials",
        message: format!("GET {url} is refused with {status}"),
        help: help.to_owned(),
    }
}

/// 407 is never the service provider's word (RFC 9110 section 15.5.8).
fn of_a_proxy(url: &str) -> Trouble {
    Trouble {
        kind: "unreachable",
        message: format!("GET {url} did not reach the server: a proxy asks for a credential (407)"),
        help: "give it in HTTP_PROXY, HTTPS_PROXY or ALL_PROXY, as http://user:password@host:port; NO_PROXY names hosts that are reached without one"
            .to_owned(),
    }
}

/// What a proxy says of a server that is down, or a server of itself: it says nothing of how it
/// would answer.
fn unavailable(url: &str, status: u16) -> Trouble {
    Trouble {
        kind: "unavailable",
        message: format!("GET {url} is answered with {status}"),
        help: "the server, or the one behind a proxy, cannot answer now: try again once it is up"
            .to_owned(),
    }
}

fn not_scim(url: &str, answer: &Answer) -> Trouble {
    let media = answer.media_type().unwrap_or_else(|| "no body".to_owned());
    let message = format!(
        "there is no SCIM service provider here: GET {url} answered {} ({media})",
        answer.status
    );
    Trouble {
        kind: "not-scim",
        message,
        help: "is the base URL complete? it often ends in /scim/v2; /Users is added to it"
            .to_owned(),
    }
}

/// HTML where a list of users was asked for: the page of a web application or of a login, not an
/// answer of a service provider that could be judged.
fn is_web_page(answer: &Answer) -> bool {
    let html = answer
        .media_type()
        .is_some_and(|media| media.contains("html"));
    answer.not_json.is_some() && (html || answer.body.trim_start().starts_with('<'))
}

fn web_page(url: &str, answer: &Answer) -> Trouble {
    let media = answer
        .media_type()
        .unwrap_or_else(|| "no media type".to_owned());
    Trouble {
        kind: "web-page",
        message: format!(
            "GET {url} answered {} with a web page instead of JSON ({media})",
            answer.status
        ),
        help: "is this the base URL of the SCIM service provider, or that of its web pages? does a login or a proxy stand before it?"
            .to_owned(),
    }
}

/// Whether JSON where a list of users was asked for has anything of SCIM. Users are not created
/// where something else altogether may listen.
fn is_scim(body: &Value) -> bool {
    const SIGNS: [&str; 5] = [
        "schemas",
        "totalResults",
        "Resources",
        "itemsPerPage",
        "userName",
    ];
    match body {
        Value::Object(members) => members
            .keys()
            .any(|name| SIGNS.iter().any(|sign| name.eq_ignore_ascii_case(sign))),
        Value::Array(items) => items.iter().any(is_scim),
        _ => false,
    }
}

fn other_json(url: &str) -> Trouble {
    Trouble {
        kind: "not-scim",
        message: format!(
            "there is no SCIM service provider here: GET {url} answered JSON without `schemas`, `totalResults` and `Resources`"
        ),
        help: "is this the base URL of the SCIM service provider, or that of another API?"
            .to_owned(),
    }
}

fn redirected(url: &str, answer: &Answer) -> Trouble {
    let place = answer.header("location").unwrap_or("nowhere");
    let message = format!("GET {url} answered {} and points to {place}", answer.status);
    Trouble {
        kind: "not-scim",
        message,
        help: "redirects are not followed: give the URL that it points to".to_owned(),
    }
}

/// What the target says of itself; the documents are asked for side by side.
pub(super) async fn discover(client: &Client, target: &Target, version: Version) -> Discovery {
    let [config, types, schemas] = discovery_paths(version).map(|path| async move {
        let exchange = client.send(request(target, version, path?, "")).await;
        exchange
            .response
            .filter(Answer::is_success)
            .and_then(|answer| answer.json)
    });
    let (config, types, schemas) = tokio::join!(config, types, schemas);
    Discovery::new(config, types, schemas)
}

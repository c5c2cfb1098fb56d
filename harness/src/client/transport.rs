//! Sets up HTTP clients: TLS, proxies, connections.

use std::{fs, path::Path, time::Duration};

use reqwest::{Certificate, Identity, redirect, retry};

use super::failure::chain;
use crate::{
    diagnostic::Diagnostic,
    target::{Target, host::is_loopback},
};

/// Steps that are sent many times at once open more connections than the cases go on to need.
const IDLE_CONNECTIONS: usize = 16;

/// Servers close idle connections after 2 seconds (gunicorn) or 5 (Node, uvicorn), just when the next
/// request may be on its way.
const IDLE_TIME: Duration = Duration::from_millis(1500);

/// Whether connections are kept for further requests.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    Yes,
    No,
}

/// An HTTP client for a target. Redirects are not followed, so that a credential goes nowhere
/// else, and nothing is sent twice behind our back.
pub(super) fn client(
    target: &Target,
    timeout: Duration,
    kept: Kept,
) -> Result<reqwest::Client, Diagnostic> {
    // The first client of the process decides; ring builds in a fraction of the time of aws-lc.
    drop(rustls::crypto::ring::default_provider().install_default());
    let mut builder = reqwest::Client::builder()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .http1_only()
        .http1_title_case_headers()
        .timeout(timeout)
        .tls_danger_accept_invalid_certs(target.tls.insecure);
    builder = builder.pool_idle_timeout(IDLE_TIME);
    builder = builder.pool_max_idle_per_host(match kept {
        Kept::Yes => IDLE_CONNECTIONS,
        Kept::No => 0,
    });
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
        if certificates.is_empty() {
            return Err(Diagnostic::error(format!(
                "the CA certificate {} holds no certificate",
                path.display()
            ))
            .note("help", "it has to be PEM: -----BEGIN CERTIFICATE-----"));
        }
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

fn read(path: &Path, what: &str) -> Result<Vec<u8>, Diagnostic> {
    fs::read(path).map_err(|error| {
        Diagnostic::error(format!(
            "the {what} {} cannot be read: {error}",
            path.display()
        ))
    })
}

fn unusable(path: &Path, what: &str, error: &reqwest::Error) -> Diagnostic {
    let help =
        "it has to be PEM: for a client certificate, the certificate followed by its private key";
    Diagnostic::error(format!(
        "the {what} {} cannot be used: {}",
        path.display(),
        chain(error)
    ))
    .note("help", help)
}

//! Looks at a target's TLS in handshakes of its own: which versions it speaks, and until when its
//! certificate is valid. Nothing is sent over these connections, so nothing is verified here.

use std::{io, sync::Arc, time::Duration};

use jiff::Timestamp;
use rustls::{
    AlertDescription, ClientConfig, DigitallySignedStruct, Error, ProtocolVersion, SignatureScheme,
    SupportedProtocolVersion,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::CryptoProvider,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject},
    version::{TLS12, TLS13},
};
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::TlsConnector;
use url::Url;
use x509_cert::{Certificate, der::Decode};

use super::old_tls;
use crate::target::Tls;

/// What a target's TLS is like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The version that is spoken if the client knows all new ones: `TLS 1.3`.
    pub version: Option<&'static str>,
    /// When the certificate is valid no more, in RFC 3339.
    pub expires: Option<String>,
    /// Whether TLS 1.2 is spoken.
    pub tls12: Spoken,
    /// Whether TLS 1.3 is spoken.
    pub tls13: Spoken,
    /// Whether TLS 1.1 or something older is spoken.
    pub older: Spoken,
}

/// Whether a version is spoken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Spoken {
    /// A handshake came to an agreement on it.
    Yes,
    /// The target refused it as a version.
    No,
    /// Something else went wrong, or nothing was tried.
    #[default]
    Unknown,
}

/// Looks at the server of a URL; each handshake may take so long.
pub(crate) async fn look(url: &Url, tls: &Tls, limit: Duration) -> Seen {
    let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
        return Seen::default();
    };
    let place = (host.trim_matches(['[', ']']), port);
    let (tls13, tls12, older) = tokio::join!(
        shake(place, &TLS13, tls, limit),
        shake(place, &TLS12, tls, limit),
        old_tls::is_spoken(place, limit),
    );
    let version = [(&tls13, "TLS 1.3"), (&tls12, "TLS 1.2")]
        .into_iter()
        .find(|(met, _)| met.spoken == Spoken::Yes)
        .map(|(_, name)| name);
    Seen {
        version,
        expires: tls13.expires.or(tls12.expires),
        tls12: tls12.spoken,
        tls13: tls13.spoken,
        older,
    }
}

/// What one handshake shows.
#[derive(Default)]
struct Met {
    spoken: Spoken,
    expires: Option<String>,
}

async fn shake(
    place: (&str, u16),
    version: &'static SupportedProtocolVersion,
    tls: &Tls,
    limit: Duration,
) -> Met {
    let attempt = async {
        let config = config(version, tls).map_err(io::Error::other)?;
        let name = ServerName::try_from(place.0.to_owned()).map_err(io::Error::other)?;
        let socket = TcpStream::connect(place).await?;
        TlsConnector::from(Arc::new(config))
            .connect(name, socket)
            .await
    };
    match timeout(limit, attempt).await {
        Ok(Ok(stream)) => {
            let session = stream.get_ref().1;
            let certificates = session.peer_certificates().unwrap_or_default();
            Met {
                spoken: match session.protocol_version() {
                    Some(ProtocolVersion::TLSv1_2 | ProtocolVersion::TLSv1_3) => Spoken::Yes,
                    _ => Spoken::Unknown,
                },
                expires: certificates.first().and_then(expiry),
            }
        }
        Ok(Err(error)) if is_refused(&error) => Met {
            spoken: Spoken::No,
            expires: None,
        },
        Ok(Err(_)) | Err(_) => Met::default(),
    }
}

/// Whether a handshake failed for its version and nothing else.
fn is_refused(error: &io::Error) -> bool {
    let cause = error.get_ref().and_then(|inner| inner.downcast_ref());
    matches!(
        cause,
        Some(Error::AlertReceived(AlertDescription::ProtocolVersion) | Error::PeerIncompatible(_))
    )
}

fn config(version: &'static SupportedProtocolVersion, tls: &Tls) -> Result<ClientConfig, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let unverified = Arc::new(Unverified(Arc::clone(&provider)));
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])?
        .dangerous()
        .with_custom_certificate_verifier(unverified);
    match tls
        .client_certificate
        .as_ref()
        .and_then(|path| identity(path))
    {
        Some((chain, key)) => builder.with_client_auth_cert(chain, key),
        None => Ok(builder.with_no_client_auth()),
    }
}

type OwnIdentity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn identity(path: &std::path::Path) -> Option<OwnIdentity> {
    let chain = CertificateDer::pem_file_iter(path).ok()?;
    let chain = chain.collect::<Result<Vec<_>, _>>().ok()?;
    Some((chain, PrivateKeyDer::from_pem_file(path).ok()?))
}

/// When a certificate is valid no more.
fn expiry(certificate: &CertificateDer<'_>) -> Option<String> {
    let certificate = Certificate::from_der(certificate).ok()?;
    let until = certificate.tbs_certificate().validity().not_after;
    let seconds = i64::try_from(until.to_unix_duration().as_secs()).ok()?;
    Some(Timestamp::from_second(seconds).ok()?.to_string())
}

/// Takes any certificate: it is looked at, and nothing is entrusted to the connection.
#[derive(Debug)]
struct Unverified(Arc<CryptoProvider>);

impl ServerCertVerifier for Unverified {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

//! TLS servers with certificates made for the test.

use std::{
    io::{BufReader, Read, Write, copy},
    net::{Ipv4Addr, TcpListener, TcpStream},
    sync::Arc,
    thread,
};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::{
    RootCertStore, ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion,
    crypto::ring::default_provider,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    server::WebPkiClientVerifier,
};
use scim_harness::scenario::Version;

use crate::{
    hostile::wire::{read, write},
    support::provider,
};

/// A certificate authority of the test.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// What a server is to be like.
pub struct Manner {
    /// Names in its certificate.
    pub names: &'static [&'static str],
    /// Year in which the certificate ends.
    pub ends: i32,
    /// Versions that it speaks.
    pub versions: Vec<&'static SupportedProtocolVersion>,
    /// Whether it demands a client certificate of the same authority.
    pub demands: bool,
}

impl Default for Manner {
    fn default() -> Self {
        Self {
            names: &["127.0.0.1", "localhost", "scim.test"],
            ends: 2090,
            versions: rustls::ALL_VERSIONS.to_vec(),
            demands: false,
        }
    }
}

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        Self { issuer }
    }

    /// Its certificate as PEM.
    pub fn pem(&self) -> String {
        self.issuer.pem()
    }

    fn issue(&self, names: &[&str], ends: i32) -> (rcgen::Certificate, KeyPair) {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.not_after = date_time_ymd(ends, 1, 2);
        let key = KeyPair::generate().unwrap();
        (params.signed_by(&key, &self.issuer).unwrap(), key)
    }

    /// A client certificate with its key, as PEM.
    pub fn client(&self) -> String {
        let (certificate, key) = self.issue(&["client"], 2090);
        certificate.pem() + &key.serialize_pem()
    }

    /// Starts a server; returns its port.
    pub fn serve(&self, manner: &Manner) -> u16 {
        let (certificate, key) = self.issue(manner.names, manner.ends);
        let provider_of_keys = Arc::new(default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider_of_keys))
            .with_protocol_versions(&manner.versions)
            .unwrap();
        let builder = match manner.demands {
            true => {
                let mut roots = RootCertStore::empty();
                roots.add(self.issuer.der().clone()).unwrap();
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider_of_keys);
                builder.with_client_cert_verifier(verifier.build().unwrap())
            }
            false => builder.with_no_client_auth(),
        };
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let chain = vec![certificate.der().clone()];
        let config = Arc::new(builder.with_single_cert(chain, key).unwrap());
        let (provider, handler) = provider(Version::V2);
        provider.seed(2);
        listen(move |port, stream| {
            provider.set_base(format!("https://127.0.0.1:{port}/scim/v2"));
            let session = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = BufReader::new(StreamOwned::new(session, stream));
            while let Ok(Some(request)) = read(&mut stream) {
                if write(stream.get_mut(), &handler(&request)).is_err() {
                    break;
                }
            }
        })
    }
}

/// Calls this for each connection, each on a thread of its own.
fn listen(serve: impl Fn(u16, TcpStream) + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let serve = Arc::new(serve);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let serve = Arc::clone(&serve);
            thread::spawn(move || serve(port, stream));
        }
    });
    port
}

/// A server that speaks TLS 1.1 and nothing newer, as far as its first word.
pub fn old_server() -> u16 {
    listen(|_, mut stream| {
        let mut hello = [0; 11];
        if stream.read_exact(&mut hello).is_err() {
            return;
        }
        let agreed: &[u8] = match hello[9..11] {
            [3, 1 | 2] => &[22, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2],
            _ => &[21, 3, 1, 0, 2, 2, 70],
        };
        drop(stream.write_all(agreed));
        drop(copy(&mut stream, &mut std::io::sink()));
    })
}

/// A proxy that takes every CONNECT to this port.
pub fn tunnel(to: u16) -> u16 {
    listen(move |_, mut client| {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            if client.read_exact(&mut byte).is_err() {
                return;
            }
            head.push(byte[0]);
        }
        assert!(head.starts_with(b"CONNECT scim.test:443 HTTP/1.1\r\n"));
        let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, to)).unwrap();
        drop(client.write_all(b"HTTP/1.1 200 OK\r\n\r\n"));
        let (mut from, mut into) = (client.try_clone().unwrap(), server.try_clone().unwrap());
        thread::spawn(move || drop(copy(&mut from, &mut into)));
        drop(copy(&mut server, &mut client));
    })
}

//! A detached signature of the manifest, as minisign writes and verifies it.

use std::{io::Cursor, ops::Range, path::Path};

use base64::{Engine, prelude::BASE64_STANDARD};
use minisign::{PublicKey, SecretKey, SecretKeyBox};

use ring::signature::Ed25519KeyPair;

use crate::diagnostic::Diagnostic;

/// Where the parts of a stored key stand: how its passphrase is used, its halves, its checksum.
const DERIVATION: Range<usize> = 2..4;
const SEED: Range<usize> = 62..94;
const PUBLIC: Range<usize> = 94..126;
const CHECKSUM: Range<usize> = 126..158;

/// A secret key that is ready to sign.
pub struct Signer {
    key: SecretKey,
}

impl Signer {
    /// Reads a secret key that minisign wrote; one with a passphrase takes it.
    pub fn read(path: &Path, passphrase: Option<String>) -> Result<Self, Diagnostic> {
        let told = |reason: String| {
            let title = format!("the key {} cannot be used: {reason}", path.display());
            Diagnostic::error(title).note(
                "help",
                "--sign takes a secret key of minisign; its passphrase comes from MINISIGN_PASSWORD",
            )
        };
        let text = std::fs::read_to_string(path).map_err(|error| told(error.to_string()))?;
        let stored = SecretKeyBox::from_string(&text).map_err(|error| told(error.to_string()))?;
        let key = match (without_passphrase(&text), passphrase) {
            (Some(key), _) => Ok(key),
            (None, Some(passphrase)) => stored.into_secret_key(Some(passphrase)),
            (None, None) => stored.into_unencrypted_secret_key(),
        };
        let key = key.map_err(|error| told(error.to_string()))?;
        Ok(Self { key })
    }

    /// The signature of a text; `about` is signed with it.
    pub fn sign(&self, text: &str, about: &str) -> Result<String, Diagnostic> {
        let told = |error: minisign::PError| {
            Diagnostic::error(format!("the manifest cannot be signed: {error}"))
        };
        let public = PublicKey::from_secret_key(&self.key).map_err(told)?;
        let signed = minisign::sign(
            Some(&public),
            &self.key,
            Cursor::new(text.as_bytes()),
            Some(about),
            Some("signature of scim-harness certify"),
        );
        Ok(signed.map_err(told)?.into_string())
    }
}

/// A key that `minisign -G -W` made. It stores zeros for a checksum, which the crate takes for a
/// damaged key (minisign 0.10); that its halves belong together shows as well that it is whole.
fn without_passphrase(text: &str) -> Option<SecretKey> {
    let stored = BASE64_STANDARD.decode(text.lines().nth(1)?.trim()).ok()?;
    let is_zero = |part: Range<usize>| {
        let part = stored.get(part);
        part.is_some_and(|part| part.iter().all(|byte| *byte == 0))
    };
    if stored.len() != CHECKSUM.end || !is_zero(DERIVATION) || !is_zero(CHECKSUM) {
        return None;
    }
    let (seed, public) = (stored.get(SEED)?, stored.get(PUBLIC)?);
    Ed25519KeyPair::from_seed_and_public_key(seed, public).ok()?;
    SecretKey::from_bytes(&stored).ok()
}

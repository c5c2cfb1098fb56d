//! A detached signature of the manifest, as minisign writes and verifies it.

use std::{io::Cursor, path::Path};

use minisign::{PublicKey, SecretKey, SecretKeyBox};

use crate::diagnostic::Diagnostic;

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
        let key = match passphrase {
            Some(passphrase) => stored.into_secret_key(Some(passphrase)),
            None => stored.into_unencrypted_secret_key(),
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

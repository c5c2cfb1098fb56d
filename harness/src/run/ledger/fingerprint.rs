//! By which credentials a run created something.

use serde::{Deserialize, Serialize};

use crate::{exchange::Tenant, target::Target};

/// Short fingerprints of a run's credentials: enough to tell one from another, and not to tell it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Fingerprints {
    own: Option<String>,
    other: Option<String>,
}

impl Fingerprints {
    /// Those of a target's credentials, salted with the tag of a run.
    pub(super) fn new(tag: &str, target: &Target) -> Self {
        let other = target.other_tenant.as_ref();
        Self {
            own: target.credential.fingerprint(tag),
            other: other.and_then(|auth| auth.fingerprint(tag)),
        }
    }

    /// That of the credential of a tenant.
    pub(super) fn of(&self, tenant: Tenant) -> Option<&str> {
        match tenant {
            Tenant::Own => self.own.as_deref(),
            Tenant::Other => self.other.as_deref(),
        }
    }
}

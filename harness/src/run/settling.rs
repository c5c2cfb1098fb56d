//! Waits until a target shows what was changed, as long as its target file says that this takes.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, sleep_until};

use crate::client::Outgoing;

/// The changes of one conversation, and how long the target takes to show them.
pub(super) struct Settling {
    takes: Duration,
    changed: Mutex<Option<Instant>>,
}

impl Settling {
    pub(super) fn new(takes: Duration) -> Self {
        Self {
            takes,
            changed: Mutex::default(),
        }
    }

    /// Notes that something may just have been changed.
    pub(super) fn change(&self) {
        *self.changed.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Until what was changed is shown.
    pub(super) async fn settled(&self) {
        let changed = *self.changed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(changed) = changed.filter(|_| !self.takes.is_zero()) {
            sleep_until(changed + self.takes).await;
        }
    }
}

/// Whether a request changes nothing.
pub(super) fn is_read(outgoing: &Outgoing) -> bool {
    let asks = |method: &str| matches!(method, "GET" | "HEAD" | "OPTIONS");
    match &outgoing.raw {
        Some(text) => text.split_whitespace().next().is_some_and(asks),
        None => asks(&outgoing.method) || outgoing.path.ends_with("/.search"),
    }
}

//! Notices that a target has fallen silent, so that a run does not wait out every request.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::exchange::{Failure, FailureKind};

/// How many requests in a row have to be without an answer.
const MOST_UNANSWERED: u32 = 16;
/// For how many time limits of a request the silence has to last.
const LONGEST: u32 = 3;
/// For how long it has to last where not even a connection is to be had: longer than a restart.
const LONGEST_REFUSED: Duration = Duration::from_secs(15);

/// What is known of the target's silence.
pub(super) struct Silence {
    limit: Duration,
    since: Mutex<Option<Since>>,
}

/// A silence that goes on.
#[derive(Clone, Copy)]
struct Since {
    start: Instant,
    requests: u32,
    /// Whether each of them got no connection.
    refused: bool,
}

impl Silence {
    /// Nothing is known yet; an answer may take this long.
    pub(super) fn new(limit: Duration) -> Self {
        Self {
            limit,
            since: Mutex::new(None),
        }
    }

    /// Takes what became of a request: with which trouble it ended, if it was not answered.
    pub(super) fn hear(&self, trouble: Option<FailureKind>) {
        let mut since = self.since.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(kind) = trouble.filter(|kind| kind.is_silence()) else {
            *since = None;
            return;
        };
        let before = since.unwrap_or(Since {
            start: Instant::now(),
            requests: 0,
            refused: true,
        });
        *since = Some(Since {
            requests: before.requests.saturating_add(1),
            refused: before.refused && kind == FailureKind::Unreachable,
            ..before
        });
    }

    /// Why no further request is worth its time, if none is.
    pub(super) fn verdict(&self) -> Option<Failure> {
        let since = *self.since.lock().unwrap_or_else(PoisonError::into_inner);
        let since = since?;
        let mut longest = self.limit * LONGEST;
        if since.refused {
            longest = longest.min(LONGEST_REFUSED);
        }
        let count = since.requests;
        let long = since.start.elapsed() >= longest && count >= MOST_UNANSWERED;
        long.then(|| Failure {
            kind: FailureKind::Unreachable,
            message: format!(
                "it was not sent, as the target left {count} requests in a row without an answer"
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_long_silence_is_one_and_a_short_one_is_not() {
        let silence = Silence::new(Duration::from_secs(60));
        for _ in 0..64 {
            silence.hear(Some(FailureKind::Timeout));
        }
        assert!(silence.verdict().is_none(), "they were under way together");
        tokio::time::advance(Duration::from_secs(180)).await;
        assert!(silence.verdict().unwrap().message.contains("64 requests"));
        silence.hear(None);
        assert!(silence.verdict().is_none());
        silence.hear(Some(FailureKind::Timeout));
        tokio::time::advance(Duration::from_secs(600)).await;
        assert!(silence.verdict().is_none(), "one is not enough");
    }

    #[tokio::test(start_paused = true)]
    async fn refused_connections_are_a_silence_sooner_unless_one_was_made() {
        let refused = |last| {
            let silence = Silence::new(Duration::from_secs(60));
            for _ in 1..MOST_UNANSWERED {
                silence.hear(Some(FailureKind::Unreachable));
            }
            silence.hear(Some(last));
            silence
        };
        let (all, mixed) = (refused(FailureKind::Unreachable), refused(FailureKind::Cut));
        tokio::time::advance(LONGEST_REFUSED - Duration::from_secs(1)).await;
        assert!(all.verdict().is_none(), "it may be a restart");
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(all.verdict().is_some() && mixed.verdict().is_none());
    }
}

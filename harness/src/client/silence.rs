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

/// What is known of the target's silence.
pub(super) struct Silence {
    limit: Duration,
    since: Mutex<Option<(Instant, u32)>>,
}

impl Silence {
    /// Nothing is known yet; an answer may take this long.
    pub(super) fn new(limit: Duration) -> Self {
        Self {
            limit,
            since: Mutex::new(None),
        }
    }

    /// Takes what became of a request.
    pub(super) fn hear(&self, answered: bool) {
        let mut since = self.since.lock().unwrap_or_else(PoisonError::into_inner);
        *since = match (answered, *since) {
            (true, _) => None,
            (false, None) => Some((Instant::now(), 1)),
            (false, Some((start, count))) => Some((start, count.saturating_add(1))),
        };
    }

    /// Why no further request is worth its time, if none is.
    pub(super) fn verdict(&self) -> Option<Failure> {
        let since = *self.since.lock().unwrap_or_else(PoisonError::into_inner);
        let (start, count) = since?;
        let long = start.elapsed() >= self.limit * LONGEST && count >= MOST_UNANSWERED;
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
            silence.hear(false);
        }
        assert!(silence.verdict().is_none(), "they were under way together");
        tokio::time::advance(Duration::from_secs(180)).await;
        assert!(silence.verdict().unwrap().message.contains("64 requests"));
        silence.hear(true);
        assert!(silence.verdict().is_none());
        silence.hear(false);
        tokio::time::advance(Duration::from_secs(600)).await;
        assert!(silence.verdict().is_none(), "one is not enough");
    }
}

//! Large answers are read one at a time, so that a run needs little memory whatever a target sends.

use std::{sync::Arc, time::Duration};

use tokio::{sync::Semaphore, time::timeout};

use crate::exchange::{Failure, FailureKind, Held};

/// Who may read a large answer.
pub(super) struct Turns {
    free: Arc<Semaphore>,
    patience: Duration,
}

impl Turns {
    /// Turns that are waited for as long as this.
    pub(super) fn new(patience: Duration) -> Self {
        Self {
            free: Arc::new(Semaphore::new(1)),
            patience,
        }
    }

    /// Waits for the turn; it lasts until what is returned is dropped.
    pub(super) async fn wait(&self) -> Result<Held, Failure> {
        let turn = timeout(self.patience, Arc::clone(&self.free).acquire_owned()).await;
        match turn {
            Ok(Ok(permit)) => Ok(Held(Arc::new(permit))),
            Ok(Err(_)) | Err(_) => Err(Failure {
                kind: FailureKind::TooLarge,
                message: "the answer is large, and other large ones were being read all the time that --timeout gives: --jobs 1 reads one after another".to_owned(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_at_a_time_and_never_for_ever() {
        let turns = Turns::new(Duration::from_secs(2));
        let first = turns.wait().await.unwrap();
        let refused = turns.wait().await.unwrap_err();
        assert_eq!(refused.kind, FailureKind::TooLarge);
        drop(first);
        assert!(turns.wait().await.is_ok());
    }
}

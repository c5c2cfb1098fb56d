//! Keeps to the rate that the user allows and counts requests.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use tokio::{
    sync::Mutex,
    time::{Instant, sleep_until},
};

/// Spaces requests evenly.
pub(super) struct Pace {
    interval: Option<Duration>,
    next: Mutex<Option<Instant>>,
    count: AtomicU64,
}

impl Pace {
    /// At most so many requests a second; without a rate, as fast as it goes.
    pub(super) fn new(rate: Option<f64>) -> Self {
        let interval = rate
            .filter(|rate| *rate > 0.0)
            .and_then(|rate| Duration::try_from_secs_f64(1.0 / rate).ok());
        Self {
            interval,
            next: Mutex::new(None),
            count: AtomicU64::new(0),
        }
    }

    /// Waits until the next request may go out.
    pub(super) async fn wait(&self) {
        self.count.fetch_add(1, Ordering::Relaxed);
        let Some(interval) = self.interval else {
            return;
        };
        let slot = {
            let mut next = self.next.lock().await;
            let now = Instant::now();
            let slot = next.map_or(now, |planned| planned.max(now));
            *next = Some(slot + interval);
            slot
        };
        sleep_until(slot).await;
    }

    /// How many requests went out.
    pub(super) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn requests_are_spaced_evenly() {
        let pace = Pace::new(Some(10.0));
        let start = Instant::now();
        for _ in 0..11 {
            pace.wait().await;
        }
        let taken = start.elapsed();
        assert!(
            taken >= Duration::from_millis(1000) && taken < Duration::from_millis(1020),
            "{taken:?}"
        );
        assert_eq!(pace.count(), 11);
    }
}

//! Keeps to the rate that the user allows and to the pauses that the target asks for, and counts
//! requests.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use tokio::{
    sync::Mutex,
    time::{Instant, sleep_until},
};

/// The least and the longest time between two requests once the target has asked for a pause.
const SLOWEST: [Duration; 2] = [Duration::from_millis(20), Duration::from_millis(500)];

/// Spaces requests evenly.
pub(super) struct Pace {
    plan: Mutex<Plan>,
    count: AtomicU64,
    pauses: AtomicU64,
}

/// When the next requests may go out.
struct Plan {
    interval: Duration,
    next: Option<Instant>,
    /// When the target last asked for a pause.
    slowed: Option<Instant>,
}

impl Pace {
    /// At most so many requests a second; without a rate, as fast as it goes.
    pub(super) fn new(rate: Option<f64>) -> Self {
        let interval = rate
            .filter(|rate| *rate > 0.0)
            .and_then(|rate| Duration::try_from_secs_f64(1.0 / rate).ok());
        Self {
            plan: Mutex::new(Plan {
                interval: interval.unwrap_or_default(),
                next: None,
                slowed: None,
            }),
            count: AtomicU64::new(0),
            pauses: AtomicU64::new(0),
        }
    }

    /// Waits until the next request may go out.
    pub(super) async fn wait(&self) {
        self.count.fetch_add(1, Ordering::Relaxed);
        let slot = {
            let mut plan = self.plan.lock().await;
            let now = Instant::now();
            let slot = plan.next.map_or(now, |planned| planned.max(now));
            plan.next = Some(slot + plan.interval);
            slot
        };
        sleep_until(slot).await;
    }

    /// The target asks for a pause in its answer to a request that went out at `sent`: no further
    /// request goes out before it is over, and from then on they go out more slowly. Requests that
    /// were under way together slow the rest down once.
    pub(super) async fn pause(&self, sent: Instant, pause: Duration) {
        self.pauses.fetch_add(1, Ordering::Relaxed);
        let mut plan = self.plan.lock().await;
        let now = Instant::now();
        if plan.slowed.is_none_or(|slowed| slowed < sent) {
            let [least, longest] = SLOWEST;
            let slower = (plan.interval * 2).clamp(least, longest);
            plan.interval = plan.interval.max(slower);
            plan.slowed = Some(now);
        }
        let over = now + pause;
        plan.next = Some(plan.next.map_or(over, |planned| planned.max(over)));
    }

    /// How many requests went out.
    pub(super) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// How often the target asked for a pause.
    pub(super) fn pauses(&self) -> u64 {
        self.pauses.load(Ordering::Relaxed)
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

    #[tokio::test(start_paused = true)]
    async fn a_pause_holds_all_and_slows_down_once() {
        let pace = Pace::new(None);
        pace.wait().await;
        let sent = Instant::now();
        tokio::time::advance(Duration::from_millis(5)).await;
        pace.pause(sent, Duration::from_secs(2)).await;
        pace.pause(sent, Duration::from_secs(1)).await;
        pace.wait().await;
        let held = sent.elapsed();
        assert!(held >= Duration::from_millis(2005), "{held:?}");
        pace.wait().await;
        let spaced = sent.elapsed() - held;
        assert!(
            spaced >= Duration::from_millis(19) && spaced < Duration::from_millis(25),
            "{spaced:?}"
        );
        assert_eq!((pace.count(), pace.pauses()), (3, 2));
    }
}

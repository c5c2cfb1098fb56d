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

/// After how many answers in a row half of that is enough.
const CALM: u32 = 64;

/// The longest time between two requests that a rate can ask for.
const SLOWEST_RATE: Duration = Duration::from_secs(24 * 60 * 60);
/// The longest time that a target may put off requests: without an answer to any in between, and
/// in a whole run.
const PATIENCE: [Duration; 2] = [Duration::from_secs(5 * 60), Duration::from_secs(60 * 60)];

/// How late a request may be and still keep its place: timers wake a moment too late.
const LATENESS: Duration = Duration::from_millis(5);

/// Spaces requests evenly.
pub(super) struct Pace {
    plan: Mutex<Plan>,
    count: AtomicU64,
    pauses: AtomicU64,
}

/// When the next requests may go out.
struct Plan {
    /// The least time between two requests that the user allows.
    allowed: Duration,
    /// The least time between two requests now: longer once the target asked for a pause.
    interval: Duration,
    /// Answers since the target last asked for a pause, or since the interval became shorter.
    calm: u32,
    next: Option<Instant>,
    /// When the target last asked for a pause.
    slowed: Option<Instant>,
    /// How long requests were put off: since the last answer, and in the whole run.
    put_off: [Duration; 2],
}

impl Pace {
    /// At most so many requests a second; without a rate, as fast as it goes.
    pub(super) fn new(rate: Option<f64>) -> Self {
        let interval = rate
            .filter(|rate| *rate > 0.0)
            .map(|rate| Duration::try_from_secs_f64(1.0 / rate).unwrap_or(SLOWEST_RATE));
        let allowed = interval.unwrap_or_default().min(SLOWEST_RATE);
        Self {
            plan: Mutex::new(Plan {
                allowed,
                interval: allowed,
                calm: 0,
                next: None,
                slowed: None,
                put_off: [Duration::ZERO; 2],
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
            let slot = plan.next.map_or(now, |planned| {
                let late = now.checked_sub(LATENESS).unwrap_or(now);
                planned.max(late)
            });
            plan.next = Some(slot + plan.interval);
            slot
        };
        sleep_until(slot).await;
    }

    /// The target asks for a pause in its answer to a request that went out at `sent`: no further
    /// request goes out before it is over, and from then on they go out more slowly, until many in a
    /// row were answered. Requests that were under way together slow the rest down once. A target
    /// that does nothing but put off is not waited for any more: `false`.
    pub(super) async fn pause(&self, sent: Instant, pause: Duration) -> bool {
        self.pauses.fetch_add(1, Ordering::Relaxed);
        let mut plan = self.plan.lock().await;
        let now = Instant::now();
        let over = now + pause;
        let planned = plan.next.map_or(now, |planned| planned.max(now));
        let longer = over.saturating_duration_since(planned);
        let put_off = plan.put_off.map(|waited| waited + longer);
        if put_off
            .iter()
            .zip(PATIENCE)
            .any(|(waited, most)| *waited > most)
        {
            return false;
        }
        plan.put_off = put_off;
        plan.calm = 0;
        if plan.slowed.is_none_or(|slowed| slowed < sent) {
            let [least, longest] = SLOWEST;
            let slower = (plan.interval * 2).clamp(least, longest);
            plan.interval = plan.interval.max(slower);
            plan.slowed = Some(now);
        }
        plan.next = Some(planned.max(over));
        true
    }

    /// The target answered a request: it does not only put off.
    pub(super) async fn answered(&self) {
        let mut plan = self.plan.lock().await;
        plan.put_off[0] = Duration::ZERO;
        if plan.interval > plan.allowed {
            plan.calm += 1;
            if plan.calm >= CALM {
                let shorter = plan.interval / 2;
                let shortest = if shorter < SLOWEST[0] {
                    Duration::ZERO
                } else {
                    shorter
                };
                plan.interval = shortest.max(plan.allowed);
                plan.calm = 0;
            }
        }
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
    async fn a_target_that_answers_again_is_asked_faster_again() {
        let pace = Pace::new(Some(1000.0));
        let begun = pace.plan.lock().await.interval;
        for _ in 0..3 {
            tokio::time::advance(Duration::from_secs(1)).await;
            let sent = Instant::now();
            tokio::time::advance(Duration::from_secs(1)).await;
            assert!(pace.pause(sent, Duration::from_secs(1)).await);
        }
        let slowed = pace.plan.lock().await.interval;
        assert_eq!(slowed, SLOWEST[0] * 4);
        for expected in [slowed / 2, slowed / 4, begun, begun] {
            for _ in 0..CALM {
                pace.answered().await;
            }
            assert_eq!(pace.plan.lock().await.interval, expected);
        }
    }

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

    #[tokio::test(start_paused = true)]
    async fn a_rate_holds_within_two_percent() {
        for rate in [0.5, 3.0, 7.0, 40.0, 333.0, 2500.0] {
            let pace = Pace::new(Some(rate));
            let (start, requests) = (Instant::now(), 500);
            for _ in 0..=requests {
                pace.wait().await;
            }
            // The timer of the runtime wakes at whole milliseconds.
            let taken = start.elapsed().as_secs_f64() - 0.001;
            let held = f64::from(requests) / taken;
            assert!((held / rate - 1.0).abs() < 0.02, "{rate}: {held}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_rate_holds_for_requests_that_come_at_once_and_after_a_lull() {
        let pace = Pace::new(Some(50.0));
        let start = Instant::now();
        let burst = (0..101).map(|_| pace.wait());
        futures_util::future::join_all(burst).await;
        let taken = start.elapsed();
        assert!(taken >= Duration::from_secs(2), "{taken:?}");
        tokio::time::advance(Duration::from_secs(60)).await;
        let later = Instant::now();
        for _ in 0..51 {
            pace.wait().await;
        }
        assert!(
            later.elapsed() >= Duration::from_secs(1) - LATENESS,
            "a lull saves nothing up"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_rate_too_slow_to_count_is_slow() {
        let pace = Pace::new(Some(1e-300));
        pace.wait().await;
        let start = Instant::now();
        pace.wait().await;
        assert!(start.elapsed() >= SLOWEST_RATE);
    }

    #[tokio::test(start_paused = true)]
    async fn who_only_puts_off_is_waited_for_within_reason() {
        let pace = Pace::new(None);
        let wait = Duration::from_secs(120);
        let mut granted = Vec::new();
        for _ in 0..4 {
            pace.wait().await;
            granted.push(pace.pause(Instant::now(), wait).await);
        }
        assert_eq!(granted, [true, true, false, false]);
        pace.answered().await;
        assert!(pace.pause(Instant::now(), wait).await);
    }
}

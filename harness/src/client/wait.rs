//! How long a 429 or a 503 asks to wait, and whether its request is sent again.

use std::time::Duration;

use jiff::{Timestamp, fmt::rfc2822};

use crate::exchange::Answer;

/// How often a request that was told to wait is sent again: as often as Okta does.
pub(crate) const MOST_RETRIES: usize = 10;
/// The longest wait that a Retry-After is granted.
const LONGEST: Duration = Duration::from_secs(120);
/// The first wait where the answer does not say how long, and the longest of those that follow.
const OWN: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(16)];
/// Methods that change nothing: a request of theirs cannot have had an effect.
pub(super) const SAFE: [&str; 3] = ["GET", "HEAD", "OPTIONS"];

/// The wait before a request that was answered so is sent again, after so many tries before;
/// `None`: it is not. A 429 is a refusal, so its request had no effect; of a 503 that is sure
/// only where the method has none.
pub(super) fn asked(method: &str, answer: &Answer, tries: usize) -> Option<Duration> {
    let said = answer.header("retry-after").map(str::trim);
    let puts_off = match answer.status {
        429 => true,
        503 => said.is_some() && SAFE.contains(&method),
        _ => false,
    };
    if !puts_off || tries >= MOST_RETRIES {
        return None;
    }
    match said.and_then(|text| seconds(text).or_else(|| until(text))) {
        Some(wait) => (wait <= LONGEST).then_some(wait),
        None => Some(own(tries)),
    }
}

/// Whole seconds; more than can be counted is as long as can be.
fn seconds(text: &str) -> Option<Duration> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| Duration::from_secs(text.parse().unwrap_or(u64::MAX)))
}

/// The time until an HTTP date, which HTTP allows beside whole seconds (RFC 9110 section 10.2.3).
fn until(text: &str) -> Option<Duration> {
    let then = rfc2822::parse(text).ok()?.timestamp();
    let wait = then.duration_since(Timestamp::now());
    Some(wait.try_into().unwrap_or_default())
}

/// Doubled each time. Okta waits 5 minutes at first.
fn own(tries: usize) -> Duration {
    let [first, longest] = OWN;
    let factor = 1_u32 << tries.min(10);
    (first * factor).min(longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait_of(method: &str, status: u16, retry_after: Option<&str>, tries: usize) -> Option<u64> {
        let header = retry_after.map(|value| ("retry-after".to_owned(), value.to_owned()));
        let answer = Answer {
            status,
            headers: header.into_iter().collect(),
            ..Answer::default()
        };
        asked(method, &answer, tries).map(|wait| wait.as_secs())
    }

    fn wait(status: u16, retry_after: Option<&str>, tries: usize) -> Option<u64> {
        wait_of("POST", status, retry_after, tries)
    }

    #[test]
    fn what_is_asked_for_is_granted_within_reason() {
        assert_eq!(wait(200, Some("7"), 0), None);
        assert_eq!(wait(429, Some("7"), 9), Some(7));
        assert_eq!(wait(429, Some("7"), 10), None);
        for absurd in [
            "3600",
            "18446744073709551616",
            "Thu, 01 Jan 9998 00:00:00 GMT",
        ] {
            assert_eq!(wait(429, Some(absurd), 0), None, "{absurd}");
        }
    }

    #[test]
    fn a_503_is_tried_again_only_where_it_cannot_have_had_an_effect() {
        assert_eq!(wait_of("GET", 503, Some("7"), 0), Some(7));
        assert_eq!(wait_of("GET", 503, None, 0), None);
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            assert_eq!(wait_of(method, 503, Some("7"), 0), None, "{method}");
        }
    }

    #[test]
    fn a_date_is_waited_for_and_one_in_the_past_is_over() {
        assert_eq!(wait(429, Some("Sun, 06 Nov 1994 08:49:37 GMT"), 0), Some(0));
        let soon = Timestamp::now() + Duration::from_secs(30);
        let text = rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&soon);
        let waited = wait(429, Some(&text.unwrap()), 0).unwrap();
        assert!((28..=30).contains(&waited), "{waited}");
    }

    #[test]
    fn without_a_word_the_waits_are_our_own() {
        let waits = (0..6).map(|tries| wait(429, None, tries).unwrap());
        assert_eq!(waits.collect::<Vec<_>>(), [1, 2, 4, 8, 16, 16]);
        assert_eq!(wait(429, Some("soon"), 1), Some(2));
    }
}

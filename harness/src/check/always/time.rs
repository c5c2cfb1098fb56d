//! Times as resources tell them.

use jiff::Timestamp;

/// How far apart, in milliseconds, two times may be that are meant to be the same (A55).
pub(super) const ALIKE_MS: i128 = 1000;

/// The moment that a text names; without a zone, that of UTC.
pub(super) fn instant(text: &str) -> Option<Timestamp> {
    text.parse().or_else(|_| format!("{text}Z").parse()).ok()
}

/// Whether two texts name different moments. Where one is told less exactly, it may be rounded: what a
/// database keeps often is. What is no time differs from nothing.
pub(super) fn differ(one: &str, other: &str) -> bool {
    let (Some(a), Some(b)) = (instant(one), instant(other)) else {
        return false;
    };
    let (exact, rounded) = (digits(one), digits(other));
    let room = match exact == rounded {
        true => 0,
        false => 10_i128.pow(9 - exact.min(rounded)),
    };
    (a.as_nanosecond() - b.as_nanosecond()).abs() > room
}

/// Whether two texts name moments more than a second apart (A55).
pub(super) fn far_apart(one: &str, other: &str) -> bool {
    let (Some(a), Some(b)) = (instant(one), instant(other)) else {
        return false;
    };
    a.duration_until(b).as_millis().abs() > ALIKE_MS
}

/// How many digits behind the seconds a text needs, up to nine.
fn digits(text: &str) -> u32 {
    let fraction = text.split(['.', ',']).nth(1).unwrap_or_default();
    let end = fraction.find(|c: char| !c.is_ascii_digit());
    let digits = &fraction[..end.unwrap_or(fraction.len())];
    u32::try_from(digits.trim_end_matches('0').len())
        .unwrap_or(9)
        .min(9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_differ_as_exactly_as_both_are_told() {
        let early = "2026-01-01T10:00:00.123Z";
        for same in [
            "2026-01-01T10:00:00Z",
            "2026-01-01T11:00:00.12+01:00",
            "2026-01-01T10:00:00.1234567",
            "2026-01-01T10:00:01.000Z",
            "no time",
        ] {
            assert!(!differ(early, same) && !differ(same, early), "{same}");
        }
        for other in ["2026-01-01T10:00:00.124Z", "2026-01-01T10:00:02Z"] {
            assert!(differ(early, other) && differ(other, early), "{other}");
        }
    }
}

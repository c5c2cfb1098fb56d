//! Names that the harness gives values: the run's tag, and random values that a seed repeats.

use std::{fmt, str::FromStr};

use jiff::{SignedDuration, Timestamp, tz::Offset};
use serde_json::Value;

use crate::{target::Target, template::Names};

/// Seed of everything random in a run; the same seed gives the same names and values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed(pub u32);

impl Seed {
    /// A seed that was not used before.
    pub fn fresh() -> Self {
        Self(fastrand::u32(..))
    }
}

impl fmt::Display for Seed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:08x}", self.0)
    }
}

impl FromStr for Seed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        u32::from_str_radix(text, 16)
            .map(Self)
            .map_err(|_| format!("`{text}` is no seed: it has up to eight hexadecimal digits"))
    }
}

/// The tag that everything carries which a run creates.
pub fn run_tag(seed: Seed) -> String {
    format!("scim-harness-{seed}")
}

/// Whether a text is the tag of a run.
pub(super) fn is_run_tag(text: &str) -> bool {
    let seed = text.strip_prefix("scim-harness-");
    seed.is_some_and(|seed| seed.len() == 8 && seed.parse::<Seed>().is_ok())
}

/// The name of an id that nobody has.
pub(super) const UNKNOWN_ID: &str = "unknown_id";

/// An id that nobody has, for what the harness asks by itself.
pub(super) fn unknown_id(seed: Seed) -> String {
    let mut random = fastrand::Rng::with_seed(u64::from(seed.0));
    format!("{}-nobody-{:016x}", run_tag(seed), random.u64(..))
}

/// The tag that everything carries which a case creates.
pub(super) fn case_tag(seed: Seed, case: &str) -> String {
    case_tag_of(&run_tag(seed), case)
}

/// The same, from the tag of the run.
pub(super) fn case_tag_of(run: &str, case: &str) -> String {
    format!("{run}-{:06x}", fnv(case) & 0x00ff_ffff)
}

const SMALL: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";

/// The names that every scenario may use.
pub(super) fn builtin(seed: Seed, case: &str, target: &Target) -> Names {
    let hash = fnv(case);
    let mut random = fastrand::Rng::with_seed((u64::from(seed.0) << 32) ^ hash);
    let mut word = |length: usize, alphabet: &[u8]| -> String {
        (0..length)
            .map(|_| char::from(alphabet[random.usize(..alphabet.len())]))
            .collect()
    };
    // One that a policy on passwords takes.
    let password = format!("Pw7-{}", word(12, SMALL));
    let okta_password = word(8, SMALL);
    let okta_id = format!(
        "00u{}",
        word(
            17,
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        )
    );
    let hex = word(32, b"0123456789abcdef");
    let uuid = format!(
        "{}-{}-4{}-a{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[13..16],
        &hex[17..20],
        &hex[20..]
    );
    let named = [
        ("unique", case_tag(seed, case)),
        ("run", run_tag(seed)),
        ("password", password),
        ("okta_id", okta_id),
        ("okta_password", okta_password),
        (UNKNOWN_ID, uuid),
        ("an_hour_ago", elsewhere(-1)),
        ("in_an_hour", elsewhere(1)),
        ("target.user_domain", target.user_domain.clone()),
        (
            "target.unique_field",
            target.manner.unique_field.name().to_owned(),
        ),
    ];
    named
        .into_iter()
        .map(|(name, value)| (name.to_owned(), Value::String(value)))
        .collect()
}

/// The time in so many hours, or so many hours ago, as it is written where clocks are far behind, or
/// far ahead: as text it is before now, or after it, while the time itself is not.
fn elsewhere(hours: i8) -> String {
    let time = Timestamp::now() + SignedDuration::from_hours(i64::from(hours));
    let text = time.display_with_offset(Offset::constant(-6 * hours));
    format!("{text:.0}")
}

/// FNV-1a, so that a case has the same tag in every build.
fn fnv(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_read_as_it_is_written() {
        assert_eq!(Seed(0x7f3a).to_string().parse(), Ok(Seed(0x7f3a)));
        assert!("xyz".parse::<Seed>().is_err());
    }

    #[test]
    fn times_elsewhere_mislead_those_who_read_them_as_text() {
        let now = Timestamp::now();
        let read = |text: &str| text.parse::<Timestamp>().unwrap();
        let (past, future) = (elsewhere(-1), elsewhere(1));
        assert!(read(&past) < now && past > now.to_string(), "{past}");
        assert!(read(&future) > now && future < now.to_string(), "{future}");
    }
}

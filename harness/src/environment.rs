//! The only place that reads the environment.

use crate::target::Environment;

/// The variables that are text; others cannot be meant.
pub fn read() -> Environment {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

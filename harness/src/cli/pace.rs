//! Arguments that say how fast a target is asked, and how long is waited for it.

use std::time::Duration;

use clap::Args;
use scim_harness::{client, run::DEFAULT_TIMEOUT};

#[derive(Clone, Copy, Debug, Args)]
pub struct PaceArgs {
    /// Most requests a second
    #[arg(long, value_name = "N", value_parser = positive)]
    pub rate: Option<f64>,
    /// How long an answer may take, in seconds
    #[arg(long, value_name = "S", default_value_t = DEFAULT_TIMEOUT.as_secs_f64(), value_parser = positive)]
    timeout: f64,
}

impl PaceArgs {
    /// How long an answer may take.
    pub fn timeout(&self) -> Duration {
        Duration::from_secs_f64(self.timeout)
    }

    /// How requests are sent.
    pub fn settings(&self) -> client::Settings {
        client::Settings {
            timeout: self.timeout(),
            rate: self.rate,
        }
    }
}

fn positive(text: &str) -> Result<f64, String> {
    let number = text
        .parse::<f64>()
        .ok()
        .filter(|number| number.is_finite() && *number > 0.0 && *number < 1e9);
    number.ok_or_else(|| "expected a number above 0".to_owned())
}

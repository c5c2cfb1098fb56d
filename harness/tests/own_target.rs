//! A test target as a user writes it, against a server that it starts itself.

use scim_harness::{embedded::Embedded, scenario::Version, trial::Conformance};

fn main() -> Result<std::process::ExitCode, Box<dyn std::error::Error>> {
    let server = Embedded::start(&[]).map_err(|problem| problem.to_string())?;
    let url = server.target.base(Version::V2).ok_or("no SCIM 2.0")?;
    let credential = server.target.credential.header().unwrap_or_default();
    let conformance = Conformance::new(url).bearer(credential.trim_start_matches("Bearer "));
    Ok(conformance.client("okta-aiw").skip("import").main())
}

//! The conformance suite as tests of `cargo test` and `cargo nextest run`: against the server that
//! `SCIM_URL` names, or against the embedded provider.

fn main() -> std::process::ExitCode {
    scim_harness::trial::Conformance::from_environment().main()
}

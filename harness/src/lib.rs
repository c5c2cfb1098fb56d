//! SCIM protocol conformance test harness.
//!
//! Declarative scenario files model what an identity provider sends; the harness holds these
//! conversations with a SCIM service provider and tells which rule of the RFCs, or of the identity
//! provider, is broken. See `harness/ARCHITECTURE.md` for how the modules follow one another.
//!
//! In a test target of your own (`harness = false`):
//!
//! ```no_run
//! fn main() -> std::process::ExitCode {
//!     scim_harness::trial::Conformance::new("https://scim.example.com/scim/v2")
//!         .bearer("the token of a test tenant")
//!         .client("okta-oin")
//!         .main()
//! }
//! ```

pub mod assets;
pub mod capability;
pub mod certificate;
pub mod check;
pub mod client;
pub mod client_profile;
pub mod comparison;
pub mod deviation;
pub mod diagnostic;
pub mod embedded;
pub mod environment;
pub mod exchange;
pub mod fault;
pub mod model;
pub mod plan;
pub mod report;
pub mod rule;
pub mod run;
pub mod scenario;
pub mod session;
pub mod shell;
pub mod snapshot;
pub mod source;
pub mod stop;
pub mod target;
pub mod template;
pub mod trial;
pub mod verdict;
pub mod whole;

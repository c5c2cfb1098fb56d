//! A step of GitHub Actions, whose runner reads commands from the output.

use scim_harness::{environment, report::annotations};

use super::Trouble;

/// Tells something that may hold a server's words, so that the runner takes none of them for a
/// command, and annotates the step behind it. Elsewhere it is just told.
pub(super) fn told<T>(
    tell: impl FnOnce() -> Result<T, Trouble>,
    annotated: impl FnOnce() -> String,
) -> Result<T, Trouble> {
    if !is_step() {
        return tell();
    }
    let (begin, end) = annotations::inert(fastrand::u64(..));
    super::print(&begin)?;
    let told = tell();
    super::print(&(end + &annotated()))?;
    told
}

fn is_step() -> bool {
    environment::read()
        .get("GITHUB_ACTIONS")
        .is_some_and(|value| value == "true")
}

//! What is told of a panic: where it was, and not what it was about, as a text that was being
//! handled may hold a secret.

use std::panic::{self, PanicHookInfo};

use super::tell;
use scim_harness::diagnostic::Diagnostic;

/// From here on a panic says no more than it may.
pub fn keep_secrets() {
    panic::set_hook(Box::new(|info| tell(&[told(info)])));
}

fn told(info: &PanicHookInfo<'_>) -> Diagnostic {
    let place = info.location().map(ToString::to_string);
    let fixed = info.payload().downcast_ref::<&'static str>();
    Diagnostic::error(format!(
        "the harness itself failed at {}{}",
        place.unwrap_or_default(),
        fixed.map(|text| format!(": {text}")).unwrap_or_default()
    ))
    .note(
        "help",
        "please report it: this is a mistake of the harness, not of the target",
    )
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[test]
    fn a_panic_says_where_and_not_what_it_was_about() {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let ear = Arc::clone(&heard);
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let told = told(info).render(false);
            ear.lock()
                .unwrap_or_else(|poisoned| poisoned.into_inner())
                .push(told);
        }));
        for token in ["t0ken", ""] {
            drop(panic::catch_unwind(|| match token {
                "" => panic::panic_any("fixed words"),
                token => panic::panic_any(format!("no boundary in {token}")),
            }));
        }
        panic::set_hook(before);
        let heard = heard
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        assert!(heard[0].contains("the harness itself failed at harness/src/cli/panic.rs:"));
        assert!(!heard[0].contains("t0ken") && heard[1].contains("fixed words"));
    }
}

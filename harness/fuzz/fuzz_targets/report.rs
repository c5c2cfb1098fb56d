//! A JSON report is read or refused, and one that is read makes every other format.

#![no_main]

use libfuzzer_sys::fuzz_target;
use scim_harness::report::{Format, json};

fuzz_target!(|text: &str| {
    let Ok(report) = json::parse(text) else {
        return;
    };
    for (_, format) in Format::NAMES {
        drop(format.text(&report));
    }
});

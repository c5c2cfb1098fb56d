//! The embedded provider answers a filter, or refuses it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use scim_harness::{embedded, scenario::Version, template::percent_encode};
use scim_provider::{Auth, Request};

fuzz_target!(|filter: &str| {
    let (provider, handler) = embedded::provider(Version::V2, Auth::None, None, &[]);
    provider.seed(2);
    let answer = handler(&Request {
        method: "GET".to_owned(),
        target: format!("/Users?filter={}", percent_encode(filter)),
        headers: Vec::new(),
        body: Vec::new(),
    });
    assert!(matches!(answer.status, 200 | 400), "{}", answer.status);
});

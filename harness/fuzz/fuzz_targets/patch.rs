//! The embedded provider does a PATCH, or refuses it, and the user can be read afterwards.

#![no_main]

use libfuzzer_sys::fuzz_target;
use scim_harness::{embedded, scenario::Version};
use scim_provider::{Auth, Request};
use serde_json::Value;

fuzz_target!(|body: &[u8]| {
    for version in [Version::V2, Version::V1] {
        let (provider, handler) = embedded::provider(version, Auth::None, None, &[]);
        provider.seed(1);
        let ask = |method: &str, target: &str, body: &[u8]| {
            handler(&Request {
                method: method.to_owned(),
                target: target.to_owned(),
                headers: vec![("Content-Type".to_owned(), version.media_type().to_owned())],
                body: body.to_owned(),
            })
        };
        let list: Value =
            serde_json::from_slice(&ask("GET", "/Users", b"").body).expect("a list is JSON");
        let id = list["Resources"][0]["id"]
            .as_str()
            .expect("a user has an id");
        let user = format!("/Users/{id}");
        let answer = ask("PATCH", &user, body);
        assert!(answer.status < 500, "{}", answer.status);
        assert_eq!(ask("GET", &user, b"").status, 200);
    }
});

//! What a template puts into a place stays in it: a value is one segment of a path, and one string
//! of a body. The first line is the text with names, the rest is the value.

#![no_main]

use libfuzzer_sys::fuzz_target;
use scim_harness::template::{Names, Place, fill};
use serde_json::{Value, json};

fuzz_target!(|text: &str| {
    let (written, value) = text.split_once('\n').unwrap_or((text, ""));
    let names = Names::from([("x".to_owned(), Value::from(value))]);
    for place in [Place::Plain, Place::Json, Place::Url, Place::Filter] {
        drop(fill(written, &names, place));
    }
    let path = fill("/Users/{{x}}", &names, Place::Url).expect("the name is known");
    assert_eq!(path.matches('/').count(), 2);
    assert!(
        path.bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"?#\\".contains(&byte))
    );
    let body = fill(r#"{"a":"{{x}}","b":{{x}}}"#, &names, Place::Json).expect("the name is known");
    let read: Value = serde_json::from_str(&body).expect("it is JSON");
    assert_eq!(read, json!({"a": value, "b": value}));
});

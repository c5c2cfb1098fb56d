use proptest::prelude::*;
use serde_json::json;

use super::*;

fn compare(name: &str, op: Op, value: Value) -> Filter {
    Filter::Compare {
        name: name.to_owned(),
        op,
        value,
    }
}

fn read(text: &str) -> Filter {
    filter(text, Version::V2).unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

#[test]
fn precedence_is_not_and_or() {
    let [a, b, c] = ["a", "b", "c"].map(|name| Filter::Present(name.to_owned()));
    let and = Filter::All(vec![b.clone(), c.clone()]);
    assert_eq!(
        read("a pr or b pr and c pr"),
        Filter::Any(vec![a.clone(), and])
    );
    let or = Filter::Any(vec![a.clone(), b.clone()]);
    assert_eq!(read("(a pr OR b pr) AND c pr"), Filter::All(vec![or, c]));
    let negated = Filter::Not(Box::new(a));
    assert_eq!(
        read("not (a pr) and b pr"),
        Filter::All(vec![negated.clone(), b])
    );
    assert_eq!(read("not(a pr)"), negated);
}

#[test]
fn literals_are_json() {
    assert_eq!(
        read(r#"a eq "x\"é \u00e9""#),
        compare("a", Op::Eq, json!("x\"é é"))
    );
    assert_eq!(read("a GT -1.5e3"), compare("a", Op::Gt, json!(-1500.0)));
    assert_eq!(read("a eq True"), compare("a", Op::Eq, json!(true)));
    assert_eq!(read("a ne null"), compare("a", Op::Ne, Value::Null));
}

#[test]
fn values_are_filtered_in_brackets() {
    let parts = vec![
        compare("type", Op::Eq, json!("work")),
        Filter::Present("value".to_owned()),
    ];
    let inner = Box::new(Filter::All(parts));
    let expected = Filter::Element {
        name: "emails".to_owned(),
        inner,
    };
    assert_eq!(read(r#"emails[type eq "work" and value pr]"#), expected);
}

#[test]
fn malformed_filters_are_refused() {
    for text in [
        "",
        " ",
        "userName",
        "userName eq",
        "userName xx \"a\"",
        "userName eq a",
        "eq \"a\"",
        "userName eq 'a'",
        "(userName pr",
        "userName pr)",
        "userName pr and",
        "and userName pr",
        "emails[type pr",
        "emails[type[value pr]]",
        "not userName pr",
        "userName eq \"a",
        "a:b pr",
        "userName pr userName pr",
        "userNameeq \"a\"",
        "1a pr",
        "a.. pr",
    ] {
        let error = filter(text, Version::V2).unwrap_err();
        assert_eq!(error.scim_type, Some(ScimType::InvalidFilter), "{text}");
    }
}

#[test]
fn version_1_knows_fewer_operators() {
    for text in ["a ne 1", "a ew \"x\"", "not (a pr)", "a[b pr]"] {
        assert!(filter(text, Version::V1).is_err(), "{text}");
    }
    assert!(filter("(a pr or b sw \"x\") and c le 1", Version::V1).is_ok());
}

#[test]
fn deep_nesting_is_refused() {
    let deep = |depth: usize| format!("{}a pr{}", "(".repeat(depth), ")".repeat(depth));
    assert!(filter(&deep(20), Version::V2).is_ok());
    assert!(filter(&deep(100_000), Version::V2).is_err());
    assert!(filter(&"not (".repeat(100_000), Version::V2).is_err());
    assert!(filter(&vec!["a pr"; 10_000].join(" or "), Version::V2).is_ok());
}

#[test]
fn paths_are_read() {
    let path = |text| path(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
    let simple = path("name.familyName");
    assert_eq!(
        (simple.name.as_str(), simple.filter, simple.sub),
        ("name.familyName", None, None)
    );
    let full = path("emails[type eq \"work\"].value");
    assert_eq!(
        (full.name.as_str(), full.sub.as_deref()),
        ("emails", Some("value"))
    );
    assert_eq!(full.filter, Some(compare("type", Op::Eq, json!("work"))));
    let urn = path("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department");
    assert!(urn.name.ends_with("department"));
}

#[test]
fn malformed_paths_are_refused() {
    for text in [
        "",
        "foo bar",
        "emails[",
        "emails[type eq",
        "emails[]",
        "a[b pr]c",
        "a[b pr].",
        ".a",
    ] {
        assert!(path(text).is_err(), "{text}");
    }
}

proptest! {
    #[test]
    fn no_input_makes_the_parsers_panic(text in "\\PC*") {
        let _ = filter(&text, Version::V2);
        let _ = filter(&text, Version::V1);
        let _ = path(&text);
    }

    #[test]
    fn no_mix_of_tokens_makes_the_parsers_panic(
        tokens in proptest::collection::vec(
            prop_oneof![
                Just("("), Just(")"), Just("["), Just("]"), Just("not"), Just("and"), Just("or"),
                Just(" "), Just("a"), Just("a.b"), Just("eq"), Just("pr"), Just("\""), Just("\\"),
                Just("\"x\""), Just("1"), Just("urn:"), Just("é"),
            ],
            0..40,
        )
    ) {
        let text = tokens.concat();
        let _ = filter(&text, Version::V2);
        let _ = path(&text);
    }

    #[test]
    fn strings_survive_the_round_trip(text in any::<String>()) {
        let literal = serde_json::to_string(&text).unwrap();
        prop_assert_eq!(read(&format!("a eq {literal}")), compare("a", Op::Eq, json!(text)));
    }
}

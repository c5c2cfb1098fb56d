//! The faults of SCIM 1.1, and those of sorting.

use serde_json::{Value, json};

use super::{Client, names};
use crate::{Config, Switch, Version};

/// A provider of SCIM 1.1, sound or with one fault.
fn old(switch: Option<Switch>) -> Client {
    Client::with(Config {
        version: Version::V1,
        faults: switch.into_iter().collect(),
        ..Config::default()
    })
}

fn patched(switch: Option<Switch>, body: &Value) -> Value {
    let client = old(switch);
    let id = client.create(
        "/Users",
        json!({"userName": "a", "nickName": "n", "title": "t", "name": {"givenName": "G", "familyName": "F"},
            "emails": [{"value": "w@x", "primary": true}, {"value": "h@x"}]}),
    );
    client.send("PATCH", &format!("/Users/{id}"), body).body
}

fn emails(user: &Value) -> Vec<&str> {
    let values = user["emails"].as_array().into_iter().flatten();
    values.filter_map(|email| email["value"].as_str()).collect()
}

#[test]
fn patches() {
    let removal = json!({"meta": {"attributes": ["nickName", "title"]}});
    let left = |switch| {
        let user = patched(switch, &removal);
        (user.get("nickName").is_some(), user.get("title").is_some())
    };
    assert_eq!(left(None), (false, false));
    assert_eq!(left(Some(Switch::V1RemovalsIgnored)), (true, true));
    assert_eq!(left(Some(Switch::V1FirstRemovalOnly)), (false, true));

    let addition = json!({"emails": [{"value": "o@x"}], "name": {"familyName": "X"}});
    let sound = patched(None, &addition);
    assert_eq!(emails(&sound), ["w@x", "h@x", "o@x"]);
    let replaced = patched(Some(Switch::V1PatchReplaces), &addition);
    assert_eq!(
        (emails(&replaced), replaced["name"].get("givenName")),
        (vec!["o@x"], None)
    );

    let deletion = json!({"emails": [{"value": "h@x", "operation": "delete"}]});
    let after = |switch| patched(switch, &deletion);
    assert_eq!(emails(&after(None)), ["w@x"]);
    assert_eq!(emails(&after(Some(Switch::V1DeletionAdds))), ["w@x", "h@x"]);
    assert!(emails(&after(Some(Switch::V1DeletionEmpties))).is_empty());

    let primary = json!({"emails": [{"value": "h@x", "primary": true}]});
    let first = |switch| patched(switch, &primary)["emails"][0]["primary"].clone();
    assert_eq!(first(None), false);
    assert_eq!(first(Some(Switch::V1OldPrimaryStays)), true);
}

#[test]
fn values_and_orders() {
    let twice = json!({"userName": "a", "emails": [{"value": "w@x"}, {"value": "w@x"}]});
    let kept = |switch| emails(&old(switch).send("POST", "/Users", &twice).body).len();
    assert_eq!((kept(None), kept(Some(Switch::RepeatedValuesKept))), (1, 2));

    let sorted = |switch, order: &str| {
        let client = old(switch);
        for name in ["b", "A", "C"] {
            client.create("/Users", json!({"userName": name}));
        }
        names(&client.get(&format!("/Users?sortBy=userName{order}")).body).concat()
    };
    assert_eq!(sorted(None, ""), "AbC");
    assert_eq!(sorted(Some(Switch::SortIgnored), ""), "bAC");
    assert_eq!(sorted(Some(Switch::SortHeedsCase), ""), "ACb");
    assert_eq!(sorted(Some(Switch::SortDescendsByDefault), ""), "CbA");
    assert_eq!(
        sorted(Some(Switch::SortDescendsByDefault), "&sortOrder=ascending"),
        "AbC"
    );
}

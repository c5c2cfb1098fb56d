use serde_json::{Value, json};

use super::{Client, ENTERPRISE, failure, names};
use crate::Switch;

fn filled() -> Client {
    let client = Client::new();
    fill(&client);
    client
}

fn fill(client: &Client) {
    for body in [
        json!({"userName": "Ana", "title": "Boss", "emails": [{"value": "ana@x.org", "type": "work"},
            {"value": "ana@y.org", "type": "home", "primary": true}], "externalId": "Ab"}),
        json!({"userName": "bao", "active": false, "name": {"familyName": "Chen"},
            "emails": [{"value": "z@x.org", "type": "home"}], ENTERPRISE: {"department": "Sales"}}),
        json!({"userName": "Chidi", "title": "boss 2", "nickName": "say \"hi\" é", "x509Certificates": [{"value": "QUJD"}]}),
    ] {
        client.create("/Users", body);
    }
}

#[test]
fn filters_find_what_they_say() {
    let client = filled();
    for (filter, expected) in [
        ("userName eq \"ANA\"", vec!["Ana"]),
        ("USERNAME Eq \"ana\"", vec!["Ana"]),
        (
            "urn:ietf:params:scim:schemas:core:2.0:User:userName eq \"ana\"",
            vec!["Ana"],
        ),
        ("userName ne \"ana\"", vec!["bao", "Chidi"]),
        ("userName co \"A\"", vec!["Ana", "bao"]),
        ("userName sw \"ch\"", vec!["Chidi"]),
        ("userName ew \"AO\"", vec!["bao"]),
        ("userName sw \"chidi\"", vec!["Chidi"]),
        ("userName gt \"b\"", vec!["bao", "Chidi"]),
        ("userName le \"ana\"", vec!["Ana"]),
        ("title pr", vec!["Ana", "Chidi"]),
        ("emails pr", vec!["Ana", "bao"]),
        ("not (title pr)", vec!["bao"]),
        ("externalId eq \"Ab\"", vec!["Ana"]),
        ("externalId eq \"ab\"", vec![]),
        ("active eq false", vec!["bao"]),
        ("active ne false", vec!["Ana", "Chidi"]),
        ("name.familyName eq \"chen\"", vec!["bao"]),
        ("emails.value co \"X.org\"", vec!["Ana", "bao"]),
        ("emails co \"y.org\"", vec!["Ana"]),
        (
            "emails[type eq \"work\" and value co \"x.org\"]",
            vec!["Ana"],
        ),
        ("emails[type eq \"work\" and value co \"y.org\"]", vec![]),
        (
            "emails[type eq \"work\"].value eq \"ANA@x.org\"",
            vec!["Ana"],
        ),
        (
            "emails[type eq \"work\"].value eq \"z@x.org\" or title pr and active eq false",
            vec![],
        ),
        (
            "emails.type eq \"work\" and emails.value co \"y.org\"",
            vec!["Ana"],
        ),
        ("emails[primary eq true]", vec!["Ana"]),
        ("emails[not (type eq \"work\")]", vec!["Ana", "bao"]),
        ("userName eq \"ana\" and active eq false", vec![]),
        ("userName eq \"ana\" AND active eq true", vec!["Ana"]),
        (
            "userName eq \"ana\" or active eq false and title pr",
            vec!["Ana"],
        ),
        (
            "(userName eq \"ana\" or active eq false) and title pr",
            vec!["Ana"],
        ),
        ("nickName eq \"say \\\"hi\\\" \\u00e9\"", vec!["Chidi"]),
        ("title eq null", vec!["bao"]),
        ("x509Certificates.value eq \"QUJD\"", vec!["Chidi"]),
        (
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq \"sales\"",
            vec!["bao"],
        ),
        (
            "schemas eq \"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User\"",
            vec!["bao"],
        ),
        ("meta.resourceType eq \"User\"", vec!["Ana", "bao", "Chidi"]),
        (
            "meta.lastModified gt \"2001-01-01T00:00:00+02:00\"",
            vec!["Ana", "bao", "Chidi"],
        ),
        ("meta.created lt \"2001-01-01T00:00:00Z\"", vec![]),
    ] {
        assert_eq!(client.found(filter), expected, "{filter}");
    }
}

#[test]
fn instants_compare_as_instants() {
    let client = filled();
    let created = client.get("/Users").body["Resources"][0]["meta"]["created"].clone();
    let bare = created.as_str().unwrap().trim_end_matches('Z');
    let found = |op: &str| client.found(&format!("meta.created {op} \"{bare}+00:00\""));
    assert!(found("eq").contains(&"Ana".to_owned()));
    assert!(!found("gt").contains(&"Ana".to_owned()));
    assert_eq!(found("ge").len(), 3);
}

#[test]
fn senseless_filters_are_refused() {
    let client = filled();
    for filter in [
        "userName",
        "userName eq",
        "userName xx \"a\"",
        "noSuch eq \"a\"",
        "name.noSuch pr",
        "emails[noSuch pr]",
        "active gt true",
        "active co \"t\"",
        "x509Certificates.value ge \"QQ==\"",
        "name eq \"x\"",
        "active eq 1",
        "meta.created gt \"yesterday\"",
        "meta.created co \"2\"",
        "password eq \"x\"",
        "password pr",
        "title[value pr]",
        "userName eq 1",
        "",
        "(userName pr",
    ] {
        let encoded: String = form_urlencoded::byte_serialize(filter.as_bytes()).collect();
        let answer = client.get(&format!("/Users?filter={encoded}"));
        assert_eq!(failure(&answer), (400, "invalidFilter"), "{filter}");
    }
}

#[test]
fn both_blanks_of_a_query_are_read() {
    let client = filled();
    for target in [
        "/Users?filter=userName%20eq%20%22ana%22&startIndex=1&count=100",
        "/Users?startIndex=1&count=100&filter=userName+eq+%22ana%22&unknown=1",
    ] {
        assert_eq!(names(&client.get(target).body), ["Ana"], "{target}");
    }
    let id = client.create("/Users", json!({"userName": "a+b"}));
    assert_eq!(
        client.get("/Users?filter=userName%20eq%20%22a%2Bb%22").body["Resources"][0]["id"],
        id
    );
}

#[test]
fn pages_have_the_edges_of_the_rfc() {
    let client = Client::new();
    client.provider.seed(250);
    let page = |query: &str| {
        let list = client.get(&format!("/Users?{query}")).body;
        let number = |name: &str| list[name].as_u64().unwrap();
        let shown = list["Resources"].as_array().unwrap().len() as u64;
        assert_eq!(
            (number("totalResults"), number("itemsPerPage")),
            (250, shown)
        );
        (number("startIndex"), shown)
    };
    for (query, expected) in [
        ("", (1, 200)),
        ("count=100", (1, 100)),
        ("startIndex=201&count=100", (201, 50)),
        ("startIndex=0&count=5", (1, 5)),
        ("startIndex=-3&count=5", (1, 5)),
        ("count=0", (1, 0)),
        ("count=-1", (1, 0)),
        ("count=999", (1, 200)),
        ("startIndex=251", (251, 0)),
        ("startIndex=99999", (99999, 0)),
    ] {
        assert_eq!(page(query), expected, "{query}");
    }
    assert_eq!(
        failure(&client.get("/Users?count=x")),
        (400, "invalidValue")
    );
    let ids = |query: &str| {
        client.get(&format!("/Users?{query}")).body["Resources"]
            .as_array()
            .unwrap()
            .clone()
    };
    let walked: Vec<Value> = [1, 101, 201]
        .iter()
        .flat_map(|start| ids(&format!("startIndex={start}&count=100")))
        .collect();
    let mut unique: Vec<&str> = walked
        .iter()
        .map(|user| user["id"].as_str().unwrap())
        .collect();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), 250);
}

#[test]
fn lists_are_sorted() {
    let client = filled();
    let sorted = |query: &str| names(&client.get(&format!("/Users?{query}")).body);
    assert_eq!(sorted("sortBy=userName"), ["Ana", "bao", "Chidi"]);
    assert_eq!(
        sorted("sortBy=userName&sortOrder=descending"),
        ["Chidi", "bao", "Ana"]
    );
    assert_eq!(sorted("sortBy=title"), ["Ana", "Chidi", "bao"]);
    assert_eq!(
        sorted("sortBy=title&sortOrder=descending"),
        ["bao", "Chidi", "Ana"]
    );
    assert_eq!(sorted("sortBy=emails"), ["Ana", "bao", "Chidi"]);
    assert_eq!(sorted("sortBy=name.familyName"), ["bao", "Ana", "Chidi"]);
    assert_eq!(sorted("sortBy=active"), ["bao", "Ana", "Chidi"]);
    assert_eq!(sorted("sortBy=noSuch"), ["Ana", "bao", "Chidi"]);
}

#[test]
fn a_search_is_the_same_query() {
    let client = filled();
    client.group("Staff", &[]);
    let search = |target: &str, body: Value| {
        let mut body = body;
        body["schemas"] = json!(["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]);
        client.send("POST", target, &body)
    };
    let posted = search(
        "/Users/.search",
        json!({"filter": "title pr", "attributes": ["userName"], "sortBy": "userName",
        "sortOrder": "descending", "startIndex": 1, "count": 1}),
    );
    let got = client.get("/Users?filter=title%20pr&attributes=userName&sortBy=userName&sortOrder=descending&startIndex=1&count=1");
    assert_eq!((posted.status, &posted.body), (200, &got.body));
    assert_eq!(search("/.search", json!({})).body["totalResults"], 4);
    assert_eq!(search("/Groups/.search", json!({})).body["totalResults"], 1);
    assert_eq!(
        failure(&search("/.search", json!({"count": "x"}))),
        (400, "invalidValue")
    );
    assert_eq!(
        failure(&client.send("POST", "/.search", &json!({}))),
        (400, "invalidSyntax")
    );
}

#[test]
fn the_root_covers_both_types() {
    let client = filled();
    client.group("Staff", &[]);
    let total = |target: &str| client.get(target).body["totalResults"].clone();
    assert_eq!(total("/"), 4);
    assert_eq!(total("?filter=displayName%20eq%20%22staff%22"), 1);
    assert_eq!(total("/?filter=userName%20pr"), 3);
    assert_eq!(total("/?filter=noSuch%20pr"), 0);
    assert_eq!(total("/?filter=meta.resourceType%20eq%20%22Group%22"), 1);
}

#[test]
fn a_large_store_is_quick() {
    let client = Client::new();
    let started = std::time::Instant::now();
    client.provider.seed(10_000);
    let seeded = started.elapsed();
    assert_eq!(client.get("/Users?count=0").body["totalResults"], 10_000);
    assert!(client.found("active eq false").len() == 200);
    for number in 0..200 {
        client.user(&format!("user{number}"));
        assert_eq!(
            client.found(&format!("userName eq \"USER{number}\"")).len(),
            1
        );
    }
    assert!(
        seeded.as_secs() < 5 && started.elapsed().as_secs() < 20,
        "{seeded:?}"
    );
    assert_eq!(client.get("/Groups").body["totalResults"], 5);
}

#[test]
fn filters_can_be_misread_on_purpose() {
    let found = |switch, filter| {
        let client = Client::faulty(switch);
        fill(&client);
        client.found(filter)
    };
    let either = "userName eq \"ana\" or userName eq \"bao\" and title pr";
    assert_eq!(filled().found(either), ["Ana"]);
    assert_eq!(found(Switch::FilterReadFromLeftToRight, either), ["Ana"]);
    let either = "userName eq \"ana\" or userName eq \"chidi\" and active eq false";
    assert_eq!(filled().found(either), ["Ana"]);
    assert!(found(Switch::FilterReadFromLeftToRight, either).is_empty());
    let brackets = "emails[type eq \"work\" and value co \"y.org\"]";
    assert_eq!(found(Switch::BracketsMatchAcrossValues, brackets), ["Ana"]);
    assert_eq!(
        found(Switch::NotIgnored, "not (title pr)"),
        ["Ana", "Chidi"]
    );
    let complex = "title pr and name eq \"x\"";
    assert_eq!(
        found(Switch::ComplexClauseDropped, complex),
        ["Ana", "Chidi"]
    );
}

#[test]
fn order_can_go_wrong_on_purpose() {
    let sorted = |switch, query: &str| {
        let client = Client::faulty(switch);
        fill(&client);
        names(&client.get(&format!("/Users?{query}")).body)
    };
    for (switch, query, expected) in [
        (
            Switch::SortIgnored,
            "sortBy=title&sortOrder=descending",
            ["Ana", "bao", "Chidi"],
        ),
        (
            Switch::SortHeedsCase,
            "sortBy=userName",
            ["Ana", "Chidi", "bao"],
        ),
        (
            Switch::SortDescendsByDefault,
            "sortBy=userName",
            ["Chidi", "bao", "Ana"],
        ),
        (
            Switch::SortMissingFirst,
            "sortBy=title",
            ["bao", "Ana", "Chidi"],
        ),
        (
            Switch::SortByFirstValue,
            "sortBy=emails",
            ["Ana", "bao", "Chidi"],
        ),
    ] {
        assert_eq!(sorted(switch, query), expected, "{switch}");
    }
}

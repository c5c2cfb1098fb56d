use std::time::Duration;

use serde_json::{Value, json};

use super::{Client, SEARCH, failure, names};
use crate::{Config, Switch, Version};

fn five(client: Client) -> Client {
    for name in ["d", "b", "e", "a", "c"] {
        client.user(name);
    }
    client
}

fn cursor<'a>(answer: &'a Value, name: &str) -> &'a str {
    answer[name].as_str().unwrap()
}

#[test]
fn pages_are_linked_both_ways() {
    let client = five(Client::new());
    let first = client.get("/Users?sortBy=userName&cursor&count=2").body;
    assert_eq!(names(&first), ["a", "b"]);
    assert_eq!(
        (&first["totalResults"], &first["itemsPerPage"]),
        (&json!(5), &json!(2))
    );
    assert!(first.get("previousCursor").is_none() && first.get("startIndex").is_none());
    let page = |list: &Value, name| {
        let cursor = cursor(list, name);
        client
            .get(&format!("/Users?sortBy=userName&cursor={cursor}&count=2"))
            .body
    };
    let second = page(&first, "nextCursor");
    assert_eq!(names(&second), ["c", "d"]);
    assert_eq!(names(&page(&second, "previousCursor")), ["a", "b"]);
    let last = page(&second, "nextCursor");
    assert_eq!(names(&last), ["e"]);
    assert!(last.get("nextCursor").is_none());
}

#[test]
fn the_edges_are_those_of_the_rfc() {
    let client = five(Client::new());
    for query in ["cursor=&count=0", "cursor=&count=-1"] {
        let list = client.get(&format!("/Users?{query}")).body;
        assert_eq!(
            (names(&list).len(), &list["totalResults"]),
            (0, &json!(5)),
            "{query}"
        );
        assert!(list.get("nextCursor").is_none(), "{query}");
    }
    let whole = client.get("/Users?cursor=").body;
    assert_eq!(names(&whole).len(), 5);
    assert!(whole.get("nextCursor").is_none());
    let by_index = client.get("/Users?count=2").body;
    assert!(by_index.get("nextCursor").is_none() && by_index.get("startIndex").is_some());
}

#[test]
fn cursors_of_no_page_are_refused() {
    let client = five(Client::new());
    let first = client.get("/Users?cursor=&count=2").body;
    let next = cursor(&first, "nextCursor");
    for (target, expected) in [
        ("/Users?cursor=nonsense&count=2".to_owned(), "invalidCursor"),
        (format!("/Groups?cursor={next}&count=2"), "invalidCursor"),
        (
            format!("/Users?cursor={next}&count=2&sortBy=userName"),
            "invalidCursor",
        ),
        (format!("/Users?cursor={next}&count=3"), "invalidCount"),
        (
            format!("/Users?cursor={next}&count=2&startIndex=1"),
            "invalidValue",
        ),
    ] {
        assert_eq!(failure(&client.get(&target)), (400, expected), "{target}");
    }
    let quick = five(Client::with(Config {
        cursor_timeout: Duration::ZERO,
        ..Config::default()
    }));
    let first = quick.get("/Users?cursor=&count=2").body;
    let next = cursor(&first, "nextCursor");
    let late = quick.get(&format!("/Users?cursor={next}&count=2"));
    assert_eq!(failure(&late), (400, "expiredCursor"));
}

#[test]
fn a_search_takes_cursors_too() {
    let client = five(Client::new());
    let search = |cursor: &str| {
        let body = json!({"schemas": [SEARCH], "sortBy": "userName", "cursor": cursor, "count": 3});
        client.send("POST", "/Users/.search", &body).body
    };
    let first = search("");
    assert_eq!(names(&first), ["a", "b", "c"]);
    let last = search(cursor(&first, "nextCursor"));
    assert_eq!(names(&last), ["d", "e"]);
    assert!(last.get("nextCursor").is_none());
}

#[test]
fn the_result_stays_what_it_was() {
    let client = five(Client::new());
    let first = client.get("/Users?cursor=&count=2").body;
    client.user("f");
    let gone =
        client.get("/Users?filter=userName%20eq%20%22e%22").body["Resources"][0]["id"].clone();
    client.raw("DELETE", &format!("/Users/{}", gone.as_str().unwrap()), b"");
    let second = client
        .get(&format!(
            "/Users?cursor={}&count=2",
            cursor(&first, "nextCursor")
        ))
        .body;
    assert_eq!(names(&second), ["a"]);
    let last = client
        .get(&format!(
            "/Users?cursor={}&count=2",
            cursor(&second, "nextCursor")
        ))
        .body;
    assert_eq!(names(&last), ["c"]);
}

#[test]
fn cursors_can_be_the_default() {
    let client = five(Client::faulty(Switch::CursorIsDefault));
    let list = client.get("/Users?count=2").body;
    assert!(list.get("nextCursor").is_some() && list.get("startIndex").is_none());
    let next = cursor(&list, "nextCursor");
    assert_eq!(
        client.get(&format!("/Users?count=2&cursor={next}")).status,
        200
    );
    let by_index = client.get("/Users?startIndex=1&count=2").body;
    assert!(by_index.get("nextCursor").is_none());
    let config = client.get("/ServiceProviderConfig").body;
    assert_eq!(config["pagination"]["defaultPaginationMethod"], "cursor");
}

#[test]
fn cursors_can_go_wrong_on_purpose() {
    let client = five(Client::faulty(Switch::UnknownCursorIsFirstPage));
    assert_eq!(
        names(&client.get("/Users?cursor=nonsense&count=2").body).len(),
        2
    );
    let client = five(Client::faulty(Switch::CursorNeverEnds));
    assert!(
        client
            .get("/Users?cursor=&count=9")
            .body
            .get("nextCursor")
            .is_some()
    );
}

#[test]
fn scim_1_1_has_no_cursors() {
    let client = five(Client::v1());
    let list = client.get("/Users?cursor=&count=2").body;
    assert_eq!((names(&list).len(), &list["startIndex"]), (2, &json!(1)));
    let config = client.get("/ServiceProviderConfigs").body;
    assert!(config.get("pagination").is_none());
    assert_eq!(client.provider.config().version, Version::V1);
}

#[test]
fn the_configuration_announces_them() {
    let pagination = Client::new().get("/ServiceProviderConfig").body["pagination"].clone();
    let expected = json!({"cursor": true, "index": true, "defaultPaginationMethod": "index",
        "defaultPageSize": 200, "maxPageSize": 200, "cursorTimeout": 3600});
    assert_eq!(pagination, expected);
}

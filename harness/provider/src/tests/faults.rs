//! Each switch makes the provider deviate just where its name says.

use serde_json::{Value, json};

use super::{Client, SEARCH, failure, names, text};
use crate::{Auth, Config, Switch};

/// A provider with and without the fault; the probe must tell them apart.
pub(super) fn differs<T: PartialEq + std::fmt::Debug>(
    switch: Switch,
    correct: T,
    faulty: T,
    probe: impl Fn(&Client) -> T,
) {
    assert_eq!(probe(&Client::new()), correct, "{switch} off");
    assert_eq!(probe(&Client::faulty(switch)), faulty, "{switch} on");
}

pub(super) fn deactivate() -> Value {
    json!([{"op": "replace", "value": {"active": false}}])
}

#[test]
fn filters() {
    let query = |client: &Client, filter: &str| {
        client.user("Ana");
        let id = client.user("Bao");
        client.patch(&format!("/Users/{id}"), deactivate());
        let filter: String = form_urlencoded::byte_serialize(filter.as_bytes()).collect();
        let answer = client.get(&format!("/Users?filter={filter}"));
        (
            answer.status,
            answer.body["totalResults"].as_u64().unwrap_or_default(),
        )
    };
    for (switch, filter, correct, faulty) in [
        (
            Switch::UserNameFilterCaseSensitive,
            "userName eq \"ANA\"",
            (200, 1),
            (200, 0),
        ),
        (
            Switch::UserNameFilterCaseSensitive,
            "USERNAME EQ \"Ana\"",
            (200, 1),
            (200, 1),
        ),
        (
            Switch::NoMatchIsNotFound,
            "userName eq \"x\"",
            (200, 0),
            (404, 0),
        ),
        (
            Switch::BadFilterReturnsAll,
            "userName xx \"a\"",
            (400, 0),
            (200, 2),
        ),
        (
            Switch::BadFilterReturnsAll,
            "userName eq",
            (400, 0),
            (200, 2),
        ),
        (
            Switch::FilterIgnored,
            "userName eq \"ana\"",
            (200, 1),
            (200, 2),
        ),
        (
            Switch::SecondClauseDropped,
            "userName eq \"ana\" AND active eq false",
            (200, 0),
            (200, 1),
        ),
        (
            Switch::SecondClauseDropped,
            "userName eq \"x\" or active eq false",
            (200, 1),
            (200, 0),
        ),
        (
            Switch::EqTakesBeginnings,
            "userName eq \"an\"",
            (200, 0),
            (200, 1),
        ),
        (
            Switch::EqTakesBeginnings,
            "meta.created eq \"2001-01-01T00:00:00Z\" or not (userName eq \"an\")",
            (200, 2),
            (200, 1),
        ),
        (
            Switch::GtTakesEqual,
            "userName gt \"ana\"",
            (200, 1),
            (200, 2),
        ),
        (
            Switch::LtTakesEqual,
            "userName lt \"bao\"",
            (200, 1),
            (200, 2),
        ),
        (
            Switch::InactiveUsersHiddenFromFilter,
            "userName eq \"bao\"",
            (200, 1),
            (200, 0),
        ),
    ] {
        differs(switch, correct, faulty, |client| query(client, filter));
    }
}

#[test]
fn pages() {
    let numbers = |client: &Client, query: &str| {
        client.provider.seed(120);
        let body = client.get(&format!("/Users?{query}")).body;
        (
            body["totalResults"].as_u64().unwrap(),
            names(&body).len(),
            names(&body).first().cloned(),
        )
    };
    let name = |number: usize| Client::new().provider.clone().seeded_name(number);
    differs(
        Switch::TotalIsPageSize,
        (120, 5, name(0)),
        (5, 5, name(0)),
        |client| numbers(client, "count=5"),
    );
    differs(
        Switch::StartIndexZeroBased,
        (120, 5, name(0)),
        (120, 5, name(1)),
        |client| numbers(client, "startIndex=1&count=5"),
    );
    differs(
        Switch::PageOverlap,
        (120, 5, name(5)),
        (120, 5, name(4)),
        |client| numbers(client, "startIndex=6&count=5"),
    );
    differs(
        Switch::PageCap50,
        (120, 100, name(0)),
        (120, 50, name(0)),
        |client| numbers(client, "count=100"),
    );
    differs(
        Switch::PageCap2,
        (120, 100, name(0)),
        (120, 2, name(0)),
        |client| numbers(client, "count=100"),
    );
    differs(
        Switch::CountIgnored,
        (120, 5, name(0)),
        (120, 120, name(0)),
        |client| numbers(client, "count=5"),
    );
    differs(Switch::UnstableOrder, true, false, |client| {
        client.provider.seed(5);
        names(&client.get("/Users").body) == names(&client.get("/Users").body)
    });
}

impl crate::Provider {
    /// The name of the user at this place in a freshly filled store.
    fn seeded_name(&self, number: usize) -> Option<String> {
        self.seed(number + 1);
        let client = Client {
            provider: self.clone(),
            headers: Vec::new(),
        };
        names(&client.get("/Users").body).last().cloned()
    }
}

#[test]
fn reads_and_creates() {
    differs(Switch::UnknownIdIsServerError, 404, 500, |client| {
        client.get("/Users/unknown").status
    });
    differs(Switch::UnknownIdIsServerError, 404, 500, |client| {
        client.raw("DELETE", "/Users/unknown", b"").status
    });
    differs(Switch::InactiveUsersUnreadable, 200, 404, |client| {
        let target = format!("/Users/{}", client.user("a"));
        client.patch(&target, deactivate());
        client.get(&target).status
    });
    differs(
        Switch::DuplicateCreateAccepted,
        (409, 1),
        (201, 2),
        |client| {
            client.user("a");
            (
                client
                    .send("POST", "/Users", &json!({"userName": "A"}))
                    .status,
                client.found("userName eq \"a\"").len(),
            )
        },
    );
    differs(Switch::InactiveNamesFree, 409, 201, |client| {
        let target = format!("/Users/{}", client.user("a"));
        client.patch(&target, deactivate());
        let again = client.send("POST", "/Users", &json!({"userName": "a"}));
        again.status
    });
    differs(
        Switch::ZeroAndFalseAreNone,
        json!(false),
        json!(true),
        |client| {
            let body = json!({"userName": "a", "active": false});
            client.send("POST", "/Users", &body).body["active"].clone()
        },
    );
    differs(Switch::CreateNotStored, 200, 404, |client| {
        client.get(&format!("/Users/{}", client.user("a"))).status
    });
    differs(Switch::ClientIdAdopted, false, true, |client| {
        client.create("/Users", json!({"id": "mine", "userName": "a"})) == "mine"
    });
    differs(
        Switch::PasswordReturned,
        Value::Null,
        json!("p"),
        |client| {
            client
                .send("POST", "/Users", &json!({"userName": "a", "password": "p"}))
                .body["password"]
                .clone()
        },
    );
    differs(Switch::DeleteNotStored, (204, 404), (204, 200), |client| {
        let target = format!("/Users/{}", client.user("a"));
        (
            client.raw("DELETE", &target, b"").status,
            client.get(&target).status,
        )
    });
    differs(
        Switch::DeletedUsersSearched,
        (404, 0, 0),
        (404, 0, 1),
        |client| {
            let target = format!("/Users/{}", client.user("a"));
            client.raw("DELETE", &target, b"");
            let search = json!({"schemas": [SEARCH], "filter": "userName eq \"a\""});
            let searched = client.send("POST", "/Users/.search", &search).body;
            (
                client.get(&target).status,
                client.found("userName eq \"a\"").len(),
                names(&searched).len(),
            )
        },
    );
    differs(
        Switch::FormattedNameWins,
        json!("Jane"),
        json!("Mona"),
        |client| {
            let name =
                json!({"formatted": "Mona Octocat", "givenName": "Jane", "familyName": "Smith"});
            client
                .send("POST", "/Users", &json!({"userName": "a", "name": name}))
                .body["name"]["givenName"]
                .clone()
        },
    );
}

#[test]
fn replacements() {
    let put = |client: &Client, body: Value| {
        let id = client.create("/Users", json!({"userName": "a", "title": "t"}));
        let target = format!("/Users/{id}");
        (client.send("PUT", &target, &body), client.get(&target))
    };
    let body = json!({"userName": "a", "title": "u", "active": false});
    let state = |answer: &Value| (answer["title"].clone(), answer["active"].clone());
    let new = || (json!("u"), json!(false));
    for (switch, faulty) in [
        (Switch::PutNotStored, (json!("t"), json!(true))),
        (Switch::PutDeactivateNotStored, (json!("u"), json!(true))),
    ] {
        differs(switch, (new(), new()), (new(), faulty), |client| {
            let (answer, read) = put(client, body.clone());
            (state(&answer.body), state(&read.body))
        });
    }
    differs(
        Switch::PutUpdatesPartially,
        Value::Null,
        json!("t"),
        |client| put(client, json!({"userName": "a", "title": null})).1.body["title"].clone(),
    );
    differs(
        Switch::RefusedPutStoresName,
        (400, Value::Null),
        (400, json!("d")),
        |client| {
            let (answer, read) = put(client, json!({"displayName": "d"}));
            (answer.status, read.body["displayName"].clone())
        },
    );
    differs(Switch::ReadonlyInPutRefused, 200, 400, |client| {
        put(client, json!({"userName": "a", "id": "x"})).0.status
    });
    differs(Switch::IdChangesOnPut, (200, 200), (200, 404), |client| {
        let (answer, read) = put(client, body.clone());
        assert_eq!(
            client
                .get(&format!("/Users/{}", text(&answer.body["id"])))
                .status,
            200
        );
        (answer.status, read.status)
    });
    for (switch, status) in [(None, 412), (Some(Switch::StaleVersionAccepted), 200)] {
        let faults = Vec::from_iter(switch);
        let client = Client::with(Config {
            faults,
            ..Config::default()
        })
        .header("If-Match", "W/\"old\"");
        assert_eq!(put(&client, body.clone()).0.status, status);
    }
}

#[test]
fn access() {
    let status = |switch: Option<Switch>, header: &str| {
        let (auth, faults) = (Auth::Bearer("abc".to_owned()), Vec::from_iter(switch));
        let client = Client::with(Config {
            auth,
            faults,
            ..Config::default()
        })
        .header("Authorization", header);
        let answer = client.get("/Users");
        if answer.status == 401 {
            failure(&answer).0
        } else {
            answer.status
        }
    };
    for (header, correct, empty_accepted) in [
        ("Bearer ", 401, 200),
        ("Bearer", 401, 200),
        ("Bearer x", 401, 401),
        ("", 401, 401),
    ] {
        assert_eq!(status(None, header), correct);
        assert_eq!(
            status(Some(Switch::EmptyTokenAccepted), header),
            empty_accepted,
            "{header}"
        );
        assert_eq!(status(Some(Switch::NoAuthCheck), header), 200);
    }
    for (switch, header, wrong) in [
        (Switch::TokenEndUnread, "Bearer abx", 200),
        (Switch::TokenEndUnread, "Bearer ab", 200),
        (Switch::TokenEndUnread, "Bearer axc", 401),
        (Switch::TokenCaseUnread, "Bearer aBC", 200),
        (Switch::TokenCaseUnread, "Bearer abd", 401),
        (Switch::SchemeCaseCounts, "bearer abc", 401),
        (Switch::SchemeCaseCounts, "Bearer abc", 200),
    ] {
        assert_eq!(status(Some(switch), header), wrong, "{header}");
    }
}

//! The switches of single resources, discovery and bulk jobs, the legal variants among them.

use serde_json::{Value, json};

use super::faults::differs;
use super::{Client, ENTERPRISE, GROUP, USER, failure, names};
use crate::{Auth, Config, Switch};

fn status(client: &Client, method: &str, target: &str, body: &Value) -> u16 {
    client.send(method, target, body).status
}

#[test]
fn creating() {
    let create = |body: Value| move |client: &Client| client.send("POST", "/Users", &body);
    differs(Switch::RequiredNotChecked, 400, 201, |client| {
        create(json!({"displayName": "Ana"}))(client).status
    });
    let shown = json!({"userName": "Ana", "emails": [{"value": "a@b.example", "display": "A"}]});
    differs(Switch::CreateLosesDisplay, true, false, |client| {
        create(shown.clone())(client).body["emails"][0]["display"].is_string()
    });
    differs(Switch::ExternalIdInvented, true, false, |client| {
        create(json!({"userName": "Ana"}))(client).body["externalId"].is_null()
    });
    differs(Switch::FreedIdGivenAgain, false, true, |client| {
        let freed = client.user("Ana");
        client.send("DELETE", &format!("/Users/{freed}"), &Value::Null);
        client.user("Bao") == freed
    });
    differs(Switch::ClientMetaAdopted, false, true, |client| {
        let body = json!({"userName": "Ana", "meta": {"created": "1999-01-02T03:04:05Z"}});
        create(body)(client).body["meta"]["created"] == "1999-01-02T03:04:05.000Z"
    });
    differs(Switch::UserNameUniqueByCase, 409, 201, |client| {
        client.user("Ana");
        create(json!({"userName": "ANA"}))(client).status
    });
    differs(
        Switch::ActiveNotDefaulted,
        json!(true),
        Value::Null,
        |client| create(json!({"userName": "Ana"}))(client).body["active"].clone(),
    );
    differs(Switch::GroupNamesUnique, 201, 409, |client| {
        client.group("Crew", &[]);
        let body = json!({"schemas": [GROUP], "displayName": "Crew"});
        status(client, "POST", "/Groups", &body)
    });
}

#[test]
fn membership() {
    differs(Switch::GroupsOfUserAdopted, (1, 1), (2, 0), |client| {
        let ana = client.user("Ana");
        let group = client.group("Crew", &[&ana]);
        let body = json!({"userName": "Bao", "groups": [{"value": group}]});
        client.create("/Users", body);
        let joined = client.member_ids(&group).len();
        client.send(
            "PUT",
            &format!("/Users/{ana}"),
            &json!({"userName": "Ana", "groups": []}),
        );
        let stayed = client.member_ids(&group).contains(&ana);
        (joined, usize::from(stayed))
    });
    differs(Switch::MembersDangle, 1, 2, |client| {
        let (ana, bao) = (client.user("Ana"), client.user("Bao"));
        let group = client.group("Crew", &[&ana, &bao]);
        assert_eq!(
            status(client, "DELETE", &format!("/Users/{ana}"), &Value::Null),
            204
        );
        client.member_ids(&group).len()
    });
}

#[test]
fn replacing() {
    let put =
        |client: &Client, id: &str, body: Value| client.send("PUT", &format!("/Users/{id}"), &body);
    differs(Switch::RenameToTakenAccepted, 409, 200, |client| {
        client.user("Ana");
        let bao = client.user("Bao");
        put(client, &bao, json!({"userName": "ana"})).status
    });
    differs(Switch::PutCreates, (404, 0), (201, 1), |client| {
        let answer = put(client, "nobody", json!({"userName": "Ana"}));
        (answer.status, client.found("userName eq \"Ana\"").len())
    });
    differs(
        Switch::PutKeepsOmitted,
        (false, false),
        (true, false),
        |client| {
            let body = json!({"userName": "Ana", "title": "Guide", "nickName": "A"});
            let id = client.create("/Users", body);
            let now = put(client, &id, json!({"userName": "Ana", "nickName": null})).body;
            (now["title"].is_string(), now["nickName"].is_string())
        },
    );
    differs(Switch::LastModifiedStandsStill, false, true, |client| {
        let id = client.user("Ana");
        let meta = put(client, &id, json!({"userName": "Bao"})).body["meta"].clone();
        meta["created"] == meta["lastModified"]
    });
}

#[test]
fn times_of_a_patch() {
    differs(Switch::PatchTimesStandStill, false, true, |client| {
        let id = client.user("Ana");
        let body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{"op": "add", "path": "title", "value": "Guide"}]});
        let now = client.send("PATCH", &format!("/Users/{id}"), &body).body;
        now["meta"]["created"] == now["meta"]["lastModified"]
    });
}

#[test]
fn times_and_versions_of_groups() {
    let moved = |place: &'static str| {
        move |client: &Client| {
            let id = client.group("Crew", &[]);
            let path = format!("/Groups/{id}");
            let before = client.get(&path).body["meta"][place].clone();
            client.send("PUT", &path, &json!({"displayName": "Staff"}));
            client.get(&path).body["meta"][place] != before
        }
    };
    differs(
        Switch::GroupTimesStandStill,
        true,
        false,
        moved("lastModified"),
    );
    differs(
        Switch::GroupVersionsStandStill,
        true,
        false,
        moved("version"),
    );
}

#[test]
fn long_texts() {
    differs(Switch::LongTextsCut, 300, 255, |client| {
        let title = "x".repeat(300);
        let id = client.create("/Users", json!({"userName": "Ana", "title": title}));
        let shown = client.get(&format!("/Users/{id}")).body;
        shown["title"].as_str().unwrap_or_default().len()
    });
}

#[test]
fn deleting_and_ids() {
    differs(Switch::ReportsDeletedToo, 200, 404, |client| {
        let manager = client.user("Ana");
        let report = client.create(
            "/Users",
            json!({"userName": "Bao", ENTERPRISE: {"manager": {"value": manager}}}),
        );
        status(client, "DELETE", &format!("/Users/{manager}"), &Value::Null);
        client.get(&format!("/Users/{report}")).status
    });
    differs(Switch::SoftDelete, (404, 0, 201), (404, 1, 409), |client| {
        let id = client.user("Ana");
        status(client, "DELETE", &format!("/Users/{id}"), &Value::Null);
        let read = client.get(&format!("/Users/{id}")).status;
        let listed = names(&client.get("/Users").body).len();
        let again = status(client, "POST", "/Users", &json!({"userName": "Ana"}));
        (read, listed, again)
    });
    differs(Switch::IdsSharedAcrossTypes, 404, 200, |client| {
        client.user("Ana");
        let group = client.group("Crew", &[]);
        client.get(&format!("/Users/{group}")).status
    });
}

#[test]
fn headers() {
    let read = |switch: Option<Switch>, name: &str, value: &str| {
        let client = Client::with(Config {
            faults: switch.into_iter().collect(),
            ..Config::default()
        });
        let id = client.user("Ana");
        let tag = client.get(&format!("/Users/{id}")).body["meta"]["version"].clone();
        let value = value.replace("TAG", tag.as_str().unwrap());
        client
            .header(name, &value)
            .get(&format!("/Users/{id}"))
            .status
    };
    let none_match = |switch| read(switch, "If-None-Match", "TAG");
    assert_eq!(
        (
            none_match(None),
            none_match(Some(Switch::IfNoneMatchIgnored))
        ),
        (304, 200)
    );
    let accepts = |switch, value| read(switch, "Accept", value);
    assert_eq!(accepts(None, "image/png"), 200);
    for (switch, value, status) in [
        (Switch::AcceptComparedVerbatim, "application/scim+json", 200),
        (Switch::AcceptComparedVerbatim, "*/*", 406),
        (Switch::AcceptHeeded, "text/html, */*;q=0.1", 200),
        (Switch::AcceptHeeded, "image/png", 406),
    ] {
        assert_eq!(accepts(Some(switch), value), status, "{switch} {value}");
    }
    let strong = Client::faulty(Switch::StrongTags);
    let id = strong.user("Ana");
    let answer = strong.get(&format!("/Users/{id}"));
    let tag = answer.body["meta"]["version"].as_str().unwrap().to_owned();
    assert!(tag.starts_with('"'), "{tag}");
    assert_eq!(answer.response.header("ETag"), Some(tag.as_str()));
    let changed = strong.header("If-Match", &tag);
    let body = json!({"userName": "Bao"});
    assert_eq!(status(&changed, "PUT", &format!("/Users/{id}"), &body), 200);
    assert_eq!(status(&changed, "PUT", &format!("/Users/{id}"), &body), 412);
}

#[test]
fn discovery() {
    let locked = |faults| {
        Client::with(Config {
            auth: Auth::Bearer("t".to_owned()),
            faults,
            ..Config::default()
        })
    };
    assert_eq!(locked(vec![]).get("/Schemas").status, 200);
    let closed = locked(vec![Switch::DiscoveryNeedsCredentials]);
    assert_eq!(closed.get("/Schemas").status, 401);
    assert_eq!(
        closed
            .header("Authorization", "Bearer t")
            .get("/Schemas")
            .status,
        200
    );
    differs(Switch::DiscoveryFilterIgnored, 403, 200, |client| {
        client.get("/Schemas?filter=id%20pr").status
    });
}

fn job(client: &Client, fail_on_errors: Option<u64>, operations: Value) -> Vec<String> {
    let mut body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": operations,
    });
    if let Some(limit) = fail_on_errors {
        body["failOnErrors"] = limit.into();
    }
    let answer = client.send("POST", "/Bulk", &body);
    let results = answer.body["Operations"].as_array().cloned();
    let told = |result: &Value| result["status"].as_str().unwrap().to_owned();
    results
        .map(|results| results.iter().map(told).collect())
        .unwrap_or_else(|| vec![answer.status.to_string()])
}

#[test]
fn bulk() {
    let user = |id: &str| json!({"method": "POST", "path": "/Users", "bulkId": id, "data": {"schemas": [USER], "userName": id}});
    let gone = json!({"method": "DELETE", "path": "/Users/nobody"});
    let texts = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
    let failing = json!([gone, gone, gone, user("a")]);
    differs(
        Switch::BulkStopsAtFirstFailure,
        texts(&["404", "404", "404", "201"]),
        texts(&["404"]),
        |client| job(client, None, failing.clone()),
    );
    differs(
        Switch::FailOnErrorsIgnored,
        texts(&["404"]),
        texts(&["404", "404", "404", "201"]),
        |client| job(client, Some(1), failing.clone()),
    );
    differs(
        Switch::FailOnErrorsExceeded,
        texts(&["404"]),
        texts(&["404", "404"]),
        |client| job(client, Some(1), failing.clone()),
    );
    for incomplete in [
        json!({"path": "/Users", "bulkId": "a", "data": {}}),
        json!({"method": "DELETE"}),
        json!({"method": "PUT", "path": "/Users/1"}),
        json!({"method": "POST", "path": "/Users", "data": {"userName": "a"}}),
    ] {
        differs(
            Switch::BulkIncompleteDone,
            texts(&["400"]),
            texts(&["200"]),
            |client| job(client, None, json!([incomplete])),
        );
    }
    let group = json!({"method": "POST", "path": "/Groups", "bulkId": "g", "data": {"schemas": [GROUP], "displayName": "Crew", "members": [{"value": "bulkId:a"}]}});
    differs(
        Switch::BulkForwardReferencesRefused,
        texts(&["201", "201"]),
        texts(&["400", "201"]),
        |client| job(client, None, json!([group, user("a")])),
    );
    differs(Switch::BulkIdNotResolved, false, true, |client| {
        let mut report = user("b");
        report["data"][ENTERPRISE] = json!({"manager": {"value": "bulkId:a"}});
        job(client, None, json!([user("a"), report]));
        let found = client.get("/Users?filter=userName%20eq%20%22b%22").body;
        found["Resources"][0][ENTERPRISE]["manager"]["value"] == "bulkId:a"
    });
}

#[test]
fn bulk_limits() {
    let limited = |faults| {
        let client = Client::with(Config {
            max_operations: 1,
            faults,
            ..Config::default()
        });
        let gone = json!({"method": "DELETE", "path": "/Users/nobody"});
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
            "Operations": [gone, gone],
        });
        client.send("POST", "/Bulk", &body)
    };
    assert_eq!(failure(&limited(vec![])), (413, ""));
    assert_eq!(limited(vec![Switch::BulkLimitsIgnored]).status, 200);
}

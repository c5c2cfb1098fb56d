//! What a run created is removed in order and with patience, or listed with its URL.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up fails, and says where"
)]

#[path = "support/hostile.rs"]
mod hostile;
mod support;

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use hostile::{Hostile, acts};
use scim_harness::{
    run::Leftover,
    target::{Auth, Target},
    verdict::Verdict,
};
use scim_provider::{Config, Provider, Request, Response};
use secrecy::SecretString;
use serde_json::{Value, json};
use support::{
    Home, Stub, answer,
    held::{Held, hold_all, passes, target, unclear},
    users,
};

/// A user, a group with it, and another user.
const CREATE: &str = r#"
[[step]]
name    = "create"
send    = "POST /Users"
body    = '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"{{unique}}@example.com"}'
expect  = [{ rule = "rfc7644-3.3/created-is-201", status = 201 }]
capture = { user_id = "/id" }

[[step]]
name    = "create a group"
send    = "POST /Groups"
body    = '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"{{unique}}","members":[{"value":"{{user_id}}"}]}'
expect  = [{ rule = "rfc7644-3.3/created-is-201", status = 201 }]

[[step]]
name    = "create another"
send    = "POST /Users"
body    = '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"{{unique}}-2@example.com"}'
expect  = [{ rule = "rfc7644-3.3/created-is-201", status = 201 }]
"#;

fn server(lie: impl Fn(&Request, Response) -> Response + Send + Sync + 'static) -> Hostile {
    Hostile::lying(2, Arc::new(lie))
}

/// Holds the scenario against a server, which has the same users afterwards.
fn hold(server: &Hostile) -> Held {
    hold_all(&[("mine", CREATE)], Some(target(&server.url)), &[])
}

/// The collections that a DELETE went to, in order.
fn deletions(server: &Hostile) -> Vec<String> {
    let asked = server.asked();
    let deletions = asked.iter().filter(|asked| asked.method == "DELETE");
    deletions
        .map(|asked| asked.target.split('/').nth(1).unwrap().to_owned())
        .collect()
}

#[test]
fn groups_are_removed_before_users() {
    let server = server(|_, honest| honest);
    assert_eq!(hold(&server).leftovers, []);
    assert_eq!(deletions(&server), ["Groups", "Users", "Users"]);
    assert_eq!(users(&server.url).len(), 2);
}

#[test]
fn a_removal_that_fails_is_tried_again() {
    let failures = AtomicUsize::new(2);
    let server = server(move |request, honest| {
        let fails = request.method == "DELETE" && request.target.starts_with("/Groups");
        if fails
            && failures
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                    left.checked_sub(1)
                })
                .is_ok()
        {
            return Response {
                status: 502,
                body: Vec::new(),
                ..honest
            };
        }
        honest
    });
    assert_eq!(hold(&server).leftovers, []);
    assert_eq!(
        deletions(&server)
            .iter()
            .filter(|name| *name == "Groups")
            .count(),
        3
    );
}

/// The users besides those that were there: what is left of a run.
fn left(server: &Hostile) -> Vec<Value> {
    users(&server.url).split_off(2)
}

#[test]
fn a_delete_without_effect_is_seen_and_its_user_deactivated() {
    for (status, body) in [(204, ""), (404, "<pre>Cannot DELETE</pre>")] {
        let server = Hostile::instead(2, move |request, _| {
            (request.method == "DELETE").then(|| answer(status, "text/html", body))
        });
        let held = hold(&server);
        let left = left(&server);
        assert_eq!(left.len(), 2, "{status}");
        assert!(left.iter().all(|user| user["active"] == false), "{left:?}");
        let told = format!("DELETE answered {status}, and it is still there");
        assert_eq!(held.leftovers.len(), 3, "{:?}", held.leftovers);
        for left in &held.leftovers {
            let user = left.url.contains("/Users/");
            let wanted = format!("{told}{}", if user { "; it was deactivated" } else { "" });
            assert_eq!(left.reason, wanted, "{}", left.url);
        }
    }
}

#[test]
fn who_is_removed_only_when_inactive_is_deactivated_first() {
    let server = Hostile::instead(2, |request, honest| {
        let read = Request {
            method: "GET".to_owned(),
            ..request.clone()
        };
        let shown: Value = serde_json::from_slice(&honest(&read).body).unwrap_or_default();
        let active = request.method == "DELETE" && shown["active"] == true;
        active.then(|| answer(409, "application/scim+json", "{}"))
    });
    assert_eq!(hold(&server).leftovers, []);
    assert_eq!(left(&server), [json!(null); 0]);
}

#[test]
fn where_patch_is_refused_a_user_is_deactivated_with_put() {
    let server = Hostile::instead(2, |request, _| {
        let refused = ["DELETE", "PATCH"].contains(&request.method.as_str());
        refused.then(|| answer(501, "application/scim+json", "{}"))
    });
    let held = hold(&server);
    let left = left(&server);
    assert!(left.len() == 2 && left.iter().all(|user| user["active"] == false));
    let reasons = held
        .leftovers
        .iter()
        .filter(|left| left.url.contains("/Users/"));
    for left in reasons {
        assert_eq!(left.reason, "DELETE answered 501; it was deactivated");
    }
}

#[test]
fn a_put_that_changes_nothing_is_told_and_not_the_patch_before_it() {
    let server = Hostile::instead(2, |request, honest| {
        let read = Request {
            method: "GET".to_owned(),
            body: Vec::new(),
            ..request.clone()
        };
        match request.method.as_str() {
            "DELETE" => Some(answer(501, "application/scim+json", "{}")),
            "PATCH" => Some(answer(400, "application/scim+json", "{}")),
            "PUT" => Some(honest(&read)),
            _ => None,
        }
    });
    let held = hold(&server);
    let told = "DELETE answered 501, deactivation had no effect";
    let users = held
        .leftovers
        .iter()
        .filter(|left| left.url.contains("/Users/"));
    assert!(users.clone().all(|left| left.reason == told), "{users:?}");
    assert_eq!(users.count(), 2);
}

#[test]
fn removals_are_looked_at_until_they_are_known_to_work() {
    let create: String = (0..20)
        .map(|n| CREATE_ONE.replace("NUMBER", &n.to_string()))
        .collect();
    let server = server(|_, honest| honest);
    let held = hold_all(&[("mine", &create)], Some(target(&server.url)), &[]);
    assert_eq!(held.leftovers, []);
    let reads = server
        .asked()
        .iter()
        .filter(|asked| asked.method == "GET" && asked.target.starts_with("/Users/"))
        .count();
    // One of each before its removal, and some afterwards: eight removals go on side by side.
    assert!((23..=33).contains(&reads), "{reads}");
}

const CREATE_ONE: &str = r#"
[[step]]
name    = "create NUMBER"
send    = "POST /Users"
body    = '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"{{unique}}-NUMBER@example.com"}'
expect  = [{ rule = "rfc7644-3.3/created-is-201", status = 201 }]
"#;

/// A user is created, read and deleted, and then deleted again.
const DELETE_TWICE: &str = r#"
[[step]]
name    = "create"
send    = "POST /Users"
body    = '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"{{unique}}@example.com"}'
expect  = [{ rule = "rfc7644-3.3/created-is-201", status = 201 }]
capture = { user_id = "/id" }

[[step]]
name    = "read"
send    = "GET /Users/{{user_id}}"
expect  = [{ rule = "rfc7644-3.4.1/known-id-is-200", status = 200 }]

[[step]]
name    = "delete"
send    = "DELETE /Users/{{user_id}}"
expect  = [{ rule = "rfc7644-3.6/delete-is-204", status = 204 }]

[[step]]
name    = "delete again"
send    = "DELETE /Users/{{user_id}}"
expect  = [{ rule = "rfc7644-3.6/delete-is-204", status = 404 }]
"#;

#[test]
fn what_was_deleted_may_be_deleted_again_while_nobody_is_there() {
    let server = server(|_, honest| honest);
    let held = hold_all(&[("mine", DELETE_TWICE)], Some(target(&server.url)), &[]);
    passes(&held.results[0]);
    assert_eq!(deletions(&server), ["Users"; 2]);
}

#[test]
fn a_freed_id_that_somebody_else_got_is_left_alone() {
    let freed = AtomicUsize::new(0);
    let server = server(move |request, honest| {
        let theirs = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "id": "7", "userName": "somebody@example.org"});
        match request.method.as_str() {
            "DELETE" => {
                freed.fetch_add(1, Ordering::SeqCst);
                honest
            }
            "GET" if freed.load(Ordering::SeqCst) > 0 && request.target.starts_with("/Users/") => {
                answer(200, "application/scim+json", theirs.to_string())
            }
            _ => honest,
        }
    });
    let held = hold_all(&[("mine", DELETE_TWICE)], Some(target(&server.url)), &[]);
    let case = &held.results[0];
    let reason = case.reason.as_deref().unwrap_or_default();
    assert_eq!(case.verdict, Verdict::Skipped, "{reason}");
    assert!(reason.contains("the id of what was deleted"), "{reason}");
    assert_eq!(deletions(&server), ["Users"], "once, as it was ours");
    assert_eq!(held.leftovers, []);
}

/// The second create is refused and has no path, so that the first user is what a search for it finds.
const CREATE_TWICE: &str = r#"
[[step]]
name    = "create"
send    = "POST /Users"
body    = '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"{{unique}}@example.com"}'
expect  = [{ rule = "rfc7644-3.3/created-is-201", status = 201 }]

[[step]]
name    = "create it again"
send    = "POST /Users"
body    = '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"{{unique}}@example.com"}'
expect  = [{ rule = "rfc7644-3.3/duplicate-create-is-409-uniqueness", status = 409 }]
"#;

#[test]
fn what_two_creates_are_about_is_removed_once() {
    let server = server(|_, honest| honest);
    let held = hold_all(&[("mine", CREATE_TWICE)], Some(target(&server.url)), &[]);
    passes(&held.results[0]);
    assert_eq!(deletions(&server), ["Users"]);
    assert_eq!(held.leftovers, []);
}

/// SCIMMY does so where an operation refers to a later one, and tells where one of the two is.
#[test]
fn what_a_bulk_job_made_twice_is_removed_twice() {
    let server = Hostile::instead(2, |request, honest| {
        let is_job = request.method == "POST" && request.target.starts_with("/Bulk");
        is_job.then(|| {
            honest(request);
            honest(request)
        })
    });
    let steps = r#"
[[step]]
name   = "create a group"
send   = "POST /Bulk"
body   = '{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[{"method":"POST","path":"/Groups","bulkId":"g","data":{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"{{unique}}"}}]}'
expect = [{ rule = "rfc7644-3.7/bulk-results-have-location", status = 200 }]

[[step]]
name   = "look it up"
send   = "GET /Groups"
query  = { filter = 'displayName eq "{{unique}}"' }
expect = [{ rule = "rfc7644-3.4.2.2/eq-matches-identical-values", at = "/totalResults", equals = 2 }]
"#;
    let held = hold_all(&[("mine", steps)], Some(target(&server.url)), &[]);
    held.results.iter().for_each(passes);
    assert_eq!(held.leftovers, []);
    assert_eq!(deletions(&server), ["Groups", "Groups"]);
}

#[test]
fn a_target_that_demands_a_condition_gets_one() {
    let server = server(|request, honest| match request.header("If-Match") {
        None if request.method == "DELETE" => answer(428, "application/scim+json", "{}"),
        _ => honest,
    });
    let held = hold(&server);
    assert_eq!(held.leftovers, []);
    let asked = server.asked();
    let deletions = asked.iter().filter(|asked| asked.method == "DELETE");
    let conditions = deletions.map(|asked| asked.header("If-Match"));
    let met: Vec<_> = conditions.filter(|condition| condition.is_some()).collect();
    assert_eq!(met, [Some("*"); 3]);
}

#[test]
fn a_user_that_was_refused_and_created_all_the_same_is_removed() {
    let server = server(|request, honest| match request.method.as_str() {
        "POST" if honest.status == 201 => Response {
            status: 400,
            body: b"{}".to_vec(),
            ..honest
        },
        _ => honest,
    });
    assert_eq!(hold(&server).leftovers, []);
    assert_eq!(users(&server.url).len(), 2);
}

/// A provider that answers creates and searches with the id of somebody else.
#[test]
fn a_search_that_shows_somebody_else_s_id_removes_nobody() {
    let foreign: Arc<Mutex<Value>> = Arc::default();
    let shown = Arc::clone(&foreign);
    let server = server(move |request, mut honest| {
        let id = shown.lock().unwrap().clone();
        let is_search = request.method == "GET" && request.target.contains("filter=userName");
        if let Ok(mut body) = serde_json::from_slice::<Value>(&honest.body)
            && !id.is_null()
        {
            match request.method.as_str() {
                "POST" if honest.status == 201 => body["id"] = id,
                _ if is_search && body["Resources"][0].is_object() => {
                    body["Resources"][0]["id"] = id;
                }
                _ => {}
            }
            honest.body = body.to_string().into_bytes();
        }
        honest
    });
    let before = users(&server.url);
    *foreign.lock().unwrap() = before[0]["id"].clone();
    let held = hold(&server);
    *foreign.lock().unwrap() = Value::Null;
    let after = users(&server.url);
    assert!(before.iter().all(|user| after.contains(user)), "{after:?}");
    assert_eq!(deletions(&server), ["Groups"], "the group is ours");
    let users = held.leftovers.iter();
    let mut users = users.filter(|left| left.url.contains("/Users/"));
    let told = "a search shows it where a read shows something else";
    assert!(
        users.all(|left| left.reason == told),
        "{:?}",
        held.leftovers
    );
}

#[test]
fn a_search_that_shows_another_each_time_is_not_followed_for_ever() {
    let count = AtomicUsize::new(0);
    let server = server(move |request, honest| {
        let asked = url::Url::parse(&format!("http://x{}", request.target)).unwrap();
        let filter = asked.query_pairs().find(|(name, _)| name == "filter");
        match (request.method.as_str(), filter) {
            ("POST", _) => answer(500, "application/scim+json", "{}"),
            ("GET", Some((_, filter))) => {
                let value = filter.split('"').nth(1).unwrap_or_default();
                let id = format!("ghost-{}", count.fetch_add(1, Ordering::SeqCst));
                let list = json!({"totalResults": 1, "Resources": [{"id": id, "userName": value, "displayName": value}]});
                answer(200, "application/scim+json", list.to_string())
            }
            _ => honest,
        }
    });
    let held = hold(&server);
    let told = "a search goes on showing it after 8 times";
    assert!(!held.leftovers.is_empty());
    assert!(
        held.leftovers.iter().all(|left| left.reason == told),
        "{:?}",
        held.leftovers
    );
    assert_eq!(deletions(&server), [""; 0]);
}

#[test]
fn a_damaged_ledger_is_told_and_kept_and_does_not_hide_the_others() {
    let server = server(|_, honest| honest);
    let home = Home::new();
    let run = json!({"run": {"tag": "scim-harness-00000001", "target": "t", "urls": [["2.0", server.url]]}});
    let foreign = users(&server.url)[0]["id"].as_str().unwrap().to_owned();
    let entry = json!({"create": {
        "number": 0, "case": "c", "scim": "2.0", "collection": "/Users", "key": null,
        "path": format!("/Users/{foreign}"), "removed": false,
    }});
    let ledgers = [
        ("a-bytes", "\u{fffd}\n".to_owned()),
        ("b-line", format!("{run}\n{{\"create\":\n{entry}\n")),
        ("c-run", format!("nothing\n{entry}\n")),
        (
            "d-tag",
            format!(
                "{}\n{entry}\n",
                run.to_string().replace("scim-harness-00000001", "")
            ),
        ),
        ("e-sound", format!("{run}\n{entry}\n")),
        ("f-begun", String::new()),
    ];
    let folder = home.state().join("scim-harness");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, text) in &ledgers {
        std::fs::write(folder.join(format!("{name}.jsonl")), text).unwrap();
    }
    let swept = home.run(&["sweep", "--target", &server.url]).ended(3);
    for (name, reason) in [
        ("a-bytes", "it does not say whose run it is of"),
        ("b-line", "1 of its lines cannot be read"),
        ("c-run", "it does not say whose run it is of"),
        ("d-tag", "it does not say whose run it is of"),
    ] {
        let told = format!("{name}.jsonl is damaged: {reason}\n");
        assert!(swept.err.contains(&told), "{name}: {}", swept.err);
        assert!(
            folder.join(format!("{name}.jsonl")).exists(),
            "{name} is kept"
        );
    }
    assert!(!folder.join("e-sound.jsonl").exists());
    assert_eq!(swept.out, "2 of what was noted is not there\n");
    assert_eq!(deletions(&server), [""; 0]);
    assert_eq!(users(&server.url).len(), 2);
}

/// A server that answers a create without a body, and does not heed filters.
fn terse(tells_location: bool) -> Hostile {
    server(move |request, mut honest| {
        match (request.method.as_str(), request.target.contains("filter=")) {
            ("POST", _) if honest.status == 201 => {
                let told = |name: &str| tells_location || !name.eq_ignore_ascii_case("location");
                honest.headers.retain(|(name, _)| told(name));
                Response {
                    body: Vec::new(),
                    ..honest
                }
            }
            // Filters are not heeded: the first page comes, which shows others.
            ("GET", true) => Response {
                body: foreign(),
                status: 200,
                ..honest
            },
            _ => honest,
        }
    })
}

#[test]
fn what_location_alone_tells_is_removed() {
    let server = terse(true);
    let held = hold(&server);
    assert_eq!(held.leftovers.len(), 0, "{:?}", held.leftovers);
    assert_eq!(users(&server.url).len(), 2);
}

#[test]
fn what_a_target_does_not_find_is_listed_where_to_look() {
    let server = terse(false);
    let held = hold(&server);
    let left: Vec<&Leftover> = held.leftovers.iter().collect();
    assert_eq!(left.len(), 1, "{left:?}");
    assert!(
        left[0]
            .url
            .starts_with(&format!("{}/Users where userName is ", server.url)),
        "{left:?}"
    );
    assert!(left[0].reason.contains("so it may be there"), "{left:?}");
}

/// A provider that knows a user by nothing that the request says.
#[test]
fn what_has_lost_its_mark_is_told_and_stays() {
    let server = server(|request, honest| {
        let Ok(mut body) = serde_json::from_slice::<Value>(&honest.body) else {
            return honest;
        };
        if request.method == "GET" && request.target.contains("filter=") {
            body["totalResults"] = json!(0);
            body["Resources"] = json!([]);
        } else if body["userName"].is_string() {
            body["userName"] = json!("Unknown");
        }
        Response {
            body: body.to_string().into_bytes(),
            ..honest
        }
    });
    let held = hold(&server);
    let left: Vec<&Leftover> = held.leftovers.iter().collect();
    assert_eq!(left.len(), 1, "{left:?}");
    let at = format!("{}/Users/", server.url);
    assert!(left[0].url.starts_with(&at), "{left:?}");
    assert!(left[0].reason.contains("no mark of this run"), "{left:?}");
    assert_eq!(
        deletions(&server),
        [""; 0],
        "who may be somebody else stays"
    );
}

fn foreign() -> Vec<u8> {
    let list = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": 1,
        "Resources": [{"id": "foreign", "userName": "somebody@example.com"}],
    });
    list.to_string().into_bytes()
}

/// A group that others made, which the target answers a create with, and which has our user.
#[test]
fn a_foreign_group_with_our_user_in_it_is_not_ours() {
    let tagged: Mutex<Value> = Mutex::default();
    let server = server(move |request, honest| {
        let mut tagged = tagged.lock().unwrap();
        let everybody = |member: &Value, status| {
            let body = json!({
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "id": "everybody",
                "displayName": "Everybody", "members": [{"value": "1", "display": member}],
            });
            answer(status, "application/scim+json", body.to_string())
        };
        match (request.method.as_str(), request.target.as_str()) {
            ("POST", "/Groups") => {
                let asked: Value = serde_json::from_slice(&request.body).unwrap();
                *tagged = asked["displayName"].clone();
                everybody(&tagged, 201)
            }
            ("GET", "/Groups/everybody") => everybody(&tagged, 200),
            _ => honest,
        }
    });
    hold(&server);
    assert!(
        !server
            .asked()
            .iter()
            .any(|asked| asked.method == "DELETE" && asked.target.contains("everybody"))
    );
}

#[test]
fn a_sweep_leaves_a_run_that_is_still_going_alone() {
    let (begun, goes_on) = std::sync::mpsc::channel();
    let (release, wait) = std::sync::mpsc::channel::<()>();
    let (begun, wait) = (Mutex::new(begun), Mutex::new(wait));
    let held = AtomicUsize::new(1);
    let server = server(move |request, honest| {
        if request.method == "POST" && held.swap(0, Ordering::SeqCst) == 1 {
            begun.lock().unwrap().send(()).unwrap();
            wait.lock().unwrap().recv().unwrap();
        }
        honest
    });
    let home = Home::new();
    let arguments = [
        "run",
        "--target",
        &server.url,
        "--exact",
        "okta::v2::create_user",
        "--snapshots",
        "off",
    ];
    let child = home.command(&arguments).spawn().unwrap();
    goes_on
        .recv_timeout(std::time::Duration::from_secs(60))
        .unwrap();
    let swept = home.run(&["sweep", "--target", &server.url]).ended(0);
    assert!(
        swept
            .out
            .contains("1 ledger belongs to a run that is still going\n"),
        "{}",
        swept.out
    );
    release.send(()).unwrap();
    support::Ran::of(child).ended(0);
    assert_eq!(users(&server.url).len(), 2);
}

/// A user of one tenant, and a group of another.
const TENANTS: &str = r#"
needs  = ["other-tenant"]

[[step]]
name    = "create"
send    = "POST /Users"
body    = '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"{{unique}}@example.com"}'
expect  = [{ rule = "rfc7644-3.3/created-is-201", status = 201 }]
capture = { user_id = "/id" }

[[step]]
name    = "create a group as another tenant"
send    = "POST /Groups"
as      = "other-tenant"
body    = '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"{{unique}}"}'
expect  = [{ rule = "rfc7644-3.3/created-is-201", status = 201 }]

[[step]]
name    = "change the user as another tenant"
send    = "PATCH /Users/{{user_id}}"
as      = "other-tenant"
body    = '{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"title","value":"x"}]}'
expect  = [{ rule = "security/other-tenant-changes-nothing", status = 404 }]
"#;

/// What a tenant of the provider sees at a path.
fn seen(provider: &Provider, token: &str, target: &str) -> Value {
    let request = Request {
        method: "GET".to_owned(),
        target: target.to_owned(),
        headers: vec![("Authorization".to_owned(), format!("Bearer {token}"))],
        body: Vec::new(),
    };
    serde_json::from_slice(&provider.handle(&request).body).unwrap()
}

/// A provider with two tenants, of which the second may be shown something else at a path.
fn two_tenants(
    lie: impl Fn(&Request) -> Option<Response> + Send + Sync + 'static,
) -> (Provider, Stub, Target) {
    let bearer = |token: &str| scim_provider::Auth::Bearer(token.to_owned());
    let provider = Provider::new(Config {
        auth: bearer("first"),
        other_tenant: Some(bearer("second")),
        ..Config::default()
    });
    let answering = provider.clone();
    let stub = Stub::start("/scim/v2", move |request| {
        let other = request.header("Authorization") == Some("Bearer second");
        let lie = other.then(|| lie(request)).flatten();
        lie.unwrap_or_else(|| answering.handle(request))
    });
    provider.set_base(stub.url.clone());
    let bearer = |token: &str| Auth::Bearer(SecretString::from(token.to_owned()));
    let target = Target {
        credential: bearer("first"),
        other_tenant: Some(bearer("second")),
        ..target(&stub.url)
    };
    (provider, stub, target)
}

#[test]
fn what_another_tenant_creates_is_removed_as_that_tenant() {
    let (provider, _stub, target) = two_tenants(|_| None);
    let held = hold_all(&[("mine", TENANTS)], Some(target), &[]);
    passes(&held.results[0]);
    assert_eq!(held.leftovers, []);
    for (token, list) in [("first", "/Users"), ("second", "/Groups")] {
        assert_eq!(seen(&provider, token, list)["totalResults"], 0, "{list}");
    }
}

#[test]
fn another_tenant_changes_nothing_of_its_own_at_the_path_of_what_is_ours() {
    let (_provider, stub, target) = two_tenants(|request| {
        let reads = request.method == "GET" && request.target.starts_with("/Users/");
        let theirs = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "id": "1", "userName": "somebody@example.org"});
        reads.then(|| answer(200, "application/scim+json", theirs.to_string()))
    });
    let held = hold_all(&[("mine", TENANTS)], Some(target), &[]);
    assert!(unclear(&held.results[0]).contains("something that this run did not create"));
    assert!(!stub.asked().iter().any(|asked| asked.method == "PATCH"));
    assert_eq!(held.leftovers, []);
}

#[test]
fn a_large_body_may_be_cut_where_the_step_says_so() {
    let hits = |request: &Request| request.body.len() > 1_000_000;
    let hold = |word: &str| {
        let server = Hostile::start(2, hits, acts::reset());
        let scenario = format!(
            r#"
[[step]]
name   = "create"
send   = "POST /Users"
{word}
long   = {{ letters = {{ text = "x", end = "y", times = 600000 }} }}
body   = '{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"{{{{unique}}}}","title":"{{{{letters}}}}"}}'
expect = [{{ rule = "rfc7644-3.3/created-is-201", status = 201 }}]

[[step]]
name   = "list"
send   = "GET /Users"
expect = [{{ rule = "okta/users-page-is-200", status = 200 }}]
"#
        );
        let mut held = hold_all(&[("mine", &scenario)], Some(target(&server.url)), &[]);
        assert_eq!(held.leftovers.is_empty(), !word.is_empty());
        let sent = server.asked().into_iter().find(hits).unwrap().body;
        assert!(sent.len() > 1_200_000 && sent.ends_with(b"yyyy\"}"));
        held.results.remove(0)
    };
    let cut = hold("may_be_cut = true");
    passes(&cut);
    let kept = cut.exchanges[0].request.body.as_deref().unwrap_or_default();
    assert!(kept.len() < 300_000 && kept.ends_with("bytes in all)"));
    assert_eq!(hold("").verdict, Verdict::Inconclusive);
}

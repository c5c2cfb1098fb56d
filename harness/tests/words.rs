//! Words of the scenario format by which verdicts follow points of leeway, and by which what was
//! made once is used again.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot be set up fails, and says where"
)]

mod support;

use scim_harness::{
    rule::Severity,
    scenario::Version,
    verdict::{CaseResult, Verdict},
};
use serde_json::json;
use support::{
    Stub, answer,
    held::{
        Held, breaches, hold, hold_against, hold_all, hold_with_fault, passes, target, unclear,
    },
    provider,
};

/// Two users, created side by side.
const TWO_USERS: &str = r#"
[[step]]
name    = "create"
send    = "POST /Users"
repeat  = 2
body    = '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"{{unique}}-{{n}}@example.com"}'
expect  = [{ rule = "rfc7644-3.3/created-is-201", status = "2xx" }]
capture = { user_ids = "/id" }
"#;

/// A server without users that answers every POST with this status.
fn refusing(status: u16) -> Stub {
    Stub::start("/scim/v2", move |request| {
        if request.method == "GET" {
            let body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
                "totalResults": 0, "Resources": []});
            return answer(200, "application/scim+json", body.to_string());
        }
        let body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": status.to_string(), "detail": "no"});
        answer(status, "application/scim+json", body.to_string())
    })
}

fn found(result: &CaseResult) -> Vec<(Severity, &str)> {
    let findings = result.findings.iter();
    findings
        .map(|finding| (finding.severity, finding.message.as_str()))
        .collect()
}

#[test]
fn a_status_may_be_any_of_a_class() {
    passes(&hold(&format!(
        r#"{TWO_USERS}
[[step]]
name   = "read what is not there"
send   = "GET /Users/{{{{unknown_id}}}}"
expect = [
  {{ rule = "rfc7644-3.4.1/known-id-is-200", status = ["2xx", "4xx"] }},
  {{ rule = "okta/error-says-why", when = "4xx", at = "/detail", type = "string" }},
  {{ rule = "okta/error-says-why", when = "2xx", at = "/detail", absent = true }},
]

[[step]]
name   = "find them"
send   = "GET /Users"
query  = {{ filter = 'userName sw "{{{{unique}}}}"' }}
expect = [{{ rule = "okta/created-user-is-found", at = "$.Resources[*].id", same_values = "{{{{user_ids}}}}" }}]
"#
    )));
}

#[test]
fn leeway_makes_a_breach_a_warning() {
    let step = |leeway: &str| {
        format!(
            r#"
[[step]]
name   = "list"
send   = "GET /Users"
expect = [{{ rule = "okta/users-page-is-200", at = "/totalResults", equals = 7{leeway} }}]
"#
        )
    };
    assert_eq!(breaches(&hold(&step(""))).len(), 1);
    let lenient = hold(&step(r#", leeway = "A13""#));
    assert_eq!(lenient.verdict, Verdict::Warned);
    assert_eq!(
        found(&lenient),
        [(Severity::Warning, "`/totalResults` is integer <12>")]
    );
    assert_eq!(lenient.findings[0].leeway.as_deref(), Some("A13"));
}

#[test]
fn what_is_not_offered_is_skipped_and_told() {
    let step = r#"
[[step]]
name        = "ask by POST"
send        = "POST /Users/.search"
body        = '{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],"filter":"userName pr"}'
not_offered = [404, 501]
expect      = [{ rule = "okta/users-page-is-200", status = 200 }]
"#;
    passes(&hold(step));
    let result = hold_against(&refusing(501).url, step);
    assert_eq!(result.verdict, Verdict::Skipped, "{:?}", found(&result));
    assert_eq!(
        result.reason.as_deref(),
        Some("the target does not offer POST /Users/.search: 501")
    );
    let result = hold_against(&refusing(400).url, step);
    assert_eq!(breaches(&result)[0].1, "the status is 400");
    let step = step.replace("404", "400");
    let result = hold_against(&refusing(400).url, &step);
    assert_eq!(
        result.reason.as_deref(),
        Some("the target refuses POST /Users/.search: 400")
    );
}

#[test]
fn a_list_is_made_of_another() {
    let group = |first: &str, of: &str| {
        format!(
            r#"{TWO_USERS}
[[step]]
name   = "create a group"
send   = "POST /Groups"
lists  = {{ members = {{ of = "{of}", item = '{{"value":"{{{{item}}}}"}}'{first} }} }}
body   = '{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"{{{{unique}}}}","members":{{{{members}}}}}}'
expect = [
  {{ rule = "rfc7644-3.3/created-is-201", status = 201 }},
  {{ rule = "rfc7644-3.3/created-is-201", at = "$.members[*].value", same_values = "{{{{user_ids}}}}" }},
]
"#
        )
    };
    passes(&hold(&group("", "user_ids")));
    let few = hold(&group(", first = 1", "user_ids"));
    assert_eq!(
        breaches(&few)[0].1,
        "`$.members[*].value` finds 1 values, not those expected"
    );
    assert_eq!(
        unclear(&hold(&group("", "unique"))),
        "`unique` is no list, so `members` cannot be made"
    );
}

#[test]
fn an_item_of_a_list_may_take_members_of_an_object() {
    let users = TWO_USERS.replace("user_ids = \"/id\"", "users = \"\"");
    let group = r#"
[[step]]
name   = "create a group"
send   = "POST /Groups"
lists  = { members = { of = "users", item = '{"value":"{{item.id}}","display":"{{item.userName}}"}' } }
body   = '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"{{unique}}","members":{{members}}}'
expect = [
  { rule = "rfc7644-3.3/created-is-201", status = 201 },
  { rule = "rfc7644-3.3/created-is-201", at = "$.members[*].display", count = 2 },
]
"#;
    passes(&hold(&format!("{users}{group}")));
    let unknown = group.replace("item.userName", "item.mail");
    assert!(unclear(&hold(&format!("{users}{unknown}"))).contains("`{{item.mail}}` has no value"));
}

#[test]
fn a_step_is_left_out_where_what_it_builds_upon_is_broken() {
    let text = |status: u16| {
        format!(
            r#"
[[step]]
name   = "read the users"
send   = "GET /Users"
expect = [
  {{ rule = "rfc7644-3.4.2/query-answer-is-list-response", status = "2xx" }},
  {{ rule = "rfc7644-3.4.2/query-answer-is-list-response", status = {status} }},
]

[[step]]
name   = "read them again"
send   = "GET /Users"
unless_broken = ["rfc7644-3.4.2/query-answer-is-list-response"]
expect = [{{ rule = "rfc7644-3.4.2/total-results-is-present", status = 418 }}]
"#
        )
    };
    assert_eq!(breaches(&hold(&text(200))).len(), 1, "the second step");
    let folded = hold(&text(299));
    assert_eq!(breaches(&folded).len(), 1, "the first step only");
    assert_eq!(folded.exchanges.len(), 1);
}

#[test]
fn what_exceeds_a_limit_is_made_from_the_limit() {
    let job = |at_most: u32, item: &str, operations: &str| {
        format!(
            r#"
[[step]]
name    = "read the limits"
send    = "GET /ServiceProviderConfig"
expect  = [{{ rule = "rfc7643-5/config-states-bulk-support", status = 200 }}]
capture = {{ limit = "/bulk/maxOperations" }}

[[step]]
name   = "send too much"
send   = "POST /Bulk"
excess = {{ too_much = {{ of = "limit", at_most = {at_most}{item} }} }}
body   = '{{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"failOnErrors":1,"externalId":"{{{{unique}}}}","Operations":{operations}}}'
expect = [{{ rule = "rfc7644-3.7.4/oversized-bulk-is-413", status = 413 }}]
"#
        )
    };
    let item = r#", item = '{"method":"DELETE","path":"/Users/{{unknown_id}}"}'"#;
    passes(&hold(&job(1000, item, "{{too_much}}")));
    let text = hold(&job(
        1000,
        "",
        r#"[{"method":"DELETE","bulkId":"{{too_much}}","path":"/Users/{{unknown_id}}"}]"#,
    ));
    let sent = text.exchanges[1].request.body.as_ref().unwrap();
    assert!(sent.contains(&"x".repeat(101)), "{sent}");
    assert_eq!(
        breaches(&text)[0].1,
        "the status is 200",
        "one operation is not too much"
    );
    let untried = hold(&job(5, item, "{{too_much}}"));
    assert_eq!(untried.verdict, Verdict::Skipped);
    assert!(
        untried
            .reason
            .unwrap()
            .ends_with("is too large to be tried")
    );
}

#[test]
fn what_is_within_a_limit_is_made_from_the_limit() {
    let sent = |limit: &str, within: &str, operations: &str| {
        let result = hold(&format!(
            r#"
[[step]]
name    = "read the limits"
send    = "GET /ServiceProviderConfig"
expect  = [{{ rule = "rfc7643-5/config-states-bulk-support", status = 200 }}]
capture = {{ limit = "{limit}" }}

[[step]]
name   = "send no more"
send   = "POST /Bulk"
within = {{ allowed = {{ {within} }} }}
body   = '{{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":{operations}}}'
expect = [{{ rule = "rfc7644-3.7.4/bulk-limits-are-defined", status = 200 }}]
"#
        ));
        passes(&result);
        result.exchanges[1].request.body.clone().unwrap()
    };
    let list = |at_most: u32| {
        let item = r#"'{"method":"DELETE","path":"/Users/{{unknown_id}}"}'"#;
        let within = format!(r#"of = "limit", at_most = {at_most}, item = {item}"#);
        sent("/bulk/maxOperations", &within, "{{allowed}}")
            .matches("DELETE")
            .count()
    };
    assert_eq!((list(7), list(1000)), (7, 100));
    let text = |at_most: u32| {
        let within = format!(r#"of = "limit", at_most = {at_most}"#);
        let job = r#"[{"method":"DELETE","bulkId":"{{allowed}}","path":"/Users/{{unknown_id}}"}]"#;
        sent("/bulk/maxPayloadSize", &within, job)
            .matches('x')
            .count()
    };
    assert_eq!(text(12), 12);
    assert_eq!(text(4_000_000), 32_768);
}

#[test]
fn null_is_set_where_toml_has_none() {
    let result = hold(
        r#"
[[step]]
name    = "create"
send    = "POST /Users"
body    = '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"{{unique}}@example.com","nickName":"n"}'
expect  = [{ rule = "rfc7644-3.3/created-is-201", status = 201 }]
capture = { user_id = "/id" }

[[step]]
name      = "take the nickname away"
send      = "PUT /Users/{{user_id}}"
body_from = "create"
set_null  = ["/nickName"]
expect    = [{ rule = "rfc7644-3.5.1/put-replaces-supplied-values", at = "/nickName", absent = true }]
"#,
    );
    passes(&result);
    let sent = result.exchanges[1].request.json().unwrap();
    assert_eq!(sent.get("nickName"), Some(&json!(null)));
}

#[test]
fn the_answers_of_writes_at_once_do_not_tell_what_the_next_read_shows() {
    let create = r#"
[[step]]
name    = "create"
send    = "POST /Groups"
body    = '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"{{unique}}"}'
expect  = [{ rule = "rfc7644-3.3/created-is-201", status = 201 }]
capture = { group_id = "/id" }
"#;
    let change = |name: &str| {
        format!(
            r#"
[[step]]
name     = "{name}"
send     = "PATCH /Groups/{{{{group_id}}}}"
body     = '{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{{"op":"replace","value":{{"displayName":"{{{{unique}}}} {name}"}}}}]}}'
parallel = "both"
expect   = [{{ rule = "rfc7644-3.5.2/patch-200-returns-whole-resource", status = 200 }}]
"#
        )
    };
    let read = r#"
[[step]]
name   = "read"
send   = "GET /Groups/{{group_id}}"
expect = [{ rule = "rfc7644-3.4.1/known-id-is-200", status = 200 }]
"#;
    let once = format!("{create}{}{read}", change("first")).replace("parallel = \"both\"\n", "");
    let faults = &["group-patch-is-not-stored"];
    assert_eq!(
        breaches(&hold_with_fault(&once, faults))[0].0,
        "rfc7644-3.1/responses-show-stored-state"
    );
    let both = format!("{create}{}{}{read}", change("first"), change("second"));
    passes(&hold_with_fault(&both, faults));
}

#[test]
fn a_breach_may_end_the_case() {
    let steps = |ends: &str| {
        format!(
            r#"
[[step]]
name   = "first"
send   = "GET /Users"
expect = [{{ rule = "okta/users-page-is-200"{ends}, at = "/totalResults", equals = 7 }}]

[[step]]
name   = "second"
send   = "GET /Users"
expect = [{{ rule = "rfc7644-3.4.2/total-results-is-present", at = "/totalResults", equals = 7 }}]
"#
        )
    };
    let result = hold(&steps(""));
    assert_eq!((breaches(&result).len(), result.exchanges.len()), (2, 2));
    let result = hold(&steps(", ends = true"));
    assert_eq!((breaches(&result).len(), result.exchanges.len()), (1, 1));
    passes(&hold(
        &steps(", ends = true").replace("equals = 7", "equals = 12"),
    ));
}

#[test]
fn a_rule_that_is_broken_again_is_told_once() {
    let result = hold(
        r#"
[[step]]
name   = "first"
send   = "GET /Users"
expect = [{ rule = "okta/users-page-is-200", at = "/totalResults", equals = 7 }]

[[step]]
name   = "second"
send   = "GET /Users"
expect = [{ rule = "okta/users-page-is-200", at = "/totalResults", equals = 7 }]
"#,
    );
    assert_eq!(breaches(&result).len(), 1);
    assert_eq!(
        (result.findings[0].step.as_str(), &result.findings[0].also),
        ("first", &vec!["second".to_owned()])
    );
}

/// An opening for all, and a case that reads what it made.
fn with_shared_opening(cases: &[&str], more: &str) -> Vec<(String, String)> {
    let case = |name: &&str| {
        let text = format!(
            r#"given = ["rfc/two"]
[[step]]
name   = "read one"
send   = "GET /Users/{{{{second_id}}}}"
expect = [{{ rule = "rfc7644-3.4.1/known-id-is-200", at = "/userName", equals = "{{{{tag}}}}-2@example.com" }}]
{more}"#
        );
        ((*name).to_owned(), text)
    };
    let opening = r#"shared = true
[vars]
tag = "{{unique}}"

[[step]]
name    = "create one"
send    = "POST /Users"
body    = '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"{{tag}}-1@example.com"}'
expect  = [{ rule = "rfc7644-3.3/created-is-201", status = 201 }]

[[step]]
name    = "create another"
send    = "POST /Users"
body    = '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"{{tag}}-2@example.com"}'
expect  = [{ rule = "rfc7644-3.3/created-is-201", status = 201 }]
capture = { second_id = "/id" }
"#;
    let mut all = vec![("given/rfc/two".to_owned(), opening.to_owned())];
    all.extend(cases.iter().map(case));
    all
}

fn hold_shared(url: &str, scenarios: &[(String, String)]) -> Held {
    let named: Vec<(&str, &str)> = scenarios
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    hold_all(&named, Some(target(url)), &[])
}

#[test]
fn a_shared_opening_is_held_once_and_removed_at_the_end() {
    let (_, handler) = provider(Version::V2);
    let stub = Stub::start("/scim/v2", move |request| handler(request));
    let held = hold_shared(&stub.url, &with_shared_opening(&["a", "b", "c"], ""));
    held.results.iter().for_each(passes);
    assert_eq!((held.results.len(), held.leftovers.len()), (3, 0));
    let asked = stub.asked();
    let count = |method: &str| asked.iter().filter(|sent| sent.method == method).count();
    assert_eq!((count("POST"), count("DELETE")), (2, 2));
    let needed = asked.iter().take_while(|sent| sent.method != "DELETE");
    let reads = needed.filter(|sent| sent.method == "GET").count();
    assert!(reads >= 3, "removed only when nobody needs it any more");
    let evidence: usize = held
        .results
        .iter()
        .map(|result| result.exchanges.len())
        .sum();
    assert_eq!(evidence, 5, "one case shows how it began");
}

#[test]
fn what_a_shared_opening_made_is_only_read() {
    let (_, handler) = provider(Version::V2);
    let stub = Stub::start("/scim/v2", move |request| handler(request));
    let remove = r#"
[[step]]
name   = "remove it"
send   = "DELETE /Users/{{second_id}}"
expect = [{ rule = "rfc7644-3.6/delete-is-204", status = 204 }]
"#;
    let held = hold_shared(&stub.url, &with_shared_opening(&["a"], remove));
    assert!(
        unclear(&held.results[0])
            .ends_with("was not sent: it belongs to another case or to a shared opening"),
        "{:?}",
        held.results[0].reason
    );
}

#[test]
fn a_shared_opening_that_fails_leaves_its_cases_unclear() {
    let held = hold_shared(&refusing(400).url, &with_shared_opening(&["a", "b"], ""));
    for result in &held.results {
        assert!(
            unclear(result).starts_with("the opening `rfc/two` failed at `create one`"),
            "{:?}",
            result.reason
        );
    }
}

/// A user with a title.
const TITLED: &str = r#"
[[step]]
name    = "create"
send    = "POST /Users"
body    = '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"{{unique}}@example.com","title":"Countess"}'
expect  = [{ rule = "rfc7644-3.3/created-is-201", status = 201 }]
capture = { user_id = "/id" }
"#;

#[test]
fn what_is_not_kept_ends_the_case() {
    let step = |place: &str, value: &str| {
        format!(
            r#"{TITLED}
[[step]]
name   = "read"
send   = "GET /Users/{{{{user_id}}}}"
kept   = {{ "{place}" = {value} }}
expect = [{{ rule = "rfc7644-3.4.1/known-id-is-200", status = 200 }}]
"#
        )
    };
    passes(&hold(&step("/title", "\"Countess\"")));
    passes(&hold(&step("$.userName", "\"{{unique}}@example.com\"")));
    for (place, value) in [("/title", "\"Duke\""), ("$.emails[*].value", "\"a\"")] {
        let result = hold(&step(place, value));
        assert_eq!(result.verdict, Verdict::Skipped);
        let told = format!("the target does not keep {value} at `{place}`");
        assert_eq!(result.reason, Some(told));
    }
}

#[test]
fn a_step_may_come_only_after_an_answer() {
    let step = |status: &str| {
        format!(
            r#"{TITLED}
[[step]]
name       = "read"
send       = "GET /Users/{{{{user_id}}}}"
only_after = {{ create = {status} }}
expect     = [{{ rule = "rfc7644-3.4.1/known-id-is-200", status = 200 }}]

[[step]]
name       = "read again"
send       = "GET /Users/{{{{user_id}}}}"
only_after = {{ read = "2xx", create = {status} }}
expect     = [{{ rule = "rfc7644-3.4.1/known-id-is-200", status = 200 }}]
"#
        )
    };
    for (status, sent) in [("201", 3), ("\"2xx\"", 3), ("[409, \"5xx\"]", 1)] {
        let result = hold(&step(status));
        passes(&result);
        assert_eq!(result.exchanges.len(), sent, "{status}");
    }
}

/// Users are read, and those who are there are found.
const READ_EACH: &str = r#"
[[step]]
name     = "read each"
send     = "GET /Users/{{id}}"
for_each = { name = "id", list = "ids" }
accepted = "found_ids"
expect   = [{ rule = "rfc7644-3.4.1/known-id-is-200", status = [200, 404] }]

[[step]]
name   = "find them"
send   = "GET /Users"
query  = { filter = 'userName sw "{{unique}}"' }
expect = [{ rule = "okta/created-user-is-found", at = "$.Resources[*].id", same_values = "{{found_ids}}" }]
"#;

#[test]
fn a_step_is_sent_for_each_of_a_list_and_tells_which_were_accepted() {
    let read = READ_EACH;
    let with = |more: &str| {
        let ids = r#"lists  = { ids = { of = "user_ids", item = '"{{item}}"'"#;
        format!(
            "{TWO_USERS}{}",
            read.replace("accepted", &format!("{ids}{more} }} }}\naccepted"))
        )
    };
    passes(&hold(&with("")));
    let few = hold(&with(", first = 1"));
    assert_eq!(
        breaches(&few)[0].1,
        "`$.Resources[*].id` finds 2 values, not those expected"
    );
    let lost = hold(&format!("[vars]\nids = [\"a\", \"b\"]\n{read}"));
    passes(&lost);
    assert_eq!(
        lost.exchanges.len(),
        3,
        "nobody is found, and nobody is expected"
    );
    assert_eq!(
        unclear(&hold(&format!("[vars]\nids = \"a\"\n{read}"))),
        "`ids` is no list, so the step `read each` cannot be sent for each of it"
    );
}

#[test]
fn an_opening_may_begin_with_another() {
    let opening = r#"given = ["rfc/one"]
[[step]]
name   = "read it"
send   = "GET /Users/{{user_id}}"
expect = [{ rule = "rfc7644-3.4.1/known-id-is-200", status = 200 }]
"#;
    let case = r#"given = ["rfc/two", "rfc/one"]
[[step]]
name   = "read it again"
send   = "GET /Users/{{user_id}}"
expect = [{ rule = "rfc7644-3.4.1/known-id-is-200", at = "/title", equals = "Countess" }]
"#;
    let files = [
        ("given/rfc/one", TITLED),
        ("given/rfc/two", opening),
        ("mine", case),
    ];
    let held = hold_all(&files, None, &[]);
    let result = &held.results[0];
    passes(result);
    let steps = result
        .exchanges
        .iter()
        .map(|exchange| exchange.step.as_str());
    assert_eq!(
        steps.collect::<Vec<_>>(),
        ["rfc/one / create", "rfc/two / read it", "read it again"]
    );
}

#[test]
fn what_a_provider_loses_in_an_opening_is_found() {
    for shared in ["", "shared = true\n"] {
        let opening = format!(
            r#"{shared}{TITLED}
[[step]]
name   = "replace"
send   = "PUT /Users/{{{{user_id}}}}"
body   = '{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"{{{{unique}}}}@example.com","title":"Baroness"}}'
expect = [{{ rule = "rfc7644-3.5.1/put-returns-200-and-resource", status = 200 }}]

[[step]]
name   = "read"
send   = "GET /Users/{{{{user_id}}}}"
expect = [{{ rule = "rfc7644-3.4.1/known-id-is-200", status = 200 }}]
"#
        );
        let case = r#"given = ["rfc/one"]
[[step]]
name   = "read it again"
send   = "GET /Users/{{user_id}}"
expect = [{ rule = "rfc7644-3.4.1/known-id-is-200", status = 200 }]
"#;
        let files = [
            ("given/rfc/one", opening.as_str()),
            ("a", case),
            ("b", case),
        ];
        let held = hold_all(&files, None, &["update-is-not-stored"]);
        for result in &held.results {
            let breaches = breaches(result);
            let rules: Vec<&str> = breaches.iter().map(|(rule, _)| *rule).collect();
            assert_eq!(rules, ["rfc7644-3.1/responses-show-stored-state"]);
            let finding = &result.findings[0];
            assert_eq!(finding.step, "rfc/one / read");
            assert_eq!(result.exchanges[finding.exchange].step, finding.step);
        }
        hold_all(&files, None, &[]).results.iter().for_each(passes);
    }
}

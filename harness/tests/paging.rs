//! Words of the scenario format for lists: walks from cursor to cursor, and what a target need not
//! keep.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot be set up fails, and says where"
)]

mod support;

use scim_harness::verdict::{CaseResult, Verdict};
use support::held::{breaches, hold, hold_with_fault, passes};

/// Five users, in an order that is not the one of their names.
const FIVE: &str = r#"
[[step]]
name    = "create"
send    = "POST /Users"
repeat  = 5
body    = '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"{{unique}}-{{n}}@example.com"}'
expect  = [{ rule = "rfc7644-3.3/created-is-201", status = "2xx" }]
capture = { ids = "/id" }
"#;

const EXPECT: &str = r#"
pages  = { by = "cursor" }
expect = [
  { rule = "rfc9865-2/next-cursor-on-all-but-last", status = [200, 400] },
  { rule = "rfc9865-2/page-never-exceeds-count", when = 200, at = "$.Resources", max_length = 2 },
  { rule = "rfc9865-2/first-page-has-no-previous-cursor", pages = "begins" },
  { rule = "rfc9865-2/next-cursor-on-all-but-last", pages = "complete" },
  { rule = "rfc9865-2/next-cursor-on-all-but-last", pages = "steady" },
  { rule = "rfc9865-2/missing-next-cursor-means-end", pages = "ends" },
  { rule = "rfc9865-2.2/sorted-pages-keep-sort-order", pages_order = "{{ids}}" },
]
"#;

/// Walks by GET, or by a search whose parameters stand in its body.
fn walk(by_search: bool) -> String {
    let send = match by_search {
        false => {
            r#"
[[step]]
name   = "walk"
send   = "GET /Users"
query  = { filter = 'userName sw "{{unique}}"', sortBy = "userName", cursor = "", count = 2 }"#
        }
        true => {
            r#"
[[step]]
name   = "walk"
send   = "POST /Users/.search"
body   = '{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],"filter":"userName sw \"{{unique}}\"","sortBy":"userName","cursor":"","count":2}'"#
        }
    };
    format!("{FIVE}{send}{EXPECT}")
}

fn told(result: &CaseResult) -> Vec<&str> {
    let findings = result.findings.iter();
    findings.map(|finding| finding.message.as_str()).collect()
}

#[test]
fn a_walk_follows_cursors_to_the_last_page() {
    for by_search in [false, true] {
        let result = hold(&walk(by_search));
        passes(&result);
        // Three pages, and the first again.
        assert_eq!(result.exchanges.len(), 5 + 4);
    }
}

#[test]
fn each_fault_of_a_walk_by_cursor_is_told() {
    let of_walk = |fault: &str| {
        let result = hold_with_fault(&walk(false), &[fault]);
        let told = told(&result).into_iter().map(str::to_owned);
        told.collect::<Vec<_>>().join("; ")
    };
    assert!(of_walk("cursors-never-end").contains("the cursors lead to no last page"));
    assert!(of_walk("next-cursor-is-forgotten").contains("do not hold what totalResults says"));
    assert!(of_walk("first-page-has-a-previous-cursor").contains("`/previousCursor` of the first"));
    assert!(of_walk("sort-descends-by-default").contains("come in another order"));
}

#[test]
fn of_a_walk_that_is_refused_nothing_more_is_said() {
    let refused = walk(false).replace("userName sw", "userName resembles");
    passes(&hold(&refused));
}

/// A user with a title, or without one.
fn title(title: &str) -> CaseResult {
    hold(&format!(
        r#"
[[step]]
name      = "create"
send      = "POST /Users"
body      = '{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"{{{{unique}}}}@example.com","title":{title}}}'
only_with = ["/id", "$.title"]
expect    = [
  {{ rule = "rfc7644-3.3/created-is-201", status = 201 }},
  {{ rule = "rfc7644-3.1/responses-show-stored-state", at = "/title", equals = "Boss" }},
]
"#
    ))
}

#[test]
fn what_a_target_does_not_keep_is_skipped_and_told() {
    passes(&title("\"Boss\""));
    assert_eq!(breaches(&title("\"Other\"")).len(), 1);
    let result = title("null");
    assert_eq!(result.verdict, Verdict::Skipped, "{:?}", told(&result));
    assert_eq!(
        result.reason.as_deref(),
        Some("the target does not offer it: the answer to `create` has no `$.title`")
    );
}

#[test]
fn what_is_sought_is_told_in_words() {
    let result = hold(
        r#"
[[step]]
name      = "read the configuration"
send      = "GET /ServiceProviderConfig"
only_with = ["$[?@.supported == 'perhaps']"]
sought    = "something that is perhaps supported"
expect    = [{ rule = "rfc7643-5/config-states-bulk-support", status = 200 }]
"#,
    );
    assert_eq!(
        result.reason.as_deref(),
        Some(
            "the target does not offer it: the answer to `read the configuration` does not show something that is perhaps supported"
        )
    );
}

#[test]
fn a_status_is_judged_whatever_the_answer_lacks() {
    let result = hold(
        r#"
[[step]]
name      = "read what nobody has"
send      = "GET /Users/{{unknown_id}}"
only_with = ["/title"]
expect    = [{ rule = "rfc7644-3.4.1/known-id-is-200", status = [200, 400] }]
"#,
    );
    assert_eq!(breaches(&result)[0].1, "the status is 404");
}

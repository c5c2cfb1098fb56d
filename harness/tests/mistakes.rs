//! Mistakes in scenario files, each with the exact text that the user reads.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up fails, and says where"
)]

mod support;

use scim_harness::{
    client_profile::Clients,
    diagnostic::Diagnostic,
    rule::Rulebook,
    scenario::{self, Collection},
};
use support::{Home, Stub, answer};

/// How each scenario begins that is not about its head.
const HEAD: &str = r#"title  = "Okta lists users"
client = ["okta-oin"]
scim   = "2.0"
"#;

/// A scenario with a mistake, for the command line.
const MISSPELT: &str = r#"title  = "Okta lists users"
client = ["okta-oin"]
scim   = "2.0"

[[step]]
name   = "list"
send   = "GET /Users"
expect = [{ rule = "okta/users-page-is-200", stauts = 200 }]
"#;

/// What the user is told of a scenario that goes on so after [`HEAD`].
fn told(rest: &str) -> String {
    told_of_file(&format!("\n{HEAD}{rest}"))
}

/// What the user is told of a whole scenario.
fn told_of_file(text: &str) -> String {
    told_of_files(&[("mistake.toml", text.trim_start_matches('\n'))])
}

/// What the user is told of the scenarios in a folder, which may use the built-in openings.
fn told_of_files(files: &[(&str, &str)]) -> String {
    let home = Home::new();
    for (name, text) in files {
        home.write(name, text);
    }
    let folder = home.path();
    let problems = match scenario::load_folder(&folder) {
        Ok(own) => mistakes(own),
        Err(problems) => problems,
    };
    let texts: Vec<String> = problems.iter().map(Diagnostic::to_string).collect();
    let prefix = format!("{}/", folder.display());
    format!("\n{}\n", texts.join("\n\n").replace(&prefix, ""))
}

fn mistakes(own: Collection) -> Vec<Diagnostic> {
    let mut all = scenario::load_embedded().unwrap();
    all.extend(own);
    scenario::lint(
        &all,
        &Rulebook::embedded().unwrap(),
        &Clients::embedded().unwrap(),
    )
}

/// A scenario without a mistake of its own.
fn sound(title: &str) -> String {
    MISSPELT
        .replace("stauts", "status")
        .replace("Okta lists users", title)
}

#[test]
fn no_mistake_is_told_of_a_sound_scenario() {
    assert_eq!(told_of_file(&sound("Okta lists users")), "\n\n");
}

#[test]
fn a_misspelt_key() {
    assert_eq!(
        told(
            r#"
[[step]]
name   = "list"
send   = "GET /Users"
expect = [{ rule = "okta/users-page-is-200", stauts = 200 }]
"#
        ),
        r#"
error: unknown field `stauts`
 --> mistake.toml:8:46
  |
8 | expect = [{ rule = "okta/users-page-is-200", stauts = 200 }]
  |                                              ^^^^^^ expected one of `rule`, `when`, `leeway`, `ends`, `status`, `header`, `at`, `equals`, `not_equals`, `differs`, `equals_ignore_case`, `type`, `matches`, `present`, `absent`, `contains`, `not_contains`, `has`, `lacks`, `holds`, `same_items`, `length`, `min_length`, `max_length`, `at_least`, `at_most`, `not_before`, `values`, `same_values`, `count`, `distinct`, `sorted`, `schema`, `same_as`, `except`, `pages`, `pages_hold`, `pages_order`
  |
  = help: did you mean `status`?
"#
    );
}

#[test]
fn an_undefined_name() {
    assert_eq!(
        told(
            r#"
[[step]]
name    = "create"
send    = "POST /Users"
body    = '{"userName":"{{unique}}"}'
expect  = [{ rule = "rfc7644-3.3/created-is-201", status = 201 }]
capture = { user_id = "/id" }

[[step]]
name   = "read"
send   = "GET /Users/{{user_idd}}"
expect = [{ rule = "rfc7644-3.4.1/known-id-is-200", at = "/id", equals = "{{user_id}}" }]
"#
        ),
        r#"
error: `{{user_idd}}` is not defined
  --> mistake.toml:14:22
   |
14 | send   = "GET /Users/{{user_idd}}"
   |                      ^^^^^^^^^^^^ no variable or earlier capture has this name
   |
   = help: did you mean `user_id`?
"#
    );
}

#[test]
fn a_value_of_the_wrong_type() {
    assert_eq!(
        told(
            r#"
[[step]]
name   = "list"
send   = "GET /Users"
expect = [{ rule = "okta/users-page-is-200", status = "200" }]
"#
        ),
        r#"
error: invalid value: string "200"
 --> mistake.toml:8:55
  |
8 | expect = [{ rule = "okta/users-page-is-200", status = "200" }]
  |                                                       ^^^^^ expected an HTTP status such as 200, a class such as "2xx", or a list such as [200, 204]
"#
    );
}

#[test]
fn a_body_that_is_no_json() {
    assert_eq!(
        told(
            r#"
[[step]]
name   = "create"
send   = "POST /Users"
body   = '''
{
  "userName": "{{unique}}@example.com",
  "active": true "locale": "en-US"
}'''
expect = [{ rule = "rfc7644-3.3/created-is-201", status = 201 }]
"#
        ),
        r#"
error: the body is not JSON
  --> mistake.toml:11:18
   |
11 |   "active": true "locale": "en-US"
   |                  ^ expected `,` or `}`
   |
   = help: a body that is meant to be broken says `malformed = true`
"#
    );
}

#[test]
fn a_mistake_between_names_of_a_body_is_shown_where_it_is() {
    let body = r#"{"id":"{{unique}}","active": tru, "userName": "{{unique}}"}"#;
    for quote in ["'", "'''", "'''\n"] {
        let closing = quote.trim_end();
        let step = format!(
            r#"
[[step]]
name   = "create"
send   = "POST /Users"
expect = [{{ rule = "rfc7644-3.3/created-is-201", status = 201 }}]
body   = {quote}{body}{closing}
"#
        );
        let line = step.lines().find(|line| line.contains("tru,")).unwrap();
        let number = if quote.ends_with('\n') { 10 } else { 9 };
        let column = line.find("tru,").unwrap() + 4;
        let text = told(&step);
        let place = format!("error: the body is not JSON\n --> mistake.toml:{number}:{column}\n");
        assert!(text.replace("  -->", " -->").contains(&place), "{text}");
        assert!(
            text.contains("^ expected `true`, `false` or `null`"),
            "{text}"
        );
    }
}

#[test]
fn a_name_that_is_none() {
    assert_eq!(
        told(
            r#"
[[step]]
name   = "read"
send   = "GET /Users/{{ user_id }}"
expect = [{ rule = "okta/users-page-is-200", status = 200 }]
"#
        ),
        r#"
error: `{{ user_id }}` is no name
 --> mistake.toml:7:22
  |
7 | send   = "GET /Users/{{ user_id }}"
  |                      ^^^^^^^^^^^^^ this would be sent as it stands
  |
  = help: a name is letters, digits, `_` and `.` between {{ and }}, without blanks
"#
    );
}

#[test]
fn a_rule_with_a_severity_for_an_unknown_client() {
    let files: Vec<_> = scim_harness::assets::rule_files()
        .iter()
        .map(|file| {
            let text = file.text.replacen(
                "severity = \"error\"",
                "severity = \"error\"\nfor = { okta-onn = \"info\" }",
                usize::from(file.path.ends_with("/okta.toml")),
            );
            scim_harness::source::SourceFile::new(file.path.clone(), text)
        })
        .collect();
    let all = scenario::load_embedded().unwrap();
    let problems = scenario::lint_with(
        &all,
        &Collection::default(),
        &scim_harness::check::always::RULES,
        &Rulebook::load(&files).unwrap(),
        &Clients::embedded().unwrap(),
    );
    let told: Vec<String> = problems.iter().map(Diagnostic::to_string).collect();
    assert_eq!(
        told,
        [
            "error: the rule `okta/users-page-is-200` has a severity for the unknown client `okta-onn`\n |\n = help: did you mean `okta-oin`?"
        ]
    );
}

#[test]
fn a_client_rule_that_no_scenario_uses() {
    let all = scenario::load_embedded().unwrap();
    let mut left = all.clone();
    let rule = "okta/conflicting-user-is-found";
    let uses = |scenario: &scenario::Scenario| {
        let mut steps = scenario.steps.iter().flat_map(|step| &step.expect);
        steps.any(|expectation| expectation.rule == rule)
    };
    left.scenarios.retain(|scenario| !uses(scenario));
    assert!(left.scenarios.len() < all.scenarios.len(), "{rule} is used");
    let problems = scenario::lint_with(
        &left,
        &Collection::default(),
        &[],
        &Rulebook::embedded().unwrap(),
        &Clients::embedded().unwrap(),
    );
    let text = problems.iter().map(Diagnostic::to_string);
    let told = text
        .filter(|text| text.contains(rule))
        .collect::<Vec<_>>()
        .join("\n");
    assert!(
        told.starts_with(&format!("error: no scenario uses the rule `{rule}`\n")),
        "{told}"
    );
    assert!(told.contains(" --> fixtures/rules/okta.toml:"), "{told}");
    assert!(told.ends_with("^^^ unused rule"), "{told}");
}

#[test]
fn a_rule_that_is_not_in_the_rulebook() {
    assert_eq!(
        told(
            r#"
[[step]]
name   = "list"
send   = "GET /Users"
expect = [{ rule = "okta/user-page-is-200", status = 200 }]
"#
        ),
        r#"
error: there is no rule `okta/user-page-is-200`
 --> mistake.toml:8:21
  |
8 | expect = [{ rule = "okta/user-page-is-200", status = 200 }]
  |                     ^^^^^^^^^^^^^^^^^^^^^ unknown rule
  |
  = help: did you mean `okta/users-page-is-200`?
"#
    );
}

#[test]
fn a_client_that_is_not_known() {
    assert_eq!(
        told_of_file(
            r#"
title  = "Okta lists users"
client = ["okta-onn"]
scim   = "2.0"

[[step]]
name   = "list"
send   = "GET /Users"
expect = [{ rule = "okta/users-page-is-200", status = 200 }]
"#
        ),
        r#"
error: `okta-onn` is no client of SCIM 2.0
 --> mistake.toml:2:11
  |
2 | client = ["okta-onn"]
  |           ^^^^^^^^^^ unknown client
  |
  = help: did you mean `okta-oin`?
"#
    );
}

#[test]
fn a_capability_that_is_not_known() {
    assert_eq!(
        told(
            r#"needs  = ["patsch"]

[[step]]
name   = "list"
send   = "GET /Users"
expect = [{ rule = "okta/users-page-is-200", status = 200 }]
"#
        ),
        r#"
error: `patsch` is no capability
 --> mistake.toml:4:11
  |
4 | needs  = ["patsch"]
  |           ^^^^^^^^ unknown capability
  |
  = help: did you mean `patch`?
"#
    );
}

#[test]
fn a_method_that_is_not_known() {
    assert_eq!(
        told(
            r#"
[[step]]
name   = "list"
send   = "get /Users"
expect = [{ rule = "okta/users-page-is-200", status = 200 }]
"#
        ),
        r#"
error: `get` is no method
 --> mistake.toml:7:10
  |
7 | send   = "get /Users"
  |          ^^^^^^^^^^^^ expected a method and a path, such as "GET /Users"
  |
  = help: did you mean `GET`?
"#
    );
}

#[test]
fn an_opening_that_is_not_there() {
    assert_eq!(
        told(
            r#"given  = ["okta/v2/usr"]

[[step]]
name   = "list"
send   = "GET /Users"
expect = [{ rule = "okta/users-page-is-200", status = 200 }]
"#
        ),
        r#"
error: there is no opening `okta/v2/usr`
 --> mistake.toml:4:11
  |
4 | given  = ["okta/v2/usr"]
  |           ^^^^^^^^^^^^^ expected scenarios/given/okta/v2/usr.toml
  |
  = help: did you mean `okta/v2/user`?
"#
    );
}

#[test]
fn a_step_that_expects_nothing() {
    assert_eq!(
        told(
            r#"
[[step]]
name = "list"
send = "GET /Users"
"#
        ),
        r#"
error: a step expects something of its answer
 --> mistake.toml:6:8
  |
6 | name = "list"
  |        ^^^^^^ no `expect` here
"#
    );
}

#[test]
fn a_name_that_is_never_used() {
    assert_eq!(
        told(
            r#"
[vars]
user_name = "{{unique}}@example.com"

[[step]]
name   = "list"
send   = "GET /Users"
expect = [{ rule = "okta/users-page-is-200", status = 200 }]
"#
        ),
        r#"
error: `user_name` is never used
 --> mistake.toml:6:1
  |
6 | user_name = "{{unique}}@example.com"
  | ^^^^^^^^^ defined here
  |
  = help: remove it
"#
    );
}

#[test]
fn an_expectation_with_two_subjects() {
    assert_eq!(
        told(
            r#"
[[step]]
name   = "list"
send   = "GET /Users"
expect = [{ rule = "okta/users-page-is-200", status = 200, at = "/id", present = true }]
"#
        ),
        r#"
error: an expectation looks at exactly one thing
 --> mistake.toml:8:11
  |
8 | expect = [{ rule = "okta/users-page-is-200", status = 200, at = "/id", present = true }]
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this one looks at `status` and `at`
  |
  = help: give one of `status`, `header`, `at`, `pages`, `pages_hold`, `pages_order`
"#
    );
}

#[test]
fn an_expectation_without_condition() {
    assert_eq!(
        told(
            r#"
[[step]]
name   = "list"
send   = "GET /Users"
expect = [{ rule = "okta/users-page-is-200", at = "/totalResults" }]
"#
        ),
        r#"
error: an expectation on a value says what has to hold
 --> mistake.toml:8:11
  |
8 | expect = [{ rule = "okta/users-page-is-200", at = "/totalResults" }]
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this one does not fit
  |
  = help: add a condition such as `equals`, `type` or `present = true`
"#
    );
}

#[test]
fn a_regular_expression_that_cannot_be_read() {
    assert_eq!(
        told(
            r#"
[[step]]
name   = "list"
send   = "GET /Users"
expect = [{ rule = "okta/users-page-is-200", at = "/Resources/0/id", matches = "a(b" }]
"#
        ),
        r#"
error: the regular expression cannot be read
 --> mistake.toml:8:80
  |
8 | expect = [{ rule = "okta/users-page-is-200", at = "/Resources/0/id", matches = "a(b" }]
  |                                                                                ^^^^^ unclosed group
"#
    );
}

#[test]
fn a_json_pointer_without_its_slash() {
    assert_eq!(
        told(
            r#"
[[step]]
name   = "list"
send   = "GET /Users"
expect = [{ rule = "okta/users-page-is-200", at = "totalResults", equals = 0 }]
"#
        ),
        r#"
error: `totalResults` is no place in an answer
 --> mistake.toml:8:51
  |
8 | expect = [{ rule = "okta/users-page-is-200", at = "totalResults", equals = 0 }]
  |                                                   ^^^^^^^^^^^^^^ expected a JSON pointer or a JSONPath
  |
  = help: a JSON pointer begins with `/`: "/totalResults"; a JSONPath with `$`: "$.totalResults"
"#
    );
}

#[test]
fn a_creation_that_cleanup_could_not_find() {
    assert_eq!(
        told(
            r#"
[[step]]
name   = "create"
send   = "POST /Users"
body   = '{"userName":"somebody@example.com"}'
expect = [{ rule = "rfc7644-3.3/created-is-201", status = 201 }]
"#
        ),
        r#"
error: this step creates something that cleanup could not find
 --> mistake.toml:6:10
  |
6 | name   = "create"
  |          ^^^^^^^^ its body does not carry {{unique}}
  |
  = help: put {{unique}} or a name made from it into userName, displayName or externalId
"#
    );
}

#[test]
fn a_comparison_with_a_step_that_is_not_there() {
    assert_eq!(
        told(
            r#"
[[step]]
name   = "list"
send   = "GET /Users"
expect = [{ rule = "okta/users-page-is-200", status = 200 }]

[[step]]
name   = "again"
send   = "GET /Users"
expect = [{ rule = "okta/users-page-is-200", at = "", same_as = "lst" }]
"#
        ),
        r#"
error: there is no step `lst` before this one
  --> mistake.toml:13:65
   |
13 | expect = [{ rule = "okta/users-page-is-200", at = "", same_as = "lst" }]
   |                                                                 ^^^^^ unknown step
   |
   = help: did you mean `list`?
"#
    );
}

#[test]
fn a_body_from_a_step_that_is_not_there() {
    assert_eq!(
        told(
            r#"
[[step]]
name    = "list"
send    = "GET /Users"
expect  = [{ rule = "okta/users-page-is-200", status = 200 }]
capture = { user_id = "/Resources/0/id" }

[[step]]
name      = "write it back"
send      = "PUT /Users/{{user_id}}"
body_from = "lits"
expect    = [{ rule = "rfc7644-3.5.1/put-returns-200-and-resource", status = 200 }]
"#
        ),
        r#"
error: there is no step `lits` before this one
  --> mistake.toml:14:13
   |
14 | body_from = "lits"
   |             ^^^^^^ unknown step
   |
   = help: did you mean `list`?
"#
    );
}

#[test]
fn a_duration_without_its_unit() {
    assert_eq!(
        told(
            r#"
[[step]]
name   = "list"
send   = "GET /Users"
expect = [{ rule = "okta/users-page-is-200", status = 200 }]
eventually = "5 sec"
"#
        ),
        r#"
error: `5 sec` is no duration
 --> mistake.toml:9:14
  |
9 | eventually = "5 sec"
  |              ^^^^^^^ expected seconds, such as "5s"
"#
    );
}

#[test]
fn a_rule_that_is_never_broken_before() {
    assert_eq!(
        told(
            r#"
[[step]]
name   = "list"
send   = "GET /Users"
unless_broken = ["okta/users-page-is-200"]
expect = [{ rule = "okta/users-page-is-200", status = 200 }]
"#
        ),
        r#"
error: no step before this one judges `okta/users-page-is-200`
 --> mistake.toml:8:18
  |
8 | unless_broken = ["okta/users-page-is-200"]
  |                  ^^^^^^^^^^^^^^^^^^^^^^^^ so it is never broken here
  |
  = help: name a rule that an earlier step of this file cites
"#
    );
}

#[test]
fn pages_without_a_walk() {
    assert_eq!(
        told(
            r#"
[[step]]
name   = "list"
send   = "GET /Users"
expect = [{ rule = "okta/users-page-is-200", pages = "full" }]
"#
        ),
        r#"
error: only a step that walks a list has pages to judge
 --> mistake.toml:8:11
  |
8 | expect = [{ rule = "okta/users-page-is-200", pages = "full" }]
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ no walk
  |
  = help: add pages = { by = 100 } to the step
"#
    );
}

#[test]
fn two_query_strings() {
    assert_eq!(
        told(
            r#"
[[step]]
name   = "list"
send   = "GET /Users"
expect = [{ rule = "okta/users-page-is-200", status = 200 }]
query  = { count = 1 }
raw_query = "count=1"
"#
        ),
        r#"
error: a step has `query` or `raw_query`, not both
 --> mistake.toml:7:10
  |
7 | send   = "GET /Users"
  |          ^^^^^^^^^^^^ in this step
"#
    );
}

#[test]
fn a_query_in_the_path() {
    assert_eq!(
        told(
            r#"
[[step]]
name   = "list"
send   = "GET /Users?count=1"
expect = [{ rule = "okta/users-page-is-200", status = 200 }]
"#
        ),
        r#"
error: the query stands apart from the path
 --> mistake.toml:7:10
  |
7 | send   = "GET /Users?count=1"
  |          ^^^^^^^^^^^^^^^^^^^^ a `?` in the path
  |
  = help: use `query` or `raw_query`
"#
    );
}

#[test]
fn a_step_that_is_never_sent() {
    assert_eq!(
        told(
            r#"
[[step]]
name   = "list"
send   = "GET /Users"
repeat = 0
expect = [{ rule = "okta/users-page-is-200", status = 200 }]
"#
        ),
        r#"
error: invalid value: integer `0`
 --> mistake.toml:8:10
  |
8 | repeat = 0
  |          ^ expected a whole number of at least 1
"#
    );
}

#[test]
fn a_raw_query_that_no_url_can_hold() {
    assert_eq!(
        told(
            r#"
[[step]]
name      = "list"
send      = "GET /Users"
raw_query = 'filter=userName eq "a"'
expect    = [{ rule = "okta/users-page-is-200", status = 200 }]
"#
        ),
        r#"
error: `raw_query` is sent as it is written, and a URL cannot hold ' '
 --> mistake.toml:8:13
  |
8 | raw_query = 'filter=userName eq "a"'
  |             ^^^^^^^^^^^^^^^^^^^^^^^^ in this query
  |
  = help: percent-encode it, or write the whole request as `raw`
"#
    );
}

#[test]
fn headers_that_cannot_be_sent() {
    assert_eq!(
        told(
            r#"
[[step]]
name    = "list"
send    = "GET /Users"
headers = { "Bad Name" = "x", X-Lines = "a\nb" }
expect  = [{ rule = "okta/users-page-is-200", status = 200 }]
"#
        ),
        r#"
error: `Bad Name` is no name of a header
 --> mistake.toml:8:13
  |
8 | headers = { "Bad Name" = "x", X-Lines = "a\nb" }
  |             ^^^^^^^^^^ expected a name such as ETag

error: a header cannot hold a line break or another control character
 --> mistake.toml:8:41
  |
8 | headers = { "Bad Name" = "x", X-Lines = "a\nb" }
  |                                         ^^^^^^ in this value
  |
  = help: write the whole request as `raw`
"#
    );
}

#[test]
fn a_string_that_is_not_closed() {
    assert_eq!(
        told(
            r#"
[[step]]
name   = "list"
send   = "GET /Users
expect = [{ rule = "okta/users-page-is-200", status = 200 }]
"#
        ),
        r#"
error: invalid basic string
 --> mistake.toml:7:21
  |
7 | send   = "GET /Users
  |                     ^ expected `"`
"#
    );
}

#[test]
fn a_list_that_is_not_closed() {
    assert_eq!(
        told(
            r#"
[[step]]
name   = "list"
send   = "GET /Users"
expect = [{ rule = "okta/users-page-is-200", status = 200 }
"#
        ),
        r#"
error: unclosed array
 --> mistake.toml:8:60
  |
8 | expect = [{ rule = "okta/users-page-is-200", status = 200 }
  |                                                            ^ expected `]`
"#
    );
}

#[test]
fn a_version_of_the_protocol_that_is_not_known() {
    assert_eq!(
        told_of_file(
            r#"
title  = "Okta lists users"
client = ["okta-oin"]
scim   = "2"

[[step]]
name   = "list"
send   = "GET /Users"
expect = [{ rule = "okta/users-page-is-200", status = 200 }]
"#
        ),
        r#"
error: `2` is no SCIM version: it is 2.0 or 1.1
 --> mistake.toml:3:10
  |
3 | scim   = "2"
  |          ^^^ not a SCIM version
"#
    );
}

#[test]
fn a_scenario_without_title() {
    assert_eq!(
        told_of_file(
            r#"
client = ["okta-oin"]
scim   = "2.0"

[[step]]
name   = "list"
send   = "GET /Users"
expect = [{ rule = "okta/users-page-is-200", status = 200 }]
"#
        ),
        r#"
error: missing field `title`
 --> mistake.toml:1:1
  |
1 | client = ["okta-oin"]
  | ^
"#
    );
}

#[test]
fn a_scenario_of_nobody() {
    assert_eq!(
        told_of_file(
            r#"
title = "Okta lists users"
scim  = "2.0"

[[step]]
name   = "list"
send   = "GET /Users"
expect = [{ rule = "okta/users-page-is-200", status = 200 }]
"#
        ),
        r#"
error: a scenario says whose conversation it is
 --> mistake.toml:1:9
  |
1 | title = "Okta lists users"
  |         ^^^^^^^^^^^^^^^^^^ no `client` here
  |
  = help: add client = ["okta-oin"]
"#
    );
}

#[test]
fn two_mistakes_are_told_at_once() {
    assert_eq!(
        told_of_file(
            r#"
title  = "Okta lists users"
client = ["okta-onn"]
scim   = "2.0"

[[step]]
name   = "list"
send   = "GET /Users"
expect = [{ rule = "okta/user-page-is-200", status = 200 }]
"#
        ),
        r#"
error: `okta-onn` is no client of SCIM 2.0
 --> mistake.toml:2:11
  |
2 | client = ["okta-onn"]
  |           ^^^^^^^^^^ unknown client
  |
  = help: did you mean `okta-oin`?

error: there is no rule `okta/user-page-is-200`
 --> mistake.toml:8:21
  |
8 | expect = [{ rule = "okta/user-page-is-200", status = 200 }]
  |                     ^^^^^^^^^^^^^^^^^^^^^ unknown rule
  |
  = help: did you mean `okta/users-page-is-200`?
"#
    );
}

#[test]
fn a_title_that_stands_twice() {
    let (first, second) = (sound("Okta lists users"), sound("Okta lists users"));
    assert_eq!(
        told_of_files(&[("a.toml", &first), ("b/c.toml", &second)]),
        r#"
error: two scenarios have the same title
 --> b/c.toml:1:10
  |
1 | title  = "Okta lists users"
  |          ^^^^^^^^^^^^^^^^^^ it stands at a.toml:1:10 too
"#
    );
}

#[test]
fn a_folder_without_scenarios() {
    let home = Home::new();
    let problems = scenario::load_folder(&home.path()).unwrap_err();
    let expected = format!(
        "error: there is no scenario file (*.toml) in {}",
        home.path().display()
    );
    assert_eq!(
        problems
            .iter()
            .map(Diagnostic::to_string)
            .collect::<Vec<_>>(),
        [expected]
    );
}

/// What `scim-harness lint FILE` says on standard error; it exits with 2 and prints nothing.
fn linted(text: &str) -> String {
    let home = Home::new();
    home.write("mine/mistake.toml", text);
    let ran = home.run(&["lint", "mine/mistake.toml"]).ended(2);
    assert_eq!(ran.out, "");
    format!("\n{}", ran.err)
}

#[test]
fn lint_tells_a_misspelt_key() {
    assert_eq!(
        linted(MISSPELT),
        r#"
error: unknown field `stauts`
 --> mine/mistake.toml:8:46
  |
8 | expect = [{ rule = "okta/users-page-is-200", stauts = 200 }]
  |                                              ^^^^^^ expected one of `rule`, `when`, `leeway`, `ends`, `status`, `header`, `at`, `equals`, `not_equals`, `differs`, `equals_ignore_case`, `type`, `matches`, `present`, `absent`, `contains`, `not_contains`, `has`, `lacks`, `holds`, `same_items`, `length`, `min_length`, `max_length`, `at_least`, `at_most`, `not_before`, `values`, `same_values`, `count`, `distinct`, `sorted`, `schema`, `same_as`, `except`, `pages`, `pages_hold`, `pages_order`
  |
  = help: did you mean `status`?
"#
    );
}

#[test]
fn lint_tells_an_undefined_name() {
    assert_eq!(
        linted(&sound("Okta lists users").replace("/Users", "/Users/{{user_id}}")),
        r#"
error: `{{user_id}}` is not defined
 --> mine/mistake.toml:7:22
  |
7 | send   = "GET /Users/{{user_id}}"
  |                      ^^^^^^^^^^^ no variable or earlier capture has this name
"#
    );
}

#[test]
fn lint_tells_malformed_toml() {
    assert_eq!(
        linted(&MISSPELT.replace("}]", "}")),
        r#"
error: unclosed array
 --> mine/mistake.toml:8:60
  |
8 | expect = [{ rule = "okta/users-page-is-200", stauts = 200 }
  |                                                            ^ expected `]`
"#
    );
}

#[test]
fn lint_tells_a_path_that_is_not_there() {
    let ran = Home::new().run(&["lint", "nowhere.toml"]).ended(2);
    assert_eq!(ran.err, "error: there is no file or folder nowhere.toml\n");
    assert_eq!(ran.out, "");
}

#[test]
fn run_tells_a_mistake_before_it_asks_the_target_anything() {
    let stub = Stub::start("/scim/v2", |_| answer(500, "text/plain", "asked"));
    let mistakes = [
        MISSPELT.to_owned(),
        sound("Okta lists users").replace("/Users", "/Users/{{user_id}}"),
        MISSPELT.replace("}]", "}"),
    ];
    for mistake in mistakes {
        let home = Home::new();
        home.write("mine/mistake.toml", &mistake);
        let arguments = ["run", "--target", &stub.url, "--scenarios", "mine"];
        let ran = home.run(&arguments).ended(2);
        assert_eq!(format!("\n{}", ran.err), linted(&mistake));
        assert_eq!(ran.out, "");
    }
    assert!(stub.asked().is_empty());
}

/// Words that would be without effect, or would mean something else than they seem to, are refused:
/// the step, and the line that tells it.
#[test]
fn words_that_do_not_go_together() {
    let list = r#"
[[step]]
name   = "list"
send   = "GET /Users"
expect = [{ rule = "okta/users-page-is-200", status = 200 }]
"#;
    let put = r#"
[[step]]
name      = "again"
send      = "PUT /Users/1"
body_from = "list"
expect    = [{ rule = "okta/users-page-is-200", status = 200 }]
"#;
    let cases = [
        (
            format!("{list}parallel = \"a\"\npages = {{ by = 1 }}\n"),
            "`parallel` goes with neither `pages` nor `eventually`",
        ),
        (
            format!("{list}repeat = 2\naccepted = \"taken\"\n"),
            "`accepted` lists values of `for_each`",
        ),
        (
            format!("{list}for_each = {{ name = \"a\", of = [\"b\"], list = \"c\" }}\n"),
            "`for_each` takes its values from one place",
        ),
        (
            format!("{list}for_each = {{ name = \"a\", list = \"ids\" }}\n"),
            "`{{ids}}` is not defined",
        ),
        (
            format!("{list}only_after = {{ listing = 200 }}\n"),
            "there is no step `listing` before this one",
        ),
        (
            format!("{list}kept = {{ title = \"Countess\" }}\n"),
            "`title` is no place in an answer",
        ),
        (
            format!("{list}repeat = 2\npages = {{ by = 1 }}\n"),
            "a step has one of `repeat`",
        ),
        (
            format!("{list}{put}eventually = \"1s\"\n"),
            "`eventually` repeats a read",
        ),
        (
            format!("{list}as = \"second\"\n"),
            "a second credential is not always there",
        ),
        (
            format!("{list}{put}set = {{ active = false }}\n"),
            "`active` is no JSON pointer",
        ),
        (
            format!("{list}{put}remove = [\"id\"]\n"),
            "`id` is no JSON pointer",
        ),
        (
            format!("{list}headers = {{ \"a b\" = \"c\" }}\n"),
            "`a b` is no name of a header",
        ),
        (
            format!("{list}raw_query = \"n={{{{n}}}}\"\n"),
            "`{{n}}` is not defined",
        ),
        (
            format!("{list}capture = {{ unknown_id = \"/Resources/0/id\" }}\n"),
            "`unknown_id` has its value from the harness",
        ),
        (list.replace("\"list\"", "\"\""), "a step has a name"),
        (
            format!(
                "{list}{}",
                list.replace("\"list\"", "\"b\"")
                    .replace("status = 200", "header = \"ETag\", same_as = \"list\"")
            ),
            "`same_as` compares places in bodies",
        ),
        (
            format!(
                "{list}parallel = \"p\"\ncapture = {{ id = \"/id\" }}\n{}parallel = \"p\"\nraw_query = \"x={{{{id}}}}\"\n",
                list.replace("\"list\"", "\"b\"")
            ),
            "`{{id}}` is not defined",
        ),
    ];
    for (scenario, title) in cases {
        let text = told(&scenario);
        assert!(text.contains(&format!("error: {title}")), "{title}\n{text}");
    }
}

#[test]
fn two_files_of_one_name() {
    let scenario = |title: &str| {
        format!(
            "title = \"{title}\"\nclient = [\"okta-oin\"]\nscim = \"2.0\"\n\n[[step]]\nname = \"list\"\nsend = \"GET /Users\"\nexpect = [{{ rule = \"okta/users-page-is-200\", status = 200 }}]\n"
        )
    };
    let text = told_of_files(&[
        ("a/scenarios/mine.toml", &scenario("One")),
        ("b/scenarios/mine.toml", &scenario("Two")),
    ]);
    assert!(
        text.contains("error: two scenarios have the name `mine`"),
        "{text}"
    );
}

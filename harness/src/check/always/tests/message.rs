//! Any answer, and errors.

use super::*;

#[test]
fn what_scim_does_not_speak_of_is_not_judged() {
    for method in ["HEAD", "OPTIONS"] {
        for status in [200, 204, 401, 405] {
            let html = [("content-type", "text/html")];
            let found = broken(Version::V2, method, "/Users", status, &html, "");
            assert_eq!(found, [""; 0], "{method} {status}");
        }
        assert_eq!(
            broken(Version::V1, method, "/Users", 200, &[], "GET, HEAD"),
            [""; 0]
        );
    }
}

#[test]
fn messages() {
    assert_eq!(
        broken(
            Version::V2,
            "GET",
            "/Users",
            200,
            &[("content-type", "text/html")],
            "<html>"
        ),
        ["rfc7644-3.8/accept-scim-json-works"]
    );
    assert_eq!(
        v2(
            "GET",
            "/Users/1",
            200,
            &[("content-type", "text/json")],
            &user()
        ),
        ["rfc7644-3.1/media-type-is-scim-json"]
    );
    assert_eq!(
        v2(
            "GET",
            "/Users/1",
            200,
            &[("content-type", "application/json")],
            &user()
        ),
        ["rfc7644-8.1/responses-announce-scim-json"]
    );
    assert_eq!(
        v1(
            "GET",
            "/Users",
            200,
            &[("content-type", "text/plain")],
            &json!({"schemas": ["urn:scim:schemas:core:1.0"], "totalResults": 0})
        ),
        ["scim11-api-3.6/default-format-is-json"]
    );
    assert_eq!(
        broken(Version::V1, "GET", "/Users", 200, &[], "x"),
        ["scim11-api-3.6/accept-json-works"]
    );
    let mut leaky = user();
    leaky["Password"] = json!("hush");
    assert_eq!(
        v2("GET", "/Users/1", 200, &[], &leaky),
        ["rfc7643-4.1.1/password-never-returned"]
    );
    leaky["schemas"] = json!(["urn:scim:schemas:core:1.0"]);
    assert_eq!(
        v1("GET", "/Users/1", 200, &[], &leaky),
        ["scim11-core-6.1/password-never-returned"]
    );
    assert_eq!(
        v2(
            "GET",
            "/Users/1",
            200,
            &[],
            &user_with("/active", json!("true"))
        ),
        ["rfc7643-2.3.2/booleans-are-json-booleans"]
    );
    let masked = json!({"schemas": [ERROR], "status": "400", "password": ["is too short"]});
    assert_eq!(
        v2("POST", "/Users", 400, &[], &masked),
        NONE,
        "an error may speak of passwords"
    );
    assert_eq!(
        broken(
            Version::V2,
            "GET",
            "/Users/1",
            200,
            &[],
            r#"{"id":"1","id":"1"}"#
        )[0],
        "rfc7644-3.8/json-names-are-unique"
    );
    assert_eq!(
        broken(
            Version::V1,
            "GET",
            "/Schemas",
            200,
            &[],
            r#"{"id":"1","id":"1"}"#
        ),
        ["scim11-api-3.6/json-names-are-unique"]
    );
    for (version, rule) in [
        (Version::V2, "rfc7644-3.6/no-content-has-no-body"),
        (Version::V1, "scim11-api-3.4/no-content-has-no-body"),
    ] {
        let delete = |length| {
            broken(
                version,
                "DELETE",
                "/Users/1",
                204,
                &[("content-length", length)],
                "",
            )
        };
        assert_eq!(delete("0"), NONE);
        assert_eq!(delete("2"), [rule]);
    }
    let bulk = |schemas: Value| {
        v2(
            "POST",
            "/Bulk",
            200,
            &[],
            &json!({"schemas": schemas, "Operations": []}),
        )
    };
    assert_eq!(
        bulk(json!([
            "urn:ietf:params:scim:api:messages:2.0:BulkResponse"
        ])),
        NONE
    );
    assert_eq!(
        bulk(json!([USER])),
        ["rfc7644-3.1/message-bodies-carry-api-urn"]
    );
    let config = json!({"patch": {"supported": "true"}});
    assert_eq!(
        v2("GET", "/ServiceProviderConfig", 200, &[], &config),
        ["rfc7643-2.3.2/booleans-are-json-booleans"]
    );
    assert_eq!(
        v1("GET", "/ServiceProviderConfigs", 200, &[], &config),
        ["scim11-core-3.1.2/booleans-are-json-booleans"]
    );
}

#[test]
fn a_password_that_was_sent_comes_back_nowhere() {
    let post = |version, status, header: &str, body: &str| {
        let headers = [("etag", header)];
        let mut exchange = exchange(version, "POST", "/Users", status, &headers, body);
        exchange.request.secrets = vec!["hush-hush/9".to_owned()];
        let schemas = Schemas::standard(version);
        let judgements = judge(&schemas, &exchange, Tags::default());
        let broken = judgements.iter().filter(|one| one.breach.is_some());
        broken
            .map(|one| one.rule.to_string())
            .filter(|rule| rule.contains("password") || rule.contains("secret"))
            .collect::<Vec<_>>()
    };
    let (never, in_error) = (
        "rfc7643-4.1.1/password-never-returned",
        "security/errors-repeat-no-secret",
    );
    let repeats = r#"{"nickName":"hush-hush\/9"}"#;
    for (status, header, body, wanted) in [
        (201, "W/1", "{}", &[][..]),
        (204, "W/hush-hush%2F9", "", &[never]),
        (302, "hush-hush/9", "", &[never]),
        (201, "W/1", repeats, &[never]),
        (400, "hush-hush/9", "{}", &[in_error]),
        (400, "W/1", repeats, &[in_error]),
        (500, "W/1", "no JSON: hush-hush/9", &[in_error]),
    ] {
        let found = post(Version::V2, status, header, body);
        assert_eq!(found, wanted, "{status} {header} {body}");
    }
    let never = "scim11-core-6.1/password-never-returned";
    assert_eq!(post(Version::V1, 201, "hush-hush/9", "{}"), [never]);
}

#[test]
fn an_error_shows_no_stack_trace() {
    let get = |body: &str| broken(Version::V2, "GET", "/Users/x", 500, &[], body);
    let error =
        |detail: &str| json!({"schemas": [ERROR], "status": "500", "detail": detail}).to_string();
    let (failed, internals) = (
        "rfc7644-3.12/errors-use-listed-status-codes",
        "security/errors-show-no-internals",
    );
    assert_eq!(
        get(&error("the database is down, try again at 10")),
        [failed]
    );
    for text in [
        "Traceback (most recent call last):\n  File \"/srv/app.py\", line 7",
        "NullPointerException\n\tat org.example.Users.find(Users.java:7)",
        "SQLSTATE[42601]: syntax error",
    ] {
        assert_eq!(get(&error(text)), [failed, internals], "{text}");
    }
}

#[test]
fn json_begins_with_no_byte_order_mark() {
    let body = format!("\u{feff}{}", user());
    let mut marked = exchange(Version::V2, "GET", "/Users/1", 200, &[], &body);
    let answer = marked.response.as_mut().unwrap();
    (answer.json, answer.not_json) = (Some(user()), None);
    let schemas = Schemas::standard(Version::V2);
    let found = rules_broken(&judge(&schemas, &marked, Tags::default()));
    assert_eq!(found, ["rfc7644-3.8/accept-scim-json-works"]);
}

#[test]
fn a_500_says_what_went_wrong() {
    let silent = "rfc7644-3.12/server-error-explains-itself";
    let failed = "rfc7644-3.12/errors-use-listed-status-codes";
    for detail in [json!(null), json!(" "), json!(7)] {
        let body = json!({"schemas": [ERROR], "status": "500", "detail": detail});
        let found = v2("GET", "/Users/x", 500, &[], &body);
        assert_eq!(found, [failed, silent], "{detail}");
    }
    let terse = json!({"schemas": [ERROR], "status": "404"});
    assert_eq!(v2("GET", "/Users/x", 404, &[], &terse), NONE);
    let old = json!({"Errors": [{"code": "500"}]});
    assert_eq!(
        v1("GET", "/Users/x", 500, &[], &old),
        [
            "scim11-api-3.9/errors-use-listed-status-codes",
            "scim11-api-3.9/server-error-explains-itself"
        ]
    );
}

#[test]
fn what_stands_before_the_provider_may_refuse_in_its_own_words() {
    let get = |target: &str, status| {
        let found = broken(Version::V2, "GET", target, status, &[], "Bad Request");
        let body = "rfc7644-3.12/errors-have-scim-json-body";
        found.into_iter().find(|rule| rule.ends_with(body))
    };
    let body = "rfc7644-3.12/errors-have-scim-json-body";
    let lenient = format!("~{body}");
    for (target, status) in [("/Users/a%2Fb", 404), ("/Users/a%00", 400), ("/Users", 413)] {
        assert_eq!(get(target, status).as_ref(), Some(&lenient), "{target}");
    }
    for (target, status) in [("/Users/a", 404), ("/Users/a%2Fb", 403)] {
        assert_eq!(get(target, status).as_deref(), Some(body), "{target}");
    }
}

#[test]
fn what_stands_before_the_provider_may_refuse_credentials_in_its_own_words() {
    let schemas = Schemas::standard(Version::V2);
    for (authorised, found) in [
        (false, "~rfc7644-3.12/errors-have-scim-json-body"),
        (true, "rfc7644-3.12/errors-have-scim-json-body"),
    ] {
        let mut refused = exchange(Version::V2, "GET", "/Users", 403, &[], "Forbidden");
        refused.request.authorised = authorised;
        let judged = judge(&schemas, &refused, Tags::default());
        assert_eq!(rules_broken(&judged), [found], "{authorised}");
    }
}

#[test]
fn errors() {
    let get = |status, headers: &[(&str, &str)], body: &Value| {
        v2("GET", "/Users/x", status, headers, body)
    };
    let error = |status: Value| json!({"schemas": [ERROR], "status": status, "detail": "no"});
    assert_eq!(
        get(404, &[], &error(json!(404))),
        ["rfc7644-3.12/error-status-is-string"]
    );
    assert_eq!(
        get(404, &[], &error(json!("400"))),
        ["rfc7644-3.2/error-body-repeats-status"]
    );
    assert_eq!(
        get(404, &[], &json!({"schemas": [ERROR]})),
        [
            "rfc7644-3.12/error-status-is-string",
            "rfc7644-3.2/error-body-repeats-status"
        ]
    );
    let listed = json!({"schemas": [ERROR], "status": "404", "detail": ["no", "never"]});
    assert_eq!(
        get(404, &[], &listed),
        ["~rfc7644-3.12/errors-have-scim-json-body"]
    );
    let silent = json!({"schemas": [ERROR], "status": "404", "detail": null});
    assert_eq!(get(404, &[], &silent), NONE);
    assert_eq!(
        get(404, &[], &json!({"message": "no"})),
        ["rfc7644-3.12/errors-have-scim-json-body"]
    );
    assert_eq!(
        broken(Version::V2, "GET", "/Users/x", 404, &[], ""),
        ["rfc7644-3.12/errors-have-scim-json-body"]
    );
    assert_eq!(
        get(500, &[], &error(json!("500"))),
        ["rfc7644-3.12/errors-use-listed-status-codes"]
    );
    assert_eq!(get(501, &[], &error(json!("501"))), NONE);
    assert_eq!(
        get(401, &[], &error(json!("401"))),
        ["rfc7644-2/www-authenticate-announces-schemes"]
    );
    assert_eq!(
        broken(
            Version::V2,
            "GET",
            "/Users",
            401,
            &[("www-authenticate", "Bearer")],
            ""
        ),
        ["~rfc7644-3.12/errors-have-scim-json-body"],
        "A58"
    );
    assert_eq!(
        get(401, &[("www-authenticate", "Bearer")], &json!({})),
        ["~rfc7644-3.12/errors-have-scim-json-body"],
        "A58"
    );
    for (method, target, status) in [
        ("GET", "/Me", 404),
        ("POST", "/Users/.search", 404),
        ("POST", "/Bulk", 404),
        ("GET", "/Users/", 404),
        ("POST", "/Users/1", 405),
        ("POST", "/Users/1", 404),
        ("POST", "/ServiceProviderConfig", 404),
        ("PUT", "/Users", 404),
    ] {
        assert_eq!(
            broken(Version::V2, method, target, status, &[], ""),
            ["~rfc7644-3.12/errors-have-scim-json-body"],
            "A58: {method} {target}"
        );
    }
    let typed = json!({"schemas": [ERROR], "status": "409", "scimType": "conflict"});
    assert_eq!(get(409, &[], &typed), NONE, "only information");
    assert_eq!(
        v1("GET", "/Users/x", 404, &[], &error(json!("404"))),
        ["scim11-api-3.9/errors-have-body-in-requested-format"]
    );
    assert_eq!(
        v1(
            "GET",
            "/Users/x",
            404,
            &[],
            &json!({"Errors": [{"code": "400"}]})
        ),
        ["scim11-api-3/error-body-repeats-code"]
    );
    assert_eq!(
        v1(
            "GET",
            "/Users/x",
            502,
            &[],
            &json!({"Errors": [{"code": "502"}]})
        ),
        ["scim11-api-3.9/errors-use-listed-status-codes"]
    );
}

//! Targets in trouble: each is told in its own words, none panics, none passes for conformant,
//! and no secret shows up anywhere.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up fails, and says where"
)]

mod support;

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    thread,
    time::Duration,
};

use scim_provider::Response;
use serde_json::{Value, json};
use support::{Home, Ran, Stub, answer};
use tokio::net::TcpSocket;

/// A run that could not tell: exit code 3, and no word of conformance.
#[track_caller]
fn could_not_tell(arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
    let home = Home::new();
    let all = [&["run", "--report", "json=report.json"], arguments].concat();
    let ran = home.run_with(variables, &all).ended(3);
    assert!(ran.out.ends_with("\ncould not tell\n"), "{}", ran.out);
    assert!(
        ran.out.contains("cases  0 passed, 0 warned, 0 failed, "),
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains("rules  0 upheld, 0 broken, "),
        "{}",
        ran.out
    );
    let report = home.json("report.json");
    assert_eq!(report["verdict"], "inconclusive");
    let requests = report["run"]["requests"].as_u64();
    assert!(
        matches!(requests, Some(1 | 2)),
        "it asks for users, where there are none for groups, and gives up"
    );
    ran
}

/// A port at which nobody listens, for as long as the socket is held.
fn closed_port() -> (TcpSocket, SocketAddr) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let address = socket.local_addr().unwrap();
    (socket, address)
}

/// A server that reads some bytes of each connection, answers these, and hangs up.
fn talker(words: &'static [u8]) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}/scim/v2", listener.local_addr().unwrap());
    thread::spawn(move || {
        for mut connection in listener.incoming().flatten() {
            drop(connection.read(&mut [0; 4096]));
            drop(connection.write_all(words));
        }
    });
    url
}

#[test]
fn a_wrong_token() {
    let served = Home::new().serve(&["--token", "right"]);
    let ran = could_not_tell(&["--target", &served.url], &[("SCIM_TOKEN", "wrong")]);
    assert_eq!(
        ran.err,
        format!(
            "harness[credentials]: GET {}/Users?startIndex=1&count=1 is refused with 401
 |
 = help: the server does not accept this credential: is it right, and does it have the right to read users?
",
            served.url
        )
    );
}

#[test]
fn no_token_where_one_is_demanded() {
    let served = Home::new().serve(&["--token", "right"]);
    let ran = could_not_tell(&["--target", &served.url], &[]);
    assert_eq!(
        ran.err,
        format!(
            "harness[credentials]: GET {}/Users?startIndex=1&count=1 is refused with 401
 |
 = help: no credential was sent: set SCIM_TOKEN, or SCIM_USERNAME and SCIM_PASSWORD
",
            served.url
        )
    );
}

#[test]
fn a_closed_port() {
    let (_socket, address) = closed_port();
    let url = format!("http://{address}/scim/v2");
    let ran = could_not_tell(&["--target", &url], &[]);
    assert_eq!(
        ran.err,
        format!(
            "harness[unreachable]: GET {url}/Users?startIndex=1&count=1 got no answer: Connection refused (os error 111)
 |
 = help: is the server up, and are host and port right?
"
        )
    );
}

#[test]
fn a_web_server_without_scim() {
    let stub = Stub::start("", |_| answer(404, "text/plain", "not here"));
    let url = format!("{}/scim/v2", stub.url);
    let ran = could_not_tell(&["--target", &url], &[]);
    assert_eq!(
        ran.err,
        format!(
            "harness[not-scim]: there is no SCIM service provider here: GET {url}/Users?startIndex=1&count=1 answered 404 (text/plain)
 |
 = help: is the base URL complete? it often ends in /scim/v2; /Users is added to it
"
        )
    );
}

#[test]
fn a_server_that_is_down_behind_its_proxy() {
    for status in [502, 503, 504] {
        let stub = Stub::start("/scim/v2", move |_| {
            answer(status, "text/html", "<html>Service Unavailable</html>")
        });
        let ran = could_not_tell(&["--target", &stub.url], &[]);
        assert_eq!(
            ran.err,
            format!(
                "harness[unavailable]: GET {}/Users?startIndex=1&count=1 is answered with {status}
 |
 = help: the server, or the one behind a proxy, cannot answer now: try again once it is up
",
                stub.url
            )
        );
    }
}

#[test]
fn a_server_that_redirects() {
    let stub = Stub::start("/scim/v2", |_| Response {
        status: 302,
        headers: vec![("Location".to_owned(), "https://login.example/".to_owned())],
        body: Vec::new(),
    });
    let ran = could_not_tell(&["--target", &stub.url], &[("SCIM_TOKEN", "t0ken")]);
    assert_eq!(
        ran.err,
        format!(
            "harness[not-scim]: GET {}/Users?startIndex=1&count=1 answered 302 and points to https://login.example/
 |
 = help: redirects are not followed: give the URL that it points to
",
            stub.url
        )
    );
}

#[test]
fn a_server_that_takes_too_long() {
    let stub = Stub::start("/scim/v2", |_| {
        thread::sleep(Duration::from_millis(500));
        answer(200, "application/scim+json", "{}")
    });
    let ran = could_not_tell(&["--target", &stub.url, "--timeout", "0.1"], &[]);
    assert_eq!(
        ran.err,
        format!(
            "harness[unreachable]: GET {}/Users?startIndex=1&count=1 got no answer: no answer within the time limit
 |
 = help: is the server up? --timeout gives it more time
",
            stub.url
        )
    );
}

#[test]
fn a_server_that_speaks_no_http() {
    let url = talker(b"SSH-2.0-OpenSSH_9.7\r\n");
    let ran = could_not_tell(&["--target", &url], &[]);
    assert!(
        ran.err.starts_with("harness[unreachable]: GET "),
        "{}",
        ran.err
    );
    assert!(
        ran.err.contains("is this the port of an HTTP server"),
        "{}",
        ran.err
    );
}

#[test]
fn a_server_that_hangs_up() {
    let url = talker(b"");
    let ran = could_not_tell(&["--target", &url], &[]);
    assert_eq!(
        ran.err,
        format!(
            "harness[unreachable]: GET {url}/Users?startIndex=1&count=1 got no answer: connection closed before message completed
 |
 = help: is this the port of an HTTP server, and are http and https not mixed up?
"
        )
    );
}

#[test]
fn https_to_a_port_that_speaks_http() {
    let stub = Stub::start("/scim/v2", |_| answer(200, "application/scim+json", "{}"));
    let url = stub.url.replace("http://", "https://");
    let ran = could_not_tell(&["--target", &url], &[]);
    assert!(
        ran.err.starts_with(&format!(
            "harness[unreachable]: GET {url}/Users?startIndex=1&count=1 got no answer: "
        )),
        "{}",
        ran.err
    );
}

#[test]
fn a_server_that_answers_everything_with_a_web_page() {
    for media in ["text/html; charset=utf-8", "application/scim+json"] {
        let stub = Stub::start("/scim/v2", move |_| {
            answer(200, media, "<!doctype html><title>Hi</title>")
        });
        let ran = could_not_tell(&["--target", &stub.url], &[]);
        let shown = media.split(';').next().unwrap();
        assert_eq!(
            ran.err,
            format!(
                "harness[web-page]: GET {}/Users?startIndex=1&count=1 answered 200 with a web page instead of JSON ({shown})
 |
 = help: is this the base URL of the SCIM service provider, or that of its web pages? does a login or a proxy stand before it?
",
                stub.url
            )
        );
    }
}

/// JSON is an answer that can be judged, whatever it is and however it is labelled.
#[test]
fn a_server_that_answers_everything_with_other_json() {
    for (media, body) in [
        ("application/json", r#"{"hello": "world"}"#),
        ("text/html", "[]"),
        ("application/scim+json", "null"),
    ] {
        let stub = Stub::start("/scim/v2", move |_| answer(200, media, body));
        let home = Home::new();
        let ran = home
            .run(&["--target", &stub.url, "--report", "json=report.json"])
            .ended(3);
        let told = "answered JSON without `schemas`, `totalResults` and `Resources`";
        assert!(ran.err.contains(told), "{}", ran.err);
        let report = home.json("report.json");
        assert_eq!(report["verdict"], "inconclusive");
        let asked = stub.asked();
        assert!(
            asked.iter().all(|request| request.method == "GET"),
            "{body}"
        );
    }
}

#[test]
fn who_asks_in_the_other_version_is_told() {
    for (speaks, asked) in [("1.1", "2.0"), ("2.0", "1.1")] {
        let home = Home::new();
        let serve = home.serve(&["--scim", speaks]);
        let ask = |scim: &str| {
            home.run(&[
                "run",
                "--target",
                &serve.url,
                "--scim",
                scim,
                "--filter",
                "create_user",
            ])
        };
        let told = ask(asked).ended(1).out;
        assert!(told.contains(&format!("try --scim {speaks}\n")), "{told}");
        assert!(!ask(speaks).ended(0).out.contains("hint"));
    }
}

#[test]
fn a_service_provider_whose_list_is_a_bare_array_is_judged() {
    let stub = Stub::start("/scim/v2", |_| {
        answer(
            200,
            "application/json",
            r#"[{"id": "1", "userName": "babs"}]"#,
        )
    });
    let ran = Home::new()
        .run(&["--target", &stub.url, "--filter", "okta::v2::credentials"])
        .ended(1);
    let hint = "hint   no answer has `schemas`: is this the base URL of a SCIM service provider?";
    assert!(ran.out.contains(hint), "{}", ran.out);
}

#[test]
fn a_service_provider_of_groups_alone_is_tested_without_users() {
    let stub = Stub::start("/scim/v2", |request| {
        let list = r#"{"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": 0, "startIndex": 1, "itemsPerPage": 0, "Resources": []}"#;
        let error =
            r#"{"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "404"}"#;
        match request.target.starts_with("/Groups") {
            true => answer(200, "application/scim+json", list),
            false => answer(404, "application/scim+json", error),
        }
    });
    let home = Home::new();
    let arguments = ["--target", &stub.url, "--read-only", "--client", "okta-oin"];
    let ran = home.run(&arguments).ended(0);
    let told = "× the target has groups and no users: GET /Users is 404";
    assert!(ran.out.contains(told), "{}", ran.out);
    assert!(!ran.out.contains("cases  0 passed"), "{}", ran.out);
}

#[test]
fn who_fails_again_and_again_is_told_of_jobs() {
    let stub = Stub::start("/scim/v2", |request| {
        let list = r#"{"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": 0, "startIndex": 1, "itemsPerPage": 0, "Resources": []}"#;
        match request.target.contains("filter") {
            true => answer(500, "application/scim+json", "{}"),
            false => answer(200, "application/scim+json", list),
        }
    });
    let run = |jobs: &str| {
        let arguments = ["--target", &stub.url, "--read-only", "--jobs", jobs];
        Home::new().run(&arguments).ended(1).out
    };
    let hint = "--jobs 1 shows whether that is the reason";
    assert!(run("4").contains(hint));
    assert!(!run("1").contains(hint));
}

/// The hint is for a target that is none, not for one that is wrong.
#[test]
fn a_service_provider_with_a_mistake_is_not_doubted() {
    let served = Home::new().serve(&["--fault", "deactivation-by-patch-is-not-stored"]);
    let arguments = ["--target", &served.url, "--filter", "deactivate"];
    let ran = Home::new().run(&arguments).ended(1);
    assert!(!ran.out.contains("hint"), "{}", ran.out);
}

/// Answers with what it was asked, credential included, in a header and in the body.
fn echo(token: &str) -> Stub {
    let token = token.to_owned();
    Stub::start("/scim/v2", move |request| {
        let credential = request.header("Authorization").unwrap_or(&token).to_owned();
        let user = json!({
            "schemas": [credential], "id": 7, "userName": credential, "active": token, "password": token,
            "meta": {"resourceType": credential, "location": format!("https://x.example/{token}")},
        });
        let list = json!({
            "schemas": [credential], "totalResults": token, "startIndex": token, "Resources": [user],
            "detail": credential, "status": token,
        });
        let (status, body): (u16, &Value) = match request.method.as_str() {
            "POST" => (201, &user),
            "PUT" | "PATCH" => (400, &list),
            _ if request.target.contains("filter") => (401, &list),
            _ => (200, &list),
        };
        let mut echoed = answer(status, "application/scim+json", body.to_string());
        for name in ["X-Echo", "Location", "ETag", "WWW-Authenticate"] {
            echoed.headers.push((name.to_owned(), credential.clone()));
        }
        echoed
    })
}

#[test]
fn a_token_never_shows_up_even_if_the_server_echoes_it() {
    let token = "s3cr3t.t0ken_of-a~tenant";
    let stub = echo(token);
    let home = Home::new();
    let arguments = ["--target", &stub.url, "--report", "json=report.json"];
    let ran = home.run_with(&[("SCIM_TOKEN", token)], &arguments).ended(1);
    let bearer = format!("Bearer {token}");
    assert!(
        stub.asked()
            .iter()
            .any(|asked| asked.header("Authorization") == Some(bearer.as_str()))
    );
    let report = home.json("report.json").to_string();
    for text in [&ran.out, &ran.err, &report] {
        assert!(!text.contains(token), "{text}");
    }
    assert!(ran.out.contains("$SCIM_TOKEN") && report.contains("Bearer $SCIM_TOKEN"));
}

#[test]
fn a_password_never_shows_up_in_any_form() {
    let (user, password) = ("tenant", "pa55 word/of=it");
    let stub = echo("dGVuYW50OnBhNTUgd29yZC9vZj1pdA==");
    let home = Home::new();
    let arguments = ["--target", &stub.url, "--report", "json=report.json"];
    let variables = [("SCIM_USERNAME", user), ("SCIM_PASSWORD", password)];
    let ran = home.run_with(&variables, &arguments).ended(1);
    let basic = "Basic dGVuYW50OnBhNTUgd29yZC9vZj1pdA==";
    assert!(
        stub.asked()
            .iter()
            .any(|asked| asked.header("Authorization") == Some(basic))
    );
    let report = home.json("report.json").to_string();
    for text in [&ran.out, &ran.err, &report] {
        for secret in [
            password,
            "pa55%20word%2Fof%3Dit",
            "dGVuYW50OnBhNTUgd29yZC9vZj1pdA",
        ] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}

#[test]
fn a_long_token_is_not_shown_in_part_either() {
    let token = format!("eyJhbGciOiJIUzI1NiJ9.{}", "c0ffee".repeat(100));
    let stub = echo(&token);
    let home = Home::new();
    let arguments = ["--target", &stub.url, "--report", "json=report.json"];
    let ran = home
        .run_with(&[("SCIM_TOKEN", &token)], &arguments)
        .ended(1);
    let report = home.json("report.json").to_string();
    for text in [&ran.out, &ran.err, &report] {
        assert!(!text.contains("c0ffeec0ffee"), "{text}");
    }
}

#[test]
fn a_token_whose_slashes_are_escaped_is_masked_too() {
    let token = "s3cr3t/t0ken/of/a/tenant";
    let escaped = token.replace('/', "\\/");
    let body = format!(
        r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":1,"Resources":[{{"userName":"{escaped}"}}]}}"#
    );
    let stub = Stub::start("/scim/v2", move |_| {
        answer(200, "application/scim+json", body.clone())
    });
    let home = Home::new();
    let arguments = ["--target", &stub.url, "--report", "json=report.json"];
    let ran = home.run_with(&[("SCIM_TOKEN", token)], &arguments).ended(1);
    let report = home.json("report.json").to_string();
    for text in [&ran.out, &ran.err, &report] {
        assert!(!text.contains("s3cr3t"), "{text}");
    }
}

/// Secrets that stand in every answer: they are masked in what is shown, and the checks look at
/// the answers as they came.
#[test]
fn a_secret_that_is_a_common_word_changes_no_verdict() {
    for (version, token) in [
        ("2.0", "a"),
        ("2.0", "User"),
        ("1.1", "json"),
        ("1.1", "http"),
    ] {
        let served = Home::new().serve(&["--token", token, "--scim", version]);
        let home = Home::new();
        let arguments = ["--target", &served.url, "--scim", version];
        let ran = home.run_with(&[("SCIM_TOKEN", token)], &arguments).ended(0);
        assert!(
            ran.out
                .ends_with("\nconformant, as far as these cases go\n"),
            "{token}: {}",
            ran.out
        );
    }
}

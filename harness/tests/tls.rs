//! TLS and proxies, with real certificates: verified unless told otherwise, told in the report,
//! judged by its rule.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up fails, and says where"
)]

#[path = "support/hostile.rs"]
mod hostile;
mod support;
#[path = "support/tls.rs"]
mod tls;

use std::sync::Arc;

use hostile::Hostile;
use rustls::version::{TLS12, TLS13};
use serde_json::{Value, json};
use support::{Home, Ran};
use tls::{Authority, Manner, old_server, tunnel};

const CASE: &str = "okta::v2::create_user";
const TRANSPORT: &str = "rfc::v2::transport";
const TRANSPORT_V1: &str = "rfc::v1::transport";

/// Runs a case and the one about the connection against a port, with these arguments besides.
fn run(home: &Home, port: u16, more: &[&str]) -> Ran {
    let url = format!("https://127.0.0.1:{port}/scim/v2");
    let fixed = [
        "run", "--target", &url, "--exact", CASE, "--exact", TRANSPORT,
    ];
    let rest = ["--snapshots", "off", "--report", "json=report.json"];
    home.run(&[&fixed[..], &rest, more].concat())
}

/// A folder with the certificate of the authority, and a certificate of a client.
fn home(authority: &Authority) -> Home {
    let home = Home::new();
    home.write("ca.pem", &authority.pem());
    home.write("client.pem", &authority.client());
    home
}

fn case<'a>(report: &'a Value, name: &str) -> &'a Value {
    let cases = report["cases"].as_array().unwrap();
    cases.iter().find(|case| case["name"] == name).unwrap()
}

#[test]
fn a_certificate_of_an_unknown_authority_is_refused_with_the_remedy() {
    let authority = Authority::new();
    let home = Home::new();
    let ran = run(&home, authority.serve(&Manner::default()), &[]).ended(3);
    assert!(ran.err.contains("UnknownIssuer"), "{}", ran.err);
    assert!(
        ran.err.contains("--ca FILE adds an authority"),
        "{}",
        ran.err
    );
    let report = home.json("report.json");
    assert_eq!(case(&report, CASE)["verdict"], "inconclusive");
    assert_eq!(
        case(&report, TRANSPORT)["verdict"],
        "passed",
        "its TLS is sound"
    );
}

#[test]
fn a_certificate_of_a_known_authority_is_accepted_and_reported() {
    let authority = Authority::new();
    let home = home(&authority);
    let ran = run(
        &home,
        authority.serve(&Manner::default()),
        &["--ca", "ca.pem"],
    )
    .ended(0);
    let line = "\ntls    TLS 1.3, certificate valid until 2090-01-02T00:00:00Z\n";
    assert!(ran.out.contains(line), "{}", ran.out);
    let report = home.json("report.json");
    let tls = json!({
        "verified": true, "version": "TLS 1.3",
        "certificate_expires": "2090-01-02T00:00:00Z", "older_versions": false,
    });
    assert_eq!(report["target"]["tls"], tls);
    assert_eq!(report["warnings"], Value::Null);
}

#[test]
fn a_certificate_of_another_name_or_time_is_refused() {
    let authority = Authority::new();
    let home = home(&authority);
    for manner in [
        Manner {
            names: &["elsewhere.test"],
            ..Manner::default()
        },
        Manner {
            ends: 2020,
            ..Manner::default()
        },
    ] {
        let ran = run(&home, authority.serve(&manner), &["--ca", "ca.pem"]).ended(3);
        assert!(ran.err.contains("certificate"), "{}", ran.err);
        assert!(
            ran.err.contains("--insecure turns verification off"),
            "{}",
            ran.err
        );
    }
}

#[test]
fn insecure_is_told_loudly_everywhere() {
    let authority = Authority::new();
    let home = Home::new();
    let ran = run(&home, authority.serve(&Manner::default()), &["--insecure"]).ended(0);
    let words = "anybody could have answered in its place";
    assert!(ran.err.contains("not verified (--insecure)"), "{}", ran.err);
    assert!(
        ran.out.contains("\nWARNING: ") && ran.out.contains(words),
        "{}",
        ran.out
    );
    let report = home.json("report.json");
    assert!(report["warnings"][0].as_str().unwrap().contains(words));
    assert_eq!(report["target"]["tls"]["verified"], false);
}

#[test]
fn a_client_certificate_is_shown_and_a_missing_one_told() {
    let authority = Authority::new();
    for version in [&TLS12, &TLS13] {
        let manner = Manner {
            demands: true,
            versions: vec![version],
            ..Manner::default()
        };
        let port = authority.serve(&manner);
        let home = home(&authority);
        let with = ["--ca", "ca.pem", "--client-cert", "client.pem"];
        let ran = run(&home, port, &with);
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
        let ran = run(&home, port, &with[..2]).ended(3);
        assert!(ran.err.contains("--client-cert FILE"), "{}", ran.err);
    }
}

#[test]
fn a_certificate_file_that_is_none_is_a_mistake() {
    let home = Home::new();
    home.write("empty.pem", "nothing\n");
    for option in ["--ca", "--client-cert"] {
        for file in ["missing.pem", "empty.pem"] {
            let ran = run(&home, 1, &[option, file]).ended(2);
            assert!(ran.err.contains(file), "{option} {file}: {}", ran.err);
        }
    }
}

#[test]
fn tls_1_2_alone_is_enough_and_tls_1_3_alone_a_warning() {
    let authority = Authority::new();
    let home = home(&authority);
    let only = |version| Manner {
        versions: vec![version],
        ..Manner::default()
    };
    let ran = run(&home, authority.serve(&only(&TLS12)), &["--ca", "ca.pem"]).ended(0);
    assert!(ran.out.contains("\ntls    TLS 1.2, "), "{}", ran.out);
    let report = home.json("report.json");
    assert_eq!(case(&report, TRANSPORT)["verdict"], "passed");
    run(&home, authority.serve(&only(&TLS13)), &["--ca", "ca.pem"]).ended(0);
    let report = home.json("report.json");
    assert_eq!(case(&report, TRANSPORT)["verdict"], "warned");
    let finding = &case(&report, TRANSPORT)["findings"][0];
    assert_eq!(finding["rule"], "rfc7644-7.2/tls12-is-supported");
}

#[test]
fn tls_below_1_2_breaks_its_rule() {
    let home = Home::new();
    let ran = run(&home, old_server(), &[]).ended(1);
    assert!(
        ran.out.contains(
            "error[rfc7644-7.2/tls12-is-supported]: the target speaks nothing newer than TLS 1.1"
        ),
        "{}",
        ran.out
    );
    let report = home.json("report.json");
    assert_eq!(case(&report, TRANSPORT)["verdict"], "failed");
    assert_eq!(case(&report, CASE)["verdict"], "inconclusive");
}

#[test]
fn http_breaks_its_rule_unless_in_ones_own_network() {
    let proxy = Hostile::lying(2, Arc::new(|_, honest| honest));
    let address = proxy.url.trim_end_matches("/scim/v2").to_owned();
    let home = Home::new();
    let ended = |host: &str, (scim, case): (&str, &str), code: i32| {
        let url = format!("http://{host}/scim/v2");
        let arguments = ["run", "--target", &url, "--scim", scim, "--exact", case];
        home.run_with(&[("HTTP_PROXY", &address)], &arguments)
            .ended(code)
    };
    for (version, rule) in [
        (
            ("2.0", TRANSPORT),
            "rfc7644-7.2/transport-security-is-required",
        ),
        (("1.1", TRANSPORT_V1), "scim11-api-4/tls-is-implemented"),
    ] {
        let ran = ended("scim.example.com", version, 1);
        let found = format!("error[{rule}]: the target answers over http, without TLS");
        assert!(ran.out.contains(&found), "{}", ran.out);
        let ran = ended("scim.test", version, 4);
        assert!(
            ran.out.ends_with("\nnothing ran\n"),
            "it is no case: {}",
            ran.out
        );
    }
}

#[test]
fn any_tls_is_enough_for_scim_1_1() {
    let authority = Authority::new();
    let home = home(&authority);
    let url = format!(
        "https://127.0.0.1:{}/scim/v1",
        authority.serve(&Manner::default())
    );
    let arguments = ["run", "--target", &url, "--scim", "1.1", "--ca", "ca.pem"];
    let ran = home
        .run(&[&arguments[..], &["--exact", TRANSPORT_V1]].concat())
        .ended(0);
    assert!(ran.out.contains("\ncases  1 passed, "), "{}", ran.out);
}

#[test]
fn a_proxy_of_the_environment_is_used_for_http() {
    let proxy = Hostile::lying(2, Arc::new(|_, honest| honest));
    let address = proxy.url.trim_end_matches("/scim/v2").to_owned();
    let home = Home::new();
    let arguments = [
        "run",
        "--target",
        "http://scim.test/scim/v2",
        "--exact",
        "okta::v2::import_existing",
    ];
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY"] {
        home.run_with(&[(name, &address)], &arguments).ended(0);
    }
    let asked = proxy.asked().len();
    assert!(asked > 3);
    let variables = [("HTTP_PROXY", address.as_str()), ("NO_PROXY", "scim.test")];
    home.run_with(&variables, &arguments).ended(3);
    assert_eq!(proxy.asked().len(), asked, "it was not asked again");
}

#[test]
fn a_proxy_that_asks_for_a_credential_is_no_service_provider_and_shows_none() {
    let proxy = Hostile::lying(
        0,
        Arc::new(|request, _| {
            let sent = request.header("Proxy-Authorization").unwrap_or_default();
            let page = format!("<html>hunter2/pw {sent}</html>");
            support::answer(407, "text/html", page)
        }),
    );
    let address = proxy.url.trim_end_matches("/scim/v2").to_owned();
    let with_credential = address.replace("http://", "http://robin:hunter2%2Fpw@");
    let home = Home::new();
    let arguments = [
        "run",
        "--target",
        "http://scim.test/scim/v2",
        "--exact",
        "okta::v2::import_existing",
        "--report",
        "json=report.json",
        "-v",
    ];
    let ran = home
        .run_with(&[("HTTP_PROXY", &with_credential)], &arguments)
        .ended(3);
    let told = "did not reach the server: a proxy asks for a credential (407)";
    assert!(ran.out.contains(told), "{}", ran.out);
    let report = home.json("report.json").to_string();
    for secret in ["hunter2", "cm9iaW46aHVudGVyMi9wdw"] {
        for text in [&ran.out, &ran.err, &report] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}

#[test]
fn a_proxy_of_the_environment_is_used_for_https() {
    let authority = Authority::new();
    let home = home(&authority);
    let proxy = format!(
        "http://127.0.0.1:{}",
        tunnel(authority.serve(&Manner::default()))
    );
    let fixed = [
        "run",
        "--target",
        "https://scim.test/scim/v2",
        "--ca",
        "ca.pem",
    ];
    let rest = [
        "--exact",
        "okta::v2::import_existing",
        "--exact",
        TRANSPORT,
        "--report",
        "json=report.json",
    ];
    let arguments = [&fixed[..], &rest].concat();
    home.run_with(&[("HTTPS_PROXY", &proxy)], &arguments)
        .ended(0);
    let report = home.json("report.json");
    assert_eq!(
        case(&report, TRANSPORT)["verdict"],
        "skipped",
        "it is not looked at behind a proxy"
    );
}

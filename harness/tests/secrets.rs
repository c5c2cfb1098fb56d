//! A secret shows up nowhere: whatever the server echoes, in whatever form, and whatever fails.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up fails, and says where"
)]

#[path = "support/hostile.rs"]
mod hostile;
mod support;

use std::{fs, sync::Arc};

use hostile::Hostile;
use scim_harness::target::{Auth, Nearly};
use scim_provider::Response;
use serde_json::Value;
use support::{Home, names_in};

/// A token with everything in it that some way of writing changes.
const TOKEN: &str = "s3cr3t/t0k&n <of> \"a\"=tenant+";

/// The token in each way of writing, none of which may show up.
fn writings(secret: &str) -> Vec<String> {
    use base64::{Engine, prelude::BASE64_STANDARD};
    let json = Value::from(secret).to_string();
    let json = json.trim_matches('"').trim_end_matches('\\').to_owned();
    vec![
        secret.to_owned(),
        scim_harness::template::percent_encode(secret),
        json.replace('/', "\\/"),
        json,
        secret
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;"),
        BASE64_STANDARD.encode(secret),
    ]
}

/// Everything that a run leaves behind: its output, its reports, its ledgers.
fn everything(home: &Home, ran: &support::Ran) -> String {
    let ledgers = home.state().join("scim-harness");
    let ledgers = names_in(&ledgers)
        .into_iter()
        .map(|name| ledgers.join(name));
    let reports = home.files().into_iter().map(|name| home.path().join(name));
    let files = ledgers.chain(reports).filter(|path| path.is_file());
    let texts = files.map(|path| fs::read_to_string(path).unwrap());
    [ran.out.clone(), ran.err.clone()]
        .into_iter()
        .chain(texts)
        .collect()
}

/// Runs against a server whose every answer has been seasoned, and looks for the secret.
fn stays_secret(
    variables: &[(&str, &str)],
    secrets: &[String],
    season: impl Fn(Response, &str) -> Response + Send + Sync + 'static,
) {
    let writings: Vec<String> = secrets.iter().flat_map(|secret| writings(secret)).collect();
    let wires = writings.clone();
    let server = Hostile::lying(
        3,
        Arc::new(move |request, honest| {
            let turn = request.target.len() + request.body.len();
            season(honest, &wires[turn % wires.len()])
        }),
    );
    let home = Home::new();
    let only = ["--filter", "okta::v2", "--report", "json=report.json"];
    let all = [&["run", "--target", &server.url], &only[..]].concat();
    let loud = [("RUST_LOG", "trace"), ("RUST_BACKTRACE", "full")];
    let ran = home.run_with(&[variables, &loud].concat(), &all);
    assert!(matches!(ran.code, 1 | 3), "{}", ran.out);
    let left = everything(&home, &ran);
    for secret in &writings {
        assert!(!left.contains(secret.as_str()), "{secret}");
    }
}

#[test]
fn a_token_in_a_body_that_is_no_json() {
    stays_secret(
        &[("SCIM_TOKEN", TOKEN)],
        &[TOKEN.to_owned()],
        |honest, secret| Response {
            body: format!("<p>{secret}</p>").into_bytes(),
            ..honest
        },
    );
}

#[test]
fn a_token_in_a_header_and_in_every_string() {
    stays_secret(
        &[("SCIM_TOKEN", TOKEN)],
        &[TOKEN.to_owned()],
        |mut honest, secret| {
            honest.headers.push(("X-Echo".into(), secret.to_owned()));
            honest
                .headers
                .push(("Location".into(), format!("http://x.test/?t={secret}")));
            let text = String::from_utf8(honest.body).unwrap();
            let inside = Value::from(secret).to_string();
            honest.body = text
                .replace("\":\"", &format!("\":\"{}", inside.trim_matches('"')))
                .into_bytes();
            honest
        },
    );
}

#[test]
fn basic_credentials_in_a_body_and_an_error() {
    use base64::{Engine, prelude::BASE64_STANDARD};
    let (user, password) = ("tenant", "pa55 w&rd/of\"it\"");
    let both = BASE64_STANDARD.encode(format!("{user}:{password}"));
    let variables = [("SCIM_USERNAME", user), ("SCIM_PASSWORD", password)];
    stays_secret(
        &variables,
        &[password.to_owned(), both],
        |honest, secret| Response {
            status: if honest.status == 201 {
                500
            } else {
                honest.status
            },
            body: format!("denied: {secret}").into_bytes(),
            ..honest
        },
    );
}

#[test]
fn a_token_as_an_id_and_as_a_reason() {
    let token = "s3cr3t.t0ken_of-a~tenant";
    let server = Hostile::lying(
        3,
        Arc::new(move |request, honest| match request.method.as_str() {
            "DELETE" => Response {
                status: 403,
                body: token.into(),
                ..honest
            },
            "POST" if honest.status == 201 => {
                let mut body: Value = serde_json::from_slice(&honest.body).unwrap();
                body["id"] = token.into();
                Response {
                    body: body.to_string().into_bytes(),
                    ..honest
                }
            }
            _ => honest,
        }),
    );
    let home = Home::new();
    let all = [
        "run",
        "--target",
        &server.url,
        "--exact",
        "okta::v2::create_user",
        "--report",
        "json=report.json",
    ];
    let ran = home.run_with(&[("SCIM_TOKEN", token)], &all);
    for text in [&ran.out, &ran.err, &home.json("report.json").to_string()] {
        assert!(!text.contains(token), "{text}");
    }
}

#[test]
fn a_token_from_a_file_is_sent_and_not_shown() {
    let home = Home::new();
    let served = home.serve(&["--token", "t0ken-of-a-file"]);
    home.write("token", "t0ken-of-a-file\n");
    let config = format!(
        "[target.a]\nurl = \"{}\"\nbearer_file = \"token\"\n",
        served.url
    );
    home.write("scim-harness.toml", &config);
    let run = [
        "run",
        "--target",
        "a",
        "--exact",
        "okta::v2::create_user",
        "-v",
    ];
    let ran = home.run(&run).ended(0);
    assert!(!(ran.out + &ran.err).contains("t0ken-of-a-file"));
    home.write(
        "scim-harness.toml",
        &config.replace("\"token\"", "\"gone\""),
    );
    let told = home.run(&run).ended(2);
    let start =
        "error: the target `a` takes its credential from the file gone, which cannot be read: ";
    assert!(told.err.starts_with(start), "{}", told.err);
}

/// Runs the cases about credentials that are nearly right, against a server that repeats in body and
/// header what it was given, plainly and in Base64.
fn nearly_right_stays_secret(variables: &[(&str, &str)], auth: &Auth) {
    use base64::{Engine, prelude::BASE64_STANDARD};
    let right = auth.header();
    let server = Hostile::lying(
        3,
        Arc::new(move |request, mut honest| {
            let given = request.header("Authorization").unwrap_or_default();
            if Some(given) == right.as_deref() {
                return honest;
            }
            let given = given.split_once(' ').map_or(given, |(_, secret)| secret);
            let body = format!("{given} is wrong: {}", BASE64_STANDARD.encode(given));
            honest.headers.push(("X-Echo".into(), given.to_owned()));
            Response {
                status: 401,
                body: body.into_bytes(),
                ..honest
            }
        }),
    );
    let home = Home::new();
    let only = ["--filter", "security::v2::credentials::nearly_right"];
    let report = ["--report", "json=report.json", "-v"];
    let all = [&["run", "--target", &server.url], &only[..], &report].concat();
    let ran = home.run_with(variables, &all).ended(0);
    let left = everything(&home, &ran);
    assert!(left.contains(" (altered)"), "{left}");
    for how in [Nearly::Altered, Nearly::Cut] {
        let header = auth.nearly(how).unwrap().header().unwrap();
        let (_, secret) = header.split_once(' ').unwrap();
        for secret in [secret.to_owned(), BASE64_STANDARD.encode(secret)] {
            assert!(!left.contains(&secret), "{secret}");
        }
    }
    let header = auth.header().unwrap();
    let (_, secret) = header.split_once(' ').unwrap();
    assert!(!left.contains(secret));
}

#[test]
fn a_credential_that_is_nearly_right() {
    let token = "s3cr3t.t0ken_of-a~tenant";
    let bearer = Auth::Bearer(token.to_owned().into());
    nearly_right_stays_secret(&[("SCIM_TOKEN", token)], &bearer);
    let (user, password) = ("tenant", "pa55 w&rd/of\"it\"");
    let basic = Auth::Basic {
        user: user.to_owned(),
        password: password.to_owned().into(),
    };
    let variables = [("SCIM_USERNAME", user), ("SCIM_PASSWORD", password)];
    nearly_right_stays_secret(&variables, &basic);
}

#[test]
fn a_credential_is_taken_from_no_argument() {
    let home = Home::new();
    for option in ["--token", "--bearer", "--password", "--basic"] {
        let ran = home.run(&["run", option, "s3cr3t"]).ended(2);
        assert!(ran.err.contains("unexpected argument"), "{}", ran.err);
    }
    let ran = home
        .run(&["run", "--target", "http://u:s3cr3t@127.0.0.1:1/scim/v2"])
        .ended(2);
    assert!(!ran.err.contains("s3cr3t"), "{}", ran.err);
}

#[test]
fn a_cookie_and_a_password_are_in_no_snapshot() {
    let (cookie, password) = ("0123456789abcdef0123", "hash-of-it-9");
    let server = Hostile::lying(
        3,
        Arc::new(move |_, mut honest| {
            let set = format!("sid={cookie}; Path=/");
            honest.headers.push(("Set-Cookie".into(), set));
            let text = String::from_utf8(honest.body).unwrap();
            let more = format!("{{\"session\":\"{cookie}\",\"password\":\"{password}\",");
            honest.body = text.replacen('{', &more, 1).into_bytes();
            honest
        }),
    );
    let home = Home::new();
    let run = ["run", "--target", &server.url];
    let case = ["--exact", "okta::v2::create_user", "--snapshot-folder", "."];
    let report = ["--snapshots", "record", "--report", "json=report.json"];
    home.run(&[&run[..], &case, &report].concat());
    let folder = names_in(&home.path())
        .into_iter()
        .map(|name| home.path().join(name).join("okta/v2/create_user"))
        .find(|folder| folder.is_dir())
        .unwrap();
    let files = names_in(&folder);
    assert!(!files.is_empty());
    for file in files {
        let text = fs::read_to_string(folder.join(file)).unwrap();
        assert!(text.contains(r#""session": "********""#), "{text}");
        assert!(!text.contains(cookie) && !text.contains(password), "{text}");
    }
}

//! Certification runs: what is shown, what is missing, and the folder of evidence.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up fails, and says where"
)]

#[path = "support/hostile.rs"]
mod hostile;
mod support;

use std::{fs, io::Cursor, os::unix::fs::PermissionsExt, path::Path, sync::Arc};

use base64::{Engine, prelude::BASE64_STANDARD};
use hostile::Hostile;

use minisign::{KeyPair, PublicKey, SignatureBox};
use ring::digest::{SHA256, digest};
use scim_provider::Response;
use serde_json::Value;
use support::Home;

const FILES: [&str; 8] = [
    "SHA256SUMS",
    "coverage.json",
    "environment.json",
    "items.json",
    "items.md",
    "report.har",
    "report.html",
    "report.json",
];

/// Who may do what with a folder.
fn mode(folder: &Path) -> u32 {
    fs::metadata(folder).unwrap().permissions().mode() & 0o777
}

/// The item of this name in the evidence.
fn item(items: &Value, id: &str) -> Value {
    let items = items["items"].as_array().unwrap();
    items.iter().find(|item| item["id"] == id).unwrap().clone()
}

#[test]
fn evidence_is_written_into_one_folder_with_its_sums() {
    let home = Home::new();
    let served = home.serve(&["--token", "hush-hush-token"]);
    let arguments = [
        "certify",
        "--program",
        "okta-oin",
        "--out",
        "proof",
        "--target",
        &served.url,
    ];
    let token = [("SCIM_TOKEN", "hush-hush-token")];
    let ran = home.run_with(&token, &arguments);
    assert!([0, 3].contains(&ran.code), "{}\n{}", ran.code, ran.err);
    let folder = home.path().join("proof");
    assert_eq!(mode(&folder), 0o700, "it holds data of the tenant");
    assert_eq!(support::names_in(&folder), FILES);
    let text = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    for line in text("SHA256SUMS").lines() {
        let (sum, name) = line.split_once("  ").unwrap();
        let hash = digest(&SHA256, text(name).as_bytes());
        let hash: String = hash
            .as_ref()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(hash, sum, "{name}");
    }
    assert_eq!(text("SHA256SUMS").lines().count(), FILES.len() - 1);
    for name in FILES {
        assert!(!text(name).contains("hush-hush"), "{name} holds the token");
    }
    let environment = home.json("proof/environment.json");
    assert_eq!(
        environment["service_provider_config"]["patch"]["supported"],
        true
    );
    assert_eq!(environment["harness"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(
        environment["command"],
        format!("scim-harness {}", arguments.join(" "))
    );
    let items = home.json("proof/items.json");
    assert_eq!(item(&items, "C9290")["status"], "passed");
    assert_eq!(item(&items, "SPEC-6")["status"], "passed");
    for outside in items["outside"].as_array().unwrap() {
        let status = match outside["title"] == "The base URL is https" {
            true => "not so in this run",
            false => "not verified by this run",
        };
        assert_eq!(outside["status"], status);
    }
    assert!(
        ran.out
            .contains("\n       The base URL is https: not so in this run\n"),
        "{}",
        ran.out
    );
    assert!(text("items.md").contains(
        "\n- [ ] Public and private support contacts (OIN submission): not verified by this run\n"
    ));

    let here = arguments.map(|argument| if argument == "proof" { "." } else { argument });
    let here = home.run_with(&token, &here).ended(2);
    assert!(
        here.err
            .starts_with("error: the folder . has no name of its own\n"),
        "{}",
        here.err
    );
    let again = home.run_with(&token, &arguments).ended(2);
    assert!(
        again
            .err
            .starts_with("error: the folder proof is not empty\n"),
        "{}",
        again.err
    );
    assert_eq!(home.files(), ["proof"], "nothing half-written stays");
}

#[test]
fn what_fails_or_is_not_run_is_never_passed() {
    let home = Home::new();
    let proof = home.path().join("proof");
    fs::create_dir(&proof).unwrap();
    fs::set_permissions(&proof, fs::Permissions::from_mode(0o750)).unwrap();
    let served = home.serve(&[
        "--fault",
        "create-answers-200",
        "--fault",
        "deactivation-by-patch-is-not-stored",
    ]);
    let certify = [
        "certify",
        "--program",
        "okta-oin",
        "--target",
        &served.url,
        "--out",
    ];
    let ran = home.run(&[&certify[..], &["proof"]].concat()).ended(1);
    assert_eq!(mode(&proof), 0o750, "the folder was there");
    let items = home.json("proof/items.json");
    for id in ["SPEC-6", "C9290", "CRUD-deactivate", "CRUD-unassign"] {
        assert_eq!(item(&items, id)["status"], "failed", "{id}");
    }
    assert!(
        ran.out
            .contains("failed       SPEC-6: A user is created as it was sent"),
        "{}",
        ran.out
    );
    let known = "[[known]]\ncase = \"okta::v2::create_user\"\nrule = \"rfc7644-3.3/created-is-201\"\nwhy = \"w\"\n";
    home.write("scim-harness.toml", known);
    home.run(&[&certify[..], &["known"]].concat()).ended(1);
    assert_eq!(
        item(&home.json("known/items.json"), "SPEC-6")["status"],
        "failed"
    );

    let removed = format!(
        "[target.a]\nurl = \"{}\"\ndeactivation = \"removed\"\n",
        served.url
    );
    home.write("scim-harness.toml", &removed);
    home.run(&[
        "certify",
        "--program",
        "okta-oin",
        "--target",
        "a",
        "--out",
        "removed",
    ])
    .ended(1);
    let items = home.json("removed/items.json");
    let unassign = item(&items, "CRUD-unassign");
    assert_eq!(
        (&unassign["status"], &unassign["cases"]),
        (&"missing".into(), &Value::Array(Vec::new()))
    );
    assert_eq!(
        unassign["reasons"][0],
        "no case of this run shows `okta::v2::oin::unassign`"
    );
}

#[test]
fn an_unreachable_target_shows_nothing_and_says_so() {
    let home = Home::new();
    let certify = [
        "certify",
        "--program",
        "scim-2.0",
        "--target",
        "http://127.0.0.1:1/v2",
        "--out",
        "proof",
    ];
    let code = home.run(&certify).code;
    assert!([3, 4].contains(&code), "{code}");
    let items = home.json("proof/items.json");
    let items = items["items"].as_array().unwrap();
    assert!(items.iter().all(|item| item["status"] == "missing"));
}

#[test]
fn the_manifest_is_signed_with_the_user_s_key() {
    let home = Home::new();
    let plain = KeyPair::generate_unencrypted_keypair().unwrap();
    let locked = KeyPair::generate_encrypted_keypair(Some("open sesame".to_owned())).unwrap();
    home.write("plain.key", &plain.sk.to_box(None).unwrap().into_string());
    home.write("locked.key", &locked.sk.to_box(None).unwrap().into_string());
    let mut bare = plain.sk.to_bytes();
    bare.splice(126.., [0; 32]);
    let stored =
        |bytes: &[u8]| format!("untrusted comment: x\n{}\n", BASE64_STANDARD.encode(bytes));
    home.write("bare.key", &stored(&bare));
    bare[100] ^= 1;
    home.write("damaged.key", &stored(&bare));
    home.write("no.key", "nonsense");
    let certify = [
        "certify",
        "--program",
        "scim-2.0",
        "--target",
        "http://127.0.0.1:1/v2",
        "--sign",
    ];
    let run = |key: &str, out: &str, password: &[(&str, &str)]| {
        home.run_with(password, &[&certify[..], &[key, "--out", out]].concat())
    };
    let open = [("MINISIGN_PASSWORD", "open sesame")];
    assert!(run("plain.key", "plain", &[]).code > 2);
    assert!(run("locked.key", "locked", &open).code > 2);
    assert!(run("bare.key", "bare", &[]).code > 2, "of minisign -G -W");
    for (folder, key) in [
        ("plain", &plain.pk),
        ("locked", &locked.pk),
        ("bare", &plain.pk),
    ] {
        let read = |name: &str| fs::read_to_string(home.path().join(folder).join(name)).unwrap();
        let signature = SignatureBox::from_string(&read("SHA256SUMS.minisig")).unwrap();
        let verify = |key: &PublicKey, text: String| {
            minisign::verify(key, &signature, Cursor::new(text), true, false, false)
        };
        verify(key, read("SHA256SUMS")).unwrap();
        assert!(verify(key, read("SHA256SUMS") + "\n").is_err());
    }
    for (key, password) in [
        ("no.key", &[][..]),
        ("gone.key", &[]),
        ("damaged.key", &[]),
        ("locked.key", &[]),
        ("locked.key", &[("MINISIGN_PASSWORD", "wrong")]),
    ] {
        let told = run(key, "never", password).ended(2);
        let start = format!("error: the key {key} cannot be used: ");
        assert!(told.err.starts_with(&start), "{}", told.err);
        assert!(!told.err.contains("wrong\n"));
    }
    assert!(!home.path().join("never").exists());
}

#[test]
fn a_misspelt_programme_is_told_with_the_nearest() {
    let told = Home::new()
        .run(&["certify", "--program", "okta-oni", "--out", "x"])
        .ended(2);
    assert_eq!(
        told.err,
        "error: there is no programme `okta-oni`\n |\n = help: did you mean `okta-oin`?\n = known: entra-gallery, okta-oin, scim-2.0\n"
    );
}

/// What an item of a programme says of a provider with a fault, and the exit code.
fn certified(program: &str, fault: &str, id: &str) -> (Value, i32) {
    let home = Home::new();
    let served = home.serve(&["--fault", fault]);
    let certify = ["certify", "--program", program, "--out", "proof"];
    let ran = home.run(&[&certify[..], &["--target", &served.url]].concat());
    (item(&home.json("proof/items.json"), id), ran.code)
}

#[test]
fn a_rule_that_no_item_names_is_an_item_of_its_own() {
    let (besides, code) = certified("scim-2.0", "sort-is-ignored", "besides");
    assert_eq!((&besides["status"], code), (&"failed".into(), 1));
    let (besides, _) = certified("entra-gallery", "new-password-is-refused", "besides");
    assert_eq!(
        besides["status"], "passed",
        "Okta's conversations are not Entra's"
    );
}

#[test]
fn an_assertion_of_oktas_suite_counts_however_severe_it_is() {
    let (suite, code) = certified("okta-oin", "first-user-has-no-email", "SPEC");
    assert_eq!((&suite["status"], code), (&"failed".into(), 1));
    let told = suite["reasons"].to_string();
    assert!(
        told.contains("the assertion `okta-spec/first-user-is-complete` fails"),
        "{told}"
    );
}

#[test]
fn a_programme_of_another_version_is_told() {
    let arguments = [
        "certify",
        "--program",
        "okta-oin",
        "--scim",
        "1.1",
        "--out",
        "x",
    ];
    let told = Home::new().run(&arguments).ended(2);
    let title = "error: the programme okta-oin is about SCIM 2.0, not 1.1\n";
    assert!(told.err.starts_with(title), "{}", told.err);
}

/// The evidence on a provider that has no groups and takes two credentials, and the exit code.
fn without_groups(program: &str) -> (Home, i32) {
    let refused = |status: u16| {
        Response {
        status,
        headers: vec![
            ("content-type".into(), "application/scim+json".into()),
            ("www-authenticate".into(), "Bearer".into()),
        ],
        body: format!("{{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:Error\"],\"status\":\"{status}\",\"detail\":\"no\"}}").into_bytes(),
    }
    };
    let server = Hostile::lying(
        3,
        Arc::new(move |request, honest| {
            let known = ["Bearer first-token", "Bearer second-token"];
            match request.header("authorization") {
                Some(given) if known.contains(&given) && !request.target.contains("/Groups") => {
                    honest
                }
                Some(given) if known.contains(&given) => refused(404),
                _ => refused(401),
            }
        }),
    );
    let home = Home::new();
    let target = format!(
        "[target.a]\nurl = \"{}\"\ngroups = false\n[target.a.second]\nbearer_env = \"SECOND\"\n",
        server.url
    );
    home.write("scim-harness.toml", &target);
    let arguments = ["--program", program, "--target", "a", "--out", "proof"];
    let tokens = [("SCIM_TOKEN", "first-token"), ("SECOND", "second-token")];
    let ran = home.run_with(&tokens, &[&["certify"][..], &arguments].concat());
    (home, ran.code)
}

#[test]
fn who_has_no_groups_can_be_certified_and_the_optional_items_say_so() {
    let (home, code) = without_groups("okta-oin");
    let items = home.json("proof/items.json");
    assert_eq!(code, 0, "{items}");
    let suite = item(&items, "SPEC");
    assert_eq!(suite["status"], "warned");
    assert_eq!(
        suite["reasons"][0],
        "the optional assertion `okta-spec/groups-endpoint-is-200` fails"
    );
    let groups = item(&items, "SPEC-10");
    assert_eq!(groups["status"], "skipped");
    assert_eq!(
        groups["reasons"][0],
        "not offered: the rule `okta-spec/groups-endpoint-is-200` is broken"
    );
}

//! Targets of another policy than most: Okta's conversations suit them once their target file says so.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up fails, and says where"
)]

mod support;

use std::fs;

use support::Home;

/// A server that acts like ThousandEyes passes as its target file describes it.
fn passes_as_described(scim: &str, target: &str) {
    let home = Home::new();
    let serve = home.serve(&[
        "--like",
        "thousandeyes",
        "--scim",
        scim,
        "--users",
        "12",
        "--token",
        "thousandeyes-token",
        "--basic",
        "ada@example.com:pw",
    ]);
    let shipped = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/fixtures/targets/thousandeyes.toml"
    );
    let address = serve.url.split('/').nth(2).unwrap();
    let file = fs::read_to_string(shipped).unwrap();
    home.write("te.toml", &file.replace("127.0.0.1:8080", address));
    let arguments = [
        "run",
        "--config",
        "te.toml",
        "--target",
        target,
        "--client",
        "okta-oin",
        "--client",
        "okta-aiw",
        "--report",
        "json=report.json",
        "-q",
    ];
    let basic = [
        ("SCIM_USERNAME", "ada@example.com"),
        ("SCIM_PASSWORD", "pw"),
    ];
    home.run_with(&basic, &arguments).ended(0);
    let report = home.json("report.json");
    assert_eq!(report["verdict"], "conformant");
    assert_eq!(report["leftovers"].as_array().unwrap().len(), 0);
    let names: Vec<&str> = report["cases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|case| case["name"].as_str().unwrap())
        .collect();
    let has = |part: &str| names.iter().any(|name| name.contains(part));
    assert!(has("aiw::unassign_removes") && has("duplicate_is_matched"));
    assert!(!has("duplicate_user"), "{names:?}");
    let unknown = report["cases"].as_array().unwrap().iter().find(|case| {
        let name = case["name"].as_str().unwrap();
        name.ends_with("::unknown_filter_attribute")
    });
    assert_eq!(unknown.unwrap()["verdict"], "skipped");
    let bearer = [("SCIM_TOKEN", "thousandeyes-token")];
    home.run_with(&bearer, &arguments).ended(0);

    // The cases of the RFCs heed the policy, too. It keeps one e-mail only, which is no error.
    let everything = ["run", "--config", "te.toml", "--target", target];
    let arguments = [&everything[..], &["--report", "json=all.json", "-q"]].concat();
    home.run_with(&bearer, &arguments).ended(0);
    let report = home.json("all.json");
    assert_eq!(report["verdict"], "conformant");
}

#[test]
fn thousandeyes_in_scim_2_0() {
    passes_as_described("2.0", "like-thousandeyes");
}

#[test]
fn thousandeyes_in_scim_1_1() {
    passes_as_described("1.1", "like-thousandeyes-v1");
}

#[test]
fn without_its_target_file_the_policy_is_a_finding() {
    let home = Home::new();
    let serve = home.serve(&["--like", "thousandeyes", "--users", "12"]);
    let arguments = [
        "run", "--target", &serve.url, "--client", "okta-oin", "--filter", "unassign",
    ];
    let ran = home.run(&arguments).ended(1);
    assert!(
        ran.out.contains("error[okta/inactive-user-stays-readable]"),
        "{}",
        ran.out
    );
}

#[test]
fn an_app_that_looks_users_up_by_external_id_fails_where_nobody_is_found() {
    for (scim, case) in [
        ("2.0", "okta::v2::unique_field"),
        ("1.1", "okta::v1::unique_field"),
    ] {
        let ended = |faults: &[&str], manner: &str, code: i32| {
            let home = Home::new();
            let serve = home.serve(&[&["--scim", scim], faults].concat());
            home.write(
                "scim-harness.toml",
                &format!(
                    "default = \"t\"\n[target.t]\nurl = \"{}\"\nscim = \"{scim}\"\n{manner}",
                    serve.url
                ),
            );
            home.run(&["run", "--exact", case]).ended(code)
        };
        let by_external_id = "[target.t.manner]\nunique_field = \"externalId\"\n";
        ended(&[], by_external_id, 0);
        let fault = ["--fault", "external-id-finds-nobody"];
        let ran = ended(&fault, by_external_id, 1);
        let found = "error[okta/created-user-is-found]";
        assert!(ran.out.contains(found), "{}", ran.out);
        let ran = ended(&fault, "", 4);
        assert!(ran.out.ends_with("\nnothing ran\n"), "{}", ran.out);
    }
}

#[test]
fn groups_that_are_said_not_to_be_there_are_not_tried() {
    let home = Home::new();
    let serve = home.serve(&[]);
    let file = format!(
        "default = \"t\"\n[target.t]\nurl = \"{}\"\ngroups = false\n",
        serve.url
    );
    home.write("scim-harness.toml", &file);
    let families = "rfc::v2::attributes::";
    let arguments = ["run", "--filter", families, "--report", "json=report.json"];
    home.run(&arguments).ended(0);
    let report = home.json("report.json");
    let cases = report["cases"].as_array().unwrap();
    let exchanges = cases
        .iter()
        .flat_map(|case| case["exchanges"].as_array().unwrap());
    let tried = exchanges.map(|exchange| exchange["request"]["url"].as_str().unwrap());
    let groups: Vec<&str> = tried.filter(|url| url.contains("/Groups")).collect();
    assert!(groups.is_empty(), "{groups:?}");
}

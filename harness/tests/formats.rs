//! Every report format of one run: they say the same, hold no secret, and keep what a server says
//! inert.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up fails, and says where"
)]

mod support;

use std::{collections::BTreeSet, fs, io::Read};

use base64::{Engine, prelude::BASE64_STANDARD};
use flate2::read::GzDecoder;
use quick_junit::NonSuccessKind;
use ring::digest::{SHA256, digest};
use scim_harness::{
    report::{Format, json as report},
    scenario::Version,
};
use scim_provider::Request;
use serde_json::{Value, json};
use support::{Home, Ran, Stub, provider};

/// Every format with the file that a run writes it to.
const FORMATS: [(&str, &str); 7] = [
    ("json", "report.json"),
    ("html", "report.html"),
    ("junit", "report.xml"),
    ("markdown", "report.md"),
    ("har", "report.har"),
    ("sarif", "report.sarif"),
    ("annotations", "annotations.txt"),
];

/// A run with every format, and what it wrote.
struct Whole {
    ran: Ran,
    home: Home,
}

impl Whole {
    fn run(code: i32, variables: &[(&str, &str)], arguments: &[&str]) -> Self {
        let home = Home::new();
        let reports = FORMATS.map(|(format, file)| format!("{format}={file}"));
        let mut all = vec!["run"];
        for report in &reports {
            all.extend(["--report", report]);
        }
        all.extend(arguments);
        let ran = home.run_with(variables, &all).ended(code);
        let mut files = FORMATS.map(|(_, file)| file.to_owned());
        files.sort();
        assert_eq!(home.files(), files, "nothing else is written");
        Self { ran, home }
    }

    fn text(&self, file: &str) -> String {
        fs::read_to_string(self.home.path().join(file)).unwrap()
    }

    /// Everything that a person or a machine may see of the run, by name.
    fn everything(&self) -> Vec<(&'static str, String)> {
        let mut texts: Vec<_> = FORMATS
            .iter()
            .map(|(_, file)| (*file, self.text(file)))
            .collect();
        texts.push(("exchanges of the page", unpacked(&self.text("report.html"))));
        texts.push(("stdout", self.ran.out.clone()));
        texts.push(("stderr", self.ran.err.clone()));
        texts
    }
}

/// What a format says of a run.
#[derive(Debug, PartialEq, Eq)]
struct Said {
    verdict: String,
    /// Passed, warned, failed, skipped, inconclusive.
    cases: Vec<usize>,
    broken: BTreeSet<String>,
    /// Upheld, broken, not verified.
    rules: Vec<usize>,
}

/// The numbers in a text such as `3 passed, 1 warned`.
fn numbers(text: &str) -> Vec<usize> {
    text.split(", ")
        .filter_map(|part| part.split(' ').next()?.parse().ok())
        .collect()
}

/// The words of the verdict, as the JSON report has them.
fn verdict(text: &str) -> String {
    let text = text.to_lowercase();
    let words = [
        ("not conformant", "nonconformant"),
        ("conformant", "conformant"),
        ("could not tell", "inconclusive"),
    ];
    let found = words.iter().find(|(words, _)| text.contains(words));
    found.unwrap().1.to_owned()
}

fn strings<'a>(values: impl IntoIterator<Item = &'a Value>) -> BTreeSet<String> {
    let values = values.into_iter();
    values
        .map(|value| value.as_str().unwrap().to_owned())
        .collect()
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    assert!(text.contains(start), "{start} in\n{text}");
    let (_, rest) = text.split_once(start).unwrap();
    rest.split_once(end).unwrap().0
}

fn said_by_json(report: &Value) -> Said {
    let count = |name: &str| usize::try_from(report["summary"][name].as_u64().unwrap()).unwrap();
    let rules = report["rules"].as_array().unwrap();
    let of = |status: &str| rules.iter().filter(|rule| rule["status"] == status).count();
    let broken = rules.iter().filter(|rule| rule["status"] == "broken");
    Said {
        verdict: report["verdict"].as_str().unwrap().to_owned(),
        cases: ["passed", "warned", "failed", "skipped", "inconclusive"]
            .map(count)
            .to_vec(),
        broken: strings(broken.map(|rule| &rule["id"])),
        rules: ["upheld", "broken", "not-verified"].map(of).to_vec(),
    }
}

fn said_by_terminal(text: &str) -> Said {
    let broken = text.lines().filter_map(|line| {
        let line = line.trim_start().trim_start_matches("= with it: ");
        let kind = line.split('[').next()?;
        ["error", "warning", "info"]
            .contains(&kind)
            .then(|| between(line, "[", "]").to_owned())
    });
    Said {
        verdict: verdict(text.lines().last().unwrap()),
        cases: numbers(between(text, "\ncases  ", "\n")),
        broken: broken.collect(),
        rules: numbers(between(text, "\nrules  ", "\n")),
    }
}

fn said_by_junit(text: &str) -> Said {
    let report = quick_junit::Report::deserialize_from_str(text).unwrap();
    let property = |name: &str| {
        let properties = &report.test_suites[0].properties;
        let found = properties
            .iter()
            .find(|property| property.name.as_str() == name);
        found.unwrap().value.to_string()
    };
    let cases: Vec<_> = report
        .test_suites
        .iter()
        .flat_map(|suite| &suite.test_cases)
        .collect();
    let count = |wanted: Option<NonSuccessKind>| {
        let kinds = cases.iter().filter(|case| match (&case.status, wanted) {
            (quick_junit::TestCaseStatus::NonSuccess { kind, .. }, Some(wanted)) => *kind == wanted,
            (quick_junit::TestCaseStatus::Skipped { .. }, None) => true,
            _ => false,
        });
        kinds.count()
    };
    let told = numbers(&property("cases"));
    assert_eq!(
        told[2..],
        [
            count(Some(NonSuccessKind::Failure)),
            count(None),
            count(Some(NonSuccessKind::Error))
        ]
    );
    let broken = cases.iter().flat_map(|case| &case.properties);
    Said {
        verdict: property("verdict"),
        cases: told,
        broken: broken.map(|property| property.value.to_string()).collect(),
        rules: numbers(&property("rules")),
    }
}

fn said_by_markdown(text: &str) -> Said {
    let rows = text.lines().filter(|line| {
        ["| ❌ error |", "| ⚠️ warning |", "| ℹ️ info |"]
            .iter()
            .any(|start| line.starts_with(start))
    });
    Said {
        verdict: verdict(text.lines().next().unwrap()),
        cases: numbers(between(text, "| cases | ", " |")),
        broken: rows
            .map(|row| between(row, "`", "` |").to_owned())
            .collect(),
        rules: numbers(between(text, "| rules | ", " |")),
    }
}

fn said_by_html(page: &str) -> Said {
    let ids = page.match_indices("id=\"rule-").map(|(place, start)| {
        let rest = &page[place + start.len()..];
        rest.split_once('"').unwrap().0.to_owned()
    });
    let told = verdict(between(page, "<h1>", "</h1>"));
    assert_eq!(between(page, "data-verdict=\"", "\""), told);
    Said {
        verdict: told,
        cases: numbers(between(page, "id=\"cases-said\">", "</p>")),
        broken: ids.filter(|id| id.contains('/')).collect(),
        rules: numbers(between(page, "id=\"rules-said\">", "</p>")),
    }
}

/// The exchanges that a page holds packed.
fn unpacked(page: &str) -> String {
    let packed = between(page, "id=\"exchanges\">", "</script>");
    let packed = BASE64_STANDARD.decode(packed).unwrap();
    let mut text = String::new();
    GzDecoder::new(packed.as_slice())
        .read_to_string(&mut text)
        .unwrap();
    text
}

fn said_by_har(archive: &Value) -> Said {
    let log = &archive["log"];
    let pages = log["pages"].as_array().unwrap();
    let comment = log["comment"].as_str().unwrap();
    Said {
        verdict: log["_verdict"].as_str().unwrap().to_owned(),
        cases: numbers(between(comment, "Cases: ", ".")),
        broken: strings(
            pages
                .iter()
                .flat_map(|page| page["_broken"].as_array().unwrap()),
        ),
        rules: numbers(between(comment, "Rules: ", ".")),
    }
}

fn said_by_sarif(log: &Value) -> Said {
    let run = &log["runs"][0];
    let results = run["results"].as_array().unwrap();
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
    let summary = &run["properties"]["summary"];
    let count = |name: &str| usize::try_from(summary[name].as_u64().unwrap()).unwrap();
    Said {
        verdict: run["properties"]["verdict"].as_str().unwrap().to_owned(),
        cases: ["passed", "warned", "failed", "skipped", "inconclusive"]
            .map(count)
            .to_vec(),
        broken: strings(results.iter().map(|result| &result["ruleId"])),
        rules: numbers(run["properties"]["rules"].as_str().unwrap()),
    }
}

fn said_by_annotations(text: &str) -> Said {
    let (first, others) = text.split_once('\n').unwrap();
    let rules = others
        .lines()
        .filter(|line| line.contains("title=") && line.contains('/'));
    let rules = rules.filter(|line| line.contains("%0Arule: "));
    let named = |line: &str| -> Vec<String> {
        let others = line.split("%0Awith it: ").skip(1);
        let others = others.map(|other| between(other, "[", "]").to_owned());
        others
            .chain([between(line, "title=", "::").to_owned()])
            .collect()
    };
    Said {
        verdict: verdict(
            between(first, "::notice ", "%0A")
                .split("::")
                .nth(1)
                .unwrap(),
        ),
        cases: numbers(between(first, "%0Acases: ", "%0A")),
        broken: rules.flat_map(named).collect(),
        rules: numbers(between(first, "%0Arules: ", "%0A")),
    }
}

#[test]
fn every_format_says_the_same_verdict_counts_and_rules() {
    let served = Home::new();
    let faults = [
        "deactivation-by-patch-is-not-stored",
        "conflict-has-no-scimtype",
        "create-answers-200",
    ];
    let serve: Vec<&str> = faults.iter().flat_map(|fault| ["--fault", fault]).collect();
    let served = served.serve(&serve);
    for (code, target) in [(1, Some(served.url.as_str())), (0, None)] {
        let target = target.map_or(Vec::new(), |url| vec!["--target", url]);
        let whole = Whole::run(code, &[], &target);
        let said = said_by_json(&whole.home.json("report.json"));
        assert_eq!(said.broken.is_empty(), code == 0, "{said:?}");
        assert_eq!(said_by_terminal(&whole.ran.out), said);
        assert_eq!(said_by_junit(&whole.text("report.xml")), said);
        assert_eq!(said_by_markdown(&whole.text("report.md")), said);
        assert_eq!(said_by_html(&whole.text("report.html")), said);
        assert_eq!(said_by_har(&whole.home.json("report.har")), said);
        assert_eq!(said_by_sarif(&whole.home.json("report.sarif")), said);
        assert_eq!(said_by_annotations(&whole.text("annotations.txt")), said);
    }
}

#[test]
fn what_one_answer_breaks_is_one_finding_and_what_another_breaks_is_another() {
    let causes = |faults: &[&str]| {
        let home = Home::new();
        let faults: Vec<&str> = faults.iter().flat_map(|fault| ["--fault", fault]).collect();
        let served = home.serve(&faults);
        let ran = home
            .run(&["--target", &served.url, "--scim", "2.0"])
            .ended(1);
        let count = |start: &str| {
            let lines = ran.out.lines();
            lines
                .filter(|line| line.trim_start().starts_with(start))
                .count()
        };
        (count("error["), count("= with it: "))
    };
    let (one, with_it) = causes(&["groups-take-no-patch"]);
    assert_eq!(one, 1);
    assert!(with_it > 5, "{with_it}");
    let (both, with_both) = causes(&["groups-take-no-patch", "conflict-has-no-scimtype"]);
    assert_eq!((both, with_both), (2, with_it));
}

/// A provider that shows the credential and the cookie wherever it can.
fn leaky(cookie: &'static str) -> Stub {
    let (provider, handler) = provider(Version::V2);
    let stub = Stub::start("/scim/v2", move |request: &Request| {
        let credential = request
            .header("Authorization")
            .unwrap_or_default()
            .to_owned();
        let mut told = handler(request);
        let session = format!("JSESSIONID={cookie}; Path=/; HttpOnly");
        let more = [
            ("Set-Cookie", session),
            ("X-Session", cookie.to_owned()),
            ("X-Echo", credential),
        ];
        told.headers
            .extend(more.map(|(name, value)| (name.to_owned(), value)));
        if let Ok(mut body) = serde_json::from_slice::<Value>(&told.body) {
            body["displayName"] = json!(request.header("Authorization"));
            body["title"] = json!(cookie);
            body["password"] = json!("hush-hush-9");
            told.body = body.to_string().into_bytes();
        }
        told
    });
    provider.set_base(stub.url.clone());
    stub
}

#[test]
fn no_report_holds_a_secret() {
    let cookie = "5e55101c00c1e5e55101";
    let stub = leaky(cookie);
    let (token, password) = ("t0ken-of-a-tenant", "pa55/word of it");
    let basic = "dGVuYW50OnBhNTUvd29yZCBvZiBpdA";
    let logins: [&[(&str, &str)]; 2] = [
        &[("SCIM_TOKEN", token)],
        &[("SCIM_USERNAME", "tenant"), ("SCIM_PASSWORD", password)],
    ];
    // Every case once; with the other kind of credential those of one client say as much.
    for (login, choice) in logins.into_iter().zip([&[][..], &["--client", "okta-oin"]]) {
        let variables = [login, &[("GITHUB_ACTIONS", "true")]].concat();
        let arguments = [&["--target", &stub.url, "-v"], choice].concat();
        let whole = Whole::run(1, &variables, &arguments);
        for (name, text) in whole.everything() {
            for secret in [
                token,
                password,
                "pa55%2Fword",
                "pa55\\/word",
                basic,
                cookie,
                "hush-hush-9",
            ] {
                assert!(!text.contains(secret), "{secret} in {name}");
            }
        }
        let passwords = stub.asked().into_iter().filter_map(|request| {
            let body: Value = serde_json::from_slice(&request.body).ok()?;
            body["password"].as_str().map(str::to_owned)
        });
        let passwords: BTreeSet<String> = passwords.collect();
        assert!(!passwords.is_empty());
        for (name, text) in whole.everything() {
            for password in &passwords {
                assert!(!text.contains(password), "{password} in {name}");
            }
        }
    }
}

#[test]
fn the_key_of_a_client_is_not_shown_when_it_cannot_be_used() {
    let home = Home::new();
    let key = "c2VjcmV0LWtleS1vZi1hLWNsaWVudA==";
    home.write(
        "client.pem",
        &format!("-----BEGIN PRIVATE KEY-----\n{key}\n-----END PRIVATE KEY-----\n"),
    );
    let ran = home
        .run(&[
            "--target",
            "https://scim.example.com/v2",
            "--client-cert",
            "client.pem",
        ])
        .ended(2);
    assert!(ran.err.contains("client.pem"), "{}", ran.err);
    assert!(!(ran.err + &ran.out).contains(key));
}

/// What a server may say to a terminal, a runner or a browser.
const HOSTILE: &str = "\u{1b}[2J\u{1b}]0;title\u{7}\u{9b}31m\r\n::error::injected\n::set-output name=x::y\n```\n</details><script>alert(1)</script> `@all` [a](http://evil.example) \u{202e}txt ]]> </textarea>";

/// A provider that says it wherever it can.
fn hostile() -> Stub {
    let (provider, handler) = provider(Version::V2);
    let stub = Stub::start("/scim/v2", move |request: &Request| {
        let mut told = handler(request);
        if let Ok(mut body) = serde_json::from_slice::<Value>(&told.body) {
            body["userName"] = json!(HOSTILE);
            body["startIndex"] = json!(HOSTILE);
            body["id"] = json!(HOSTILE);
            told.body = body.to_string().into_bytes();
        }
        told
    });
    provider.set_base(stub.url.clone());
    stub
}

#[test]
fn what_a_server_says_is_inert_in_every_format() {
    let stub = hostile();
    let arguments = ["--target", &stub.url, "-v", "--skip", "import"];
    let whole = Whole::run(1, &[("GITHUB_ACTIONS", "true")], &arguments);
    let lines = [
        ("stdout", whole.ran.out.clone()),
        ("annotations", whole.text("annotations.txt")),
        ("markdown", whole.text("report.md")),
        ("junit", whole.text("report.xml")),
        ("html", whole.text("report.html")),
        (
            "exchanges of the page",
            unpacked(&whole.text("report.html")),
        ),
    ];
    for (name, text) in lines {
        for control in ['\u{1b}', '\u{7}', '\u{9b}', '\r', '\u{202e}'] {
            assert!(!text.contains(control), "{control:?} in {name}");
        }
    }
    let out = &whole.ran.out;
    let (before, word) = out.split_once("::stop-commands::").unwrap();
    assert_eq!(before, "");
    let (word, rest) = word.split_once('\n').unwrap();
    let (told, after) = rest.split_once(&format!("::{word}::\n")).unwrap();
    assert!(told.contains("NOT conformant"), "{told}");
    assert_eq!(after, whole.text("annotations.txt"), "annotations follow");
    for line in after.lines() {
        let level = ["error", "warning", "notice"];
        let is_ours = level
            .iter()
            .any(|level| line.starts_with(&format!("::{level} ")));
        assert!(is_ours, "{line}");
    }
    let markdown = whole.text("report.md");
    let mut fence = None;
    for line in markdown.lines() {
        match fence {
            None if line.starts_with("```") => {
                fence = Some(line.trim_end_matches(char::is_alphabetic).to_owned());
            }
            Some(ref ticks) if line == ticks => fence = None,
            None => assert!(!line.trim_start().starts_with("<script"), "{line}"),
            Some(_) => {}
        }
    }
    assert_eq!(fence, None);
    assert!(markdown.len() < 65_536, "it fits a comment");
    quick_junit::Report::deserialize_from_str(&whole.text("report.xml")).unwrap();
    let page = whole.text("report.html");
    assert_eq!(
        page.matches("<script").count(),
        2,
        "its own and the packed exchanges"
    );
    assert!(!page.contains("</textarea") && page.contains("&#60;/textarea"));
}

#[test]
fn the_page_loads_nothing_and_runs_its_own_script_alone() {
    let whole = Whole::run(0, &[], &["--filter", "create_user"]);
    let page = whole.text("report.html");
    let hash = |start: &str, end: &str| {
        let digest = digest(&SHA256, between(&page, start, end).as_bytes());
        format!("'sha256-{}'", BASE64_STANDARD.encode(digest))
    };
    let policy = between(&page, "Content-Security-Policy\" content=\"", "\"");
    let policy = policy.replace("&#39;", "'");
    assert!(policy.starts_with("default-src 'none'; "), "{policy}");
    for hash in [hash("<style>", "</style>"), hash("<script>", "</script>")] {
        assert!(policy.contains(&hash), "{hash} in {policy}");
    }
    for reference in [
        "src=",
        "@import",
        "url(",
        "<link rel=\"stylesheet",
        " style=",
        " onclick=",
    ] {
        assert!(!page.contains(reference), "{reference}");
    }
}

#[test]
fn the_page_of_five_hundred_cases_is_small_enough_to_be_sent() {
    let stub = hostile();
    let whole = Whole::run(1, &[], &["--target", &stub.url, "--skip", "import"]);
    let mut report = report::parse(&whole.text("report.json")).unwrap();
    let cases = std::mem::take(&mut report.cases);
    for (number, case) in cases.iter().cycle().take(500).enumerate() {
        let mut case = case.clone();
        case.name = format!("{}_{number}", case.name);
        for exchange in &mut case.exchanges {
            if let Some(answer) = &mut exchange.response {
                answer.body.push_str(&format!("{number}"));
            }
        }
        report.cases.push(case);
    }
    for case in &mut report.cases {
        let found = case.findings.clone();
        for (number, mut finding) in found.into_iter().cycle().take(100).enumerate() {
            finding.rule = format!("rfc7644-3.4.2/rule-number-{number}-of-a-broken-server");
            case.findings.push(finding);
        }
    }
    let markdown = Format::Markdown.text(&report).unwrap();
    assert!(markdown.chars().count() < 65_536, "{}", markdown.len());
    let page = Format::Html.text(&report).unwrap();
    assert!(page.len() < 5_000_000, "{}", page.len());
    report.cases.truncate(3);
    let first = report
        .cases
        .iter_mut()
        .find(|case| !case.exchanges.is_empty());
    let answer = first.unwrap().exchanges[0].response.as_mut().unwrap();
    answer.body = "x".repeat(1_000_000);
    let page = Format::Html.text(&report).unwrap();
    let held = unpacked(&page);
    assert!(held.contains("more characters, cut here: the JSON report has them"));
    assert!(!held.contains(&"x".repeat(16_001)));
}

#[test]
fn a_page_without_room_says_what_it_leaves_out() {
    let whole = Whole::run(0, &[], &["--exact", "okta::v2::create_user"]);
    let mut report = report::parse(&whole.text("report.json")).unwrap();
    let case = report.cases[0].clone();
    let mut random = fastrand::Rng::with_seed(7);
    for number in 0..70 {
        let mut case = case.clone();
        case.name = format!("{}_{number}", case.name);
        for exchange in &mut case.exchanges {
            let noise = std::iter::repeat_with(|| random.alphanumeric()).take(16_000);
            exchange.response.as_mut().unwrap().body = noise.collect();
        }
        report.cases.push(case);
    }
    let page = Format::Html.text(&report).unwrap();
    assert!(page.len() < 5_000_000, "{}", page.len());
    assert!(page.contains("The exchanges of this case are left out for their size"));
}

#[test]
fn annotations_are_printed_on_github_alone() {
    let home = Home::new();
    let arguments = ["--exact", "okta::v2::create_user"];
    let printed = |variables: &[(&str, &str)]| {
        let ran = home.run_with(variables, &arguments).ended(0);
        ran.out.contains("::notice ")
    };
    assert!(printed(&[("GITHUB_ACTIONS", "true")]));
    assert!(!printed(&[("GITHUB_ACTIONS", "false")]) && !printed(&[]));
}

/// What HAR 1.2 and SARIF 2.1.0 ask of the members that are written.
#[test]
fn har_and_sarif_are_as_their_standards_want_them() {
    let served = Home::new().serve(&["--fault", "create-answers-200"]);
    let arguments = ["--target", &served.url, "--filter", "create_user"];
    let whole = Whole::run(1, &[], &arguments);
    for (schema, file) in [("har-1.2", "report.har"), ("sarif-2.1.0", "report.sarif")] {
        let path = format!(
            "{}/harness/tests/schemas/{schema}.json",
            env!("CARGO_MANIFEST_DIR")
        );
        let schema: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let report = whole.home.json(file);
        let problems: Vec<String> = validator
            .iter_errors(&report)
            .map(|problem| format!("{}: {problem}", problem.instance_path()))
            .collect();
        assert_eq!(problems, [""; 0], "{file}");
    }
}

#[test]
fn colours_are_for_terminals_and_for_who_asks_for_them() {
    let home = Home::new();
    let served = home.serve(&["--fault", "create-answers-200"]);
    let arguments = ["--target", &served.url, "--exact", "okta::v2::create_user"];
    let coloured = |variables: &[(&str, &str)]| {
        let mut command = home.command(&arguments);
        command
            .env_remove("NO_COLOR")
            .envs(variables.iter().copied());
        let ran = Ran::of(command.spawn().unwrap()).ended(1);
        ran.out.contains('\u{1b}')
    };
    assert!(!coloured(&[]), "a pipe");
    assert!(coloured(&[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured(&[("NO_COLOR", "1")]));
}

#[test]
fn quiet_tells_less_and_verbose_tells_more() {
    let home = Home::new();
    let served = home.serve(&["--fault", "create-answers-200"]);
    let told = |more: &[&str]| {
        let arguments = [&["--target", &served.url, "--filter", "create_user"], more].concat();
        home.run(&arguments).ended(1).out
    };
    let (quiet, usual, verbose) = (told(&["-q"]), told(&[]), told(&["-v"]));
    assert!(quiet.starts_with("SCIM 2.0 · ") && quiet.ends_with("as far as these cases go\n"));
    assert!(usual.starts_with("error[") && !usual.contains("\n> POST "));
    assert!(
        verbose.starts_with("failed  ") && verbose.contains("\n> POST "),
        "{verbose}"
    );
    assert!(
        verbose.contains("\n< 200\n") && verbose.contains("\n< content-type: "),
        "{verbose}"
    );
    home.run(&["-q", "-v"]).ended(2);
}

/// What a command prints in a step of GitHub Actions: within the bracket in which the runner takes
/// no commands, and behind it.
fn on_github(home: &Home, arguments: &[&str]) -> (String, String) {
    let out = home.run_with(&[("GITHUB_ACTIONS", "true")], arguments).out;
    let rest = out.strip_prefix("::stop-commands::").unwrap();
    let (word, rest) = rest.split_once('\n').unwrap();
    let (told, after) = rest.split_once(&format!("::{word}::\n")).unwrap();
    (told.to_owned(), after.to_owned())
}

#[test]
fn every_command_that_shows_a_servers_words_is_inert_on_github() {
    let home = Home::new();
    let served = home.serve(&["--fault", "create-answers-200"]);
    let case = ["--exact", "okta::v2::create_user", "-q"];
    let run = ["run", "--target", &served.url, "--report", "json=r.json"];
    home.run(&[&run[..], &case].concat()).ended(1);

    let (told, after) = on_github(&home, &["merge", "r.json"]);
    assert!(told.contains("error[rfc7644-3.3/created-is-201]"), "{told}");
    assert!(after.starts_with("::notice title=SCIM conformance of "));
    assert!(after.contains("\n::error file="), "{after}");

    let (told, after) = on_github(&home, &["diff", "r.json", "r.json"]);
    assert!(told.ends_with("\nno regression\n"), "{told}");
    assert_eq!(after, "", "a comparison annotates nothing");

    let nowhere = ["--target", "http://127.0.0.1:1/v2", "--out", "proof"];
    let certify = ["certify", "--program", "scim-2.0"];
    let (told, after) = on_github(&home, &[&certify[..], &nowhere].concat());
    assert!(told.contains("\nitems  "), "{told}");
    assert!(after.starts_with("::notice title=SCIM conformance of "));
    assert!(after.ends_with("\nevidence is in proof\n"), "{after}");
}

/// Who answers refusals in plain text has a fault of its own, which is no reason for the refusals.
#[test]
fn the_form_of_an_answer_explains_nothing_of_what_it_says() {
    let home = Home::new();
    let served = home.serve(&["--fault", "group-patch-needs-a-path"]);
    let cases = [
        "--exact",
        "okta::v2::oin::group_rename",
        "--exact",
        "rfc::v2::patch::groups::renames_without_path",
    ];
    let ran = home.run(&[&["run", "--target", &served.url], &cases[..]].concat());
    let ran = ran.ended(1);
    let heads: Vec<&str> = ran
        .out
        .lines()
        .filter_map(|line| line.strip_prefix("error[")?.split(']').next())
        .collect();
    for rule in [
        "okta/group-rename-is-accepted",
        "rfc7644-3.12/errors-have-scim-json-body",
    ] {
        assert!(heads.contains(&rule), "{heads:?}");
    }
}

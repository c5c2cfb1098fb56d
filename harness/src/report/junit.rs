//! JUnit XML, as Jenkins and GitLab read it: a suite for each folder of scenarios, a test for each
//! case.

use std::{collections::BTreeMap, io, time::Duration};

use quick_junit::{NonSuccessKind, Property, TestCase, TestCaseStatus, TestSuite};

use super::{
    known,
    model::{Case, Report},
    phrase, terminal,
};
use crate::{
    diagnostic::printable,
    rule::Severity,
    verdict::{Finding, Verdict},
};

/// The report as JUnit XML.
pub fn text(report: &Report) -> io::Result<String> {
    let mut whole = quick_junit::Report::new("scim-harness");
    whole.set_time(duration(report.run.seconds));
    let mut suites: BTreeMap<&str, TestSuite> = BTreeMap::new();
    for case in &report.cases {
        let name = suite_name(case);
        let suite = suites.entry(name).or_insert_with(|| suite(name, report));
        suite.add_test_case(test_case(case, report));
    }
    for (_, mut suite) in suites {
        let seconds = suite.test_cases.iter().filter_map(|case| case.time).sum();
        suite.set_time(seconds);
        whole.add_test_suite(suite);
    }
    whole.to_string().map_err(io::Error::other)
}

/// `okta::v2` of `okta::v2::create_user`.
fn suite_name(case: &Case) -> &str {
    case.name
        .rsplit_once("::")
        .map_or("scenarios", |(folder, _)| folder)
}

fn suite(name: &str, report: &Report) -> TestSuite {
    let mut suite = TestSuite::new(name);
    for (name, value) in [
        ("verdict", phrase::overall(report.verdict).to_owned()),
        ("cases", phrase::counts(&report.summary)),
        ("rules", phrase::rules(report)),
        ("target", phrase::whom(report)),
        ("seed", report.run.seed.clone()),
        ("started", report.run.started.clone()),
    ] {
        suite.add_property((name, value.as_str()));
    }
    suite
}

fn test_case(case: &Case, report: &Report) -> TestCase {
    let mut test = TestCase::new(case.name.as_str(), status(case, report));
    test.set_classname(suite_name(case))
        .set_time(duration(case.seconds));
    test.extra.insert("file".into(), case.file.as_str().into());
    for finding in &case.findings {
        test.add_property(Property::new(
            finding.severity.to_string(),
            finding.rule.as_str(),
        ));
    }
    let lesser = told(case, report, |finding| !is_failure(finding));
    if !lesser.is_empty() {
        test.set_system_out(lesser.as_str());
    }
    test
}

fn status(case: &Case, report: &Report) -> TestCaseStatus {
    let reason = printable(case.reason.as_deref().unwrap_or_default());
    let mut status = match case.verdict {
        Verdict::Skipped => TestCaseStatus::skipped(),
        Verdict::Inconclusive => TestCaseStatus::non_success(NonSuccessKind::Error),
        Verdict::Failed => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Verdict::Passed | Verdict::Warned | Verdict::Known if case.fails_gate() => {
            TestCaseStatus::non_success(NonSuccessKind::Failure)
        }
        Verdict::Passed | Verdict::Warned | Verdict::Known => return TestCaseStatus::success(),
    };
    let errors = case.findings.iter().filter(|finding| is_failure(finding));
    let complaints = known::of_case(case);
    let messages: Vec<String> = errors
        .clone()
        .map(|finding| format!("{}: {}", finding.rule, printable(&finding.message)))
        .chain(
            case.changes
                .iter()
                .map(|change| format!("{} answer to `{}`", change.kind, change.step)),
        )
        .chain(complaints.iter().map(|told| told.title.clone()))
        .collect();
    if messages.is_empty() {
        status.set_message(reason.as_str());
        return status;
    }
    let mut broken = errors.map(|finding| finding.rule.as_str());
    let changes = case.changes.iter().map(|change| printable(&change.diff));
    let description = [told(case, report, is_failure)]
        .into_iter()
        .chain(changes)
        .chain(complaints.iter().map(ToString::to_string))
        .collect::<Vec<_>>()
        .join("\n\n");
    status
        .set_message(messages.join("; ").as_str())
        .set_type(broken.next().unwrap_or("gate"))
        .set_description(description.trim());
    status
}

/// Whether a finding fails its test: an error that is not known.
fn is_failure(finding: &Finding) -> bool {
    finding.severity == Severity::Error && finding.known.is_none()
}

/// Some findings in full, as on the terminal.
fn told(case: &Case, report: &Report, wanted: impl Fn(&Finding) -> bool) -> String {
    let findings = case.findings.iter().filter(|finding| wanted(finding));
    let told = findings
        .map(|finding| terminal::of_case(case, finding, report.rule(&finding.rule)).to_string());
    told.collect::<Vec<_>>().join("\n\n")
}

fn duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

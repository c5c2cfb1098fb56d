//! The reports of shards as the report of one run.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Report, Rule, Status, Target};
use crate::{diagnostic::Diagnostic, verdict::Summary};

/// A report with the name of its file.
pub type Named = (String, Report);

/// Merges the reports of shards of one target: verdict, summary and rules are made anew from all
/// of their cases. Times and requests are added up.
pub fn merge(reports: Vec<Named>) -> Result<Report, Diagnostic> {
    let mut reports = reports.into_iter();
    let Some((first, mut merged)) = reports.next() else {
        return Err(Diagnostic::error("there is no report to merge"));
    };
    let mut origin: BTreeMap<String, String> = BTreeMap::new();
    claim(&mut origin, &first, &merged)?;
    for (name, report) in reports {
        fits((&first, &merged), (&name, &report))?;
        claim(&mut origin, &name, &report)?;
        add(&mut merged, report);
    }
    merged.cases.sort_by(|a, b| a.name.cmp(&b.name));
    let cases = merged.cases.iter();
    merged.summary =
        Summary::count(cases.map(|case| (case.verdict, case.changes.len(), &case.known)));
    merged.verdict = merged.summary.overall();
    Ok(merged)
}

/// Refuses a case that another shard has run too.
fn claim(
    origin: &mut BTreeMap<String, String>,
    file: &str,
    report: &Report,
) -> Result<(), Diagnostic> {
    for case in &report.cases {
        if let Some(other) = origin.insert(case.name.clone(), file.to_owned()) {
            let title = format!("the case `{}` is in {other} and in {file}", case.name);
            return Err(Diagnostic::error(title).note(
                "help",
                "each case belongs to one shard; are these two runs of the same?",
            ));
        }
    }
    Ok(())
}

/// Refuses what does not belong to the same run.
fn fits(
    (first, merged): (&str, &Report),
    (name, report): (&str, &Report),
) -> Result<(), Diagnostic> {
    let differs = |what: &str, a: String, b: String| {
        let title = format!("{first} and {name} cannot be merged: {what} differ");
        Err(Diagnostic::error(title)
            .note("in the first", a)
            .note("in the other", b))
    };
    if merged.harness.version != report.harness.version {
        let versions = [merged, report].map(|report| report.harness.version.clone());
        let [a, b] = versions;
        return differs("the versions of scim-harness", a, b);
    }
    if whom(&merged.target) != whom(&report.target) {
        return differs("the targets", whom(&merged.target), whom(&report.target));
    }
    let [a, b] = [merged, report].map(|report| report.rules.iter().map(|rule| &rule.id));
    if !a.eq(b) {
        let counts = [merged, report].map(|report| format!("{} rules", report.rules.len()));
        let [a, b] = counts;
        return differs("the rulebooks", a, b);
    }
    Ok(())
}

/// The embedded provider listens elsewhere in each process, and is the same.
fn whom(target: &Target) -> String {
    match target.embedded {
        true => "the embedded provider".to_owned(),
        false => format!("{} ({}) in SCIM {}", target.name, target.url, target.scim),
    }
}

fn add(merged: &mut Report, report: Report) {
    let (run, more) = (&mut merged.run, report.run);
    join(&mut run.seed, &more.seed);
    join(&mut run.tag, &more.tag);
    if more.started < run.started {
        run.started = more.started;
    }
    run.seconds += more.seconds;
    run.requests = run.requests.saturating_add(more.requests);
    run.pauses = run.pauses.saturating_add(more.pauses);
    run.jobs = run.jobs.max(more.jobs);
    merged.cases.extend(report.cases);
    merged.leftovers.extend(report.leftovers);
    for warning in report.warnings {
        if !merged.warnings.contains(&warning) {
            merged.warnings.push(warning);
        }
    }
    if merged.target.tls.is_none() {
        merged.target.tls = report.target.tls;
    }
    for (rule, more) in merged.rules.iter_mut().zip(report.rules) {
        combine(rule, more);
    }
}

/// Shards may have one seed, or each its own.
fn join(all: &mut String, one: &str) {
    if !all.split(", ").any(|known| known == one) {
        all.push_str(", ");
        all.push_str(one);
    }
}

/// Broken outweighs upheld, and upheld what was not verified.
fn combine(rule: &mut Rule, more: Rule) {
    let rank = |status| match status {
        Status::Broken => 2,
        Status::Upheld => 1,
        Status::NotVerified => 0,
    };
    match rank(more.status).cmp(&rank(rule.status)) {
        std::cmp::Ordering::Less => {}
        std::cmp::Ordering::Greater => *rule = more,
        std::cmp::Ordering::Equal => {
            let cases: BTreeSet<String> = rule.cases.drain(..).chain(more.cases).collect();
            rule.cases = cases.into_iter().collect();
        }
    }
}

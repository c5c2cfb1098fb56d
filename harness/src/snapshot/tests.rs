use std::fs;

use super::*;

fn shot(step: &str, text: &str) -> Shot {
    Shot {
        step: step.to_owned(),
        text: text.to_owned(),
    }
}

/// The answers of the case `a::b`, whose recorded steps are `one` and `two`.
fn compared(snapshots: &Snapshots, shots: &[Shot], whole: bool) -> Vec<(Kind, String)> {
    hiding(snapshots, shots, whole, &[])
}

/// The same of a case whose answers gave secrets away.
fn hiding(
    snapshots: &Snapshots,
    shots: &[Shot],
    whole: bool,
    secrets: &[&str],
) -> Vec<(Kind, String)> {
    let album = Album {
        case: "a::b",
        steps: vec!["one", "two"],
        shots,
        whole,
        secrets: as_written(secrets.iter().copied()),
    };
    let changes = snapshots.compare(&album, &Mask::default());
    changes
        .into_iter()
        .map(|change| (change.kind, change.step))
        .collect()
}

fn changed(kind: Kind, step: &str) -> Vec<(Kind, String)> {
    vec![(kind, step.to_owned())]
}

#[test]
fn an_answer_is_recorded_compared_and_accepted() {
    let folder = tempfile::TempDir::new().unwrap();
    let gate = || Snapshots::new(Mode::Check, folder.path(), "t");
    let first = [shot("one", "x\ny"), shot("two", "z")];
    assert_eq!(compared(&gate(), &first, true), [], "no baseline, no gate");
    let record = Snapshots::new(Mode::Record, folder.path(), "t");
    assert_eq!(compared(&record, &first, true), []);
    assert_eq!(compared(&gate(), &first, true), []);
    let other = [shot("one", "x\n1"), shot("two", "z")];
    assert_eq!(
        compared(&gate(), &other, true),
        changed(Kind::Changed, "one")
    );
    let waiting = pending(folder.path());
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0].title(), "a::b / one");
    let diff = waiting[0].change().diff;
    assert!(diff.contains("-y\n+1"), "{diff}");
    waiting[0].accept().unwrap();
    assert_eq!(compared(&gate(), &other, true), []);
    assert_eq!(
        compared(&gate(), &first, true),
        changed(Kind::Changed, "one")
    );
    pending(folder.path())[0].reject().unwrap();
    assert_eq!(compared(&gate(), &other, true), []);
    assert_eq!(pending(folder.path()), []);
}

#[test]
fn an_answer_that_no_longer_comes_has_vanished_where_the_case_passed_its_step() {
    let folder = tempfile::TempDir::new().unwrap();
    let record = Snapshots::new(Mode::Record, folder.path(), "t");
    let both = [shot("one", "x"), shot("two", "z")];
    compared(&record, &both, true);
    let gate = Snapshots::new(Mode::Check, folder.path(), "t");
    assert_eq!(compared(&gate, &both[..1], false), [], "broken off before");
    assert_eq!(compared(&gate, &[], false), []);
    assert_eq!(
        compared(&gate, &both[1..], false),
        changed(Kind::Vanished, "one")
    );
    assert_eq!(
        compared(&gate, &both[..1], true),
        changed(Kind::Vanished, "two")
    );
    let waiting = pending(folder.path());
    assert_eq!(waiting.len(), 1, "the other came again");
    assert_eq!(waiting[0].change().kind, Kind::Vanished);
    assert_eq!(waiting[0].change().diff.lines().last(), Some("-z"));
    waiting[0].accept().unwrap();
    assert_eq!(compared(&gate, &both, true), changed(Kind::New, "two"));
    assert_eq!(compared(&record, &both, true), []);
    assert_eq!(compared(&record, &both[..1], true), []);
    assert_eq!(compared(&gate, &both[..1], true), [], "recording forgets");
    assert_eq!(pending(folder.path()), []);
}

#[test]
fn a_step_that_is_taken_more_than_once_has_a_snapshot_for_each_time() {
    let folder = tempfile::TempDir::new().unwrap();
    let record = Snapshots::new(Mode::Record, folder.path(), "t");
    let twice = [shot("one", "x"), shot("one", "y")];
    compared(&record, &twice, true);
    let gate = Snapshots::new(Mode::Check, folder.path(), "t");
    assert_eq!(compared(&gate, &twice, true), []);
    assert_eq!(
        compared(&gate, &twice[..1], true),
        changed(Kind::Vanished, "one 2")
    );
    let more = [&twice[..], &[shot("one", "z")]].concat();
    assert_eq!(compared(&gate, &more, true), changed(Kind::New, "one 3"));
}

#[test]
fn what_no_scenario_records_is_unused() {
    let folder = tempfile::TempDir::new().unwrap();
    let collection = crate::scenario::load_embedded().unwrap();
    let recorded = Recorded::of(collection.scenarios.iter().map(AsRef::as_ref));
    let case = folder.path().join("t/okta/v2/create_user");
    fs::create_dir_all(&case).unwrap();
    for name in [
        "create.snap",
        "create_2.snap.new",
        "destroy.snap",
        "destroy.snap.gone",
        "a.tsv",
    ] {
        fs::write(case.join(name), "").unwrap();
    }
    let found = unused(folder.path(), &recorded);
    assert_eq!(
        found,
        [case.join("destroy.snap"), case.join("destroy.snap.gone")]
    );
}

#[test]
fn what_an_answer_gave_away_is_in_no_file_and_no_diff() {
    let folder = tempfile::TempDir::new().unwrap();
    let cookie = ["0123456789abcdef"];
    let shots = |text: &str| [shot("one", text), shot("two", "sid=0123456789abcdef")];
    let record = Snapshots::new(Mode::Record, folder.path(), "t");
    hiding(&record, &shots("x"), true, &cookie);
    let gate = Snapshots::new(Mode::Check, folder.path(), "t");
    hiding(&gate, &shots("y 0123456789abcdef"), true, &cookie);
    let waiting = pending(folder.path());
    assert_eq!(waiting.len(), 1);
    assert!(waiting[0].change().diff.ends_with("-x\n+y ********\n"));
    for path in file::below(folder.path()) {
        let text = fs::read_to_string(&path).unwrap();
        assert!(!text.contains("0123456789"), "{}: {text}", path.display());
    }
}

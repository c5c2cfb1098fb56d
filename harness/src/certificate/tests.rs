use super::*;

#[test]
fn every_programme_refers_to_cases_and_rules_that_there_are() {
    let collection = crate::scenario::load_embedded().unwrap();
    let rulebook = Rulebook::embedded().unwrap();
    let programs = Program::embedded().unwrap();
    let names: Vec<&str> = programs
        .iter()
        .map(|program| program.name.as_str())
        .collect();
    assert_eq!(names, ["entra-gallery", "okta-oin", "scim-2.0"]);
    for program in programs {
        let problems = program.lint(&collection, &rulebook);
        let told: Vec<String> = problems.iter().map(Diagnostic::to_string).collect();
        assert!(told.is_empty(), "{}", told.join("\n\n"));
        assert!(!program.outside.is_empty());
        let mut ids: Vec<&str> = program.item.iter().map(|item| item.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(
            ids.len(),
            program.item.len(),
            "{} names an item twice",
            program.name
        );
    }
}

#[test]
fn a_reference_to_nothing_is_told_at_its_place() {
    let mut program = Program::named("scim-2.0").unwrap();
    let collection = Collection::default();
    let rulebook = Rulebook::default();
    let problems = program.lint(&collection, &rulebook);
    assert!(
        problems[0]
            .to_string()
            .contains("fixtures/programs/scim-2.0.toml:"),
        "{}",
        problems[0]
    );
    program.item.truncate(1);
    program.item[0].rules.clear();
    assert_eq!(
        program.lint(&collection, &rulebook)[0].to_string(),
        "error: nothing could show `media-type`"
    );
    assert!(
        Program::named("okta-oni")
            .unwrap_err()
            .to_string()
            .contains("did you mean `okta-oin`?")
    );
}

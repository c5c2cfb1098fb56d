//! A scenario file is read, or refused with its place, in words that a terminal can show.

#![no_main]

use libfuzzer_sys::fuzz_target;
use scim_harness::{scenario::load_files, source::SourceFile};

fuzz_target!(|text: &str| {
    let file = SourceFile::new("scenarios/mine.toml", text);
    for problem in load_files(&[file], "scenarios/")
        .err()
        .into_iter()
        .flatten()
    {
        let told = problem.render(false);
        assert!(
            told.chars()
                .all(|c| !c.is_control() || c == '\n' || c == '\t'),
            "{told:?}"
        );
    }
});

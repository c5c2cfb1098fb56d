//! Has a release build made anew when a file is added that is compiled into it; a debug build
//! reads those files where they stand.

fn main() {
    println!("cargo:rerun-if-changed=harness/build.rs");
    if std::env::var("PROFILE").is_ok_and(|profile| profile == "debug") {
        return;
    }
    for folder in [
        "scenarios",
        "fixtures/rules",
        "fixtures/faults",
        "fixtures/schemas",
        "fixtures/targets",
        "fixtures/attributes",
        "fixtures/clients.toml",
    ] {
        println!("cargo:rerun-if-changed={folder}");
    }
}

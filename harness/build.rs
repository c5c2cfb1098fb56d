//! Has the crate built anew when a file is added that is compiled into it.

fn main() {
    for folder in [
        "scenarios",
        "fixtures/rules",
        "fixtures/faults",
        "fixtures/schemas",
        "fixtures/clients.toml",
    ] {
        println!("cargo:rerun-if-changed={folder}");
    }
}

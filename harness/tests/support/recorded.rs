//! Writes down in the fault files what each fault breaks besides its own rules.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use toml_edit::{Array, DocumentMut, Item, Table, value};

/// Sets `also` of each fault that was run; comments and order of the files stay as they are.
pub fn write(recorded: &BTreeMap<String, BTreeSet<String>>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/faults");
    for entry in fs::read_dir(folder).expect("the folder of faults") {
        let path = entry.expect("a file").path();
        let text = fs::read_to_string(&path).expect("a fault file");
        let mut document: DocumentMut = text.parse().expect("TOML");
        let faults = document["fault"].as_array_of_tables_mut();
        for fault in faults.expect("faults").iter_mut() {
            if let Some(also) = fault["name"].as_str().and_then(|name| recorded.get(name)) {
                set_also(fault, also);
            }
        }
        fs::write(&path, document.to_string()).expect("the fault file can be written");
    }
}

fn set_also(fault: &mut Table, also: &BTreeSet<String>) {
    if also.is_empty() {
        fault.remove("also");
        return;
    }
    let mut list = Array::from_iter(also.iter().map(String::as_str));
    if also.len() > 1 {
        list.iter_mut()
            .for_each(|rule| rule.decor_mut().set_prefix("\n  "));
        list.set_trailing("\n");
        list.set_trailing_comma(true);
    }
    let known = fault.get("also").is_some();
    fault["also"] = value(list);
    if !known {
        place_after_breaks(fault);
    }
}

/// A new `also` stands below `breaks`.
fn place_after_breaks(fault: &mut Table) {
    let order = ["name", "about", "scim", "breaks", "also"];
    let rank = |key: &str| {
        order
            .iter()
            .position(|known| *known == key)
            .unwrap_or(order.len())
    };
    fault.sort_values_by(|a, _: &Item, b, _: &Item| rank(a.get()).cmp(&rank(b.get())));
}

//! What a write answered is what the next read returns (RFC 7644 section 3.1).

use serde_json::Value;

use super::rule;
use crate::{
    check::{Bench, Breach, Judgement, is_assigned, shown},
    scenario::Version,
};

/// Members that a server may change by itself between the two answers.
const VOLATILE: [&str; 1] = ["meta"];

/// Compares the answer to a write with the next read of the same resource. Members that the write
/// did not show are not compared.
pub fn judge(version: Version, written: &Value, read: &Value) -> Vec<Judgement> {
    let mut bench = Bench::default();
    let id = rule(
        version,
        "rfc7644-3.1/responses-show-stored-state",
        "scim11-api-3.3.1/put-returns-200-and-resource",
    );
    let members = written.as_object().into_iter().flatten();
    let differs = members
        .filter(|(name, value)| !VOLATILE.contains(&name.as_str()) && is_assigned(value))
        .find(|(name, value)| !same(value, read.get(name.as_str())));
    let breach = differs.map(|(name, value)| {
        let is = read.get(name);
        Breach::new(
            format!(
                "`/{name}` is {}, and the write before answered otherwise",
                shown(is)
            ),
            shown(Some(value)),
            shown(is),
        )
    });
    bench.judge(id, breach);
    bench.into_judgements()
}

/// Equal, the order of a list's values left aside.
fn same(written: &Value, read: Option<&Value>) -> bool {
    match (written, read) {
        (Value::Array(a), Some(Value::Array(b))) => {
            a.len() == b.len() && a.iter().all(|item| b.contains(item))
        }
        (written, read) => read == Some(written),
    }
}

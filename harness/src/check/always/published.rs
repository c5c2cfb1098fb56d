//! What published schemas say of standard attributes. Every value is judged by the type that the
//! standard gives it, so that a schema of another mind is told here, and not with every resource.

use serde_json::Value;

use super::{
    Context,
    shape::{plural_rule, type_rule},
};
use crate::{
    check::{Bench, Breach},
    model::{Contrary, Kind, contrary},
};

/// Judges the answer to a read of the schemas, or of one of them.
pub(super) fn judge(context: Context<'_>, body: &Value, bench: &mut Bench) {
    let path = context.request.path.trim_start_matches('/');
    if context.request.method != "GET" || path.split('/').next() != Some("Schemas") {
        return;
    }
    let listed = body.get("Resources").and_then(Value::as_array);
    let schemas = listed.map_or(std::slice::from_ref(body), Vec::as_slice);
    for schema in schemas {
        for said in contrary(context.version, schema) {
            let rule = match said.plurality {
                true => plural_rule(context.version),
                false => type_rule(context.version, Kind::Complex),
            };
            bench.judge(rule, Some(breach(schema, &said)));
        }
    }
}

fn breach(schema: &Value, said: &Contrary) -> Breach {
    let named = ["id", "name"].into_iter();
    let mut named = named.filter_map(|key| schema.get(key)?.as_str());
    let what = match said.plurality {
        true => "multiValued",
        false => "type",
    };
    Breach::new(
        format!(
            "the schema {} says of `{}`: {what} is {}",
            named.next().unwrap_or_default(),
            said.path,
            said.stated
        ),
        format!("{}, as the standard has it", said.standard),
        said.stated.clone(),
    )
}

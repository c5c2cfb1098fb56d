//! What a provider may do otherwise without being wrong, where it takes more than a line.

use serde_json::{Map, Value, json};

use crate::config::Config;
use crate::exchange::Outcome;
use crate::schema::ResourceType;
use crate::store::Data;
use crate::switch::Switch;

/// Changes new data before it is stored: `primary-false-shown` and `formatted-name-derived`.
pub(crate) fn settle(config: &Config, resource_type: &'static ResourceType, data: &mut Data) {
    if config.has(Switch::PrimaryFalseShown) {
        for (name, value) in data.iter_mut() {
            let has_primary = resource_type
                .attribute(name)
                .is_some_and(|attribute| attribute.sub("primary").is_some());
            let values = value.as_array_mut().filter(|_| has_primary);
            for value in values
                .into_iter()
                .flatten()
                .filter_map(Value::as_object_mut)
            {
                value.entry("primary").or_insert(json!(false));
            }
        }
    }
    if config.has(Switch::FormattedNameDerived)
        && let Some(Value::Object(name)) = data.get_mut("name")
    {
        let parts = ["givenName", "middleName", "familyName"];
        let parts: Vec<&str> = parts
            .iter()
            .filter_map(|part| name.get(*part)?.as_str())
            .collect();
        name.insert("formatted".to_owned(), parts.join(" ").into());
    }
}

/// `patch-answers-nothing`: success without the resource.
pub(crate) fn without_body(outcome: Outcome) -> Outcome {
    Outcome {
        status: 204,
        body: None,
        ..outcome
    }
}

/// `values-in-any-order`: the values of each attribute are turned a step further each time.
pub(crate) fn turn(config: &Config, turn: usize, body: &mut Map<String, Value>) {
    if !config.has(Switch::ValuesInAnyOrder) {
        return;
    }
    for (name, value) in body {
        if let Value::Array(values) = value
            && name != "schemas"
            && !values.is_empty()
        {
            let step = turn % values.len();
            values.rotate_left(step);
        }
    }
}

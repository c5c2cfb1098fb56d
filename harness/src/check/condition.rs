//! Whether a value meets a condition.

use serde_json::Value;

use super::{is_assigned, shown, type_name};
use crate::{
    assets,
    scenario::{Condition, JsonType, Order},
    template::{Names, Undefined, fill, fill_value},
};

/// What was expected and what came, if a condition is not met.
pub type Unmet = Option<(String, String)>;

/// Judges one value; `None` is a value that is not there. `earlier` is the same place in the
/// answer that a `same_as` condition names.
pub fn unmet(
    condition: &Condition,
    value: Option<&Value>,
    names: &Names,
    earlier: Option<&Value>,
) -> Result<Unmet, Undefined> {
    let actual = || shown(value);
    let require = |met: bool, expected: String| {
        if met {
            None
        } else {
            Some((expected, actual()))
        }
    };
    Ok(match condition {
        Condition::Equals(wanted) => {
            let wanted = fill_value(wanted, names)?;
            require(
                value.is_some_and(|value| same(value, &wanted)),
                shown(Some(&wanted)),
            )
        }
        Condition::NotEquals(unwanted) => {
            let unwanted = fill_value(unwanted, names)?;
            require(
                value.is_some_and(|value| !same(value, &unwanted)),
                format!("something else than {}", shown(Some(&unwanted))),
            )
        }
        Condition::Differs(unwanted) => {
            let unwanted = fill_value(unwanted, names)?;
            require(
                !value.is_some_and(|value| holds(value, &unwanted)),
                format!("anything but {}", shown(Some(&unwanted))),
            )
        }
        Condition::EqualsIgnoreCase(wanted) => {
            let wanted = fill_text(wanted, names)?;
            let met = text(value).is_some_and(|text| text.to_lowercase() == wanted.to_lowercase());
            require(met, format!("string <\"{wanted}\"> in any case"))
        }
        Condition::Type(kind) => require(
            value.is_some_and(|value| is_type(value, *kind)),
            type_words(*kind).to_owned(),
        ),
        Condition::Matches(pattern) => {
            let pattern = fill(pattern, names, crate::template::Place::Plain)?;
            let regex = super::compiled(&pattern);
            let met = text(value).is_some_and(|text| regex.is_ok_and(|regex| regex.is_match(text)));
            require(met, format!("a string that matches /{pattern}/"))
        }
        Condition::Present => require(value.is_some_and(is_assigned), "a value".to_owned()),
        Condition::Absent => require(!value.is_some_and(is_assigned), "nothing".to_owned()),
        Condition::Contains(part) => {
            let part = fill_value(part, names)?;
            require(
                value.is_some_and(|value| contains(value, &part)),
                format!("something that contains {}", shown(Some(&part))),
            )
        }
        Condition::NotContains(part) => {
            let part = fill_value(part, names)?;
            require(
                !value.is_some_and(|value| contains(value, &part)),
                format!("nothing that contains {}", shown(Some(&part))),
            )
        }
        Condition::Has(members) => {
            let members = fill_value(members, names)?;
            require(
                has(value, &members),
                format!("a list with an element that has {members}"),
            )
        }
        Condition::Lacks(members) => {
            let members = fill_value(members, names)?;
            require(
                !has(value, &members),
                format!("no element that has {members}"),
            )
        }
        Condition::Holds(wanted) => {
            let wanted = fill_value(wanted, names)?;
            require(
                value.is_some_and(|value| holds(value, &wanted)),
                format!("as SCIM compares values {}", shown(Some(&wanted))),
            )
        }
        Condition::SameItems(items) => {
            let items = fill_value(items, names)?;
            require(
                value.is_some_and(|value| same_items(value, &items)),
                format!("in any order {}", shown(Some(&items))),
            )
        }
        Condition::Length(wanted) => require(
            length(value) == Some(*wanted),
            format!("a length of {wanted}"),
        ),
        Condition::MinLength(least) => require(
            length(value).is_some_and(|length| length >= *least),
            format!("a length of at least {least}"),
        ),
        Condition::MaxLength(most) => require(
            length(value).is_some_and(|length| length <= *most),
            format!("a length of at most {most}"),
        ),
        Condition::AtLeast(least) => require(
            number(value).is_some_and(|number| number >= *least),
            format!("a number of at least {least}"),
        ),
        Condition::AtMost(most) => require(
            number(value).is_some_and(|number| number <= *most),
            format!("a number of at most {most}"),
        ),
        Condition::NotBefore(earliest) => {
            let earliest = fill_text(earliest, names)?;
            require(
                !text(value).is_some_and(|time| is_before(time, &earliest)),
                format!("a time not before {earliest}"),
            )
        }
        Condition::Schema(name) => schema_breach(name, value),
        Condition::Values(_)
        | Condition::SameValues(_)
        | Condition::Count(_)
        | Condition::Distinct
        | Condition::Sorted(_) => None,
        Condition::SameAs { step, except } => {
            let except = except.iter().map(|pointer| fill_text(pointer, names));
            same_as(
                step,
                &except.collect::<Result<Vec<_>, _>>()?,
                value,
                earlier,
            )
        }
    })
}

/// Judges all values that a JSONPath finds together, for conditions that are asked of all.
pub fn unmet_by_all(
    condition: &Condition,
    found: &[&Value],
    names: &Names,
) -> Result<Unmet, Undefined> {
    let together = Value::Array(found.iter().map(|value| (*value).clone()).collect());
    let require = |met: bool, expected: String| (!met).then(|| (expected, shown(Some(&together))));
    Ok(match condition {
        Condition::Values(wanted) => {
            let wanted = fill_value(wanted, names)?;
            require(in_order(&together, &wanted), format!("the values {wanted}"))
        }
        Condition::SameValues(wanted) => {
            let wanted = fill_value(wanted, names)?;
            require(
                holds(&together, &wanted),
                format!("in any order the values {wanted}"),
            )
        }
        Condition::Count(wanted) => require(found.len() == *wanted, format!("{wanted} values")),
        Condition::Distinct => {
            let repeated = |(at, value): (usize, &&Value)| {
                found[..at].iter().any(|earlier| same(earlier, value))
            };
            require(
                !found.iter().enumerate().any(repeated),
                "values of which no two are the same".to_owned(),
            )
        }
        Condition::Sorted(order) => require(
            is_sorted(found, *order),
            match order {
                Order::Ascending => "strings in ascending order".to_owned(),
                Order::Descending => "strings in descending order".to_owned(),
            },
        ),
        _ => None,
    })
}

fn is_sorted(found: &[&Value], order: Order) -> bool {
    let keys = found
        .iter()
        .map(|value| value.as_str().map(str::to_lowercase));
    match keys.collect::<Option<Vec<_>>>() {
        Some(keys) if order == Order::Ascending => keys.is_sorted(),
        Some(keys) => keys.iter().rev().is_sorted(),
        None => false,
    }
}

/// Whether a list has an element that holds these members.
fn has(value: Option<&Value>, members: &Value) -> bool {
    let items = value.and_then(Value::as_array);
    items.is_some_and(|items| items.iter().any(|item| holds(item, members)))
}

/// Whether a value is what was written, as SCIM compares values: strings in any case, times as
/// instants, telephone numbers by their digits; a provider may add members to an object, and the
/// elements of a list have no order (RFC 7643 sections 2.3.5, 2.4 and 7).
pub(crate) fn holds(value: &Value, wanted: &Value) -> bool {
    match (value, wanted) {
        (Value::String(value), Value::String(wanted)) => same_text(value, wanted),
        (Value::Number(value), Value::Number(wanted)) => value.as_f64() == wanted.as_f64(),
        (Value::Object(value), Value::Object(wanted)) => wanted
            .iter()
            .all(|(name, wanted)| value.get(name).is_some_and(|value| holds(value, wanted))),
        (Value::Array(value), Value::Array(wanted)) => {
            let mut open: Vec<&Value> = value.iter().collect();
            value.len() == wanted.len()
                && wanted.iter().all(|wanted| {
                    let found = open.iter().position(|value| holds(value, wanted));
                    found.map(|index| open.swap_remove(index)).is_some()
                })
        }
        (value, wanted) => same(value, wanted),
    }
}

fn same_text(value: &str, wanted: &str) -> bool {
    let instant = |text: &str| text.parse::<jiff::Timestamp>().ok();
    let digits = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
    let is_number = wanted.starts_with("tel:");
    value.to_lowercase() == wanted.to_lowercase()
        || instant(wanted).is_some_and(|wanted| instant(value) == Some(wanted))
        || is_number && digits(value) == digits(wanted)
}

/// Whether a time is earlier than another by more than a second, as servers keep times with
/// different resolution (A55). What is no time is judged elsewhere.
fn is_before(time: &str, earliest: &str) -> bool {
    let parse = |text: &str| text.parse::<jiff::Timestamp>().ok();
    match (parse(time), parse(earliest)) {
        (Some(time), Some(earliest)) => time.duration_until(earliest).as_millis() > 1000,
        _ => false,
    }
}

fn fill_text(text: &str, names: &Names) -> Result<String, Undefined> {
    fill(text, names, crate::template::Place::Plain)
}

fn text(value: Option<&Value>) -> Option<&str> {
    value.and_then(Value::as_str)
}

fn number(value: Option<&Value>) -> Option<f64> {
    value.and_then(Value::as_f64)
}

fn length(value: Option<&Value>) -> Option<usize> {
    match value? {
        Value::Array(items) => Some(items.len()),
        Value::String(text) => Some(text.chars().count()),
        _ => None,
    }
}

/// JSON equality; the order of an object's members carries no meaning.
fn same(a: &Value, b: &Value) -> bool {
    a == b
}

fn contains(value: &Value, part: &Value) -> bool {
    match (value, part) {
        (Value::Array(items), part) => items.iter().any(|item| same(item, part)),
        (Value::String(text), Value::String(part)) => text.contains(part.as_str()),
        _ => false,
    }
}

fn same_items(value: &Value, items: &Value) -> bool {
    let (Some(found), Some(wanted)) = (value.as_array(), items.as_array()) else {
        return false;
    };
    let mut left: Vec<&Value> = found.iter().collect();
    for item in wanted {
        let Some(index) = left.iter().position(|candidate| same(candidate, item)) else {
            return false;
        };
        left.swap_remove(index);
    }
    left.is_empty()
}

/// Whether a list holds these elements in this order.
fn in_order(value: &Value, wanted: &Value) -> bool {
    match (value, wanted) {
        (Value::Array(found), Value::Array(wanted)) => {
            found.len() == wanted.len() && found.iter().zip(wanted).all(|(a, b)| holds(a, b))
        }
        _ => false,
    }
}

fn is_type(value: &Value, kind: JsonType) -> bool {
    match kind {
        JsonType::Number => value.is_number(),
        other => type_name(value) == type_words(other).rsplit(' ').next().unwrap_or_default(),
    }
}

fn type_words(kind: JsonType) -> &'static str {
    match kind {
        JsonType::String => "a string",
        JsonType::Integer => "an integer",
        JsonType::Number => "a number",
        JsonType::Boolean => "a boolean",
        JsonType::Array => "an array",
        JsonType::Object => "an object",
        JsonType::Null => "null",
    }
}

fn schema_breach(name: &str, value: Option<&Value>) -> Unmet {
    let expected = format!("a value that is valid against {name}");
    let Some(value) = value else {
        return Some((expected, shown(None)));
    };
    let schema = assets::json_schema(name).and_then(|text| serde_json::from_str(&text).ok());
    let validator = schema.and_then(|schema: Value| jsonschema::validator_for(&schema).ok());
    let Some(validator) = validator else {
        return Some((
            format!("{expected} (which cannot be compiled)"),
            shown(Some(value)),
        ));
    };
    let error = validator.iter_errors(value).next()?;
    Some((
        expected,
        format!(
            "{error} at {}",
            place_or_root(error.instance_path().as_str())
        ),
    ))
}

fn same_as(step: &str, except: &[String], value: Option<&Value>, earlier: Option<&Value>) -> Unmet {
    let without = |value: Option<&Value>| {
        value.map(|value| {
            except
                .iter()
                .fold(value.clone(), |value, place| remove(value, place))
        })
    };
    let (before, after) = (without(earlier), without(value));
    let (place, was, is) = difference(before.as_ref(), after.as_ref(), String::new())?;
    let place = place_or_root(&place);
    Some((
        format!("at {place} as in `{step}`: {}", shown(was)),
        format!("at {place} {}", shown(is)),
    ))
}

fn place_or_root(pointer: &str) -> &str {
    if pointer.is_empty() {
        "the root"
    } else {
        pointer
    }
}

/// The value without what stands at a JSON pointer.
pub fn remove(mut value: Value, pointer: &str) -> Value {
    if let Some((parent, key)) = pointer.rsplit_once('/') {
        let key = key.replace("~1", "/").replace("~0", "~");
        match value.pointer_mut(parent) {
            Some(Value::Object(members)) => drop(members.shift_remove(&key)),
            Some(Value::Array(items)) => {
                if let Some(index) = key.parse().ok().filter(|index| *index < items.len()) {
                    drop::<Value>(items.remove(index));
                }
            }
            _ => {}
        }
    }
    value
}

/// The first place where two values differ; unassigned and missing are the same, and the values of
/// a list have no order (RFC 7643 section 2.4).
pub(super) fn difference<'a>(
    a: Option<&'a Value>,
    b: Option<&'a Value>,
    place: String,
) -> Option<(String, Option<&'a Value>, Option<&'a Value>)> {
    match (
        a.filter(|value| is_assigned(value)),
        b.filter(|value| is_assigned(value)),
    ) {
        (Some(Value::Object(left)), Some(Value::Object(right))) => {
            let keys = left
                .keys()
                .chain(right.keys().filter(|key| !left.contains_key(*key)));
            keys.map(|key| {
                difference(
                    left.get(key),
                    right.get(key),
                    format!("{place}/{}", key.replace('~', "~0").replace('/', "~1")),
                )
            })
            .find_map(|found| found)
        }
        (Some(Value::Array(left)), Some(Value::Array(right))) if same_values(left, right) => None,
        (a, b) if a == b => None,
        (a, b) => Some((place, a, b)),
    }
}

/// Whether two lists hold the same values in any order.
fn same_values(left: &[Value], right: &[Value]) -> bool {
    let mut open: Vec<&Value> = right.iter().collect();
    left.len() == right.len()
        && left.iter().all(|item| {
            let found = open
                .iter()
                .position(|other| difference(Some(item), Some(other), String::new()).is_none());
            found.map(|index| open.swap_remove(index)).is_some()
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn met(condition: Condition, value: Value) -> bool {
        unmet(&condition, Some(&value), &Names::new(), None)
            .unwrap()
            .is_none()
    }

    #[test]
    fn each_condition_accepts_and_refuses() {
        use Condition as C;
        let cases = [
            (C::Equals(json!(0)), json!(0), json!("0")),
            (
                C::EqualsIgnoreCase("A@x".into()),
                json!("a@X"),
                json!("b@x"),
            ),
            (C::Type(JsonType::Integer), json!(1), json!("1")),
            (C::Type(JsonType::Integer), json!(1), json!(1.0)),
            (C::Type(JsonType::Number), json!(1.5), json!(true)),
            (C::Type(JsonType::Boolean), json!(false), json!("False")),
            (C::Matches(".+".into()), json!("x"), json!("")),
            (C::Present, json!("x"), json!([])),
            (C::Absent, json!(null), json!("x")),
            (C::Contains(json!("a")), json!(["b", "a"]), json!(["b"])),
            (C::Contains(json!("a")), json!("xax"), json!("x")),
            (
                C::SameItems(json!([1, 2, 2])),
                json!([2, 1, 2]),
                json!([1, 2]),
            ),
            (C::SameItems(json!([1])), json!([1]), json!([1, 1])),
            (C::Holds(json!("Ann")), json!("ann"), json!("an")),
            (
                C::Holds(json!("2026-01-01T00:00:00Z")),
                json!("2026-01-01T01:00:00.000+01:00"),
                json!("2026-01-01T00:00:01Z"),
            ),
            (
                C::Holds(json!("tel:+1-201-555-0123")),
                json!("+1 (201) 555-0123"),
                json!("tel:+1-201-555-0124"),
            ),
            (
                C::Holds(json!([{"value": "a"}, {"value": "b"}])),
                json!([{"value": "B", "display": "b"}, {"value": "a"}]),
                json!([{"value": "a"}, {"value": "b"}, {"value": "c"}]),
            ),
            (
                C::Holds(json!({"a": 1})),
                json!({"a": 1.0, "b": 2}),
                json!({"b": 2}),
            ),
            (C::NotEquals(json!(1)), json!(2), json!(1)),
            (C::Differs(json!("Ann")), json!("Bob"), json!("ann")),
            (
                C::Differs(json!([{"value": "a"}])),
                json!(null),
                json!([{"value": "a", "primary": true}]),
            ),
            (C::NotContains(json!("a")), json!(["b"]), json!(["a"])),
            (C::NotContains(json!("a")), json!("b"), json!("xax")),
            (
                C::Has(json!({"a": 1, "b": {"c": 2}})),
                json!([{}, {"a": 1, "b": {"c": 2, "d": 3}}]),
                json!([{"a": 1, "b": {"c": 3}}]),
            ),
            (
                C::Lacks(json!({"a": 1})),
                json!([{"a": 2}]),
                json!([{"a": 1, "b": 2}]),
            ),
            (
                C::NotBefore("2026-01-01T00:00:01Z".into()),
                json!("2026-01-01T01:00:00.500+01:00"),
                json!("2025-12-31T23:59:59Z"),
            ),
            (C::Length(2), json!([1, 2]), json!([1])),
            (C::MinLength(1), json!("x"), json!("")),
            (C::MaxLength(1), json!([1]), json!([1, 2])),
            (C::AtLeast(1.0), json!(1), json!(0)),
            (C::AtMost(1.0), json!(1), json!(2)),
        ];
        for (condition, good, bad) in cases {
            assert!(met(condition.clone(), good), "{condition:?}");
            assert!(!met(condition.clone(), bad), "{condition:?}");
        }
    }

    #[test]
    fn conditions_on_all_values_accept_and_refuse() {
        use Condition as C;
        let cases = [
            (C::Values(json!([1, 2])), json!([1, 2]), json!([2, 1])),
            (C::SameValues(json!([1, 2])), json!([2, 1]), json!([1])),
            (C::Count(2), json!([1, 2]), json!([1])),
            (C::Distinct, json!(["a", "A"]), json!(["a", "b", "a"])),
            (
                C::Sorted(Order::Ascending),
                json!(["a", "B", "c"]),
                json!(["b", "a"]),
            ),
            (
                C::Sorted(Order::Descending),
                json!(["c", "B"]),
                json!(["a", "b"]),
            ),
            (C::Sorted(Order::Ascending), json!([]), json!([1])),
        ];
        let met = |condition: &C, values: &Value| {
            let found: Vec<&Value> = values.as_array().unwrap().iter().collect();
            unmet_by_all(condition, &found, &Names::new())
                .unwrap()
                .is_none()
        };
        for (condition, good, bad) in cases {
            assert!(condition.is_of_all());
            assert!(met(&condition, &good), "{condition:?}");
            assert!(!met(&condition, &bad), "{condition:?}");
        }
    }

    #[test]
    fn the_values_of_a_list_have_no_order() {
        let condition = Condition::SameAs {
            step: "read".into(),
            except: Vec::new(),
        };
        let before = json!({"emails": [{"value": "a"}, {"value": "b", "display": null}]});
        let after = json!({"emails": [{"value": "b"}, {"value": "a"}]});
        assert_eq!(
            unmet(&condition, Some(&after), &Names::new(), Some(&before)).unwrap(),
            None
        );
        let other = json!({"emails": [{"value": "a"}, {"value": "a"}]});
        assert!(
            unmet(&condition, Some(&other), &Names::new(), Some(&before))
                .unwrap()
                .is_some()
        );
    }

    #[test]
    fn same_as_names_the_first_place_that_differs() {
        let condition = Condition::SameAs {
            step: "read".into(),
            except: vec!["/meta/version".into()],
        };
        let before = json!({"a": 1, "b": {"c": [1]}, "meta": {"version": 1}, "e": []});
        let same = json!({"b": {"c": [1]}, "a": 1, "meta": {"version": 2}});
        assert_eq!(
            unmet(&condition, Some(&same), &Names::new(), Some(&before)).unwrap(),
            None
        );
        let other = json!({"a": 1, "b": {"c": [2]}, "meta": {}});
        let (expected, actual) = unmet(&condition, Some(&other), &Names::new(), Some(&before))
            .unwrap()
            .unwrap();
        assert_eq!(
            (expected.as_str(), actual.as_str()),
            ("at /b/c as in `read`: array <[1]>", "at /b/c array <[2]>")
        );
    }
}

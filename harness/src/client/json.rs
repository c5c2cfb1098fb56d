//! Reads JSON within bounds, and tells what is no JSON from what the harness cannot read.

use std::{
    cell::{Cell, RefCell},
    fmt,
};

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// How deep arrays and objects may be nested; the JSON library goes little further.
const DEEPEST: usize = 125;
/// From here on a number of JSON is no longer held exactly.
const LARGEST_NUMBER: f64 = 9_223_372_036_854_775_807.0;
/// What the JSON library says of JSON that it cannot hold.
const BEYOND_LIBRARY: [&str; 4] = [
    "number out of range",
    "recursion limit exceeded",
    "lone leading surrogate in hex escape",
    "unexpected end of hex escape",
];

/// Why a text could not be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unread {
    /// It is no JSON, for this reason.
    NotJson(String),
    /// It holds more values than were asked for.
    TooMany,
    /// It may be JSON, and the harness cannot tell what it says, for this reason.
    Beyond(String),
}

/// The JSON of a text that holds at most so many values.
pub(super) fn read(bytes: &[u8], most_values: usize) -> Result<Value, Unread> {
    if std::str::from_utf8(bytes).is_err() {
        return Err(Unread::NotJson("it is not UTF-8".to_owned()));
    }
    let (left, beyond) = (Cell::new(most_values), RefCell::new(None));
    let seed = Bounded {
        left: &left,
        beyond: &beyond,
        depth: 0,
    };
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read = seed
        .deserialize(&mut reader)
        .and_then(|value| reader.end().map(|()| value));
    read.map_err(|error| match beyond.take() {
        Some(unread) => unread,
        None => told(&error),
    })
}

fn told(error: &serde_json::Error) -> Unread {
    let text = error.to_string();
    if BEYOND_LIBRARY.iter().any(|words| text.starts_with(words)) {
        Unread::Beyond(format!("its JSON is beyond what the harness reads: {text}"))
    } else {
        Unread::NotJson(text)
    }
}

/// Builds a value while it counts.
#[derive(Clone, Copy)]
struct Bounded<'a> {
    left: &'a Cell<usize>,
    beyond: &'a RefCell<Option<Unread>>,
    depth: usize,
}

impl Bounded<'_> {
    fn stop<E: Error>(self, unread: Unread) -> E {
        self.beyond.replace(Some(unread));
        E::custom("out of bounds")
    }

    fn beyond<E: Error>(self, reason: String) -> E {
        self.stop(Unread::Beyond(reason))
    }

    /// The same one level deeper.
    fn inside<E: Error>(self) -> Result<Self, E> {
        if self.depth == DEEPEST {
            let reason = format!("its JSON is nested more than {DEEPEST} levels deep");
            return Err(self.beyond(reason));
        }
        Ok(Self {
            depth: self.depth + 1,
            ..self
        })
    }
}

impl<'de> DeserializeSeed<'de> for Bounded<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        match self.left.get().checked_sub(1) {
            Some(left) => self.left.set(left),
            None => return Err(self.stop(Unread::TooMany)),
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Bounded<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        match Number::from_f64(value).filter(|_| value.abs() < LARGEST_NUMBER) {
            Some(number) => Ok(Value::Number(number)),
            None => Err(self.beyond(format!(
                "its JSON holds a number as large as {value:e}, which the harness cannot hold exactly"
            ))),
        }
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inside = self.inside()?;
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(inside)? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let inside = self.inside()?;
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let value = members.next_value_seed(inside)?;
            if object.get(&name).is_some_and(|known| *known != value) {
                return Err(self.beyond(format!(
                    "an object of its JSON has the name {name:?} twice, with different values: which one counts cannot be told"
                )));
            }
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn reason(text: &str) -> String {
        match read(text.as_bytes(), 1000) {
            Err(Unread::Beyond(reason)) => reason,
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn json_is_read_as_the_library_reads_it() {
        let text = r#"{"b": [1, -2, 0.5, 18446744073709551615, true, null], "a": "x\u0000"}"#;
        let plain: Value = serde_json::from_str(text).unwrap();
        let bounded = read(text.as_bytes(), 10).unwrap();
        assert_eq!(bounded.to_string(), plain.to_string());
        assert_eq!(read(text.as_bytes(), 8), Err(Unread::TooMany));
    }

    #[test]
    fn what_is_no_json_says_why_not() {
        let not = |bytes: &[u8]| match read(bytes, 1000) {
            Err(Unread::NotJson(reason)) => reason,
            other => format!("{other:?}"),
        };
        assert_eq!(not(b"\"\xff\""), "it is not UTF-8");
        assert!(not(b"<html>").contains("line 1 column 1"));
        assert!(not(b"{} {}").contains("trailing characters"));
        assert!(not(b"[\"a\nb\"]").contains("control character"));
    }

    #[test]
    fn what_the_harness_cannot_hold_is_not_called_wrong() {
        assert!(reason(&"[".repeat(100_000)).contains("nested more than 125 levels deep"));
        assert!(reason("1e400").contains("number out of range"));
        assert!(reason("123456789012345678901234567890").contains("1.2345678901234568e29"));
        assert!(
            reason(r#""\ud800x""#).contains("surrogate")
                || reason(r#""\ud800x""#).contains("hex escape")
        );
        assert!(read(&[b"[".repeat(125), b"]".repeat(125)].concat(), 1000).is_ok());
    }

    #[test]
    fn a_name_that_is_there_twice_counts_once_if_both_say_the_same() {
        assert_eq!(
            read(br#"{"a": [1], "a": [1]}"#, 10).unwrap(),
            json!({"a": [1]})
        );
        assert!(
            reason(r#"[{"active": true, "active": false}]"#).contains("the name \"active\" twice")
        );
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_as_the_library_reads_them_or_not_at_all(text in "[\\[\\]{}\":,0-9a-z\\\\. -]{0,40}") {
            let plain: Result<Value, _> = serde_json::from_str(&text);
            match (read(text.as_bytes(), 1000), plain) {
                (Ok(read), Ok(plain)) => proptest::prop_assert_eq!(read, plain),
                (Ok(read), Err(error)) => proptest::prop_assert!(false, "{read} {error}"),
                (Err(Unread::NotJson(reason)), Ok(plain)) => proptest::prop_assert!(false, "{reason} {plain}"),
                (Err(_), _) => {}
            }
        }
    }
}

//! A JSON object as it was written: its names in their order, repeated ones too, and its values as text.

use std::fmt;

use serde::Deserializer;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

/// Names and values of an object.
pub(crate) type Pairs<'t> = Vec<(String, &'t RawValue)>;

/// The pairs of a text that is a JSON object, and nothing but that.
pub(crate) fn parse(text: &str) -> Option<Pairs<'_>> {
    if !text.trim_start().starts_with('{') {
        return None;
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    let pairs = reader.deserialize_map(Object).ok()?;
    reader.end().ok()?;
    Some(pairs)
}

/// The first value of a name, without regard to case.
pub(crate) fn get<'t>(pairs: &Pairs<'t>, name: &str) -> Option<&'t RawValue> {
    pairs.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
}

/// A value as text: a string without its quotes, anything else as written.
pub(crate) fn text(value: &RawValue) -> String {
    serde_json::from_str::<String>(value.get()).unwrap_or_else(|_| value.get().to_owned())
}

struct Object;

impl<'de> Visitor<'de> for Object {
    type Value = Pairs<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(pairs)
    }
}

//! Partition keys as they travel, in the header `x-ms-documentdb-partitionkey` (reference: Cosmos DB, sections 0.16, 1.3 and 4.3).

use std::fmt::Write as _;

use serde::Deserialize;
use serde_json::Value;

/// Which properties of an item its key is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct PartitionKeyDefinition {
    /// Their paths, such as `/customer/id` or `/"a b"`; several for a hierarchical key, none for a container that was made without.
    #[serde(default)]
    pub paths: Vec<String>,
    /// Whether the container was made without a key, so that items that have none are under the empty one.
    #[serde(default, rename = "systemKey")]
    pub system_key: bool,
}

/// The key of a logical partition.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PartitionKey(String);

impl PartitionKey {
    /// Of one value. An array or an object is no key, and counts as a value that is not there.
    pub fn of(value: &Value) -> Self {
        Self::of_all(&[Some(value)])
    }

    /// Of the values of a hierarchical key, in the order of its paths; none for a property that is not there.
    pub fn of_all(values: &[Option<&Value>]) -> Self {
        let mut text = String::from("[");
        for (at, value) in values.iter().enumerate() {
            if at > 0 {
                text.push(',');
            }
            match value {
                Some(value) if !value.is_array() && !value.is_object() => write_ascii(&mut text, &value.to_string()),
                _ => text.push_str("{}"),
            }
        }
        text.push(']');
        Self(text)
    }

    /// Of items without the property.
    pub fn undefined() -> Self {
        Self("[{}]".to_owned())
    }

    /// Of items without a key in a container that was made without one.
    pub fn none() -> Self {
        Self("[]".to_owned())
    }

    /// Of an item.
    pub fn of_item(definition: &PartitionKeyDefinition, item: &Value) -> Self {
        let values: Vec<Option<&Value>> = definition.paths.iter().map(|path| at(item, path)).collect();
        match values.as_slice() {
            [] => Self::none(),
            [None] if definition.system_key => Self::none(),
            values => Self::of_all(values),
        }
    }

    /// The text of the header, which is ASCII.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for PartitionKey {
    fn from(text: &str) -> Self {
        Self::of(&Value::from(text))
    }
}

/// JSON text, with what is no ASCII as `\u` escapes. It stands in strings only.
fn write_ascii(out: &mut String, json: &str) {
    for c in json.chars() {
        if c.is_ascii() && c != '\u{7f}' {
            out.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            let _ = write!(out, "\\u{unit:04x}");
        }
    }
}

/// What is under a path such as `/a/"b c"`.
fn at<'v>(item: &'v Value, path: &str) -> Option<&'v Value> {
    let mut rest = path;
    let mut value = item;
    while let Some(after) = rest.strip_prefix('/') {
        let (name, next) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => after.split_at(after.find('/').unwrap_or(after.len())),
        };
        value = value.get(name)?;
        rest = next;
    }
    rest.is_empty().then_some(value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_json_value_is_a_key() {
        for (value, text) in [
            (json!("a"), r#"["a"]"#),
            (json!("é\"😀\u{7f}"), r#"["\u00e9\"\ud83d\ude00\u007f"]"#),
            (json!(""), r#"[""]"#),
            (json!(null), "[null]"),
            (json!(true), "[true]"),
            (json!(5), "[5]"),
            (json!(-5.5), "[-5.5]"),
            (json!([1]), "[{}]"),
            (json!({"a": 1}), "[{}]"),
        ] {
            assert_eq!(PartitionKey::of(&value).as_str(), text);
        }
        assert_eq!(PartitionKey::from("a"), PartitionKey::of(&json!("a")));
        assert_eq!(PartitionKey::undefined(), PartitionKey::of_all(&[None]));
    }

    #[test]
    fn an_items_key_is_found_by_the_definition() {
        let of = |paths: &[&str], system_key: bool| {
            let paths = paths.iter().map(|path| (*path).to_owned()).collect();
            let item = json!({"id": "1", "a": {"b c": "x", "d": [1]}, "n": 0});
            PartitionKey::of_item(&PartitionKeyDefinition { paths, system_key }, &item).as_str().to_owned()
        };
        assert_eq!(of(&["/id"], false), r#"["1"]"#);
        assert_eq!(of(&["/a/\"b c\""], false), r#"["x"]"#);
        assert_eq!(of(&["/id", "/n", "/m"], false), r#"["1",0,{}]"#);
        for path in ["/a", "/a/d", "/a/x/y", "/m", "/\"b"] {
            assert_eq!(of(&[path], false), "[{}]", "{path}");
        }
        assert_eq!(of(&["/_partitionKey"], true), "[]");
        assert_eq!(of(&[], true), "[]");
    }
}

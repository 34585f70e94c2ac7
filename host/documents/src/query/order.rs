//! The order of rows: by the type of the key, then by its value, then by the number of the item (reference 5.3).

use std::cmp::Ordering;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::continuation::LONGEST_KEY;
use super::effort;
use super::value::Value;

/// What a row is sorted by. Arrays are not ordered among themselves, and neither are objects.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum OrderKey {
    /// The path leads nowhere.
    #[serde(rename = "u")]
    Undefined,
    /// Null.
    #[serde(rename = "0")]
    Null,
    /// False before true.
    #[serde(rename = "b")]
    Bool(bool),
    /// A number.
    #[serde(rename = "n")]
    Number(f64),
    /// A string, by its bytes.
    #[serde(rename = "s")]
    Text(String),
    /// An array.
    #[serde(rename = "a")]
    Array,
    /// An object.
    #[serde(rename = "o")]
    Object,
}

impl OrderKey {
    pub(super) fn of(value: &Value<'_>) -> Self {
        match value {
            Value::Undefined => Self::Undefined,
            Value::Null => Self::Null,
            Value::Bool(bool) => Self::Bool(*bool),
            Value::Number(number, _) => Self::Number(*number),
            Value::Text(text) if effort::make(text.len()) => Self::Text(text.to_string()),
            Value::Text(_) => Self::Undefined,
            Value::Array(_) | Value::ArrayText(_) => Self::Array,
            Value::Object(_) | Value::ObjectText(_) => Self::Object,
        }
    }

    /// Bytes by which its text is longer than one that costs nothing beside its row.
    pub(super) fn long_by(&self) -> usize {
        if let Self::Text(text) = self { text.len().saturating_sub(LONGEST_KEY) } else { 0 }
    }

    const fn rank(&self) -> u8 {
        match self {
            Self::Undefined => 0,
            Self::Null => 1,
            Self::Bool(_) => 2,
            Self::Number(_) => 3,
            Self::Text(_) => 4,
            Self::Array => 5,
            Self::Object => 6,
        }
    }

    /// Which key comes first.
    pub fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Bool(one), Self::Bool(two)) => one.cmp(two),
            (Self::Number(one), Self::Number(two)) => one.partial_cmp(two).unwrap_or(Ordering::Equal),
            (Self::Text(one), Self::Text(two)) => one.as_bytes().cmp(two.as_bytes()),
            _ => self.rank().cmp(&other.rank()),
        }
    }

    /// At most so many bytes of it, cut between characters.
    pub(super) fn cut(&self, bytes: usize) -> Self {
        match self {
            Self::Text(text) if text.len() > bytes => Self::Text(text[..text.floor_char_boundary(bytes)].to_owned()),
            other => other.clone(),
        }
    }
}

/// The order of two RIDs of items: by what they are in, then by their numbers, which are written little endian (reference 3).
pub(super) fn compare_rids(one: &str, two: &str) -> Option<Ordering> {
    Some(rid_parts(one)?.cmp(&rid_parts(two)?))
}

fn rid_parts(rid: &str) -> Option<([u8; 8], u64)> {
    let bytes: [u8; 16] = STANDARD.decode(rid.replace('-', "/")).ok()?.try_into().ok()?;
    let (parent, number) = bytes.split_at(8);
    Some((parent.try_into().ok()?, u64::from_le_bytes(number.try_into().ok()?)))
}

//! Partition keys: which properties of an item its key is made of, the keys themselves, and how they travel in the header
//! `x-ms-documentdb-partitionkey` (reference: Cosmos DB, sections 0.15, 0.16, 4.3 and 4.9).

mod definition;
mod path;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use hearth_state::documents::ItemKey;
use sha2::{Digest, Sha256};

pub use definition::{HashKind, PartitionKeyDefinition};
pub use path::PropertyPath;

use super::{DocumentError, json, limits};

/// One component of a partition key.
#[derive(Clone, Debug, PartialEq)]
pub enum KeyComponent {
    /// The property is not there, or it is an array or object. Travels as `{}`.
    Undefined,
    /// `null`.
    Null,
    /// `false` or `true`.
    Bool(bool),
    /// A number, by its value.
    Number(f64),
    /// A string.
    String(String),
}

/// A partition key: one component for each path of the definition, fewer for a prefix of a hierarchical key, none for the
/// empty key of a container with a system key.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartitionKey(pub Vec<KeyComponent>);

impl KeyComponent {
    /// The component that a value is, which must be JSON. Arrays and objects count as undefined, as SDKs take them.
    ///
    /// # Errors
    /// 400 for a string that is longer than keys are.
    pub fn from_json(value: &str) -> Result<Self, DocumentError> {
        Ok(match value.as_bytes().first() {
            Some(b'n') => Self::Null,
            Some(b't') => Self::Bool(true),
            Some(b'f') => Self::Bool(false),
            Some(b'"') => {
                let text = json::string(value).unwrap_or_default();
                if text.len() > limits::KEY_STRING_BYTES {
                    return Err(DocumentError::bad_request(format!(
                        "A partition key has a string of {} bytes, and may have {}.",
                        text.len(),
                        limits::KEY_STRING_BYTES
                    )));
                }
                Self::String(text.into_owned())
            }
            Some(b'-' | b'0'..=b'9') => {
                // 0 and -0 are one number.
                Self::Number(value.parse::<f64>().map_or(0.0, |number| if number == 0.0 { 0.0 } else { number }))
            }
            _ => Self::Undefined,
        })
    }

    /// Adds it to a text, as it travels.
    pub fn write(&self, out: &mut String) {
        match self {
            Self::Undefined => out.push_str("{}"),
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Number(value) => write_number(out, *value),
            Self::String(value) => json::write_string(out, value),
        }
    }
}

/// Adds a number to a text, each always in the same words.
fn write_number(out: &mut String, value: f64) {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        // Whole numbers of this size are exact, and `{:.0}` writes no point.
        let _ = write!(out, "{value:.0}");
    } else {
        // The shortest text that reads as the same number.
        out.push_str(&serde_json::to_string(&value).unwrap_or_default());
    }
}

impl PartitionKey {
    /// Reads the header.
    ///
    /// # Errors
    /// 400 for what is no JSON array, has members that no key has, or more than the definition has paths.
    pub fn from_header(text: &str, definition: &PartitionKeyDefinition) -> Result<Self, DocumentError> {
        let key = Self::from_json(text)?;
        if key.0.len() > definition.paths().len() {
            return Err(refused(&format!(
                "it has {} components, and the container's partition key has {}",
                key.0.len(),
                definition.paths().len()
            )));
        }
        if key.0.is_empty() && !definition.system_key() {
            return Err(refused("[] is the key of items in containers that were made without one; use [{}] for none"));
        }
        Ok(key)
    }

    /// Reads a JSON array of components, however many.
    ///
    /// # Errors
    /// 400 for what is no JSON array, or has members that no key has.
    pub fn from_json(text: &str) -> Result<Self, DocumentError> {
        let members = json::array(text).map_err(|error| refused(&error.to_string()))?;
        let mut components = Vec::with_capacity(members.len());
        for member in members {
            let empty_object = member.starts_with('{') && member[1..].trim_start() == "}";
            if member.starts_with('[') || (member.starts_with('{') && !empty_object) {
                return Err(refused("components are strings, numbers, true, false, null, and {} for none"));
            }
            components.push(KeyComponent::from_json(member)?);
        }
        Ok(Self(components))
    }

    /// Whether it names one logical partition, and not a prefix of several.
    pub fn is_complete(&self, definition: &PartitionKeyDefinition) -> bool {
        self.0.len() == definition.paths().len() || (self.0.is_empty() && definition.system_key())
    }

    /// The one text of this key: a JSON array. Equal keys have equal texts, and others have others.
    pub fn canonical(&self) -> String {
        let mut text = String::with_capacity(32);
        text.push('[');
        for (at, component) in self.0.iter().enumerate() {
            if at > 0 {
                text.push(',');
            }
            component.write(&mut text);
        }
        text.push(']');
        text
    }

    /// Reads what [`Self::canonical`] wrote; none for another text.
    pub fn from_canonical(text: &str) -> Option<Self> {
        let members = json::array(text).ok()?;
        let components = members.into_iter().map(KeyComponent::from_json).collect::<Result<_, _>>();
        components.ok().map(Self)
    }

    /// What an item with this key and id is found by in its container.
    pub fn item_key(&self, id: &str) -> ItemKey {
        item_key(&self.canonical(), id)
    }
}

fn refused(why: &str) -> DocumentError {
    DocumentError::bad_request(format!(
        "The partition key, as in the header x-ms-documentdb-partitionkey, is not valid: {why}."
    ))
}

/// What an item is found by in its container: SHA-256 of the key's canonical text, a zero byte (which no JSON has), and the id.
pub fn item_key(canonical: &str, id: &str) -> ItemKey {
    let mut hash = Sha256::new();
    hash.update(canonical.as_bytes());
    hash.update([0]);
    hash.update(id.as_bytes());
    ItemKey(hash.finalize().into())
}

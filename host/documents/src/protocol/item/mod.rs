//! Items as clients send them and get them back. A body is read once and kept as it is written; what the store adds is put
//! behind it without reading it again.

#[cfg(test)]
mod tests;
mod write;

use std::borrow::Cow;
use std::sync::Arc;

use http::StatusCode;

pub use write::ItemWriter;
pub(super) use write::write_integer;

use super::ids::{check_item_id, id_of};
use super::json::{self, Object};
use super::partition_key::{PartitionKey, PartitionKeyDefinition};
use super::{DocumentError, limits};

/// Properties that the store decides about (reference: Cosmos DB, section 3). What clients send of them is dropped.
const SYSTEM: [&str; 6] = ["_rid", "_self", "_etag", "_attachments", "_ts", "_lsn"];

/// An item that a client has sent.
#[derive(Clone, Debug)]
pub struct ItemBody<'a> {
    object: Object<'a>,
    id: String,
    time_to_live: Option<i64>,
}

impl<'a> ItemBody<'a> {
    /// Reads the body of a write: JSON, an object, at most 2 MiB and 128 levels deep, with an id and perhaps a `ttl`.
    ///
    /// # Errors
    /// 413 for a body that is too long, 400 for what breaks a rule.
    pub fn read(body: &'a [u8]) -> Result<Self, DocumentError> {
        if body.len() > limits::ITEM_BYTES {
            return Err(too_large(body.len()));
        }
        Self::parse(json::utf8(body)?)
    }

    /// As [`Self::read`], for a body that is text already.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn parse(text: &'a str) -> Result<Self, DocumentError> {
        if text.len() > limits::ITEM_BYTES {
            return Err(too_large(text.len()));
        }
        let mut object = Object::parse(text)?;
        object.remove(is_system_property);
        let id = id_of(&object)?;
        check_item_id(&id)?;
        let time_to_live = object.get("ttl").map(time_to_live).transpose()?;
        Ok(Self { object, id, time_to_live })
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its own `ttl`: seconds, or -1 for never.
    pub fn ttl(&self) -> Option<i64> {
        self.time_to_live
    }

    /// Its properties.
    pub fn object(&self) -> &Object<'a> {
        &self.object
    }

    /// Its partition key by the container's definition.
    ///
    /// # Errors
    /// 400 for a key that is too long.
    pub fn partition_key(&self, definition: &PartitionKeyDefinition) -> Result<PartitionKey, DocumentError> {
        definition.key_of(&self.object)
    }

    /// What is kept: its own properties as they are written.
    pub fn text(&self) -> Arc<str> {
        match self.object.text() {
            Cow::Borrowed(text) => Arc::from(text),
            Cow::Owned(text) => Arc::from(text),
        }
    }
}

/// Whether an item that is written is found by queries: the header `x-ms-indexing-directive`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Indexing {
    /// As the container's policy says.
    #[default]
    Default,
    /// Yes.
    Include,
    /// No.
    Exclude,
}

impl std::str::FromStr for Indexing {
    type Err = DocumentError;

    fn from_str(text: &str) -> Result<Self, DocumentError> {
        match text.trim().to_ascii_lowercase().as_str() {
            "" | "default" => Ok(Self::Default),
            "include" => Ok(Self::Include),
            "exclude" => Ok(Self::Exclude),
            _ => Err(DocumentError::bad_request("The indexing directive is none of Default, Include and Exclude.")),
        }
    }
}

/// Whether the store decides about a property of items.
pub fn is_system_property(name: &str) -> bool {
    name.starts_with('_') && SYSTEM.contains(&name)
}

/// 413 for an item of so many bytes.
pub(super) fn too_large(bytes: usize) -> DocumentError {
    let message = format!(
        "Request size is too large: the item has {bytes} bytes, and an item has at most {}.",
        limits::ITEM_BYTES
    );
    DocumentError::new(StatusCode::PAYLOAD_TOO_LARGE, message)
}

/// Reads a time to live, which has to be -1 or 1 to 2147483647.
fn time_to_live(value: &str) -> Result<i64, DocumentError> {
    let whole = |value: f64| value.fract() == 0.0 && (value == -1.0 || (1.0..=2_147_483_647.0).contains(&value));
    match value.parse::<f64>() {
        #[expect(clippy::cast_possible_truncation, reason = "it is whole and small")]
        Ok(seconds) if whole(seconds) && !value.starts_with(|c: char| c.is_alphabetic()) => Ok(seconds as i64),
        _ => {
            let shown: String = value.chars().take(40).collect();
            Err(DocumentError::bad_request(format!(
                "The input ttl '{shown}' is invalid. Ensure to provide a nonzero positive integer less than or equal to '{}', or \
                 '-1' which means never expire.",
                limits::TTL_SECONDS
            )))
        }
    }
}

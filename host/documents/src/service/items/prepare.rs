//! From a body to what host state keeps: one walk over the text, one hash for the key's place, one for the item's.

use hearth_state::documents::{ItemKey, NewItem};
use sha2::{Digest as _, Sha256};

use crate::protocol::json::Object;
use crate::protocol::{
    ContainerDefinition, DocumentError, Indexing, ItemBody, PartitionKey, PropertyPath, epk, item_key, substatus,
};
use crate::service::{Container, Range};

/// An item that may be written.
#[derive(Debug)]
pub(in crate::service) struct Prepared<'c> {
    pub(in crate::service) key: ItemKey,
    pub(in crate::service) range: &'c Range,
    pub(in crate::service) item: NewItem,
}

/// Reads a body.
///
/// # Errors
/// 400 for a body that is no item, with sub-status 1001 for one whose key is not that of the header; 413 for one that is too large.
pub(in crate::service) fn prepare<'c>(
    container: &'c Container,
    body: &str,
    header: Option<&str>,
    indexing: Indexing,
) -> Result<Prepared<'c>, DocumentError> {
    let definition = &container.definition;
    let body = ItemBody::parse(body)?;
    let key = definition.partition_key().key_of(body.object())?;
    let canonical = key.canonical();
    if let Some(header) = header {
        // The usual text of a header is the canonical one already.
        let same = header == canonical
            || PartitionKey::from_header(header, definition.partition_key())?.canonical() == canonical;
        if !same {
            return Err(mismatch());
        }
    }
    let effective_key = epk::effective_key(&key, definition.partition_key());
    let range = container.range_of(&effective_key);
    let unique = unique_values(definition, &canonical, body.object());
    Ok(Prepared {
        key: item_key(&canonical, body.id()),
        range,
        item: NewItem {
            id: body.id().into(),
            partition_key: canonical.into(),
            effective_key: effective_key.into(),
            body: body.text(),
            time_to_live: time_to_live(definition.default_ttl(), body.ttl()),
            unique,
            indexed: indexed(definition, indexing),
        },
    })
}

fn mismatch() -> DocumentError {
    let message = "PartitionKey extracted from document doesn't match the one specified in the header.";
    DocumentError::bad_request(message).with_substatus(substatus::PARTITION_KEY_MISMATCH)
}

/// Seconds after which an item expires: its own time to live counts only where the container has one (reference: Cosmos DB,
/// section 4.3).
fn time_to_live(of_container: Option<i64>, own: Option<i64>) -> Option<i64> {
    let of_container = of_container?;
    Some(own.unwrap_or(of_container)).filter(|seconds| *seconds > 0)
}

fn indexed(definition: &ContainerDefinition, indexing: Indexing) -> bool {
    match indexing {
        Indexing::Default => definition.indexes_automatically(),
        Indexing::Include => true,
        Indexing::Exclude => false,
    }
}

/// A hash of each constraint's values. A missing value counts as null.
fn unique_values(definition: &ContainerDefinition, key: &str, item: &Object<'_>) -> Vec<[u8; 32]> {
    let hash = |(number, paths): (usize, &Vec<PropertyPath>)| {
        let mut hash = Sha256::new();
        hash.update(key.as_bytes());
        hash.update([0]);
        hash.update(number.to_le_bytes());
        for path in paths {
            hash.update(canonical_value(path.value_in(item).unwrap_or("null")).as_bytes());
            hash.update([0]);
        }
        hash.finalize().into()
    };
    definition.unique_keys().iter().enumerate().map(hash).collect()
}

/// One text for values that are the same, however they were written.
fn canonical_value(text: &str) -> String {
    match text.as_bytes().first() {
        Some(b'-' | b'0'..=b'9') => {
            text.parse::<f64>().map_or_else(|_| text.to_owned(), |number| (number + 0.0).to_string())
        }
        Some(b'"' | b'[' | b'{') => {
            serde_json::from_str::<serde_json::Value>(text).map_or_else(|_| text.to_owned(), |value| value.to_string())
        }
        _ => text.to_owned(),
    }
}

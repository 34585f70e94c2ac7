//! A lease as JSON text.

use hearth_model::clock::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Lease, LeaseVersion};
use crate::processor::range::EpkRange;

/// What every store puts into a document anew.
const SYSTEM_PROPERTIES: [&str; 4] = ["_rid", "_self", "_attachments", "_lsn"];

/// The fields, in the order in which the .NET SDK declares them. Null values of those that it writes always are written.
#[derive(Serialize, Deserialize)]
struct Document {
    id: String,
    #[serde(rename = "partitionKey", default, skip_serializing_if = "Option::is_none")]
    partition_key: Option<String>,
    #[serde(default)]
    version: i64,
    #[serde(rename = "_etag", default)]
    etag: Option<String>,
    #[serde(rename = "LeaseToken", default)]
    token: Option<String>,
    #[serde(rename = "PartitionId", default, skip_serializing_if = "Option::is_none")]
    partition_id: Option<String>,
    #[serde(rename = "FeedRange", default, skip_serializing_if = "Option::is_none")]
    feed_range: Option<FeedRange>,
    #[serde(rename = "Owner", default)]
    owner: Option<String>,
    #[serde(rename = "ContinuationToken", default)]
    continuation: Option<String>,
    #[serde(default)]
    properties: Option<Map<String, Value>>,
    #[serde(default)]
    timestamp: Option<String>,
    #[serde(rename = "_ts", default)]
    stored_second: i64,
    #[serde(rename = "Mode", default, skip_serializing_if = "Option::is_none")]
    mode: Option<String>,
    #[serde(flatten)]
    other: Map<String, Value>,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum FeedRange {
    Bounds {
        #[serde(rename = "Range")]
        range: EpkRange,
    },
    /// One of another kind, which is left as it is.
    Other(Value),
}

pub(super) fn read(text: &str) -> Result<Lease, String> {
    let document: Document =
        serde_json::from_str(text).map_err(|error| format!("the document is no lease: {error}"))?;
    let Document { id, partition_key, version, mut other, .. } = document;
    let version = match version {
        0 => LeaseVersion::Range,
        1 => LeaseVersion::Epk,
        other => return Err(format!("the lease '{id}' is of version {other}; known are 0 and 1")),
    };
    let legacy = document.partition_id.is_some();
    let Some(token) = document.token.or(document.partition_id) else {
        return Err(format!("the lease '{id}' has no LeaseToken"));
    };
    let bounds = match document.feed_range {
        Some(FeedRange::Bounds { range }) => Some(range),
        Some(FeedRange::Other(range)) => {
            other.insert("FeedRange".to_owned(), range);
            None
        }
        None => None,
    };
    other.retain(|name, _| !SYSTEM_PROPERTIES.contains(&name.as_str()));
    Ok(Lease {
        id,
        partition_key,
        etag: document.etag.unwrap_or_default(),
        token,
        version,
        bounds,
        owner: document.owner,
        continuation: document.continuation.filter(|continuation| !continuation.is_empty()),
        properties: document.properties.unwrap_or_default(),
        timestamp: document.timestamp.as_deref().and_then(moment),
        stored_second: document.stored_second,
        mode: document.mode,
        legacy,
        other,
    })
}

pub(super) fn write(lease: &Lease) -> String {
    let mut other = lease.other.clone();
    let unknown = other.remove("FeedRange");
    let feed_range = match &lease.bounds {
        Some(range) => Some(FeedRange::Bounds { range: range.clone() }),
        None => unknown.map(FeedRange::Other),
    };
    let document = Document {
        id: lease.id.clone(),
        partition_key: lease.partition_key.clone(),
        version: i64::from(lease.version == LeaseVersion::Epk),
        etag: Some(lease.etag.clone()).filter(|etag| !etag.is_empty()),
        token: Some(lease.token.clone()),
        partition_id: lease.legacy.then(|| lease.token.clone()),
        feed_range,
        owner: lease.owner.clone(),
        continuation: lease.continuation.clone(),
        properties: Some(lease.properties.clone()),
        timestamp: lease.timestamp.map(Timestamp::rfc3339),
        stored_second: lease.stored_second,
        mode: lease.mode.clone(),
        other,
    };
    // Names are texts and values come from JSON, so this has a text.
    serde_json::to_string(&document).unwrap_or_default()
}

/// A time as .NET writes it; one without an offset is in UTC.
fn moment(text: &str) -> Option<Timestamp> {
    Timestamp::parse_rfc3339(text).or_else(|| Timestamp::parse_rfc3339(&format!("{text}Z")))
}

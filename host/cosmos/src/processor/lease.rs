//! The document of a lease, field for field as the .NET SDK writes it (reference: Cosmos DB, section 8.3), so that its hosts and
//! ours can share leases and take them over from each other.

mod document;
#[cfg(test)]
mod tests;

use std::time::Duration;

use hearth_model::clock::Timestamp;
use serde_json::{Map, Value};

use super::feed::FeedMode;
use super::range::{EpkRange, PartitionRange};

/// What a lease is on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LeaseVersion {
    /// On a partition key range, by its id.
    #[default]
    Range,
    /// On bounds of effective partition keys, whichever ranges they are in.
    Epk,
}

/// A lease: who reads a part of the container, and how far that was handled.
#[derive(Clone, Debug, PartialEq)]
pub struct Lease {
    /// Its id.
    pub id: String,
    /// Value of `partitionKey`, where the lease container is partitioned by that; given by the store.
    pub partition_key: Option<String>,
    /// Version of the stored document, quotes included; empty before it was stored.
    pub etag: String,
    /// What it is on: a partition key range's id, or `{min}-{max}`.
    pub token: String,
    /// What it is on. Documents without the field are on a range.
    pub version: LeaseVersion,
    /// The keys that it is on; not in documents of old hosts.
    pub bounds: Option<EpkRange>,
    /// Instance that has it; none when it is free.
    pub owner: Option<String>,
    /// What was handled: everything up to this continuation of the feed. None when nothing was ever read.
    pub continuation: Option<String>,
    /// Anything that programs put here; passed on to the leases that follow after a split or a merge.
    pub properties: Map<String, Value>,
    /// When its owner last wrote it, by the owner's clock.
    pub timestamp: Option<Timestamp>,
    /// When the store last wrote it, in seconds since 1970.
    pub stored_second: i64,
    /// What its feed tells; documents without the field are of the latest versions. A mode that is not known is kept as text.
    pub mode: Option<String>,
    /// Whether it is in the form of version 2 of the SDK, whose `PartitionId` is kept.
    pub legacy: bool,
    /// Fields that this program does not know; kept when the lease is written.
    pub other: Map<String, Value>,
}

impl Lease {
    /// A free one on a partition key range.
    pub fn on_range(id: String, range: &PartitionRange, mode: FeedMode) -> Self {
        Self::new(id, range.id.clone(), LeaseVersion::Range, range.bounds.clone(), mode)
    }

    /// A free one on bounds of keys.
    pub fn on_bounds(id: String, bounds: EpkRange, mode: FeedMode) -> Self {
        Self::new(id, bounds.to_string(), LeaseVersion::Epk, bounds, mode)
    }

    fn new(id: String, token: String, version: LeaseVersion, bounds: EpkRange, mode: FeedMode) -> Self {
        Self {
            id,
            partition_key: None,
            etag: String::new(),
            token,
            version,
            bounds: Some(bounds),
            owner: None,
            continuation: None,
            properties: Map::new(),
            timestamp: None,
            stored_second: 0,
            mode: Some(mode.as_str().to_owned()),
            legacy: false,
            other: Map::new(),
        }
    }

    /// When it was last written: by its owner's clock if that is in it, else by the store's.
    pub fn written(&self) -> Timestamp {
        self.timestamp.unwrap_or(Timestamp::from_micros(self.stored_second.saturating_mul(1_000_000)))
    }

    /// Whether nobody has it: it has no owner, or one that has not written it for so long.
    pub fn is_free(&self, now: Timestamp, expiration: Duration) -> bool {
        self.owner.as_deref().is_none_or(|owner| owner.trim().is_empty()) || self.written().plus(expiration) < now
    }

    /// Whether an instance has it, expired or not. Names are compared without case, as the .NET SDK does.
    pub fn is_owned_by(&self, instance: &str) -> bool {
        self.owner.as_deref().is_some_and(|owner| owner.eq_ignore_ascii_case(instance))
    }

    /// Whether it may be used to read a feed in this mode.
    pub fn has_mode(&self, mode: FeedMode) -> bool {
        match &self.mode {
            None => mode == FeedMode::LatestVersion,
            Some(text) => FeedMode::parse(text) == Some(mode),
        }
    }

    /// Reads a document.
    ///
    /// # Errors
    /// When it is not a lease, saying what is wrong.
    pub fn from_json(text: &str) -> Result<Self, String> {
        document::read(text)
    }

    /// The document to be stored: fields in the order in which the .NET SDK writes them.
    pub fn to_json(&self) -> String {
        document::write(self)
    }
}

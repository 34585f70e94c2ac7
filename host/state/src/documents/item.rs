//! Items on their way in and out.

use std::sync::Arc;

use hearth_model::clock::Timestamp;

/// A partition key range of a container as the caller knows it. Whatever is done under it is done only while the container has
/// this range and is still defined as the caller knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RangePlace {
    /// The container's number: the eight bytes of its RID, big endian.
    pub container: i64,
    /// The range's number.
    pub range: i64,
    /// The version of the container's definition that the caller has read.
    pub definition: i64,
}

/// What an item is found by inside its container: the SHA-256 of its partition key and its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ItemKey(pub [u8; 32]);

/// The place of a change in the history of a range: its LSN times 128, plus its place among the changes of one
/// transaction. Grows with every change, also over a restore.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemVersion(pub i64);

impl ItemVersion {
    /// Most changes of one transaction.
    pub const PER_TRANSACTION: i64 = 128;

    /// The LSN of the transaction.
    pub const fn lsn(self) -> i64 {
        self.0 / Self::PER_TRANSACTION
    }
}

/// What must be true of an item for a transaction to happen. An item that has expired is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// It is not there.
    Absent,
    /// It is there, whatever its version.
    Present,
    /// Nothing: it is created or replaced.
    Anything,
    /// It is there in this version.
    Version(ItemVersion),
}

/// An item as it is written.
#[derive(Clone, Debug)]
pub struct NewItem {
    /// Its id.
    pub id: Arc<str>,
    /// Its partition key: a JSON array in canonical form.
    pub partition_key: Arc<str>,
    /// The bytes of its effective partition key.
    pub effective_key: Arc<[u8]>,
    /// Its own properties as one JSON object, without those that the store adds.
    pub body: Arc<str>,
    /// Seconds after which it expires; none for never.
    pub time_to_live: Option<i64>,
    /// Values that no other item of the same partition key has: a SHA-256 of each constraint of the container with the partition
    /// key and the values.
    pub unique: Vec<[u8; 32]>,
    /// Whether queries find it.
    pub indexed: bool,
}

/// What a transaction does with an item.
#[derive(Clone, Debug)]
pub enum ItemChange {
    /// It is created or replaced.
    Put(NewItem),
    /// It is deleted.
    Delete,
    /// Nothing: the transaction depends on it.
    Keep,
}

/// One item in a transaction. The same item may come more than once; a later one sees what the earlier ones did.
#[derive(Clone, Debug)]
pub struct ItemWrite {
    /// Which.
    pub key: ItemKey,
    /// What must be true of it.
    pub expected: Expected,
    /// What is done with it.
    pub change: ItemChange,
}

/// What became of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Committed {
    /// All of it was done, under one LSN.
    Done {
        /// The LSN of the range from now on.
        lsn: i64,
        /// What became of each item, in order; none for what was deleted or kept.
        items: Vec<Option<WrittenItem>>,
    },
    /// Nothing was done: the item at this place is not as was expected.
    Unexpected(usize),
    /// Nothing was done: another item has a value that must be unique.
    NotUnique,
    /// Nothing was done: the container does not have this range any more, or is defined otherwise.
    Stale,
}

/// What the store gave an item that was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrittenItem {
    /// Its version.
    pub version: ItemVersion,
    /// Its number in the container, which its RID ends with. Stays as long as the item.
    pub number: i64,
    /// Seconds since 1970.
    pub timestamp: i64,
    /// Whether it was not there before.
    pub created: bool,
}

/// An item as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredItem {
    /// Its version.
    pub version: ItemVersion,
    /// Its number in the container.
    pub number: i64,
    /// When it was written last, in seconds since 1970.
    pub timestamp: i64,
    /// Its id.
    pub id: String,
    /// Its partition key: a JSON array in canonical form.
    pub partition_key: String,
    /// Its own properties as one JSON object, without those that the store adds.
    pub body: Arc<str>,
}

/// A read under a place: what was found, and the LSN of the range at the same moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Looked<T> {
    /// The range is as the caller knows it.
    At {
        /// The latest LSN of the range.
        lsn: i64,
        /// What was found.
        found: T,
    },
    /// The container does not have this range any more, or is defined otherwise.
    Stale,
}

/// Part of a range, by effective partition keys: from the first, up to but without the second. None for no bound.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyBounds {
    /// The lowest.
    pub from: Option<Vec<u8>>,
    /// The one that is too high.
    pub to: Option<Vec<u8>>,
}

/// How much one read may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageLimit {
    /// Most items.
    pub items: u32,
    /// Most bytes of bodies; one item alone may have more.
    pub bytes: u64,
}

/// One kind of change in the history of a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// The item was not there before.
    Create,
    /// The item was there before.
    Replace,
    /// It was deleted.
    Delete,
    /// It expired.
    Expire,
}

/// One change, kept where a container keeps all versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemHistory {
    /// What happened.
    pub kind: ChangeKind,
    /// The item after it, or before it where it is gone.
    pub item: StoredItem,
    /// When, in seconds since 1970.
    pub timestamp: i64,
    /// The version of this change.
    pub version: ItemVersion,
    /// Version and properties before it, unless it was created.
    pub previous: Option<(ItemVersion, Arc<str>)>,
}

/// Part of a longer list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// In order.
    pub items: Vec<T>,
    /// Whether there may be more after it.
    pub more: bool,
}

/// A range as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRange {
    /// Its number.
    pub range: i64,
    /// The lowest effective partition key.
    pub from: Vec<u8>,
    /// The one that is too high; empty for no bound.
    pub to: Vec<u8>,
    /// The latest LSN.
    pub lsn: i64,
    /// The version of the container's definition.
    pub definition: i64,
    /// Numbers of the ranges that it came from, with commas.
    pub parents: String,
    /// Items in it, expired ones that were not removed yet included.
    pub items: i64,
    /// Bytes of their bodies.
    pub bytes: i64,
    /// When it was made.
    pub created: Timestamp,
}

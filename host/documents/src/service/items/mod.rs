//! Single items: what is asked for, what is answered, and reading. A read is one look at host state, and no JSON is parsed in it.

mod conditions;
mod partition;
mod patch;
mod prepare;
mod write;

use std::sync::Arc;

use hearth_state::documents::{ItemKey, ItemVersion, Looked, StoredItem};

use super::charge::{self, Charge};
use super::{Container, ContainerRef, DocumentService, DocumentsError, Range};
use crate::protocol::{DocumentError, Indexing, PartitionKey, Rid, epk};

pub(super) use conditions::{Conditions, Verb};
pub(super) use patch::patched;
pub(super) use prepare::{Prepared, prepare};
pub(super) use write::{not_unique, other_id, put_charge};

/// What is asked of one item.
#[derive(Clone, Copy, Debug)]
pub struct ItemRequest<'a> {
    /// Where.
    pub container: ContainerRef<'a>,
    /// Its id; of creates and upserts the body tells it.
    pub id: &'a str,
    /// The header with the partition key. Without it the body tells the key, where there is a body.
    pub partition_key: Option<&'a str>,
    /// `If-Match`.
    pub if_match: Option<&'a str>,
    /// `If-None-Match`.
    pub if_none_match: Option<&'a str>,
    /// Whether queries find what is written.
    pub indexing: Indexing,
}

impl<'a> ItemRequest<'a> {
    /// Without conditions.
    pub const fn new(container: ContainerRef<'a>, id: &'a str, partition_key: Option<&'a str>) -> Self {
        Self { container, id, partition_key, if_match: None, if_none_match: None, indexing: Indexing::Default }
    }

    fn conditions(&self) -> Conditions {
        Conditions::new(self.if_match, self.if_none_match)
    }
}

/// An item as answers have it; its RID is the container's with its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemView {
    /// Its version, which its etag is made of.
    pub version: ItemVersion,
    /// Its number in the container.
    pub number: i64,
    /// When it was written last, in seconds since 1970.
    pub timestamp: i64,
    /// Its own properties as one JSON object, without those that the store adds.
    pub body: Arc<str>,
}

impl From<StoredItem> for ItemView {
    fn from(stored: StoredItem) -> Self {
        Self { version: stored.version, number: stored.number, timestamp: stored.timestamp, body: stored.body }
    }
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemOutcome {
    /// It was read.
    Read,
    /// It is as the caller has it.
    NotModified,
    /// It was created.
    Created,
    /// It was replaced.
    Replaced,
    /// It was deleted.
    Deleted,
}

/// The answer about one item.
#[derive(Clone, Debug)]
pub struct ItemAnswer {
    /// The container.
    pub container: Arc<Container>,
    /// The number of the range.
    pub range: i64,
    /// The LSN of the range, which a session token is made of.
    pub lsn: i64,
    /// What it cost.
    pub charge: Charge,
    /// What was done.
    pub outcome: ItemOutcome,
    /// The item; none when it was deleted.
    pub item: Option<ItemView>,
}

/// Where an item is.
pub(super) struct Located<'c> {
    pub(super) key: ItemKey,
    pub(super) range: &'c Range,
}

/// Finds the place of an item by header and id.
///
/// # Errors
/// 400 for a header that is no key of this container, or not all of one.
pub(super) fn locate<'c>(
    container: &'c Container,
    header: Option<&str>,
    id: &str,
) -> Result<Located<'c>, DocumentError> {
    let key = partition_key(container, header)?;
    let range = container.range_of(&epk::effective_key(&key, container.definition.partition_key()));
    Ok(Located { key: key.item_key(id), range })
}

/// The partition key that a header names.
///
/// # Errors
/// 400 when it is missing, no key of this container, or not all of one.
pub(super) fn partition_key(container: &Container, header: Option<&str>) -> Result<PartitionKey, DocumentError> {
    let definition = container.definition.partition_key();
    let Some(header) = header else {
        // Clients of before there were partition keys send none.
        return if definition.system_key() { Ok(PartitionKey::default()) } else { Err(missing_key()) };
    };
    let key = PartitionKey::from_header(header, definition)?;
    if key.is_complete(definition) { Ok(key) } else { Err(partial_key(&key, definition.paths().len())) }
}

fn missing_key() -> DocumentError {
    DocumentError::bad_request(
        "PartitionKey value must be supplied for this operation: send the header x-ms-documentdb-partitionkey.",
    )
}

fn partial_key(key: &PartitionKey, paths: usize) -> DocumentError {
    DocumentError::bad_request(format!(
        "The partition key supplied in the header x-ms-documentdb-partitionkey has {} components, and this operation needs all \
         {paths}.",
        key.0.len()
    ))
}

impl DocumentService {
    /// The id of an item that a request may name by its RID: where nothing has that name. None where it is a name.
    pub(super) async fn id_by_rid(
        &self,
        container: &Container,
        request: &ItemRequest<'_>,
    ) -> Result<Option<String>, DocumentsError> {
        // Names rarely look like one, so this rarely costs anything.
        let rid = Some(request.id).filter(|id| id.len() == 24 && id.ends_with("=="));
        let Some(rid) = rid.and_then(|id| id.parse::<Rid>().ok()) else { return Ok(None) };
        if rid.container_part() != Some(container.rid) {
            return Ok(None);
        }
        let at = locate(container, request.partition_key, request.id)?;
        let documents = self.0.database.documents();
        if let Looked::At { found: Some(_), .. } = documents.item(at.range.place, at.key).await? {
            return Ok(None);
        }
        let found = documents.find_by_number(container.number, rid.child_number()).await?;
        Ok(found.map(|(_, item)| item.id))
    }

    /// Reads an item. With `If-None-Match` and the item's etag, it is not modified.
    ///
    /// # Errors
    /// 404 without such an item, 400 for a key that is none; those of a container's lookup, of budgets and of host state.
    pub async fn read_item(&self, request: &ItemRequest<'_>) -> Result<ItemAnswer, DocumentsError> {
        let mut lookup = self.lookup(request.container);
        loop {
            let container = lookup.next().await?;
            let by_rid = self.id_by_rid(&container, request).await?;
            let at = locate(&container, request.partition_key, by_rid.as_deref().unwrap_or(request.id))?;
            self.admit(&container, at.range)?;
            let looked = self.0.database.documents().item(at.range.place, at.key).await?;
            let Looked::At { lsn, found } = looked else { continue };
            let Some(item) = found.map(ItemView::from) else {
                self.pay(&container, at.range, charge::NOTHING);
                return Err(DocumentError::not_found().into());
            };
            let (outcome, charge) = match request.conditions().has(item.version) {
                true => (ItemOutcome::NotModified, charge::NOTHING),
                false => (ItemOutcome::Read, charge::read(item.body.len())),
            };
            self.pay(&container, at.range, charge);
            let range = at.range.id;
            return Ok(ItemAnswer { container, range, lsn, charge, outcome, item: Some(item) });
        }
    }
}

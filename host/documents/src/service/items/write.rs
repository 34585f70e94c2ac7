//! Writing single items: one walk over the body, one commit. A commit alone decides; only a refusal is looked into.

use std::sync::Arc;

use hearth_state::documents::{Committed, Expected, ItemChange, ItemKey, ItemVersion, ItemWrite, Looked, WrittenItem};

use super::conditions::{Conditions, Verb};
use super::{ItemAnswer, ItemOutcome, ItemRequest, ItemView, locate, prepare};
use crate::protocol::DocumentError;
use crate::service::charge::{self, Charge};
use crate::service::{Container, DocumentService, DocumentsError, Range};

/// One write of one item.
struct Write {
    conditions: Conditions,
    verb: Verb,
    key: ItemKey,
    change: ItemChange,
}

/// What came of a write under a container as it was known.
enum Attempt {
    Done { lsn: i64, written: Option<WrittenItem> },
    Stale,
}

impl DocumentService {
    /// Creates an item.
    ///
    /// # Errors
    /// 409 when its key has one with this id, or with sub-status 3301 when a unique value is taken; 400 and 413 for a body that is no
    /// item; those of a container's lookup, of budgets and quotas, and of host state.
    pub async fn create_item(&self, request: &ItemRequest<'_>, body: &str) -> Result<ItemAnswer, DocumentsError> {
        self.put(request, body, Verb::Create).await
    }

    /// Creates an item or replaces it. With `If-Match` it replaces only; with `If-None-Match: *` it creates only.
    ///
    /// # Errors
    /// 412 when a condition fails; otherwise as creates and replacements.
    pub async fn upsert_item(&self, request: &ItemRequest<'_>, body: &str) -> Result<ItemAnswer, DocumentsError> {
        self.put(request, body, Verb::Upsert).await
    }

    /// Replaces an item.
    ///
    /// # Errors
    /// 404 without such an item, 412 when a condition fails, 400 for a body with another id; otherwise as creates.
    pub async fn replace_item(&self, request: &ItemRequest<'_>, body: &str) -> Result<ItemAnswer, DocumentsError> {
        self.put(request, body, Verb::Change).await
    }

    /// Deletes an item.
    ///
    /// # Errors
    /// 404 without such an item, 412 when a condition fails; those of a container's lookup, of budgets and of host state.
    pub async fn delete_item(&self, request: &ItemRequest<'_>) -> Result<ItemAnswer, DocumentsError> {
        let mut lookup = self.lookup(request.container);
        loop {
            let container = lookup.next().await?;
            let by_rid = self.id_by_rid(&container, request).await?;
            let at = locate(&container, request.partition_key, by_rid.as_deref().unwrap_or(request.id))?;
            self.admit(&container, at.range)?;
            let conditions = request.conditions();
            let write = Write { conditions, verb: Verb::Change, key: at.key, change: ItemChange::Delete };
            let Attempt::Done { lsn, .. } = self.attempt(&container, at.range, write).await? else { continue };
            let charge = charge::change(0);
            self.pay(&container, at.range, charge);
            let (range, outcome) = (at.range.id, ItemOutcome::Deleted);
            return Ok(ItemAnswer { container, range, lsn, charge, outcome, item: None });
        }
    }

    async fn put(&self, request: &ItemRequest<'_>, body: &str, verb: Verb) -> Result<ItemAnswer, DocumentsError> {
        let mut lookup = self.lookup(request.container);
        loop {
            let container = lookup.next().await?;
            let prepared = prepare(&container, body, request.partition_key, request.indexing)?;
            if verb == Verb::Change && *prepared.item.id != *request.id {
                let by_rid = self.id_by_rid(&container, request).await?;
                if by_rid.as_deref() != Some(&*prepared.item.id) {
                    return Err(other_id().into());
                }
            }
            self.admit(&container, prepared.range)?;
            self.within_quota(&container).await?;
            let (range, body) = (prepared.range, Arc::clone(&prepared.item.body));
            let change = ItemChange::Put(prepared.item);
            let write = Write { conditions: request.conditions(), verb, key: prepared.key, change };
            let Attempt::Done { lsn, written } = self.attempt(&container, range, write).await? else { continue };
            let created = written.is_some_and(|written| written.created);
            let charge = put_charge(created, body.len());
            self.pay(&container, range, charge);
            let outcome = if created { ItemOutcome::Created } else { ItemOutcome::Replaced };
            let item = written.map(|written| ItemView::written(&written, body));
            return Ok(ItemAnswer { range: range.id, container, lsn, charge, outcome, item });
        }
    }

    async fn attempt(&self, container: &Container, range: &Range, write: Write) -> Result<Attempt, DocumentsError> {
        let Write { conditions, verb, key, change } = write;
        let expected = conditions.expected(verb);
        let write = ItemWrite { key, expected, change };
        match self.commit(container, range, &[write]).await? {
            Committed::Done { lsn, items } => Ok(Attempt::Done { lsn, written: items.into_iter().next().flatten() }),
            Committed::Stale => Ok(Attempt::Stale),
            Committed::NotUnique => Err(not_unique().into()),
            Committed::Unexpected(_) => match expected {
                // That it is there, or is not, is known by this alone.
                Expected::Absent => Err(refusal(conditions.check(verb, Some(ItemVersion(0)))).into()),
                Expected::Present => Err(refusal(conditions.check(verb, None)).into()),
                Expected::Anything | Expected::Version(_) => self.why_not(range, key, conditions, verb).await,
            },
        }
    }

    /// Why an item is not as was expected.
    async fn why_not(
        &self,
        range: &Range,
        key: ItemKey,
        conditions: Conditions,
        verb: Verb,
    ) -> Result<Attempt, DocumentsError> {
        match self.0.database.documents().item(range.place, key).await? {
            Looked::At { found, .. } => Err(refusal(conditions.check(verb, found.map(|item| item.version))).into()),
            Looked::Stale => Ok(Attempt::Stale),
        }
    }

    /// Commits and rings.
    pub(in crate::service) async fn commit(
        &self,
        container: &Container,
        range: &Range,
        writes: &[ItemWrite],
    ) -> Result<Committed, DocumentsError> {
        let committed = self.0.database.documents().commit(range.place, container.keeps_history(), writes).await?;
        if matches!(committed, Committed::Done { .. }) {
            self.ring(container.number);
        }
        Ok(committed)
    }
}

/// Why a write was refused; where nothing is wrong with the item any more, it was another moment ago.
fn refusal(checked: Result<(), DocumentError>) -> DocumentError {
    checked.err().unwrap_or_else(DocumentError::precondition_failed)
}

impl ItemView {
    /// An item as it was written just now.
    pub(in crate::service) fn written(written: &WrittenItem, body: Arc<str>) -> Self {
        Self { version: written.version, number: written.number, timestamp: written.timestamp, body }
    }
}

/// What a put costs.
pub(in crate::service) fn put_charge(created: bool, bytes: usize) -> Charge {
    if created { charge::create(bytes) } else { charge::change(bytes) }
}

/// 400: the body's id is not that of the address.
pub(in crate::service) fn other_id() -> DocumentError {
    DocumentError::bad_request(
        "The id in the body is not the one in the address. An item's id cannot change: delete it and create another.",
    )
}

/// 409/3301.
pub(in crate::service) fn not_unique() -> DocumentError {
    DocumentError::new(
        http::StatusCode::CONFLICT,
        "Unique index constraint violation: another item of this partition key has the same values.",
    )
    .with_substatus(crate::protocol::substatus::UNIQUE_INDEX_CONFLICT)
}

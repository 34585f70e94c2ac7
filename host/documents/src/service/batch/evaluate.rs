//! A batch is worked out in memory on what was read: what each operation would answer, and what would have to be written. Host state
//! then does all of it on condition that everything still is as it was read.

use std::collections::HashMap;
use std::sync::Arc;

use hearth_state::documents::{Expected, ItemChange, ItemKey, ItemVersion, ItemWrite, StoredItem};
use http::StatusCode;

use super::super::items::{Conditions, ItemView, Prepared, Verb, not_unique, other_id, patched, prepare, put_charge};
use super::{OperationResult, answer_too_large};
use crate::protocol::{BatchOperation, DocumentError, Indexing, OperationKind, limits};
use crate::service::Container;
use crate::service::charge::{self, Charge};

/// The version of what the batch itself has written: nobody can know it yet.
const OWN: ItemVersion = ItemVersion(-1);

/// An item that operations of the batch are about.
#[derive(Debug)]
struct Slot {
    key: ItemKey,
    read: Option<StoredItem>,
    now: Now,
    written: bool,
}

/// An item as the operations so far would leave it.
#[derive(Clone, Debug)]
enum Now {
    Absent,
    AsRead,
    /// As the write at this place leaves it.
    Written(usize, Arc<str>),
}

/// What an operation would answer.
#[derive(Debug)]
enum Effect {
    Known(OperationResult),
    /// The item that the write at this place leaves.
    Written {
        write: usize,
        body: Arc<str>,
        status: StatusCode,
        charge: Charge,
    },
}

impl Effect {
    /// Bytes of the item that it answers with.
    fn shown(&self) -> u64 {
        match self {
            Self::Known(result) => result.shown(),
            Self::Written { body, .. } => body.len() as u64,
        }
    }
}

/// A batch that can be done.
#[derive(Debug, Default)]
pub(super) struct Evaluated {
    pub(super) writes: Vec<ItemWrite>,
    /// Which operation each write is of.
    of: Vec<usize>,
    effects: Vec<Effect>,
    /// Values that must be unique, of items that the batch leaves, with those items.
    unique: HashMap<[u8; 32], ItemKey>,
}

/// An operation with the item it is about.
pub(super) struct Target<'c, 'a> {
    pub(super) operation: &'a BatchOperation<'a>,
    pub(super) key: ItemKey,
    pub(super) prepared: Option<Prepared<'c>>,
}

/// Works a batch out.
///
/// # Errors
/// The place of the operation that makes it fail, and why.
pub(super) fn evaluate(
    container: &Container,
    header: &str,
    targets: Vec<Result<Target<'_, '_>, DocumentError>>,
    read: impl Fn(ItemKey) -> Option<StoredItem>,
) -> Result<Evaluated, (usize, DocumentError)> {
    let mut slots: Vec<Slot> = Vec::new();
    let mut batch = Evaluated::default();
    let mut shown = 0;
    for (at, target) in targets.into_iter().enumerate() {
        let target = target.map_err(|error| (at, error))?;
        let slot = match slots.iter().position(|slot| slot.key == target.key) {
            Some(slot) => slot,
            None => {
                let read = read(target.key);
                let now = if read.is_some() { Now::AsRead } else { Now::Absent };
                slots.push(Slot { key: target.key, read, now, written: false });
                slots.len() - 1
            }
        };
        let effect = batch.apply(container, header, at, target, &mut slots[slot]).map_err(|error| (at, error))?;
        shown += effect.shown();
        if shown > limits::PAGE_BYTES {
            return Err((at, answer_too_large()));
        }
        batch.effects.push(effect);
    }
    if !batch.writes.is_empty() {
        // What was only read must still be so.
        for slot in slots.iter().filter(|slot| !slot.written) {
            batch.of.push(usize::MAX);
            batch.writes.push(ItemWrite { key: slot.key, expected: slot.expected(), change: ItemChange::Keep });
        }
    }
    Ok(batch)
}

impl Slot {
    fn version(&self) -> Option<ItemVersion> {
        match &self.now {
            Now::Absent => None,
            Now::AsRead => self.read.as_ref().map(|item| item.version),
            Now::Written(..) => Some(OWN),
        }
    }

    fn body(&self) -> Option<Arc<str>> {
        match &self.now {
            Now::Absent => None,
            Now::AsRead => self.read.as_ref().map(|item| Arc::clone(&item.body)),
            Now::Written(_, body) => Some(Arc::clone(body)),
        }
    }

    fn expected(&self) -> Expected {
        match self.version() {
            None => Expected::Absent,
            Some(OWN) => Expected::Present,
            Some(version) => Expected::Version(version),
        }
    }
}

impl Evaluated {
    fn apply(
        &mut self,
        container: &Container,
        header: &str,
        at: usize,
        target: Target<'_, '_>,
        slot: &mut Slot,
    ) -> Result<Effect, DocumentError> {
        let operation = target.operation;
        let conditions = Conditions::new(operation.if_match(), operation.if_none_match());
        let version = slot.version();
        match operation.kind() {
            OperationKind::Read => {
                let version = version.ok_or_else(DocumentError::not_found)?;
                Ok(self.read(slot, conditions.has(version)))
            }
            OperationKind::Delete => {
                conditions.check(Verb::Change, version)?;
                self.unique.retain(|_, holder| *holder != slot.key);
                self.write(at, slot, ItemChange::Delete);
                slot.now = Now::Absent;
                Ok(Effect::Known(OperationResult::done(StatusCode::NO_CONTENT, charge::change(0), None)))
            }
            OperationKind::Patch => {
                conditions.check(Verb::Change, version)?;
                let body = slot.body().ok_or_else(DocumentError::not_found)?;
                let stored = slot.read.as_ref().filter(|_| matches!(slot.now, Now::AsRead));
                let text = patched(container, &operation.patch()?, &body, stored)?;
                let prepared = prepare(container, &text, Some(header), Indexing::Default)?;
                if prepared.key != slot.key {
                    return Err(other_id());
                }
                self.put(at, slot, prepared)
            }
            kind => {
                let verb = match kind {
                    OperationKind::Create => Verb::Create,
                    OperationKind::Upsert => Verb::Upsert,
                    _ => Verb::Change,
                };
                conditions.check(verb, version)?;
                let prepared =
                    target.prepared.ok_or_else(|| DocumentError::bad_request("An operation has no resourceBody."))?;
                self.put(at, slot, prepared)
            }
        }
    }

    fn read(&self, slot: &Slot, unmodified: bool) -> Effect {
        match (&slot.now, &slot.read) {
            (Now::Written(write, body), _) => {
                let (body, charge) = (Arc::clone(body), charge::read(body.len()));
                Effect::Written { write: *write, body, status: StatusCode::OK, charge }
            }
            (_, Some(stored)) => {
                let item = ItemView::from(stored.clone());
                let (status, charge) = match unmodified {
                    true => (StatusCode::NOT_MODIFIED, charge::NOTHING),
                    false => (StatusCode::OK, charge::read(item.body.len())),
                };
                Effect::Known(OperationResult::done(status, charge, Some(item)))
            }
            (_, None) => Effect::Known(OperationResult::refused(DocumentError::not_found())),
        }
    }

    fn put(&mut self, at: usize, slot: &mut Slot, prepared: Prepared<'_>) -> Result<Effect, DocumentError> {
        self.unique.retain(|_, holder| *holder != slot.key);
        for value in &prepared.item.unique {
            if self.unique.insert(*value, slot.key).is_some() {
                return Err(not_unique());
            }
        }
        let created = slot.version().is_none();
        let body = Arc::clone(&prepared.item.body);
        let write = self.write(at, slot, ItemChange::Put(prepared.item));
        slot.now = Now::Written(write, Arc::clone(&body));
        let status = if created { StatusCode::CREATED } else { StatusCode::OK };
        let charge = put_charge(created, body.len());
        Ok(Effect::Written { write, body, status, charge })
    }

    fn write(&mut self, at: usize, slot: &mut Slot, change: ItemChange) -> usize {
        self.writes.push(ItemWrite { key: slot.key, expected: slot.expected(), change });
        self.of.push(at);
        slot.written = true;
        self.writes.len() - 1
    }

    /// The results, once what was written is known.
    pub(super) fn results(self, written: &[Option<hearth_state::documents::WrittenItem>]) -> Vec<OperationResult> {
        let result = |effect| match effect {
            Effect::Known(result) => result,
            Effect::Written { write, body, status, charge } => {
                let item = written.get(write).copied().flatten().map(|written| ItemView::written(&written, body));
                OperationResult::done(status, charge, item)
            }
        };
        self.effects.into_iter().map(result).collect()
    }

    /// The operation that a taken value is most likely of, and the error that says so.
    pub(super) fn not_unique(&self) -> (usize, DocumentError) {
        let unique = |write: &ItemWrite| matches!(&write.change, ItemChange::Put(item) if !item.unique.is_empty());
        let at = self.writes.iter().position(unique).and_then(|write| self.of.get(write)).copied();
        (at.unwrap_or(0), not_unique())
    }
}

//! Patches: an item is read, changed in memory and replaced on condition that it is still as it was read.

use hearth_state::documents::{Committed, Expected, ItemChange, ItemWrite, Looked, StoredItem};

use super::conditions::Verb;
use super::{ItemAnswer, ItemOutcome, ItemRequest, ItemView, locate, prepare};
use crate::protocol::{DocumentError, ItemWriter, Patch, substatus};
use crate::query::Query;
use crate::service::batch::{ATTEMPTS, retry_with};
use crate::service::items::write::{not_unique, other_id};
use crate::service::{Container, DocumentService, DocumentsError, charge};

impl DocumentService {
    /// Changes an item as a patch says.
    ///
    /// # Errors
    /// 404 without such an item, 412 when a condition of the request fails, with sub-status 1110 when the patch's own does, 400 for what
    /// cannot be done to the item, 449 when others change it all the time; otherwise as a replacement.
    pub async fn patch_item(&self, request: &ItemRequest<'_>, patch: &Patch<'_>) -> Result<ItemAnswer, DocumentsError> {
        let mut lookup = self.lookup(request.container);
        let (mut attempts, mut turn) = (0, None);
        'again: loop {
            let container = lookup.next().await?;
            let by_rid = self.id_by_rid(&container, request).await?;
            let at = locate(&container, request.partition_key, by_rid.as_deref().unwrap_or(request.id))?;
            let range = at.range;
            self.admit(&container, range)?;
            self.within_quota(&container).await?;
            loop {
                let looked = self.0.database.documents().item(range.place, at.key).await?;
                let Looked::At { found, .. } = looked else { continue 'again };
                request.conditions().check(Verb::Change, found.as_ref().map(|item| item.version))?;
                let item = found.ok_or_else(DocumentError::not_found)?;
                let text = patched(&container, patch, &item.body, Some(&item))?;
                let prepared = prepare(&container, &text, request.partition_key, request.indexing)?;
                if prepared.key != at.key {
                    return Err(other_id().into());
                }
                let body = prepared.item.body.clone();
                let expected = Expected::Version(item.version);
                let write = ItemWrite { key: at.key, expected, change: ItemChange::Put(prepared.item) };
                match self.commit(&container, range, &[write]).await? {
                    Committed::Done { lsn, items } => {
                        let charge = charge::change(body.len());
                        self.pay(&container, range, charge);
                        let item = items.first().copied().flatten().map(|written| ItemView::written(&written, body));
                        let (range, outcome) = (range.id, ItemOutcome::Replaced);
                        return Ok(ItemAnswer { container, range, lsn, charge, outcome, item });
                    }
                    Committed::NotUnique => return Err(not_unique().into()),
                    Committed::Stale => continue 'again,
                    Committed::Unexpected(_) => {
                        attempts += 1;
                        if attempts >= ATTEMPTS {
                            return Err(retry_with().into());
                        }
                        if turn.is_none() {
                            turn = Some(self.0.turns.wait(&at.key.0).await);
                        }
                    }
                }
            }
        }
    }
}

/// The body that a patch makes of another. The patch's condition sees the item with its system properties, where it has them yet.
///
/// # Errors
/// 412 with sub-status 1110 when the condition is not true, 400 for what cannot be done.
pub(in crate::service) fn patched(
    container: &Container,
    patch: &Patch<'_>,
    body: &str,
    stored: Option<&StoredItem>,
) -> Result<String, DocumentError> {
    if let Some(condition) = patch.condition() {
        let mut text = String::new();
        match stored {
            Some(item) => ItemWriter::new(container.rid).write_stored(&mut text, item, false),
            None => text.push_str(body),
        }
        if !Query::parse_condition(condition)?.matches(&text) {
            let message = "One of the specified pre-condition is not met: the condition of the patch is false.";
            return Err(DocumentError { message: message.to_owned(), ..DocumentError::precondition_failed() }
                .with_substatus(substatus::PATCH_CONDITION_FALSE));
        }
    }
    patch.apply(body, container.definition.partition_key())
}

//! Deleting all items of one partition key.

use hearth_state::documents::{Committed, Expected, ItemChange, ItemWrite, PageLimit};

use super::partition_key;
use crate::protocol::{epk, item_key, limits};
use crate::service::charge::{self, Charge};
use crate::service::scope::Scope;
use crate::service::{ContainerRef, DocumentService, DocumentsError, ListAnswer};

impl DocumentService {
    /// Deletes the items that a partition key has, a hundred in a transaction, and answers when all of them are gone. Asked again after
    /// a failure it goes on.
    ///
    /// # Errors
    /// 400 for a key that is none or not all of one; those of a container's lookup, of budgets and of host state.
    pub async fn delete_partition_key(
        &self,
        at: ContainerRef<'_>,
        header: Option<&str>,
    ) -> Result<ListAnswer, DocumentsError> {
        let mut lookup = self.lookup(at);
        let mut charge = Charge(0.0);
        'again: loop {
            let container = lookup.next().await?;
            let key = partition_key(&container, header)?;
            let text = key.canonical();
            let scope = Scope { partition_key: Some(&text), ..Scope::default() };
            let parts = scope.parts(&container)?;
            let range = container.range_of(&epk::effective_key(&key, container.definition.partition_key()));
            loop {
                self.admit(&container, range)?;
                let items = u32::try_from(limits::BATCH_OPERATIONS).unwrap_or(u32::MAX);
                let limit = PageLimit { items, bytes: limits::PAGE_BYTES };
                let Some((lsn, page)) = self.page(&parts[0], None, limit, false).await? else { continue 'again };
                if page.items.is_empty() {
                    let ranges = vec![(range.id, lsn)];
                    return Ok(ListAnswer {
                        container: container.clone(),
                        items: page.items,
                        ranges,
                        continuation: None,
                        charge,
                    });
                }
                let write = |id: &str| {
                    let key = item_key(&text, id);
                    ItemWrite { key, expected: Expected::Present, change: ItemChange::Delete }
                };
                let writes: Vec<ItemWrite> = page.items.iter().map(|item| write(&item.id)).collect();
                match self.commit(&container, range, &writes).await? {
                    Committed::Stale => continue 'again,
                    // Others delete them too: it is looked again.
                    Committed::Unexpected(_) | Committed::NotUnique => {}
                    Committed::Done { .. } => {
                        let cost =
                            page.items.iter().fold(Charge(0.0), |sum, item| sum + charge::change(item.body.len()));
                        self.pay(&container, range, cost);
                        charge += cost;
                    }
                }
            }
        }
    }
}

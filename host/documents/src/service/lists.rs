//! Lists of items in the order in which they were created, a page at a time.

use std::sync::Arc;

use hearth_state::documents::{Looked, Page, PageLimit, StoredItem};

use super::charge::{self, Charge};
use super::scope::{Part, Scope};
use super::{Container, ContainerRef, DocumentService, DocumentsError, continuation::Position};
use crate::protocol::limits;

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct ListRequest<'a> {
    /// Where.
    pub container: ContainerRef<'a>,
    /// Which part of it.
    pub scope: Scope<'a>,
    /// What the page before ended with.
    pub continuation: Option<&'a str>,
    /// Most items of the page; 1 to 1000, none for 100.
    pub max_items: Option<u32>,
}

/// A page of items.
#[derive(Clone, Debug)]
pub struct ListAnswer {
    /// The container.
    pub container: Arc<Container>,
    /// The items.
    pub items: Vec<StoredItem>,
    /// Ranges that were looked at, with their LSNs.
    pub ranges: Vec<(i64, i64)>,
    /// What the next page begins with; none after the last.
    pub continuation: Option<String>,
    /// What it cost.
    pub charge: Charge,
}

/// How much of a page is still to be filled.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room(pub(super) PageLimit);

impl Room {
    pub(super) fn new(max_items: Option<u32>) -> Self {
        let items = max_items.unwrap_or(limits::PAGE_ITEMS_DEFAULT).clamp(1, limits::PAGE_ITEMS);
        Self(PageLimit { items, bytes: limits::PAGE_ITEM_BYTES })
    }

    /// Whether something of another part fits, however large: the first item of a part is read in any case.
    pub(super) fn is_open(&self) -> bool {
        self.0.items > 0 && self.0.bytes >= limits::ITEM_BYTES as u64
    }

    /// Fills some of it; false when nothing of another part fits.
    pub(super) fn fill(&mut self, items: usize, bytes: usize) -> bool {
        self.0.items = self.0.items.saturating_sub(u32::try_from(items).unwrap_or(u32::MAX));
        self.0.bytes = self.0.bytes.saturating_sub(u64::try_from(bytes).unwrap_or(u64::MAX));
        self.is_open()
    }
}

impl DocumentService {
    /// A page of items in the order of ranges, and in each of creation.
    ///
    /// # Errors
    /// 400 for a continuation that is not of this list; those of scopes, of a container's lookup, of budgets and of host state.
    pub async fn list_items(&self, request: &ListRequest<'_>) -> Result<ListAnswer, DocumentsError> {
        let mut lookup = self.lookup(request.container);
        loop {
            let container = lookup.next_with(request.scope.range).await?;
            if let Some(answer) = self.list_once(&container, request).await? {
                return Ok(answer);
            }
        }
    }

    /// None when the container is not as it is known.
    async fn list_once(
        &self,
        container: &Arc<Container>,
        request: &ListRequest<'_>,
    ) -> Result<Option<ListAnswer>, DocumentsError> {
        let parts = request.scope.parts(container)?;
        let begin = Position::begin(container, &parts, request.continuation)?;
        let (mut items, mut ranges, mut bytes) = (Vec::new(), Vec::new(), 0);
        let mut room = Room::new(request.max_items);
        let mut continuation = None;
        for (at, part) in parts.iter().enumerate().skip(begin.part) {
            self.admit(container, part.range)?;
            let after = begin.after.filter(|_| at == begin.part);
            let Some((lsn, page)) = self.page(part, after, room.0, false).await? else { return Ok(None) };
            ranges.push((part.range.id, lsn));
            let size = page.items.iter().map(|item| item.body.len()).sum::<usize>();
            bytes += size;
            let left = room.fill(page.items.len(), size);
            let last = page.items.last().map(|item| item.number).or(after);
            items.extend(page.items);
            let next = at + 1;
            if page.more {
                continuation = Some(Position::after(container, part, last));
                break;
            }
            if !left && next < parts.len() {
                continuation = Some(Position::after(container, &parts[next], None));
                break;
            }
        }
        let charge = charge::page(bytes);
        if let Some((range, _)) = ranges.last() {
            self.pay_range(container, *range, charge);
        }
        Ok(Some(ListAnswer { container: Arc::clone(container), items, ranges, continuation, charge }))
    }

    /// A page of one part, with the LSN of its range; none when the container is not as it is known.
    pub(super) async fn page(
        &self,
        part: &Part<'_>,
        after: Option<i64>,
        limit: PageLimit,
        only_indexed: bool,
    ) -> Result<Option<(i64, Page<StoredItem>)>, DocumentsError> {
        let documents = self.0.database.documents();
        let place = part.range.place;
        let looked = match &part.key {
            Some((at, key)) => documents.list_key(place, (at, key), after, only_indexed, limit).await?,
            None => documents.list(place, &part.bounds, after, only_indexed, limit).await?,
        };
        Ok(match looked {
            Looked::At { lsn, found } => Some((lsn, found)),
            Looked::Stale => None,
        })
    }
}

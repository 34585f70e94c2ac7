//! Items page by page: in the order of their numbers, or as they were changed. A page is bounded before its bodies are read.

use super::super::item::{
    ChangeKind, ItemHistory, ItemVersion, KeyBounds, Looked, Page, PageLimit, RangePlace, StoredItem,
};
use super::read::{ITEM_COLUMNS, stored};
use super::{ABOVE_EVERY_KEY, Documents, hex, mssql, sqlite};
use crate::StateError;
use crate::operation::{Row, Statement, Step, Value};

static LIST: Statement = Statement::query("documents.list", sqlite::LIST, mssql::LIST);
static LIST_KEY: Statement = Statement::query("documents.list-key", sqlite::LIST_KEY, mssql::LIST_KEY);
static CHANGES: Statement = Statement::query("documents.changes", sqlite::CHANGES, mssql::CHANGES);
static HISTORY: Statement = Statement::query("documents.history", sqlite::HISTORY, mssql::HISTORY);
static HISTORY_FROM: Statement = Statement::query("documents.history-from", sqlite::HISTORY_FROM, mssql::HISTORY_FROM);

impl Documents {
    /// Items of a range in the order of their numbers, those behind `after`. `only_indexed` leaves out what queries do not find.
    ///
    /// # Errors
    /// Those of a read.
    pub async fn list(
        &self,
        place: RangePlace,
        bounds: &KeyBounds,
        after: Option<i64>,
        only_indexed: bool,
        limit: PageLimit,
    ) -> Result<Looked<Page<StoredItem>>, StateError> {
        let mut args = vec![place.container.into(), place.range.into(), after.unwrap_or(-1).into()];
        args.extend(stored_bounds(bounds));
        args.extend([Value::Now(0), only_indexed.into()]);
        args.extend(limits(limit, 1));
        args.extend(place.args());
        page(&self.0.read(Step::new(&LIST, args)).await?, |row| stored(row, 1))
    }

    /// The same of one partition key: its effective key and its canonical text.
    ///
    /// # Errors
    /// Those of a read.
    pub async fn list_key(
        &self,
        place: RangePlace,
        (effective, text): (&[u8], &str),
        after: Option<i64>,
        only_indexed: bool,
        limit: PageLimit,
    ) -> Result<Looked<Page<StoredItem>>, StateError> {
        let effective = hex(effective);
        let mut args = vec![place.container.into(), effective.as_str().into(), after.unwrap_or(-1).into()];
        args.extend([text.into(), Value::Now(0), only_indexed.into()]);
        args.extend(limits(limit, 1));
        args.extend(place.args());
        page(&self.0.read(Step::new(&LIST_KEY, args)).await?, |row| stored(row, 1))
    }

    /// Items as they are now, in the order in which they were changed last, those changed after a version and not before a second.
    /// Never part of a transaction, so that a page may have more than its limit.
    ///
    /// # Errors
    /// Those of a read.
    pub async fn changes(
        &self,
        place: RangePlace,
        bounds: &KeyBounds,
        after: ItemVersion,
        since: Option<i64>,
        limit: PageLimit,
    ) -> Result<Looked<Page<StoredItem>>, StateError> {
        let mut args = vec![place.container.into(), place.range.into(), after.0.into()];
        args.extend(stored_bounds(bounds));
        args.extend([Value::Now(0), since.unwrap_or(i64::MIN).into()]);
        args.extend(limits(limit, ItemVersion::PER_TRANSACTION + 1));
        args.extend(place.args());
        page(&self.0.read(Step::new(&CHANGES, args)).await?, |row| stored(row, 1))
    }

    /// Every change after a version, where the container keeps them. Never part of a transaction.
    ///
    /// # Errors
    /// Those of a read.
    pub async fn history(
        &self,
        place: RangePlace,
        bounds: &KeyBounds,
        after: ItemVersion,
        limit: PageLimit,
    ) -> Result<Looked<Page<ItemHistory>>, StateError> {
        let mut args = vec![place.container.into(), place.range.into(), after.0.into()];
        args.extend(stored_bounds(bounds));
        args.extend(limits(limit, ItemVersion::PER_TRANSACTION + 1));
        args.extend(place.args());
        page(&self.0.read(Step::new(&HISTORY, args)).await?, change)
    }

    /// The version after which the history of a range is complete: what is older was removed, or never kept.
    ///
    /// # Errors
    /// Those of a read.
    pub async fn oldest_history(&self, place: RangePlace) -> Result<Looked<ItemVersion>, StateError> {
        let rows = self.0.read(Step::new(&HISTORY_FROM, place.args().to_vec())).await?;
        let Some(row) = rows.first() else { return Ok(Looked::Stale) };
        Ok(Looked::At { lsn: row.int(0)?, found: ItemVersion(row.int(1)?) })
    }
}

fn stored_bounds(bounds: &KeyBounds) -> [Value; 2] {
    let from = bounds.from.as_deref().map(hex).unwrap_or_default();
    let to = bounds.to.as_deref().map_or_else(|| ABOVE_EVERY_KEY.to_owned(), hex);
    [from.as_str().into(), to.as_str().into()]
}

/// How many candidates are looked at, and what of them makes the page: one more tells whether there are more.
fn limits(limit: PageLimit, beyond: i64) -> [Value; 3] {
    let items = i64::from(limit.items.max(1));
    [(items + beyond).into(), items.into(), i64::try_from(limit.bytes.max(1)).unwrap_or(i64::MAX).into()]
}

fn page<T>(rows: &[Row], read: impl Fn(&Row) -> Result<T, StateError>) -> Result<Looked<Page<T>>, StateError> {
    let Some(first) = rows.first() else { return Ok(Looked::Stale) };
    let lsn = first.int(0)?;
    if first.is_null(1) {
        return Ok(Looked::At { lsn, found: Page { items: Vec::new(), more: false } });
    }
    let candidates = first.unsigned(first.0.len() - 1)?;
    let items = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let more = candidates > items.len() as u64;
    Ok(Looked::At { lsn, found: Page { items, more } })
}

fn change(row: &Row) -> Result<ItemHistory, StateError> {
    const KIND: usize = 1 + ITEM_COLUMNS;
    let mut item = stored(row, 1)?;
    let version = item.version;
    let kind = match row.int(KIND)? {
        0 => ChangeKind::Create,
        1 => ChangeKind::Replace,
        2 => ChangeKind::Delete,
        3 => ChangeKind::Expire,
        _ => return Err(row.unexpected(KIND)),
    };
    item.version = ItemVersion(row.int(KIND + 2)?);
    let previous = ItemVersion(row.int(KIND + 3)?);
    let previous = match kind {
        ChangeKind::Create => None,
        ChangeKind::Replace => Some((previous, row.shared_text(KIND + 4)?)),
        // What is gone is told as it was; it is kept once.
        ChangeKind::Delete | ChangeKind::Expire => Some((previous, item.body.clone())),
    };
    Ok(ItemHistory { kind, item, timestamp: row.int(KIND + 1)?, version, previous })
}

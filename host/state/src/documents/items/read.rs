//! Items by key, ranges, and what an account holds.

use super::super::item::{ItemKey, ItemVersion, Looked, RangePlace, StoredItem, StoredRange};
use super::{Documents, bytes_of, mssql, sqlite};
use crate::StateError;
use crate::operation::{Row, Statement, Step, Value};

static ITEM: Statement = Statement::point("documents.item", sqlite::ITEM, mssql::ITEM);
static ITEMS: Statement = Statement::query("documents.items", sqlite::ITEMS, mssql::ITEMS);
static RANGES: Statement = Statement::query("documents.ranges", sqlite::RANGES, mssql::RANGES);
static BY_NUMBER: Statement = Statement::query("documents.by-number", sqlite::BY_NUMBER, mssql::BY_NUMBER);
static USAGE: Statement = Statement::query("documents.usage", sqlite::USAGE, mssql::USAGE);

impl Documents {
    /// An item, if it is there.
    ///
    /// # Errors
    /// Those of a read.
    pub async fn item(&self, place: RangePlace, key: ItemKey) -> Result<Looked<Option<StoredItem>>, StateError> {
        let mut args = key.args().to_vec();
        args.push(Value::Now(0));
        args.extend(place.args());
        let rows = self.0.read(Step::new(&ITEM, args)).await?;
        let Some(row) = rows.first() else { return Ok(Looked::Stale) };
        let found = if row.is_null(1) { None } else { Some(stored(row, 1)?) };
        Ok(Looked::At { lsn: row.int(0)?, found })
    }

    /// Items of one range at the same moment, in the order of the keys.
    ///
    /// # Errors
    /// Those of a read.
    pub async fn items(
        &self,
        place: RangePlace,
        keys: &[ItemKey],
    ) -> Result<Looked<Vec<Option<StoredItem>>>, StateError> {
        let numbers: Vec<(i64, i64)> = keys.iter().map(|key| key.numbers()).collect();
        let pairs: Vec<String> = numbers.iter().map(|(high, low)| format!("[{high},{low}]")).collect();
        let pairs = format!("[{}]", pairs.join(","));
        let mut args = vec![pairs.as_str().into(), place.container.into(), Value::Now(0)];
        args.extend(place.args());
        let rows = self.0.read(Step::new(&ITEMS, args)).await?;
        let Some(first) = rows.first() else { return Ok(Looked::Stale) };
        let lsn = first.int(0)?;
        let mut there = std::collections::HashMap::new();
        for row in rows.iter().filter(|row| !row.is_null(1)) {
            there.insert((row.int(ITEM_COLUMNS + 1)?, row.int(ITEM_COLUMNS + 2)?), stored(row, 1)?);
        }
        Ok(Looked::At { lsn, found: numbers.iter().map(|key| there.get(key).cloned()).collect() })
    }

    /// An item of a container by its number, with its range.
    ///
    /// # Errors
    /// Those of a read.
    pub async fn find_by_number(&self, container: i64, number: i64) -> Result<Option<(i64, StoredItem)>, StateError> {
        let args = vec![number.into(), Value::Now(0), container.into()];
        let rows = self.0.read(Step::new(&BY_NUMBER, args)).await?;
        rows.first().map(|row| Ok((row.int(0)?, stored(row, 1)?))).transpose()
    }

    /// The ranges of a container in the order of their keys; none where there is no such container.
    ///
    /// # Errors
    /// Those of a read.
    pub async fn ranges(&self, container: i64) -> Result<Vec<StoredRange>, StateError> {
        let rows = self.0.read(Step::new(&RANGES, vec![container.into()])).await?;
        rows.iter().map(range).collect()
    }

    /// Bytes of all items, attachments and media of an account.
    ///
    /// # Errors
    /// Those of a read.
    pub async fn usage(&self, account: &str) -> Result<u64, StateError> {
        let rows = self.0.read(Step::new(&USAGE, vec![account.into(); 3])).await?;
        rows.first().map_or(Ok(0), |row| row.unsigned(0))
    }
}

/// Columns of an item in an answer.
pub(super) const ITEM_COLUMNS: usize = 6;

/// The item whose columns begin here.
pub(super) fn stored(row: &Row, first: usize) -> Result<StoredItem, StateError> {
    Ok(StoredItem {
        version: ItemVersion(row.int(first)?),
        number: row.int(first + 1)?,
        timestamp: row.int(first + 2)?,
        id: row.text(first + 3)?.to_owned(),
        partition_key: row.text(first + 4)?.to_owned(),
        body: row.shared_text(first + 5)?,
    })
}

fn range(row: &Row) -> Result<StoredRange, StateError> {
    let key = |column| bytes_of(row.text(column)?).ok_or_else(|| row.unexpected(column));
    Ok(StoredRange {
        range: row.int(0)?,
        from: key(1)?,
        to: key(2)?,
        lsn: row.int(3)?,
        definition: row.int(4)?,
        parents: row.text(5)?.to_owned(),
        items: row.int(6)?,
        bytes: row.int(7)?,
        created: row.time(8)?,
    })
}

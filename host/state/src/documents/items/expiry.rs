//! Removes what has expired. Nobody sees it any more; only here does it leave the counts, and the history tell of it.

use super::super::item::{ItemKey, ItemVersion};
use super::{Documents, mssql, sqlite};
use crate::StateError;
use crate::operation::{Operation, Statement, Step, Value};

static EXPIRED: Statement = Statement::query("documents.expired", sqlite::EXPIRED, mssql::EXPIRED);
static RANGE_EXPIRE: Statement = Statement::change("documents.range-expire", sqlite::RANGE_EXPIRE, mssql::RANGE_EXPIRE);
static HISTORY_EXPIRE: Statement =
    Statement::change("documents.history-expire", sqlite::HISTORY_EXPIRE, mssql::HISTORY_EXPIRE);
static ITEM_EXPIRE: Statement = Statement::change("documents.expire", sqlite::ITEM_EXPIRE, mssql::ITEM_EXPIRE);

/// Most items of one transaction: bounds how long other writers wait.
const BATCH: u32 = 200;

impl Documents {
    /// Removes some of the items that have expired, at most `limit` and a few hundred, in one transaction; answers how many it
    /// found. Any number of processes may do this at once; where there are none it is one read.
    ///
    /// # Errors
    /// Those of a read and a write.
    pub async fn purge_expired(&self, limit: u32) -> Result<usize, StateError> {
        let args = vec![Value::Now(0), i64::from(limit.min(BATCH)).into()];
        let rows = self.0.read(Step::new(&EXPIRED, args)).await?;
        let mut steps = Vec::with_capacity(rows.len() * 3);
        for row in &rows {
            steps.extend(expire_steps(row.int(0)?, (row.int(1)?, row.int(2)?), ItemVersion(row.int(3)?)));
        }
        if !steps.is_empty() {
            self.0.write(Operation::normal(steps)).await?;
        }
        Ok(rows.len())
    }

    /// Removes one item if it has expired in this version.
    pub(super) async fn expire(&self, container: i64, key: ItemKey, version: ItemVersion) -> Result<(), StateError> {
        self.expire_by_numbers(container, key.numbers(), version).await
    }

    pub(super) async fn expire_by_numbers(
        &self,
        container: i64,
        key: (i64, i64),
        version: ItemVersion,
    ) -> Result<(), StateError> {
        let steps = expire_steps(container, key, version).to_vec();
        self.0.write(Operation::normal(steps)).await.map(drop)
    }
}

fn expire_steps(container: i64, (high, low): (i64, i64), version: ItemVersion) -> [Step; 3] {
    let found = || -> Vec<Value> {
        vec![container.into(), high.into(), low.into(), version.0.into(), version.0.into(), Value::Now(0)]
    };
    let mut range = found();
    range.push(container.into());
    let mut history = vec![0_i64.into(), Value::Now(0)];
    history.extend(found());
    [Step::new(&RANGE_EXPIRE, range), Step::new(&HISTORY_EXPIRE, history), Step::new(&ITEM_EXPIRE, found())]
}

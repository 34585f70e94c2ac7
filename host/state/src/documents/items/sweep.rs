//! Removes what is left of containers that are gone, and what a history need not keep, some at a time.

use std::time::Duration;

use super::super::item::RangePlace;
use super::{Documents, mssql, sqlite};
use crate::StateError;
use crate::operation::{Operation, Statement, Step, Value, micros};

static SWEEPABLE: Statement = Statement::query("documents.sweepable", sqlite::SWEEPABLE, mssql::SWEEPABLE);
static SWEEP_ITEMS: Statement = Statement::change("documents.sweep-items", sqlite::SWEEP_ITEMS, mssql::SWEEP_ITEMS);
static SWEEP_HISTORY: Statement =
    Statement::change("documents.sweep-history", sqlite::SWEEP_HISTORY, mssql::SWEEP_HISTORY);
static FORGET_REMOVED: Statement =
    Statement::change("documents.forget-removed", sqlite::FORGET_REMOVED, mssql::FORGET_REMOVED);
static WITH_HISTORY: Statement = Statement::query("documents.with-history", sqlite::WITH_HISTORY, mssql::WITH_HISTORY);
static HISTORY_BEGINS: Statement =
    Statement::change("documents.history-begins", sqlite::HISTORY_BEGINS, mssql::HISTORY_BEGINS);
static PURGE_HISTORY: Statement =
    Statement::change("documents.purge-history", sqlite::PURGE_HISTORY, mssql::PURGE_HISTORY);

/// Most rows of one transaction: bounds how long other writers wait.
const BATCH: u64 = 200;

impl Documents {
    /// Removes a few hundred rows at most of containers that are gone, in one transaction. True when there may be more: call
    /// again. Any number of processes may do this at once; where there is nothing it is one read.
    ///
    /// # Errors
    /// Those of a read and a write.
    pub async fn sweep(&self) -> Result<bool, StateError> {
        if self.0.read(Step::new(&SWEEPABLE, vec![])).await?.is_empty() {
            return Ok(false);
        }
        let steps = vec![
            Step::new(&SWEEP_ITEMS, vec![BATCH.into()]),
            Step::new(&SWEEP_HISTORY, vec![BATCH.into()]),
            Step::new(&FORGET_REMOVED, vec![]),
        ];
        let outcome = self.0.write(Operation::normal(steps)).await?;
        Ok((0..2).any(|step| outcome.affected(step) == BATCH))
    }

    /// Ranges that keep a history, or have one left from before.
    ///
    /// # Errors
    /// Those of a read.
    pub async fn ranges_with_history(&self) -> Result<Vec<RangePlace>, StateError> {
        let rows = self.0.read(Step::new(&WITH_HISTORY, vec![])).await?;
        let place = |row: &crate::operation::Row| {
            Ok(RangePlace { container: row.int(0)?, range: row.int(1)?, definition: row.int(2)? })
        };
        rows.iter().map(place).collect()
    }

    /// Removes a few hundred changes at most that are older than this from the history of a range, in one transaction. True when
    /// there may be more: call again.
    ///
    /// # Errors
    /// Those of a write.
    pub async fn purge_history(&self, container: i64, range: i64, keep: Duration) -> Result<bool, StateError> {
        let oldest = || [container.into(), range.into(), BATCH.into(), Value::Now(-micros(keep))];
        let mut begins = oldest().to_vec();
        begins.extend([container.into(), range.into()]);
        let steps = vec![Step::new(&HISTORY_BEGINS, begins), Step::new(&PURGE_HISTORY, oldest().to_vec())];
        Ok(self.0.write(Operation::normal(steps)).await?.affected(1) == BATCH)
    }
}

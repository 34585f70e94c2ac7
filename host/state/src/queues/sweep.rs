//! Removes what is left of expired messages and of queues that were deleted or cleared, some at a time.

use std::time::Duration;

use super::{Queues, mssql, sqlite};
use crate::StateError;
use crate::operation::{Operation, Statement, Step, Value, micros};

static SWEEPABLE: Statement = Statement::query("queues.sweepable", sqlite::SWEEPABLE, mssql::SWEEPABLE);
static SWEEP_EXPIRED: Statement =
    Statement::change("queues.sweep-expired", sqlite::SWEEP_EXPIRED, mssql::SWEEP_EXPIRED);
static SWEEP_REMOVED: Statement =
    Statement::change("queues.sweep-removed", sqlite::SWEEP_REMOVED, mssql::SWEEP_REMOVED);
static FORGET_REMOVED: Statement =
    Statement::change("queues.forget-removed", sqlite::FORGET_REMOVED, mssql::FORGET_REMOVED);

/// Most rows of one transaction: bounds how long other writers wait.
const BATCH: u64 = 500;

/// How long the number of a deleted queue is remembered: a put that read it before may still be on its way.
const GRACE: Duration = Duration::from_secs(600);

impl Queues {
    /// Removes at most a few hundred rows that nobody can see any more, in one transaction. True when there may be more:
    /// call again. Any number of processes may do this at once; what is not there costs one read.
    ///
    /// # Errors
    /// Those of a read and a write.
    pub async fn sweep(&self) -> Result<bool, StateError> {
        if self.0.read(Step::new(&SWEEPABLE, vec![Value::Now(0)])).await?.is_empty() {
            return Ok(false);
        }
        let steps = vec![
            Step::new(&SWEEP_EXPIRED, vec![Value::Now(0), Value::Now(0), BATCH.into()]),
            Step::new(&SWEEP_REMOVED, vec![BATCH.into()]),
            Step::new(&FORGET_REMOVED, vec![Value::Now(-micros(GRACE))]),
        ];
        let outcome = self.0.write(Operation::normal(steps)).await?;
        Ok((0..2).any(|step| outcome.affected(step) == BATCH))
    }
}

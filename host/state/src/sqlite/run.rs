//! Runs steps on one connection.
//!
//! Every call into the driver crosses to the connection's thread and back, which costs more than the statement. So a run
//! of steps with the same statement is sent as one query: the statement's text repeated, the arguments one after the
//! other. Lengths are powers of two, so that few texts exist and each stays prepared.

use std::sync::Arc;

use futures_util::TryStreamExt;
use hearth_model::clock::Timestamp;
use sqlx::sqlite::{SqliteArguments, SqliteConnection};
use sqlx::{AssertSqlSafe, Either, Executor, SqlStr};

use super::values::{bind, decode};
use crate::operation::{Statement, Step, StepOutcome};

/// Most steps sent as one query.
const LONGEST_RUN: usize = 64;

/// A connection and the time that its statements take for now.
#[derive(Debug)]
pub(super) struct Runner<'a> {
    connection: &'a mut SqliteConnection,
    now: Timestamp,
}

impl<'a> Runner<'a> {
    pub(super) fn new(connection: &'a mut SqliteConnection, now: Timestamp) -> Self {
        Self { connection, now }
    }

    /// Runs transaction control.
    pub(super) async fn control(&mut self, sql: &'static str) -> Result<(), sqlx::Error> {
        (&mut *self.connection).execute(sqlx::query(sql)).await.map(|_| ())
    }

    /// Runs one step.
    pub(super) async fn one(&mut self, step: &Step) -> Result<StepOutcome, sqlx::Error> {
        let mut arguments = SqliteArguments::default();
        bind(&mut arguments, step, self.now)?;
        let mut outcomes = self.execute(step.statement.sqlite, step.statement, arguments, 1).await?;
        Ok(outcomes.pop().unwrap_or_default())
    }

    /// Runs steps in order, as few queries as their statements allow; answers one outcome each.
    pub(super) async fn all(&mut self, steps: &[&Step]) -> Result<Vec<StepOutcome>, sqlx::Error> {
        let mut outcomes = Vec::with_capacity(steps.len());
        for run in steps.chunk_by(|left, right| std::ptr::eq(left.statement, right.statement)) {
            let mut rest = run;
            while let Some(first) = rest.first() {
                let length = (rest.len().min(LONGEST_RUN) + 1).next_power_of_two() / 2;
                let (now, later) = rest.split_at(length);
                let mut arguments = SqliteArguments::default();
                for step in now {
                    bind(&mut arguments, step, self.now)?;
                }
                let sql = repeated(first.statement, length);
                outcomes.extend(self.execute(sql, first.statement, arguments, length).await?);
                rest = later;
            }
        }
        Ok(outcomes)
    }

    async fn execute(
        &mut self,
        sql: impl sqlx::SqlSafeStr,
        statement: &Statement,
        arguments: SqliteArguments,
        length: usize,
    ) -> Result<Vec<StepOutcome>, sqlx::Error> {
        let mut outcomes = Vec::with_capacity(length);
        let mut rows = Vec::new();
        let mut answers = (&mut *self.connection).fetch_many(sqlx::query_with(sql, arguments));
        while let Some(answer) = answers.try_next().await? {
            match answer {
                Either::Right(row) => rows.push(decode(&row)?),
                Either::Left(done) => {
                    // SQLite leaves the count of the last change in place when a statement only reads.
                    let affected = if statement.query { rows.len() as u64 } else { done.rows_affected() };
                    outcomes.push(StepOutcome { rows: std::mem::take(&mut rows), affected });
                }
            }
        }
        if outcomes.len() == length {
            Ok(outcomes)
        } else {
            Err(sqlx::Error::Protocol(format!("{} of {length} statements answered", outcomes.len())))
        }
    }
}

/// The text of a statement, repeated.
fn repeated(statement: &'static Statement, length: usize) -> SqlStr {
    use sqlx::SqlSafeStr;
    if length == 1 {
        return statement.sqlite.into_sql_str();
    }
    // Holds nothing but the statement's constant text.
    AssertSqlSafe(Arc::<str>::from([statement.sqlite, ";"].concat().repeat(length))).into_sql_str()
}

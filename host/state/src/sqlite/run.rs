//! Runs steps on one connection.
//!
//! Every call into the driver crosses to the connection's thread and back, which costs more than the statement. So a run
//! of steps with the same statement is sent as one query, with the begin or the commit of the transaction where that is
//! next to it: the texts in a row, the arguments one after the other. Lengths are few, so that each text stays prepared.

use std::future::poll_fn;
use std::sync::Arc;

use hearth_model::clock::Timestamp;
use sqlx::sqlite::{SqliteArguments, SqliteConnection};
use sqlx::{AssertSqlSafe, Either, Executor, SqlSafeStr, SqlStr};

use super::values::{bind, decode};
use crate::operation::{Step, StepOutcome};

/// How many steps are sent as one query.
const RUN_LENGTHS: [usize; 12] = [64, 48, 32, 24, 16, 12, 8, 6, 4, 3, 2, 1];

/// Looks for an answer that is about to come before the thread sleeps.
const PATIENCE: u32 = 64;

pub(super) const BEGIN: &str = "BEGIN IMMEDIATE";
pub(super) const COMMIT: &str = "COMMIT";

/// How far a transaction got that failed.
#[derive(Debug)]
pub(super) enum Stage {
    Begin,
    Steps,
    Commit,
}

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
        let mut answers = Vec::with_capacity(1);
        self.execute(sql, SqliteArguments::default(), 1, &mut answers).await
    }

    /// Runs one step.
    pub(super) async fn one(&mut self, step: &Step) -> Result<StepOutcome, sqlx::Error> {
        let mut answers = Vec::with_capacity(1);
        let mut arguments = SqliteArguments::default();
        bind(&mut arguments, step, self.now)?;
        self.execute(step.statement.sqlite, arguments, 1, &mut answers).await?;
        Ok(answers.pop().map(|answer| corrected(step, answer)).unwrap_or_default())
    }

    /// Runs steps in order; answers one outcome each.
    pub(super) async fn all(&mut self, steps: &[&Step]) -> Result<Vec<StepOutcome>, sqlx::Error> {
        let mut answers = Vec::with_capacity(steps.len());
        for run in runs(steps) {
            self.run(run, false, false, &mut answers).await?;
        }
        Ok(steps.iter().zip(answers).map(|(step, answer)| corrected(step, answer)).collect())
    }

    /// Runs steps in order as a whole transaction; answers one outcome each, or how far it got.
    pub(super) async fn transaction(&mut self, steps: &[&Step]) -> Result<Vec<StepOutcome>, (Stage, sqlx::Error)> {
        let mut answers = Vec::with_capacity(steps.len() + 2);
        let runs: Vec<&[&Step]> = runs(steps).collect();
        for (index, run) in runs.iter().enumerate() {
            if let Err(error) = self.run(run, index == 0, index + 1 == runs.len(), &mut answers).await {
                let stage = match answers.len() {
                    0 => Stage::Begin,
                    reached if reached <= steps.len() => Stage::Steps,
                    _ => Stage::Commit,
                };
                return Err((stage, error));
            }
        }
        Ok(steps.iter().zip(answers.drain(..).skip(1)).map(|(step, answer)| corrected(step, answer)).collect())
    }

    async fn run(
        &mut self,
        run: &[&Step],
        begin: bool,
        commit: bool,
        answers: &mut Vec<StepOutcome>,
    ) -> Result<(), sqlx::Error> {
        let Some(first) = run.first() else { return Ok(()) };
        let mut arguments = SqliteArguments::default();
        for step in run {
            bind(&mut arguments, step, self.now)?;
        }
        let expected = answers.len() + run.len() + usize::from(begin) + usize::from(commit);
        let sql = if run.len() == 1 && !begin && !commit {
            first.statement.sqlite.into_sql_str()
        } else {
            text(first.statement.sqlite, run.len(), begin, commit)
        };
        self.execute(sql, arguments, expected, answers).await?;
        if answers.len() == expected {
            Ok(())
        } else {
            Err(sqlx::Error::Protocol(format!("{} of {expected} statements answered", answers.len())))
        }
    }

    async fn execute(
        &mut self,
        sql: impl SqlSafeStr,
        arguments: SqliteArguments,
        expected: usize,
        answers: &mut Vec<StepOutcome>,
    ) -> Result<(), sqlx::Error> {
        let mut rows = Vec::new();
        let mut stream = (&mut *self.connection).fetch_many(sqlx::query_with(sql, arguments));
        loop {
            // All but the last answer come within microseconds, sooner than a sleep would begin and end.
            let mut patience = if answers.len() + 1 < expected { PATIENCE } else { 0 };
            let next = poll_fn(|context| {
                loop {
                    let polled = stream.as_mut().poll_next(context);
                    if polled.is_ready() || patience == 0 {
                        return polled;
                    }
                    patience -= 1;
                    std::thread::yield_now();
                }
            });
            let Some(answer) = next.await.transpose()? else { break };
            match answer {
                Either::Right(row) => rows.push(decode(&row)?),
                Either::Left(done) => {
                    answers.push(StepOutcome { rows: std::mem::take(&mut rows), affected: done.rows_affected() });
                }
            }
        }
        Ok(())
    }
}

/// SQLite leaves the count of the last change in place when a statement only reads.
fn corrected(step: &Step, mut answer: StepOutcome) -> StepOutcome {
    if step.statement.query {
        answer.affected = answer.rows.len() as u64;
    }
    answer
}

/// Cuts steps into runs of one statement and a length of [`RUN_LENGTHS`].
fn runs<'s, 'a>(steps: &'s [&'a Step]) -> impl Iterator<Item = &'s [&'a Step]> {
    steps.chunk_by(|left, right| std::ptr::eq(left.statement, right.statement)).flat_map(|mut rest| {
        std::iter::from_fn(move || {
            let length = RUN_LENGTHS.into_iter().find(|length| *length <= rest.len())?;
            let (run, later) = rest.split_at(length);
            rest = later;
            Some(run)
        })
    })
}

/// The text of a statement, repeated. Holds nothing but constant texts.
fn text(statement: &'static str, length: usize, begin: bool, commit: bool) -> SqlStr {
    let begin = begin.then_some(BEGIN).into_iter();
    let commit = commit.then_some(COMMIT).into_iter();
    let all: Vec<&str> = begin.chain(std::iter::repeat_n(statement, length)).chain(commit).collect();
    AssertSqlSafe(Arc::<str>::from(all.join(";"))).into_sql_str()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::Statement;

    #[test]
    fn runs_keep_the_order_and_have_few_lengths() {
        static A: Statement = Statement::change("a", "A", "");
        static B: Statement = Statement::change("b", "B", "");
        let steps: Vec<Step> = (0..107).map(|n| Step::new(if n == 100 { &B } else { &A }, vec![])).collect();
        let steps: Vec<&Step> = steps.iter().collect();
        let cut: Vec<&[&Step]> = runs(&steps).collect();
        assert_eq!(cut.iter().map(|run| run.len()).collect::<Vec<_>>(), [64, 32, 4, 1, 6]);
        assert!(cut.concat().iter().zip(&steps).all(|(left, right)| std::ptr::eq(*left, *right)));
        assert_eq!(text("A", 2, true, true).as_str(), "BEGIN IMMEDIATE;A;A;COMMIT");
        assert_eq!(text("A", 3, false, false).as_str(), "A;A;A");
    }
}

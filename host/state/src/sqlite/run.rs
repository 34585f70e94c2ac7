//! Runs operations on one connection.
//!
//! Every call into the driver crosses to the connection's thread and back, which costs more than the statement. So a run
//! of operations with the same statements is sent as one query, with the begin or the commit of the transaction where that
//! is next to it: the texts in a row, the arguments one after the other. Lengths are few, so that each text stays prepared.

use std::future::poll_fn;
use std::sync::Arc;

use hearth_model::clock::Timestamp;
use sqlx::sqlite::{SqliteArguments, SqliteConnection};
use sqlx::{AssertSqlSafe, Either, Executor, SqlSafeStr, SqlStr};

use super::values::{bind, decode};
use crate::operation::{Step, StepOutcome};

/// How many operations of one statement are sent as one query. Of more statements so many fewer, at least one.
const RUN_LENGTHS: [usize; 12] = [64, 48, 32, 24, 16, 12, 8, 6, 4, 3, 2, 1];
/// Operations of more statements than this are cut between them.
const LONGEST_SHAPE: usize = 8;

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
        let mut answer = answers.pop().unwrap_or_default();
        correct(step, &mut answer);
        Ok(answer)
    }

    /// Runs operations in order; answers one outcome for each step.
    pub(super) async fn all(&mut self, operations: &[&[Step]]) -> Result<Vec<StepOutcome>, sqlx::Error> {
        let mut answers = Vec::with_capacity(operations.iter().map(|steps| steps.len()).sum());
        for run in runs(operations) {
            self.run(&run, false, false, &mut answers).await?;
        }
        Ok(answers)
    }

    /// Begins a transaction and runs operations in order; answers one outcome for each step, or how far it got. With `commit` the
    /// transaction ends with them.
    pub(super) async fn transaction(
        &mut self,
        operations: &[&[Step]],
        commit: bool,
    ) -> Result<Vec<StepOutcome>, (Stage, sqlx::Error)> {
        let runs = runs(operations);
        let mut answers = Vec::with_capacity(runs.iter().map(Vec::len).sum());
        let (mut begun, last) = (false, runs.len().saturating_sub(1));
        for (index, run) in runs.iter().enumerate() {
            let before = answers.len();
            if let Err(error) = self.run(run, index == 0, commit && index == last, &mut answers).await {
                let stage = match answers.len() - before {
                    _ if !begun && answers.is_empty() => Stage::Begin,
                    reached if commit && index == last && reached == run.len() + usize::from(!begun) => Stage::Commit,
                    _ => Stage::Steps,
                };
                return Err((stage, error));
            }
            if !begun {
                // The answer to the begin.
                answers.remove(0);
                begun = true;
            }
        }
        if commit {
            answers.pop();
        }
        Ok(answers)
    }

    async fn run(
        &mut self,
        run: &[&Step],
        begin: bool,
        commit: bool,
        answers: &mut Vec<StepOutcome>,
    ) -> Result<(), sqlx::Error> {
        let mut arguments = SqliteArguments::default();
        for step in run {
            bind(&mut arguments, step, self.now)?;
        }
        let first = answers.len() + usize::from(begin);
        let expected = first + run.len() + usize::from(commit);
        let sql = match run {
            [step] if !begin && !commit => step.statement.sqlite.into_sql_str(),
            _ => text(run, begin, commit),
        };
        self.execute(sql, arguments, expected, answers).await?;
        if answers.len() != expected {
            return Err(sqlx::Error::Protocol(format!("{} of {expected} statements answered", answers.len())));
        }
        for (step, answer) in run.iter().zip(&mut answers[first..]) {
            correct(step, answer);
        }
        Ok(())
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
fn correct(step: &Step, answer: &mut StepOutcome) {
    if step.statement.query {
        answer.affected = answer.rows.len() as u64;
    }
}

/// Whether two operations are made of the same statements.
pub(super) fn alike(left: &[Step], right: &[Step]) -> bool {
    left.len() == right.len()
        && left.iter().zip(right).all(|(left, right)| std::ptr::eq(left.statement, right.statement))
}

/// Cuts operations into runs of which each is sent as one query.
fn runs<'a>(operations: &[&'a [Step]]) -> Vec<Vec<&'a Step>> {
    let mut runs = Vec::new();
    for group in operations.chunk_by(|left, right| alike(left, right)) {
        match group.first().map_or(0, |steps| steps.len()) {
            0 => {}
            statements @ 1..=LONGEST_SHAPE => cut(group, statements, &mut runs),
            _ => {
                for steps in group {
                    for same in steps.chunk_by(|left, right| std::ptr::eq(left.statement, right.statement)) {
                        let each: Vec<&[Step]> = same.chunks(1).collect();
                        cut(&each, 1, &mut runs);
                    }
                }
            }
        }
    }
    runs
}

/// Cuts a group of operations that are alike into lengths of [`RUN_LENGTHS`].
fn cut<'a>(mut group: &[&'a [Step]], statements: usize, runs: &mut Vec<Vec<&'a Step>>) {
    let longest = (RUN_LENGTHS[0] / statements).max(1);
    while let Some(length) = RUN_LENGTHS.into_iter().find(|length| *length <= group.len().min(longest)) {
        let (run, later) = group.split_at(length);
        runs.push(run.iter().copied().flatten().collect());
        group = later;
    }
}

/// The texts of the steps in a row. Holds nothing but constant texts.
fn text(steps: &[&Step], begin: bool, commit: bool) -> SqlStr {
    let begin = begin.then_some(BEGIN).into_iter();
    let commit = commit.then_some(COMMIT).into_iter();
    let all: Vec<&str> = begin.chain(steps.iter().map(|step| step.statement.sqlite)).chain(commit).collect();
    AssertSqlSafe(Arc::<str>::from(all.join(";"))).into_sql_str()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::Statement;

    static A: Statement = Statement::change("a", "A", "");
    static B: Statement = Statement::change("b", "B", "");

    fn lengths(operations: &[Vec<Step>]) -> Vec<usize> {
        let operations: Vec<&[Step]> = operations.iter().map(Vec::as_slice).collect();
        let cut = runs(&operations);
        let all: Vec<&Step> = operations.iter().copied().flatten().collect();
        assert!(cut.concat().iter().zip(&all).all(|(left, right)| std::ptr::eq(*left, *right)), "in order");
        assert_eq!(cut.concat().len(), all.len());
        cut.iter().map(Vec::len).collect()
    }

    fn steps(statements: &[&'static Statement]) -> Vec<Step> {
        statements.iter().map(|statement| Step::new(statement, vec![])).collect()
    }

    #[test]
    fn runs_keep_the_order_and_have_few_lengths() {
        let singles: Vec<Vec<Step>> = (0..107).map(|n| steps(&[if n == 100 { &B } else { &A }])).collect();
        assert_eq!(lengths(&singles), [64, 32, 4, 1, 6]);
        let pairs: Vec<Vec<Step>> = (0..40).map(|_| steps(&[&A, &B])).collect();
        assert_eq!(lengths(&pairs), [64, 16], "an operation is not cut");
        let long: Vec<Vec<Step>> = (0..2).map(|_| steps(&[&A, &B, &B, &B, &A, &A, &A, &A, &A])).collect();
        assert_eq!(lengths(&long), [1, 3, 4, 1, 1, 3, 4, 1], "unless it is long");
        assert_eq!(lengths(&[steps(&[&A]), vec![], steps(&[&A, &B]), steps(&[&B])]), [1, 2, 1]);
    }

    #[test]
    fn a_text_is_its_statements_in_a_row() {
        let steps = steps(&[&A, &B]);
        let steps: Vec<&Step> = steps.iter().collect();
        assert_eq!(text(&steps, true, true).as_str(), "BEGIN IMMEDIATE;A;B;COMMIT");
        assert_eq!(text(&steps, false, false).as_str(), "A;B");
    }
}

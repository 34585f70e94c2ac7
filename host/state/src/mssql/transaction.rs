//! One attempt at an operation.
//!
//! An operation that fits is one batch, begun and committed by the server in one round trip. A longer one goes part by
//! part, and one whose faults are injected step by step, within a transaction that is begun and committed by requests of
//! their own.

use std::sync::Arc;

use hearth_model::clock::{Clock, Timestamp};

use super::batch::{self, Frame, NOW};
use super::errors::{Failure, explain};
use super::pool::{Lent, Pool};
use super::run;
use crate::faults::FaultPoint;
use crate::metrics::Counters;
use crate::operation::{Operation, Outcome, Row, Step, StepOutcome};
use crate::{Faults, StateError};

/// What an attempt needs.
pub(super) struct Transactions {
    pub(super) pool: Pool,
    pub(super) schema: String,
    /// Decides the time in the server's place; tests only.
    pub(super) clock: Option<Arc<dyn Clock>>,
    pub(super) faults: Option<Arc<dyn Faults>>,
    pub(super) counters: Arc<Counters>,
}

impl Transactions {
    /// Runs one query outside of a transaction.
    pub(super) async fn read(&self, query: &Step) -> Result<Vec<Row>, Failure> {
        let mut lent = self.pool.get().await?;
        let batch = batch::build(&self.schema, std::slice::from_ref(query), Frame::Bare, self.now());
        let answer = run::batch(&mut lent, &batch).await;
        let mut outcomes = self.settle(&mut lent, answer, Failure::of).await?;
        outcomes.pop().map(|outcome| outcome.rows).ok_or_else(|| self.unanswered())
    }

    /// Runs an operation and commits it, or changes nothing.
    pub(super) async fn write(&self, operation: &Operation) -> Result<Outcome, Failure> {
        if operation.steps.is_empty() {
            return Ok(Outcome { done: true, steps: Vec::new() });
        }
        let mut lent = self.pool.get().await?;
        if self.faults.is_some() || !batch::fits(&operation.steps) {
            let answer = self.stepwise(&mut lent, &operation.steps).await;
            if answer.is_ok() {
                lent.settled();
            } else {
                lent.recover().await;
            }
            return answer;
        }
        let batch = batch::build(&self.schema, &operation.steps, Frame::Whole, self.now());
        let answer = run::batch(&mut lent, &batch).await;
        let steps = self.settle(&mut lent, answer, Failure::of_commit).await?;
        let outcome = outcome_of(&operation.steps, steps);
        if outcome.done && outcome.steps.len() < operation.steps.len() {
            // The batch ended without an error and without its last answer: nobody knows what it did.
            return Err(Failure::Unknown(self.unanswered().into_error()));
        }
        self.counters.commits.one();
        Ok(outcome)
    }

    async fn stepwise(&self, lent: &mut Lent, steps: &[Step]) -> Result<Outcome, Failure> {
        let failed = |error: tiberius::error::Error| Failure::of(self.pool.place(), &error);
        lent.request().map_err(failed)?.begin_transaction().await.map_err(failed)?;
        let now = match self.now() {
            Some(now) => now,
            None => self.server_time(lent).await.map_err(failed)?,
        };
        let ran = self.parts(lent, steps, now).await;
        let ready = ran.and_then(|outcome| self.fault(FaultPoint::BeforeCommit).map(|()| outcome));
        let outcome = match ready {
            Ok(outcome) if outcome.done => outcome,
            Ok(outcome) => {
                lent.request().map_err(failed)?.rollback_transaction().await.map_err(failed)?;
                // Reported like a commit: the operation has ended, with nothing to do.
                self.fault(FaultPoint::AfterCommit).map_err(lost)?;
                return Ok(outcome);
            }
            Err(failure) => {
                self.roll_back(lent).await;
                return Err(failure);
            }
        };
        let commit = lent.request().map_err(failed)?.commit_transaction().await;
        commit.map_err(|error| Failure::of_commit(self.pool.place(), &error))?;
        self.counters.commits.one();
        self.fault(FaultPoint::AfterCommit).map_err(lost)?;
        Ok(outcome)
    }

    /// Runs the steps within the open transaction, up to the first required one that affects no row.
    async fn parts(&self, lent: &mut Lent, steps: &[Step], now: Timestamp) -> Result<Outcome, Failure> {
        let single = self.faults.is_some();
        let mut outcome = Outcome { done: true, steps: Vec::with_capacity(steps.len()) };
        let parts: Vec<&[Step]> = if single { steps.chunks(1).collect() } else { batch::parts(steps).collect() };
        for part in parts {
            let name = part.first().map_or("", |step| step.statement.name);
            if single {
                self.fault(FaultPoint::BeforeStatement(name))?;
            }
            let batch = batch::build(&self.schema, part, Frame::Bare, Some(now));
            let answers = run::batch(lent, &batch).await;
            let answers = answers.map_err(|error| Failure::of(self.pool.place(), &error))?;
            if single {
                self.fault(FaultPoint::AfterStatement(name))?;
            }
            let reached = outcome_of(part, answers);
            outcome.done = reached.done;
            outcome.steps.extend(reached.steps);
            if !outcome.done {
                break;
            }
        }
        Ok(outcome)
    }

    async fn server_time(&self, lent: &mut Lent) -> Result<Timestamp, tiberius::error::Error> {
        let rows = run::plain(lent, &format!("SELECT {NOW}")).await?;
        let micros = rows.first().and_then(|row| row.int(0).ok());
        micros.map(Timestamp).ok_or_else(|| tiberius::error::Error::Protocol("the server told no time".into()))
    }

    async fn roll_back(&self, lent: &mut Lent) {
        // After some errors the server has done it; then this fails, which is as good.
        if let Ok(client) = lent.request() {
            client.rollback_transaction().await.ok();
        }
    }

    /// Brings the connection in order after an answer, and puts its error in words.
    pub(super) async fn settle<T>(
        &self,
        lent: &mut Lent,
        answer: Result<T, tiberius::error::Error>,
        failed: impl FnOnce(&str, &tiberius::error::Error) -> Failure,
    ) -> Result<T, Failure> {
        match answer {
            Ok(answer) => {
                lent.settled();
                Ok(answer)
            }
            Err(error) => {
                if matches!(error, tiberius::error::Error::Server(_)) {
                    lent.recover().await;
                }
                Err(failed(self.pool.place(), &error))
            }
        }
    }

    pub(super) fn now(&self) -> Option<Timestamp> {
        self.clock.as_ref().map(|clock| clock.now())
    }

    fn fault(&self, point: FaultPoint) -> Result<(), Failure> {
        self.faults.as_ref().map_or(Ok(()), |faults| faults.at(point)).map_err(Failure::Final)
    }

    fn unanswered(&self) -> Failure {
        let error = tiberius::error::Error::Protocol("a batch ended before its last answer".into());
        Failure::Final(explain(self.pool.place(), &error))
    }
}

/// An injected error after the commit is a lost answer.
fn lost(failure: Failure) -> Failure {
    Failure::Unknown(StateError::from(failure))
}

impl From<Failure> for StateError {
    fn from(failure: Failure) -> Self {
        failure.into_error()
    }
}

fn outcome_of(steps: &[Step], answers: Vec<StepOutcome>) -> Outcome {
    let stopped = match (answers.len().checked_sub(1).and_then(|last| steps.get(last)), answers.last()) {
        (Some(step), Some(answer)) => step.required && answer.affected == 0,
        _ => false,
    };
    Outcome { done: !stopped, steps: answers }
}

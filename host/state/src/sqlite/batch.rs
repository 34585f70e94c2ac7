//! One batch: a transaction around many operations, and what to do when it fails.

use std::sync::Arc;

use hearth_model::clock::Timestamp;
use sqlx::sqlite::SqliteConnection;

use super::errors::{Place, code};
use super::run::{BEGIN, COMMIT, Runner, Stage, alike};
use crate::faults::FaultPoint;
use crate::operation::{Operation, Outcome, Step, StepOutcome};
use crate::{Faults, StateError};

/// How a transaction failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// Nothing was changed; another try, of fewer operations, may succeed.
    Undone(StateError),
    /// The transaction could not begin: no other would.
    NotBegun(StateError),
    /// Whether it was committed is not known.
    Unknown(StateError),
}

impl Failure {
    pub(super) fn into_error(self) -> StateError {
        match self {
            Self::Undone(error) | Self::NotBegun(error) | Self::Unknown(error) => error,
        }
    }
}

/// A connection in this process's turn.
#[derive(Debug)]
pub(super) struct Batch<'a> {
    pub(super) connection: &'a mut SqliteConnection,
    pub(super) place: &'a Place,
    pub(super) faults: Option<&'a Arc<dyn Faults>>,
    pub(super) now: Timestamp,
}

impl Batch<'_> {
    /// Runs the operations in one transaction and commits it; answers one outcome each.
    ///
    /// Nobody was answered yet, so they may happen in any order: those that are alike go together. What decides between its steps
    /// mostly decides to go on, so first all is run as if it did, and begun anew with decisions where one did not.
    pub(super) async fn commit(&mut self, operations: &[Operation]) -> Result<Vec<Outcome>, Failure> {
        if self.faults.is_some() {
            return self.commit_stepwise(operations).await;
        }
        let order = order_of(operations);
        let steps: Vec<&[Step]> = order.iter().map(|at| operations[*at].steps.as_slice()).collect();
        let decides = operations.iter().any(Operation::decides);
        match self.runner().transaction(&steps, !decides).await {
            Ok(answers) => {
                let outcomes = outcomes_of(&order, operations, answers);
                if !decides {
                    return Ok(outcomes);
                }
                if operations.iter().zip(&outcomes).any(|(operation, outcome)| decided_otherwise(operation, outcome)) {
                    self.undo().await;
                    return self.commit_stepwise(operations).await;
                }
                match self.runner().control(COMMIT).await {
                    Ok(()) => Ok(outcomes),
                    Err(error) => Err(self.failed(&Stage::Commit, &error).await),
                }
            }
            Err((Stage::Steps, _)) if decides => {
                self.undo().await;
                self.commit_stepwise(operations).await
            }
            Err((stage, error)) => Err(self.failed(&stage, &error).await),
        }
    }

    /// The same with a call for each part, where something is to be decided between them.
    async fn commit_stepwise(&mut self, operations: &[Operation]) -> Result<Vec<Outcome>, Failure> {
        if let Err(error) = self.runner().control(BEGIN).await {
            return Err(self.failed(&Stage::Begin, &error).await);
        }
        let ran = self.operations(operations).await;
        let ready = ran.and_then(|outcomes| self.fault(FaultPoint::BeforeCommit).map(|()| outcomes));
        let outcomes = match ready {
            Ok(outcomes) => outcomes,
            Err(error) => {
                self.undo().await;
                return Err(Failure::Undone(error));
            }
        };
        if let Err(error) = self.runner().control(COMMIT).await {
            return Err(self.failed(&Stage::Commit, &error).await);
        }
        self.fault(FaultPoint::AfterCommit).map_err(Failure::Unknown)?;
        Ok(outcomes)
    }

    async fn failed(&mut self, stage: &Stage, error: &sqlx::Error) -> Failure {
        self.undo().await;
        let explained = self.place.explain(error);
        match stage {
            Stage::Begin => Failure::NotBegun(explained),
            Stage::Steps => Failure::Undone(explained),
            // Busy and full are answered before anything is committed; after another error only a restart would tell.
            Stage::Commit if matches!(code(error).map(|code| code & 0xff), Some(5 | 13)) => Failure::Undone(explained),
            Stage::Commit => Failure::Unknown(explained),
        }
    }

    async fn operations(&mut self, operations: &[Operation]) -> Result<Vec<Outcome>, StateError> {
        let mut outcomes = Vec::with_capacity(operations.len());
        // What cannot be undone on its own goes together; the rest needs decisions between its steps.
        for group in operations.chunk_by(|left, right| !left.decides() && !right.decides()) {
            match group {
                [operation] if operation.decides() => outcomes.push(self.deciding(operation).await?),
                _ => {
                    let order: Vec<usize> = (0..group.len()).collect();
                    let steps: Vec<&[Step]> = group.iter().map(|operation| operation.steps.as_slice()).collect();
                    let answers = self.steps(&steps).await?;
                    outcomes.extend(outcomes_of(&order, group, answers));
                }
            }
        }
        Ok(outcomes)
    }

    /// Stops at the first required step that finds no row, and undoes what came before it.
    async fn deciding(&mut self, operation: &Operation) -> Result<Outcome, StateError> {
        let savepoint = operation.can_be_undone();
        if savepoint {
            self.control("SAVEPOINT operation").await?;
        }
        let mut outcome = Outcome { done: true, steps: Vec::with_capacity(operation.steps.len()) };
        let mut rest = operation.steps.as_slice();
        while !rest.is_empty() && outcome.done {
            // Up to and including the next required step.
            let length = rest.iter().position(|step| step.required).map_or(rest.len(), |position| position + 1);
            let (now, later) = rest.split_at(length);
            outcome.steps.extend(self.steps(&[now]).await?);
            outcome.done = !found_nothing(now.last(), outcome.steps.last());
            rest = later;
        }
        if savepoint && !outcome.done {
            self.control("ROLLBACK TO operation").await?;
        }
        if savepoint {
            self.control("RELEASE operation").await?;
        }
        Ok(outcome)
    }

    async fn steps(&mut self, operations: &[&[Step]]) -> Result<Vec<StepOutcome>, StateError> {
        if self.faults.is_none() {
            let place = self.place;
            return self.runner().all(operations).await.map_err(|error| place.explain(&error));
        }
        let mut outcomes = Vec::new();
        for step in operations.iter().copied().flatten() {
            self.fault(FaultPoint::BeforeStatement(step.statement.name))?;
            let place = self.place;
            outcomes.push(self.runner().one(step).await.map_err(|error| place.explain(&error))?);
            self.fault(FaultPoint::AfterStatement(step.statement.name))?;
        }
        Ok(outcomes)
    }

    async fn control(&mut self, sql: &'static str) -> Result<(), StateError> {
        let place = self.place;
        self.runner().control(sql).await.map_err(|error| place.explain(&error))
    }

    /// SQLite has undone the transaction by itself after some errors; then this finds none to undo, which is as good.
    async fn undo(&mut self) {
        self.runner().control("ROLLBACK").await.ok();
    }

    fn fault(&self, point: FaultPoint) -> Result<(), StateError> {
        self.faults.map_or(Ok(()), |faults| faults.at(point))
    }

    fn runner(&mut self) -> Runner<'_> {
        Runner::new(self.connection, self.now)
    }
}

/// The operations with those that are alike one behind the other, otherwise as they came.
fn order_of(operations: &[Operation]) -> Vec<usize> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (at, operation) in operations.iter().enumerate() {
        let known = groups.iter_mut().find(|group| alike(&operations[group[0]].steps, &operation.steps));
        match known {
            Some(group) => group.push(at),
            None => groups.push(vec![at]),
        }
    }
    groups.concat()
}

/// Distributes the answers to steps that were all run, in this order of the operations.
fn outcomes_of(order: &[usize], operations: &[Operation], answers: Vec<StepOutcome>) -> Vec<Outcome> {
    let mut answers = answers.into_iter();
    let mut outcomes: Vec<Outcome> = operations.iter().map(|_| Outcome::default()).collect();
    for at in order {
        let operation = &operations[*at];
        let steps: Vec<StepOutcome> = answers.by_ref().take(operation.steps.len()).collect();
        outcomes[*at] = Outcome { done: !found_nothing(operation.steps.last(), steps.last()), steps };
    }
    outcomes
}

/// Whether a step would have ended an operation whose steps were all run.
fn decided_otherwise(operation: &Operation, outcome: &Outcome) -> bool {
    operation.decides()
        && operation.steps.iter().zip(&outcome.steps).any(|(step, answer)| found_nothing(Some(step), Some(answer)))
}

fn found_nothing(step: Option<&Step>, answer: Option<&StepOutcome>) -> bool {
    step.is_some_and(|step| step.required) && answer.is_some_and(|answer| answer.affected == 0)
}

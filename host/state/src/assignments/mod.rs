//! Assignments: which worker is to run which deployment of which app.

mod mssql;
mod sqlite;

use hearth_model::ids::{AppName, DeploymentId, WorkerId};

use crate::leases::{self, Lease, UnderLease};
use crate::operation::{Operation, Row, Statement, Step, Value};
use crate::{Database, StateError};

static CHECK: Statement = Statement::query("assignments.check", sqlite::CHECK, mssql::CHECK);
static CLEAR: Statement = Statement::change("assignments.clear", sqlite::CLEAR, mssql::CLEAR);
static ADD: Statement = Statement::change("assignments.add", sqlite::ADD, mssql::ADD);
static LIST: Statement = Statement::query("assignments.list", sqlite::LIST, mssql::LIST);
static LIVE_OF: Statement = Statement::query("assignments.live-of", sqlite::LIVE_OF, mssql::LIVE_OF);
static FOR_WORKER: Statement = Statement::query("assignments.for-worker", sqlite::FOR_WORKER, mssql::FOR_WORKER);

/// App, worker, deployment, and the app's generation under which they were brought together.
pub type Assignment = (AppName, WorkerId, DeploymentId, u64);

/// Operations on assignments.
#[derive(Clone, Debug)]
pub struct Assignments(pub(crate) Database);

impl Assignments {
    /// Replaces the assignments of an app, if `generation` is still the app's. False, and no change, otherwise.
    pub async fn replace(
        &self,
        app: &AppName,
        generation: u64,
        workers: &[(WorkerId, DeploymentId)],
    ) -> Result<bool, StateError> {
        Ok(self.0.write(Operation::full(replacement(app, generation, workers))).await?.done)
    }

    /// As [`Assignments::replace`], by whoever decides under this lease.
    pub async fn replace_under(
        &self,
        lease: &Lease,
        app: &AppName,
        generation: u64,
        workers: &[(WorkerId, DeploymentId)],
    ) -> Result<UnderLease<bool>, StateError> {
        let mut steps = vec![leases::fence(lease)];
        steps.extend(replacement(app, generation, workers));
        let outcome = self.0.write(Operation::full(steps)).await?;
        Ok(if outcome.affected(0) == 0 { UnderLease::Stale } else { UnderLease::Done(outcome.done) })
    }

    /// All assignments, by app and worker.
    pub async fn list(&self) -> Result<Vec<Assignment>, StateError> {
        self.0.read(Step::new(&LIST, vec![])).await?.iter().map(from_row).collect()
    }

    /// The workers that are to run an app and are not missing, by name, each with the URL of its private listener.
    pub async fn live_of(&self, app: &AppName) -> Result<Vec<(WorkerId, String)>, StateError> {
        let rows = self.0.read(Step::new(&LIVE_OF, vec![app.as_str().into()])).await?;
        rows.iter().map(|row| Ok((row.id(0)?, row.text(1)?.to_owned()))).collect()
    }

    /// What one worker is to run, by app.
    pub async fn for_worker(&self, worker: &WorkerId) -> Result<Vec<Assignment>, StateError> {
        let query = Step::new(&FOR_WORKER, vec![worker.as_str().into()]);
        self.0.read(query).await?.iter().map(from_row).collect()
    }
}

fn replacement(app: &AppName, generation: u64, workers: &[(WorkerId, DeploymentId)]) -> Vec<Step> {
    let name = || Value::from(app.as_str());
    let mut steps = vec![Step::required(&CHECK, vec![name(), generation.into()]), Step::new(&CLEAR, vec![name()])];
    for (worker, deployment) in workers {
        let args = vec![name(), worker.as_str().into(), deployment.as_str().into(), generation.into()];
        steps.push(Step::new(&ADD, args));
    }
    steps
}

fn from_row(row: &Row) -> Result<Assignment, StateError> {
    Ok((row.id(0)?, row.id(1)?, row.id(2)?, row.unsigned(3)?))
}

//! What operators decide about a worker: it is kept until they decide otherwise.

use hearth_model::control::Standing;
use hearth_model::ids::WorkerId;

use super::{Members, mssql, sqlite};
use crate::StateError;
use crate::operation::{Operation, Statement, Step, Value};

static ENSURE: Statement = Statement::change("members.ensure", sqlite::ENSURE, mssql::ENSURE);
static STAND: Statement = Statement::change("members.stand", sqlite::STAND, mssql::STAND);
static REMOVE: Statement = Statement::change("members.remove", sqlite::REMOVE, mssql::REMOVE);
static READMIT: Statement = Statement::change("members.readmit", sqlite::READMIT, mssql::READMIT);
static REMOVE_SEAT: Statement = Statement::change("members.remove-seat", sqlite::REMOVE_SEAT, mssql::REMOVE_SEAT);

impl Members {
    /// Writes down what an operator decided, and why. False when there is no such worker, or it was removed.
    pub async fn set_standing(&self, name: &WorkerId, standing: Standing, reason: &str) -> Result<bool, StateError> {
        if standing == Standing::Removed {
            return self.remove(name, reason).await;
        }
        let name = || Value::from(name.as_str());
        let steps = vec![
            Step::new(&ENSURE, vec![name()]),
            Step::new(&STAND, vec![number(standing).into(), reason.into(), Value::Now(0), name()]),
        ];
        let outcome = self.0.write(Operation::full(steps)).await?;
        Ok(outcome.affected(1) == 1)
    }

    /// Takes a worker out: its credential is void, and registrations under its name are refused until it joins again with
    /// a new token. False when there is no such worker.
    pub async fn remove(&self, name: &WorkerId, reason: &str) -> Result<bool, StateError> {
        let name = || Value::from(name.as_str());
        let steps = vec![
            Step::new(&ENSURE, vec![name()]),
            Step::new(&REMOVE, vec![reason.into(), Value::Now(0), name()]),
            Step::new(&REMOVE_SEAT, vec![name()]),
        ];
        let outcome = self.0.write(Operation::full(steps)).await?;
        Ok(outcome.affected(1) == 1)
    }

    /// A worker that was removed may register again without joining: who asks has shown that it needs no credential of its
    /// own. Changes nothing of others.
    pub async fn readmit(&self, name: &WorkerId) -> Result<(), StateError> {
        let args = vec![Value::Now(0), name.as_str().into()];
        self.0.write(Operation::full(vec![Step::new(&READMIT, args)])).await.map(drop)
    }
}

fn number(standing: Standing) -> i64 {
    match standing {
        Standing::InService => 0,
        Standing::Cordoned => 1,
        Standing::Draining => 2,
        Standing::Removed => 3,
    }
}

pub(super) fn of(number: i64) -> Option<Standing> {
    [Standing::InService, Standing::Cordoned, Standing::Draining, Standing::Removed]
        .into_iter()
        .find(|standing| self::number(*standing) == number)
}

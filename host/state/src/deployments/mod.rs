//! Deployments: what was published, how far it got, and its log. One deployment of an app is in progress at a time.

mod mssql;
mod record;
mod sqlite;

use hearth_model::ids::{AppName, DeploymentId};

use crate::leases::{self, Lease, UnderLease};
use crate::operation::{Operation, Row, Statement, Step, Value};
use crate::{Database, StateError};

pub use record::{Deployment, DeploymentStatus, DeploymentUpdate, LogEntry, LogKind, NewDeployment};

static INSERT: Statement = Statement::change("deployments.insert", sqlite::INSERT, mssql::INSERT);
static PRESENT: Statement = Statement::query("deployments.present", sqlite::PRESENT, mssql::PRESENT);
static APP: Statement = Statement::query("deployments.app", sqlite::APP, mssql::APP);
static UPDATE: Statement = Statement::change("deployments.update", sqlite::UPDATE, mssql::UPDATE);
static GET: Statement = Statement::query("deployments.get", sqlite::GET, mssql::GET);
static LATEST: Statement = Statement::query("deployments.latest", sqlite::LATEST, mssql::LATEST);
static LIST: Statement = Statement::query("deployments.list", sqlite::LIST, mssql::LIST);
static ADD_LOG: Statement = Statement::change("deployments.add-log", sqlite::ADD_LOG, mssql::ADD_LOG);
static LOGS: Statement = Statement::query("deployments.logs", sqlite::LOGS, mssql::LOGS);
static PRUNE_LOGS: Statement = Statement::change("deployments.prune-logs", sqlite::PRUNE_LOGS, mssql::PRUNE_LOGS);
static PRUNE: Statement = Statement::change("deployments.prune", sqlite::PRUNE, mssql::PRUNE);
static FAIL_INTERRUPTED: Statement =
    Statement::change("deployments.fail-interrupted", sqlite::FAIL_INTERRUPTED, mssql::FAIL_INTERRUPTED);

/// Operations on deployments.
#[derive(Clone, Debug)]
pub struct Deployments(pub(crate) Database);

impl Deployments {
    /// Records a deployment as received now and pending. Repeating it with the same id changes nothing.
    ///
    /// # Errors
    /// [`StateError::Conflict`] when another deployment of the app is in progress, [`StateError::Missing`] when there is
    /// no such app.
    pub async fn insert(&self, new: &NewDeployment) -> Result<(), StateError> {
        let id = || Value::from(new.id.as_str());
        let app = || Value::from(new.app.as_str());
        let args = vec![
            id(),
            app(),
            new.digest.as_str().into(),
            new.size.into(),
            DeploymentStatus::Pending.code().into(),
            new.author.as_str().into(),
            new.author_email.as_str().into(),
            new.deployer.as_str().into(),
            new.message.as_str().into(),
            Value::Now(0),
            Value::Now(0),
            app(),
        ];
        let steps =
            vec![Step::new(&INSERT, args), Step::new(&PRESENT, vec![id(), app()]), Step::new(&APP, vec![app()])];
        let outcome = self.0.write(Operation::full(steps)).await?;
        match (outcome.affected(1), outcome.affected(2)) {
            (1.., _) => Ok(()),
            (0, 0) => Err(crate::apps::unknown(&new.app)),
            _ => Err(StateError::Conflict(format!(
                "another deployment of app '{}' is in progress: wait until it is complete",
                new.app
            ))),
        }
    }

    /// Changes a deployment that is not complete. False if it is complete or unknown: then nothing was changed.
    pub async fn update(&self, id: &DeploymentId, update: DeploymentUpdate) -> Result<bool, StateError> {
        let outcome = self.0.write(Operation::full(vec![updating(id, update)])).await?;
        Ok(outcome.affected(0) == 1)
    }

    /// As [`Deployments::update`], by whoever decides under this lease.
    pub async fn update_under(
        &self,
        lease: &Lease,
        id: &DeploymentId,
        update: DeploymentUpdate,
    ) -> Result<UnderLease<bool>, StateError> {
        let steps = vec![leases::fence(lease), updating(id, update)];
        let outcome = self.0.write(Operation::full(steps)).await?;
        Ok(if outcome.affected(0) == 0 { UnderLease::Stale } else { UnderLease::Done(outcome.affected(1) == 1) })
    }

    /// The deployment of this id.
    pub async fn get(&self, id: &DeploymentId) -> Result<Option<Deployment>, StateError> {
        self.one(Step::new(&GET, vec![id.as_str().into()])).await
    }

    /// The deployment of the app that was received last.
    pub async fn latest(&self, app: &AppName) -> Result<Option<Deployment>, StateError> {
        self.one(Step::new(&LATEST, vec![app.as_str().into()])).await
    }

    /// The deployments of the app, the last received first; at most 1,000.
    pub async fn list(&self, app: &AppName) -> Result<Vec<Deployment>, StateError> {
        let rows = self.0.read(Step::new(&LIST, vec![app.as_str().into()])).await?;
        rows.iter().map(Deployment::from_row).collect()
    }

    /// Appends a line to the deployment's log; ignored when there is no such deployment. A line is not worth a disk
    /// flush of its own: it may be lost with the machine's power, and a repeated call repeats the line.
    pub async fn add_log(&self, id: &DeploymentId, message: &str, kind: LogKind) -> Result<(), StateError> {
        let id = || Value::from(id.as_str());
        let args = vec![id(), Value::Now(0), kind.code().into(), message.into(), id()];
        self.0.write(Operation::normal(vec![Step::new(&ADD_LOG, args)])).await?;
        Ok(())
    }

    /// The deployment's log from its beginning; at most 10,000 lines.
    pub async fn logs(&self, id: &DeploymentId) -> Result<Vec<LogEntry>, StateError> {
        let rows = self.0.read(Step::new(&LOGS, vec![id.as_str().into()])).await?;
        rows.iter().map(LogEntry::from_row).collect()
    }

    /// Marks every deployment in progress as failed, because the management process that drove it is gone; answers
    /// which. To be called by the one management that starts, before it takes a deployment.
    pub async fn fail_interrupted(&self) -> Result<Vec<DeploymentId>, StateError> {
        let args = vec![DeploymentStatus::Failed.code().into(), INTERRUPTED.into(), Value::Now(0)];
        let outcome = self.0.write(Operation::full(vec![Step::new(&FAIL_INTERRUPTED, args)])).await?;
        outcome.steps.iter().flat_map(|step| &step.rows).map(|row: &Row| row.id(0)).collect()
    }

    /// Forgets the old deployments of an app with their logs; answers how many. Left are those in progress, the one that
    /// serves, those that a worker is to run, and of the others the `keep` that were received last. Their packages go
    /// with the next [`crate::Packages::collect_unreferenced`].
    pub async fn prune(&self, app: &AppName, keep: u64) -> Result<u64, StateError> {
        let name = || Value::from(app.as_str());
        let args = || vec![name(), name(), name(), keep.into()];
        let steps = vec![Step::new(&PRUNE_LOGS, args()), Step::new(&PRUNE, args())];
        Ok(self.0.write(Operation::full(steps)).await?.affected(1))
    }

    async fn one(&self, query: Step) -> Result<Option<Deployment>, StateError> {
        self.0.read(query).await?.first().map(Deployment::from_row).transpose()
    }
}

/// The one step of a change.
fn updating(id: &DeploymentId, update: DeploymentUpdate) -> Step {
    let mut args = Vec::with_capacity(12);
    // Each optional value is preceded by a flag that says whether it is given.
    let mut optional = |value: Option<Value>, absent: Value| {
        args.push(Value::from(value.is_some()));
        args.push(value.unwrap_or(absent));
    };
    let text = |text: Option<String>| text.map(|text| Value::Text(text.into()));
    optional(update.status.map(|status| status.code().into()), 0_i64.into());
    optional(text(update.status_text), "".into());
    optional(text(update.progress), "".into());
    optional(text(update.functions_json), "".into());
    args.extend([update.complete.into(), update.complete.into(), Value::Now(0), id.as_str().into()]);
    Step::new(&UPDATE, args)
}

const INTERRUPTED: &str = "The deployment was interrupted because the management process stopped. Publish again.";

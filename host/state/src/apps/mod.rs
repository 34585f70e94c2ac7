//! Function apps: their host names, publish credential, and which deployment is active.
//!
//! Activation is fenced by a generation that only grows, also when an app is deleted and made again under its name.

mod mssql;
mod sqlite;

use hearth_model::clock::Timestamp;
use hearth_model::ids::{AppName, DeploymentId};

use crate::leases::{self, Lease, UnderLease};
use crate::operation::{Operation, Outcome, Row, Statement, Step, Value};
use crate::{Database, StateError};

static CREATE: Statement = Statement::change("apps.create", sqlite::CREATE, mssql::CREATE);
static GET: Statement = Statement::query("apps.get", sqlite::GET, mssql::GET);
static BY_HOST_NAME: Statement = Statement::query("apps.by-host-name", sqlite::BY_HOST_NAME, mssql::BY_HOST_NAME);
static LIST: Statement = Statement::query("apps.list", sqlite::LIST, mssql::LIST);
static SET_PUBLISH_CREDENTIAL: Statement =
    Statement::change("apps.set-publish-credential", sqlite::SET_PUBLISH_CREDENTIAL, mssql::SET_PUBLISH_CREDENTIAL);
static CHECK: Statement = Statement::query("apps.check", sqlite::CHECK, mssql::CHECK);
static CLEAR_HOST_NAMES: Statement =
    Statement::change("apps.clear-host-names", sqlite::CLEAR_HOST_NAMES, mssql::CLEAR_HOST_NAMES);
static ADD_HOST_NAME: Statement = Statement::change("apps.add-host-name", sqlite::ADD_HOST_NAME, mssql::ADD_HOST_NAME);
static ACTIVATE: Statement = Statement::change("apps.activate", sqlite::ACTIVATE, mssql::ACTIVATE);
static CHECK_DEPLOYMENT: Statement =
    Statement::query("apps.check-deployment", sqlite::CHECK_DEPLOYMENT, mssql::CHECK_DEPLOYMENT);
static RETIRE: Statement = Statement::change("apps.retire", sqlite::RETIRE, mssql::RETIRE);
static DELETE: Statement = Statement::change("apps.delete", sqlite::DELETE, mssql::DELETE);
static DELETE_ASSIGNMENTS: Statement =
    Statement::change("apps.delete-assignments", sqlite::DELETE_ASSIGNMENTS, mssql::DELETE_ASSIGNMENTS);
static DELETE_LOGS: Statement = Statement::change("apps.delete-logs", sqlite::DELETE_LOGS, mssql::DELETE_LOGS);
static DELETE_DEPLOYMENTS: Statement =
    Statement::change("apps.delete-deployments", sqlite::DELETE_DEPLOYMENTS, mssql::DELETE_DEPLOYMENTS);

/// A function app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    /// Its name.
    pub name: AppName,
    /// When it was created.
    pub created: Timestamp,
    /// Custom host names in lower case, sorted.
    pub host_names: Vec<String>,
    /// The deployment that serves, once there is one.
    pub active: Option<DeploymentId>,
    /// Grows with every activation; the fence for [`Apps::activate`] and assignments.
    pub generation: u64,
    /// The publish credential as sealed by the caller.
    pub publish_credential: Vec<u8>,
}

/// Operations on apps.
#[derive(Clone, Debug)]
pub struct Apps(pub(crate) Database);

impl Apps {
    /// Creates an app. False if one of this name exists; that one is left as it is.
    pub async fn create(&self, name: &AppName, publish_credential_sealed: &[u8]) -> Result<bool, StateError> {
        let args = vec![name.as_str().into(), Value::Now(0), publish_credential_sealed.into(), name.as_str().into()];
        let outcome = self.0.write(Operation::full(vec![Step::new(&CREATE, args)])).await?;
        Ok(outcome.affected(0) == 1)
    }

    /// The app of this name.
    pub async fn get(&self, name: &AppName) -> Result<Option<App>, StateError> {
        Ok(collect(&self.0.read(Step::new(&GET, vec![name.as_str().into()])).await?)?.pop())
    }

    /// The app that has this custom host name; case does not matter.
    pub async fn by_host_name(&self, host_name: &str) -> Result<Option<App>, StateError> {
        let args = vec![host_name.to_ascii_lowercase().as_str().into()];
        Ok(collect(&self.0.read(Step::new(&BY_HOST_NAME, args)).await?)?.pop())
    }

    /// All apps, by name.
    pub async fn list(&self) -> Result<Vec<App>, StateError> {
        collect(&self.0.read(Step::new(&LIST, vec![])).await?)
    }

    /// Replaces the publish credential of an app; the earlier one is of no use from now on. False if there is no such app.
    pub async fn set_publish_credential(&self, name: &AppName, sealed: &[u8]) -> Result<bool, StateError> {
        let step = Step::new(&SET_PUBLISH_CREDENTIAL, vec![sealed.into(), name.as_str().into()]);
        Ok(self.0.write(Operation::full(vec![step])).await?.affected(0) == 1)
    }

    /// Replaces the custom host names of an app. Whether they are host names is for the caller to check.
    ///
    /// # Errors
    /// [`StateError::Conflict`] when another app has one of them, [`StateError::Missing`] when the app does not exist;
    /// either way nothing was changed.
    pub async fn set_host_names(&self, name: &AppName, host_names: &[String]) -> Result<(), StateError> {
        let mut wanted: Vec<String> = host_names.iter().map(|host| host.to_ascii_lowercase()).collect();
        wanted.sort();
        wanted.dedup();
        let app = || Value::from(name.as_str());
        let mut steps = vec![Step::required(&CHECK, vec![app()]), Step::new(&CLEAR_HOST_NAMES, vec![app()])];
        for host in &wanted {
            steps.push(Step::required(&ADD_HOST_NAME, vec![host.as_str().into(), app()]));
        }
        let outcome = self.0.write(Operation::full(steps)).await?;
        match outcome.steps.len() {
            _ if outcome.done => Ok(()),
            0 | 1 => Err(unknown(name)),
            reached => Err(StateError::Conflict(format!(
                "host name '{}' belongs to another app: remove it there first",
                wanted.get(reached - 3).map_or("", String::as_str)
            ))),
        }
    }

    /// Makes a deployment of the app the one that serves, if the app's generation is still the expected one. Answers
    /// the new generation, or None if another activation came first.
    ///
    /// # Errors
    /// [`StateError::Missing`] when the app does not exist or the deployment is not one of its own.
    pub async fn activate(
        &self,
        name: &AppName,
        deployment: &DeploymentId,
        expected_generation: u64,
    ) -> Result<Option<u64>, StateError> {
        let steps = activation(name, deployment, expected_generation);
        let outcome = self.0.write(Operation::full(steps)).await?;
        activated(&outcome, 0, name, deployment, expected_generation)
    }

    /// As [`Apps::activate`], by whoever decides under this lease.
    ///
    /// # Errors
    /// As there.
    pub async fn activate_under(
        &self,
        lease: &Lease,
        name: &AppName,
        deployment: &DeploymentId,
        expected_generation: u64,
    ) -> Result<UnderLease<Option<u64>>, StateError> {
        let mut steps = vec![leases::fence(lease)];
        steps.extend(activation(name, deployment, expected_generation));
        let outcome = self.0.write(Operation::full(steps)).await?;
        if outcome.affected(0) == 0 {
            return Ok(UnderLease::Stale);
        }
        activated(&outcome, 1, name, deployment, expected_generation).map(UnderLease::Done)
    }

    /// Deletes an app with its host names, settings, keys, timers, leases of feeds, queue and document accounts, deployments and assignments. Its packages go with the next
    /// [`crate::Packages::collect_unreferenced`]. False if there is none.
    pub async fn delete(&self, name: &AppName) -> Result<bool, StateError> {
        let app = || vec![Value::from(name.as_str())];
        let steps = vec![
            Step::required(&RETIRE, app()),
            // Takes settings, keys, timers and its accounts with it, by triggers.
            Step::new(&DELETE, app()),
            Step::new(&CLEAR_HOST_NAMES, app()),
            Step::new(&DELETE_ASSIGNMENTS, app()),
            Step::new(&DELETE_LOGS, app()),
            Step::new(&DELETE_DEPLOYMENTS, app()),
        ];
        Ok(self.0.write(Operation::full(steps)).await?.done)
    }
}

fn activation(name: &AppName, deployment: &DeploymentId, expected_generation: u64) -> Vec<Step> {
    let pair = || vec![Value::from(deployment.as_str()), Value::from(name.as_str())];
    let mut args = pair();
    args.push(expected_generation.into());
    args.extend(pair());
    vec![Step::new(&CHECK_DEPLOYMENT, pair()), Step::new(&ACTIVATE, args)]
}

/// The answer of an activation whose steps begin at `first`.
fn activated(
    outcome: &Outcome,
    first: usize,
    name: &AppName,
    deployment: &DeploymentId,
    expected_generation: u64,
) -> Result<Option<u64>, StateError> {
    if outcome.affected(first) == 0 {
        return Err(StateError::Missing(format!("app '{name}' has no deployment '{deployment}'")));
    }
    Ok((outcome.affected(first + 1) == 1).then_some(expected_generation + 1))
}

pub(crate) fn unknown(name: &AppName) -> StateError {
    StateError::Missing(format!("there is no app '{name}'"))
}

/// Rows are one per host name (or one with an empty host name), ordered by app and host name.
fn collect(rows: &[Row]) -> Result<Vec<App>, StateError> {
    let mut apps: Vec<App> = Vec::new();
    for row in rows {
        let host_name = row.text(5)?;
        match apps.last_mut() {
            Some(app) if app.name.as_str() == row.text(0)? => app.host_names.push(host_name.to_owned()),
            _ => apps.push(App {
                name: row.id(0)?,
                created: row.time(1)?,
                publish_credential: row.bytes(2)?.to_vec(),
                active: row.optional_id(3)?,
                generation: row.unsigned(4)?,
                host_names: (!host_name.is_empty()).then(|| host_name.to_owned()).into_iter().collect(),
            }),
        }
    }
    Ok(apps)
}

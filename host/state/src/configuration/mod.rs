//! What was changed when: one revision for the installation, raised in the same transaction as every change of an app's
//! settings, keys or mode, and when an app is created or deleted.
//!
//! Revisions become visible in their order, so whoever has seen one has seen all before it: [`Configuration::changes`]
//! misses none. It is one look at an index, meant to be asked twice a second by every worker.

mod mssql;
mod sqlite;

use hearth_model::ids::AppName;

use crate::operation::{Operation, Outcome, Row, Statement, Step, Value};
use crate::{Database, StateError};

static CHECK: Statement = Statement::query("configuration.check", sqlite::CHECK, mssql::CHECK);
static RAISE: Statement = Statement::change("configuration.raise", sqlite::RAISE, mssql::RAISE);
static STAMP_SETTINGS: Statement =
    Statement::change("configuration.stamp-settings", sqlite::STAMP_SETTINGS, mssql::STAMP_SETTINGS);
static STAMP_KEYS: Statement = Statement::change("configuration.stamp-keys", sqlite::STAMP_KEYS, mssql::STAMP_KEYS);
static STAMP_MODE: Statement = Statement::change("configuration.stamp-mode", sqlite::STAMP_MODE, mssql::STAMP_MODE);
pub(crate) static CHANGES: Statement = Statement::query("configuration.changes", sqlite::CHANGES, mssql::CHANGES);
static GET: Statement = Statement::query("configuration.get", sqlite::GET, mssql::GET);
static REVISION: Statement = Statement::query("configuration.revision", sqlite::REVISION, mssql::REVISION);

/// Whether an app takes work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AppMode {
    /// It does.
    #[default]
    Running = 0,
    /// It finishes what it has and starts nothing of its own; calls are still answered.
    Draining = 1,
    /// Callers are told that it is away.
    Offline = 2,
}

/// How an app's configuration stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppRevision {
    /// The app.
    pub app: AppName,
    /// Revision of the last change of any kind.
    pub revision: u64,
    /// Revision of the last change of its settings, or of the last restart that was asked for.
    pub settings: u64,
    /// Revision of the last change of its keys.
    pub keys: u64,
    /// Whether it takes work.
    pub mode: AppMode,
    /// Whether the app was deleted, and with it its settings and keys. An app made again under the name has a greater
    /// revision and this false.
    pub deleted: bool,
}

/// Operations on the configuration of apps as a whole.
#[derive(Clone, Debug)]
pub struct Configuration(pub(crate) Database);

impl Configuration {
    /// The apps that were changed, created or deleted after this revision, by name. Ask next with the greatest
    /// [`AppRevision::revision`] in the answer, or with the same number when there is none. From 0: every app.
    pub async fn changes(&self, since: u64) -> Result<Vec<AppRevision>, StateError> {
        let rows = self.0.read(Step::new(&CHANGES, vec![since.into()])).await?;
        rows.iter().map(AppRevision::from_row).collect()
    }

    /// How the configuration of this app stands; None when there is no such app.
    pub async fn get(&self, app: &AppName) -> Result<Option<AppRevision>, StateError> {
        let rows = self.0.read(Step::new(&GET, vec![app.as_str().into()])).await?;
        rows.first().map(AppRevision::from_row).transpose()
    }

    /// The revision of the last change of any app.
    pub async fn revision(&self) -> Result<u64, StateError> {
        let rows = self.0.read(Step::new(&REVISION, vec![])).await?;
        rows.first().map_or_else(|| Err(damaged()), |row| row.unsigned(0))
    }

    /// Has every worker load the app again, as if its settings had changed; answers the revision.
    ///
    /// # Errors
    /// [`StateError::Missing`] when there is no such app.
    pub async fn restart(&self, app: &AppName) -> Result<u64, StateError> {
        let mut steps = vec![check(app)];
        steps.extend(stamp_settings(app));
        revision_of(app, &self.0.write(Operation::full(steps)).await?)
    }

    /// Changes whether the app takes work; answers the new revision, or None if it was so already.
    ///
    /// # Errors
    /// [`StateError::Missing`] when there is no such app.
    pub async fn set_mode(&self, app: &AppName, mode: AppMode) -> Result<Option<u64>, StateError> {
        let code = || Value::from(mode as i64);
        let stamp = Step::required(&STAMP_MODE, vec![code(), app.as_str().into(), code()]);
        let steps = vec![check(app), Step::new(&RAISE, vec![]), stamp];
        let outcome = self.0.write(Operation::full(steps)).await?;
        match outcome.steps.len() {
            3 if !outcome.done => Ok(None),
            _ => revision_of(app, &outcome).map(Some),
        }
    }
}

impl AppRevision {
    fn from_row(row: &Row) -> Result<Self, StateError> {
        let mode = match row.int(4)? {
            0 => AppMode::Running,
            1 => AppMode::Draining,
            2 => AppMode::Offline,
            _ => return Err(row.unexpected(4)),
        };
        Ok(Self {
            app: row.id(0)?,
            revision: row.unsigned(1)?,
            settings: row.unsigned(2)?,
            keys: row.unsigned(3)?,
            mode,
            deleted: row.flag(5)?,
        })
    }
}

/// Stops an operation where there is no such app.
pub(crate) fn check(app: &AppName) -> Step {
    Step::required(&CHECK, vec![app.as_str().into()])
}

/// Raises the revision and gives it to the app's settings.
pub(crate) fn stamp_settings(app: &AppName) -> [Step; 2] {
    [Step::new(&RAISE, vec![]), Step::new(&STAMP_SETTINGS, vec![app.as_str().into()])]
}

/// Raises the revision and gives it to the app's keys.
pub(crate) fn stamp_keys(app: &AppName) -> [Step; 2] {
    [Step::new(&RAISE, vec![]), Step::new(&STAMP_KEYS, vec![app.as_str().into()])]
}

/// The revision that the last step of a done operation answered.
pub(crate) fn revision_of(app: &AppName, outcome: &Outcome) -> Result<u64, StateError> {
    if !outcome.done {
        return Err(crate::apps::unknown(app));
    }
    outcome.steps.last().and_then(|step| step.rows.first()).map_or_else(|| Err(damaged()), |row| row.unsigned(0))
}

fn damaged() -> StateError {
    StateError::Corrupt("the state database has lost its configuration revision: restore it from a backup".to_owned())
}

//! The settings of each app: names and sealed values.
//!
//! Names are compared as .NET configuration does: case does not matter, and `:` is the same as `__`. A change is one
//! operation on what was read, fenced by the revision of the app's settings; when another came between, it is worked
//! out again. A change that changes nothing is not written, so that nobody loads the app again for it.

mod change;
mod mssql;
mod sqlite;

use std::fmt;

use hearth_model::ids::AppName;
use zeroize::Zeroizing;

use crate::configuration::{revision_of, stamp_settings};
use crate::operation::{Operation, Statement, Step};
use crate::{Database, Keyring, StateError, sealed};
use change::Stored;

pub use change::{MAX_SETTING_BYTES, MAX_SETTINGS, SettingsChange};

static LIST: Statement = Statement::query("app-settings.list", sqlite::LIST, mssql::LIST);
static FENCE: Statement = Statement::query("app-settings.fence", sqlite::FENCE, mssql::FENCE);
static REMOVE: Statement = Statement::change("app-settings.remove", sqlite::REMOVE, mssql::REMOVE);
static PUT: Statement = Statement::change("app-settings.put", sqlite::PUT, mssql::PUT);

/// How often a change is worked out again because another came first. Each time one other change was made.
pub(crate) const ATTEMPTS: usize = 100;

/// The settings of an app as they were at a revision.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredSettings {
    /// Revision of their last change; what [`SettingsChange::expected`] takes.
    pub revision: u64,
    /// Names and values, by name.
    pub values: Vec<(String, String)>,
}

impl fmt::Debug for StoredSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.values.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("StoredSettings").field("revision", &self.revision).field("names", &names).finish()
    }
}

/// How long the values of an app's settings were at a revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingSizes {
    /// Revision of their last change.
    pub revision: u64,
    /// Names and bytes of the values, by name.
    pub sizes: Vec<(String, usize)>,
}

/// Operations on app settings.
#[derive(Clone, Debug)]
pub struct AppSettings(pub(crate) Database);

impl AppSettings {
    /// The settings of an app, by name.
    ///
    /// # Errors
    /// [`StateError::Missing`] when there is no such app, [`StateError::Corrupt`] when a value was sealed with a key that
    /// the key file does not hold.
    pub async fn list(&self, keyring: &Keyring, app: &AppName) -> Result<Vec<(String, String)>, StateError> {
        Ok(self.snapshot(keyring, app).await?.values)
    }

    /// The settings of an app with the revision at which they were read.
    ///
    /// # Errors
    /// As [`AppSettings::list`].
    pub async fn snapshot(&self, keyring: &Keyring, app: &AppName) -> Result<StoredSettings, StateError> {
        let (revision, stored) = self.read(keyring, app).await?;
        let mut values = Vec::with_capacity(stored.len());
        for (name, value) in stored.into_values() {
            let mut value = value.map_err(|error| match error {
                StateError::Corrupt(why) => StateError::Corrupt(format!(
                    "the setting '{name}' of app '{app}' cannot be read; set or remove it: {why}"
                )),
                error => error,
            })?;
            values.push((name, std::mem::take(&mut *value)));
        }
        Ok(StoredSettings { revision, values })
    }

    /// How long the value of each setting of an app is in bytes, by name, and at which revision. A value that cannot be
    /// opened counts as empty, so that this answers also where [`AppSettings::snapshot`] can't.
    ///
    /// # Errors
    /// [`StateError::Missing`] when there is no such app.
    pub async fn sizes(&self, keyring: &Keyring, app: &AppName) -> Result<SettingSizes, StateError> {
        let (revision, stored) = self.read(keyring, app).await?;
        let size = |(name, value): (String, Result<Zeroizing<String>, StateError>)| {
            (name, value.map_or(0, |value| value.len()))
        };
        Ok(SettingSizes { revision, sizes: stored.into_values().map(size).collect() })
    }

    /// Changes settings of an app, all or none; answers the revision of its settings, which is a new one only if
    /// something changed. Repeating it is safe.
    ///
    /// # Errors
    /// [`StateError::Missing`] when there is no such app, [`StateError::Rejected`] for a name or value that no setting may
    /// have or when there would be too many, [`StateError::Conflict`] when the settings are not at the expected revision.
    pub async fn change(&self, keyring: &Keyring, app: &AppName, change: &SettingsChange) -> Result<u64, StateError> {
        for _ in 0..ATTEMPTS {
            let (revision, stored) = self.read(keyring, app).await?;
            if change.expected.is_some_and(|expected| expected != revision) {
                return Err(StateError::Conflict(format!(
                    "the settings of app '{app}' were changed meanwhile: look at them and decide again"
                )));
            }
            let plan = change.plan(app, &stored)?;
            if plan.is_empty() {
                return Ok(revision);
            }
            let name = || app.as_str().into();
            let mut steps = vec![Step::required(&FENCE, vec![name(), revision.into()])];
            for folded in &plan.remove {
                steps.push(Step::new(&REMOVE, vec![name(), folded.as_str().into()]));
            }
            for (folded, spelling, value) in &plan.put {
                let value = keyring.seal(&sealed::app_setting(app, folded), value.as_bytes());
                let args = vec![name(), folded.as_str().into(), (*spelling).into(), value.as_slice().into()];
                steps.push(Step::new(&PUT, args));
            }
            steps.extend(stamp_settings(app));
            let outcome = self.0.write(Operation::full(steps)).await?;
            if outcome.done {
                return revision_of(app, &outcome);
            }
        }
        Err(StateError::Unavailable(format!("the settings of app '{app}' are being changed by too many at once")))
    }

    async fn read(&self, keyring: &Keyring, app: &AppName) -> Result<(u64, Stored), StateError> {
        let rows = self.0.read(Step::new(&LIST, vec![app.as_str().into()])).await?;
        let first = rows.first().ok_or_else(|| crate::apps::unknown(app))?;
        let revision = first.unsigned(0)?;
        let mut stored = Stored::new();
        for row in &rows {
            let folded = row.text(1)?;
            if folded.is_empty() {
                continue;
            }
            // One that cannot be opened can still be set again or removed.
            let value = keyring.open_text(&sealed::app_setting(app, folded), row.bytes(3)?);
            stored.insert(folded.to_owned(), (row.text(2)?.to_owned(), value));
        }
        Ok((revision, stored))
    }
}

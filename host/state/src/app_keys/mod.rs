//! The keys of each app, sealed: the master key, those of all functions, of the system, and of single functions.
//!
//! The master key and the keys `default` are made by themselves, each once: a `default` that was deleted leaves a mark
//! and stays away. A change is fenced like one of settings, and seen by every worker through the same revision.

mod mssql;
mod sqlite;

use hearth_model::ids::{AppName, FunctionName};
use hearth_model::keys::{self, KeyScope, KeySet, NamedKey};

use crate::app_settings::ATTEMPTS;
use crate::configuration::{check, revision_of, stamp_keys};
use crate::operation::{Operation, Statement, Step, Value};
use crate::{Database, Keyring, StateError, sealed};

static LIST: Statement = Statement::query("app-keys.list", sqlite::LIST, mssql::LIST);
static FENCE: Statement = Statement::query("app-keys.fence", sqlite::FENCE, mssql::FENCE);
static PUT: Statement = Statement::change("app-keys.put", sqlite::PUT, mssql::PUT);
static REMOVE: Statement = Statement::change("app-keys.remove", sqlite::REMOVE, mssql::REMOVE);
static MARK_REMOVED: Statement = Statement::change("app-keys.mark-removed", sqlite::MARK_REMOVED, mssql::MARK_REMOVED);

/// Most keys of one scope.
pub const MAX_KEYS: usize = 100;

/// What putting a key did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyPut {
    /// There was none of this name.
    Created,
    /// The earlier value opens nothing any more, unless it was the same.
    Replaced,
}

/// Operations on app keys.
#[derive(Clone, Debug)]
pub struct AppKeys(pub(crate) Database);

/// Every key that was ever made, with an empty value where it was deleted or cannot be opened, at a revision.
struct Stored {
    revision: u64,
    keys: Vec<(KeyScope, NamedKey)>,
    /// Why a key cannot be opened. Such a key can still be replaced or deleted.
    damaged: Option<StateError>,
}

impl Stored {
    fn opened(self) -> Result<Vec<(KeyScope, NamedKey)>, StateError> {
        self.damaged.map_or(Ok(self.keys), Err)
    }
}

impl AppKeys {
    /// The keys of an app.
    ///
    /// # Errors
    /// [`StateError::Missing`] when there is no such app, [`StateError::Corrupt`] when a value was sealed with a key that
    /// the key file does not hold: never are new keys made in place of such.
    pub async fn list(&self, keyring: &Keyring, app: &AppName) -> Result<KeySet, StateError> {
        Ok(KeySet::new(self.read(keyring, app).await?.opened()?))
    }

    /// The keys of an app, after making its master key and its host key `default` if they never were. When several do
    /// this at once they get the same keys.
    ///
    /// # Errors
    /// As [`AppKeys::list`] and those of a write. Where host state cannot be written, [`AppKeys::list`] still answers.
    pub async fn ensure(&self, keyring: &Keyring, app: &AppName) -> Result<KeySet, StateError> {
        self.make(keyring, app, &[(KeyScope::Master, keys::MASTER), (KeyScope::Host, keys::DEFAULT)]).await
    }

    /// The keys of an app, after making the key `default` of a function if it never was. Whether the app has such a
    /// function is for the caller to check.
    ///
    /// # Errors
    /// As [`AppKeys::ensure`].
    pub async fn ensure_function(
        &self,
        keyring: &Keyring,
        app: &AppName,
        function: &FunctionName,
    ) -> Result<KeySet, StateError> {
        self.make(keyring, app, &[(KeyScope::function(function.as_str()), keys::DEFAULT)]).await
    }

    /// Sets a key. The name of a master key does not matter: there is one. The same value again changes nothing.
    ///
    /// # Errors
    /// [`StateError::Missing`] when there is no such app, [`StateError::Rejected`] for a name or value that no key may
    /// have, or when the scope has [`MAX_KEYS`] already.
    pub async fn put(
        &self,
        keyring: &Keyring,
        app: &AppName,
        scope: &KeyScope,
        name: &str,
        value: &str,
    ) -> Result<KeyPut, StateError> {
        let name = if *scope == KeyScope::Master { keys::MASTER } else { name };
        keys::check_name(name).and_then(|()| keys::check_value(value)).map_err(StateError::Rejected)?;
        for _ in 0..ATTEMPTS {
            let stored = self.read(keyring, app).await?;
            let others = stored.keys.iter().filter(|(of, key)| of == scope && !key.value.is_empty());
            let (mut count, mut before) = (0, None);
            for (_, key) in others {
                count += 1;
                if keys::folded(&key.name) == keys::folded(name) {
                    before = Some(key);
                }
            }
            if before.is_none() && count >= MAX_KEYS {
                return Err(StateError::Rejected(format!(
                    "the scope {scope} of app '{app}' has {count} keys, and a scope may have {MAX_KEYS}: delete one first"
                )));
            }
            if before.is_some_and(|key| key.name == name && key.value == value) {
                return Ok(KeyPut::Replaced);
            }
            if self.write(keyring, app, stored.revision, &[(scope, name, value)]).await? {
                return Ok(if before.is_some() { KeyPut::Replaced } else { KeyPut::Created });
            }
        }
        Err(contended(app))
    }

    /// Deletes a key, from now on it opens nothing. False if there is none of this name.
    ///
    /// # Errors
    /// [`StateError::Missing`] when there is no such app, [`StateError::Rejected`] for the master key, which can only be
    /// replaced.
    pub async fn delete(&self, app: &AppName, scope: &KeyScope, name: &str) -> Result<bool, StateError> {
        if *scope == KeyScope::Master {
            return Err(StateError::Rejected("the master key cannot be deleted: replace it".to_owned()));
        }
        let folded = keys::folded(name);
        let statement = if folded == keys::DEFAULT { &MARK_REMOVED } else { &REMOVE };
        let args = vec![app.as_str().into(), scope.to_string().as_str().into(), folded.as_str().into()];
        let mut steps = vec![check(app), Step::required(statement, args)];
        steps.extend(stamp_keys(app));
        let outcome = self.0.write(Operation::full(steps)).await?;
        if outcome.done || outcome.steps.len() > 1 { Ok(outcome.done) } else { Err(crate::apps::unknown(app)) }
    }

    async fn make(&self, keyring: &Keyring, app: &AppName, wanted: &[(KeyScope, &str)]) -> Result<KeySet, StateError> {
        for _ in 0..ATTEMPTS {
            let stored = self.read(keyring, app).await?;
            let is = |scope: &KeyScope, name: &str| {
                stored.keys.iter().any(|(of, key)| of == scope && keys::folded(&key.name) == name)
            };
            let missing: Vec<_> = wanted.iter().filter(|(scope, name)| !is(scope, name)).collect();
            if missing.is_empty() {
                return Ok(KeySet::new(stored.opened()?));
            }
            let mut made = Vec::new();
            for (scope, name) in missing {
                let value = keys::generate().map_err(|error| {
                    StateError::Unavailable(format!("the system gives no random numbers ({error})"))
                })?;
                made.push((scope.clone(), NamedKey::new(*name, value)));
            }
            let puts: Vec<_> = made.iter().map(|(scope, key)| (scope, key.name.as_str(), key.value.as_str())).collect();
            if self.write(keyring, app, stored.revision, &puts).await? {
                return Ok(KeySet::new(stored.opened()?.into_iter().chain(made)));
            }
        }
        Err(contended(app))
    }

    /// False, and no change, when the keys are no longer at this revision.
    async fn write(
        &self,
        keyring: &Keyring,
        app: &AppName,
        revision: u64,
        puts: &[(&KeyScope, &str, &str)],
    ) -> Result<bool, StateError> {
        let mut steps = vec![Step::required(&FENCE, vec![app.as_str().into(), revision.into()])];
        for (scope, name, value) in puts {
            let folded = keys::folded(name);
            let value = keyring.seal(&sealed::app_key(app, scope, &folded), value.as_bytes());
            let scope = Value::from(scope.to_string().as_str());
            let args =
                vec![app.as_str().into(), scope, folded.as_str().into(), (*name).into(), value.as_slice().into()];
            steps.push(Step::new(&PUT, args));
        }
        steps.extend(stamp_keys(app));
        let outcome = self.0.write(Operation::full(steps)).await?;
        if outcome.done {
            revision_of(app, &outcome)?;
        }
        Ok(outcome.done)
    }

    async fn read(&self, keyring: &Keyring, app: &AppName) -> Result<Stored, StateError> {
        let rows = self.0.read(Step::new(&LIST, vec![app.as_str().into()])).await?;
        let first = rows.first().ok_or_else(|| crate::apps::unknown(app))?;
        let mut stored = Stored { revision: first.unsigned(0)?, keys: Vec::new(), damaged: None };
        for row in rows.iter().filter(|row| row.text(1).is_ok_and(|scope| !scope.is_empty())) {
            let (scope, folded): (KeyScope, &str) = (row.id(1)?, row.text(2)?);
            let value = match row.bytes(4)? {
                [] => String::new(),
                sealed => match keyring.open_text(&sealed::app_key(app, &scope, folded), sealed) {
                    Ok(mut value) => std::mem::take(&mut *value),
                    Err(error) => {
                        stored.damaged = Some(error);
                        String::new()
                    }
                },
            };
            stored.keys.push((scope, NamedKey::new(row.text(3)?, value)));
        }
        Ok(stored)
    }
}

fn contended(app: &AppName) -> StateError {
    StateError::Unavailable(format!("the keys of app '{app}' are being changed by too many at once"))
}

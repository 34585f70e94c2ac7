//! Accounts of the queue service: a name, two keys, the properties of its service. Each app has one of its own, made on first
//! need and gone with the app; others are made by name.

use hearth_model::clock::Timestamp;
use hearth_model::ids::AppName;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::{mssql, sqlite};
use crate::operation::{Operation, Row, Statement, Step, Value};
use crate::{Database, Keyring, StateError, sealed};

static CREATE_ACCOUNT: Statement =
    Statement::change("queue-accounts.create", sqlite::CREATE_ACCOUNT, mssql::CREATE_ACCOUNT);
static ADD_KEY: Statement = Statement::change("queue-accounts.add-key", sqlite::ADD_KEY, mssql::ADD_KEY);
static ACCOUNT: Statement = Statement::query("queue-accounts.get", sqlite::ACCOUNT, mssql::ACCOUNT);
static ACCOUNT_OF_APP: Statement =
    Statement::query("queue-accounts.of-app", sqlite::ACCOUNT_OF_APP, mssql::ACCOUNT_OF_APP);
static ACCOUNTS: Statement = Statement::query("queue-accounts.list", sqlite::ACCOUNTS, mssql::ACCOUNTS);
static SET_KEY: Statement = Statement::change("queue-accounts.set-key", sqlite::SET_KEY, mssql::SET_KEY);
static SET_PROPERTIES: Statement =
    Statement::change("queue-accounts.set-properties", sqlite::SET_PROPERTIES, mssql::SET_PROPERTIES);
static RETIRE_QUEUES: Statement =
    Statement::change("queue-accounts.retire-queues", sqlite::RETIRE_QUEUES, mssql::RETIRE_QUEUES);
static DELETE_QUEUES: Statement =
    Statement::change("queue-accounts.delete-queues", sqlite::DELETE_QUEUES, mssql::DELETE_QUEUES);
static DELETE_KEYS: Statement =
    Statement::change("queue-accounts.delete-keys", sqlite::DELETE_KEYS, mssql::DELETE_KEYS);
static DELETE_ACCOUNT: Statement =
    Statement::change("queue-accounts.delete", sqlite::DELETE_ACCOUNT, mssql::DELETE_ACCOUNT);

/// Bytes of a key that is made, as in Azure.
const KEY_BYTES: usize = 64;

/// Which of an account's two keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountKeyName {
    /// The first, which connection strings hold.
    Key1,
    /// The second, for the time in which the first is replaced.
    Key2,
}

impl AccountKeyName {
    /// `key1` or `key2`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Key1 => "key1",
            Self::Key2 => "key2",
        }
    }
}

/// An account with its keys.
#[derive(Clone, PartialEq, Eq)]
pub struct QueueAccount {
    /// Its name.
    pub name: String,
    /// The app whose own it is.
    pub app: Option<AppName>,
    /// When it was made.
    pub created: Timestamp,
    /// Properties of its service, in the caller's own form; empty until they are set.
    pub properties: String,
    /// Key 1 and key 2.
    pub keys: Vec<Zeroizing<Vec<u8>>>,
}

/// Without its keys.
impl std::fmt::Debug for QueueAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("QueueAccount").field("name", &self.name).field("app", &self.app).finish_non_exhaustive()
    }
}

/// Operations on accounts. Whether a name keeps the rules is for the caller to check.
#[derive(Clone, Debug)]
pub struct QueueAccounts(pub(crate) Database);

impl QueueAccounts {
    /// Makes an account with two new keys. False if there is one of this name; that one is left as it is.
    ///
    /// # Errors
    /// Those of a write.
    pub async fn create(&self, keyring: &Keyring, name: &str) -> Result<bool, StateError> {
        self.add(keyring, name, None, [new_key()?, new_key()?]).await
    }

    /// Makes an account with this key for both, unless there is one of this name. For the account that every development tool
    /// knows.
    ///
    /// # Errors
    /// Those of a write.
    pub async fn ensure_known(&self, keyring: &Keyring, name: &str, key: &[u8]) -> Result<bool, StateError> {
        self.add(keyring, name, None, [Zeroizing::new(key.to_vec()), Zeroizing::new(key.to_vec())]).await
    }

    /// The account of an app, made if there is none. When several do this at once they get the same.
    ///
    /// # Errors
    /// [`StateError::Missing`] when there is no such app, [`StateError::Corrupt`] when a key was sealed with a key that the key
    /// file does not hold.
    pub async fn ensure_for_app(&self, keyring: &Keyring, app: &AppName) -> Result<QueueAccount, StateError> {
        for name in names_for(app) {
            if let Some(account) = self.of_app(keyring, app).await? {
                return Ok(account);
            }
            self.add(keyring, &name, Some(app), [new_key()?, new_key()?]).await?;
        }
        match self.of_app(keyring, app).await? {
            Some(account) => Ok(account),
            None if self.0.apps().get(app).await?.is_none() => Err(crate::apps::unknown(app)),
            None => Err(StateError::Conflict(format!(
                "every name for the queue account of app '{app}' is taken: delete an account that is not used"
            ))),
        }
    }

    /// The account of this name.
    ///
    /// # Errors
    /// [`StateError::Corrupt`] when a key was sealed with a key that the key file does not hold.
    pub async fn get(&self, keyring: &Keyring, name: &str) -> Result<Option<QueueAccount>, StateError> {
        opened(keyring, &self.0.read(Step::new(&ACCOUNT, vec![name.into()])).await?)
    }

    /// The own account of an app, if it was made.
    ///
    /// # Errors
    /// As [`QueueAccounts::get`].
    pub async fn of_app(&self, keyring: &Keyring, app: &AppName) -> Result<Option<QueueAccount>, StateError> {
        opened(keyring, &self.0.read(Step::new(&ACCOUNT_OF_APP, vec![app.as_str().into()])).await?)
    }

    /// Names of all accounts with the apps whose own they are.
    ///
    /// # Errors
    /// Those of a read.
    pub async fn list(&self) -> Result<Vec<(String, Option<AppName>)>, StateError> {
        let rows = self.0.read(Step::new(&ACCOUNTS, vec![])).await?;
        rows.iter().map(|row| Ok((row.text(0)?.to_owned(), row.optional_id(1)?))).collect()
    }

    /// Puts a new key in the place of one; what was signed with the old one is refused from now on. False if there is no such
    /// account.
    ///
    /// # Errors
    /// Those of a write.
    pub async fn renew_key(&self, keyring: &Keyring, name: &str, key: AccountKeyName) -> Result<bool, StateError> {
        let value = keyring.seal(&sealed::queue_account_key(name, key.as_str()), &new_key()?);
        let step = Step::new(&SET_KEY, vec![value.as_slice().into(), name.into(), key.as_str().into()]);
        Ok(self.0.write(Operation::full(vec![step])).await?.affected(0) == 1)
    }

    /// Replaces the properties of an account's service. False if there is no such account.
    ///
    /// # Errors
    /// Those of a write.
    pub async fn set_properties(&self, name: &str, properties: &str) -> Result<bool, StateError> {
        let step = Step::new(&SET_PROPERTIES, vec![properties.into(), name.into()]);
        Ok(self.0.write(Operation::full(vec![step])).await?.affected(0) == 1)
    }

    /// Deletes an account with its queues and their messages. False if there is none.
    ///
    /// # Errors
    /// Those of a write.
    pub async fn delete(&self, name: &str) -> Result<bool, StateError> {
        let steps = vec![
            Step::new(&RETIRE_QUEUES, vec![Value::Now(0), name.into()]),
            Step::new(&DELETE_QUEUES, vec![name.into()]),
            Step::new(&DELETE_KEYS, vec![name.into()]),
            Step::new(&DELETE_ACCOUNT, vec![name.into()]),
        ];
        Ok(self.0.write(Operation::full(steps)).await?.affected(3) == 1)
    }

    async fn add(
        &self,
        keyring: &Keyring,
        name: &str,
        app: Option<&AppName>,
        keys: [Zeroizing<Vec<u8>>; 2],
    ) -> Result<bool, StateError> {
        let app = app.map_or("", AppName::as_str);
        let args = vec![name.into(), app.into(), Value::Now(0), app.into(), app.into()];
        let mut steps = vec![Step::required(&CREATE_ACCOUNT, args)];
        for (key, value) in [AccountKeyName::Key1, AccountKeyName::Key2].into_iter().zip(keys) {
            let sealed = keyring.seal(&sealed::queue_account_key(name, key.as_str()), &value);
            steps.push(Step::new(&ADD_KEY, vec![name.into(), key.as_str().into(), sealed.as_slice().into()]));
        }
        Ok(self.0.write(Operation::full(steps)).await?.done)
    }
}

/// Names that the account of an app may have: its own where that keeps the rules for accounts, then ones made from it.
fn names_for(app: &AppName) -> Vec<String> {
    let plain: String = app.as_str().chars().filter(char::is_ascii_alphanumeric).collect();
    let hash: String = Sha256::digest(app.as_str()).iter().map(|byte| format!("{byte:02x}")).collect();
    let beginning: String = plain.chars().take(14).collect();
    let made = (0..3).map(|turn| format!("{beginning}{}", &hash[turn * 10..turn * 10 + 10]));
    let own = Some(app.as_str()).filter(|name| *name == plain && (3..=24).contains(&name.len()));
    own.map(str::to_owned).into_iter().chain(made).collect()
}

fn new_key() -> Result<Zeroizing<Vec<u8>>, StateError> {
    let mut key = Zeroizing::new(vec![0; KEY_BYTES]);
    getrandom::fill(&mut key)
        .map_err(|error| StateError::Unavailable(format!("the system gives no random numbers ({error})")))?;
    Ok(key)
}

/// An account from its rows, one for each key.
fn opened(keyring: &Keyring, rows: &[Row]) -> Result<Option<QueueAccount>, StateError> {
    let Some(first) = rows.first() else { return Ok(None) };
    let name = first.text(0)?.to_owned();
    let key =
        |row: &Row| keyring.open(&sealed::queue_account_key(&name, row.text(4)?), row.bytes(5)?).map(Zeroizing::new);
    let keys = rows.iter().map(key).collect::<Result<_, _>>()?;
    let (app, created, properties) = (first.optional_id(1)?, first.time(2)?, first.text(3)?.to_owned());
    Ok(Some(QueueAccount { name, app, created, properties, keys }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_for_an_app_keep_the_rules_of_accounts() {
        let names = |app: &str| names_for(&AppName::parse(app).unwrap());
        assert_eq!(names("shop")[0], "shop");
        assert_eq!(names("shop").len(), 4);
        for app in ["my-shop", "ab", &"long".repeat(15), "a-b-c"] {
            let names = names(app);
            assert_eq!(names.len(), 3, "{app} is no name of an account");
            let rules =
                |name: &String| (3..=24).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric());
            assert!(names.iter().all(rules), "{names:?}");
        }
        assert_ne!(names("my-shop")[0], names("mysh-op")[0], "apps whose names differ in hyphens have their own");
    }
}

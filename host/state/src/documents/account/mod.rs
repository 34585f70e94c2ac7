//! Accounts of the document store: a name, four keys, the properties of its service. Each app has one of its own, made on first
//! need and gone with the app; others are made by name.

mod mssql;
mod sqlite;

use hearth_model::clock::Timestamp;
use hearth_model::ids::AppName;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::operation::{Operation, Row, Statement, Step, Value};
use crate::{Database, Keyring, StateError, sealed};

static CREATE: Statement = Statement::change("document-accounts.create", sqlite::CREATE, mssql::CREATE);
static ADD_KEY: Statement = Statement::change("document-accounts.add-key", sqlite::ADD_KEY, mssql::ADD_KEY);
static GET: Statement = Statement::query("document-accounts.get", sqlite::GET, mssql::GET);
static OF_APP: Statement = Statement::query("document-accounts.of-app", sqlite::OF_APP, mssql::OF_APP);
static LIST: Statement = Statement::query("document-accounts.list", sqlite::LIST, mssql::LIST);
static SET_KEY: Statement = Statement::change("document-accounts.set-key", sqlite::SET_KEY, mssql::SET_KEY);
static SET_PROPERTIES: Statement =
    Statement::change("document-accounts.set-properties", sqlite::SET_PROPERTIES, mssql::SET_PROPERTIES);
static DELETE: Statement = Statement::change("document-accounts.delete", sqlite::DELETE, mssql::DELETE);
static RETIRE_CONTAINERS: Statement =
    Statement::change("document-accounts.retire-containers", sqlite::RETIRE_CONTAINERS, mssql::RETIRE_CONTAINERS);
static DELETE_RANGES: Statement =
    Statement::change("document-accounts.delete-ranges", sqlite::DELETE_RANGES, mssql::DELETE_RANGES);
static DELETE_RESOURCES: Statement =
    Statement::change("document-accounts.delete-resources", sqlite::DELETE_RESOURCES, mssql::DELETE_RESOURCES);
static DELETE_KEYS: Statement =
    Statement::change("document-accounts.delete-keys", sqlite::DELETE_KEYS, mssql::DELETE_KEYS);

/// Bytes of a key that is made, as in Azure.
const KEY_BYTES: usize = 64;

/// Which of an account's four keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DocumentKeyName {
    /// The first that may do everything, which connection strings hold.
    Primary,
    /// The second that may do everything, for the time in which the first is replaced.
    Secondary,
    /// The first that may only read.
    PrimaryReadonly,
    /// The second that may only read.
    SecondaryReadonly,
}

impl DocumentKeyName {
    /// All of them, in the order of [`DocumentAccount::keys`].
    pub const ALL: [Self; 4] = [Self::Primary, Self::Secondary, Self::PrimaryReadonly, Self::SecondaryReadonly];

    /// As it is called: `primary`, `secondary`, `primaryReadonly` or `secondaryReadonly`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Secondary => "secondary",
            Self::PrimaryReadonly => "primaryReadonly",
            Self::SecondaryReadonly => "secondaryReadonly",
        }
    }

    /// The key that is called like this.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.as_str() == text)
    }

    /// Whether nothing can be changed with it.
    pub const fn is_read_only(self) -> bool {
        matches!(self, Self::PrimaryReadonly | Self::SecondaryReadonly)
    }
}

/// An account with its keys.
#[derive(Clone, PartialEq, Eq)]
pub struct DocumentAccount {
    /// Its name.
    pub name: String,
    /// The app whose own it is.
    pub app: Option<AppName>,
    /// When it was made.
    pub created: Timestamp,
    /// Properties of its service, in the caller's own form; empty until they are set.
    pub properties: String,
    /// Its keys in the order of [`DocumentKeyName::ALL`].
    pub keys: [Zeroizing<Vec<u8>>; 4],
}

impl DocumentAccount {
    /// The key of this name.
    pub fn key(&self, name: DocumentKeyName) -> &[u8] {
        let [primary, secondary, primary_readonly, secondary_readonly] = &self.keys;
        match name {
            DocumentKeyName::Primary => primary,
            DocumentKeyName::Secondary => secondary,
            DocumentKeyName::PrimaryReadonly => primary_readonly,
            DocumentKeyName::SecondaryReadonly => secondary_readonly,
        }
    }
}

/// Without its keys.
impl std::fmt::Debug for DocumentAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DocumentAccount").field("name", &self.name).field("app", &self.app).finish_non_exhaustive()
    }
}

/// Operations on accounts. Whether a name keeps the rules is for the caller to check.
#[derive(Clone, Debug)]
pub struct DocumentAccounts(pub(crate) Database);

impl DocumentAccounts {
    /// Makes an account with four new keys. False if there is one of this name; that one is left as it is.
    ///
    /// # Errors
    /// Those of a write.
    pub async fn create(&self, keyring: &Keyring, name: &str) -> Result<bool, StateError> {
        self.add(keyring, name, None, new_keys()?).await
    }

    /// Makes an account whose keys that may do everything are this one, unless there is one of this name. For the account that
    /// every development tool knows.
    ///
    /// # Errors
    /// Those of a write.
    pub async fn ensure_known(&self, keyring: &Keyring, name: &str, key: &[u8]) -> Result<bool, StateError> {
        let known = || Zeroizing::new(key.to_vec());
        self.add(keyring, name, None, [known(), known(), new_key()?, new_key()?]).await
    }

    /// The account of an app, made if there is none. When several do this at once they get the same.
    ///
    /// # Errors
    /// [`StateError::Missing`] when there is no such app, [`StateError::Corrupt`] when a key was sealed with a key that the key
    /// file does not hold.
    pub async fn ensure_for_app(&self, keyring: &Keyring, app: &AppName) -> Result<DocumentAccount, StateError> {
        for name in names_for(app) {
            if let Some(account) = self.of_app(keyring, app).await? {
                return Ok(account);
            }
            self.add(keyring, &name, Some(app), new_keys()?).await?;
        }
        match self.of_app(keyring, app).await? {
            Some(account) => Ok(account),
            None if self.0.apps().get(app).await?.is_none() => Err(crate::apps::unknown(app)),
            None => Err(StateError::Conflict(format!(
                "every name for the document account of app '{app}' is taken: delete an account that is not used"
            ))),
        }
    }

    /// The account of this name.
    ///
    /// # Errors
    /// [`StateError::Corrupt`] when a key was sealed with a key that the key file does not hold.
    pub async fn get(&self, keyring: &Keyring, name: &str) -> Result<Option<DocumentAccount>, StateError> {
        opened(keyring, &self.0.read(Step::new(&GET, vec![name.into()])).await?)
    }

    /// The own account of an app, if it was made.
    ///
    /// # Errors
    /// As [`DocumentAccounts::get`].
    pub async fn of_app(&self, keyring: &Keyring, app: &AppName) -> Result<Option<DocumentAccount>, StateError> {
        opened(keyring, &self.0.read(Step::new(&OF_APP, vec![app.as_str().into()])).await?)
    }

    /// Names of all accounts with the apps whose own they are.
    ///
    /// # Errors
    /// Those of a read.
    pub async fn list(&self) -> Result<Vec<(String, Option<AppName>)>, StateError> {
        let rows = self.0.read(Step::new(&LIST, vec![])).await?;
        rows.iter().map(|row| Ok((row.text(0)?.to_owned(), row.optional_id(1)?))).collect()
    }

    /// Puts a new key in the place of one; what was signed with the old one is refused from now on. False if there is no such
    /// account.
    ///
    /// # Errors
    /// Those of a write.
    pub async fn renew_key(&self, keyring: &Keyring, name: &str, key: DocumentKeyName) -> Result<bool, StateError> {
        let value = keyring.seal(&sealed::document_account_key(name, key.as_str()), &new_key()?);
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

    /// Deletes an account with everything in it, which is gone at once; items are swept later. False if there is none.
    ///
    /// # Errors
    /// Those of a write.
    pub async fn delete(&self, name: &str) -> Result<bool, StateError> {
        // The account first: whoever makes a resource holds its row.
        let statements = [&DELETE, &RETIRE_CONTAINERS, &DELETE_RANGES, &DELETE_RESOURCES, &DELETE_KEYS];
        let steps = statements.map(|statement| Step::new(statement, vec![name.into()]));
        Ok(self.0.write(Operation::full(steps.to_vec())).await?.affected(0) == 1)
    }

    async fn add(
        &self,
        keyring: &Keyring,
        name: &str,
        app: Option<&AppName>,
        keys: [Zeroizing<Vec<u8>>; 4],
    ) -> Result<bool, StateError> {
        let app = app.map_or("", AppName::as_str);
        let args = vec![name.into(), app.into(), Value::Now(0), app.into(), app.into()];
        let mut steps = vec![Step::required(&CREATE, args)];
        for (key, value) in DocumentKeyName::ALL.into_iter().zip(keys) {
            let sealed = keyring.seal(&sealed::document_account_key(name, key.as_str()), &value);
            steps.push(Step::new(&ADD_KEY, vec![name.into(), key.as_str().into(), sealed.as_slice().into()]));
        }
        Ok(self.0.write(Operation::full(steps)).await?.done)
    }
}

/// Names that the account of an app may have: its own where that keeps the rules for accounts, then ones made from it.
fn names_for(app: &AppName) -> Vec<String> {
    let hash: String = Sha256::digest(app.as_str()).iter().map(|byte| format!("{byte:02x}")).collect();
    let beginning: String = app.as_str().chars().take(33).collect();
    let made = (0..3).map(|turn| format!("{beginning}-{}", &hash[turn * 10..turn * 10 + 10]));
    // Clients take an account of this name for one that tells nothing of itself.
    let own = Some(app.as_str()).filter(|name| (3..=44).contains(&name.len()) && *name != "localhost");
    own.map(str::to_owned).into_iter().chain(made).collect()
}

fn new_keys() -> Result<[Zeroizing<Vec<u8>>; 4], StateError> {
    Ok([new_key()?, new_key()?, new_key()?, new_key()?])
}

fn new_key() -> Result<Zeroizing<Vec<u8>>, StateError> {
    let mut key = Zeroizing::new(vec![0; KEY_BYTES]);
    getrandom::fill(&mut key)
        .map_err(|error| StateError::Unavailable(format!("the system gives no random numbers ({error})")))?;
    Ok(key)
}

/// An account from its rows, one for each key.
fn opened(keyring: &Keyring, rows: &[Row]) -> Result<Option<DocumentAccount>, StateError> {
    let Some(first) = rows.first() else { return Ok(None) };
    let name = first.text(0)?.to_owned();
    let mut keys: [Zeroizing<Vec<u8>>; 4] = Default::default();
    for (key, place) in DocumentKeyName::ALL.into_iter().zip(&mut keys) {
        let row = rows.iter().find(|row| row.text(4).is_ok_and(|name| name == key.as_str()));
        let row = row.ok_or_else(|| first.unexpected(4))?;
        let purpose = sealed::document_account_key(&name, key.as_str());
        *place = keyring.open(&purpose, row.bytes(5)?).map(Zeroizing::new)?;
    }
    let (app, created, properties) = (first.optional_id(1)?, first.time(2)?, first.text(3)?.to_owned());
    Ok(Some(DocumentAccount { name, app, created, properties, keys }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_for_an_app_keep_the_rules_of_accounts() {
        let names = |app: &str| names_for(&AppName::parse(app).unwrap());
        assert_eq!(names("my-shop")[0], "my-shop");
        for app in ["my-shop", "ab", &"long".repeat(15), "localhost"] {
            let names = names(app);
            assert!(names.len() >= 3, "{names:?}");
            let rules = |name: &String| {
                (3..=44).contains(&name.len())
                    && name != "localhost"
                    && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
            };
            assert!(names.iter().all(rules), "{names:?}");
        }
    }

    #[test]
    fn keys_are_called_as_clients_call_them() {
        for name in DocumentKeyName::ALL {
            assert_eq!(DocumentKeyName::parse(name.as_str()), Some(name));
            assert_eq!(name.is_read_only(), name.as_str().ends_with("Readonly"));
        }
        assert_eq!(DocumentKeyName::parse("key1"), None);
    }
}

//! Accounts with their keys, remembered for a moment: every request needs one.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hearth_model::ids::AppName;
use hearth_state::{AccountKeyName, QueueAccount, StateError};
use zeroize::Zeroizing;

use super::{QueueError, QueueService, lock};
use crate::protocol::{
    AccountKey, AccountName, ErrorCode, ProtocolError, ServiceProperties, read_properties, write_properties,
};
use crate::{DEVELOPMENT_ACCOUNT, DEVELOPMENT_KEY};

/// How long an account, or that there is none, is remembered; so much later a key that was replaced opens nothing anywhere.
const REMEMBERED_FOR: Duration = Duration::from_secs(2);
/// Most names that are remembered: anybody may ask for any name.
const REMEMBERED: usize = 1000;

/// An account.
#[derive(Clone)]
pub struct Account {
    /// Its name.
    pub name: String,
    /// The app whose own it is.
    pub app: Option<AppName>,
    /// Its keys; either opens everything.
    pub keys: Vec<AccountKey>,
    /// Properties of its service.
    pub properties: ServiceProperties,
}

/// Without its keys.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("name", &self.name).field("app", &self.app).finish_non_exhaustive()
    }
}

/// When a name was looked up, and what was found.
type LookedUp = (Instant, Option<Arc<Account>>);

#[derive(Default)]
pub(super) struct Cache(Mutex<HashMap<String, LookedUp>>);

impl QueueService {
    /// The account of this name; what changed is seen within two seconds, and here at once.
    ///
    /// # Errors
    /// Those of host state.
    pub async fn account(&self, name: &str) -> Result<Option<Arc<Account>>, StateError> {
        if AccountName::parse(name).is_err() || (name == DEVELOPMENT_ACCOUNT && !self.0.options.development) {
            return Ok(None);
        }
        if let Some((at, account)) = lock(&self.0.accounts.0).get(name)
            && at.elapsed() < REMEMBERED_FOR
        {
            return Ok(account.clone());
        }
        let stored = self.0.database.queue_accounts().get(&self.0.keyring, name).await?;
        let account = stored.map(account_of).map(Arc::new);
        let mut cache = lock(&self.0.accounts.0);
        if cache.len() >= REMEMBERED {
            cache.clear();
        }
        cache.insert(name.to_owned(), (Instant::now(), account.clone()));
        Ok(account)
    }

    /// An app's own account, made if there is none.
    ///
    /// # Errors
    /// [`StateError::Missing`] when there is no such app; those of host state.
    pub async fn account_of_app(&self, app: &AppName) -> Result<Arc<Account>, StateError> {
        let stored = self.0.database.queue_accounts().ensure_for_app(&self.0.keyring, app).await?;
        self.forget(&stored.name);
        Ok(Arc::new(account_of(stored)))
    }

    /// The account that every development tool knows, made if there is none. Only where the service is for development.
    ///
    /// # Errors
    /// [`ErrorCode::AuthorizationFailure`] elsewhere; those of host state.
    pub async fn development_account(&self) -> Result<Arc<Account>, QueueError> {
        let key = AccountKey::from_base64(DEVELOPMENT_KEY).filter(|_| self.0.options.development);
        let Some(key) = key else {
            let detail =
                format!("the account '{DEVELOPMENT_ACCOUNT}', whose key is published, is for development alone");
            return Err(ProtocolError::new(ErrorCode::AuthorizationFailure, detail).into());
        };
        let accounts = self.0.database.queue_accounts();
        if accounts.ensure_known(&self.0.keyring, DEVELOPMENT_ACCOUNT, key.as_bytes()).await? {
            self.forget(DEVELOPMENT_ACCOUNT);
        }
        self.account(DEVELOPMENT_ACCOUNT).await?.ok_or_else(|| ErrorCode::ResourceNotFound.into())
    }

    /// Makes an account. False if there is one of this name.
    ///
    /// # Errors
    /// Those of host state.
    pub async fn create_account(&self, name: &AccountName) -> Result<bool, StateError> {
        let created = self.0.database.queue_accounts().create(&self.0.keyring, name.as_str()).await?;
        self.forget(name.as_str());
        Ok(created)
    }

    /// Deletes an account with its queues. False if there is none.
    ///
    /// # Errors
    /// Those of host state.
    pub async fn delete_account(&self, name: &str) -> Result<bool, StateError> {
        let deleted = self.0.database.queue_accounts().delete(name).await?;
        self.forget(name);
        Ok(deleted)
    }

    /// Names of all accounts with the apps whose own they are.
    ///
    /// # Errors
    /// Those of host state.
    pub async fn accounts(&self) -> Result<Vec<(String, Option<AppName>)>, StateError> {
        self.0.database.queue_accounts().list().await
    }

    /// Puts a new key in the place of one; what was signed with the old one is refused, in other processes within two seconds.
    /// False if there is no such account.
    ///
    /// # Errors
    /// Those of host state.
    pub async fn renew_key(&self, name: &str, key: AccountKeyName) -> Result<bool, StateError> {
        let renewed = self.0.database.queue_accounts().renew_key(&self.0.keyring, name, key).await?;
        self.forget(name);
        Ok(renewed)
    }

    /// What a client of this account is configured with; it holds the account's first key.
    pub fn connection_string(&self, account: &Account) -> Zeroizing<String> {
        let (endpoint, name) = (self.endpoint(), &account.name);
        let scheme = endpoint.split("://").next().unwrap_or("http");
        let key = account.keys.first().map(AccountKey::to_base64).unwrap_or_default();
        Zeroizing::new(format!(
            "DefaultEndpointsProtocol={scheme};AccountName={name};AccountKey={};QueueEndpoint={endpoint}/{name};",
            key.as_str()
        ))
    }

    /// Sets what is given of the properties of an account's service.
    ///
    /// # Errors
    /// [`ErrorCode::ResourceNotFound`] when there is no such account; those of host state.
    pub async fn set_properties(&self, name: &str, properties: ServiceProperties) -> Result<(), QueueError> {
        let account = self.account(name).await?.ok_or(ErrorCode::ResourceNotFound)?;
        let all = write_properties(&properties.or(account.properties.clone()));
        let set = self.0.database.queue_accounts().set_properties(name, &all).await?;
        self.forget(name);
        if set { Ok(()) } else { Err(ErrorCode::ResourceNotFound.into()) }
    }

    fn forget(&self, name: &str) {
        lock(&self.0.accounts.0).remove(name);
    }
}

fn account_of(stored: QueueAccount) -> Account {
    // What cannot be read any more was set by another version: the service begins anew.
    let properties = read_properties(stored.properties.as_bytes()).unwrap_or_default();
    Account {
        name: stored.name,
        app: stored.app,
        keys: stored.keys.iter().map(|key| AccountKey::from_bytes(key.to_vec())).collect(),
        properties: properties.or(ServiceProperties::initial()),
    }
}

//! Accounts with their keys, remembered for a moment: every request needs one.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hearth_model::ids::AppName;
use hearth_state::StateError;
use hearth_state::documents::{DocumentAccount, DocumentKeyName};
use zeroize::Zeroizing;

use super::{DocumentService, DocumentsError, lock};
use crate::protocol::DocumentError;
use crate::protocol::account::{AccountName, AccountProperties, DEVELOPMENT_ACCOUNT, DEVELOPMENT_KEY};
use crate::protocol::signature::{AccountKey, Signature};

/// How long an account, or that there is none, is remembered; so much later a key that was replaced opens nothing anywhere.
const REMEMBERED_FOR: Duration = Duration::from_secs(2);
/// Most names that are remembered: anybody may ask for any name.
const REMEMBERED: usize = 1000;

/// What a key opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyRights {
    /// Everything.
    ReadWrite,
    /// Reading, listing, queries and feeds.
    ReadOnly,
}

/// An account.
pub struct Account {
    /// Its name.
    pub name: String,
    /// The app whose own it is.
    pub app: Option<AppName>,
    /// Primary, secondary, primary for reading, secondary for reading.
    pub keys: Vec<AccountKey>,
    /// What an operator sets.
    pub properties: AccountProperties,
    /// The key that signed last: most clients of an account have the same.
    last: AtomicUsize,
}

/// Without its keys.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("name", &self.name).field("app", &self.app).finish_non_exhaustive()
    }
}

impl Account {
    /// What the key opens that made this signature of one of the texts; none when no key of the account made it.
    pub fn signed(&self, texts: &[Vec<u8>], signature: &Signature) -> Option<KeyRights> {
        let last = self.last.load(Ordering::Relaxed);
        for text in texts {
            for turn in 0..self.keys.len() {
                let at = (last + turn) % self.keys.len();
                if self.keys[at].signed(text, signature) {
                    self.last.store(at, Ordering::Relaxed);
                    return Some(if at < 2 { KeyRights::ReadWrite } else { KeyRights::ReadOnly });
                }
            }
        }
        None
    }

    /// What a client of this account is configured with; it holds the account's primary key.
    ///
    /// `endpoint` is the base URL under which callers reach the REST face, with a slash at its end.
    pub fn connection_string(&self, endpoint: &str) -> Zeroizing<String> {
        let key = self.keys.first().map(AccountKey::to_base64).unwrap_or_default();
        Zeroizing::new(format!("AccountEndpoint={endpoint};AccountKey={};", key.as_str()))
    }
}

/// When something was looked up, and what was found.
type LookedUp<T> = (Instant, T);

#[derive(Default)]
pub(super) struct Cache {
    by_name: Mutex<HashMap<String, LookedUp<Option<Arc<Account>>>>>,
    names: Mutex<Option<LookedUp<Arc<[String]>>>>,
    /// Whose key signed the last request that did not name its account.
    last: Mutex<Option<Arc<str>>>,
}

impl DocumentService {
    /// The account of this name; what changed is seen within two seconds, and here at once.
    ///
    /// # Errors
    /// Those of host state.
    pub async fn account(&self, name: &str) -> Result<Option<Arc<Account>>, StateError> {
        if let Some((at, account)) = lock(&self.0.accounts.by_name).get(name)
            && at.elapsed() < REMEMBERED_FOR
        {
            return Ok(account.clone());
        }
        if AccountName::parse(name).is_err() || (name == DEVELOPMENT_ACCOUNT && !self.0.options.development) {
            return Ok(None);
        }
        let stored = self.0.database.document_accounts().get(&self.0.keyring, name).await?;
        let account = stored.map(account_of).map(Arc::new);
        let mut cache = lock(&self.0.accounts.by_name);
        if cache.len() >= REMEMBERED {
            cache.clear();
        }
        cache.insert(name.to_owned(), (Instant::now(), account.clone()));
        Ok(account)
    }

    /// The account one of whose keys made this signature of one of the texts, for requests that do not name theirs.
    ///
    /// # Errors
    /// Those of host state.
    pub(crate) async fn account_that_signed(
        &self,
        texts: &[Vec<u8>],
        signature: &Signature,
    ) -> Result<Option<(Arc<Account>, KeyRights)>, StateError> {
        let last = lock(&self.0.accounts.last).clone();
        if let Some(name) = &last
            && let Some(account) = self.account(name).await?
            && let Some(rights) = account.signed(texts, signature)
        {
            return Ok(Some((account, rights)));
        }
        for name in self.account_names().await?.iter().filter(|name| last.as_deref() != Some(name)) {
            if let Some(account) = self.account(name).await?
                && let Some(rights) = account.signed(texts, signature)
            {
                *lock(&self.0.accounts.last) = Some(account.name.as_str().into());
                return Ok(Some((account, rights)));
            }
        }
        Ok(None)
    }

    async fn account_names(&self) -> Result<Arc<[String]>, StateError> {
        if let Some((at, names)) = &*lock(&self.0.accounts.names)
            && at.elapsed() < REMEMBERED_FOR
        {
            return Ok(Arc::clone(names));
        }
        let names: Arc<[String]> = self.accounts().await?.into_iter().map(|(name, _)| name).collect();
        *lock(&self.0.accounts.names) = Some((Instant::now(), Arc::clone(&names)));
        Ok(names)
    }

    /// An app's own account, made if there is none.
    ///
    /// # Errors
    /// [`StateError::Missing`] when there is no such app; those of host state.
    pub async fn account_of_app(&self, app: &AppName) -> Result<Arc<Account>, StateError> {
        let stored = self.0.database.document_accounts().ensure_for_app(&self.0.keyring, app).await?;
        self.forget_account(&stored.name);
        Ok(Arc::new(account_of(stored)))
    }

    /// The account that every development tool knows, made if there is none. Only where the service is for development.
    ///
    /// # Errors
    /// 403 elsewhere; those of host state.
    pub async fn development_account(&self) -> Result<Arc<Account>, DocumentsError> {
        let key = AccountKey::from_base64(DEVELOPMENT_KEY).filter(|_| self.0.options.development);
        let Some(key) = key else {
            let message =
                format!("The account '{DEVELOPMENT_ACCOUNT}', whose key is published, is for development alone.");
            return Err(DocumentError::new(http::StatusCode::FORBIDDEN, message).into());
        };
        let accounts = self.0.database.document_accounts();
        if accounts.ensure_known(&self.0.keyring, DEVELOPMENT_ACCOUNT, key.as_bytes()).await? {
            self.forget_account(DEVELOPMENT_ACCOUNT);
        }
        self.account(DEVELOPMENT_ACCOUNT).await?.ok_or_else(|| DocumentError::not_found().into())
    }

    /// Makes an account. False if there is one of this name.
    ///
    /// # Errors
    /// Those of host state.
    pub async fn create_account(&self, name: &AccountName) -> Result<bool, StateError> {
        let created = self.0.database.document_accounts().create(&self.0.keyring, name.as_str()).await?;
        self.forget_account(name.as_str());
        Ok(created)
    }

    /// Deletes an account with all that it contains. False if there is none.
    ///
    /// # Errors
    /// Those of host state.
    pub async fn delete_account(&self, name: &str) -> Result<bool, StateError> {
        let deleted = self.0.database.document_accounts().delete(name).await?;
        self.forget_account(name);
        Ok(deleted)
    }

    /// Names of all accounts with the apps whose own they are.
    ///
    /// # Errors
    /// Those of host state.
    pub async fn accounts(&self) -> Result<Vec<(String, Option<AppName>)>, StateError> {
        self.0.database.document_accounts().list().await
    }

    /// Puts a new key in the place of one; what was signed with the old one is refused, in other processes within two seconds.
    /// False if there is no such account.
    ///
    /// # Errors
    /// Those of host state.
    pub async fn renew_key(&self, name: &str, key: DocumentKeyName) -> Result<bool, StateError> {
        let renewed = self.0.database.document_accounts().renew_key(&self.0.keyring, name, key).await?;
        self.forget_account(name);
        Ok(renewed)
    }

    /// Replaces what an operator sets of an account. False if there is no such account.
    ///
    /// # Errors
    /// Those of host state.
    pub async fn set_account_properties(&self, name: &str, properties: &AccountProperties) -> Result<bool, StateError> {
        // A struct of names and numbers always has a JSON text.
        let text = serde_json::to_string(properties).unwrap_or_default();
        let set = self.0.database.document_accounts().set_properties(name, &text).await?;
        self.forget_account(name);
        Ok(set)
    }

    fn forget_account(&self, name: &str) {
        lock(&self.0.accounts.by_name).remove(name);
        *lock(&self.0.accounts.names) = None;
    }
}

fn account_of(stored: DocumentAccount) -> Account {
    // What cannot be read was set by another version: the account is as one that nothing was set of.
    let properties = serde_json::from_str(&stored.properties).unwrap_or_default();
    Account {
        name: stored.name,
        app: stored.app,
        keys: stored.keys.iter().map(|key| AccountKey::from_bytes(key.to_vec())).collect(),
        properties,
        last: AtomicUsize::new(0),
    }
}

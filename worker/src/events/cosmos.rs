//! Which connections to Cosmos DB lead to the embedded store, and to which of its accounts.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hearth_cosmos::{CosmosClient, CosmosClients, CosmosConnection, CosmosTarget};
use hearth_documents::protocol::account::{DEVELOPMENT_ACCOUNT, DEVELOPMENT_KEY};
use hearth_documents::protocol::signature::AccountKey;
use hearth_documents::service::{DocumentService, DocumentsError};
use hearth_model::ids::AppName;
use hearth_triggers::cosmos::{CosmosAccount, EmbeddedAccount};
use subtle::ConstantTimeEq;

/// What a connection led to is looked up again after this long: keys are renewed, and apps made anew.
const FRESH_FOR: Duration = Duration::from_secs(5);
/// Connections that are remembered.
const MAX_KNOWN: usize = 4096;
/// Keys of an account that may write; those after them only read, and their bearers are asked to come by the network.
const WRITING_KEYS: usize = 2;

/// Where a connection leads.
#[derive(Clone, Debug)]
pub(crate) enum CosmosPlace {
    /// To this account of the embedded store.
    Embedded {
        /// Its name.
        account: String,
        /// The host by which whoever comes by the network names it; the account's name where no connection does.
        host: String,
    },
    /// To an endpoint elsewhere.
    Elsewhere(CosmosConnection),
}

/// The embedded store as apps reach it: by library. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Cosmos {
    service: DocumentService,
    /// Shares connections to endpoints elsewhere.
    clients: CosmosClients,
    /// Whether apps without a connection share the account that every development tool knows.
    development: bool,
    /// Port of the store's REST face on this machine.
    port: Option<u16>,
    known: Arc<Mutex<HashMap<Asked, LookedUp>>>,
}

/// When a connection was looked up, and the account that it leads to.
type LookedUp = (Instant, Option<String>);

/// What an account is looked up by.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Asked {
    Own(AppName),
    Key(Vec<u8>),
}

impl fmt::Debug for Cosmos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cosmos").field("development", &self.development).finish_non_exhaustive()
    }
}

impl Cosmos {
    pub(super) fn new(service: DocumentService, clients: CosmosClients, development: bool, port: Option<u16>) -> Self {
        Self { service, clients, development, port, known: Arc::default() }
    }

    /// Where a connection of an app leads.
    ///
    /// # Errors
    /// Those of host state, as public text: another try may do.
    pub(crate) async fn place(&self, app: &AppName, target: &CosmosTarget) -> Result<CosmosPlace, String> {
        let failed = |error: DocumentsError| format!("the document store can't be asked for its accounts: {error}");
        match target {
            CosmosTarget::Own => {
                let account = self.own_account(app).await.map_err(failed)?;
                Ok(CosmosPlace::Embedded { host: account.clone(), account })
            }
            CosmosTarget::Endpoint(connection) => Ok(match self.opened_by(connection).await.map_err(failed)? {
                Some(account) => CosmosPlace::Embedded { account, host: connection.host().to_owned() },
                None => CosmosPlace::Elsewhere(connection.clone()),
            }),
        }
    }

    /// The account that a connection of an app leads to, for listeners.
    ///
    /// # Errors
    /// As [`Self::place`].
    pub(crate) async fn account(&self, app: &AppName, target: &CosmosTarget) -> Result<CosmosAccount, String> {
        match self.place(app, target).await? {
            CosmosPlace::Embedded { account, host } => {
                Ok(CosmosAccount::Embedded(EmbeddedAccount::new(&self.service, &account, &host)))
            }
            CosmosPlace::Elsewhere(connection) => Ok(CosmosAccount::Remote(self.clients.client(&connection))),
        }
    }

    /// The embedded store.
    pub(super) fn service(&self) -> &DocumentService {
        &self.service
    }

    /// The client of a connection that leads elsewhere.
    pub(super) fn client(&self, connection: &CosmosConnection) -> CosmosClient {
        self.clients.client(connection)
    }

    async fn own_account(&self, app: &AppName) -> Result<String, DocumentsError> {
        let asked = Asked::Own(app.clone());
        if let Some(Some(account)) = self.known(&asked) {
            return Ok(account);
        }
        let account = match self.development {
            true => self.service.development_account().await?,
            false => self.service.account_of_app(app).await?,
        };
        self.remember(asked, Some(account.name.clone()));
        Ok(account.name.clone())
    }

    /// An account of this store that the connection's key opens. Keys are random and never given out twice, so the key tells; the one that
    /// everybody knows tells only together with the address.
    async fn opened_by(&self, connection: &CosmosConnection) -> Result<Option<String>, DocumentsError> {
        let is = |key: &AccountKey| bool::from(key.as_bytes().ct_eq(connection.key.as_slice()));
        if AccountKey::from_base64(DEVELOPMENT_KEY).is_some_and(|key| is(&key)) {
            return match self.is_here(&connection.endpoint) {
                true => Ok(self.service.account(DEVELOPMENT_ACCOUNT).await?.map(|account| account.name.clone())),
                false => Ok(None),
            };
        }
        let asked = Asked::Key(connection.key.clone());
        if let Some(known) = self.known(&asked) {
            return Ok(known);
        }
        let mut found = None;
        for (name, _) in self.service.accounts().await? {
            if let Some(account) = self.service.account(&name).await?
                && account.keys.iter().take(WRITING_KEYS).any(is)
            {
                found = Some(name);
                break;
            }
        }
        self.remember(asked, found.clone());
        Ok(found)
    }

    /// Whether a base URL is that of this machine's store.
    fn is_here(&self, endpoint: &str) -> bool {
        let Ok(uri) = endpoint.parse::<http::Uri>() else { return false };
        let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
        let loopback =
            host.eq_ignore_ascii_case("localhost") || host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
        loopback && uri.port_u16().is_some() && uri.port_u16() == self.port
    }

    fn known(&self, asked: &Asked) -> Option<Option<String>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(asked).filter(|(at, _)| at.elapsed() < FRESH_FOR).map(|(_, account)| account.clone())
    }

    fn remember(&self, asked: Asked, account: Option<String>) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MAX_KNOWN {
            known.clear();
        }
        known.insert(asked, (Instant::now(), account));
    }
}

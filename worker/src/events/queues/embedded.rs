//! Which connections lead to the embedded service, and to which of its accounts.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hearth_model::ids::AppName;
use hearth_queues::{DEVELOPMENT_ACCOUNT, QueueConnection, QueueCredential, QueueError, QueueService, QueueTarget};
use hearth_state::Database;
use subtle::ConstantTimeEq;

/// An app's own account is looked up again after this long: the app may have been made anew.
const FRESH_FOR: Duration = Duration::from_secs(5);
/// Apps whose accounts are remembered.
const MAX_KNOWN: usize = 4096;

/// The embedded service as apps reach it: by library. Cheap to clone.
#[derive(Clone)]
pub(in crate::events) struct Embedded {
    pub(super) state: Database,
    pub(super) service: QueueService,
    /// Whether `UseDevelopmentStorage=true` means this service.
    development: bool,
    /// Port of its REST face on this machine.
    port: Option<u16>,
    own: Arc<Mutex<HashMap<AppName, (Instant, String)>>>,
}

impl Embedded {
    pub(in crate::events) fn new(state: Database, service: QueueService, development: bool, port: Option<u16>) -> Self {
        Self { state, service, development, port, own: Arc::default() }
    }

    /// The account that a connection of an app leads to; none for one that leads elsewhere.
    pub(super) async fn account(&self, app: &AppName, target: &QueueTarget) -> Result<Option<String>, QueueError> {
        match target {
            QueueTarget::Own => Ok(Some(self.own_account(app).await?)),
            QueueTarget::Development(_) if self.development => {
                Ok(Some(self.service.development_account().await?.name.clone()))
            }
            QueueTarget::Development(_) => Ok(None),
            QueueTarget::Endpoint(connection) => self.opened_by(connection).await,
        }
    }

    async fn own_account(&self, app: &AppName) -> Result<String, QueueError> {
        {
            let known = self.own.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((_, account)) = known.get(app).filter(|(at, _)| at.elapsed() < FRESH_FOR) {
                return Ok(account.clone());
            }
        }
        let account = self.service.account_of_app(app).await?.name.clone();
        let mut known = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MAX_KNOWN {
            known.clear();
        }
        known.insert(app.clone(), (Instant::now(), account.clone()));
        Ok(account)
    }

    /// An account of this service that the connection's key opens. Keys are random and never given out twice, so the key tells; the one that
    /// everybody knows tells only together with the address.
    async fn opened_by(&self, connection: &QueueConnection) -> Result<Option<String>, QueueError> {
        let QueueCredential::SharedKey(key) = &connection.credential else { return Ok(None) };
        if connection.account == DEVELOPMENT_ACCOUNT && !self.is_here(&connection.endpoint) {
            return Ok(None);
        }
        let account = self.service.account(&connection.account).await?;
        let opens = |account: &hearth_queues::Account| {
            account.keys.iter().any(|known| bool::from(known.as_bytes().ct_eq(key.as_slice())))
        };
        Ok(account.filter(|account| opens(account)).map(|account| account.name.clone()))
    }

    /// Whether a base URL is that of this machine's queue service.
    fn is_here(&self, endpoint: &str) -> bool {
        let Ok(uri) = endpoint.parse::<http::Uri>() else { return false };
        let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
        let loopback =
            host.eq_ignore_ascii_case("localhost") || host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
        loopback && uri.port_u16().is_some() && uri.port_u16() == self.port
    }

    /// What was remembered turned out to be wrong.
    pub(super) fn forget(&self) {
        self.own.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

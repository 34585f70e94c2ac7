//! The embedded queue service as a library: accounts, queues and messages over host state, with the errors of the REST API.
//!
//! Whoever puts a message rings the queue's doorbell, so that listeners of this process wait without polling; other processes are
//! told by a hook, best effort. Correctness never depends on a bell.

mod accounts;
mod counts;
mod doorbell;
mod messages;
mod queues;
mod receipt;

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hearth_model::clock::Clock;
use hearth_state::{Database, Keyring, StateError};

use crate::protocol::{ErrorCode, ProtocolError};

pub use accounts::Account;
pub use doorbell::Doorbell;
pub use messages::Received;
pub(crate) use messages::message_of;
pub use queues::QueueDetails;
pub use receipt::PopReceipt;

/// How the service is reached and what it may be used for.
#[derive(Clone, Debug)]
pub struct ServiceOptions {
    /// Base URL under which callers reach the REST face, without a slash at its end: `http://127.0.0.1:10001`.
    pub endpoint: String,
    /// Whether the account that every development tool knows is served, with its published key.
    pub development: bool,
}

/// Why an operation was not done.
#[derive(Clone, Debug, thiserror::Error)]
pub enum QueueError {
    /// What was asked for cannot be; the code says why.
    #[error("{0}")]
    Refused(#[from] ProtocolError),
    /// Host state failed.
    #[error("{0}")]
    State(#[from] StateError),
}

impl From<ErrorCode> for QueueError {
    fn from(code: ErrorCode) -> Self {
        Self::Refused(code.into())
    }
}

impl QueueError {
    /// The code, where the service refused; none when host state failed.
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Refused(error) => Some(error.code),
            Self::State(_) => None,
        }
    }
}

/// Queues of which so many are remembered as empty.
const EMPTY_QUEUES: usize = 10_000;

/// The service. Clones share it.
#[derive(Clone)]
pub struct QueueService(Arc<Inner>);

struct Inner {
    database: Database,
    keyring: Keyring,
    clock: Arc<dyn Clock>,
    options: ServiceOptions,
    accounts: accounts::Cache,
    bells: doorbell::Bells,
    counts: counts::Counts,
    /// Queues whose last claim found nothing: the next one reads before it writes.
    empty: Mutex<HashSet<(String, String)>>,
}

impl fmt::Debug for QueueService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueueService").field("options", &self.0.options).finish_non_exhaustive()
    }
}

impl QueueService {
    /// A service over host state. The clock decides about signatures; host state decides about messages.
    pub fn new(database: Database, keyring: Keyring, clock: Arc<dyn Clock>, options: ServiceOptions) -> Self {
        Self(Arc::new(Inner {
            database,
            keyring,
            clock,
            options,
            accounts: accounts::Cache::default(),
            bells: doorbell::Bells::default(),
            counts: counts::Counts::default(),
            empty: Mutex::default(),
        }))
    }

    /// Base URL under which callers reach the REST face.
    pub fn endpoint(&self) -> &str {
        &self.0.options.endpoint
    }

    /// The clock that decides about signatures.
    pub fn clock(&self) -> &dyn Clock {
        self.0.clock.as_ref()
    }

    /// Removes what nobody can see any more, some at a time, for as long as it is awaited. Cheap while there is nothing; may
    /// run in every process.
    pub async fn maintain(&self) {
        const PAUSE: Duration = Duration::from_secs(2);
        const BREATH: Duration = Duration::from_millis(20);
        loop {
            let pause = match self.0.database.queues().sweep().await {
                Ok(true) => BREATH,
                Ok(false) => PAUSE,
                Err(error) => {
                    tracing::warn!(%error, "queues: what expired or was deleted could not be swept; trying again");
                    PAUSE * 5
                }
            };
            tokio::time::sleep(pause).await;
        }
    }

    /// A doorbell of a queue, which need not exist yet.
    pub fn subscribe(&self, account: &str, queue: &str) -> Doorbell {
        self.0.bells.subscribe(account, queue)
    }

    /// Tells listeners of a queue that there is something to look for, here and, by the hook, elsewhere. For what was put past
    /// this service, with other effects of a function.
    pub fn ring(&self, account: &str, queue: &str) {
        self.0.bells.ring(account, queue);
        self.0.bells.tell(account, queue);
    }

    /// Tells listeners of this process alone, because another process rang.
    pub fn ring_from_outside(&self, account: &str, queue: &str) {
        self.0.bells.ring(account, queue);
    }

    /// Calls this with account and queue whenever a bell rings here; it must not block. Takes the place of an earlier one.
    pub fn on_ring(&self, hook: impl Fn(&str, &str) + Send + Sync + 'static) {
        self.0.bells.on_ring(Box::new(hook));
    }
}

/// A lock whose holders cannot leave anything half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;

//! The document store as a library: accounts and resources, items, batches, queries and feeds over host state, with the errors of
//! the REST API.
//!
//! A container is read once and then known by its definition's version: every operation on its items names that version, and
//! host state refuses one that is not the latest, whereupon the container is read again. Nothing is polled for that. Whoever
//! writes rings the container's doorbell, so that feeds of this process wait without polling; other processes are told by a
//! hook, best effort. Correctness never depends on a bell.

mod accounts;
mod attachments;
mod batch;
mod budget;
mod charge;
mod containers;
mod continuation;
mod doorbell;
mod feeds;
mod items;
mod lists;
mod maintain;
mod queries;
mod quota;
mod resources;
mod scope;
mod turns;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hearth_model::clock::{Clock, Timestamp};
use hearth_state::{Database, Keyring, StateError};
use http::StatusCode;

use crate::protocol::DocumentError;

pub use accounts::{Account, KeyRights};
pub use attachments::{AttachmentRequest, AttachmentView, AttachmentsAnswer, MediaOwner, NewAttachment};
pub use batch::{BatchAnswer, BatchRequest, OperationResult};
pub use charge::Charge;
pub use containers::{Container, ContainerRef, Range};
pub use doorbell::Doorbell;
pub use feeds::{FeedAnswer, FeedMode, FeedRequest, FeedRows, FeedStart, LONGEST_WAIT};
pub use items::{ItemAnswer, ItemOutcome, ItemRequest, ItemView};
pub use lists::{ListAnswer, ListRequest};
pub use queries::{ItemsQuery, QueryAnswer, QueryMetrics};
pub use resources::{
    NewThroughput, Precondition, RangesPage, ResourceDetails, ResourcePage, WriteOptions, least_throughput,
};
pub use scope::Scope;

/// What the service may be used for, and its limits.
#[derive(Clone, Debug, Default)]
pub struct ServiceOptions {
    /// Whether the account that every development tool knows is served, with its published key. Default: no.
    pub development: bool,
    /// Whether the throughput that a container was given bounds what its items are asked for, in each process. Default: no.
    pub request_units: bool,
    /// Bytes of items that an account may have where its properties do not say otherwise. Default: no limit.
    pub storage_quota: Option<u64>,
    /// Base URL under which clients are to go on, with a slash at its end. Default: where each of them came.
    pub endpoint: Option<String>,
}

/// Why an operation was not done.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DocumentsError {
    /// What was asked for cannot be; the error says why, in the words of the REST API.
    #[error("{0}")]
    Refused(#[from] DocumentError),
    /// Host state failed.
    #[error("{0}")]
    State(#[from] StateError),
}

impl DocumentsError {
    /// The status, where the service refused; none when host state failed.
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Refused(error) => Some(error.status),
            Self::State(_) => None,
        }
    }
}

/// The service. Clones share it.
#[derive(Clone)]
pub struct DocumentService(Arc<Inner>);

struct Inner {
    database: Database,
    keyring: Keyring,
    clock: Arc<dyn Clock>,
    options: ServiceOptions,
    accounts: accounts::Cache,
    containers: containers::Cache,
    bells: doorbell::Bells,
    budgets: budget::Budgets,
    quotas: quota::Quotas,
    /// When it was last seen that no history is too old.
    history_looked_at: Mutex<Option<Timestamp>>,
    turns: turns::Turns,
}

impl fmt::Debug for DocumentService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DocumentService").field("options", &self.0.options).finish_non_exhaustive()
    }
}

impl DocumentService {
    /// A service over host state. The clock decides about signatures and budgets; host state decides about items.
    pub fn new(database: Database, keyring: Keyring, clock: Arc<dyn Clock>, options: ServiceOptions) -> Self {
        Self(Arc::new(Inner {
            database,
            keyring,
            clock,
            options,
            accounts: accounts::Cache::default(),
            containers: containers::Cache::default(),
            bells: doorbell::Bells::default(),
            budgets: budget::Budgets::default(),
            quotas: quota::Quotas::default(),
            turns: turns::Turns::default(),
            history_looked_at: Mutex::default(),
        }))
    }

    /// Base URL under which clients are to go on; none for where each of them came.
    pub fn endpoint(&self) -> Option<&str> {
        self.0.options.endpoint.as_deref()
    }

    /// The clock that decides about signatures and budgets.
    pub fn clock(&self) -> &dyn Clock {
        self.0.clock.as_ref()
    }

    /// A doorbell of a container, by the number that its RID is: its eight bytes, big endian.
    pub fn subscribe(&self, container: i64) -> Doorbell {
        self.0.bells.subscribe(container)
    }

    /// Tells feeds that something was written to a container, here and, by the hook, elsewhere. For what was written past this
    /// service.
    pub fn ring(&self, container: i64) {
        self.0.bells.ring(container);
        self.0.bells.tell(container);
    }

    /// Tells feeds of this process alone, because another process rang.
    pub fn ring_from_outside(&self, container: i64) {
        self.0.bells.ring(container);
    }

    /// Calls this with a container's number whenever something was written to it here; it must not block. Takes the place of
    /// an earlier one.
    pub fn on_ring(&self, hook: impl Fn(i64) + Send + Sync + 'static) {
        self.0.bells.on_ring(Box::new(hook));
    }
}

/// A lock whose holders cannot leave anything half done.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;

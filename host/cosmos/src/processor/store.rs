//! Where leases are kept: a container, or whatever else can replace a document on a condition (reference: Cosmos DB, section 8.2).

use std::time::Duration;

use super::lease::Lease;

/// Why a lease store did not do what it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaseStoreErrorKind {
    /// There is such a document already (409).
    Exists,
    /// It is no longer the version that was expected (412).
    Changed,
    /// There is no such document (404).
    NotFound,
    /// Not now: 408, 429, 449, 503, other 5xx, 410, a broken connection. It may or may not have been done.
    Passing,
    /// It will not be done however often it is asked.
    Refused,
}

/// Why a lease store did not do what it was asked for; public text without secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct LeaseStoreError {
    /// What it means.
    pub kind: LeaseStoreErrorKind,
    /// What happened, where.
    pub message: String,
    /// When to ask again, where the endpoint said it.
    pub retry_after: Option<Duration>,
}

impl LeaseStoreError {
    /// One without a time to ask again.
    pub fn new(kind: LeaseStoreErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), retry_after: None }
    }
}

/// A lock that is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseLock {
    /// Its document.
    pub id: String,
    /// Version of it.
    pub etag: String,
}

/// Where leases are kept. Every answer is what the store has *now*; nothing is cached.
///
/// A method that was dropped, or that failed with [`LeaseStoreErrorKind::Passing`], may have been done all the same: the processor
/// reads again.
///
/// The store gives leases that it makes what its container needs besides: where it is partitioned by `/partitionKey` a
/// [`Lease::partition_key`], a random UUID for each lease, and for the other documents their id.
pub trait LeaseStore: Send + Sync + 'static {
    /// Every lease whose id begins with `prefix`, in any order.
    ///
    /// # Errors
    /// Those of the store.
    fn list(&self, prefix: &str) -> impl Future<Output = Result<Vec<Lease>, LeaseStoreError>> + Send;

    /// One lease, as it is now.
    ///
    /// # Errors
    /// [`LeaseStoreErrorKind::NotFound`]; those of the store.
    fn read(&self, lease: &Lease) -> impl Future<Output = Result<Lease, LeaseStoreError>> + Send;

    /// Makes a lease; answers it with its etag.
    ///
    /// # Errors
    /// [`LeaseStoreErrorKind::Exists`]; those of the store.
    fn create(&self, lease: &Lease) -> impl Future<Output = Result<Lease, LeaseStoreError>> + Send;

    /// Puts this in place of the lease with its id, if that still has [`Lease::etag`]; answers it with its new etag.
    ///
    /// # Errors
    /// [`LeaseStoreErrorKind::Changed`], [`LeaseStoreErrorKind::NotFound`]; those of the store.
    fn replace(&self, lease: &Lease) -> impl Future<Output = Result<Lease, LeaseStoreError>> + Send;

    /// Removes a lease, if it still has [`Lease::etag`].
    ///
    /// # Errors
    /// As [`LeaseStore::replace`].
    fn delete(&self, lease: &Lease) -> impl Future<Output = Result<(), LeaseStoreError>> + Send;

    /// Whether the marker document of this id is there.
    ///
    /// # Errors
    /// Those of the store.
    fn is_marked(&self, id: &str) -> impl Future<Output = Result<bool, LeaseStoreError>> + Send;

    /// Makes the marker document of this id; that it is there already is no error.
    ///
    /// # Errors
    /// Those of the store.
    fn mark(&self, id: &str) -> impl Future<Output = Result<(), LeaseStoreError>> + Send;

    /// Takes the lock of this id; none while somebody else has it. It goes by itself after `ttl`: where the store does not remove
    /// documents by their `ttl`, one that is twice as old as its own is to be taken over.
    ///
    /// # Errors
    /// Those of the store.
    fn lock(&self, id: &str, ttl: Duration) -> impl Future<Output = Result<Option<LeaseLock>, LeaseStoreError>> + Send;

    /// Gives the lock back, if it is still the same; that it is not is no error.
    ///
    /// # Errors
    /// Those of the store.
    fn unlock(&self, lock: &LeaseLock) -> impl Future<Output = Result<(), LeaseStoreError>> + Send;
}

//! Leases in host state, for a function with `leaseStore: host`: no lease container is needed, and a batch's outputs on embedded
//! services are committed together with its position.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use hearth_cosmos::processor::{Lease, LeaseLock, LeaseStore, LeaseStoreError, LeaseStoreErrorKind};
use hearth_model::clock::{Clock, Timestamp};
use hearth_model::ids::AppName;
use hearth_state::{Database, FeedCheckpoint, FeedLease, StateError};
use uuid::Uuid;

/// A lock that is so many times as old as it may get is nobody's.
const LOCK_AGE: u32 = 2;

/// The leases of an app.
#[derive(Clone)]
pub(super) struct HostLeases {
    state: Database,
    app: AppName,
    /// Tells how old a lock is.
    clock: Arc<dyn Clock>,
}

impl fmt::Debug for HostLeases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostLeases").field("app", &self.app).finish_non_exhaustive()
    }
}

impl HostLeases {
    pub(super) fn new(state: &Database, app: &AppName, clock: Arc<dyn Clock>) -> Self {
        Self { state: state.clone(), app: app.clone(), clock }
    }

    fn other(&self, id: &str, owner: String) -> FeedLease {
        FeedLease {
            id: id.to_owned(),
            version: 0,
            owner,
            continuation: String::new(),
            renewed: self.clock.now(),
            body: String::new(),
        }
    }
}

/// What is committed when a batch is done, so that this lease stands in host state.
pub(crate) fn checkpoint(app: &AppName, lease: &Lease) -> FeedCheckpoint {
    FeedCheckpoint { app: app.clone(), lease: stored(lease) }
}

/// The etag of a lease that a checkpoint was committed over.
pub(crate) fn etag_after(checkpoint: &FeedCheckpoint) -> String {
    etag(checkpoint.lease.version + 1)
}

impl LeaseStore for HostLeases {
    async fn list(&self, prefix: &str) -> Result<Vec<Lease>, LeaseStoreError> {
        let found = self.state.feed_leases().list(&self.app, prefix).await.map_err(failed)?;
        found.iter().map(read).collect()
    }

    async fn read(&self, lease: &Lease) -> Result<Lease, LeaseStoreError> {
        match self.state.feed_leases().get(&self.app, &lease.id).await.map_err(failed)? {
            Some(found) => read(&found),
            None => Err(gone(&lease.id)),
        }
    }

    async fn create(&self, lease: &Lease) -> Result<Lease, LeaseStoreError> {
        match self.state.feed_leases().create(&self.app, &stored(lease)).await.map_err(failed)? {
            Some(version) => Ok(Lease { etag: etag(version), ..lease.clone() }),
            None => Err(LeaseStoreError::new(
                LeaseStoreErrorKind::Exists,
                format!("host state has a lease '{}' of the app '{}', or no such app", lease.id, self.app),
            )),
        }
    }

    async fn replace(&self, lease: &Lease) -> Result<Lease, LeaseStoreError> {
        let leases = self.state.feed_leases();
        match leases.replace(&self.app, &stored(lease)).await.map_err(failed)? {
            Some(version) => Ok(Lease { etag: etag(version), ..lease.clone() }),
            None => Err(match leases.get(&self.app, &lease.id).await.map_err(failed)? {
                Some(_) => changed(&lease.id),
                None => gone(&lease.id),
            }),
        }
    }

    async fn delete(&self, lease: &Lease) -> Result<(), LeaseStoreError> {
        let leases = self.state.feed_leases();
        match leases.delete(&self.app, &lease.id, version(&lease.etag)).await.map_err(failed)? {
            true => Ok(()),
            false => Err(match leases.get(&self.app, &lease.id).await.map_err(failed)? {
                Some(_) => changed(&lease.id),
                None => gone(&lease.id),
            }),
        }
    }

    async fn is_marked(&self, id: &str) -> Result<bool, LeaseStoreError> {
        Ok(self.state.feed_leases().get(&self.app, id).await.map_err(failed)?.is_some())
    }

    async fn mark(&self, id: &str) -> Result<(), LeaseStoreError> {
        self.state.feed_leases().create(&self.app, &self.other(id, String::new())).await.map(drop).map_err(failed)
    }

    async fn lock(&self, id: &str, ttl: Duration) -> Result<Option<LeaseLock>, LeaseStoreError> {
        let leases = self.state.feed_leases();
        let mine = self.other(id, Uuid::new_v4().to_string());
        if let Some(version) = leases.create(&self.app, &mine).await.map_err(failed)? {
            return Ok(Some(LeaseLock { id: id.to_owned(), etag: etag(version) }));
        }
        let Some(theirs) = leases.get(&self.app, id).await.map_err(failed)? else { return Ok(None) };
        if theirs.renewed.plus(ttl * LOCK_AGE) >= self.clock.now() {
            return Ok(None);
        }
        let mine = FeedLease { version: theirs.version, ..mine };
        let taken = leases.replace(&self.app, &mine).await.map_err(failed)?;
        Ok(taken.map(|version| LeaseLock { id: id.to_owned(), etag: etag(version) }))
    }

    async fn unlock(&self, lock: &LeaseLock) -> Result<(), LeaseStoreError> {
        let deleted = self.state.feed_leases().delete(&self.app, &lock.id, version(&lock.etag)).await;
        deleted.map(drop).map_err(failed)
    }
}

fn stored(lease: &Lease) -> FeedLease {
    FeedLease {
        id: lease.id.clone(),
        version: version(&lease.etag),
        owner: lease.owner.clone().unwrap_or_default(),
        continuation: lease.continuation.clone().unwrap_or_default(),
        renewed: lease.timestamp.unwrap_or(Timestamp(0)),
        body: lease.to_json(),
    }
}

fn read(stored: &FeedLease) -> Result<Lease, LeaseStoreError> {
    let lease = Lease::from_json(&stored.body).map_err(|error| {
        let text = format!("host state holds a lease of a change feed that can't be read: {error}");
        LeaseStoreError::new(LeaseStoreErrorKind::Refused, text)
    })?;
    Ok(Lease { etag: etag(stored.version), ..lease })
}

fn etag(version: u64) -> String {
    format!("\"{version}\"")
}

/// None is version 0, which nothing has.
fn version(etag: &str) -> u64 {
    etag.trim_matches('"').parse().unwrap_or(0)
}

fn failed(error: StateError) -> LeaseStoreError {
    let passing = error.is_transient();
    let kind = if passing { LeaseStoreErrorKind::Passing } else { LeaseStoreErrorKind::Refused };
    LeaseStoreError::new(kind, error.to_string())
}

fn changed(id: &str) -> LeaseStoreError {
    LeaseStoreError::new(LeaseStoreErrorKind::Changed, format!("the lease '{id}' was changed meanwhile"))
}

fn gone(id: &str) -> LeaseStoreError {
    LeaseStoreError::new(LeaseStoreErrorKind::NotFound, format!("host state has no lease '{id}'"))
}

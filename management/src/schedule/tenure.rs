//! The lease of the scheduler: one management process of all that share host state decides, and the others stand by.
//!
//! Whoever holds the lease renews it four times in its length; everything it decides is written under the lease's epoch, so that
//! one which slept through its end is refused. Expiry is the database's to tell. A holder that could not renew in time stands
//! still by its own clock; when nobody took the lease meanwhile, it goes on where it was, under the next epoch.

use std::time::Duration;

use hearth_model::control::SCHEDULER_LEASE;
use hearth_state::{Database, Lease, StateError};
use tokio::sync::watch;
use tokio::time::Instant;

/// What this process is among the management processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Another one decides, or nobody yet.
    Standby,
    /// This one decides.
    Active,
    /// This one decided last and could not renew its lease: it neither decides nor answers until it can.
    Suspended,
}

/// The lease as it is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hold {
    pub(super) lease: Lease,
    pub(super) standing: Standing,
}

/// How the lease is asked for.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub(super) state: Database,
    pub(super) holder: String,
    pub(super) ttl: Duration,
}

impl Claim {
    /// Takes the lease if it is free, expired, or this holder's.
    pub(super) async fn take(&self) -> Result<Option<Lease>, StateError> {
        // Looked at before it is asked for: whoever stands by should not write.
        match self.state.leases().holder(SCHEDULER_LEASE).await? {
            Some(other) if other.holder != self.holder => Ok(None),
            _ => self.state.leases().acquire(SCHEDULER_LEASE, &self.holder, self.ttl).await,
        }
    }

    /// Gives it back, so that another takes over at once.
    pub(super) async fn give_back(&self, lease: &Lease) {
        if let Err(error) = self.state.leases().release(lease).await {
            tracing::warn!(%error, "the scheduler's lease could not be given back; another management waits for its end");
        }
    }

    /// Renews until the lease is lost; then the hold says standby.
    pub(super) async fn keep(self, hold: watch::Sender<Hold>) {
        let mut until = Instant::now() + self.ttl;
        loop {
            tokio::time::sleep(self.ttl / 4).await;
            let asked = Instant::now();
            let lease = hold.borrow().lease.clone();
            let renewed = tokio::time::timeout(self.ttl, self.renew(&lease)).await;
            let standing = match renewed {
                Ok(Ok(Some(lease))) => {
                    until = asked + self.ttl;
                    let now = Hold { lease, standing: Standing::Active };
                    hold.send_if_modified(|held| std::mem::replace(held, now.clone()) != now);
                    continue;
                }
                Ok(Ok(None)) => Standing::Standby,
                _ if Instant::now() >= until => Standing::Suspended,
                _ => continue,
            };
            hold.send_if_modified(|held| std::mem::replace(&mut held.standing, standing) != standing);
            if standing == Standing::Standby {
                return;
            }
        }
    }

    /// The lease for another term; none when somebody else had or has it.
    async fn renew(&self, lease: &Lease) -> Result<Option<Lease>, StateError> {
        if self.state.leases().renew(std::slice::from_ref(lease), self.ttl).await? == [true] {
            return Ok(Some(lease.clone()));
        }
        match self.take().await? {
            // Expired and taken by nobody in between.
            Some(next) if next.epoch == lease.epoch + 1 => Ok(Some(next)),
            Some(later) => {
                self.give_back(&later).await;
                Ok(None)
            }
            None => Ok(None),
        }
    }
}

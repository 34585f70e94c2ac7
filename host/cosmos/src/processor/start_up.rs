//! How a processor begins (reference: Cosmos DB, section 8.4): leases are made once for a deployment unit, by whichever instance holds
//! the lock, and a marker says that it was done.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::context::Context;
use super::error::ProcessorError;
use super::feed::{Feed, FeedErrorKind};
use super::lease::{Lease, LeaseVersion};
use super::pace::Pace;
use super::range::{EpkRange, PartitionRange, compare};
use super::store::{LeaseStore, LeaseStoreErrorKind};

/// Leases that are made at once.
const PARALLEL: usize = 25;

impl<F: Feed, S: LeaseStore, D> Context<F, S, D> {
    /// Sees to it that there are leases, of the right mode. False when the processor stops before that.
    pub(super) async fn prepare(&self) -> Result<bool, ProcessorError> {
        self.check_mode(&self.leases().await?)?;
        let mut pauses = Pace::new(self.options.lock_wait / 100, self.options.lock_wait);
        loop {
            if self.store.call(self.store.store.is_marked(&self.prefix.info())).await? {
                return Ok(!self.stop.is_cancelled());
            }
            let lock = self.prefix.lock();
            let lock = self.store.store.lock(&lock, self.options.lock_ttl);
            if let Some(lock) = self.store.call(lock).await? {
                let made = self.make_leases().await;
                // It ends by itself where this fails.
                let unlocked = self.store.call(self.store.store.unlock(&lock)).await;
                made?;
                if let Err(error) = unlocked {
                    self.failed(None, error);
                }
                continue;
            }
            if !self.rest(pauses.next(self.environment.random())).await {
                return Ok(false);
            }
        }
    }

    /// Every lease of this deployment unit.
    pub(super) async fn leases(&self) -> Result<Vec<Lease>, ProcessorError> {
        Ok(self.store.call(self.store.store.list(&self.prefix.leases())).await?)
    }

    fn check_mode(&self, leases: &[Lease]) -> Result<(), ProcessorError> {
        let mode = self.options.mode;
        match leases.iter().find(|lease| !lease.has_mode(mode)) {
            None => Ok(()),
            Some(other) => Err(ProcessorError::Setup(format!(
                "the lease '{}' is of the mode '{}' and this processor of '{}'; the mode of a deployment unit cannot be \
                 changed: use another processor name, or delete its leases",
                other.id,
                other.mode.as_deref().unwrap_or_default(),
                mode.as_str()
            ))),
        }
    }

    async fn make_leases(&self) -> Result<(), ProcessorError> {
        let ranges = self.ranges(&EpkRange::full()).await?;
        // After the ranges, so that a range that is split meanwhile has its successors in here.
        let leases = self.leases().await?;
        let mut missing = ranges.iter().filter(|range| !has_lease(&leases, range));
        let mut making = JoinSet::new();
        loop {
            while making.len() < PARALLEL
                && let Some(range) = missing.next()
            {
                let lease = Lease::on_range(self.prefix.lease(&range.id), range, self.options.mode);
                let store = self.store.clone();
                making.spawn(async move { store.call(store.store.create(&lease)).await });
            }
            match making.join_next().await {
                None => break,
                Some(Ok(Err(error))) if error.kind != LeaseStoreErrorKind::Exists => return Err(error.into()),
                Some(_) => {}
            }
        }
        Ok(self.store.call(self.store.store.mark(&self.prefix.info())).await?)
    }
}

/// Whether an error at the start means that it is worth trying again.
pub(super) fn is_passing(error: &ProcessorError) -> bool {
    match error {
        ProcessorError::Feed(error) => matches!(error.kind, FeedErrorKind::Passing | FeedErrorKind::RangeGone),
        ProcessorError::Store(error) => {
            matches!(error.kind, LeaseStoreErrorKind::Passing | LeaseStoreErrorKind::Changed)
        }
        ProcessorError::LeaseLost { .. } => true,
        ProcessorError::Setup(_) | ProcessorError::Delegate(_) => false,
    }
}

/// Whether there are leases for a range: its own, one on keys that share a bound with it, or some that hold all its keys and
/// have yet to follow a split.
fn has_lease(leases: &[Lease], range: &PartitionRange) -> bool {
    let own = |lease: &Lease| lease.version == LeaseVersion::Range && lease.token == range.id;
    let shares = |lease: &Lease| {
        let bounds = lease.bounds.as_ref().filter(|bounds| bounds.overlaps(&range.bounds));
        lease.version == LeaseVersion::Epk
            && bounds.is_some_and(|bounds| {
                compare(&bounds.min, &range.bounds.min).is_eq() || compare(&bounds.max, &range.bounds.max).is_eq()
            })
    };
    let covers = |lease: &Lease| lease.bounds.as_ref().is_some_and(|bounds| bounds.covers(&range.bounds));
    leases.iter().any(|lease| own(lease) || shares(lease) || covers(lease))
}

/// The document of a lease as it is to be when an instance has taken it.
pub(super) fn taken(lease: &Lease, instance: &Arc<str>, ranges: &[PartitionRange]) -> Lease {
    let mut next = lease.clone();
    next.owner = Some(instance.to_string());
    if next.bounds.is_none() {
        next.bounds = ranges.iter().find(|range| range.id == next.token).map(|range| range.bounds.clone());
    }
    next
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::processor::FeedMode;

    #[test]
    fn ranges_without_a_lease_are_missing() {
        let range = |id: &str, min: &str, max: &str| PartitionRange {
            id: id.to_owned(),
            bounds: EpkRange::new(min, max),
            parents: vec![],
        };
        let on_range = |range: PartitionRange| Lease::on_range(String::new(), &range, FeedMode::LatestVersion);
        let on_bounds = |min, max| Lease::on_bounds(String::new(), EpkRange::new(min, max), FeedMode::LatestVersion);
        let merged = range("3", "", "FF");
        assert!(!has_lease(&[], &merged));
        assert!(has_lease(&[on_range(merged.clone())], &merged));
        assert!(has_lease(&[on_bounds("", "1F")], &merged), "it shares a bound");
        assert!(!has_lease(&[on_bounds("0F", "1F")], &merged));
        let child = range("4", "", "1F");
        assert!(has_lease(&[on_range(merged)], &child), "its parent's lease is still to be split");
        assert!(!has_lease(&[on_range(range("5", "1F", "FF"))], &child));
    }
}

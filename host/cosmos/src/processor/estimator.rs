//! How far a deployment unit is behind (reference: Cosmos DB, section 8.10).

use std::fmt;
use std::sync::Arc;

use hearth_model::clock::Timestamp;

use super::context::Scope;
use super::error::ProcessorError;
use super::feed::{Feed, FeedErrorKind, FeedMode, PageRequest, PageStart};
use super::lease::Lease;
use super::names::LeasePrefix;
use super::store::LeaseStore;

/// How far one lease is behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseLag {
    /// What the lease is on.
    pub token: String,
    /// Instance that has it, or had it last if it has expired.
    pub owner: Option<String>,
    /// Its position; none when nothing was ever read.
    pub continuation: Option<String>,
    /// When it was last written.
    pub written: Timestamp,
    /// Transactions that were made since its position, at most. 1 also stands for what is not known: a lease that was never read, or whose
    /// range is gone.
    pub lag: u64,
}

/// How far a deployment unit is behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lag {
    /// Each lease, in the order of tokens.
    pub leases: Vec<LeaseLag>,
}

impl Lag {
    /// Of all leases together. 1 when there are none: somebody has to begin.
    pub fn total(&self) -> u64 {
        match self.leases.is_empty() {
            true => 1,
            false => self.leases.iter().fold(0, |sum, lease| sum.saturating_add(lease.lag)),
        }
    }
}

/// Tells how far a deployment unit is behind, wherever its instances run. It counts transactions, not items, and reads one item of
/// each lease that has a position.
pub struct Estimator<F, S> {
    feed: Arc<F>,
    store: Arc<S>,
    name: String,
}

impl<F: Feed, S: LeaseStore> Estimator<F, S> {
    /// Of the unit of this name.
    pub fn new(feed: impl Into<Arc<F>>, store: impl Into<Arc<S>>, name: impl Into<String>) -> Self {
        Self { feed: feed.into(), store: store.into(), name: name.into() }
    }

    /// How far it is behind now.
    ///
    /// # Errors
    /// Those of the feed, other than of ranges that are gone, and of the lease store.
    pub async fn estimate(&self) -> Result<Lag, ProcessorError> {
        let prefix = LeasePrefix::new(&self.name, &self.feed.identity().await?);
        let mut stored = self.store.list(&prefix.leases()).await?;
        stored.sort_by(|one, other| one.token.cmp(&other.token));
        let mut leases = Vec::with_capacity(stored.len());
        for lease in stored {
            let lag = self.lag(&lease).await?;
            let written = lease.written();
            let Lease { token, owner, continuation, .. } = lease;
            leases.push(LeaseLag { token, owner, continuation, written, lag });
        }
        Ok(Lag { leases })
    }

    async fn lag(&self, lease: &Lease) -> Result<u64, ProcessorError> {
        let Some(continuation) = &lease.continuation else { return Ok(1) };
        let scope = match Scope::of(self.feed.as_ref(), lease).await {
            Ok(Some(scope)) => scope,
            Ok(None) => return Ok(1),
            Err(error) => return Err(error.into()),
        };
        let page = scope.page(PageStart::After(continuation), FeedMode::LatestVersion);
        let page = match self.feed.read(&PageRequest { max_items: Some(1), ..page }).await {
            Ok(page) => page,
            Err(error) if error.kind == FeedErrorKind::RangeGone => return Ok(1),
            Err(error) => return Err(error.into()),
        };
        Ok(lag(page.lsn, page.items.first().map(super::ChangeItem::lsn)))
    }
}

/// Transactions from the first change that comes next, up to where the range stands.
fn lag(now: Option<i64>, next: Option<Option<i64>>) -> u64 {
    match (now, next) {
        (_, None) => 0,
        // There is something, and nobody says how much.
        (None, Some(_)) | (Some(_), Some(None)) => 1,
        (Some(now), Some(Some(next))) if next > 0 => u64::try_from(now.saturating_sub(next - 1)).unwrap_or(0),
        (Some(_), Some(Some(_))) => 1,
    }
}

impl<F, S> fmt::Debug for Estimator<F, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Estimator").field("name", &self.name).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transactions_are_counted_from_the_next_change_on() {
        assert_eq!(lag(Some(10), None), 0, "what changed is elsewhere in the range");
        assert_eq!(lag(Some(10), Some(Some(10))), 1);
        assert_eq!(lag(Some(10), Some(Some(4))), 7);
        assert_eq!(lag(Some(3), Some(Some(9))), 0);
        assert_eq!(lag(Some(3), Some(Some(0))), 1);
        assert_eq!(lag(None, Some(Some(9))), 1);
        assert_eq!(lag(None, None), 0);
    }

    #[test]
    fn without_leases_there_is_something_to_do() {
        assert_eq!(Lag { leases: Vec::new() }.total(), 1);
    }
}

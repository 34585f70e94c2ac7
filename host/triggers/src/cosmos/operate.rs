//! What an operator looks at and does with a function's change feed. It is done to leases alone: a lease that is set is nobody's, so
//! whoever read its range loses it at its next write, and whoever takes it goes on from the new position.

use std::time::Duration;

use hearth_cosmos::processor::{
    ChangeItem, Estimator, Feed, FeedError, FeedMode, FeedPage, Lag, Lease, LeasePrefix, LeaseStore,
    LeaseStoreErrorKind, LeaseVersion, PageRequest, PageScope, PageStart,
};
use hearth_model::binding::ChangeFeedMode;
use hearth_model::clock::Timestamp;

use super::CosmosListener;
use super::account::{AnyFeed, AnyLeases};
use super::dead_letter::{self, DeadBatch};
use super::listen::{Missing, Prepared};

/// Times that a lease is written anew after somebody else wrote it.
const CONFLICTS: u32 = 5;

/// To where a feed is set back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedReset {
    /// To the first change.
    Beginning,
    /// To the first change at this time or later.
    Time(Timestamp),
}

/// Answers are public text where they say what can't be done.
impl CosmosListener {
    /// How far each range has been read, and by whom.
    ///
    /// # Errors
    /// What keeps the containers from being read.
    pub async fn standing(&self) -> Result<Lag, String> {
        let Prepared { feed, leases, .. } = self.prepare().await.map_err(Missing::text)?;
        let estimator = Estimator::<AnyFeed, AnyLeases>::new(feed, leases, self.unit());
        estimator.estimate().await.map_err(|error| error.to_string())
    }

    /// Sets ranges back, or all of them; answers how many. What was handled since is delivered again.
    ///
    /// # Errors
    /// A feed of all versions, a range without a lease; what keeps the containers from being read and written.
    pub async fn reset(&self, token: Option<&str>, to: FeedReset) -> Result<usize, String> {
        if self.trigger.mode == ChangeFeedMode::AllVersionsAndDeletes {
            return Err("a feed of all versions and deletes can't be set back".to_owned());
        }
        let prepared = self.prepare().await.map_err(Missing::text)?;
        let leases = self.leases_of(&prepared, token).await?;
        for lease in &leases {
            let position = match to {
                FeedReset::Beginning => "\"0\"".to_owned(),
                FeedReset::Time(at) => {
                    let page = self.page(&prepared.feed, lease, PageStart::Time(at), Some(1)).await?;
                    match page.items.first().and_then(ChangeItem::lsn) {
                        Some(lsn) => format!("\"{}\"", lsn.saturating_sub(1)),
                        None => page.continuation,
                    }
                }
            };
            set(&prepared.leases, lease, &position).await?;
        }
        Ok(leases.len())
    }

    /// Moves the next batch of a range to a dead-letter container and goes on behind it; answers how many items it had.
    ///
    /// # Errors
    /// No container is given, a range without a lease or without a position; what keeps the containers from being read and written.
    pub async fn skip(&self, token: &str, dead_letters: Option<&str>) -> Result<usize, String> {
        let Some(dead_letters) = dead_letters.or(self.trigger.dead_letter_container.as_deref()) else {
            return Err("name the container that gets the batch in deadLetterContainerName".to_owned());
        };
        let prepared = self.prepare().await.map_err(Missing::text)?;
        let lease = self.leases_of(&prepared, Some(token)).await?.remove(0);
        let Some(from) = lease.continuation.as_deref() else {
            return Err(format!("the range {token} was never read, so there is no batch to pass over"));
        };
        let page = self.page(&prepared.feed, &lease, PageStart::After(from), self.trigger.max_items).await?;
        if page.items.is_empty() {
            return Ok(0);
        }
        let time = self.clock.now().rfc3339();
        let dead = DeadBatch {
            app: self.app.as_str(),
            function: self.function.as_str(),
            database: &self.trigger.database,
            container: &self.trigger.container,
            container_rid: &prepared.identity.container_rid,
            lease_token: token,
            continuation: &page.continuation,
            attempts: 0,
            error: "an operator passed over it",
            time: &time,
        };
        dead_letter::write_items(&self.account, dead_letters, &dead, &page.items).await?;
        set(&prepared.leases, &lease, &page.continuation).await?;
        Ok(page.items.len())
    }

    async fn leases_of(&self, prepared: &Prepared, token: Option<&str>) -> Result<Vec<Lease>, String> {
        let prefix = LeasePrefix::new(&self.unit(), &prepared.identity);
        let mut leases = prepared.leases.list(&prefix.leases()).await.map_err(|error| error.to_string())?;
        leases.retain(|lease| token.is_none_or(|token| lease.token == token));
        match (leases.is_empty(), token) {
            (true, Some(token)) => Err(format!("there is no lease '{token}'")),
            _ => Ok(leases),
        }
    }

    async fn page(
        &self,
        feed: &AnyFeed,
        lease: &Lease,
        start: PageStart<'_>,
        max_items: Option<u32>,
    ) -> Result<FeedPage, String> {
        let mode = match self.trigger.mode {
            ChangeFeedMode::LatestVersion => FeedMode::LatestVersion,
            ChangeFeedMode::AllVersionsAndDeletes => FeedMode::AllVersionsAndDeletes,
        };
        let failed = |error: FeedError| error.to_string();
        let mut range = lease.token.clone();
        let bounds = lease.bounds.as_ref().filter(|_| lease.version == LeaseVersion::Epk);
        if let Some(bounds) = bounds {
            let ranges = feed.ranges(bounds).await.map_err(failed)?;
            let [only] = ranges.as_slice() else {
                return Err(format!("the range {range} is being split; try again in a while"));
            };
            range.clone_from(&only.id);
        }
        let scope = PageScope { range: &range, bounds };
        feed.read(&PageRequest { scope, start, mode, max_items, wait: Duration::ZERO }).await.map_err(failed)
    }
}

/// Sets the position of a lease, and makes it nobody's.
async fn set(leases: &AnyLeases, lease: &Lease, position: &str) -> Result<(), String> {
    let mut known = lease.clone();
    for _ in 0..CONFLICTS {
        let next = Lease { owner: None, continuation: Some(position.to_owned()), ..known.clone() };
        match leases.replace(&next).await {
            Ok(_) => return Ok(()),
            Err(error) if error.kind == LeaseStoreErrorKind::Changed => {
                let now = leases.read(&known).await.map_err(|error| error.to_string())?;
                if now.continuation != lease.continuation {
                    return Err(format!("the range {} went on meanwhile; look again", lease.token));
                }
                known = now;
            }
            Err(error) => return Err(error.to_string()),
        }
    }
    Err(format!("the lease '{}' is written by others all the time; try again", lease.token))
}

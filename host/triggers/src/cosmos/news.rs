//! What a listener to a change feed lets its worker know, beside the lines in the app's log.

use std::fmt;
use std::sync::Arc;

/// One thing that is so from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeedNews {
    /// Why no changes come, as public text; nothing when they can.
    Trouble(Option<String>),
    /// How far the function is behind, over all ranges, and for how many workers that is work; 0 while it keeps up.
    Lag {
        /// Transactions that were not handled yet.
        behind: u64,
        /// Workers.
        workers: u32,
    },
    /// A range whose batch does not get done, with the last error; nothing when it goes on or is another worker's.
    Stuck {
        /// What its lease is on.
        lease_token: Arc<str>,
        /// Why.
        error: Option<String>,
    },
    /// Batches that were moved to the dead-letter container.
    DeadLettered,
    /// Batches that were passed over because the function failed.
    Skipped,
}

type Take = dyn Fn(FeedNews) + Send + Sync;

/// Takes what a listener has to tell.
#[derive(Clone)]
pub struct TellFeedNews(Arc<Take>);

impl TellFeedNews {
    /// Calls this whenever something else is so; it must not block.
    pub fn new(take: impl Fn(FeedNews) + Send + Sync + 'static) -> Self {
        Self(Arc::new(take))
    }

    pub(super) fn tell(&self, news: FeedNews) {
        (self.0)(news);
    }
}

impl fmt::Debug for TellFeedNews {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TellFeedNews")
    }
}

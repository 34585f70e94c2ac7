//! What a listener lets its worker know of its queue, beside the lines in the app's log.

use std::fmt;
use std::sync::Arc;

/// One thing that is so from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueueNews {
    /// The messages in the queue are work for so many workers; 0 while the listener keeps up with them.
    Backlog(u32),
    /// Why no messages come, as public text; nothing when they can.
    Trouble(Option<String>),
}

type Take = dyn Fn(QueueNews) + Send + Sync;

/// Takes what a listener has to tell.
#[derive(Clone)]
pub struct TellNews(Arc<Take>);

impl TellNews {
    /// Calls this whenever something else is so; it must not block.
    pub fn new(take: impl Fn(QueueNews) + Send + Sync + 'static) -> Self {
        Self(Arc::new(take))
    }

    pub(super) fn tell(&self, news: QueueNews) {
        (self.0)(news);
    }
}

impl fmt::Debug for TellNews {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TellNews")
    }
}

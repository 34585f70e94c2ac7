//! What makes an event done.

use hearth_cosmos::processor::{Checkpoint, PendingCheckpoint};
use hearth_model::ids::AppName;
use hearth_state::{ClaimedMessage, Completion, FeedCheckpoint, Settlement};

use crate::InvocationFailure;
use crate::cosmos::{checkpoint, etag_after};

/// What makes an event done. It is committed in one transaction with the outputs that go to embedded services, after those that go
/// elsewhere.
#[derive(Clone, Debug)]
pub enum Acknowledgement {
    /// Nothing of host state's: a manual run, or an event of a service elsewhere, which the listener acknowledges itself.
    None,
    /// A message of the embedded service, which is deleted.
    Message(ClaimedMessage),
    /// A timer's occurrence.
    Occurrence(Box<Completion>),
    /// A batch of a change feed whose leases are in host state: its position is stored.
    Batch(FeedAcknowledgement),
}

/// A batch of a change feed.
#[derive(Clone, Debug)]
pub struct FeedAcknowledgement {
    /// The app.
    pub app: AppName,
    /// By which the position is stored.
    pub checkpoint: Checkpoint,
}

/// An acknowledgement that is about to be committed. While it lives, nobody else of this process writes the lease that it may be of.
#[derive(Debug)]
pub struct Settling {
    settlement: Option<Settlement>,
    pending: Option<(PendingCheckpoint, FeedCheckpoint)>,
}

impl Acknowledgement {
    /// Begins to commit it: right before the transaction, and not while anything else is waited for.
    ///
    /// # Errors
    /// [`InvocationFailure::Superseded`] when a batch is another's by now.
    pub async fn settle(self) -> Result<Settling, InvocationFailure> {
        let (settlement, pending) = match self {
            Self::None => (None, None),
            Self::Message(message) => (Some(Settlement::Message(message)), None),
            Self::Occurrence(completion) => (Some(Settlement::Occurrence(completion)), None),
            Self::Batch(FeedAcknowledgement { app, checkpoint: position }) => {
                let pending = position.begin().await.map_err(|_| InvocationFailure::Superseded)?;
                let stored = checkpoint(&app, pending.lease());
                (Some(Settlement::Checkpoint(Box::new(stored.clone()))), Some((pending, stored)))
            }
        };
        Ok(Settling { settlement, pending })
    }
}

impl Settling {
    /// What host state commits with the outputs; `None` where that is nothing.
    pub fn settlement(&self) -> Option<&Settlement> {
        self.settlement.as_ref()
    }

    /// The transaction came through.
    pub fn committed(self) {
        if let Some((pending, stored)) = self.pending {
            pending.committed(etag_after(&stored));
        }
    }
}

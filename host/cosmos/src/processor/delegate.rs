//! What is done with changes: the delegate, the batches that it gets, and how it says that one is done.
//!
//! A batch is delivered until the delegate says that it was handled; only then the position moves. What it says decides who stores
//! the position: the processor, afterwards; the delegate itself, in one transaction with what it wrote ([`Checkpoint::begin`]);
//! or nobody yet.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::checkpoint::Checkpoint;
use super::feed::ChangeItem;
use super::range::EpkRange;

/// Changes of one lease, in order. Batches of one lease are delivered one after the other, those of different leases at once.
/// Clones share everything.
#[derive(Clone, Debug)]
pub struct Batch {
    /// What the lease is on: a partition key range's id, or `{min}-{max}`.
    pub lease_token: Arc<str>,
    /// The keys that it is on, if that is known.
    pub bounds: Option<EpkRange>,
    /// The changes; at least one.
    pub items: Arc<[ChangeItem]>,
    /// The position after this batch.
    pub continuation: Arc<str>,
    /// LSN of the range when the page was read, where the endpoint tells.
    pub lsn: Option<i64>,
    /// What the page cost, in hundredths of a request unit.
    pub charge_hundredths: u64,
    /// Which delivery of this batch under this ownership it is, from 1 on. Another owner counts anew.
    pub attempt: u32,
    /// Cancelled when the lease is lost, or the processor is dropped: another instance may be handling the same changes.
    /// What is done from then on does not count, and the delegate's future is dropped: this is for what it has spawned.
    pub lost: CancellationToken,
    /// Cancelled when the processor stops. A delegate may go on to the end of its batch, within the time that the processor gives it
    /// to drain, or break off with [`DeliveryError::Stopped`].
    pub stop: CancellationToken,
    /// By which the position is stored.
    pub checkpoint: Checkpoint,
}

/// A batch was handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivered {
    /// Everything in it; the processor stores the position.
    Handled,
    /// Everything in it, and the delegate has stored the position by the batch's [`Checkpoint`].
    Checkpointed,
    /// It goes on with the next batch, but the position stays where it is: whoever takes over the lease gets this batch again.
    Deferred,
}

/// A batch was not handled, and will be delivered again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// The delegate failed.
    #[error("{message}")]
    Failed {
        /// What happened, without secrets.
        message: String,
        /// When to deliver it again; none leaves it to the processor, which waits ever longer.
        retry_after: Option<Duration>,
    },
    /// The delegate's own transaction found that the lease's document is no longer the version that it expected. The processor reads
    /// it, and goes on if this was only its own renewal, or the same transaction come through before.
    #[error("the lease was changed meanwhile")]
    Conflict,
    /// The delegate broke off because the processor stops.
    #[error("the processor stops")]
    Stopped,
}

impl DeliveryError {
    /// The delegate failed; when the batch comes again is left to the processor.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::Failed { message: message.into(), retry_after: None }
    }
}

/// Handles changes.
pub trait Delegate: Send + Sync + 'static {
    /// Handles a batch. It is called for at most one batch of a lease at a time.
    ///
    /// The future may be dropped at any await: when the lease is lost, and when the processor's time to drain has passed. Then the batch
    /// comes again, here or elsewhere. It must not block its thread for long: renewals wait for it.
    ///
    /// # Errors
    /// When the batch was not handled: it is delivered again, unchanged.
    fn deliver(&self, batch: Batch) -> impl Future<Output = Result<Delivered, DeliveryError>> + Send;
}

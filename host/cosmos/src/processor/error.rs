//! What goes wrong in a processor.

use super::feed::FeedError;
use super::store::LeaseStoreError;

/// What went wrong; public text without secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProcessorError {
    /// It was not set up right: says what, and what to do.
    #[error("{0}")]
    Setup(String),
    /// The feed could not be read.
    #[error("the change feed could not be read: {0}")]
    Feed(#[from] FeedError),
    /// The lease store did not do what it was asked for.
    #[error("the lease store failed: {0}")]
    Store(#[from] LeaseStoreError),
    /// The delegate did not handle a batch, which will be delivered again.
    #[error("the delegate failed: {0}")]
    Delegate(String),
    /// A lease went to another instance while it was used here. Expected while instances come and go.
    #[error("the lease '{token}' was lost: {reason}")]
    LeaseLost {
        /// The lease's token.
        token: String,
        /// How that was noticed.
        reason: String,
    },
}

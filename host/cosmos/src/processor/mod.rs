//! The change feed processor: several instances share the changes of a container, each part of it read by one at a time, and every
//! change is handled at least once.
//!
//! What is read is a [`Feed`]; who reads what and how far stands in a [`LeaseStore`], in documents that hosts of the .NET SDK
//! understand and go on with; what is done with changes is a [`Delegate`]. All three are traits, so that a processor runs over
//! containers of any endpoint, within the store's own process, and in simulations.

mod balance;
mod bounded;
mod builder;
mod checkpoint;
mod context;
mod delegate;
mod environment;
mod error;
mod estimator;
mod feed;
mod hold;
mod lease;
mod names;
mod notifications;
mod options;
mod pace;
mod range;
mod read;
mod run;
mod split;
mod start_up;
mod store;

pub use builder::ProcessorBuilder;
pub use checkpoint::{Checkpoint, PendingCheckpoint};
pub use delegate::{Batch, Delegate, Delivered, DeliveryError};
pub use environment::{Environment, Machine, Sleep};
pub use error::ProcessorError;
pub use estimator::{Estimator, Lag, LeaseLag};
pub use feed::{
    ChangeItem, Feed, FeedError, FeedErrorKind, FeedIdentity, FeedMode, FeedPage, PageRequest, PageScope, PageStart,
    session_lsn,
};
pub use lease::{Lease, LeaseVersion};
pub use names::LeasePrefix;
pub use notifications::{CloseReason, Notifications, Silent};
pub use options::{ProcessorOptions, ProcessorStart};
pub use range::{EpkRange, PartitionRange};
pub use run::ChangeFeedProcessor;
pub use store::{LeaseLock, LeaseStore, LeaseStoreError, LeaseStoreErrorKind};

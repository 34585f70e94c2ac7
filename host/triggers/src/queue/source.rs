//! The queue that is listened to: one of the embedded service, or one elsewhere.

use std::sync::Arc;
use std::time::Duration;

use hearth_model::clock::Timestamp;
use hearth_queues::protocol::QueueMessage;
use hearth_queues::{QueueClient, QueueService, Receipt};
use hearth_state::Database;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::embedded::EmbeddedQueue;
use super::pace::Pacing;
use super::remote::RemoteQueue;
use crate::Acknowledgement;

/// A queue to take messages from.
#[derive(Clone, Debug)]
pub enum QueueSource {
    /// In the embedded service.
    Embedded(EmbeddedQueue),
    /// At a service elsewhere.
    Remote(RemoteQueue),
}

/// A message that was taken.
#[derive(Clone, Debug)]
pub(super) struct Fetched {
    pub(super) id: String,
    pub(super) text: String,
    /// From 1.
    pub(super) dequeue_count: u32,
    pub(super) inserted: Timestamp,
    pub(super) expires: Timestamp,
    pub(super) next_visible: Timestamp,
    pub(super) receipt: Receipt,
}

impl Fetched {
    /// A message as a service answers it; `None` if it lacks what a message that was got has.
    pub(super) fn of(message: QueueMessage) -> Option<Self> {
        Some(Self {
            id: message.id,
            text: message.text?,
            dequeue_count: message.dequeue_count?,
            inserted: message.inserted,
            expires: message.expires,
            next_visible: message.next_visible?,
            receipt: Receipt(message.pop_receipt?),
        })
    }
}

/// Answer of a look.
#[derive(Debug)]
pub(super) enum Received {
    /// At least one.
    Messages(Vec<Fetched>),
    /// None; the next one becomes visible after so long, where that is known.
    Empty { next: Option<Duration> },
    /// The queue does not exist.
    NoQueue,
}

/// Why a message could not be renewed, deleted or given back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum HoldError {
    /// It is gone, or somebody else has it.
    Lost,
    /// The service can't be asked now; the text is for the log.
    Unavailable(String),
}

/// Wakes a listener.
pub(super) struct Bell(pub(super) Arc<Notify>);

impl Bell {
    /// Waits so long at most; whether it rang.
    pub(super) async fn wait(&self, pause: Duration, stop: &CancellationToken) -> bool {
        tokio::select! {
            () = stop.cancelled() => false,
            () = self.0.notified() => true,
            () = tokio::time::sleep(pause) => false,
        }
    }
}

impl QueueSource {
    /// A queue, by its name in lower case, of the account that a client is for.
    pub fn remote(client: QueueClient, queue: &str) -> Self {
        Self::Remote(RemoteQueue::new(client, queue))
    }

    /// A queue, by its name in lower case, of an account of the embedded service, which is over this host state. It is for one listener,
    /// which the service's bell for the queue wakes.
    pub fn embedded(service: &QueueService, state: Database, account: &str, queue: &str) -> Self {
        Self::Embedded(EmbeddedQueue::new(service, state, account, queue))
    }

    /// How it is looked at while it has nothing; `longest` is for one elsewhere.
    pub(super) fn pacing(&self, longest: Duration) -> Pacing {
        match self {
            Self::Embedded(_) => Pacing::Woken,
            Self::Remote(_) => Pacing::Polled { longest },
        }
    }

    /// How long a message that was taken stays out of sight.
    pub(super) fn invisibility(&self) -> Duration {
        match self {
            Self::Embedded(queue) => queue.invisibility,
            Self::Remote(queue) => queue.invisibility,
        }
    }

    /// The shortest pause between attempts to renew.
    pub(super) fn shortest_renewal(&self) -> Duration {
        match self {
            Self::Embedded(queue) => queue.shortest_renewal,
            Self::Remote(queue) => queue.shortest_renewal,
        }
    }

    pub(super) fn bell(&self) -> Bell {
        match self {
            Self::Embedded(queue) => queue.bell(),
            Self::Remote(queue) => queue.bell(),
        }
    }

    /// There is likely something: a bell rang.
    pub(super) fn expect_some(&self) {
        if let Self::Embedded(queue) = self {
            queue.expect_some();
        }
    }

    /// Takes up to `most` messages. A stop does not lose what is on its way.
    pub(super) async fn receive(&self, most: u32, stop: &CancellationToken) -> Result<Received, String> {
        match self {
            Self::Embedded(queue) => queue.receive(most).await,
            Self::Remote(queue) => queue.receive(most, stop).await,
        }
    }

    /// About how many messages there are, those out of sight too; 0 without a queue. Many are not counted to the last one.
    pub(super) async fn length(&self) -> Result<u64, String> {
        match self {
            Self::Embedded(queue) => queue.length().await,
            Self::Remote(queue) => queue.length().await,
        }
    }

    /// What makes a message done when its function succeeds.
    pub(super) fn acknowledgement(&self, message: &Fetched) -> Acknowledgement {
        match self {
            Self::Embedded(queue) => queue.acknowledgement(message),
            Self::Remote(_) => Acknowledgement::None,
        }
    }

    /// Keeps a message out of sight for longer.
    pub(super) async fn renew(&self, id: &str, receipt: &Receipt) -> Result<Receipt, HoldError> {
        match self {
            Self::Embedded(queue) => queue.renew(id, receipt).await,
            Self::Remote(queue) => queue.renew(id, receipt).await,
        }
    }

    /// Lets a message go whose function succeeded, where that is not done yet.
    pub(super) async fn finish(&self, id: &str, receipt: &Receipt) -> Result<(), HoldError> {
        match self {
            // It went with the outputs.
            Self::Embedded(_) => Ok(()),
            Self::Remote(queue) => queue.delete(id, receipt).await,
        }
    }

    /// Shows a message again after so long. `uncounted` says that its function did not run, which counts as no attempt where the
    /// service can be told so.
    pub(super) async fn give_back(
        &self,
        id: &str,
        receipt: &Receipt,
        after: Duration,
        uncounted: bool,
    ) -> Result<(), HoldError> {
        match self {
            Self::Embedded(queue) => queue.show(id, receipt, after, uncounted).await,
            Self::Remote(queue) => queue.show(id, receipt, after).await,
        }
    }

    /// Moves a message to another queue.
    pub(super) async fn poison(&self, message: &Fetched, receipt: &Receipt, to: &str) -> Result<(), HoldError> {
        match self {
            Self::Embedded(queue) => queue.poison(message, receipt, to).await,
            Self::Remote(queue) => queue.poison(message, receipt, to).await,
        }
    }

    /// Whether a message whose function could not run is better kept than given back, because giving back counts as an attempt.
    pub(super) fn counts_what_is_given_back(&self) -> bool {
        match self {
            Self::Embedded(_) => false,
            Self::Remote(_) => true,
        }
    }
}

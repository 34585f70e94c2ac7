//! A queue of a service elsewhere.

use std::time::Duration;

use hearth_queues::{ClientError, ClientErrorKind, QueueClient, Receipt};
use tokio_util::sync::CancellationToken;

use super::source::{Bell, Fetched, HoldError, Received};

/// As the original has them (reference: sections 4.2 and 4.3).
const INVISIBILITY: Duration = Duration::from_secs(10 * 60);
const SHORTEST_RENEWAL: Duration = Duration::from_secs(60);
/// How long a stop waits for messages that may be on their way.
const STOP_GRACE: Duration = Duration::from_secs(2);

/// A queue of a service elsewhere.
#[derive(Clone, Debug)]
pub struct RemoteQueue {
    client: QueueClient,
    queue: String,
    pub(super) invisibility: Duration,
    pub(super) shortest_renewal: Duration,
}

impl RemoteQueue {
    pub(super) fn new(client: QueueClient, queue: &str) -> Self {
        Self { client, queue: queue.to_owned(), invisibility: INVISIBILITY, shortest_renewal: SHORTEST_RENEWAL }
    }

    pub(super) fn bell(&self) -> Bell {
        Bell(self.client.bell(&self.queue))
    }

    pub(super) async fn receive(&self, most: u32, stop: &CancellationToken) -> Result<Received, String> {
        let mut get = std::pin::pin!(self.client.get(&self.queue, most, self.invisibility));
        let answer = tokio::select! {
            answer = &mut get => answer,
            () = stop.cancelled() => match tokio::time::timeout(STOP_GRACE, get).await {
                Ok(answer) => answer,
                Err(_) => return Ok(Received::Empty { next: None }),
            },
        };
        match answer {
            Ok(messages) => {
                let messages: Vec<Fetched> = messages.into_iter().filter_map(Fetched::of).collect();
                Ok(if messages.is_empty() { Received::Empty { next: None } } else { Received::Messages(messages) })
            }
            Err(error) if error.kind == ClientErrorKind::QueueNotFound => Ok(Received::NoQueue),
            Err(error) => Err(error.to_string()),
        }
    }

    pub(super) async fn length(&self) -> Result<u64, String> {
        let counted = self.client.length(&self.queue).await;
        counted.map(Option::unwrap_or_default).map_err(|error| error.to_string())
    }

    pub(super) async fn renew(&self, id: &str, receipt: &Receipt) -> Result<Receipt, HoldError> {
        self.client.update(&self.queue, id, receipt, self.invisibility).await.map_err(|error| sorted(&error))
    }

    pub(super) async fn show(&self, id: &str, receipt: &Receipt, after: Duration) -> Result<(), HoldError> {
        self.client.update(&self.queue, id, receipt, after).await.map(drop).map_err(|error| sorted(&error))
    }

    pub(super) async fn delete(&self, id: &str, receipt: &Receipt) -> Result<(), HoldError> {
        self.client.delete(&self.queue, id, receipt).await.map_err(|error| sorted(&error))
    }

    /// Copies, then deletes: what fails between the two leaves a duplicate and loses nothing.
    pub(super) async fn poison(&self, message: &Fetched, receipt: &Receipt, to: &str) -> Result<(), HoldError> {
        self.client.put(to, &message.text).await.map_err(|error| HoldError::Unavailable(error.to_string()))?;
        self.delete(&message.id, receipt).await
    }
}

fn sorted(error: &ClientError) -> HoldError {
    match error.kind {
        ClientErrorKind::MessageNotFound | ClientErrorKind::QueueNotFound => HoldError::Lost,
        _ => HoldError::Unavailable(error.to_string()),
    }
}

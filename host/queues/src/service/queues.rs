//! Operations on queues.

use std::collections::BTreeMap;

use hearth_state::{QueueCreation, QueuePlace, StoredQueue};

use super::{QueueError, QueueService};
use crate::protocol::{
    AccessPolicy, ErrorCode, ListedQueue, ProtocolError, QueueListing, QueueName, check_metadata, limits,
    read_policies, write_policies,
};

/// Names and values of metadata.
type Metadata = BTreeMap<String, String>;

/// What is told of a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueDetails {
    /// Its metadata.
    pub metadata: Metadata,
    /// About how many messages it has, invisible ones included.
    pub approximate_count: u64,
}

impl QueueService {
    /// Creates a queue. False if there was one with the same metadata.
    ///
    /// # Errors
    /// [`ErrorCode::QueueAlreadyExists`] for one with other metadata, [`ErrorCode::InvalidResourceName`] and
    /// [`ErrorCode::InvalidMetadata`] for names that break the rules, [`ErrorCode::ResourceNotFound`] when there is no such
    /// account.
    pub async fn create_queue(&self, account: &str, queue: &str, metadata: &Metadata) -> Result<bool, QueueError> {
        checked(queue)?;
        let metadata = stored_metadata(metadata)?;
        match self.0.database.queues().create(QueuePlace::new(account, queue), &metadata).await? {
            QueueCreation::Created => {
                // Listeners wait for the queue itself too.
                self.ring(account, queue);
                Ok(true)
            }
            QueueCreation::Exists(found) if read_metadata(&found) == read_metadata_text(&metadata) => Ok(false),
            QueueCreation::Exists(_) => Err(ErrorCode::QueueAlreadyExists.into()),
            QueueCreation::NoAccount => Err(ErrorCode::ResourceNotFound.into()),
        }
    }

    /// Makes sure that there is a queue, whatever its metadata.
    ///
    /// # Errors
    /// As [`QueueService::create_queue`].
    pub async fn ensure_queue(&self, account: &str, queue: &str) -> Result<(), QueueError> {
        match self.create_queue(account, queue, &Metadata::new()).await {
            Err(QueueError::Refused(error)) if error.code == ErrorCode::QueueAlreadyExists => Ok(()),
            other => other.map(|_| ()),
        }
    }

    /// Deletes a queue with its messages.
    ///
    /// # Errors
    /// [`ErrorCode::QueueNotFound`]; those of host state.
    pub async fn delete_queue(&self, account: &str, queue: &str) -> Result<(), QueueError> {
        found(self.0.database.queues().delete(QueuePlace::new(account, queue)).await?)
    }

    /// A page of an account's queues.
    ///
    /// # Errors
    /// Those of host state.
    pub async fn list_queues(
        &self,
        account: &str,
        prefix: &str,
        marker: &str,
        most: u32,
        with_metadata: bool,
    ) -> Result<QueueListing, QueueError> {
        let most = most.clamp(1, limits::QUEUES_PER_PAGE);
        let mut queues = self.0.database.queues().list(account, prefix, marker, most + 1).await?;
        let next_marker = queues.split_off(queues.len().min(usize::try_from(most).unwrap_or(usize::MAX)));
        let listed = |queue: StoredQueue| ListedQueue {
            metadata: with_metadata.then(|| read_metadata(&queue).into_iter().collect()),
            name: queue.name,
        };
        Ok(QueueListing {
            queues: queues.into_iter().map(listed).collect(),
            next_marker: next_marker.into_iter().next().map(|queue| queue.name),
        })
    }

    /// A queue's metadata and count.
    ///
    /// # Errors
    /// [`ErrorCode::QueueNotFound`]; those of host state.
    pub async fn queue(&self, account: &str, queue: &str) -> Result<QueueDetails, QueueError> {
        let place = QueuePlace::new(account, queue);
        let stored = self.0.database.queues().get(place).await?.ok_or(ErrorCode::QueueNotFound)?;
        let approximate_count = self.approximate_count(account, queue).await?;
        Ok(QueueDetails { metadata: read_metadata(&stored), approximate_count })
    }

    /// About how many messages a queue has, invisible ones included.
    ///
    /// # Errors
    /// [`ErrorCode::QueueNotFound`]; those of host state.
    pub async fn approximate_count(&self, account: &str, queue: &str) -> Result<u64, QueueError> {
        let counted = self.0.counts.of(&self.0.database.queues(), QueuePlace::new(account, queue)).await?;
        counted.ok_or_else(|| ErrorCode::QueueNotFound.into())
    }

    /// Replaces a queue's metadata.
    ///
    /// # Errors
    /// [`ErrorCode::QueueNotFound`], [`ErrorCode::InvalidMetadata`]; those of host state.
    pub async fn set_metadata(&self, account: &str, queue: &str, metadata: &Metadata) -> Result<(), QueueError> {
        let metadata = stored_metadata(metadata)?;
        found(self.0.database.queues().set_metadata(QueuePlace::new(account, queue), &metadata).await?)
    }

    /// A queue's stored access policies.
    ///
    /// # Errors
    /// [`ErrorCode::QueueNotFound`]; those of host state.
    pub async fn policies(&self, account: &str, queue: &str) -> Result<Vec<AccessPolicy>, QueueError> {
        let stored = self.0.database.queues().get(QueuePlace::new(account, queue)).await?;
        let stored = stored.ok_or(ErrorCode::QueueNotFound)?;
        Ok(read_policies(stored.policies.as_bytes())?)
    }

    /// Replaces a queue's stored access policies.
    ///
    /// # Errors
    /// [`ErrorCode::QueueNotFound`]; those of host state.
    pub async fn set_policies(&self, account: &str, queue: &str, policies: &[AccessPolicy]) -> Result<(), QueueError> {
        let text = if policies.is_empty() { String::new() } else { write_policies(policies) };
        found(self.0.database.queues().set_policies(QueuePlace::new(account, queue), &text).await?)
    }
}

pub(super) fn checked(queue: &str) -> Result<(), QueueError> {
    match QueueName::parse(queue) {
        Ok(_) => Ok(()),
        Err(error) => Err(ProtocolError::new(ErrorCode::InvalidResourceName, error.to_string()).into()),
    }
}

fn found(found: bool) -> Result<(), QueueError> {
    if found { Ok(()) } else { Err(ErrorCode::QueueNotFound.into()) }
}

/// Metadata as it is kept: JSON, and nothing for none.
fn stored_metadata(metadata: &Metadata) -> Result<String, QueueError> {
    check_metadata(metadata.iter().map(|(name, value)| (name.as_str(), value.as_str())))
        .map_err(|error| ProtocolError::new(ErrorCode::InvalidMetadata, error.to_string()))?;
    if metadata.is_empty() {
        return Ok(String::new());
    }
    Ok(serde_json::json!(metadata).to_string())
}

fn read_metadata(queue: &StoredQueue) -> Metadata {
    read_metadata_text(&queue.metadata)
}

fn read_metadata_text(text: &str) -> Metadata {
    serde_json::from_str(text).unwrap_or_default()
}

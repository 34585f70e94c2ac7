//! The change feed of a container.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::time::Instant;

use crate::client::{ChangesMode, ChangesRequest, ChangesStart, ContainerClient, CosmosError, CosmosErrorKind, Range};
use crate::processor::{
    ChangeItem, EpkRange, Feed, FeedError, FeedErrorKind, FeedIdentity, FeedMode, FeedPage, PageRequest, PageStart,
    PartitionRange, session_lsn,
};

/// An endpoint that took so long over an empty page has waited for something new: others answer at once.
const WAITED: Duration = Duration::from_secs(1);

/// The change feed of a container of any endpoint. The document store of a Hearth waits for something new by itself; at others the
/// processor looks again and again, with pauses that grow.
#[derive(Clone, Debug)]
pub struct ContainerFeed {
    container: ContainerClient,
    /// RID of the container that was identified last. Pages of another one of its name are not read: positions mean nothing there, and
    /// changes would be passed over.
    rid: Arc<Mutex<Option<Arc<str>>>>,
}

impl ContainerFeed {
    /// Of this container.
    pub fn new(container: ContainerClient) -> Self {
        Self { container, rid: Arc::default() }
    }

    /// The container.
    pub fn container(&self) -> &ContainerClient {
        &self.container
    }
}

impl Feed for ContainerFeed {
    async fn identity(&self) -> Result<FeedIdentity, FeedError> {
        let container = self.container.read().await?;
        let database_rid = match database_rid(&container.rid) {
            Some(rid) => rid,
            // Emulators have RIDs of their own kind.
            None => self.container.database().read().await?.rid,
        };
        *self.rid.lock().unwrap_or_else(PoisonError::into_inner) = Some(container.rid.as_str().into());
        let account_host = self.container.client().connection().host().to_owned();
        Ok(FeedIdentity { account_host, database_rid, container_rid: container.rid })
    }

    async fn ranges(&self, overlapping: &EpkRange) -> Result<Vec<PartitionRange>, FeedError> {
        let ranges = self.container.ranges().await?.into_iter().map(PartitionRange::from);
        Ok(ranges.filter(|range| range.bounds.overlaps(overlapping)).collect())
    }

    async fn read(&self, request: &PageRequest<'_>) -> Result<FeedPage, FeedError> {
        let began = Instant::now();
        let rid = self.rid.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let page = self
            .container
            .changes(&ChangesRequest {
                container_rid: rid.as_deref(),
                range: Some(request.scope.range),
                bounds: request.scope.bounds.map(|bounds| (bounds.min.as_str(), bounds.max.as_str())),
                start: match request.start {
                    PageStart::Beginning => ChangesStart::Beginning,
                    PageStart::Now => ChangesStart::Now,
                    PageStart::Time(at) => ChangesStart::Time(at),
                    PageStart::After(continuation) => ChangesStart::After(continuation),
                },
                mode: match request.mode {
                    FeedMode::LatestVersion => ChangesMode::Latest,
                    FeedMode::AllVersionsAndDeletes => ChangesMode::AllVersions,
                },
                max_items: request.max_items,
                wait: request.wait,
            })
            .await?;
        Ok(FeedPage {
            lsn: page.session_token.as_deref().and_then(session_lsn),
            waited: page.items.is_empty() && !request.wait.is_zero() && began.elapsed() >= WAITED,
            items: page.items.into_iter().map(ChangeItem::from).collect(),
            continuation: page.continuation,
            charge_hundredths: page.charge_hundredths,
        })
    }
}

impl From<Range> for PartitionRange {
    fn from(range: Range) -> Self {
        Self { id: range.id, bounds: EpkRange::new(range.min, range.max), parents: range.parents }
    }
}

impl From<CosmosError> for FeedError {
    fn from(error: CosmosError) -> Self {
        let kind = match error.kind {
            CosmosErrorKind::RangeGone => FeedErrorKind::RangeGone,
            // The replica that answers is behind; another one may not be.
            CosmosErrorKind::NotFound if error.sub_status == 1002 => FeedErrorKind::Passing,
            CosmosErrorKind::NotFound => FeedErrorKind::NotFound,
            // Another container has its name now.
            CosmosErrorKind::Refused if error.sub_status == 1024 => FeedErrorKind::NotFound,
            CosmosErrorKind::Throttled | CosmosErrorKind::Passing | CosmosErrorKind::Answer => FeedErrorKind::Passing,
            CosmosErrorKind::Exists | CosmosErrorKind::Changed | CosmosErrorKind::Denied | CosmosErrorKind::Refused => {
                FeedErrorKind::Refused
            }
        };
        Self { retry_after: error.retry_after, ..Self::new(kind, error.to_string()) }
    }
}

/// The RID of the database that a container's RID begins with: four of its eight bytes (reference: section 3).
fn database_rid(container: &str) -> Option<String> {
    let bytes = STANDARD.decode(container.replace('-', "/")).ok().filter(|bytes| bytes.len() == 8)?;
    Some(STANDARD.encode(&bytes[..4]).replace('/', "-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_containers_rid_begins_with_its_databases() {
        assert_eq!(database_rid("AAAAAYAAAAE=").as_deref(), Some("AAAAAQ=="));
        assert_eq!(database_rid("-+AAAYAAAAE=").as_deref(), Some("-+AAAQ=="));
        assert_eq!(database_rid("orders"), None);
    }
}

//! Leases in a container (reference: Cosmos DB, section 8.2).

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::sync::OnceCell;
use uuid::Uuid;

use crate::client::{ContainerClient, CosmosError, CosmosErrorKind, PartitionKey, Query, QueryScope};
use crate::processor::{Lease, LeaseLock, LeaseStore, LeaseStoreError, LeaseStoreErrorKind};

/// What says whose lock it is, so that one whose making was not answered is known again.
const HOLDER: &str = "holder";

/// A lease container of any endpoint. Its partition key has to be `/id` or `/partitionKey`, or it has none.
#[derive(Clone, Debug)]
pub struct ContainerLeases {
    container: ContainerClient,
    key: Arc<OnceCell<LeaseKey>>,
}

/// How the container is partitioned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LeaseKey {
    Id,
    Property,
    None,
}

impl ContainerLeases {
    /// In this container, which is looked at when it is used first.
    pub fn new(container: ContainerClient) -> Self {
        Self { container, key: Arc::default() }
    }

    /// The container.
    pub fn container(&self) -> &ContainerClient {
        &self.container
    }

    async fn key(&self) -> Result<LeaseKey, LeaseStoreError> {
        self.key.get_or_try_init(|| self.find_key()).await.copied()
    }

    async fn find_key(&self) -> Result<LeaseKey, LeaseStoreError> {
        let definition = self.container.read().await.map_err(missing_is_refused)?.partition_key;
        match definition.paths.as_slice() {
            [] => Ok(LeaseKey::None),
            [_] if definition.system_key => Ok(LeaseKey::None),
            [path] if path == "/id" => Ok(LeaseKey::Id),
            [path] if path == "/partitionKey" => Ok(LeaseKey::Property),
            paths => Err(LeaseStoreError::new(
                LeaseStoreErrorKind::Refused,
                format!(
                    "the lease container '{}' has the partition key {}; leases need a container whose partition key is /id \
                     (or /partitionKey): use another one",
                    self.container.id(),
                    paths.join(", ")
                ),
            )),
        }
    }

    /// The key of a document of this id that is no lease, and what it has to hold for that.
    async fn other(&self, id: &str) -> Result<(PartitionKey, Map<String, Value>), LeaseStoreError> {
        let mut document = Map::new();
        document.insert("id".to_owned(), id.into());
        Ok(match self.key().await? {
            LeaseKey::Id => (id.into(), document),
            LeaseKey::Property => {
                document.insert("partitionKey".to_owned(), id.into());
                (id.into(), document)
            }
            LeaseKey::None => (PartitionKey::none(), document),
        })
    }

    async fn key_of(&self, lease: &Lease) -> Result<PartitionKey, LeaseStoreError> {
        Ok(match self.key().await? {
            LeaseKey::Id => lease.id.as_str().into(),
            LeaseKey::Property => lease.partition_key.as_deref().unwrap_or(&lease.id).into(),
            LeaseKey::None => PartitionKey::none(),
        })
    }

    /// Makes the lock; none if there is one.
    async fn make_lock(&self, id: &str, ttl: Duration) -> Result<Option<LeaseLock>, LeaseStoreError> {
        let (key, mut document) = self.other(id).await?;
        let holder = Uuid::new_v4().to_string();
        document.insert("ttl".to_owned(), ttl.as_secs().max(1).into());
        document.insert(HOLDER.to_owned(), holder.clone().into());
        match self.container.create_item(&key, &Value::Object(document).to_string()).await {
            Ok(written) => Ok(Some(LeaseLock { id: id.to_owned(), etag: written.etag })),
            Err(error) if error.kind == CosmosErrorKind::Exists => Ok(None),
            Err(error) if error.may_have_been_done => {
                let found = self.container.read_item(id, &key).await?;
                let ours = found.filter(|item| item.parse::<Value>().is_ok_and(|item| item[HOLDER] == json!(holder)));
                match ours {
                    Some(item) => Ok(Some(LeaseLock { id: id.to_owned(), etag: item.etag })),
                    None => Err(error.into()),
                }
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Deletes a lock that should have gone by itself long ago; whether there was one.
    async fn break_lock(&self, id: &str) -> Result<bool, LeaseStoreError> {
        let (key, _) = self.other(id).await?;
        // One that is gone is to be had.
        let Some(item) = self.container.read_item(id, &key).await? else { return Ok(true) };
        let Ok(found) = item.parse::<Value>() else { return Ok(false) };
        let (Some(written), Some(ttl)) = (found["_ts"].as_i64(), found["ttl"].as_i64()) else { return Ok(false) };
        let now = self.container.client().now().as_micros().div_euclid(1_000_000);
        if now.saturating_sub(written) <= ttl.saturating_mul(2) {
            return Ok(false);
        }
        match self.container.delete_item(id, &key, Some(&item.etag)).await {
            Ok(()) => Ok(true),
            Err(error) if error.kind == CosmosErrorKind::NotFound => Ok(true),
            Err(error) if error.kind == CosmosErrorKind::Changed => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

impl LeaseStore for ContainerLeases {
    async fn list(&self, prefix: &str) -> Result<Vec<Lease>, LeaseStoreError> {
        let query = Query::new("SELECT * FROM c WHERE STARTSWITH(c.id, @prefix)").with("@prefix", prefix);
        let rows = self.container.query(&query, QueryScope::Container, usize::MAX).await.map_err(missing_is_refused)?;
        let lease = |text: &str| {
            Lease::from_json(text).map_err(|reason| LeaseStoreError::new(LeaseStoreErrorKind::Refused, reason))
        };
        rows.iter().map(|row| lease(row.get())).collect()
    }

    async fn read(&self, lease: &Lease) -> Result<Lease, LeaseStoreError> {
        let key = self.key_of(lease).await?;
        let Some(item) = self.container.read_item(&lease.id, &key).await? else {
            return Err(LeaseStoreError::new(
                LeaseStoreErrorKind::NotFound,
                format!("the lease '{}' is not in the container '{}'", lease.id, self.container.id()),
            ));
        };
        let read = Lease::from_json(&item.text)
            .map_err(|reason| LeaseStoreError::new(LeaseStoreErrorKind::Refused, reason))?;
        Ok(Lease { etag: item.etag, ..read })
    }

    async fn create(&self, lease: &Lease) -> Result<Lease, LeaseStoreError> {
        let mut lease = lease.clone();
        lease.etag.clear();
        lease.partition_key = match self.key().await? {
            LeaseKey::Property => Some(Uuid::new_v4().to_string()),
            LeaseKey::Id | LeaseKey::None => None,
        };
        if lease.partition_key.is_some() && self.list(&lease.id).await?.iter().any(|known| known.id == lease.id) {
            // Ids are one's own only within a partition key, and this one is new.
            return Err(LeaseStoreError::new(
                LeaseStoreErrorKind::Exists,
                format!("the lease '{}' is there already", lease.id),
            ));
        }
        let key = self.key_of(&lease).await?;
        let written = self.container.create_item(&key, &lease.to_json()).await?;
        Ok(Lease { etag: written.etag, ..lease })
    }

    async fn replace(&self, lease: &Lease) -> Result<Lease, LeaseStoreError> {
        let key = self.key_of(lease).await?;
        let written = self.container.replace_item(&lease.id, &key, &lease.to_json(), Some(&lease.etag)).await?;
        Ok(Lease { etag: written.etag, ..lease.clone() })
    }

    async fn delete(&self, lease: &Lease) -> Result<(), LeaseStoreError> {
        let key = self.key_of(lease).await?;
        Ok(self.container.delete_item(&lease.id, &key, Some(&lease.etag)).await?)
    }

    async fn is_marked(&self, id: &str) -> Result<bool, LeaseStoreError> {
        self.key().await?;
        // By a query, since there are emulators that fail at reading what is not there.
        let query = Query::new("SELECT * FROM c WHERE c.id = @id").with("@id", id);
        Ok(!self.container.query(&query, QueryScope::Container, 1).await?.is_empty())
    }

    async fn mark(&self, id: &str) -> Result<(), LeaseStoreError> {
        let (key, document) = self.other(id).await?;
        // It holds nothing that could be lost by writing it again.
        self.container.upsert_item(&key, &Value::Object(document).to_string(), None).await?;
        Ok(())
    }

    async fn lock(&self, id: &str, ttl: Duration) -> Result<Option<LeaseLock>, LeaseStoreError> {
        match self.make_lock(id, ttl).await? {
            None if self.break_lock(id).await? => self.make_lock(id, ttl).await,
            found => Ok(found),
        }
    }

    async fn unlock(&self, lock: &LeaseLock) -> Result<(), LeaseStoreError> {
        let (key, _) = self.other(&lock.id).await?;
        match self.container.delete_item(&lock.id, &key, Some(&lock.etag)).await {
            // It went by itself, and may be somebody else's now.
            Err(error) if [CosmosErrorKind::NotFound, CosmosErrorKind::Changed].contains(&error.kind) => Ok(()),
            result => Ok(result?),
        }
    }
}

/// A lease container that is not there: somebody has to make it.
fn missing_is_refused(error: CosmosError) -> LeaseStoreError {
    let missing = error.kind == CosmosErrorKind::NotFound && error.sub_status != 1002;
    let error = LeaseStoreError::from(error);
    if missing { LeaseStoreError { kind: LeaseStoreErrorKind::Refused, ..error } } else { error }
}

impl From<CosmosError> for LeaseStoreError {
    fn from(error: CosmosError) -> Self {
        let kind = match error.kind {
            CosmosErrorKind::Exists => LeaseStoreErrorKind::Exists,
            CosmosErrorKind::Changed => LeaseStoreErrorKind::Changed,
            // The replica that answers is behind; another one may not be.
            CosmosErrorKind::NotFound if error.sub_status == 1002 => LeaseStoreErrorKind::Passing,
            CosmosErrorKind::NotFound if error.is_owner_missing() => LeaseStoreErrorKind::Refused,
            CosmosErrorKind::NotFound => LeaseStoreErrorKind::NotFound,
            CosmosErrorKind::RangeGone
            | CosmosErrorKind::Throttled
            | CosmosErrorKind::Passing
            | CosmosErrorKind::Answer => LeaseStoreErrorKind::Passing,
            CosmosErrorKind::Denied | CosmosErrorKind::Refused => LeaseStoreErrorKind::Refused,
        };
        Self { retry_after: error.retry_after, ..Self::new(kind, error.to_string()) }
    }
}

//! The account that a function's documents are in, of the embedded store or elsewhere, and what a listener asks of it.

use hearth_cosmos::client::{NewContainer, PartitionKey};
use hearth_cosmos::processor::{
    EpkRange, Feed, FeedError, FeedIdentity, FeedPage, Lease, LeaseLock, LeaseStore, LeaseStoreError, PageRequest,
    PartitionRange,
};
use hearth_cosmos::{ContainerFeed, ContainerLeases, CosmosClient, CosmosError, CosmosErrorKind};
use http::StatusCode;

use super::embedded::{EmbeddedAccount, EmbeddedFeed, EmbeddedLeases};
use super::host_leases::HostLeases;

/// An account.
#[derive(Clone, Debug)]
pub enum CosmosAccount {
    /// In the embedded store.
    Embedded(EmbeddedAccount),
    /// At an endpoint elsewhere.
    Remote(CosmosClient),
}

/// A container that is to be made, with the key path `/id` and documents that live until their own `ttl`.
#[derive(Clone, Copy, Debug)]
pub struct LeaseContainer<'a> {
    /// Its database, which is made too.
    pub database: &'a str,
    /// Its name.
    pub container: &'a str,
    /// Request units per second; none for the service's default.
    pub throughput: Option<u32>,
}

/// Why an account did not do what it was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// There is no such database or container.
    #[error("it does not exist")]
    NotFound,
    /// A document is larger than the service takes.
    #[error("an item is so large that it does not fit into a document together with why it failed")]
    TooLarge,
    /// Anything else, as public text.
    #[error("{0}")]
    Failed(String),
}

impl From<CosmosError> for AccountError {
    fn from(error: CosmosError) -> Self {
        match (error.kind, error.status) {
            (CosmosErrorKind::NotFound, _) => Self::NotFound,
            (_, Some(StatusCode::PAYLOAD_TOO_LARGE)) => Self::TooLarge,
            _ => Self::Failed(error.to_string()),
        }
    }
}

impl CosmosAccount {
    /// Whether it is the same account: then equal RIDs are of one container.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Embedded(one), Self::Embedded(other)) => one.name() == other.name(),
            (Self::Remote(one), Self::Remote(other)) => one.connection().endpoint == other.connection().endpoint,
            _ => false,
        }
    }

    /// The feed of a container.
    pub(super) fn feed(&self, database: &str, container: &str) -> AnyFeed {
        match self {
            Self::Embedded(account) => AnyFeed::Embedded(EmbeddedFeed::new(account, database, container)),
            Self::Remote(client) => {
                AnyFeed::Remote(Box::new(ContainerFeed::new(client.container(database, container))))
            }
        }
    }

    /// What identifies a container in the whole account.
    pub(super) async fn rid(&self, database: &str, container: &str) -> Result<String, AccountError> {
        match self {
            Self::Embedded(account) => account.rid(database, container).await,
            Self::Remote(client) => Ok(client.container(database, container).read().await?.rid),
        }
    }

    /// A lease container; without a value its partition key is one that leases can't have.
    pub(super) async fn leases(&self, database: &str, container: &str) -> Result<Option<AnyLeases>, AccountError> {
        match self {
            Self::Embedded(account) => {
                let leases = EmbeddedLeases::open(account, database, container).await?;
                Ok(leases.map(AnyLeases::Embedded))
            }
            // It says itself what is wrong with its key.
            Self::Remote(client) => {
                Ok(Some(AnyLeases::Remote(ContainerLeases::new(client.container(database, container)))))
            }
        }
    }

    /// Makes a container with its database, where they are missing.
    pub(super) async fn make_container(&self, new: &LeaseContainer<'_>) -> Result<(), AccountError> {
        match self {
            Self::Embedded(account) => account.make_container(new).await,
            Self::Remote(client) => {
                let container = client.container(new.database, new.container);
                container.create_if_missing(&NewContainer::for_leases(new.throughput)).await?;
                Ok(())
            }
        }
    }

    /// Puts a document in place of one with its id.
    pub(super) async fn upsert(
        &self,
        database: &str,
        container: &str,
        id: &str,
        body: &str,
    ) -> Result<(), AccountError> {
        match self {
            Self::Embedded(account) => account.upsert(database, container, id, body).await,
            Self::Remote(client) => {
                let container = client.container(database, container);
                let definition = container.read().await?.partition_key;
                let item = serde_json::from_str(body).map_err(|error| AccountError::Failed(error.to_string()))?;
                let key = PartitionKey::of_item(&definition, &item);
                container.upsert_item(&key, body, None).await?;
                Ok(())
            }
        }
    }
}

/// The feed of a container, wherever it is.
#[derive(Debug)]
pub(super) enum AnyFeed {
    Embedded(EmbeddedFeed),
    Remote(Box<ContainerFeed>),
}

impl Feed for AnyFeed {
    async fn identity(&self) -> Result<FeedIdentity, FeedError> {
        match self {
            Self::Embedded(feed) => feed.identity().await,
            Self::Remote(feed) => feed.identity().await,
        }
    }

    async fn ranges(&self, overlapping: &EpkRange) -> Result<Vec<PartitionRange>, FeedError> {
        match self {
            Self::Embedded(feed) => feed.ranges(overlapping).await,
            Self::Remote(feed) => feed.ranges(overlapping).await,
        }
    }

    async fn read(&self, request: &PageRequest<'_>) -> Result<FeedPage, FeedError> {
        match self {
            Self::Embedded(feed) => feed.read(request).await,
            Self::Remote(feed) => feed.read(request).await,
        }
    }
}

/// Where leases are kept, whichever place that is.
#[derive(Debug)]
pub(super) enum AnyLeases {
    Embedded(EmbeddedLeases),
    Remote(ContainerLeases),
    Host(HostLeases),
}

macro_rules! each {
    ($this:expr, $leases:ident => $call:expr) => {
        match $this {
            Self::Embedded($leases) => $call,
            Self::Remote($leases) => $call,
            Self::Host($leases) => $call,
        }
    };
}

impl LeaseStore for AnyLeases {
    async fn list(&self, prefix: &str) -> Result<Vec<Lease>, LeaseStoreError> {
        each!(self, leases => leases.list(prefix).await)
    }

    async fn read(&self, lease: &Lease) -> Result<Lease, LeaseStoreError> {
        each!(self, leases => leases.read(lease).await)
    }

    async fn create(&self, lease: &Lease) -> Result<Lease, LeaseStoreError> {
        each!(self, leases => leases.create(lease).await)
    }

    async fn replace(&self, lease: &Lease) -> Result<Lease, LeaseStoreError> {
        each!(self, leases => leases.replace(lease).await)
    }

    async fn delete(&self, lease: &Lease) -> Result<(), LeaseStoreError> {
        each!(self, leases => leases.delete(lease).await)
    }

    async fn is_marked(&self, id: &str) -> Result<bool, LeaseStoreError> {
        each!(self, leases => leases.is_marked(id).await)
    }

    async fn mark(&self, id: &str) -> Result<(), LeaseStoreError> {
        each!(self, leases => leases.mark(id).await)
    }

    async fn lock(&self, id: &str, ttl: std::time::Duration) -> Result<Option<LeaseLock>, LeaseStoreError> {
        each!(self, leases => leases.lock(id, ttl).await)
    }

    async fn unlock(&self, lock: &LeaseLock) -> Result<(), LeaseStoreError> {
        each!(self, leases => leases.unlock(lock).await)
    }
}

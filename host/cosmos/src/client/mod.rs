//! A client of any service that speaks the Cosmos DB REST API: Azure, an emulator, or the document store of a Hearth elsewhere.
//!
//! It speaks to the endpoint of the connection alone (gateway mode), signs with the account's key, waits a bounded time for each answer
//! and tries again as the SDKs do:
//!
//! | what happened | what is done |
//! |---|---|
//! | 429 | again after `x-ms-retry-after-ms`, at most 9 times and 30 s together |
//! | 449 | again after 10 ms, 20 ms, 40 ms, … up to 30 s together |
//! | 404/1002 | again; at last without the session's tokens |
//! | 410/1002, 1007, 1008 | told to who reads one range; other calls are made again |
//! | other 410, 403/3, 403/1008, 404/1013 | again, up to 4 times within some seconds |
//! | no connection could be made | again, up to 4 times within some seconds, and not after a minute |
//! | 408, 500, 502, 503, 504, the way broke | the same for everything but creates, which may have been done |
//! | a certificate that is not trusted, any other status | told at once |
//!
//! A conditional write that is made again because its answer was lost may find the version that it made itself, which is answered
//! 412. Then the item is read: if it holds what was to be written, the write was done. A delete that is made again and finds
//! nothing was done.
//!
//! What was written and read is what is read next: the client keeps the session tokens of each container and sends them along.
//!
//! ```no_run
//! # use std::sync::Arc;
//! # use hearth_cosmos::client::{CosmosClient, NewContainer, Query, QueryScope};
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let connection = "AccountEndpoint=https://localhost:8081/;AccountKey=...;DisableServerCertificateValidation=true".parse()?;
//! let client = CosmosClient::new(&connection, Arc::new(hearth_model::clock::SystemClock));
//! let orders = client.container("shop", "orders");
//! orders.create_if_missing(&NewContainer::with_key("/customer")).await?;
//! orders.upsert_item(&"c-17".into(), r#"{"id":"1","customer":"c-17","total":12.5}"#, None).await?;
//! let query = Query::new("SELECT VALUE c.total FROM c WHERE c.total > @least").with("@least", 10);
//! for total in orders.query(&query, QueryScope::Key(&"c-17".into()), 100).await? {
//!     println!("{total}");
//! }
//! # Ok(())
//! # }
//! ```

mod call;
mod changes;
mod container;
mod database;
mod error;
mod items;
mod link;
mod partition_key;
mod query;
mod retry;
mod session;
mod signature;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hearth_model::clock::{Clock, Timestamp};
use hearth_outbound::{Outbound, OutboundOptions};

use crate::connection::CosmosConnection;
pub use changes::{ChangesMode, ChangesPage, ChangesRequest, ChangesStart};
pub use container::{ContainerClient, ContainerProperties, NewContainer, Range};
pub use database::{DatabaseClient, DatabaseProperties};
pub use error::{CosmosError, CosmosErrorKind};
pub use items::{Item, Written};
pub use partition_key::{PartitionKey, PartitionKeyDefinition};
pub use query::{Query, QueryPage, QueryScope};

/// Longest time for an answer; gateways give up after 60 s.
const TIMEOUT: Duration = Duration::from_secs(65);
/// Longest answer: a page is 4 MiB, and more where a transaction is not cut, with the items before it too.
const MAX_ANSWER_BYTES: usize = 64 * 1024 * 1024;

/// Clients of all connections of a process; what they share is made at the first request.
#[derive(Clone)]
pub struct CosmosClients(Arc<Shared>);

struct Shared {
    outbound: Outbound,
    /// For endpoints on this machine whose certificate nobody vouches for.
    this_machine: Outbound,
    clock: Arc<dyn Clock>,
    clients: Mutex<Vec<CosmosClient>>,
}

impl CosmosClients {
    /// With the proxies and trusted certificates of this process.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let options =
            OutboundOptions { timeout: TIMEOUT, max_answer_bytes: MAX_ANSWER_BYTES, only_this_machine: false };
        Self(Arc::new(Shared {
            outbound: Outbound::new(options),
            this_machine: Outbound::new(OutboundOptions { only_this_machine: true, ..options }),
            clock,
            clients: Mutex::default(),
        }))
    }

    /// The client of a connection: one for all who ask for the same, with one session.
    pub fn client(&self, connection: &CosmosConnection) -> CosmosClient {
        let mut clients = self.0.clients.lock().unwrap_or_else(PoisonError::into_inner);
        // What nobody uses any more goes, so that changed keys do not pile up.
        clients.retain(|client| Arc::strong_count(&client.0) > 1 || client.connection() == connection);
        if let Some(client) = clients.iter().find(|client| client.connection() == connection) {
            return client.clone();
        }
        let outbound = match connection.accepts_any_certificate {
            true => self.0.this_machine.clone(),
            false => self.0.outbound.clone(),
        };
        let client = CosmosClient(Arc::new(Client {
            outbound,
            clock: self.0.clock.clone(),
            direct: connection.is_loopback(),
            connection: connection.clone(),
            sessions: session::Sessions::default(),
        }));
        clients.push(client.clone());
        client
    }
}

/// A client of one account. Clones are the same client.
#[derive(Clone)]
pub struct CosmosClient(Arc<Client>);

struct Client {
    outbound: Outbound,
    clock: Arc<dyn Clock>,
    /// Past any proxy: a proxy's `localhost` is another machine.
    direct: bool,
    connection: CosmosConnection,
    sessions: session::Sessions,
}

/// Where the account is, without what opens it.
impl std::fmt::Debug for CosmosClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("CosmosClient").field(&self.0.connection.endpoint).finish()
    }
}

impl CosmosClient {
    /// A client that shares nothing with others.
    pub fn new(connection: &CosmosConnection, clock: Arc<dyn Clock>) -> Self {
        CosmosClients::new(clock).client(connection)
    }

    /// The connection it was made for.
    pub fn connection(&self) -> &CosmosConnection {
        &self.0.connection
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// A database, which need not be there.
    pub fn database(&self, id: &str) -> DatabaseClient {
        DatabaseClient::new(self.clone(), id)
    }

    /// A container of a database, neither of which need be there.
    pub fn container(&self, database: &str, container: &str) -> ContainerClient {
        self.database(database).container(container)
    }
}

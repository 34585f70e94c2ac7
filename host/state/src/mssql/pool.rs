//! A bounded pool of connections.
//!
//! A connection is *busy* from before a request until its whole answer was read. One that is given back busy, or that
//! failed, is thrown away: the server then rolls back whatever it had open. A connection that the server closed while it
//! was idle is noticed before it is used, so that a restart of the server costs no operation.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::connect::{Client, Connection, Connector};
use super::errors::Failure;
use crate::StateError;
use crate::metrics::Counters;

/// Idle for longer, a connection is asked whether the server still knows it.
const ASK_AFTER: Duration = Duration::from_secs(30);
/// How long that question may take.
const ASK_PATIENCE: Duration = Duration::from_secs(2);
/// Idle for longer, a connection is closed when a younger one is wanted.
const IDLE_LIMIT: Duration = Duration::from_secs(300);

pub(super) struct Pool {
    connector: Connector,
    permits: Arc<Semaphore>,
    size: u32,
    idle: Arc<Idle>,
    counters: Arc<Counters>,
}

#[derive(Default)]
struct Idle(Mutex<Vec<Connection>>);

impl Idle {
    fn take(&self) -> Option<Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn put(&self, connection: Connection) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }
}

impl Pool {
    pub(super) fn new(connector: Connector, size: u32, counters: Arc<Counters>) -> Self {
        let permits = Arc::new(Semaphore::new(size as usize));
        Self { connector, permits, size, idle: Arc::default(), counters }
    }

    /// The server as errors name it.
    pub(super) fn place(&self) -> &str {
        self.connector.place()
    }

    /// A connection that answers, waiting for one to be free as long as the server may take for an answer.
    pub(super) async fn get(&self) -> Result<Lent, Failure> {
        let patience = self.connector.patience();
        let permit = match tokio::time::timeout(patience, Arc::clone(&self.permits).acquire_owned()).await {
            Ok(Ok(permit)) => permit,
            Ok(Err(_)) => return Err(Failure::Final(StateError::Unavailable("it was closed".to_owned()))),
            Err(_) => {
                return Err(Failure::Final(StateError::Unavailable(format!(
                    "all {} connections to SQL Server '{}' are busy",
                    self.size,
                    self.place()
                ))));
            }
        };
        while let Some(connection) = self.idle.take() {
            let mut lent = self.lend(connection, None);
            if lent.answers().await {
                lent.permit = Some(permit);
                return Ok(lent);
            }
        }
        let connection = self.connector.connect().await?;
        self.counters.connected.one();
        Ok(self.lend(connection, Some(permit)))
    }

    fn lend(&self, connection: Connection, permit: Option<OwnedSemaphorePermit>) -> Lent {
        let (idle, counters) = (Arc::clone(&self.idle), Arc::clone(&self.counters));
        Lent { connection: Some(connection), busy: false, idle, counters, permit }
    }

    /// Closes idle connections, and lends no more.
    pub(super) async fn close(&self) {
        self.permits.close();
        while let Some(connection) = self.idle.take() {
            // A server that is gone has closed it already.
            tokio::time::timeout(ASK_PATIENCE, connection.client.close()).await.ok();
        }
    }
}

/// A connection in use. Dropping it gives it back, or throws it away if an answer is outstanding.
pub(super) struct Lent {
    connection: Option<Connection>,
    busy: bool,
    idle: Arc<Idle>,
    counters: Arc<Counters>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Lent {
    /// The connection for one request; [`Lent::settled`] says that its whole answer was read.
    pub(super) fn request(&mut self) -> Result<&mut Client, tiberius::error::Error> {
        self.busy = true;
        match &mut self.connection {
            Some(connection) => Ok(&mut connection.client),
            None => Err(std::io::Error::from(std::io::ErrorKind::NotConnected).into()),
        }
    }

    /// The whole answer was read and no transaction is open.
    pub(super) fn settled(&mut self) {
        self.busy = false;
    }

    /// After an error of the server: reads the rest of its answer and ends what the request left open. What does not
    /// work out leaves the connection busy, to be thrown away.
    pub(super) async fn recover(&mut self) {
        let cleaned = tokio::time::timeout(ASK_PATIENCE, self.clean()).await;
        if matches!(cleaned, Ok(Ok(()))) {
            self.settled();
        }
    }

    async fn clean(&mut self) -> Result<(), tiberius::error::Error> {
        let client = self.request()?;
        client.simple_query("IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION").await?.into_results().await?;
        Ok(())
    }

    async fn answers(&mut self) -> bool {
        let Some(connection) = &self.connection else { return false };
        let idle = connection.used.elapsed();
        if idle > IDLE_LIMIT || !connection.is_quiet() {
            self.busy = true;
            return false;
        }
        if idle > ASK_AFTER {
            self.recover().await;
        }
        !self.busy
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        match self.connection.take() {
            Some(mut connection) if !self.busy => {
                connection.used = Instant::now();
                self.idle.put(connection);
            }
            Some(_) => self.counters.discarded.one(),
            None => {}
        }
    }
}

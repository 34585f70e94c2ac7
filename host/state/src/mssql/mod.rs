//! SQL Server: a small pool of connections, and each operation one transaction, most of them one round trip.
//!
//! An operation runs in a task of its own, so a caller that goes away never leaves a connection in the middle of an
//! answer. Times are decided by the server's clock. What came to nothing for a passing reason (a deadlock, a lock that was
//! waited for too long, a row that another inserted first, no connection) is begun anew as a whole, a few times. A commit
//! whose answer is lost is never repeated here: its caller is told that the outcome is unknown, as on SQLite.
//!
//! The statements are those that SQL Server 2016 and later and Babelfish both run.

mod batch;
mod connect;
mod errors;
mod migrate;
mod pool;
mod run;
mod transaction;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::metrics::Counters;
use crate::operation::{Operation, Outcome, Row, Step};
use crate::url::SqlServer;
use crate::{OpenOptions, StateError};
use connect::Connector;
use errors::Failure;
use pool::Pool;
use transaction::Transactions;

/// Most times that an operation is begun.
const ATTEMPTS: u32 = 8;
/// The first pause before an operation is begun anew; each later one is twice as long, and a part of it is left to chance.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
/// The longest of these pauses.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// A schema of a SQL Server database in use.
pub(crate) struct SqlServerEngine {
    transactions: Arc<Transactions>,
    /// One permit for each operation under way or waiting for a connection.
    queue: Arc<Semaphore>,
    queue_length: u32,
}

impl fmt::Debug for SqlServerEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlServerEngine").field("place", &self.transactions.pool.place()).finish_non_exhaustive()
    }
}

impl SqlServerEngine {
    /// Connects, migrates the schema and looks at how the database is set up.
    pub(crate) async fn open(
        server: &SqlServer,
        options: OpenOptions,
        counters: Arc<Counters>,
    ) -> Result<Self, StateError> {
        if !server.ignored.is_empty() {
            tracing::warn!(keys = ?server.ignored, "state URL: these keys have no meaning for Hearth and are ignored");
        }
        if server.trust_certificate {
            tracing::warn!(server = %server.place(), "state URL: TrustServerCertificate takes any certificate, also a forged one");
        }
        let connector = Connector::new(server.clone());
        let schema = server.schema.clone();
        let pool = Pool::new(connector, server.pool, Arc::clone(&counters));
        let queue_length = u32::try_from(options.write_queue.max(1)).unwrap_or(u32::MAX);
        let transactions = Transactions {
            pool,
            schema,
            clock: options.clock_decides.then_some(options.clock),
            faults: options.faults,
            counters,
        };
        let engine = Self {
            transactions: Arc::new(transactions),
            queue: Arc::new(Semaphore::new(queue_length as usize)),
            queue_length,
        };
        engine.repeated(|transactions| async move { migrate::run(&transactions).await }).await?;
        Ok(engine)
    }

    pub(crate) async fn write(&self, operation: Operation) -> Result<Outcome, StateError> {
        self.transactions.counters.writes.one();
        let operation = Arc::new(operation);
        self.repeated(move |transactions| {
            let operation = Arc::clone(&operation);
            async move { transactions.write(&operation).await }
        })
        .await
    }

    pub(crate) async fn read(&self, query: Step) -> Result<Vec<Row>, StateError> {
        self.transactions.counters.reads.one();
        let query = Arc::new(query);
        self.repeated(move |transactions| {
            let query = Arc::clone(&query);
            async move { transactions.read(&query).await }
        })
        .await
    }

    /// Waits for what is under way, then closes every connection.
    pub(crate) async fn close(&self) {
        if let Ok(all) = self.queue.acquire_many(self.queue_length).await {
            self.queue.close();
            drop(all);
        }
        self.transactions.pool.close().await;
    }

    /// Runs something in a task of its own, and again while it comes to nothing for a passing reason.
    async fn repeated<T, F>(&self, attempt: impl Fn(Arc<Transactions>) -> F + Send + 'static) -> Result<T, StateError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Failure>> + Send + 'static,
    {
        let closed = || StateError::Unavailable("it was closed".to_owned());
        let place = Arc::clone(&self.queue).acquire_owned().await.map_err(|_| closed())?;
        let transactions = Arc::clone(&self.transactions);
        let task = tokio::spawn(async move {
            let _held = place;
            let mut pause = FIRST_PAUSE;
            for round in 1.. {
                match attempt(Arc::clone(&transactions)).await {
                    Ok(answer) => return Ok(answer),
                    Err(Failure::Undone(passing, error)) => {
                        passing.count(&transactions.counters);
                        if round >= ATTEMPTS {
                            return Err(error);
                        }
                        tracing::debug!(%error, round, "state database: begun anew");
                        transactions.counters.retries.one();
                        tokio::time::sleep(jittered(pause)).await;
                        pause = (pause * 2).min(LONGEST_PAUSE);
                    }
                    Err(Failure::Unknown(error)) => {
                        transactions.counters.unknown.one();
                        return Err(error);
                    }
                    Err(Failure::Final(error)) => return Err(error),
                }
            }
            Err(closed())
        });
        task.await.unwrap_or_else(|_| Err(StateError::Unavailable("the process is shutting down".to_owned())))
    }
}

/// Between half of the pause and all of it, so that those who met do not meet again.
fn jittered(pause: Duration) -> Duration {
    let mut random = [0; 1];
    // Without random numbers the pause is the longest.
    let part = getrandom::fill(&mut random).map_or(255, |()| u32::from(random[0]));
    pause / 2 + (pause / 2) * part / 255
}

//! SQLite in WAL mode: many readers, whose point reads go together, and one writer thread per process that commits operations in groups.
//!
//! Processes share the file; their writers take turns by a lock on `<file>.writer-lock`, which the kernel frees when its
//! holder dies. SQLite has no clock of its own that tests could set, so times are passed as arguments from the injected
//! clock, read when a batch runs; all processes are on one machine and share its clock.

mod backup;
mod batch;
mod checkpoint;
mod connect;
mod errors;
mod migrate;
mod park;
mod presence;
mod run;
mod together;
mod turn;
mod values;
mod writer;

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hearth_model::clock::Clock;
use sqlx::sqlite::{SqlitePool, SqlitePoolOptions};

use crate::metrics::Counters;
use crate::operation::{Operation, Outcome, Row, Step};
use crate::{OpenOptions, StateError};
use checkpoint::Orders;
use connect::{Connector, Role};
use errors::Place;
use presence::Presence;
use run::Runner;
use together::Together;
use turn::Turn;
use writer::Writer;

/// Longest a read may take, waiting for a connection included. Bounds how long a reader can hold up a checkpoint.
const READ_TIMEOUT: Duration = Duration::from_secs(10);

pub(crate) use backup::{Copied, Replacement, copy_into};

/// An open SQLite database.
pub(crate) struct SqliteEngine {
    place: Place,
    writer: Writer,
    readers: SqlitePool,
    together: Arc<Together>,
    checkpoints: Arc<Orders>,
    checkpointer: tokio::sync::Mutex<Option<tokio::task::JoinHandle<()>>>,
    clock: Arc<dyn Clock>,
    counters: Arc<Counters>,
    presence: tokio::sync::Mutex<Option<Presence>>,
}

impl fmt::Debug for SqliteEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteEngine").field("path", &self.place.path()).finish_non_exhaustive()
    }
}

impl SqliteEngine {
    /// Checks the place, then opens, migrates and starts the writer and the checkpointer.
    pub(crate) async fn open(path: &Path, options: OpenOptions, counters: Arc<Counters>) -> Result<Self, StateError> {
        let place = Place::check(path)?;
        let presence = Presence::with_others(&place)?;
        Self::open_in(place, Some(presence), options, counters).await
    }

    /// As [`SqliteEngine::open`], for a caller that sees to it that nobody else uses the file.
    pub(crate) async fn open_alone(
        path: &Path,
        options: OpenOptions,
        counters: Arc<Counters>,
    ) -> Result<Self, StateError> {
        Self::open_in(Place::check(path)?, None, options, counters).await
    }

    async fn open_in(
        place: Place,
        presence: Option<Presence>,
        options: OpenOptions,
        counters: Arc<Counters>,
    ) -> Result<Self, StateError> {
        let turn = Turn::open(&place)?;
        let connector = Connector::new(place.clone(), options.max_file_bytes);
        // Creation, WAL recovery and migration happen in this process's turn, so that no two processes do them at once.
        let held = turn.take_blocking().await?;
        let mut connection = connector.connect_first().await?;
        migrate::run(&mut connection, &place, options.clock.as_ref()).await?;
        drop(held);
        let readers = SqlitePoolOptions::new()
            .max_connections(options.readers.max(1))
            .min_connections(0)
            .acquire_timeout(READ_TIMEOUT)
            // A file does not hang up; asking each time would double the cost of a read.
            .test_before_acquire(false)
            .connect_lazy_with(connector.options(Role::Reader));
        let checkpoints = Arc::new(Orders::default());
        let checkpointer = tokio::spawn(checkpoint::run(connector.clone(), turn.another()?, Arc::clone(&checkpoints)));
        let clock = Arc::clone(&options.clock);
        let orders = Arc::clone(&checkpoints);
        let writer = Writer::start(writer::Parts {
            connector,
            turn,
            first: connection,
            orders,
            options,
            counters: Arc::clone(&counters),
        })?;
        let checkpointer = tokio::sync::Mutex::new(Some(checkpointer));
        let presence = tokio::sync::Mutex::new(presence);
        let together = Arc::new(Together::new(place.clone(), readers.clone(), Arc::clone(&clock)));
        Ok(Self { place, writer, readers, together, checkpoints, checkpointer, clock, counters, presence })
    }

    pub(crate) async fn write(&self, operation: Operation) -> Result<Outcome, StateError> {
        self.writer.submit(operation).await
    }

    pub(crate) async fn read(&self, query: Step) -> Result<Vec<Row>, StateError> {
        self.counters.reads.one();
        if query.statement.point {
            return self.together.read(query).await;
        }
        let read = async {
            let failed = |error| self.place.explain(&error);
            let mut connection = self.readers.acquire().await.map_err(failed)?;
            Ok(Runner::new(&mut connection, self.clock.now()).one(&query).await.map_err(failed)?.rows)
        };
        tokio::time::timeout(READ_TIMEOUT, read).await.unwrap_or_else(|_| {
            Err(StateError::Unavailable(format!("a read took longer than {} s", READ_TIMEOUT.as_secs())))
        })
    }

    pub(crate) async fn close(&self) {
        self.writer.close().await;
        self.checkpoints.stop();
        if let Some(checkpointer) = self.checkpointer.lock().await.take() {
            checkpointer.await.ok();
        }
        self.readers.close().await;
        self.presence.lock().await.take();
    }
}

impl Drop for SqliteEngine {
    fn drop(&mut self) {
        self.checkpoints.stop();
    }
}

#[cfg(test)]
mod tests;

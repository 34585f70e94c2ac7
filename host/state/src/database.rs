//! The handle on host state: opens the engine that the URL names and hands out the concerns.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use hearth_model::clock::{Clock, SystemClock};

use crate::documents::{DocumentAccounts, DocumentResources, Documents};
use crate::engine::Engine;
use crate::metrics::Counters;
use crate::mssql::SqlServerEngine;
use crate::operation::{Operation, Outcome, Row, Step};
use crate::sqlite::SqliteEngine;
use crate::{
    AppKeys, AppSettings, Apps, Assignments, Configuration, Deployments, Effects, Faults, FeedLeases, Installation,
    Leases, Members, Packages, QueueAccounts, Queues, Scheduling, StateError, StateMetrics, StateUrl, Timers, Workers,
};

/// How to open a database.
#[derive(Clone)]
pub struct OpenOptions {
    /// Decides every time and expiry where the engine has no clock of its own (SQLite).
    pub clock: Arc<dyn Clock>,
    /// Whether the clock above decides on SQL Server too, in the place of the server's own. For tests. Default: no.
    pub clock_decides: bool,
    /// Called around every statement and commit of an operation; absent in production.
    pub faults: Option<Arc<dyn Faults>>,
    /// Operations that may wait for the writer, or for a connection to the server, before callers wait in turn. Default
    /// 1,024.
    pub write_queue: usize,
    /// Connections for reading on SQLite. Default 4; each holds one thread and one read at a time.
    pub readers: u32,
    /// Size the SQLite file may grow to, in bytes; beyond it writes answer [`StateError::Full`]. Default: no limit.
    pub max_file_bytes: Option<u64>,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            clock_decides: false,
            faults: crate::faults::from_environment(),
            write_queue: 1024,
            readers: 4,
            max_file_bytes: None,
        }
    }
}

impl fmt::Debug for OpenOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenOptions")
            .field("faults", &self.faults.is_some())
            .field("write_queue", &self.write_queue)
            .field("readers", &self.readers)
            .field("max_file_bytes", &self.max_file_bytes)
            .finish_non_exhaustive()
    }
}

/// An open state database. Clones share it; the last one dropped, or [`Database::close`], releases it.
#[derive(Clone, Debug)]
pub struct Database {
    engine: Arc<Engine>,
    faults: Option<Arc<dyn Faults>>,
    counters: Arc<Counters>,
}

impl Database {
    /// Opens the database and migrates it to this version's schema. A SQLite file is created where there is none; on SQL
    /// Server the database must exist, and the schema in it is created.
    ///
    /// # Errors
    /// [`StateError::Configuration`] for a place that cannot hold a database (network file system, read-only),
    /// [`StateError::Corrupt`] for a file that is no database, [`StateError::Incompatible`] for a schema that needs a
    /// newer Hearth, [`StateError::Unavailable`] or [`StateError::Full`] as for any operation.
    pub async fn open(url: &StateUrl, options: OpenOptions) -> Result<Self, StateError> {
        let faults = options.faults.clone();
        let counters = Arc::new(Counters::default());
        let counted = Arc::clone(&counters);
        let engine = match url {
            StateUrl::Sqlite(path) => Engine::Sqlite(Box::new(SqliteEngine::open(path, options, counted).await?)),
            StateUrl::SqlServer(server) => Engine::SqlServer(SqlServerEngine::open(server, options, counted).await?),
        };
        Ok(Self { engine: Arc::new(engine), faults, counters })
    }

    /// As [`Database::open`], for a SQLite file of which the caller knows that nobody else uses it.
    pub(crate) async fn open_alone(path: &Path, options: OpenOptions) -> Result<Self, StateError> {
        let faults = options.faults.clone();
        let counters = Arc::new(Counters::default());
        let engine = Engine::Sqlite(Box::new(SqliteEngine::open_alone(path, options, Arc::clone(&counters)).await?));
        Ok(Self { engine: Arc::new(engine), faults, counters })
    }

    /// Finishes what is queued and releases the database; later operations on clones answer [`StateError::Unavailable`].
    pub async fn close(self) {
        self.engine.close().await;
    }

    /// What the engine has counted since it was opened.
    pub fn metrics(&self) -> StateMetrics {
        self.counters.snapshot()
    }

    /// Function apps and their active deployment.
    pub fn apps(&self) -> Apps {
        Apps(self.clone())
    }

    /// The settings of each app.
    pub fn app_settings(&self) -> AppSettings {
        AppSettings(self.clone())
    }

    /// The keys of each app.
    pub fn app_keys(&self) -> AppKeys {
        AppKeys(self.clone())
    }

    /// What was changed when of each app's settings, keys and mode.
    pub fn configuration(&self) -> Configuration {
        Configuration(self.clone())
    }

    /// Package bytes by digest.
    pub fn packages(&self) -> Packages {
        Packages(self.clone())
    }

    /// Deployments and their logs.
    pub fn deployments(&self) -> Deployments {
        Deployments(self.clone())
    }

    /// Worker processes and their heartbeats.
    pub fn workers(&self) -> Workers {
        Workers(self.clone())
    }

    /// One-time join tokens, workers' credentials, and what operators decided about workers.
    pub fn members(&self) -> Members {
        Members(self.clone())
    }

    /// Which worker runs which deployment.
    pub fn assignments(&self) -> Assignments {
        Assignments(self.clone())
    }

    /// Values made once per installation.
    pub fn installation(&self) -> Installation {
        Installation(self.clone())
    }

    /// Leases with fencing tokens.
    pub fn leases(&self) -> Leases {
        Leases(self.clone())
    }

    /// What the scheduler keeps beside the assignments.
    pub fn scheduling(&self) -> Scheduling {
        Scheduling(self.clone())
    }

    /// Status and occurrences of timer triggers.
    pub fn timers(&self) -> Timers {
        Timers(self.clone())
    }

    /// Leases of change feeds.
    pub fn feed_leases(&self) -> FeedLeases {
        FeedLeases(self.clone())
    }

    /// Accounts of the queue service.
    pub fn queue_accounts(&self) -> QueueAccounts {
        QueueAccounts(self.clone())
    }

    /// What invocations bring about.
    pub fn effects(&self) -> Effects {
        Effects(self.clone())
    }

    /// Queues and their messages.
    pub fn queues(&self) -> Queues {
        Queues(self.clone())
    }

    /// Accounts of the document store.
    pub fn document_accounts(&self) -> DocumentAccounts {
        DocumentAccounts(self.clone())
    }

    /// Databases, containers and what else belongs to an account of the document store.
    pub fn document_resources(&self) -> DocumentResources {
        DocumentResources(self.clone())
    }

    /// Items of containers.
    pub fn documents(&self) -> Documents {
        Documents(self.clone())
    }

    /// What goes wrong on purpose, also outside the database.
    pub(crate) fn faults(&self) -> Option<&dyn Faults> {
        self.faults.as_deref()
    }

    pub(crate) async fn write(&self, operation: Operation) -> Result<Outcome, StateError> {
        self.engine.write(operation).await
    }

    pub(crate) async fn read(&self, query: Step) -> Result<Vec<Row>, StateError> {
        if let Some(faults) = self.faults() {
            faults.before_read()?;
        }
        self.engine.read(query).await
    }
}

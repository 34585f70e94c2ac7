//! The seam between concerns and database engines: operations in, outcomes out. Nothing outside an engine's own module
//! knows its driver.

use crate::StateError;
use crate::mssql::SqlServerEngine;
use crate::operation::{Operation, Outcome, Row, Step};
use crate::sqlite::SqliteEngine;

/// A database engine in use.
#[derive(Debug)]
pub(crate) enum Engine {
    /// One file, shared by the processes of one machine.
    Sqlite(Box<SqliteEngine>),
    /// A schema of a server's database, shared by machines.
    SqlServer(SqlServerEngine),
}

impl Engine {
    /// Runs an operation, all or nothing. Once queued it runs to its end even if the returned future is dropped.
    pub(crate) async fn write(&self, operation: Operation) -> Result<Outcome, StateError> {
        match self {
            Self::Sqlite(engine) => engine.write(operation).await,
            Self::SqlServer(engine) => engine.write(operation).await,
        }
    }

    /// Runs one query in a read transaction of bounded length.
    pub(crate) async fn read(&self, query: Step) -> Result<Vec<Row>, StateError> {
        match self {
            Self::Sqlite(engine) => engine.read(query).await,
            Self::SqlServer(engine) => engine.read(query).await,
        }
    }

    /// Finishes what is queued, then releases the database.
    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(engine) => engine.close().await,
            Self::SqlServer(engine) => engine.close().await,
        }
    }
}

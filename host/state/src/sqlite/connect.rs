//! Opens connections, each with the settings of its role.

use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Executor};

use super::errors::Place;
use crate::operation::Durability;
use crate::{StateError, platform};

/// Marks the file as Hearth's (`PRAGMA application_id`): "HRTH".
const APPLICATION_ID: i64 = 0x4852_5448;

/// Longest the checkpointer waits for readers, while it keeps writers out.
const READERS_WAIT: Duration = Duration::from_millis(100);

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Commits of this durability.
    Writer(Durability),
    /// Reads only.
    Reader,
    /// Moves committed pages from the log into the file.
    Checkpointer,
}

/// Makes connections to one database.
#[derive(Clone, Debug)]
pub(super) struct Connector {
    place: Place,
    max_file_bytes: Option<u64>,
}

impl Connector {
    pub(super) fn new(place: Place, max_file_bytes: Option<u64>) -> Self {
        Self { place, max_file_bytes }
    }

    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    pub(super) fn options(&self, role: Role) -> SqliteConnectOptions {
        let synchronous = match role {
            Role::Writer(Durability::Full) => SqliteSynchronous::Full,
            // With NORMAL the log is flushed before each checkpoint, so a checkpoint never outruns it.
            Role::Writer(Durability::Normal) | Role::Reader | Role::Checkpointer => SqliteSynchronous::Normal,
        };
        let mut options = SqliteConnectOptions::new()
            .filename(self.place.path())
            .create_if_missing(false)
            .foreign_keys(false)
            .synchronous(synchronous)
            // Writers take turns by a lock of their own; this covers recovery, checkpoints and an operator's sqlite3.
            .busy_timeout(if role == Role::Checkpointer { READERS_WAIT } else { Duration::from_secs(5) })
            .pragma("wal_autocheckpoint", "0")
            .pragma("journal_size_limit", "67108864")
            .pragma("temp_store", "memory")
            .statement_cache_capacity(1024)
            .row_buffer_size(512)
            .thread_name(move |_| format!("state-{}", role.name()))
            .disable_statement_logging();
        if role == Role::Reader {
            options = options.pragma("query_only", "on");
        } else if let Some(bytes) = self.max_file_bytes {
            options = options.pragma("max_page_count", (bytes / 4096).max(1).to_string());
        }
        options
    }

    pub(super) async fn connect(&self, role: Role) -> Result<SqliteConnection, StateError> {
        SqliteConnection::connect_with(&self.options(role)).await.map_err(|error| self.place.explain(&error))
    }

    /// A connection to a database that is there, for a copy of it: nothing is made or migrated.
    pub(super) async fn connect_existing(&self) -> Result<SqliteConnection, StateError> {
        let failed = |error| self.place.explain(&error);
        let mut connection = self.connect(Role::Checkpointer).await?;
        let id: i64 = sqlx::query_scalar("PRAGMA application_id").fetch_one(&mut connection).await.map_err(failed)?;
        if id == APPLICATION_ID { Ok(connection) } else { Err(self.place.not_ours()) }
    }

    /// The first connection of a process: creates the file, makes sure that it is ours, and switches it to WAL.
    pub(super) async fn connect_first(&self) -> Result<SqliteConnection, StateError> {
        let failed = |error| self.place.explain(&error);
        // An empty file is an empty database. Made here so that only its owner can read it; SQLite gives the files beside
        // it the same permissions.
        match platform::create_private(self.place.path()) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
                return Err(StateError::unusable("state file", self.place.path(), &error));
            }
            _ => {}
        }
        let options = self.options(Role::Writer(Durability::Full));
        let mut connection = SqliteConnection::connect_with(&options).await.map_err(failed)?;
        let tables: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM sqlite_schema")
            .fetch_one(&mut connection)
            .await
            .map_err(failed)?;
        let id: i64 = sqlx::query_scalar("PRAGMA application_id").fetch_one(&mut connection).await.map_err(failed)?;
        if tables > 0 && id != APPLICATION_ID {
            return Err(self.place.not_ours());
        }
        let mode: String =
            sqlx::query_scalar("PRAGMA journal_mode = WAL").fetch_one(&mut connection).await.map_err(failed)?;
        if mode != "wal" {
            return Err(self.place.no_shared_memory());
        }
        if id != APPLICATION_ID {
            connection.execute("PRAGMA application_id = 1213355080").await.map_err(failed)?;
        }
        Ok(connection)
    }
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Self::Writer(Durability::Full) => "full",
            Self::Writer(Durability::Normal) => "normal",
            Self::Reader => "read",
            Self::Checkpointer => "ckpt",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_application_id_is_the_one_written() {
        assert_eq!(APPLICATION_ID, 1_213_355_080);
    }
}

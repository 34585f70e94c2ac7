//! Copies a database in use, and puts a copy in a database's place.
//!
//! A copy is made by `VACUUM INTO`, in one read transaction: it is one moment of the database, and readers and writers of
//! every process go on meanwhile. The log grows until it is done, because nothing in it may be written over.

use std::path::{Path, PathBuf};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection, Executor};

use super::connect::Connector;
use super::errors::Place;
use super::presence::Presence;
use super::turn::Turn;
use crate::migrations::{SQLITE_APPLIED, oldest_binary};
use crate::{StateError, platform};

/// Number of the schema step that brought generations.
const GENERATION_STEP: usize = 5;

/// What a copy holds.
#[derive(Debug)]
pub(crate) struct Copied {
    /// Number of the last schema step.
    pub(crate) schema: u32,
    /// Oldest version of Hearth that may use it.
    pub(crate) oldest_binary: String,
    /// Generation of the state it is a copy of; 1 for a schema of before there were any.
    pub(crate) generation: u64,
}

/// Copies the database at `source` into the empty file at `target`, and checks the copy. It is not flushed to disk.
pub(crate) async fn copy_into(source: &Path, target: &Path) -> Result<Copied, StateError> {
    if !source.exists() {
        return Err(StateError::Missing(format!("there is no host state '{}'", source.display())));
    }
    let place = Place::check(source)?;
    let _presence = Presence::with_others(&place)?;
    let connector = Connector::new(place.clone(), None);
    // Whoever comes first after a crash recovers the log; processes do that in turns.
    let held = Turn::open(&place)?.take_blocking().await?;
    let mut connection = connector.connect_existing().await?;
    drop(held);
    let target_text = target.to_str().ok_or_else(|| {
        StateError::Configuration(format!("the path '{}' is not UTF-8: choose another", target.display()))
    })?;
    let copied = sqlx::query("VACUUM INTO ?").bind(target_text).execute(&mut connection).await;
    connection.close().await.ok();
    if let Err(error) = copied {
        let full =
            error.as_database_error().and_then(sqlx::error::DatabaseError::code).is_some_and(|code| code == "13");
        let free = target.parent().and_then(platform::free_bytes);
        return Err(match free {
            Some(free) if full || free < 1 << 20 => StateError::Full(format!("the copy '{target_text}' cannot grow")),
            _ => place.explain(&error),
        });
    }
    check(target).await
}

/// Looks at every page and index of a copy that nobody uses.
async fn check(copy: &Path) -> Result<Copied, StateError> {
    let unreadable = |error: sqlx::Error| {
        tracing::error!(%error, "the copy of the state database cannot be read");
        StateError::Corrupt(format!("the copy '{}' cannot be read: {error}", copy.display()))
    };
    let options =
        SqliteConnectOptions::new().filename(copy).read_only(true).immutable(true).disable_statement_logging();
    let mut connection = SqliteConnection::connect_with(&options).await.map_err(unreadable)?;
    let findings: Vec<String> =
        sqlx::query_scalar("PRAGMA integrity_check(3)").fetch_all(&mut connection).await.map_err(unreadable)?;
    if findings != ["ok"] {
        return Err(StateError::Corrupt(format!(
            "the state database is damaged, so its copy is of no use ({}): restore an earlier backup",
            findings.join("; ")
        )));
    }
    let applied: Vec<(i64, String)> =
        sqlx::query_as(SQLITE_APPLIED).fetch_all(&mut connection).await.map_err(unreadable)?;
    let generation: i64 =
        match sqlx::query_scalar("SELECT generation FROM state_generation").fetch_one(&mut connection).await {
            Ok(generation) => generation,
            Err(_) if applied.len() < GENERATION_STEP => 1,
            Err(error) => return Err(unreadable(error)),
        };
    connection.close().await.ok();
    Ok(Copied {
        schema: applied.last().and_then(|(version, _)| u32::try_from(*version).ok()).unwrap_or(0),
        oldest_binary: oldest_binary(&applied).to_owned(),
        generation: u64::try_from(generation).unwrap_or(1),
    })
}

/// A database file that nobody uses, to be replaced by another.
#[derive(Debug)]
pub(crate) struct Replacement {
    place: Place,
    _alone: Presence,
}

impl Replacement {
    /// Makes sure that nobody uses the file at `path`, which need not exist, until this is dropped.
    pub(crate) fn begin(path: &Path) -> Result<Self, StateError> {
        let place = Place::check(path)?;
        match Presence::alone(&place)? {
            Some(alone) => Ok(Self { place, _alone: alone }),
            None => Err(StateError::Conflict(format!(
                "the state database '{}' is in use: stop Hearth first, every management and every worker",
                path.display()
            ))),
        }
    }

    /// Where the new file is prepared: beside the old one.
    pub(crate) fn prepared(&self) -> PathBuf {
        self.place.beside(".restoring")
    }

    /// Removes what an interrupted restore left.
    pub(crate) fn clear(&self) -> Result<(), StateError> {
        for suffix in ["", "-wal", "-shm", "-journal", ".writer-lock", ".in-use"] {
            remove(&beside(&self.prepared(), suffix))?;
        }
        Ok(())
    }

    /// The generation of the database that is to be replaced; 0 if there is none that can be read. What is in its log is moved into
    /// the file, so that the file alone is all of it.
    pub(crate) async fn generation_before(&self) -> u64 {
        let read = async {
            let mut connection = Connector::new(self.place.clone(), None).connect_existing().await.ok()?;
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").await.ok();
            let generation: Option<i64> =
                sqlx::query_scalar("SELECT generation FROM state_generation").fetch_one(&mut connection).await.ok();
            connection.close().await.ok();
            u64::try_from(generation?).ok()
        };
        if self.place.path().exists() { read.await.unwrap_or(0) } else { 0 }
    }

    /// Puts the prepared file in place; the one before keeps its content under the answered name.
    pub(crate) fn finish(self, kept_suffix: &str) -> Result<Option<PathBuf>, StateError> {
        let path = self.place.path();
        let unusable = |error| StateError::unusable("state file", path, &error);
        if beside(&self.prepared(), "-wal").exists() {
            return Err(StateError::Unavailable("the backup could not be prepared in one file".to_owned()));
        }
        let kept = path.exists().then(|| self.place.beside(kept_suffix));
        if let Some(kept) = &kept {
            for suffix in ["-wal", "-shm"] {
                let (from, to) = (self.place.beside(suffix), beside(kept, suffix));
                if from.exists() {
                    std::fs::rename(from, to).map_err(unusable)?;
                }
            }
            std::fs::rename(path, kept).map_err(unusable)?;
        }
        std::fs::rename(self.prepared(), path).map_err(unusable)?;
        self.clear()?;
        if let Some(directory) = path.parent() {
            platform::sync_directory(directory).map_err(unusable)?;
        }
        Ok(kept)
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn remove(path: &Path) -> Result<(), StateError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(StateError::unusable("file", path, &error)),
        _ => Ok(()),
    }
}

//! Moves committed pages from the write-ahead log into the database file, so that no commit has to.

use std::sync::Arc;

use sqlx::Row;
use sqlx::sqlite::SqliteConnection;
use tokio::sync::Notify;

use super::connect::{Connector, Role};
use super::turn::Turn;

/// Log size, in pages, from which the writers are held back until the log starts anew: 64 MiB.
const LONG_LOG_PAGES: i64 = 16_384;

/// Runs until aborted; checkpoints whenever it is told that there is enough to do.
pub(super) async fn run(connector: Connector, turn: Turn, wanted: Arc<Notify>) {
    let mut connection = None;
    loop {
        wanted.notified().await;
        if connection.is_none() {
            connection = connector.connect(Role::Checkpointer).await.ok();
        }
        let Some(open) = connection.as_mut() else { continue };
        if let Err(error) = checkpoint(open, &turn).await {
            // A full disk or a lock: the log only grows until the next one succeeds.
            tracing::warn!(%error, path = %connector.place().path().display(), "state database: checkpoint failed");
            connection = None;
        }
    }
}

async fn checkpoint(connection: &mut SqliteConnection, turn: &Turn) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let row = sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").fetch_one(&mut *connection).await?;
    if row.try_get::<i64, _>(1)? > LONG_LOG_PAGES {
        // Under constant writing a passive checkpoint never catches up. Holding the turn keeps writers of every process
        // out; readers are waited for, and reads are bounded.
        let held = turn.take_blocking().await?;
        sqlx::query("PRAGMA wal_checkpoint(RESTART)").fetch_one(connection).await?;
        drop(held);
    }
    Ok(())
}

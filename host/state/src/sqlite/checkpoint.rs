//! Moves committed pages from the write-ahead log into the database file, so that no commit has to.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::sqlite::SqliteConnection;
use sqlx::{Connection, Row};
use tokio::sync::Notify;

use super::connect::{Connector, Role};
use super::turn::Turn;

/// Log size, in pages, from which the writers are held back until the log starts anew: 8 MiB. A flush of a log that is written
/// over is clearly quicker than of one that grows, since the file system has no new blocks to record.
const LONG_LOG_PAGES: i64 = 2048;

/// Tells the checkpointer what to do.
#[derive(Debug, Default)]
pub(super) struct Orders {
    changed: Notify,
    stop: AtomicBool,
}

impl Orders {
    /// Enough was written for a checkpoint to be worth while.
    pub(super) fn checkpoint(&self) {
        self.changed.notify_one();
    }

    /// Close the connection and end.
    pub(super) fn stop(&self) {
        self.stop.store(true, Ordering::Release);
        self.changed.notify_one();
    }
}

/// Runs until stopped.
pub(super) async fn run(connector: Connector, turn: Turn, orders: Arc<Orders>) {
    let mut connection = None;
    loop {
        orders.changed.notified().await;
        if orders.stop.load(Ordering::Acquire) {
            break;
        }
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
    if let Some(open) = connection {
        open.close().await.ok();
    }
}

async fn checkpoint(
    connection: &mut SqliteConnection,
    turn: &Turn,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
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

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

/// How much longer a log must have grown, after readers were still there when it was to start anew, before they are waited for
/// again: writers wait meanwhile, and a backup reads for as long as it takes.
const PATIENCE_FACTOR: i64 = 2;

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
    let mut long_log = LONG_LOG_PAGES;
    loop {
        orders.changed.notified().await;
        if orders.stop.load(Ordering::Acquire) {
            break;
        }
        if connection.is_none() {
            connection = connector.connect(Role::Checkpointer).await.ok();
        }
        let Some(open) = connection.as_mut() else { continue };
        match checkpoint(open, &turn, long_log).await {
            Ok(next) => long_log = next,
            Err(error) => {
                // A full disk or a lock: the log only grows until the next one succeeds.
                tracing::warn!(%error, path = %connector.place().path().display(), "state database: checkpoint failed");
                connection = None;
            }
        }
    }
    if let Some(open) = connection {
        open.close().await.ok();
    }
}

/// Answers the size of the log from which the writers are held back the next time.
async fn checkpoint(
    connection: &mut SqliteConnection,
    turn: &Turn,
    long_log: i64,
) -> Result<i64, Box<dyn std::error::Error + Send + Sync>> {
    let row = sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").fetch_one(&mut *connection).await?;
    let pages = row.try_get::<i64, _>(1)?;
    if pages <= long_log {
        return Ok(if pages <= LONG_LOG_PAGES { LONG_LOG_PAGES } else { long_log });
    }
    // Under constant writing a passive checkpoint never catches up. Holding the turn keeps writers of every process out;
    // readers are waited for as long as this connection waits for locks.
    let held = turn.take_blocking().await?;
    let row = sqlx::query("PRAGMA wal_checkpoint(RESTART)").fetch_one(connection).await?;
    drop(held);
    let readers_stayed = row.try_get::<i64, _>(0)? != 0;
    Ok(if readers_stayed { pages.saturating_mul(PATIENCE_FACTOR) } else { LONG_LOG_PAGES })
}

//! Measures what group commit gains: one-row durable commits against the same rows from 64 concurrent callers.
//!
//! `cargo run --release -p hearth-state --example group_commit [DIRECTORY]` prints a small table. The directory (by
//! default the system's temporary one) decides which disk is measured.

#![expect(clippy::print_stdout, reason = "the table is the result")]

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use hearth_model::ids::AppName;
use hearth_state::{Database, OpenOptions, StateUrl};
use sqlx::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};

const CALLERS: usize = 64;
/// Not counted: while the write-ahead log grows for the first time, every flush records new blocks as well.
const WARM_UP: Duration = Duration::from_millis(1000);
const SPAN: Duration = Duration::from_secs(2);
const ROUNDS: usize = 3;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let base = std::env::args().nth(1).map_or_else(std::env::temp_dir, Into::into);
    let directory = tempfile::tempdir_in(base)?;
    let mut medians = [Vec::new(), Vec::new(), Vec::new()];
    for round in 0..ROUNDS {
        medians[0].push(one_row_commits(&directory.path().join(format!("plain-{round}.db"))).await?);
        medians[1].push(callers(&directory.path().join(format!("one-{round}.db")), 1).await?);
        medians[2].push(callers(&directory.path().join(format!("many-{round}.db")), CALLERS).await?);
    }
    for rates in &mut medians {
        rates.sort_by(f64::total_cmp);
    }
    let median = |index: usize| medians[index][ROUNDS / 2];
    println!("| durable commits (synchronous=FULL)      |     rows/s |  ratio |");
    println!("|-----------------------------------------|-----------:|-------:|");
    println!("| sqlx, one row per transaction           | {:>10.0} | {:>6.1} |", median(0), 1.0);
    println!("| hearth-state, 1 caller                  | {:>10.0} | {:>6.1} |", median(1), median(1) / median(0));
    println!(
        "| hearth-state, {CALLERS} callers (group commit)  | {:>10.0} | {:>6.1} |",
        median(2),
        median(2) / median(0)
    );
    Ok(())
}

/// Rows per second when every row is a transaction of its own, on one connection.
async fn one_row_commits(path: &Path) -> Result<f64, Box<dyn Error>> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    sqlx::query("CREATE TABLE rows (name TEXT NOT NULL PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID")
        .execute(&mut connection)
        .await?;
    let (start, mut rows, mut counted) = (Instant::now(), 0_u32, 0_u32);
    while start.elapsed() < WARM_UP + SPAN {
        sqlx::query("INSERT INTO rows (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING")
            .bind(name(rows))
            .bind(b"sealed".as_slice())
            .execute(&mut connection)
            .await?;
        rows += 1;
        counted += u32::from(start.elapsed() > WARM_UP);
    }
    let rate = f64::from(counted) / (start.elapsed() - WARM_UP).as_secs_f64();
    connection.close().await?;
    Ok(rate)
}

/// Rows per second when callers each wait for their own durable operation.
async fn callers(path: &Path, count: usize) -> Result<f64, Box<dyn Error>> {
    let database = Database::open(&StateUrl::sqlite(path), OpenOptions::default()).await?;
    // Like the rows of one transaction at a time, those of all callers together come in the order of their keys.
    let (start, next) = (Instant::now(), Arc::new(AtomicU32::new(0)));
    let tasks: Vec<_> = (0..count)
        .map(|_| {
            let (apps, next) = (database.apps(), Arc::clone(&next));
            tokio::spawn(async move {
                let mut rows = 0_u32;
                while start.elapsed() < WARM_UP + SPAN {
                    let name = AppName::parse(&name(next.fetch_add(1, Ordering::Relaxed)))
                        .map_err(|error| error.to_string())?;
                    apps.create(&name, b"sealed").await.map_err(|error| error.to_string())?;
                    rows += u32::from(start.elapsed() > WARM_UP);
                }
                Ok::<u32, String>(rows)
            })
        })
        .collect();
    let mut rows = 0;
    for task in tasks {
        rows += task.await??;
    }
    let rate = f64::from(rows) / (start.elapsed() - WARM_UP).as_secs_f64();
    database.close().await;
    Ok(rate)
}

fn name(row: u32) -> String {
    format!("app-{row:08}")
}

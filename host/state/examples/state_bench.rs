//! One round of measurements of host state, for `cargo xtask bench state`: prints one JSON object of rates per second.
//!
//! `state_bench DIRECTORY SECONDS` measures SQLite on the disk of that directory, beside one-row commits with the same
//! pragma; with a connection string in `HEARTH_TEST_SQLSERVER` it measures that server instead, in the schema
//! `hearth_bench`, which it leaves there. `state_bench callers FILE COUNT SECONDS` is one of two processes that share a file.

#![expect(clippy::print_stdout, reason = "the figures are the result")]

use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use hearth_state::{Database, Keyring, Lease, NewMessage, OpenOptions, QueuePlace, StateUrl};
use sqlx::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Callers at once.
const CALLERS: usize = 64;
/// Leases that one process keeps.
const LEASES: usize = 10_000;
/// Leases renewed by one operation.
const RENEWED_TOGETHER: usize = 500;
/// Long enough that none ends meanwhile.
const TTL: Duration = Duration::from_secs(3600);
/// Not counted: while the write-ahead log grows for the first time, every flush records new blocks as well.
const WARM_UP: Duration = Duration::from_millis(1000);
/// Where messages are put, and what they say.
const PLACE: QueuePlace<'static> = QueuePlace::new("bench", "bench");
const TEXT: &str = "eyJpZCI6MTIzNDUsIml0ZW0iOiJhIGN1cCBvZiB0ZWEiLCJjb3VudCI6M30=";
/// Flushes of which the median is told.
const FLUSHES: usize = 200;

#[tokio::main]
async fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["callers", file, count, seconds] => {
            let database = open(&StateUrl::sqlite(Path::new(file))).await?;
            let commits = commits(&database, count.parse()?, Duration::from_secs(seconds.parse()?)).await?;
            database.close().await;
            println!("{}", commits.rate);
            Ok(())
        }
        [directory, seconds] => {
            let span = Duration::from_secs(seconds.parse()?);
            let figures = match std::env::var("HEARTH_TEST_SQLSERVER") {
                Ok(server) => on_server(&server, span).await?,
                Err(_) => on_sqlite(Path::new(directory), seconds, span).await?,
            };
            let members: Vec<String> = figures.iter().map(|(name, value)| format!("\"{name}\":{value:.3}")).collect();
            println!("{{{}}}", members.join(","));
            Ok(())
        }
        _ => Err("usage: state_bench DIRECTORY SECONDS | state_bench callers FILE COUNT SECONDS".into()),
    }
}

async fn on_sqlite(base: &Path, seconds: &str, span: Duration) -> Outcome<Vec<(&'static str, f64)>> {
    let directory = tempfile::tempdir_in(base)?;
    let path = |name: &str| directory.path().join(name);
    let mut figures =
        vec![("flushMicros", flush(&path("flush"))?), ("oneRow", one_row_commits(&path("plain.db"), span).await?)];
    let database = open(&StateUrl::sqlite(&path("state.db"))).await?;
    figures.extend(measured(&database, span).await?);
    database.close().await;
    // Two processes with half of the callers each.
    open(&StateUrl::sqlite(&path("shared.db"))).await?.close().await;
    let half = (CALLERS / 2).to_string();
    let start = || {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("callers").arg(path("shared.db")).args([half.as_str(), seconds]).stdout(Stdio::piped());
        command.spawn()
    };
    let (one, two) = (start()?, start()?);
    let mut shared = 0.0;
    for child in [one, two] {
        shared += String::from_utf8(child.wait_with_output()?.stdout)?.trim().parse::<f64>()?;
    }
    figures.push(("twoProcesses", shared));
    Ok(figures)
}

async fn on_server(server: &str, span: Duration) -> Outcome<Vec<(&'static str, f64)>> {
    let url = match StateUrl::parse(server)? {
        StateUrl::SqlServer(server) => StateUrl::SqlServer(Box::new(server.with_schema("hearth_bench"))),
        StateUrl::Sqlite(_) => return Err("HEARTH_TEST_SQLSERVER names no SQL Server".into()),
    };
    let database = open(&url).await?;
    let figures = measured(&database, span).await?;
    database.close().await;
    Ok(figures)
}

/// Opens it, with the queue there.
async fn open(url: &StateUrl) -> Outcome<Database> {
    let database = Database::open(url, OpenOptions::default()).await?;
    // The account's keys are not looked at.
    let keys = tempfile::tempdir()?;
    let keyring = Keyring::load_or_create(&keys.path().join("key"))?;
    database.queue_accounts().create(&keyring, PLACE.account).await?;
    database.queues().create(PLACE, "").await?;
    Ok(database)
}

/// What is measured on every engine.
async fn measured(database: &Database, span: Duration) -> Outcome<Vec<(&'static str, f64)>> {
    let one = commits(database, 1, span).await?;
    let many = commits(database, CALLERS, span).await?;
    Ok(vec![
        ("oneCaller", one.rate),
        ("callers", many.rate),
        ("group", many.group),
        ("claims", claims(database, span).await?),
        ("renewals", renewals(database, span).await?),
    ])
}

struct Commits {
    rate: f64,
    /// Operations in one transaction, on average.
    group: f64,
}

/// Messages put, each by an operation that was flushed before it was answered.
async fn commits(database: &Database, callers: usize, span: Duration) -> Outcome<Commits> {
    let before = database.metrics();
    let rate = rate(callers, span, |_| {
        let queues = database.queues();
        move || {
            let queues = queues.clone();
            async move {
                let message = NewMessage::new(TEXT, Some(TTL))?;
                queues.put(PLACE, &message).await?.ok_or("there is no queue")?;
                Ok(1)
            }
        }
    });
    let rate = rate.await?;
    let after = database.metrics();
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
    let group = (after.writes - before.writes) as f64 / (after.commits - before.commits).max(1) as f64;
    Ok(Commits { rate, group })
}

/// Leases taken by callers, each a row of its own; taken again, they get their next epoch.
async fn claims(database: &Database, span: Duration) -> Outcome<f64> {
    rate(CALLERS, span, |caller| {
        let (leases, row) = (database.leases(), Arc::new(AtomicU64::new(0)));
        move || {
            let (leases, row) = (leases.clone(), row.fetch_add(1, Ordering::Relaxed) % 200);
            async move {
                let taken = leases.acquire(&format!("claim-{caller}-{row}"), "bench", TTL).await?;
                taken.map(|_| 1).ok_or_else(|| "a lease of one's own was refused".into())
            }
        }
    })
    .await
}

/// Leases renewed by one caller that keeps ten thousand.
async fn renewals(database: &Database, span: Duration) -> Outcome<f64> {
    let leases = database.leases();
    let mut held = Vec::with_capacity(LEASES);
    for some in 0..LEASES / CALLERS + 1 {
        let taking = (some * CALLERS..LEASES.min((some + 1) * CALLERS)).map(|number| {
            let leases = leases.clone();
            tokio::spawn(async move { leases.acquire(&format!("lease-{number:05}"), "bench", TTL).await })
        });
        for taken in taking.collect::<Vec<_>>() {
            held.push(taken.await??.ok_or("a lease of one's own was refused")?);
        }
    }
    let held: Arc<Vec<Vec<Lease>>> = Arc::new(held.chunks(RENEWED_TOGETHER).map(<[Lease]>::to_vec).collect());
    rate(1, span, |_| {
        let (leases, held, turn) = (leases.clone(), Arc::clone(&held), Arc::new(AtomicU64::new(0)));
        move || {
            let (leases, held) = (leases.clone(), Arc::clone(&held));
            let turn = usize::try_from(turn.fetch_add(1, Ordering::Relaxed)).unwrap_or(0) % held.len();
            async move {
                let kept = leases.renew(&held[turn], TTL).await?;
                if kept.iter().all(|kept| *kept) { Ok(kept.len() as u64) } else { Err("a lease was lost".into()) }
            }
        }
    })
    .await
}

/// What callers that each wait for their own answer get done in a second.
async fn rate<C, F>(callers: usize, span: Duration, make: impl Fn(usize) -> C) -> Outcome<f64>
where
    C: Fn() -> F + Send + 'static,
    F: Future<Output = Outcome<u64>> + Send,
{
    let start = Instant::now();
    let tasks: Vec<_> = (0..callers)
        .map(|caller| {
            let call = make(caller);
            tokio::spawn(async move {
                let mut done = 0;
                while start.elapsed() < WARM_UP + span {
                    let now = call().await?;
                    done += if start.elapsed() > WARM_UP { now } else { 0 };
                }
                Outcome::Ok(done)
            })
        })
        .collect();
    let mut done = 0;
    for task in tasks {
        done += task.await??;
    }
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
    let rate = done as f64 / (start.elapsed() - WARM_UP).as_secs_f64();
    Ok(rate)
}

/// Rows per second when every row is a transaction of its own, on one connection with the same pragma.
async fn one_row_commits(path: &Path, span: Duration) -> Outcome<f64> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    // The row of a message, with the indexes that it has in host state.
    for statement in [
        "CREATE TABLE rows (seq INTEGER NOT NULL PRIMARY KEY, queue INTEGER NOT NULL, id TEXT NOT NULL, receipt INTEGER NOT NULL, \
         inserted INTEGER NOT NULL, visible INTEGER NOT NULL, expires INTEGER NOT NULL, dequeued INTEGER NOT NULL, \
         body TEXT NOT NULL) STRICT",
        "CREATE UNIQUE INDEX rows_by_id ON rows (queue, id)",
        "CREATE INDEX rows_by_visible ON rows (queue, visible)",
        "CREATE INDEX rows_by_expiry ON rows (expires, queue)",
    ] {
        sqlx::query(statement).execute(&mut connection).await?;
    }
    let (start, mut rows, mut counted) = (Instant::now(), 0_u32, 0_u32);
    while start.elapsed() < WARM_UP + span {
        let insert = "INSERT INTO rows (queue, id, receipt, inserted, visible, expires, dequeued, body) \
                      VALUES (1, ?, 1, ?, ?, ?, 0, ?)";
        sqlx::query(insert)
            .bind(format!("019ab5ce-{:04x}-7000-8000-00000000{:04x}", rows >> 16, rows & 0xffff))
            .bind(i64::from(rows))
            .bind(i64::from(rows))
            .bind(i64::from(rows))
            .bind(TEXT)
            .execute(&mut connection)
            .await?;
        rows += 1;
        counted += u32::from(start.elapsed() > WARM_UP);
    }
    let rate = f64::from(counted) / (start.elapsed() - WARM_UP).as_secs_f64();
    connection.close().await?;
    Ok(rate)
}

/// Microseconds that it takes to write a page over and flush it, in the middle.
fn flush(path: &Path) -> Outcome<f64> {
    use std::io::{Seek, SeekFrom};
    let mut file = std::fs::File::create(path)?;
    let mut times = Vec::with_capacity(FLUSHES);
    for _ in 0..FLUSHES {
        let start = Instant::now();
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        times.push(start.elapsed().as_secs_f64() * 1e6);
    }
    times.sort_by(f64::total_cmp);
    Ok(times[FLUSHES / 2])
}

//! What a message costs: put, got and deleted through host state, on an empty queue and on one with a million messages.
//!
//! `cargo run --release -p hearth-state --example queue_bench [DEPTH]` prints, per message, microseconds of processor time and
//! of the clock, with 64 callers at once. Linux only: processor time is read from `/proc`.
#![expect(clippy::print_stdout, reason = "it prints what it measured")]
#![expect(clippy::cast_precision_loss, reason = "far below 2^53")]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use hearth_state::{ClaimedMessage, Database, Keyring, NewMessage, OpenOptions, QueuePlace, StateUrl};

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

const CALLERS: usize = 64;
const MESSAGES: u64 = 40_000;
const QUEUE: QueuePlace<'static> = QueuePlace::new("bench", "messages");
/// As long as a usual message.
const TEXT: &str =
    "{\"id\":4711,\"customer\":\"c-0815\",\"lines\":[{\"sku\":\"a-1\",\"count\":2},{\"sku\":\"b-2\",\"count\":1}]}";

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Outcome<()> {
    let depth = std::env::args().nth(1).map_or(Ok(1_000_000), |text| text.parse())?;
    let directory = tempfile::tempdir()?;
    let database =
        Database::open(&StateUrl::sqlite(&directory.path().join("state.db")), OpenOptions::default()).await?;
    let keyring = Keyring::load_or_create(&directory.path().join("key"))?;
    database.queue_accounts().create(&keyring, QUEUE.account).await?;
    database.queues().create(QUEUE, "").await?;
    round(&database, "warm-up").await?;
    round(&database, "depth 0").await?;
    put(&database, depth).await?;
    round(&database, &format!("depth {depth}")).await?;
    let begun = Instant::now();
    let count = database.queues().count_all(QUEUE).await?;
    println!("count of {count:?}: {:.1} ms", begun.elapsed().as_secs_f64() * 1e3);
    let begun = Instant::now();
    database.queues().clear(QUEUE).await?;
    println!("clear: {:.1} ms", begun.elapsed().as_secs_f64() * 1e3);
    let begun = Instant::now();
    let mut longest = Duration::ZERO;
    loop {
        let step = Instant::now();
        let more = database.queues().sweep().await?;
        longest = longest.max(step.elapsed());
        if !more {
            break;
        }
    }
    println!("sweep: {:.1} s, at most {:.1} ms at once", begun.elapsed().as_secs_f64(), longest.as_secs_f64() * 1e3);
    database.close().await;
    Ok(())
}

async fn round(database: &Database, name: &str) -> Outcome<()> {
    let costs = [measured(put(database, MESSAGES)).await?, measured(take(database, MESSAGES)).await?];
    for (what, (cpu, clock)) in ["put", "get and delete"].iter().zip(costs) {
        println!("{name}: {what}: {cpu:.1} us of processor time, {clock:.1} us of the clock");
    }
    Ok(())
}

/// Microseconds of processor time and of the clock for each message.
async fn measured(work: impl Future<Output = Outcome<()>>) -> Outcome<(f64, f64)> {
    let (begun, cpu) = (Instant::now(), processor_time()?);
    work.await?;
    let each = |span: Duration| span.as_secs_f64() * 1e6 / MESSAGES as f64;
    Ok((each(processor_time()? - cpu), each(begun.elapsed())))
}

async fn put(database: &Database, count: u64) -> Outcome<()> {
    let left = Arc::new(AtomicU64::new(count));
    let callers = (0..CALLERS).map(|_| {
        let (queues, left) = (database.queues(), Arc::clone(&left));
        tokio::spawn(async move {
            let text: Arc<str> = TEXT.into();
            while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() {
                let message = NewMessage::new(Arc::clone(&text), Some(Duration::from_secs(86_400)))?;
                queues.put(QUEUE, &message).await?.ok_or("there is no queue")?;
            }
            Outcome::Ok(())
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await??;
    }
    Ok(())
}

async fn take(database: &Database, count: u64) -> Outcome<()> {
    let left = Arc::new(AtomicU64::new(count));
    let callers = (0..8).map(|_| {
        let (queues, left) = (database.queues(), Arc::clone(&left));
        tokio::spawn(async move {
            while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(16)).is_ok() {
                let messages = queues.claim(QUEUE, 16, Duration::from_secs(600)).await?;
                let deletes = messages.into_iter().map(|message| {
                    let queues = queues.clone();
                    tokio::spawn(async move {
                        let (account, queue) = (QUEUE.account.to_owned(), QUEUE.queue.to_owned());
                        queues
                            .remove(&ClaimedMessage { account, queue, id: message.id, receipt: message.receipt })
                            .await
                    })
                });
                for delete in deletes.collect::<Vec<_>>() {
                    delete.await??;
                }
            }
            Outcome::Ok(())
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await??;
    }
    Ok(())
}

/// Of this process, in ticks of 10 ms.
fn processor_time() -> Outcome<Duration> {
    let stat = std::fs::read_to_string(Path::new("/proc/self/stat"))?;
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks = |index: usize| -> Outcome<u64> { Ok(fields.get(index).ok_or("no such field")?.parse()?) };
    Ok(Duration::from_millis((ticks(11)? + ticks(12)?) * 10))
}

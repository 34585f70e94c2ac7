//! What an item costs: created, replaced, read and told by a feed through host state.
//!
//! `cargo run --release -p hearth-state --example document_bench [CALLERS]` prints, per item, microseconds of processor time and of
//! the clock, with 16 callers at once. Linux only: processor time is read from `/proc`.
#![expect(clippy::print_stdout, reason = "it prints what it measured")]
#![expect(clippy::cast_precision_loss, reason = "far below 2^53")]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use hearth_state::documents::{
    Committed, Expected, ItemChange, ItemKey, ItemVersion, ItemWrite, KeyBounds, Looked, NewContainer, NewItem,
    NewResource, PageLimit, RangePlace, ResourceCreation, ResourceKind, StoredResource,
};
use hearth_state::{Database, Keyring, OpenOptions, StateUrl};
use sha2::Digest as _;

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

const ITEMS: u64 = 40_000;
/// About as long as a usual item.
const LINES: usize = 12;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Outcome<()> {
    let callers = std::env::args().nth(1).map_or(Ok(16), |text| text.parse())?;
    let directory = tempfile::tempdir()?;
    let database =
        Database::open(&StateUrl::sqlite(&directory.path().join("state.db")), OpenOptions::default()).await?;
    let keyring = Keyring::load_or_create(&directory.path().join("key"))?;
    let place = container(&database, &keyring).await?;
    each("create", callers, &database, move |database, number| async move {
        write(&database, place, number, Expected::Absent).await
    })
    .await?;
    each("replace", callers, &database, move |database, number| async move {
        write(&database, place, number, Expected::Present).await
    })
    .await?;
    each("upsert", callers, &database, move |database, number| async move {
        write(&database, place, number, Expected::Anything).await
    })
    .await?;
    each("point read", callers, &database, move |database, number| async move {
        match database.documents().item(place, key(number)).await? {
            Looked::At { found: Some(_), .. } => Ok(()),
            other => Err(format!("{other:?}").into()),
        }
    })
    .await?;
    let (begun, cpu) = (Instant::now(), processor_time()?);
    let (mut after, mut told) = (ItemVersion(0), 0_u64);
    let limit = PageLimit { items: 100, bytes: 4 << 20 };
    loop {
        let page = database.documents().changes(place, &KeyBounds::default(), after, None, limit).await?;
        let Looked::At { found, .. } = page else { return Err("the container changed".into()) };
        told += found.items.len() as u64;
        match found.items.last() {
            Some(last) if found.more => after = last.version,
            _ => break,
        }
    }
    println!(
        "feed of {told}, by hundreds: {:.1} us of processor time, {:.1} us of the clock for each item",
        (processor_time()? - cpu).as_secs_f64() * 1e6 / told as f64,
        begun.elapsed().as_secs_f64() * 1e6 / told as f64
    );
    database.close().await;
    Ok(())
}

/// Does something for each item, with so many callers at once, and tells what it cost.
async fn each<F>(
    what: &str,
    callers: usize,
    database: &Database,
    work: impl Fn(Database, u64) -> F + Copy + Send + 'static,
) -> Outcome<()>
where
    F: Future<Output = Outcome<()>> + Send,
{
    let (begun, cpu) = (Instant::now(), processor_time()?);
    let next = Arc::new(AtomicU64::new(0));
    let tasks = (0..callers).map(|_| {
        let (database, next) = (database.clone(), Arc::clone(&next));
        tokio::spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= ITEMS {
                    return Outcome::Ok(());
                }
                work(database.clone(), number).await?;
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await??;
    }
    let cost = |span: Duration| span.as_secs_f64() * 1e6 / ITEMS as f64;
    println!(
        "{what}: {:.1} us of processor time, {:.1} us of the clock",
        cost(processor_time()? - cpu),
        cost(begun.elapsed())
    );
    Ok(())
}

fn key(number: u64) -> ItemKey {
    ItemKey(sha2::Sha256::digest(number.to_le_bytes()).into())
}

async fn write(database: &Database, place: RangePlace, number: u64, expected: Expected) -> Outcome<()> {
    let line = "{\"sku\":\"a-1\",\"count\":2,\"price\":\"12.50\"}";
    let key = key(number);
    let item = NewItem {
        id: number.to_string().into(),
        partition_key: format!("[\"customer {}\"]", number % 1000).into(),
        effective_key: Arc::from(&key.0[16..]),
        body: format!("{{\"id\":\"{number}\",\"lines\":[{}]}}", [line; LINES].join(",")).into(),
        time_to_live: None,
        unique: Vec::new(),
        indexed: true,
    };
    let write = ItemWrite { key, expected, change: ItemChange::Put(item) };
    match database.documents().commit(place, false, &[write]).await? {
        Committed::Done { .. } => Ok(()),
        other => Err(format!("{other:?}").into()),
    }
}

async fn container(database: &Database, keyring: &Keyring) -> Outcome<RangePlace> {
    database.document_accounts().create(keyring, "bench").await?;
    let (account, name, body) = ("bench", "bench", "{}");
    let new =
        NewResource { account, kind: ResourceKind::Database, parent: "", name, body, container: None, offer: None };
    let parent = created(database.document_resources().create(&new).await?)?;
    let ranges = [(Vec::new(), vec![0xff])];
    let more = Some(NewContainer { ranges: &ranges, keeps_history: false });
    let new = NewResource { kind: ResourceKind::Container, parent: &parent.rid, container: more, ..new };
    let container = created(database.document_resources().create(&new).await?)?;
    let number = u64::from_str_radix(&container.rid, 16)?.cast_signed();
    Ok(RangePlace { container: number, range: 0, definition: container.version })
}

fn created(creation: ResourceCreation) -> Outcome<StoredResource> {
    match creation {
        ResourceCreation::Created(resource) => Ok(resource),
        other => Err(format!("{other:?}").into()),
    }
}

/// Of this process, in ticks of 10 ms.
fn processor_time() -> Outcome<Duration> {
    let stat = std::fs::read_to_string(Path::new("/proc/self/stat"))?;
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks = |index: usize| -> Outcome<u64> { Ok(fields.get(index).ok_or("no such field")?.parse()?) };
    Ok(Duration::from_millis((ticks(11)? + ticks(12)?) * 10))
}

//! Processors in processes of their own over twelve ranges of a document store: they are started, stopped, killed with SIGKILL and added
//! while somebody writes, a fifth of their batches fail, and the way to the store answers 429, 503 and 410 and cuts connections. What
//! they wrote down says whether every change was handled at least once and in order, who had which lease when, and whether
//! they share the work evenly.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]
#![expect(clippy::print_stdout, reason = "figures are shown")]

#[path = "../served/faults.rs"]
mod faults;
mod journal;
mod process;
#[path = "../served/mod.rs"]
mod served;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hearth_cosmos::client::{ContainerClient, NewContainer, PartitionKey};
use hearth_cosmos::processor::{Estimator, Feed, LeasePrefix, LeaseStore};
use hearth_cosmos::{ContainerFeed, ContainerLeases};
use serde_json::json;
use tokio::time::Instant;

use faults::{Fate, Faults, Seen};
use journal::Journals;
use process::{EXPIRATION, Process, UNIT};
use served::Served;

const RANGES: usize = 12;
/// Of a range: the store gives a container one for each so many.
const THROUGHPUT: u32 = 6000;
const KEYS: u64 = 40;
/// Longest that is waited for what has to come. Ordinarily it takes a second or a few.
const PATIENCE: Duration = Duration::from_secs(30);

/// The way to the store: of thirteen calls about one goes wrong.
fn rough(seen: &Seen) -> Fate {
    // Which one is much the same in every run.
    let chance = (seen.earlier as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33;
    match chance % 80 {
        0 | 1 => Fate::status(429, "x-ms-retry-after-ms: 20\r\n"),
        2 => Fate::status(503, ""),
        3 => Fate::status(410, "x-ms-substatus: 1002\r\n"),
        4 => Fate::CutBefore,
        5 => Fate::CutAfter,
        _ => Fate::Pass,
    }
}

async fn write(orders: ContainerClient, enough: Arc<AtomicBool>) -> u64 {
    let mut written = 0;
    while !enough.load(Ordering::SeqCst) {
        let (key, sequence) = (written * 7 % KEYS, written / KEYS);
        let item = json!({"id": format!("{key}-{sequence}"), "pk": key, "sequence": sequence}).to_string();
        orders.create_item(&PartitionKey::of(&json!(key)), &item).await.unwrap();
        written += 1;
        // A writer among others, not a load test.
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    written
}

/// Waits until the living share the leases evenly.
async fn even(journals: &Journals, alive: &[&Process]) {
    let names = alive.iter().map(|process| process.name.as_str()).collect::<Vec<_>>();
    let even = || {
        let shares = journals.read().shares(&names);
        let (most, fewest) = (*shares.iter().max().unwrap(), *shares.iter().min().unwrap());
        (shares.iter().sum::<usize>() == RANGES && most - fewest <= 1).then_some(shares)
    };
    let shares = until(&format!("{names:?} to share the leases evenly"), even, || journals.shown()).await;
    println!("{names:?} have {shares:?} leases");
}

async fn until<T>(what: &str, mut there: impl FnMut() -> Option<T>, shown: impl Fn() -> String) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = there() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited in vain for {what}:\n{}", shown());
        // Between looks at what other processes wrote.
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_come_and_go_and_nothing_is_lost() {
    let served = Served::start().await;
    let client = served.client();
    let orders = client.container("shop", "orders");
    let throughput = u32::try_from(RANGES).unwrap() * THROUGHPUT;
    let new = NewContainer { throughput: Some(throughput), ..NewContainer::with_key("/pk") };
    orders.create_if_missing(&new).await.unwrap();
    assert_eq!(orders.ranges().await.unwrap().len(), RANGES);
    let leases = client.container("shop", "leases");
    leases.create_if_missing(&NewContainer::for_leases(None)).await.unwrap();

    let way = Faults::before(&served.endpoint, rough).await;
    let through = format!("AccountEndpoint={}/;AccountKey={};", way.endpoint, served.key);
    let journals = Journals::new();
    let start = |name: &str| Process::start(name, &through, &journals);
    let enough = Arc::new(AtomicBool::new(false));
    let writer = tokio::spawn(write(orders.clone(), enough.clone()));

    let (first, second) = (start("first"), start("second"));
    even(&journals, &[&first, &second]).await;
    first.kill(&journals);
    let third = start("third");
    even(&journals, &[&second, &third]).await;
    let (fourth, fifth) = (start("fourth"), start("fifth"));
    even(&journals, &[&second, &third, &fourth, &fifth]).await;
    fourth.kill(&journals);
    second.stop().await;
    even(&journals, &[&third, &fifth]).await;
    let sixth = start("sixth");
    even(&journals, &[&third, &fifth, &sixth]).await;

    enough.store(true, Ordering::SeqCst);
    let written = writer.await.unwrap();
    until(
        "everything to be handled",
        || (journals.read().handled_changes() == written).then_some(()),
        || journals.shown(),
    )
    .await;
    let (feed, store) = (ContainerFeed::new(orders), ContainerLeases::new(leases));
    let prefix = LeasePrefix::new(UNIT, &feed.identity().await.unwrap());
    let lag = Estimator::new(feed, store.clone(), UNIT).estimate().await.unwrap();
    assert_eq!(lag.leases.len(), RANGES);
    for process in [third, fifth, sixth] {
        process.stop().await;
    }

    let end = journals.read();
    assert_eq!(end.faults(), Vec::<String>::new());
    let overlap = end.longest_overlap();
    println!("{written} changes, {} deliveries, two had a lease for {overlap:?} at most", end.deliveries());
    // Their clock is one. The rest is for processes that a busy machine does not let run.
    assert!(overlap <= EXPIRATION + Duration::from_secs(2), "two had a lease for {overlap:?}");
    assert!(end.deliveries() > written, "failures were delivered again");
    let kept = store.list(&prefix.leases()).await.unwrap();
    assert_eq!(kept.len(), RANGES);
    assert!(kept.iter().all(|lease| lease.owner.is_none() && lease.continuation.is_some()), "{kept:?}");
}

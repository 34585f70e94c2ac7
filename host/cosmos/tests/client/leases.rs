//! Leases in containers, and a processor over containers whose ways go wrong.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hearth_cosmos::client::{ContainerClient, NewContainer};
use hearth_cosmos::processor::{
    Batch, ChangeFeedProcessor, Delegate, Delivered, DeliveryError, EpkRange, Estimator, Feed, FeedErrorKind, FeedMode,
    Lease, LeasePrefix, LeaseStore, LeaseStoreErrorKind, PageRequest, PageScope, PageStart, PartitionRange,
    ProcessorOptions, ProcessorStart,
};
use hearth_cosmos::{ContainerFeed, ContainerLeases, CosmosClient};
use hearth_model::clock::{Clock, SystemClock, Timestamp};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::faults::{Fate, Faults};
use crate::served::Served;
use crate::store::container;

const LOCK_TTL: Duration = Duration::from_secs(30);

fn lease(id: &str) -> Lease {
    let range = PartitionRange { id: "0".to_owned(), bounds: EpkRange::full(), parents: Vec::new() };
    Lease::on_range(id.to_owned(), &range, FeedMode::LatestVersion)
}

async fn made(container: &ContainerClient, key: &str) -> ContainerLeases {
    let new = NewContainer { default_ttl: Some(-1), ..NewContainer::with_key(key) };
    container.create_if_missing(&new).await.unwrap();
    ContainerLeases::new(container.clone())
}

fn kind<T: std::fmt::Debug>(result: Result<T, hearth_cosmos::processor::LeaseStoreError>) -> LeaseStoreErrorKind {
    result.unwrap_err().kind
}

#[tokio::test]
async fn leases_are_kept_by_either_key() {
    let served = Served::start().await;
    for key in ["/id", "/partitionKey"] {
        let container = served.client().container("shop", key.trim_start_matches('/'));
        let leases = made(&container, key).await;
        let first = leases.create(&lease("P..0")).await.unwrap();
        assert_eq!(first.partition_key.is_some(), key == "/partitionKey");
        assert_eq!(kind(leases.create(&lease("P..0")).await), LeaseStoreErrorKind::Exists);
        leases.create(&lease("P..1")).await.unwrap();
        leases.create(&lease("PQ..1")).await.unwrap();
        let mut found = leases.list("P..").await.unwrap();
        found.sort_by(|one, other| one.id.cmp(&other.id));
        assert_eq!(found.iter().map(|lease| lease.id.as_str()).collect::<Vec<_>>(), ["P..0", "P..1"]);
        assert_eq!(found[0].etag, first.etag);
        let mine = Lease { owner: Some("me".to_owned()), continuation: Some("\"7\"".to_owned()), ..found[0].clone() };
        let taken = leases.replace(&mine).await.unwrap();
        assert_eq!(kind(leases.replace(&mine).await), LeaseStoreErrorKind::Changed);
        let read = leases.read(&mine).await.unwrap();
        assert_eq!((read.etag.as_str(), read.owner.as_deref()), (taken.etag.as_str(), Some("me")));
        assert_eq!(read.continuation.as_deref(), Some("\"7\""));
        assert_eq!(kind(leases.delete(&mine).await), LeaseStoreErrorKind::Changed);
        leases.delete(&taken).await.unwrap();
        assert_eq!(kind(leases.read(&taken).await), LeaseStoreErrorKind::NotFound);
        assert_eq!(kind(leases.replace(&taken).await), LeaseStoreErrorKind::NotFound);

        assert!(!leases.is_marked("P.info").await.unwrap());
        leases.mark("P.info").await.unwrap();
        leases.mark("P.info").await.unwrap();
        assert!(leases.is_marked("P.info").await.unwrap());
        let lock = leases.lock("P.lock", LOCK_TTL).await.unwrap().unwrap();
        assert_eq!(leases.lock("P.lock", LOCK_TTL).await.unwrap(), None);
        leases.unlock(&lock).await.unwrap();
        leases.unlock(&lock).await.unwrap();
        assert!(leases.lock("P.lock", LOCK_TTL).await.unwrap().is_some());
        assert_eq!(leases.list("P..").await.unwrap().len(), 1, "marker and lock are no leases");
    }
}

#[tokio::test]
async fn a_lease_container_has_to_be_there_with_a_key_for_leases() {
    let served = Served::start().await;
    let container = served.client().container("shop", "leases");
    for leases in [ContainerLeases::new(container.clone()), made(&container, "/pk").await] {
        let error = leases.is_marked("P.info").await.unwrap_err();
        assert_eq!(error.kind, LeaseStoreErrorKind::Refused, "{error}");
        assert!(error.message.contains("leases"), "{error}");
    }
}

/// A clock that is a minute and a half ahead.
struct Ahead;

impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        SystemClock.now().plus(Duration::from_secs(90))
    }
}

#[tokio::test]
async fn a_lock_that_should_have_gone_long_ago_is_taken_over() {
    let served = Served::start().await;
    let container = served.client().container("shop", "leases");
    // Without a ttl of the container's own, documents never go by theirs.
    container.create_if_missing(&NewContainer::with_key("/id")).await.unwrap();
    let leases = ContainerLeases::new(container);
    let lock = leases.lock("P.lock", LOCK_TTL).await.unwrap().unwrap();
    assert_eq!(leases.lock("P.lock", LOCK_TTL).await.unwrap(), None);
    let later = CosmosClient::new(&served.connection(), Arc::new(Ahead)).container("shop", "leases");
    let taken = ContainerLeases::new(later).lock("P.lock", LOCK_TTL).await.unwrap().unwrap();
    assert_ne!(taken.etag, lock.etag);
    // The one before gives back nothing that is not its own.
    leases.unlock(&lock).await.unwrap();
    assert_eq!(leases.lock("P.lock", LOCK_TTL).await.unwrap(), None);
}

#[tokio::test]
async fn a_lock_whose_making_was_not_answered_is_ones_own() {
    let served = Served::start().await;
    made(&served.client().container("shop", "leases"), "/id").await;
    let faults = Faults::before(&served.endpoint, |seen| match seen.method.as_str() {
        "POST" => Fate::CutAfter,
        _ => Fate::Pass,
    })
    .await;
    let connection = served.connection_through(&faults.endpoint);
    let leases = CosmosClient::new(&connection, Arc::new(SystemClock)).container("shop", "leases");
    let leases = ContainerLeases::new(leases);
    let lock = leases.lock("P.lock", LOCK_TTL).await.unwrap().unwrap();
    assert_eq!(kind(leases.create(&lease("P..0")).await), LeaseStoreErrorKind::Passing);
    leases.unlock(&lock).await.unwrap();
    assert!(
        ContainerLeases::new(served.client().container("shop", "leases"))
            .lock("P.lock", LOCK_TTL)
            .await
            .unwrap()
            .is_some()
    );
}

#[tokio::test]
async fn a_containers_feed_names_it_and_its_ranges() {
    let served = Served::start().await;
    let orders = container(&served).await;
    let feed = ContainerFeed::new(orders.clone());
    let identity = feed.identity().await.unwrap();
    assert_eq!(identity.account_host, "127.0.0.1");
    assert_eq!(identity.database_rid, orders.database().read().await.unwrap().rid);
    assert_eq!(identity.container_rid, orders.read().await.unwrap().rid);
    let ranges = feed.ranges(&EpkRange::full()).await.unwrap();
    assert_eq!(ranges.len(), 2);
    assert_eq!(feed.ranges(&ranges[1].bounds).await.unwrap(), ranges[1..]);
    let request = PageRequest {
        scope: PageScope { range: &ranges[0].id, bounds: None },
        start: PageStart::Now,
        mode: FeedMode::LatestVersion,
        max_items: None,
        wait: Duration::ZERO,
    };
    let page = feed.read(&request).await.unwrap();
    assert!(page.items.is_empty() && page.lsn.is_some() && !page.waited);
    let waiting = PageRequest { start: PageStart::After(&page.continuation), wait: Duration::from_secs(2), ..request };
    assert!(feed.read(&waiting).await.unwrap().waited);
    let gone = PageRequest { scope: PageScope { range: "99", bounds: None }, ..request };
    assert_eq!(feed.read(&gone).await.unwrap_err().kind, FeedErrorKind::RangeGone);
    // Another container of its name has other positions.
    orders.delete().await.unwrap();
    container(&served).await;
    assert_eq!(feed.read(&request).await.unwrap_err().kind, FeedErrorKind::NotFound);
    feed.identity().await.unwrap();
    feed.read(&request).await.unwrap();
    let none = ContainerFeed::new(orders.database().container("none"));
    assert_eq!(none.identity().await.unwrap_err().kind, FeedErrorKind::NotFound);
}

/// Notes how often each item came, and says when all are there.
pub(crate) struct Notes {
    pub(crate) seen: Mutex<BTreeMap<String, u32>>,
    expected: usize,
    pub(crate) all: CancellationToken,
}

impl Notes {
    pub(crate) fn of(expected: usize) -> Arc<Self> {
        Arc::new(Self { seen: Mutex::default(), expected, all: CancellationToken::new() })
    }
}

/// Knobs with which a processor is quick, from the beginning on.
pub(crate) fn quick() -> ProcessorOptions {
    ProcessorOptions {
        start: ProcessorStart::Beginning,
        acquire_interval: Duration::from_millis(100),
        poll_delay: Duration::from_millis(100),
        longest_wait: Duration::from_secs(1),
        lock_wait: Duration::from_millis(200),
        max_items: Some(7),
        ..ProcessorOptions::default()
    }
}

impl Delegate for Notes {
    async fn deliver(&self, batch: Batch) -> Result<Delivered, DeliveryError> {
        let mut seen = self.seen.lock().unwrap();
        for item in batch.items.iter() {
            let item: Value = item.parse().map_err(|error| DeliveryError::failed(error.to_string()))?;
            *seen.entry(item["id"].as_str().unwrap_or_default().to_owned()).or_default() += 1;
        }
        if seen.len() == self.expected {
            self.all.cancel();
        }
        Ok(Delivered::Handled)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_where_both_ways_go_wrong() {
    const ITEMS: usize = 120;
    let served = Served::start().await;
    let orders = container(&served).await;
    made(&served.client().container("shop", "leases"), "/id").await;
    // Of ten requests four go wrong, each in another way, on both containers.
    let faults = Faults::before(&served.endpoint, |seen| match seen.earlier % 10 {
        1 => Fate::CutBefore,
        4 if seen.method != "GET" => Fate::CutAfter,
        4 => Fate::CutInside,
        6 => Fate::status(429, "x-ms-retry-after-ms: 5\r\n"),
        8 if seen.target.ends_with("/docs") && seen.method == "GET" => Fate::status(410, "x-ms-substatus: 1002\r\n"),
        8 => Fate::status(503, ""),
        _ => Fate::Pass,
    })
    .await;
    let connection = served.connection_through(&faults.endpoint);
    let client = CosmosClient::new(&connection, Arc::new(SystemClock));
    let notes = Notes::of(ITEMS);
    let processor = ChangeFeedProcessor::<_, _, Notes>::builder(
        ContainerFeed::new(client.container("shop", "orders")),
        ContainerLeases::new(client.container("shop", "leases")),
        notes.clone(),
    )
    .options(quick())
    .build()
    .unwrap();
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    let running = tokio::spawn(async move { processor.run(stopped).await });
    for number in 0..ITEMS {
        let key = format!("k{}", number % 10);
        let text = json!({ "id": format!("{number:03}"), "pk": key }).to_string();
        orders.upsert_item(&key.as_str().into(), &text, None).await.unwrap();
    }
    tokio::time::timeout(Duration::from_secs(120), notes.all.cancelled()).await.unwrap();
    stop.cancel();
    running.await.unwrap().unwrap();
    let prefix = LeasePrefix::new("", &ContainerFeed::new(orders).identity().await.unwrap());
    let leases = ContainerLeases::new(served.client().container("shop", "leases"));
    let leases = leases.list(&prefix.leases()).await.unwrap();
    assert_eq!(leases.len(), 2);
    for lease in leases {
        assert!(lease.continuation.is_some(), "{}", lease.id);
    }
    // Whoever asks hears what is there, and what came since.
    let estimator = Estimator::new(
        ContainerFeed::new(served.client().container("shop", "orders")),
        ContainerLeases::new(served.client().container("shop", "leases")),
        "",
    );
    assert_eq!(estimator.estimate().await.unwrap().total(), 0);
    for number in 0..3 {
        let text = json!({ "id": format!("later {number}"), "pk": "a" }).to_string();
        served.client().container("shop", "orders").upsert_item(&"a".into(), &text, None).await.unwrap();
    }
    assert_eq!(estimator.estimate().await.unwrap().total(), 3);
    let wrong = faults.seen().iter().filter(|seen| [1, 4, 6, 8].contains(&(seen.earlier % 10))).count();
    assert!(wrong >= 12, "only {wrong} requests went wrong");
}

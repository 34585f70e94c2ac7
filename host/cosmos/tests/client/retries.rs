//! What the client does when the way to the store, or the store, fails for the moment.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hearth_cosmos::client::{
    ChangesMode, ChangesRequest, ChangesStart, ContainerClient, NewContainer, PartitionKey, Query, QueryScope,
};
use hearth_cosmos::{CosmosClient, CosmosErrorKind};
use hearth_model::clock::SystemClock;
use serde_json::json;

use crate::faults::{Fate, Faults, Seen};
use crate::served::Served;
use crate::store::container;

const THROTTLED: Fate =
    Fate::Answer { status: 429, headers: "x-ms-substatus: 3200\r\nx-ms-retry-after-ms: 40\r\n", body: "{}" };

struct Way {
    served: Served,
    faults: Faults,
    orders: ContainerClient,
}

impl Way {
    /// The container of the store by a way that meets this.
    async fn new(script: impl Fn(&Seen) -> Fate + Send + Sync + 'static) -> Self {
        let served = Served::start().await;
        container(&served).await;
        let faults = Faults::before(&served.endpoint, script).await;
        let connection = served.connection_through(&faults.endpoint);
        let orders = CosmosClient::new(&connection, Arc::new(SystemClock)).container("shop", "orders");
        Self { served, faults, orders }
    }

    /// The same container by a way without faults.
    fn straight(&self) -> ContainerClient {
        self.served.client().container("shop", "orders")
    }
}

/// The first of these requests meet what is told, the others nothing.
fn first(fates: &'static [Fate]) -> impl Fn(&Seen) -> Fate + Send + Sync {
    |seen| fates.get(seen.earlier).cloned().unwrap_or(Fate::Pass)
}

fn key() -> PartitionKey {
    "a".into()
}

fn text(n: u32) -> String {
    json!({ "id": "1", "pk": "a", "n": n }).to_string()
}

#[tokio::test]
async fn what_was_surely_not_done_is_done_again() {
    let way = Way::new(first(&[
        THROTTLED,
        THROTTLED,
        Fate::Answer { status: 449, headers: "", body: "{}" },
        Fate::Answer { status: 410, headers: "x-ms-substatus: 1000\r\n", body: "" },
        Fate::Answer { status: 410, headers: "x-ms-substatus: 1002\r\n", body: "not JSON" },
        Fate::Answer { status: 403, headers: "x-ms-substatus: 3\r\n", body: "{}" },
    ]))
    .await;
    let begun = Instant::now();
    let written = way.orders.create_item(&key(), &text(1)).await.unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(80), "the service's time was not waited for");
    assert!(written.created);
    assert_eq!(way.faults.seen().len(), 7);
    assert!(way.straight().read_item("1", &key()).await.unwrap().is_some());
}

#[tokio::test]
async fn throttling_that_takes_too_long_is_told_with_its_time() {
    let long = Fate::Answer { status: 429, headers: "x-ms-retry-after-ms: 30001\r\n", body: "{}" };
    let way = Way::new(move |_| long.clone()).await;
    let error = way.orders.read_item("1", &key()).await.unwrap_err();
    assert_eq!(error.kind, CosmosErrorKind::Throttled, "{error}");
    assert_eq!(error.retry_after, Some(Duration::from_millis(30_001)));
    assert!(!error.may_have_been_done);
    assert_eq!(way.faults.seen().len(), 1);
    let always = Way::new(|_| Fate::Answer { status: 429, headers: "x-ms-retry-after-ms: 1\r\n", body: "{}" }).await;
    assert_eq!(always.orders.read_item("1", &key()).await.unwrap_err().kind, CosmosErrorKind::Throttled);
    assert_eq!(always.faults.seen().len(), 10);
}

#[tokio::test]
async fn reads_are_made_again_whatever_broke() {
    let way =
        Way::new(first(&[Fate::CutBefore, Fate::CutInside, Fate::Answer { status: 503, headers: "", body: "" }])).await;
    way.straight().upsert_item(&key(), &text(1), None).await.unwrap();
    assert!(way.orders.read_item("1", &key()).await.unwrap().is_some());
    assert_eq!(way.faults.seen().len(), 4);
}

#[tokio::test]
async fn a_create_that_may_have_been_done_is_not_made_again() {
    for (fate, done) in
        [(Fate::CutBefore, false), (Fate::CutAfter, true), (Fate::CutInside, true), (Fate::status(503, ""), false)]
    {
        let way = Way::new(move |_| fate.clone()).await;
        let error = way.orders.create_item(&key(), &text(1)).await.unwrap_err();
        assert_eq!(error.kind, CosmosErrorKind::Passing, "{error}");
        assert!(error.may_have_been_done);
        assert_eq!(way.faults.seen().len(), 1);
        assert_eq!(way.straight().read_item("1", &key()).await.unwrap().is_some(), done);
    }
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_is_found_done() {
    let way = Way::new(first(&[Fate::CutAfter])).await;
    let made = way.straight().upsert_item(&key(), &text(1), None).await.unwrap();
    // The repetition meets the version that the first attempt made.
    let replaced = way.orders.replace_item("1", &key(), &text(2), Some(&made.etag)).await.unwrap();
    let now = way.straight().read_item("1", &key()).await.unwrap().unwrap();
    assert_eq!(now.etag, replaced.etag);
    assert_eq!(way.faults.seen().len(), 3, "the replace, the same again, and the read that told");

    let way = Way::new(first(&[Fate::CutInside])).await;
    let made = way.straight().upsert_item(&key(), &text(1), None).await.unwrap();
    way.orders.delete_item("1", &key(), Some(&made.etag)).await.unwrap();
    assert_eq!(way.straight().read_item("1", &key()).await.unwrap(), None);
}

#[tokio::test]
async fn a_version_that_somebody_else_made_is_not_taken_for_ones_own() {
    let way = Way::new(first(&[Fate::CutBefore])).await;
    let made = way.straight().upsert_item(&key(), &text(1), None).await.unwrap();
    way.straight().upsert_item(&key(), &text(3), None).await.unwrap();
    let error = way.orders.replace_item("1", &key(), &text(2), Some(&made.etag)).await.unwrap_err();
    assert_eq!(error.kind, CosmosErrorKind::Changed, "{error}");
}

#[tokio::test]
async fn a_range_that_is_gone_is_told_at_once() {
    for status in ["x-ms-substatus: 1002\r\n", "x-ms-substatus: 1007\r\n", "x-ms-substatus: 1008\r\n"] {
        let way = Way::new(move |_| Fate::status(410, status)).await;
        let request = ChangesRequest {
            container_rid: None,
            range: Some("0"),
            bounds: None,
            start: ChangesStart::Beginning,
            mode: ChangesMode::Latest,
            max_items: None,
            wait: Duration::ZERO,
        };
        let error = way.orders.changes(&request).await.unwrap_err();
        assert_eq!(error.kind, CosmosErrorKind::RangeGone, "{error}");
        assert_eq!(way.faults.seen().len(), 1);
    }
}

#[tokio::test]
async fn what_is_refused_is_told_at_once_with_the_services_words() {
    let body = r#"{"code":"BadRequest","message":"Cross partition query only supports 'VALUE <AggregateFunc>'\r\nActivityId: 1"}"#;
    let refused = Fate::Answer { status: 400, headers: "x-ms-substatus: 1004\r\n", body };
    let way = Way::new(move |_| refused.clone()).await;
    let error =
        way.orders.query(&Query::new("SELECT * FROM c ORDER BY c.n"), QueryScope::Container, 1).await.unwrap_err();
    assert_eq!((error.kind, error.sub_status), (CosmosErrorKind::Refused, 1004));
    assert!(
        error.to_string().ends_with(
            "the service answered 400/1004 BadRequest: Cross partition query only supports 'VALUE <AggregateFunc>'"
        ),
        "{error}"
    );
    assert_eq!(way.faults.seen().len(), 1);
}

#[tokio::test]
async fn an_account_for_gremlin_gets_its_own_key_for_leases() {
    let body = r#"{"code":"BadRequest","message":"Partition key path /id is invalid for Gremlin API."}"#;
    let way =
        Way::new(move |seen| match (seen.method.as_str(), String::from_utf8_lossy(&seen.body).contains("\"/id\"")) {
            ("POST", true) => Fate::Answer { status: 400, headers: "", body },
            _ => Fate::Pass,
        })
        .await;
    let leases = way.orders.database().container("leases");
    let made = leases.create_if_missing(&NewContainer::for_leases(None)).await.unwrap();
    assert_eq!(made.partition_key.paths, ["/partitionKey"]);
}

#[tokio::test]
async fn where_nobody_listens_even_creates_are_tried_again() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let served = Served::start().await;
    container(&served).await;
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let connection = served.connection_through(&endpoint);
    let orders = CosmosClient::new(&connection, Arc::new(SystemClock)).container("shop", "orders");
    let error = orders.create_item(&key(), &text(1)).await.unwrap_err();
    assert_eq!(error.kind, CosmosErrorKind::Passing, "{error}");
    assert!(!error.may_have_been_done);
}

#[tokio::test]
async fn a_session_that_no_replica_knows_is_forgotten_in_the_end() {
    let way = Way::new(|seen| match seen.header("x-ms-session-token") {
        Some(_) if seen.method == "GET" => Fate::status(404, "x-ms-substatus: 1002\r\n"),
        _ => Fate::Pass,
    })
    .await;
    way.orders.upsert_item(&key(), &text(1), None).await.unwrap();
    assert!(way.orders.read_item("1", &key()).await.unwrap().is_some());
    let seen = way.faults.seen();
    assert_eq!(seen.iter().filter(|seen| seen.header("x-ms-session-token").is_some()).count(), 5);
    assert_eq!(seen.len(), 7);
}

//! Against `@vercel/cosmosdb-server`, an emulator of others that people test with. Where it does less than the protocol says, the tests
//! say so by asserting it.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use hearth_cosmos::client::{ChangesMode, ChangesRequest, ChangesStart, NewContainer, PartitionKey, Query, QueryScope};
use hearth_cosmos::processor::{ChangeFeedProcessor, Feed, Lease, LeasePrefix, LeaseStore, LeaseStoreErrorKind};
use hearth_cosmos::{ContainerFeed, ContainerLeases, CosmosClient, CosmosConnection, CosmosErrorKind};
use hearth_model::clock::SystemClock;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::leases::{Notes, quick};

/// What names its release; the benchmark compares with the same.
const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/bench/cosmosdb-server");

/// It, until this is dropped.
struct Peer {
    child: Child,
    endpoint: String,
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Peer {
    /// Installs and starts it; none, with the reason, where that cannot be done.
    fn start() -> Option<Self> {
        let script = install()?;
        let mut child = Command::new("node")
            .arg(script)
            .args(["--host", "127.0.0.1", "--port", "0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().rsplit(':').next().unwrap_or_default();
        assert!(port.parse::<u16>().is_ok(), "it did not start: {line}");
        let endpoint = format!("https://127.0.0.1:{port}/");
        Some(Self { child, endpoint })
    }

    fn client(&self) -> CosmosClient {
        let endpoint = &self.endpoint;
        // It looks at no key.
        let text = format!("AccountEndpoint={endpoint};AccountKey=a2V5;DisableServerCertificateValidation=true");
        let connection: CosmosConnection = text.parse().unwrap();
        CosmosClient::new(&connection, Arc::new(SystemClock))
    }
}

fn install() -> Option<PathBuf> {
    for program in ["node", "npm"] {
        if Command::new(program).arg("--version").output().is_err() {
            println!("skipped: {program} is not on the PATH");
            return None;
        }
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cosmosdb-server");
    let script = folder.join("node_modules/@vercel/cosmosdb-server/lib/cli.js");
    if script.is_file() {
        return Some(script);
    }
    std::fs::create_dir_all(&folder).unwrap();
    for name in ["package.json", "package-lock.json"] {
        std::fs::copy(Path::new(SOURCES).join(name), folder.join(name)).unwrap();
    }
    let arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
    let output = Command::new("npm").args(arguments).current_dir(&folder).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let unreachable = ["ENOTFOUND", "ECONNREFUSED", "EAI_AGAIN", "ETIMEDOUT"];
    if !output.status.success() && unreachable.iter().any(|sign| said.contains(sign)) {
        println!("skipped: the registry cannot be reached: {said}");
        return None;
    }
    assert!(output.status.success(), "{said}");
    Some(script)
}

#[tokio::test]
async fn another_emulator_is_used_as_far_as_it_goes() {
    let Some(peer) = tokio::task::spawn_blocking(Peer::start).await.unwrap() else { return };
    let client = peer.client();
    let orders = client.container("shop", "orders");
    let made = orders.create_if_missing(&NewContainer::with_key("/pk")).await.unwrap();
    assert_eq!(made.partition_key.paths, ["/pk"]);
    items(&orders).await;
    feed(&orders).await;
    leases(&client).await;
    processor(&client).await;
}

async fn items(orders: &hearth_cosmos::client::ContainerClient) {
    let key = PartitionKey::from("ä b");
    let text = |n: u32| json!({ "id": "1", "pk": "ä b", "n": n }).to_string();
    let first = orders.create_item(&key, &text(1)).await.unwrap();
    assert_eq!(orders.create_item(&key, &text(1)).await.unwrap_err().kind, CosmosErrorKind::Exists);
    let second = orders.replace_item("1", &key, &text(2), Some(&first.etag)).await.unwrap();
    let error = orders.replace_item("1", &key, &text(3), Some(&first.etag)).await.unwrap_err();
    assert_eq!(error.kind, CosmosErrorKind::Changed, "{error}");
    let read = orders.read_item("1", &key).await.unwrap().unwrap();
    assert_eq!((read.etag.as_str(), &read.parse::<Value>().unwrap()["n"]), (second.etag.as_str(), &json!(2)));
    orders.delete_item("1", &key, Some(&second.etag)).await.unwrap();
    // It fails at reading what is not there.
    let error = orders.read_item("1", &key).await.unwrap_err();
    assert_eq!((error.kind, error.status.unwrap().as_u16()), (CosmosErrorKind::Passing, 500), "{error}");
    for number in 0..5 {
        let text = json!({ "id": number.to_string(), "pk": "a", "n": number }).to_string();
        orders.upsert_item(&"a".into(), &text, None).await.unwrap();
    }
    let query = Query::new("SELECT * FROM c WHERE c.n > @n ORDER BY c.n").with("@n", 1);
    let rows = orders.query(&query, QueryScope::Container, usize::MAX).await.unwrap();
    assert_eq!(rows.len(), 3);
    // It does not look at the key of a query.
    assert_eq!(orders.query(&query, QueryScope::Key(&"none".into()), usize::MAX).await.unwrap().len(), 3);
    // It does not tell a missing container from a missing item.
    assert_eq!(orders.database().container("none").read_item("1", &"a".into()).await.unwrap(), None);
}

async fn feed(orders: &hearth_cosmos::client::ContainerClient) {
    let feed = ContainerFeed::new(orders.clone());
    let identity = feed.identity().await.unwrap();
    assert_eq!(identity.account_host, "127.0.0.1");
    assert_eq!(identity.database_rid, orders.database().read().await.unwrap().rid);
    let ranges = orders.ranges().await.unwrap();
    assert_eq!(ranges.len(), 1, "it has one range, whatever is asked for");
    let mut request = ChangesRequest {
        container_rid: None,
        range: Some(&ranges[0].id),
        bounds: None,
        start: ChangesStart::Beginning,
        mode: ChangesMode::Latest,
        max_items: None,
        wait: Duration::ZERO,
    };
    let first = orders.changes(&request).await.unwrap();
    assert_eq!(first.items.len(), 5, "from the beginning it lists what is there");
    assert_eq!(first.continuation, "1", "which is its every position");
    assert_eq!(first.session_token, None, "it has no sessions, so no lag can be told");
    assert!(!first.items[0].get().contains("\"_lsn\""), "its items have no LSN");
    orders.upsert_item(&"a".into(), r#"{"id":"new","pk":"a"}"#, None).await.unwrap();
    request.start = ChangesStart::After(&first.continuation);
    let next = orders.changes(&request).await.unwrap();
    assert!(next.items.is_empty(), "it never tells what was written after the first page");
}

async fn leases(client: &CosmosClient) {
    let container = client.container("shop", "leases");
    container.create_if_missing(&NewContainer::for_leases(None)).await.unwrap();
    let leases = ContainerLeases::new(container);
    let text = r#"{"id":"P..0","LeaseToken":"0","version":0,"Owner":null,"ContinuationToken":null,"properties":{}}"#;
    let free = Lease::from_json(text).unwrap();
    let made = leases.create(&free).await.unwrap();
    assert_eq!(leases.create(&free).await.unwrap_err().kind, LeaseStoreErrorKind::Exists);
    let mine = Lease { owner: Some("me".to_owned()), ..made.clone() };
    let taken = leases.replace(&mine).await.unwrap();
    assert_eq!(leases.replace(&mine).await.unwrap_err().kind, LeaseStoreErrorKind::Changed);
    assert_eq!(leases.list("P..").await.unwrap().len(), 1);
    assert_eq!(leases.read(&made).await.unwrap().owner.as_deref(), Some("me"));
    leases.mark("P.info").await.unwrap();
    assert!(leases.is_marked("P.info").await.unwrap());
    let lock = leases.lock("P.lock", Duration::from_secs(30)).await.unwrap().unwrap();
    assert_eq!(leases.lock("P.lock", Duration::from_secs(30)).await.unwrap(), None);
    leases.unlock(&lock).await.unwrap();
    leases.delete(&taken).await.unwrap();
}

/// The same processor as everywhere, which tells what was there when it began.
async fn processor(client: &CosmosClient) {
    let notes = Notes::of(6);
    let (feed, leases) = (client.container("shop", "orders"), client.container("shop", "leases"));
    let (feed, leases) = (ContainerFeed::new(feed), ContainerLeases::new(leases));
    let prefix = LeasePrefix::new("unit", &feed.identity().await.unwrap());
    let processor = ChangeFeedProcessor::<_, _, Notes>::builder(feed, leases.clone(), notes.clone());
    let processor = processor.name("unit").options(quick()).build().unwrap();
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    let running = tokio::spawn(async move { processor.run(stopped).await });
    tokio::time::timeout(Duration::from_secs(60), notes.all.cancelled()).await.unwrap();
    stop.cancel();
    running.await.unwrap().unwrap();
    assert!(notes.seen.lock().unwrap().values().all(|times| *times == 1));
    let leases = leases.list(&prefix.leases()).await.unwrap();
    assert_eq!(leases.iter().map(|lease| lease.token.as_str()).collect::<Vec<_>>(), ["0"]);
    assert_eq!((leases[0].owner.as_deref(), leases[0].continuation.as_deref()), (None, Some("1")));
}

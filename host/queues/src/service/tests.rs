use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use hearth_model::clock::{ManualClock, Timestamp};
use hearth_model::ids::AppName;
use hearth_state::{AccountKeyName, ClaimedMessage, OpenOptions, StateUrl, StoredMessage};

use super::*;
use crate::protocol::{AccountName, CorsRule, ServiceProperties};
use crate::{DEVELOPMENT_ACCOUNT, DEVELOPMENT_KEY};

const MINUTE: Duration = Duration::from_secs(60);

/// A service over a database of its own, with a clock that stands still.
struct Fixture {
    service: QueueService,
    database: Database,
    clock: Arc<ManualClock>,
    _directory: tempfile::TempDir,
}

async fn fixture(development: bool) -> Fixture {
    let directory = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::new(Timestamp::from_micros(1_800_000_000_000_000)));
    let keyring = Keyring::load_or_create(&directory.path().join("key")).unwrap();
    let options = OpenOptions { clock: Arc::clone(&clock) as _, ..OpenOptions::default() };
    let database = Database::open(&StateUrl::sqlite(&directory.path().join("state.db")), options).await.unwrap();
    let endpoint = "http://127.0.0.1:10001".to_owned();
    let options = ServiceOptions { endpoint, development };
    let service = QueueService::new(database.clone(), keyring, Arc::clone(&clock) as _, options);
    service.create_account(&AccountName::parse("shop").unwrap()).await.unwrap();
    Fixture { service, database, clock, _directory: directory }
}

fn claimed(message: &StoredMessage) -> ClaimedMessage {
    let (account, queue) = ("shop".to_owned(), "orders".to_owned());
    ClaimedMessage { account, queue, id: message.id.clone(), receipt: message.receipt }
}

async fn put(service: &QueueService, text: &str) {
    service.put("shop", "orders", text, Duration::ZERO, None).await.unwrap();
}

#[tokio::test]
async fn every_app_has_an_account_and_a_connection_string() {
    let f = fixture(false).await;
    let app = AppName::parse("my-app").unwrap();
    f.database.apps().create(&app, b"").await.unwrap();
    let account = f.service.account_of_app(&app).await.unwrap();
    let text = f.service.connection_string(&account).to_string();
    let expected = format!(
        "DefaultEndpointsProtocol=http;AccountName={0};AccountKey={1};QueueEndpoint=http://127.0.0.1:10001/{0};",
        account.name,
        account.keys[0].to_base64().as_str()
    );
    assert_eq!(text, expected);
    assert!(!format!("{account:?} {:?}", f.service).contains(account.keys[0].to_base64().as_str()));
    assert_eq!(f.service.account(&account.name).await.unwrap().unwrap().keys, account.keys);
    assert!(f.service.renew_key(&account.name, AccountKeyName::Key1).await.unwrap());
    let renewed = f.service.account(&account.name).await.unwrap().unwrap();
    assert_ne!(renewed.keys[0], account.keys[0], "seen here at once");
    assert_eq!(renewed.keys[1], account.keys[1]);
    assert!(f.service.account("none").await.unwrap().is_none() && f.service.account("../x").await.unwrap().is_none());
    assert_eq!(f.service.accounts().await.unwrap().len(), 2);
    assert!(f.service.delete_account("shop").await.unwrap());
    assert!(f.service.account("shop").await.unwrap().is_none());
}

#[tokio::test]
async fn the_published_key_opens_only_under_development() {
    let f = fixture(true).await;
    let account = f.service.development_account().await.unwrap();
    assert_eq!(account.keys[0].to_base64().as_str(), DEVELOPMENT_KEY);
    assert_eq!(f.service.development_account().await.unwrap().name, DEVELOPMENT_ACCOUNT);
    let options = ServiceOptions { endpoint: String::new(), development: false };
    let strict = QueueService::new(f.database.clone(), f.service.0.keyring.clone(), Arc::clone(&f.clock) as _, options);
    let refused = strict.development_account().await.unwrap_err();
    assert_eq!(refused.code(), Some(ErrorCode::AuthorizationFailure));
    assert!(strict.account(DEVELOPMENT_ACCOUNT).await.unwrap().is_none(), "though it is there");
}

#[tokio::test]
async fn queues_are_kept_with_metadata_policies_and_counts() {
    let f = fixture(false).await;
    let metadata = BTreeMap::from([("team".to_owned(), "blue".to_owned())]);
    assert!(f.service.create_queue("shop", "orders", &metadata).await.unwrap());
    assert!(!f.service.create_queue("shop", "orders", &metadata).await.unwrap());
    let other = f.service.create_queue("shop", "orders", &BTreeMap::new()).await.unwrap_err();
    assert_eq!(other.code(), Some(ErrorCode::QueueAlreadyExists));
    f.service.ensure_queue("shop", "orders").await.unwrap();
    for bad in ["Orders", "a", "a--b"] {
        let error = f.service.create_queue("shop", bad, &metadata).await.unwrap_err();
        assert_eq!(error.code(), Some(ErrorCode::InvalidResourceName), "{bad}");
    }
    let bad = BTreeMap::from([("a-b".to_owned(), String::new())]);
    assert_eq!(
        f.service.set_metadata("shop", "orders", &bad).await.unwrap_err().code(),
        Some(ErrorCode::InvalidMetadata)
    );
    for text in ["one", "two"] {
        put(&f.service, text).await;
    }
    let details = f.service.queue("shop", "orders").await.unwrap();
    assert_eq!(details, QueueDetails { metadata: metadata.clone(), approximate_count: 2 });
    for name in ["alpha", "beta"] {
        f.service.create_queue("shop", name, &BTreeMap::new()).await.unwrap();
    }
    let first = f.service.list_queues("shop", "", "", 2, true).await.unwrap();
    assert_eq!(first.next_marker.as_deref(), Some("orders"));
    assert_eq!(first.queues[0].metadata, Some(vec![]));
    let last = f.service.list_queues("shop", "", "orders", 2, false).await.unwrap();
    assert_eq!((last.queues.len(), last.queues[0].metadata.is_none(), last.next_marker), (1, true, None));
    f.service.clear("shop", "orders").await.unwrap();
    assert_eq!(f.service.approximate_count("shop", "orders").await.unwrap(), 0);
    f.service.delete_queue("shop", "orders").await.unwrap();
    for error in [
        f.service.delete_queue("shop", "orders").await.unwrap_err(),
        f.service.queue("shop", "orders").await.unwrap_err(),
        f.service.clear("shop", "orders").await.unwrap_err(),
        f.service.policies("shop", "orders").await.unwrap_err(),
    ] {
        assert_eq!(error.code(), Some(ErrorCode::QueueNotFound));
    }
    let cors =
        vec![CorsRule { allowed_origins: "*".to_owned(), allowed_methods: "GET".to_owned(), ..Default::default() }];
    f.service
        .set_properties("shop", ServiceProperties { cors: Some(cors.clone()), ..Default::default() })
        .await
        .unwrap();
    let account = f.service.account("shop").await.unwrap().unwrap();
    assert_eq!(account.properties, ServiceProperties { cors: Some(cors), ..ServiceProperties::initial() });
}

#[tokio::test]
async fn an_empty_queue_tells_when_to_look_again() {
    let f = fixture(false).await;
    let look = || f.service.receive("shop", "orders", 32, MINUTE);
    assert_eq!(look().await.unwrap(), Received::NoQueue);
    f.service.ensure_queue("shop", "orders").await.unwrap();
    let writes = f.database.metrics().writes;
    for _ in 0..3 {
        assert_eq!(look().await.unwrap(), Received::Empty(None));
    }
    assert_eq!(f.database.metrics().writes, writes + 1, "one that is known to be empty is only read");
    f.service.put("shop", "orders", "later", MINUTE * 2, None).await.unwrap();
    assert_eq!(look().await.unwrap(), Received::Empty(Some(MINUTE * 2)));
    f.clock.advance(MINUTE * 2);
    let Received::Messages(messages) = look().await.unwrap() else { panic!("it is visible") };
    assert_eq!(messages[0].text, "later");
    assert_eq!(look().await.unwrap(), Received::Empty(Some(MINUTE)));
    assert_eq!(f.service.renew(&[claimed(&messages[0])], MINUTE * 5).await.unwrap(), [true]);
    assert_eq!(look().await.unwrap(), Received::Empty(Some(MINUTE * 5)));
    f.service.delete(&claimed(&messages[0])).await.unwrap();
    let gone = f.service.delete(&claimed(&messages[0])).await.unwrap_err();
    assert_eq!(gone.code(), Some(ErrorCode::MessageNotFound));
    f.service.delete_queue("shop", "orders").await.unwrap();
    assert_eq!(look().await.unwrap(), Received::NoQueue, "remembered as empty, and gone");
}

#[tokio::test]
async fn what_cannot_be_is_refused() {
    let f = fixture(false).await;
    f.service.ensure_queue("shop", "orders").await.unwrap();
    let put = |text: String, visibility, ttl| f.service.put("shop", "orders", text, visibility, ttl);
    let long = "x".repeat(crate::protocol::limits::MESSAGE_BYTES + 1);
    let day = MINUTE * 60 * 24;
    for (result, code) in [
        (put(long, Duration::ZERO, None).await, ErrorCode::MessageTooLarge),
        (put("\u{1}".to_owned(), Duration::ZERO, None).await, ErrorCode::OutOfRangeInput),
        (put(String::new(), day * 8, None).await, ErrorCode::OutOfRangeQueryParameterValue),
        (put(String::new(), MINUTE, Some(MINUTE)).await, ErrorCode::OutOfRangeQueryParameterValue),
        (put(String::new(), Duration::ZERO, Some(Duration::ZERO)).await, ErrorCode::OutOfRangeQueryParameterValue),
        (f.service.put("shop", "none", "", Duration::ZERO, None).await, ErrorCode::QueueNotFound),
    ] {
        assert_eq!(result.unwrap_err().code(), Some(code));
    }
    for most in [0, 33] {
        let error = f.service.receive("shop", "orders", most, MINUTE).await.unwrap_err();
        assert_eq!(error.code(), Some(ErrorCode::OutOfRangeQueryParameterValue));
        assert!(f.service.peek("shop", "orders", most).await.is_err());
    }
    assert!(f.service.peek("shop", "orders", 32).await.unwrap().is_empty(), "nothing came of all that");
}

#[tokio::test]
async fn a_put_rings_here_and_is_told_to_others() {
    let f = fixture(false).await;
    f.service.ensure_queue("shop", "orders").await.unwrap();
    let told = Arc::new(Mutex::new(Vec::new()));
    let hook = Arc::clone(&told);
    f.service.on_ring(move |account, queue| hook.lock().unwrap().push(format!("{account}/{queue}")));
    let (bell, second) = (f.service.subscribe("shop", "orders"), f.service.subscribe("shop", "orders"));
    let woken = Arc::new(AtomicU32::new(0));
    let waiting = tokio::spawn({
        let woken = Arc::clone(&woken);
        async move {
            bell.rung().await;
            woken.fetch_add(1, Ordering::SeqCst);
            bell
        }
    });
    put(&f.service, "a").await;
    let bell = waiting.await.unwrap();
    second.rung().await;
    assert_eq!(
        (woken.load(Ordering::SeqCst), told.lock().unwrap().as_slice()),
        (1, ["shop/orders".to_owned()].as_slice())
    );
    f.service.ring_from_outside("shop", "orders");
    bell.rung().await;
    assert_eq!(told.lock().unwrap().len(), 1, "what another process told goes no further");
    f.service.ring("shop", "orders");
    assert_eq!(told.lock().unwrap().len(), 2);
    f.service.ring("shop", "nobody-listens");
    drop((bell, second));
    f.service.ring("shop", "orders");
}

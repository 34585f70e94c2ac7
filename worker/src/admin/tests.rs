//! Who is let in while keys change elsewhere.

use std::net::TcpListener;

use bytes::Bytes;
use hearth_model::keys::KeyScope;
use hearth_state::{Database, Keyring, OpenOptions, StateUrl};
use http_body_util::Full;

use super::*;
use crate::app::Loader;
use crate::events::Services;
use crate::options::WorkerOptions;

fn options(folder: &std::path::Path, state: Database, keyring: Keyring) -> WorkerOptions {
    WorkerOptions {
        management_url: "http://127.0.0.1:1".into(),
        join_token: String::new(),
        membership: None,
        node: String::new(),
        available: None,
        clock: Arc::new(hearth_model::clock::SystemClock),
        name: "worker-1".into(),
        state,
        keyring,
        cache_dir: folder.join("cache"),
        code_cache: None,
        http: TcpListener::bind("127.0.0.1:0").unwrap(),
        queues: TcpListener::bind("127.0.0.1:0").unwrap(),
        queues_url: None,
        documents: TcpListener::bind("127.0.0.1:0").unwrap(),
        document_options: hearth_documents::service::ServiceOptions::default(),
        shares_listener: false,
        control: ([127, 0, 0, 1], 0).into(),
        advertise: None,
        tls: None,
        trusted_proxies: Vec::new(),
        domain: "localhost".into(),
        functions_url: None,
        egress_allow: Vec::new(),
        secret_files: Vec::new(),
        own_files: Vec::new(),
        max_instances: 16,
        capacity: 100,
        labels: std::collections::BTreeMap::new(),
        idle_unload: None,
        drain_grace: Duration::ZERO,
        drain_timeout: Duration::from_secs(1),
        development: None,
    }
}

#[tokio::test]
async fn a_master_key_that_was_rotated_elsewhere_is_not_handed_its_successor() {
    let folder = tempfile::tempdir().unwrap();
    let state =
        Database::open(&StateUrl::sqlite(&folder.path().join("state.db")), OpenOptions::default()).await.unwrap();
    let keyring = Keyring::load_or_create(&folder.path().join("key")).unwrap();
    let options = options(folder.path(), state.clone(), keyring.clone());
    let apps = Arc::new(Apps::new(Loader::new(&options).unwrap(), Services::new(&options), &options));
    let shop = AppName::parse("shop").unwrap();
    state.apps().create(&shop, b"sealed").await.unwrap();
    // Known to this worker, which looks for changes no longer.
    apps.hold_starting(&shop);
    let live = apps.live(&shop);
    live.keys.known().await.unwrap();
    let old = live.keys.set().master().unwrap().to_owned();
    let caller = Caller {
        scheme: "http",
        host: "shop.localhost".into(),
        prefix: String::new(),
        client: [127, 0, 0, 1].into(),
        patience: Duration::ZERO,
    };
    let status = async |key: &str| {
        let request = Request::get("/admin/host/systemkeys/_master").header("x-functions-key", key);
        answer(&apps, &shop, &caller, request.body(Full::new(Bytes::new())).unwrap()).await.status()
    };
    assert_eq!(status(&old).await, StatusCode::OK);

    let new = hearth_model::keys::generate().unwrap();
    state.app_keys().put(&keyring, &shop, &KeyScope::Master, "master", &new).await.unwrap();
    assert_eq!(status(&old).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status(&new).await, StatusCode::OK);
}

#[tokio::test]
async fn a_name_that_host_state_cannot_be_asked_about_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let state =
        Database::open(&StateUrl::sqlite(&folder.path().join("state.db")), OpenOptions::default()).await.unwrap();
    let keyring = Keyring::load_or_create(&folder.path().join("key")).unwrap();
    let options = options(folder.path(), state.clone(), keyring);
    let apps = Arc::new(Apps::new(Loader::new(&options).unwrap(), Services::new(&options), &options));
    state.close().await;
    let caller = Caller {
        scheme: "http",
        host: "shop.localhost".into(),
        prefix: String::new(),
        client: [127, 0, 0, 1].into(),
        patience: Duration::ZERO,
    };
    let request = Request::get("/admin/host/status").body(Full::new(Bytes::new())).unwrap();
    let response = answer(&apps, &AppName::parse("made-up").unwrap(), &caller, request).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(apps.known(), 0);
}

//! Hearth's own service behind its REST face, on a port of its own.

use std::sync::Arc;

use hearth_model::clock::SystemClock;
use hearth_queues::protocol::AccountName;
use hearth_queues::{QueueConnection, QueueCredential, QueueService, ServiceOptions, rest};
use hearth_state::{Database, Keyring, OpenOptions, StateUrl};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub(crate) struct Ours {
    pub(crate) connection: QueueConnection,
    task: JoinHandle<()>,
    _directory: tempfile::TempDir,
}

impl Drop for Ours {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Ours {
    pub(crate) async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let url = StateUrl::sqlite(&directory.path().join("state.db"));
        let state = Database::open(&url, OpenOptions::default()).await.unwrap();
        let keyring = Keyring::load_or_create(&directory.path().join("key")).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let options = ServiceOptions { endpoint: endpoint.clone(), development: false };
        let service = QueueService::new(state.clone(), keyring.clone(), Arc::new(SystemClock), options);
        service.create_account(&AccountName::parse("shop").unwrap()).await.unwrap();
        let key = state.queue_accounts().get(&keyring, "shop").await.unwrap().unwrap().keys[0].to_vec();
        let task = tokio::spawn(async move { axum::serve(listener, rest::router(service)).await.unwrap() });
        let connection = QueueConnection {
            endpoint: format!("{endpoint}/shop"),
            account: "shop".to_owned(),
            credential: QueueCredential::SharedKey(key),
        };
        Self { connection, task, _directory: directory }
    }
}

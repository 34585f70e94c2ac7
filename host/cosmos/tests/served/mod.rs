//! The document store on a port of its own, with one account.
#![allow(dead_code, reason = "each suite uses what it needs")]

use std::sync::Arc;

use hearth_cosmos::{CosmosClient, CosmosConnection};
use hearth_documents::protocol::account::AccountName;
use hearth_documents::service::{DocumentService, ServiceOptions};
use hearth_model::clock::SystemClock;
use hearth_state::{Database, Keyring, OpenOptions, StateUrl};

/// A store over a file, until this is dropped.
pub(crate) struct Served {
    /// Base URL without a slash at its end.
    pub(crate) endpoint: String,
    /// The account's key, in base64.
    pub(crate) key: String,
    server: tokio::task::JoinHandle<()>,
    _directory: tempfile::TempDir,
}

impl Served {
    /// Starts it.
    pub(crate) async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let keyring = Keyring::load_or_create(&directory.path().join("key")).unwrap();
        let url = StateUrl::sqlite(&directory.path().join("state.db"));
        let database = Database::open(&url, OpenOptions::default()).await.unwrap();
        let service = DocumentService::new(database, keyring, Arc::new(SystemClock), ServiceOptions::default());
        service.create_account(&AccountName::parse("clients").unwrap()).await.unwrap();
        let account = service.account("clients").await.unwrap().unwrap();
        let key = account.keys[0].to_base64().to_string();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let router = hearth_documents::rest::router(service);
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { endpoint, key, server, _directory: directory }
    }

    /// Where it is, as a connection string tells it.
    pub(crate) fn connection(&self) -> CosmosConnection {
        self.connection_through(&self.endpoint)
    }

    /// The same account by another way.
    pub(crate) fn connection_through(&self, endpoint: &str) -> CosmosConnection {
        format!("AccountEndpoint={endpoint}/;AccountKey={};", self.key).parse().unwrap()
    }

    /// A client of it.
    pub(crate) fn client(&self) -> CosmosClient {
        CosmosClient::new(&self.connection(), Arc::new(SystemClock))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.server.abort();
    }
}

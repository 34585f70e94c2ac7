//! A store that answers on a free port, and the programs that are run against it.
#![allow(dead_code, reason = "each suite uses what it needs")]

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use hearth_documents::protocol::account::AccountName;
use hearth_documents::service::{DocumentService, ServiceOptions};
use hearth_model::clock::SystemClock;
use hearth_state::{Database, Keyring, OpenOptions, StateUrl};

/// A store with one account, on a port of its own until this is dropped.
pub(crate) struct Served {
    endpoint: String,
    keys: Vec<String>,
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
        let keys = account.keys.iter().map(|key| key.to_base64().to_string()).collect();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}/", listener.local_addr().unwrap());
        let router = hearth_documents::rest::router(service);
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { endpoint, keys, server, _directory: directory }
    }

    /// Runs a program to its end, which must be a good one.
    pub(crate) async fn run(&self, mut command: Command) {
        command
            .env("HEARTH_DOCUMENTS", &self.endpoint)
            .env("HEARTH_DOCUMENTS_KEY", &self.keys[0])
            .env("HEARTH_DOCUMENTS_READ_ONLY_KEY", &self.keys[2]);
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        assert!(output.status.success(), "{}", said(&output));
        println!("{}", said(&output));
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// What a program wrote.
pub(crate) fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Whether a program is there at all; says so where it is not.
pub(crate) fn has(program: &str, what_is_missed: &str) -> bool {
    let there = Command::new(program).arg("--version").output().is_ok();
    if !there {
        println!("skipped: {program} is not on the PATH, and without it {what_is_missed} cannot be tried");
    }
    there
}

/// Whether an installation came to its end; false, with the reason, where the registry cannot be reached.
pub(crate) fn installed(mut command: Command) -> bool {
    let output = command.output().unwrap();
    let said = said(&output);
    let unreachable = [
        "ENOTFOUND",
        "ECONNREFUSED",
        "EAI_AGAIN",
        "ETIMEDOUT",
        "NewConnectionError",
        "ConnectTimeoutError",
        "Could not resolve host",
        "Couldn't connect to server",
    ];
    if !output.status.success() && unreachable.iter().any(|sign| said.contains(sign)) {
        println!("skipped: the registry cannot be reached: {said}");
        return false;
    }
    assert!(output.status.success(), "the client could not be installed: {said}");
    true
}

/// A folder of this crate's tests.
pub(crate) fn folder(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

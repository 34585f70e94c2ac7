//! The official npm client of Azure Cosmos DB, unmodified against the store's REST face on a port of its own.
//!
//! With `HEARTH_TEST_DOCUMENTS` (an endpoint) and `HEARTH_TEST_DOCUMENTS_KEY` the scripts speak to that store instead.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]
#![expect(clippy::print_stdout, reason = "a skipped test says why")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use hearth_documents::protocol::account::DEVELOPMENT_KEY;
use hearth_documents::rest;
use hearth_documents::service::{DocumentService, ServiceOptions};
use hearth_model::clock::SystemClock;
use hearth_state::{Database, Keyring, OpenOptions, StateUrl};

/// Everything that node is given.
const FILES: [&str; 9] = [
    "package.json",
    "package-lock.json",
    "store.js",
    "run.js",
    "resources.js",
    "items.js",
    "batches.js",
    "feeds.js",
    "permissions.js",
];

/// A store that answers on a free port until this is dropped.
struct Served {
    endpoint: String,
    key: String,
    server: Option<tokio::task::JoinHandle<()>>,
    _directory: tempfile::TempDir,
}

impl Served {
    async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let elsewhere = (std::env::var("HEARTH_TEST_DOCUMENTS"), std::env::var("HEARTH_TEST_DOCUMENTS_KEY"));
        if let (Ok(endpoint), Ok(key)) = elsewhere {
            return Self { endpoint, key, server: None, _directory: directory };
        }
        let keyring = Keyring::load_or_create(&directory.path().join("key")).unwrap();
        let url = StateUrl::sqlite(&directory.path().join("state.db"));
        let database = Database::open(&url, OpenOptions::default()).await.unwrap();
        let options = ServiceOptions { development: true, ..ServiceOptions::default() };
        let service = DocumentService::new(database, keyring, Arc::new(SystemClock), options);
        service.development_account().await.unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let router = rest::router(service);
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { endpoint, key: DEVELOPMENT_KEY.to_owned(), server: Some(server), _directory: directory }
    }

    /// Runs the scripts to their end.
    async fn run(&self, folder: &Path) {
        let mut command = Command::new("node");
        command.arg("run.js").current_dir(folder);
        command.env("HEARTH_DOCUMENTS", &self.endpoint).env("HEARTH_DOCUMENTS_KEY", &self.key);
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        assert!(output.status.success(), "{}", said(&output));
        println!("{}", said(&output));
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(server) = &self.server {
            server.abort();
        }
    }
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A folder with the client and the scripts; none, with the reason, where there is no node, or the registry cannot be reached.
fn installed() -> Option<tempfile::TempDir> {
    for program in ["node", "npm"] {
        if Command::new(program).arg("--version").output().is_err() {
            println!("skipped: {program} is not on the PATH, and without it the npm client cannot be tried");
            return None;
        }
    }
    let scripts: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/javascript");
    let folder = tempfile::Builder::new().prefix("hearth-documents-npm-").tempdir().unwrap();
    for file in FILES {
        std::fs::copy(scripts.join(file), folder.path().join(file)).unwrap();
    }
    let mut command = Command::new("npm");
    command.args(["ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"]).current_dir(folder.path());
    let output = command.output().unwrap();
    let said = said(&output);
    let unreachable = ["ENOTFOUND", "ECONNREFUSED", "EAI_AGAIN", "ETIMEDOUT"];
    if !output.status.success() && unreachable.iter().any(|sign| said.contains(sign)) {
        println!("skipped: the registry cannot be reached: {said}");
        return None;
    }
    assert!(output.status.success(), "the client could not be installed: {said}");
    Some(folder)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_npm_client_does_everything_unmodified() {
    let Some(folder) = installed() else { return };
    let served = Served::start().await;
    served.run(folder.path()).await;
}

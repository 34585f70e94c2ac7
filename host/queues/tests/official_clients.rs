//! The official clients of Azure Queue Storage, from npm and PyPI, unmodified against the service on a port of its own.
//!
//! The scripts stand in `tests/clients/queues`. With `HEARTH_TEST_QUEUES` they speak to the service of that connection string.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]
#![expect(clippy::print_stdout, reason = "a skipped test says why")]

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use hearth_model::clock::SystemClock;
use hearth_queues::protocol::AccountName;
use hearth_queues::{QueueService, ServiceOptions, rest};
use hearth_state::{Database, Keyring, OpenOptions, StateUrl};

/// Messages that eight clients drain together.
const MESSAGES: usize = 10_000;

fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/clients/queues")
}

/// A service that answers on a free port until this is dropped; also what its clients are told.
struct Served {
    connection: String,
    server: Option<tokio::task::JoinHandle<()>>,
    _directory: tempfile::TempDir,
}

impl Served {
    async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        if let Ok(connection) = std::env::var("HEARTH_TEST_QUEUES") {
            return Self { connection, server: None, _directory: directory };
        }
        let keyring = Keyring::load_or_create(&directory.path().join("key")).unwrap();
        let url = StateUrl::sqlite(&directory.path().join("state.db"));
        let database = Database::open(&url, OpenOptions::default()).await.unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let options = ServiceOptions { endpoint, development: false };
        let service = QueueService::new(database, keyring, Arc::new(SystemClock), options);
        service.create_account(&AccountName::parse("clients").unwrap()).await.unwrap();
        let account = service.account("clients").await.unwrap().unwrap();
        let connection = service.connection_string(&account).to_string();
        let router = rest::router(service).into_make_service_with_connect_info::<SocketAddr>();
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { connection, server: Some(server), _directory: directory }
    }

    /// Runs a script to its end.
    async fn run(&self, mut command: Command) {
        command.env("HEARTH_QUEUES", &self.connection).env("HEARTH_MESSAGES", MESSAGES.to_string());
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

/// Whether a program is there at all.
fn has(program: &str, what_is_missed: &str) -> bool {
    let there = Command::new(program).arg("--version").output().is_ok();
    if !there {
        println!("skipped: {program} is not on the PATH, and without it {what_is_missed} cannot be tried");
    }
    there
}

/// Whether an installation came to its end; false, with the reason, where the registry cannot be reached.
fn installed(mut command: Command) -> bool {
    let output = command.output().unwrap();
    let said = said(&output);
    let unreachable =
        ["ENOTFOUND", "ECONNREFUSED", "EAI_AGAIN", "ETIMEDOUT", "NewConnectionError", "ConnectTimeoutError"];
    if !output.status.success() && unreachable.iter().any(|sign| said.contains(sign)) {
        println!("skipped: the registry cannot be reached: {said}");
        return false;
    }
    assert!(output.status.success(), "the client could not be installed: {said}");
    true
}

/// A folder with the npm client and the scripts; none where there is no npm.
fn npm() -> Option<tempfile::TempDir> {
    if !has("npm", "the npm client") || !has("node", "the npm client") {
        return None;
    }
    let folder = tempfile::Builder::new().prefix("hearth-queues-npm-").tempdir().unwrap();
    for file in ["package.json", "package-lock.json", "operations.js", "drain.js"] {
        std::fs::copy(scripts().join(file), folder.path().join(file)).unwrap();
    }
    let mut command = Command::new("npm");
    command.args(["ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"]).current_dir(folder.path());
    installed(command).then_some(folder)
}

/// A folder with a virtual environment that has the PyPI client; none where there is no Python.
fn python() -> Option<tempfile::TempDir> {
    if !has("python3", "the PyPI client") {
        return None;
    }
    let folder = tempfile::Builder::new().prefix("hearth-queues-python-").tempdir().unwrap();
    let output = Command::new("python3").args(["-m", "venv", "venv"]).current_dir(folder.path()).output().unwrap();
    if !output.status.success() {
        println!("skipped: this Python makes no virtual environments: {}", said(&output));
        return None;
    }
    let mut command = Command::new(folder.path().join("venv/bin/pip"));
    command.args(["install", "--quiet", "--disable-pip-version-check", "-r"]).arg(scripts().join("requirements.txt"));
    installed(command).then_some(folder)
}

fn node(folder: &Path, script: &str) -> Command {
    let mut command = Command::new("node");
    command.arg(script).current_dir(folder);
    command
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_npm_client_does_everything_unmodified() {
    let Some(folder) = npm() else { return };
    let served = Served::start().await;
    served.run(node(folder.path(), "operations.js")).await;
    served.run(node(folder.path(), "drain.js")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_pypi_client_does_everything_unmodified() {
    let Some(folder) = python() else { return };
    let served = Served::start().await;
    let mut command = Command::new(folder.path().join("venv/bin/python"));
    command.arg(scripts().join("operations.py"));
    served.run(command).await;
}

//! A database to test on, with a clock that stands still.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use hearth_model::clock::{Clock, ManualClock, Timestamp};
use hearth_model::ids::{AppName, DeploymentId, Digest, WorkerId};
use hearth_state::{Database, Faults, Keyring, NewDeployment, NewWorker, OpenOptions, StateUrl};
use sha2::Digest as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Column, Connection, Row, ValueRef};
use tempfile::TempDir;

/// What the observer of a database can see, table by table; transient parts left out.
const VISIBLE: [(&str, &str); 16] = [
    ("apps", "SELECT * FROM apps ORDER BY 1"),
    ("retired_apps", "SELECT * FROM retired_apps ORDER BY 1"),
    ("host_names", "SELECT * FROM host_names ORDER BY 1"),
    ("deployments", "SELECT * FROM deployments ORDER BY 1"),
    ("deployment_logs", "SELECT * FROM deployment_logs ORDER BY 1, 2"),
    ("packages", "SELECT digest, size, stored, touched FROM packages ORDER BY 1"),
    ("workers", "SELECT * FROM workers ORDER BY 1"),
    ("worker_members", "SELECT * FROM worker_members ORDER BY 1"),
    ("join_tokens", "SELECT * FROM join_tokens ORDER BY 1"),
    ("assignments", "SELECT * FROM assignments ORDER BY 1, 2"),
    ("installation", "SELECT * FROM installation ORDER BY 1"),
    ("leases", "SELECT * FROM leases ORDER BY 1"),
    ("configuration", "SELECT * FROM configuration ORDER BY 1"),
    ("app_configuration", "SELECT * FROM app_configuration ORDER BY 1"),
    // What is sealed is never the same twice; how long it is tells enough.
    ("app_settings", "SELECT app, folded, name, length(value) FROM app_settings ORDER BY 1, 2"),
    ("app_keys", "SELECT app, scope, folded, name, length(value) FROM app_keys ORDER BY 1, 2, 3"),
];

/// A database in a directory of its own, removed with it.
pub(crate) struct Fixture {
    pub(crate) clock: Arc<ManualClock>,
    directory: TempDir,
}

impl Fixture {
    pub(crate) fn sqlite() -> Self {
        let clock = Arc::new(ManualClock::new(Timestamp::from_micros(1_800_000_000_000_000)));
        Self { clock, directory: tempfile::tempdir().unwrap() }
    }

    /// Another database with the same content and time; this one must be closed.
    pub(crate) fn copy(&self) -> Self {
        let copy = Self::sqlite();
        copy.clock.set(self.clock.now());
        assert!(!self.path().with_extension("db-wal").exists(), "the original is closed");
        std::fs::copy(self.path(), copy.path()).unwrap();
        std::fs::copy(self.key_file(), copy.key_file()).unwrap();
        copy
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.directory.path().join("state.db")
    }

    /// The installation key that goes with the database, the same for all of them.
    pub(crate) fn key_file(&self) -> PathBuf {
        let path = self.directory.path().join("key");
        if !path.exists() {
            write_private(&path, &[7; 32]);
        }
        path
    }

    pub(crate) fn keyring(&self) -> Keyring {
        Keyring::load_or_create(&self.key_file()).unwrap()
    }

    pub(crate) fn url(&self) -> StateUrl {
        StateUrl::sqlite(&self.path())
    }

    pub(crate) fn options(&self) -> OpenOptions {
        OpenOptions { clock: Arc::clone(&self.clock) as _, ..OpenOptions::default() }
    }

    /// Opens the database; every call is like another process as far as locks go.
    pub(crate) async fn open(&self) -> Database {
        Database::open(&self.url(), self.options()).await.unwrap()
    }

    pub(crate) async fn open_with(&self, faults: Arc<dyn Faults>) -> Database {
        let options = OpenOptions { faults: Some(faults), ..self.options() };
        Database::open(&self.url(), options).await.unwrap()
    }

    /// Everything visible, as text, read without the code under test.
    pub(crate) async fn dump(&self) -> String {
        dump(&self.path()).await
    }
}

async fn dump(path: &Path) -> String {
    let mut connection =
        SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(path).pragma("wal_autocheckpoint", "0"))
            .await
            .unwrap();
    let mut text = String::new();
    for (table, query) in VISIBLE {
        for row in sqlx::query(query).fetch_all(&mut connection).await.unwrap() {
            text += table;
            for column in row.columns() {
                let index = column.ordinal();
                let shown = match row.try_get_raw(index).unwrap() {
                    raw if raw.is_null() => "NULL".to_owned(),
                    _ => row
                        .try_get::<i64, _>(index)
                        .map(|number| number.to_string())
                        .or_else(|_| row.try_get::<String, _>(index))
                        .unwrap_or_else(|_| format!("{:?}", row.get::<Vec<u8>, _>(index))),
                };
                text += &format!(" {}={shown}", column.name());
            }
            text.push('\n');
        }
    }
    connection.close().await.unwrap();
    text
}

/// Writes a file that only its owner can read.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).unwrap().write_all(bytes).unwrap();
}

pub(crate) fn app(name: &str) -> AppName {
    AppName::parse(name).unwrap()
}

pub(crate) fn worker(name: &str) -> WorkerId {
    WorkerId::parse(name).unwrap()
}

/// The deployment id that ends in this number.
pub(crate) fn deployment(number: u32) -> DeploymentId {
    DeploymentId::parse(&format!("0197c1f2-7a4b-7c3d-9e2f-{number:012x}")).unwrap()
}

pub(crate) fn digest(bytes: &[u8]) -> Digest {
    Digest::from_bytes(&sha2::Sha256::digest(bytes).into())
}

pub(crate) fn new_deployment(app_name: &str, number: u32) -> NewDeployment {
    NewDeployment {
        id: deployment(number),
        app: app(app_name),
        digest: digest(b"package"),
        size: 7,
        author: "ann".to_owned(),
        author_email: String::new(),
        deployer: "test".to_owned(),
        message: "first".to_owned(),
    }
}

pub(crate) fn new_worker(name: &str, lease: Duration) -> NewWorker {
    NewWorker {
        name: worker(name),
        version: "0.1.0".to_owned(),
        control_url: "http://127.0.0.1:1".to_owned(),
        http_url: "http://127.0.0.1:2".to_owned(),
        capacity: 100,
        labels_json: "{}".to_owned(),
        pid: 4711,
        credential_hash: [7; 32],
        node: "machine-1".to_owned(),
        available: String::new(),
        lease,
    }
}

//! Azurite of the release that the benches compare with, installed from npm once for all tests and started on a port of its own.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hearth_queues::{DEVELOPMENT_ACCOUNT, DEVELOPMENT_KEY, QueueConnection, QueueCredential};

/// What says that it listens.
const LISTENS: &str = "successfully listens on ";

struct Azurite {
    connection: QueueConnection,
    _packages: tempfile::TempDir,
    _process: Running,
}

/// Ends with the tests: its standard input is a pipe that this process holds.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Its connection; `None` where there is no npm.
pub(crate) fn get() -> Option<&'static QueueConnection> {
    static AZURITE: LazyLock<Result<Azurite, String>> = LazyLock::new(start);
    match &*AZURITE {
        Ok(azurite) => Some(&azurite.connection),
        Err(reason) => {
            println!("skipped: {reason}");
            None
        }
    }
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/bench/azurite")
}

fn start() -> Result<Azurite, String> {
    if Command::new("npm").arg("--version").output().is_err() {
        return Err("npm is not on the PATH, and without it there is no Azurite".to_owned());
    }
    let packages = tempfile::Builder::new().prefix("hearth-azurite-").tempdir().unwrap();
    for file in ["package.json", "package-lock.json"] {
        std::fs::copy(source().join(file), packages.path().join(file)).unwrap();
    }
    let output = Command::new("npm")
        .args(["ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"])
        .current_dir(packages.path())
        .output()
        .unwrap();
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        let unreachable = ["ENOTFOUND", "ECONNREFUSED", "ETIMEDOUT", "EAI_AGAIN", "ENETUNREACH", "ECONNRESET"];
        // A registry that can't be reached is no failure of Hearth; anything else is one of this test.
        assert!(unreachable.iter().any(|code| text.contains(code)), "npm ci failed: {text}");
        return Err("the registry of npm can't be reached, so that there is no Azurite".to_owned());
    }
    // A process that dies with its parent however that ends: node reads its input and leaves when it closes.
    let script = "process.stdin.resume(); process.stdin.on('end', () => process.exit()); process.argv.splice(1, 0, 'azurite'); \
                  require('azurite/dist/src/queue/main.js')";
    let mut child = Command::new("node")
        .args(["-e", script, "--"])
        .args(["--queueHost", "127.0.0.1", "--queuePort", "0"])
        .args(["--skipApiVersionCheck", "--inMemoryPersistence", "--disableTelemetry"])
        .current_dir(packages.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let process = Running(child);
    let url = lines
        .find_map(|line| line.unwrap().split_once(LISTENS).map(|(_, url)| url.trim().to_owned()))
        .expect("Azurite ended before it listened");
    // What it says later must not stop it.
    std::thread::spawn(move || lines.for_each(drop));
    let connection = QueueConnection {
        endpoint: format!("{url}/{DEVELOPMENT_ACCOUNT}"),
        account: DEVELOPMENT_ACCOUNT.to_owned(),
        credential: QueueCredential::SharedKey(STANDARD.decode(DEVELOPMENT_KEY).unwrap()),
    };
    Ok(Azurite { connection, _packages: packages, _process: process })
}

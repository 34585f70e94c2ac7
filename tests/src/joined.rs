//! A worker of its own that is a member of an installation by a one-time token.

use std::ffi::OsStr;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use http::Method;
use serde_json::Value;

use crate::Lines;
use crate::http::Call;
use crate::process::{Process, Watchdog, client, kill};
use crate::wait::{LONG, eventually};

/// After SIGTERM; the drain time is far below.
const STOP: Duration = Duration::from_secs(20);

/// The machine of a worker: a folder that outlives the worker's processes.
pub struct Machine(tempfile::TempDir);

impl Machine {
    /// A machine with nothing on it.
    #[expect(clippy::new_without_default, reason = "a folder on disk is not a default value")]
    pub fn new() -> Self {
        Self(tempfile::Builder::new().prefix("hearth-machine-").tempdir().unwrap())
    }

    /// The worker's data directory.
    pub fn data(&self) -> PathBuf {
        self.0.path().join("data")
    }

    /// Starts `hearth worker` with these arguments and waits until it serves. Panics with its log when it ends instead.
    #[track_caller]
    pub fn start<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Joined {
        self.try_start(arguments).unwrap_or_else(|(code, log)| panic!("hearth worker ended with {code:?}:\n{log}"))
    }

    /// The same; exit code and log when it ends instead.
    #[track_caller]
    pub fn try_start<S: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
    ) -> Result<Joined, (Option<i32>, String)> {
        let ready_file = self.0.path().join("ready.json");
        let _before = std::fs::remove_file(&ready_file);
        let mut child = client(self.0.path())
            .args(["worker", "--http-listen", "127.0.0.1:0", "--queues-listen", "127.0.0.1:0", "--drain-timeout", "5"])
            .args(["--documents-listen", "127.0.0.1:0"])
            .arg("--data")
            .arg(self.data())
            .arg("--ready-file")
            .arg(&ready_file)
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Lines::collect(child.stderr.take().unwrap());
        let process = Process::new(child);
        let watchdog = Watchdog::over(process.pid, None);
        enum Seen {
            Ready(Value),
            Ended(ExitStatus),
        }
        let seen = eventually("hearth worker to be ready", || {
            if let Some(status) = process.wait(Duration::ZERO) {
                return Some(Seen::Ended(status));
            }
            serde_json::from_slice(&std::fs::read(&ready_file).ok()?).ok().map(Seen::Ready)
        });
        match seen {
            Seen::Ready(ready) => Ok(Joined { process, ready, log, _watchdog: watchdog }),
            Seen::Ended(status) => {
                let end = eventually("the end of its log", || {
                    let text = log.text();
                    text.contains("error").then_some(text)
                });
                Err((status.code(), end))
            }
        }
    }

    /// A file of the data directory.
    pub fn file(&self, name: &str) -> PathBuf {
        self.data().join(name)
    }
}

/// A running worker; stopped when dropped.
pub struct Joined {
    process: Process,
    ready: Value,
    log: Lines,
    _watchdog: Watchdog,
}

impl Joined {
    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.process.pid
    }

    /// Its log.
    pub fn log(&self) -> &Lines {
        &self.log
    }

    /// Where it serves functions.
    pub fn http(&self) -> SocketAddr {
        self.ready["http"].as_str().unwrap().rsplit('/').next().unwrap().parse().unwrap()
    }

    /// GET of an app here.
    pub fn get(&self, app: &str, path: &str) -> Call {
        Call::new(self.http(), Method::GET, path).host(&format!("{app}.localhost"))
    }

    /// `kill -9`.
    pub fn kill(self) {
        kill(self.pid());
        self.process.wait(LONG).expect("a killed process ends");
    }

    /// SIGTERM and how it ended.
    pub fn stop(self) -> ExitStatus {
        self.process.stop(STOP)
    }

    /// Waits for it to end by itself; the exit code.
    #[track_caller]
    pub fn ended(&self) -> Option<i32> {
        self.process.wait(LONG).expect("the worker to end").code()
    }
}

impl Drop for Joined {
    fn drop(&mut self) {
        self.process.stop(STOP);
    }
}

/// Unix permissions of a file.
#[track_caller]
pub fn mode(file: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(file).unwrap().permissions().mode() & 0o777
}

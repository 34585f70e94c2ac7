//! A running `hearth start`.

use std::ffi::{OsStr, OsString};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use http::Method;
use rustix::process::Signal;
use serde_json::Value;

use crate::http::{Answer, Call};
use crate::lines::Lines;
use crate::package::Zip;
use crate::process::{Process, Watchdog, client, signal};
use crate::wait::{LONG, eventually};

/// After the signal that stops it; its drain time is far below.
const STOP: Duration = Duration::from_secs(20);

/// The folder of an app under development, which goes with this.
pub struct Project(tempfile::TempDir);

impl Project {
    /// A folder with these files; made by [`Zip`] because a package is the same files.
    #[track_caller]
    pub fn of(files: &Zip) -> Self {
        let project = Self::empty();
        for (path, content) in files.files() {
            project.write(path, content);
        }
        project
    }

    /// A folder without anything in it.
    #[track_caller]
    pub fn empty() -> Self {
        Self(tempfile::Builder::new().prefix("hearth-project-").tempdir().unwrap())
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file as an editor does that writes in place.
    #[track_caller]
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    /// Writes a file as an editor does that writes another one and renames it.
    #[track_caller]
    pub fn replace(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path().join(path);
        let beside = path.with_extension("tmp~");
        std::fs::write(&beside, content).unwrap();
        std::fs::rename(beside, path).unwrap();
    }

    /// Runs `hearth` with this folder as working directory, to its end.
    pub fn run<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Output {
        hearth(self.path()).args(arguments).output().unwrap()
    }

    /// Starts `hearth start` in it with these flags more, and waits until it is ready. Panics with what it wrote when it ends instead.
    #[track_caller]
    pub fn start(&self, flags: &[&str]) -> Started {
        self.try_start(flags).unwrap_or_else(|(code, text)| panic!("hearth start ended with {code:?}:\n{text}"))
    }

    /// The same; the exit code and what it wrote when it ends instead.
    #[track_caller]
    pub fn try_start(&self, flags: &[&str]) -> Result<Started, (Option<i32>, String)> {
        self.start_with(flags, &[])
    }

    /// The same, with these environment variables.
    #[track_caller]
    pub fn start_with(&self, flags: &[&str], environment: &[(&str, &str)]) -> Result<Started, (Option<i32>, String)> {
        let folder = tempfile::Builder::new().prefix("hearth-test-").tempdir().unwrap();
        let ready_file = folder.path().join("ready.json");
        let mut arguments: Vec<OsString> = vec!["start".into(), "--ready-file".into(), ready_file.clone().into()];
        if !flags.iter().any(|flag| ["--port", "-p", "--http-listen"].contains(flag)) {
            arguments.extend(["--port".into(), "0".into()]);
        }
        for listen in ["--queues-listen", "--documents-listen"] {
            if !flags.contains(&listen) {
                arguments.extend([listen.into(), "127.0.0.1:0".into()]);
            }
        }
        arguments.extend(flags.iter().map(OsString::from));
        let mut child = hearth(self.path())
            .args(arguments)
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let output = Lines::collect(child.stdout.take().unwrap());
        let log = Lines::collect(child.stderr.take().unwrap());
        let process = Process::new(child);
        let watchdog = Watchdog::over(process.pid, Some(folder.path()));
        let mut started = Started { process, ready: Value::Null, output, log, _watchdog: watchdog, _folder: folder };
        let end = Instant::now() + LONG;
        loop {
            if let Ok(text) = std::fs::read(&ready_file) {
                started.ready = serde_json::from_slice(&text).unwrap();
                return Ok(started);
            }
            if let Some(status) = started.process.wait(Duration::from_millis(20)) {
                return Err((status.code(), started.whole_log()));
            }
            assert!(Instant::now() < end, "hearth start is not ready after {LONG:?}:\n{}", started.log.tail(60));
        }
    }
}

/// `hearth` in a folder, with machine code that all tests share, so that only the first compiles the JavaScript engine.
fn hearth(folder: &Path) -> std::process::Command {
    let mut command = client(folder);
    command.env("XDG_CACHE_HOME", crate::paths::target().join("tmp/user-cache"));
    command
}

/// See the module's documentation. Dropping it stops its processes.
pub struct Started {
    process: Process,
    ready: Value,
    output: Lines,
    log: Lines,
    // Dismissed before the folder goes.
    _watchdog: Watchdog,
    _folder: tempfile::TempDir,
}

impl Started {
    /// The log to its end, of a process that has ended.
    fn whole_log(&self) -> String {
        let mut before = usize::MAX;
        eventually("the end of the log", || {
            let now = self.log.mark();
            (std::mem::replace(&mut before, now) == now).then(|| self.log.text())
        })
    }

    /// Address of function HTTP.
    pub fn address(&self) -> SocketAddr {
        self.ready["http"].as_str().unwrap().rsplit('/').next().unwrap().parse().unwrap()
    }

    /// Path of the ready file's content.
    pub fn ready(&self) -> &Value {
        &self.ready
    }

    /// A request by the name localhost.
    #[track_caller]
    pub fn call(&self, method: Method, path: &str) -> Call {
        let address = self.address();
        Call::new(address, method, path).host(&format!("localhost:{}", address.port()))
    }

    /// GET.
    #[track_caller]
    pub fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path).send()
    }

    /// Waits until GET answers 200 with this text.
    #[track_caller]
    pub fn until(&self, path: &str, text: &str) {
        eventually(&format!("{path} to answer {text:?}"), || {
            let answer = self.get(path);
            (answer.status == 200 && answer.text() == text).then_some(())
        });
    }

    /// Standard output: the lists of functions.
    pub fn output(&self) -> &Lines {
        &self.output
    }

    /// Standard error: log lines.
    pub fn log(&self) -> &Lines {
        &self.log
    }

    /// Stops it as a developer does, by an interrupt, and tells how it ended.
    pub fn interrupt(self) -> ExitStatus {
        signal(self.process.pid, Signal::INT);
        self.process.wait(STOP).expect("it ends when it is interrupted")
    }

    /// Path of the data directory of a project.
    pub fn data(project: &Project) -> PathBuf {
        project.path().join(".hearth")
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        self.process.stop(STOP);
    }
}

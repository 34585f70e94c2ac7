//! A running `hearth up`.

use std::ffi::{OsStr, OsString};
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use http::Method;
use serde_json::Value;

use crate::http::{Answer, Call};
use crate::lines::Lines;
use crate::package::Zip;
use crate::process::{Process, Watchdog, client, descendants};
use crate::wait::{LONG, eventually};

/// Between two looks whether a process that does not get ready has ended.
const LOOK: Duration = Duration::from_millis(100);
/// After SIGTERM; the drain time of the tests is far below.
const STOP: Duration = Duration::from_secs(20);

/// How to start; made by [`Hearth::with`]. Defaults: one worker, ports that the system chooses, a drain time of one
/// second, files in a folder that goes with the [`Hearth`].
#[must_use]
pub struct Start {
    data: Option<PathBuf>,
    workers: u16,
    management: String,
    http: String,
    flags: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
}

impl Start {
    /// `--workers`.
    pub fn workers(mut self, workers: u16) -> Self {
        self.workers = workers;
        self
    }

    /// Uses this data directory and leaves it there: for tests that start again over the same data.
    pub fn data(mut self, data: &Path) -> Self {
        self.data = Some(data.to_owned());
        self
    }

    /// `--management-listen`.
    pub fn management_listen(mut self, address: impl ToString) -> Self {
        self.management = address.to_string();
        self
    }

    /// `--http-listen`.
    pub fn http_listen(mut self, address: impl ToString) -> Self {
        self.http = address.to_string();
        self
    }

    /// Any other flag with its value.
    pub fn flag(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.flags.push(name.into());
        self.flags.push(value.as_ref().to_owned());
        self
    }

    /// An environment variable.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.environment.push((name.into(), value.as_ref().to_owned()));
        self
    }

    /// Starts it and waits until it is ready. Panics with its log when it does not get so.
    #[track_caller]
    pub fn start(self) -> Hearth {
        self.try_start().unwrap_or_else(|error| panic!("hearth up ended with {:?}:\n{}", error.code, error.log))
    }

    /// Starts it and waits until it is ready or has ended.
    #[track_caller]
    pub fn try_start(self) -> Result<Hearth, NotStarted> {
        let folder = tempfile::Builder::new().prefix("hearth-test-").tempdir().unwrap();
        let data = self.data.clone().unwrap_or_else(|| folder.path().join("data"));
        let ready_file = folder.path().join("ready.json");
        let notify = UnixDatagram::bind(folder.path().join("notify")).unwrap();
        notify.set_read_timeout(Some(LOOK)).unwrap();
        let mut command = client(folder.path());
        command
            .args(["up", "--management-listen", &self.management])
            .args(["--http-listen", &self.http, "--workers", &self.workers.to_string()])
            .args(["--queues-listen", "127.0.0.1:0", "--documents-listen", "127.0.0.1:0"])
            .arg("--data")
            .arg(&data)
            .arg("--ready-file")
            .arg(&ready_file)
            .args(self.flags.iter().all(|flag| flag != "--drain-timeout").then_some("--drain-timeout=1"))
            .args(&self.flags)
            .env("NOTIFY_SOCKET", folder.path().join("notify"))
            .envs(self.environment)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let output = Lines::collect(child.stdout.take().unwrap());
        let log = Lines::collect(child.stderr.take().unwrap());
        let process = Process::new(child);
        let watchdog = Watchdog::over(process.pid, Some(folder.path()));
        let mut hearth =
            Hearth { process, ready: Value::Null, data, output, log, _watchdog: watchdog, _folder: folder };
        hearth.await_ready(&notify, &ready_file)?;
        Ok(hearth)
    }
}

/// `hearth up` ended instead of getting ready.
#[derive(Debug)]
pub struct NotStarted {
    /// Exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// What it wrote to standard error.
    pub log: String,
}

/// A running installation: `hearth up` with its management and worker processes. Dropping it stops them all.
pub struct Hearth {
    process: Process,
    ready: Value,
    data: PathBuf,
    output: Lines,
    log: Lines,
    // Dismissed before the folder goes.
    _watchdog: Watchdog,
    _folder: tempfile::TempDir,
}

impl Hearth {
    /// Starts one with every default.
    #[track_caller]
    pub fn start() -> Self {
        Self::with().start()
    }

    /// Says how to start one.
    pub fn with() -> Start {
        Start {
            data: None,
            workers: 1,
            management: "127.0.0.1:0".into(),
            http: "127.0.0.1:0".into(),
            flags: Vec::new(),
            environment: Vec::new(),
        }
    }

    #[track_caller]
    fn await_ready(&mut self, notify: &UnixDatagram, ready_file: &Path) -> Result<(), NotStarted> {
        let end = Instant::now() + LONG;
        let mut message = [0; 256];
        loop {
            match notify.recv(&mut message) {
                Ok(length) if message[..length].starts_with(b"READY=1") => break,
                Ok(_) => {}
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                Err(error) => panic!("the readiness socket failed: {error}"),
            }
            if let Some(status) = self.process.wait(Duration::ZERO) {
                return Err(NotStarted { code: status.code(), log: self.whole_log() });
            }
            assert!(Instant::now() < end, "hearth up is not ready after {LONG:?}:\n{}", self.log.tail(60));
        }
        self.ready = serde_json::from_slice(&std::fs::read(ready_file).unwrap()).unwrap();
        Ok(())
    }

    /// The log to its end, of a process that has ended.
    fn whole_log(&self) -> String {
        let mut before = usize::MAX;
        eventually("the end of the log", || {
            let now = self.log.mark();
            (std::mem::replace(&mut before, now) == now).then(|| self.log.text())
        })
    }

    /// A member of the ready file.
    #[track_caller]
    fn told(&self, name: &str) -> &str {
        self.ready[name].as_str().unwrap_or_else(|| panic!("the ready file has no {name}: {}", self.ready))
    }

    /// The ready file.
    pub fn ready(&self) -> &Value {
        &self.ready
    }

    /// Path of the ready file.
    pub fn ready_file(&self) -> PathBuf {
        self._folder.path().join("ready.json")
    }

    /// Base URL of management.
    pub fn management(&self) -> &str {
        self.told("management")
    }

    /// Base URL of function HTTP.
    pub fn http(&self) -> &str {
        self.told("http")
    }

    /// Address of management.
    pub fn management_address(&self) -> SocketAddr {
        self.management().trim_start_matches("http://").parse().unwrap()
    }

    /// Address of function HTTP.
    pub fn http_address(&self) -> SocketAddr {
        self.http().rsplit('/').next().unwrap().parse().unwrap()
    }

    /// The admin key.
    pub fn admin_key(&self) -> &str {
        self.told("adminKey")
    }

    /// Process id of the supervisor.
    pub fn pid(&self) -> u32 {
        self.process.pid
    }

    /// Process ids of the children in this role: `worker` or `management`.
    pub fn pids(&self, role: &str) -> Vec<u32> {
        let plays = |words: &[String]| words.get(1).is_some_and(|word| word == role);
        descendants(self.pid()).into_iter().filter(|(_, words)| plays(words)).map(|(pid, _)| pid).collect()
    }

    /// Process id of the only worker.
    #[track_caller]
    pub fn worker(&self) -> u32 {
        let workers = self.pids("worker");
        assert_eq!(workers.len(), 1, "{workers:?}");
        workers[0]
    }

    /// The data directory.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Standard error of all its processes.
    pub fn log(&self) -> &Lines {
        &self.log
    }

    /// Standard output of the supervisor.
    pub fn output(&self) -> &Lines {
        &self.output
    }

    /// Runs a client command such as `["apps", "list"]` against it to its end. It gets no data directory, only
    /// management's URL and the admin key.
    pub fn run<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Output {
        client(self._folder.path())
            .env("HEARTH_MANAGEMENT", self.management())
            .env("HEARTH_KEY", self.admin_key())
            .args(arguments)
            .output()
            .unwrap()
    }

    /// Runs a client command with `--output json`. Panics with its error text when it fails.
    #[track_caller]
    pub fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run([arguments, &["--output", "json"]].concat());
        assert!(output.status.success(), "hearth {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// What `hearth apps show NAME --output json` says.
    #[track_caller]
    pub fn show(&self, app: &str) -> Value {
        self.json(&["apps", "show", app])
    }

    /// Publishes a folder or zip file with `hearth publish` and waits until it runs. Panics with the error when it
    /// does not.
    #[track_caller]
    pub fn publish(&self, app: &str, source: &Path) {
        let output = self.try_publish(app, source);
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "publishing {app} failed: {text}\nlog:\n{}", self.log.tail(40));
    }

    /// Runs `hearth publish` to its end, well or not.
    pub fn try_publish(&self, app: &str, source: &Path) -> Output {
        self.run([OsStr::new("publish"), source.as_os_str(), OsStr::new("--app"), OsStr::new(app)])
    }

    /// [`Self::publish`] for a package made here.
    #[track_caller]
    pub fn publish_zip(&self, app: &str, package: &Zip) {
        let file = self.zip_file(package);
        self.publish(app, file.path());
    }

    /// [`Self::try_publish`] for a package made here.
    pub fn try_publish_zip(&self, app: &str, package: &Zip) -> Output {
        let file = self.zip_file(package);
        self.try_publish(app, file.path())
    }

    fn zip_file(&self, package: &Zip) -> tempfile::NamedTempFile {
        let file = tempfile::Builder::new().suffix(".zip").tempfile_in(self._folder.path()).unwrap();
        package.write(file.path());
        file
    }

    /// A request to management with the admin key.
    pub fn manage(&self, method: Method, path: &str) -> Call {
        self.call_management(method, path).header("x-functions-key", self.admin_key())
    }

    /// A request to management without credentials.
    pub fn call_management(&self, method: Method, path: &str) -> Call {
        Call::new(self.management_address(), method, path)
    }

    /// A request to function HTTP with the address as its host.
    pub fn call(&self, method: Method, path: &str) -> Call {
        Call::new(self.http_address(), method, path)
    }

    /// The app of this name as its callers meet it: under `<app>.localhost`.
    pub fn app<'a>(&'a self, name: &'a str) -> App<'a> {
        App { hearth: self, name }
    }

    /// Stops it as an operator would, by SIGTERM, and tells how it ended.
    pub fn stop(self) -> ExitStatus {
        self.process.stop(STOP)
    }

    /// Kills the supervisor with SIGKILL and waits for its end; what becomes of the children is up to them.
    pub fn kill(self) {
        crate::process::kill(self.pid());
        self.process.wait(LONG).expect("a killed process ends");
        let _ended = self.process.stop(STOP);
    }
}

impl Drop for Hearth {
    fn drop(&mut self) {
        self.process.stop(STOP);
    }
}

/// A published app.
#[derive(Clone, Copy)]
pub struct App<'a> {
    hearth: &'a Hearth,
    name: &'a str,
}

impl App<'_> {
    /// A request to it.
    #[track_caller]
    pub fn call(&self, method: Method, path: &str) -> Call {
        let address = self.hearth.http_address();
        Call::new(address, method, path).host(&format!("{}.localhost:{}", self.name, address.port()))
    }

    /// GET.
    #[track_caller]
    pub fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path).send()
    }

    /// POST.
    #[track_caller]
    pub fn post(&self, path: &str, body: impl Into<bytes::Bytes>) -> Answer {
        self.call(Method::POST, path).body(body).send()
    }
}

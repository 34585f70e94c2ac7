//! Management and workers as processes of their own, as on several machines: each worker with a folder, a listener and a private
//! listener of its own, and nobody who starts it again. On a [`Network`] each has an address of its own, too.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Output, Stdio};
use std::sync::Arc;

use http::Method;
use serde_json::Value;

use crate::http::Call;
use rustix::process::Signal;

use crate::process::{client, client_at, kill, signal};
use crate::wait::eventually;
use crate::{LONG, Lines, Network};

const TOKEN: &str = "a-token-for-the-workers-of-a-test";

/// One role in the foreground; killed when dropped.
pub struct Role {
    process: Child,
    ready: Value,
    log: Lines,
}

impl Role {
    fn start(
        folder: &Path,
        name: &str,
        namespace: Option<&str>,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Self {
        let ready_file = folder.join(format!("{name}.ready"));
        let _before = std::fs::remove_file(&ready_file);
        let mut process = namespace
            .map_or_else(|| client(folder), |namespace| client_at(namespace, folder))
            .args(arguments)
            .arg("--ready-file")
            .arg(&ready_file)
            .env("HEARTH_JOIN_TOKEN", TOKEN)
            // Without a terminal what functions do is not shown.
            .env("HEARTH_LOG", "info,function=info")
            .envs(environment.iter().copied())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Lines::collect(process.stderr.take().unwrap());
        let ready = eventually("the ready file", || {
            assert!(process.try_wait().unwrap().is_none(), "{arguments:?} ended: {}", log.since(0).join("\n"));
            serde_json::from_slice(&std::fs::read(&ready_file).ok()?).ok()
        });
        Self { process, ready, log }
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// What it writes to its log.
    pub fn log(&self) -> &Lines {
        &self.log
    }

    /// Where it serves functions.
    pub fn http(&self) -> SocketAddr {
        self.text("http").trim_start_matches("http://").parse().unwrap()
    }

    /// Base URL at which it answers for queues.
    pub fn queues(&self) -> &str {
        self.text("queues")
    }

    /// Base URL at which it answers for documents, plainly.
    pub fn documents(&self) -> &str {
        self.text("documents")
    }

    fn text(&self, name: &str) -> &str {
        self.ready[name].as_str().unwrap()
    }

    /// SIGTERM, without waiting.
    pub fn terminate(&self) {
        signal(self.pid(), Signal::TERM);
    }

    /// Waits until it has ended; the exit code.
    #[track_caller]
    pub fn ended(&mut self) -> Option<i32> {
        eventually("the role to end", || self.process.try_wait().unwrap()).code()
    }

    /// SIGTERM, and the exit code.
    pub fn stop(mut self) -> Option<i32> {
        self.terminate();
        self.ended()
    }

    /// `kill -9`.
    pub fn kill(&self) {
        kill(self.pid());
    }
}

impl Drop for Role {
    fn drop(&mut self) {
        let _ended = self.process.kill();
        let _ended = self.process.wait();
    }
}

/// A management role and its workers.
pub struct Cluster {
    /// The workers, in the order in which they were started.
    pub workers: Vec<Role>,
    /// Gone after [`Cluster::stop_management`].
    management: Option<Role>,
    url: String,
    key: String,
    environment: Vec<(String, String)>,
    folder: tempfile::TempDir,
    network: Option<Arc<Network>>,
}

impl Cluster {
    /// Starts management and so many workers, named `w1`, `w2` and so on.
    #[track_caller]
    pub fn start(workers: usize) -> Self {
        Self::with(workers, &[])
    }

    /// The same, with an environment for all of them.
    #[track_caller]
    pub fn with(workers: usize, environment: &[(&str, &str)]) -> Self {
        Self::begin(None, workers, environment)
    }

    /// The same on the machines `management`, `w1`, `w2` … of a network.
    #[track_caller]
    pub fn across(network: &Arc<Network>, workers: usize, environment: &[(&str, &str)]) -> Self {
        Self::begin(Some(Arc::clone(network)), workers, environment)
    }

    #[track_caller]
    fn begin(network: Option<Arc<Network>>, workers: usize, environment: &[(&str, &str)]) -> Self {
        let folder = tempfile::Builder::new().prefix("hearth-test-").tempdir().unwrap();
        std::fs::create_dir(folder.path().join("management")).unwrap();
        let address = network.as_ref().map_or_else(|| "127.0.0.1".to_owned(), |network| network.address("management"));
        let listen = format!("{address}:0");
        let flags = ["management", "--data", "management", "--management-listen", &listen];
        let namespace = network.as_ref().map(|network| network.namespace("management"));
        let management = Role::start(folder.path(), "management", namespace.as_deref(), &flags, environment);
        let mut cluster = Self {
            workers: Vec::new(),
            url: management.text("management").to_owned(),
            key: management.text("adminKey").to_owned(),
            management: Some(management),
            environment: environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            folder,
            network,
        };
        for number in 1..=workers {
            let worker = cluster.worker(&format!("w{number}"), &[]);
            cluster.workers.push(worker);
        }
        cluster
    }

    /// One more worker, or one again under its name; with further flags.
    #[track_caller]
    pub fn worker(&self, name: &str, flags: &[&str]) -> Role {
        let state = format!("sqlite:{}", self.state_file().display());
        let key = self.folder.path().join("management/installation.key").display().to_string();
        let mut all = vec!["worker", "--name", name, "--data", name, "--management", &self.url, "--state", &state];
        all.extend([
            "--key-file",
            &key,
            "--http-listen",
            "127.0.0.1:0",
            "--queues-listen",
            "127.0.0.1:0",
            "--documents-listen",
            "127.0.0.1:0",
            "--drain-timeout",
            "20",
        ]);
        let (namespace, listen) = self.network.as_ref().map_or((None, "127.0.0.1:0".to_owned()), |network| {
            (Some(network.namespace(name)), format!("{}:0", network.address(name)))
        });
        all.extend(["--control-listen", &listen]);
        all.extend(flags);
        let environment: Vec<(&str, &str)> =
            self.environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        Role::start(self.folder.path(), name, namespace.as_deref(), &all, &environment)
    }

    /// One more management role on the same host state, which stands by while another one decides.
    #[track_caller]
    pub fn standby(&self, name: &str) -> Role {
        let state = format!("sqlite:{}", self.state_file().display());
        let key = self.folder.path().join("management/installation.key").display().to_string();
        let flags = ["management", "--data", name, "--state", &state, "--key-file", &key];
        let environment: Vec<(&str, &str)> =
            self.environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        Role::start(
            self.folder.path(),
            name,
            None,
            &[&flags[..], &["--management-listen", "127.0.0.1:0"]].concat(),
            &environment,
        )
    }

    /// The management role that was started first, as long as it was not stopped.
    pub fn management(&self) -> &Role {
        self.management.as_ref().expect("management was not stopped")
    }

    /// From now on client commands ask this one.
    pub fn ask_at(&mut self, management: &Role) {
        management.text("management").clone_into(&mut self.url);
    }

    /// The file of host state.
    pub fn state_file(&self) -> PathBuf {
        self.folder.path().join("management/state.db")
    }

    /// Ends management in good order; the workers go on.
    pub fn stop_management(&mut self) {
        if let Some(management) = self.management.take() {
            assert_eq!(management.stop(), Some(0));
        }
    }

    /// Runs a client command.
    pub fn command(&self, arguments: &[&str]) -> Output {
        let folder = self.folder.path();
        let command = |network: &Arc<Network>| client_at(&network.namespace("management"), folder);
        self.network
            .as_ref()
            .map_or_else(|| client(folder), command)
            .args(arguments)
            .env("HEARTH_MANAGEMENT", &self.url)
            .env("HEARTH_KEY", &self.key)
            .output()
            .unwrap()
    }

    /// Publishes a folder.
    #[track_caller]
    pub fn publish(&self, app: &str, folder: &Path) {
        let output = self.command(&["publish", folder.to_str().unwrap(), "--app", app]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// What a client command prints as JSON.
    #[track_caller]
    pub fn json(&self, arguments: &[&str]) -> Value {
        let output = self.command(&[arguments, &["--output", "json"]].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// A request to management with its admin key.
    pub fn ask(&self, path: &str) -> Call {
        let to = self.url.trim_start_matches("http://").parse().unwrap();
        Call::new(to, Method::GET, path).header("authorization", &format!("Bearer {}", self.key))
    }

    /// Names of the workers on which an app runs.
    #[track_caller]
    pub fn running_on(&self, app: &str) -> Vec<String> {
        let shown = self.json(&["apps", "show", app]);
        shown["runningOn"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
    }

    /// Waits until an app runs on so many workers.
    #[track_caller]
    pub fn spread(&self, app: &str, workers: usize) -> Vec<String> {
        eventually("the app to run where it should", || {
            Some(self.running_on(app)).filter(|running| running.len() == workers)
        })
    }

    /// A worker on which an app does not run.
    #[track_caller]
    pub fn without(&self, app: &str) -> &Role {
        let running = self.running_on(app);
        let at = (1..=self.workers.len()).find(|number| !running.contains(&format!("w{number}")));
        &self.workers[at.expect("a worker without the app") - 1]
    }

    /// The worker of this name.
    pub fn named(&self, name: &str) -> &Role {
        let number: usize = name.trim_start_matches('w').parse().unwrap();
        &self.workers[number - 1]
    }

    /// A call of an app, under its name, at one worker.
    pub fn call(&self, at: &Role, app: &str, method: Method, path: &str) -> Call {
        Call::new(at.http(), method, path).host(&format!("{app}.localhost")).within(LONG)
    }
}

//! Hearth as users run it: `hearth up` with one worker, apps published to it.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use rustix::process::{Signal, kill_process};

use super::app::{App, FUNCTION};
use super::load::{Call, Target};
use super::server::{Memory, children, free_address, memory, pause, spawn};
use crate::environment::{Scrub, scrub};
use crate::process::{self, pid};
use crate::ready::Ready;

/// How long `hearth up` may take to accept connections.
const START_LIMIT: Duration = Duration::from_secs(60);

/// A running `hearth up`, stopped when it is dropped.
pub(super) struct Hearth {
    child: Option<Child>,
    ready: Ready,
    worker: u32,
    management: u32,
    place: Place,
}

/// Where it runs.
#[derive(Clone, Debug)]
struct Place {
    program: PathBuf,
    data: PathBuf,
    http: SocketAddr,
    ready_file: PathBuf,
    log: PathBuf,
}

impl Hearth {
    /// Starts it on a new data directory and waits until it is ready.
    pub(super) fn start(programs: &Path, folder: &Path) -> anyhow::Result<Self> {
        let place = Place {
            program: programs.join("hearth"),
            data: folder.join("data"),
            http: free_address()?,
            ready_file: folder.join("ready.json"),
            log: folder.join("hearth.log"),
        };
        Self::start_at(place)
    }

    fn start_at(place: Place) -> anyhow::Result<Self> {
        let mut child = place.up()?;
        let started = Instant::now();
        let ready = loop {
            if let Some(ready) = Ready::read(&place.ready_file)? {
                break ready;
            }
            if child.try_wait()?.is_some() || started.elapsed() > START_LIMIT {
                let _ = child.kill();
                bail!("`hearth up` did not get ready: {}", fs::read_to_string(&place.log).unwrap_or_default());
            }
            pause();
        };
        let roles = children(child.id())?;
        let role = |name: &str| {
            let found = roles.iter().find(|(_, arguments)| arguments.iter().any(|argument| argument == name));
            found.map(|(pid, _)| *pid).with_context(|| format!("`hearth up` has no {name} process"))
        };
        Ok(Self { worker: role("worker")?, management: role("management")?, child: Some(child), ready, place })
    }

    /// Publishes an app and gives it the key that its callers have.
    pub(super) fn publish(&self, app: &App) -> anyhow::Result<()> {
        process::read(self.client().arg("publish").arg(&app.package).args(["--app", &app.name]))?;
        if let Some(key) = app.key {
            let mut set = self.client();
            set.args(["keys", "set", "bench", "--function", FUNCTION, "--value", key, "--app", &app.name]);
            process::read(&mut set)?;
        }
        Ok(())
    }

    /// Runs a client command; what it prints.
    pub(super) fn client_call(&self, arguments: &[&str]) -> anyhow::Result<String> {
        process::read(self.client().args(arguments))
    }

    /// Deletes an app.
    pub(super) fn delete(&self, app: &App) -> anyhow::Result<()> {
        process::read(self.client().args(["apps", "delete", &app.name, "--yes"])).map(drop)
    }

    fn client(&self) -> Command {
        let mut command = self.place.command();
        command.env("HEARTH_MANAGEMENT", &self.ready.management).env("HEARTH_KEY", &self.ready.admin_key);
        command
    }

    /// A call of an app.
    pub(super) fn target(&self, app: &App, call: Call) -> Target {
        self.place.target(app, call)
    }

    pub(super) fn worker(&self) -> u32 {
        self.worker
    }

    /// Supervisor and management.
    pub(super) fn others(&self) -> Vec<u32> {
        self.child.iter().map(Child::id).chain([self.management]).collect()
    }

    /// Supervisor, management and worker together.
    pub(super) fn memory(&self) -> anyhow::Result<Memory> {
        memory(&[self.others(), vec![self.worker]].concat())
    }

    /// Stops it, starts it again on the same data and lets `first` wait for what it wants; the time that took.
    pub(super) fn restart(&mut self, first: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<Duration> {
        self.end()?;
        fs::remove_file(&self.place.ready_file).context("cannot remove the ready file")?;
        let started = Instant::now();
        self.child = Some(self.place.up()?);
        first()?;
        Ok(started.elapsed())
    }

    /// Stops it, has a worker on the same data that has no app until it is called, and no other worker or management to turn to, called
    /// by `work`, and starts it again.
    pub(super) fn with_lone_worker<R>(
        &mut self,
        folder: &Path,
        work: impl FnOnce(SocketAddr) -> anyhow::Result<R>,
    ) -> anyhow::Result<R> {
        self.end()?;
        let (lone, address) = self.lone_worker(folder)?;
        let result = work(address);
        drop(lone);
        fs::remove_file(&self.place.ready_file).context("cannot remove the ready file")?;
        *self = Self::start_at(self.place.clone())?;
        result
    }

    fn lone_worker(&self, folder: &Path) -> anyhow::Result<(Lone, SocketAddr)> {
        let address = free_address()?;
        let ready = folder.join("lone.json");
        let mut worker = self.place.command();
        worker
            .args(["worker", "--name", "lone", "--management", &format!("http://{}", free_address()?)])
            .arg("--data")
            .arg(&self.place.data)
            .args(["--http-listen", &address.to_string(), "--queues-listen", "127.0.0.1:0"])
            .args(["--documents-listen", "127.0.0.1:0"])
            .arg("--ready-file")
            .arg(&ready)
            .env("HEARTH_JOIN_TOKEN", "none");
        let mut lone = Lone(spawn(&mut worker, &self.place.log)?);
        let started = Instant::now();
        while !ready.exists() {
            if lone.0.try_wait()?.is_some() || started.elapsed() > START_LIMIT {
                bail!("`hearth worker` did not get ready: {}", fs::read_to_string(&self.place.log).unwrap_or_default());
            }
            pause();
        }
        fs::remove_file(&ready)?;
        Ok((lone, address))
    }

    /// Stops it.
    pub(super) fn stop(mut self) -> anyhow::Result<()> {
        self.end()
    }

    fn end(&mut self) -> anyhow::Result<()> {
        let Some(mut child) = self.child.take() else { return Ok(()) };
        kill_process(pid(&child)?, Signal::TERM).context("cannot stop `hearth up`")?;
        child.wait().context("cannot stop `hearth up`").map(drop)
    }
}

impl Drop for Hearth {
    fn drop(&mut self) {
        // Only after an error, which is the one to tell.
        let _ = self.end();
    }
}

/// A worker by itself, killed when it is dropped.
pub(super) struct Lone(Child);

impl Drop for Lone {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Place {
    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        scrub(&mut command, Scrub::Caller);
        command
    }

    fn up(&self) -> anyhow::Result<Child> {
        let mut up = self.command();
        up.arg("up").arg("--data").arg(&self.data).arg("--ready-file").arg(&self.ready_file);
        up.args(["--workers", "1", "--management-listen", "127.0.0.1:0", "--http-listen", &self.http.to_string()]);
        up.args(["--queues-listen", "127.0.0.1:0", "--documents-listen", "127.0.0.1:0"]);
        spawn(&mut up, &self.log).with_context(|| format!("cannot start {}", self.program.display()))
    }

    fn target(&self, app: &App, call: Call) -> Target {
        Target { address: self.http, host: format!("{}.localhost", app.name), key: app.key, call }
    }
}

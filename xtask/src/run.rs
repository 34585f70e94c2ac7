//! `cargo xtask run`: guests, a release build, `hearth up` as a child, the samples published, then waiting.
//! Ctrl-C reaches the child by itself, because both are in the terminal's process group; xtask waits until it has ended.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use clap::Args;
use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::console::{Address, addressed, calls};
use crate::environment::{Scrub, scrub};
use crate::output::{complain, say, step};
use crate::ready::Ready;
use crate::workspace::{Family, Workspace};
use crate::{guests, process};

/// How long `hearth up` may take to accept connections.
const START_LIMIT: Duration = Duration::from_secs(120);
/// How often the ready file is looked for.
const READY_POLL: Duration = Duration::from_millis(50);
/// A child that still runs this long after an interrupt did not get it (it was sent to xtask alone): it is told then.
const INTERRUPT_GRACE: Duration = Duration::from_secs(5);

/// Flags of `cargo xtask run`.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// Data directory; it is kept between runs
    #[arg(long, value_name = "DIR", default_value = "target/run/data")]
    data: PathBuf,
    /// Where management listens; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT")]
    management_listen: Option<String>,
    /// Where functions are called; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT")]
    http_listen: Option<String>,
    /// Worker processes
    #[arg(long, value_name = "N")]
    workers: Option<u16>,
    /// Build and run the debug profile: quicker to build, slower to answer
    #[arg(long)]
    debug: bool,
}

/// What can happen while `hearth up` runs.
#[derive(Debug)]
enum Event {
    Ended(std::io::Result<ExitStatus>),
    Signal(i32),
}

/// Builds, starts, publishes and waits.
pub(crate) fn run(workspace: &Workspace, args: &RunArgs) -> anyhow::Result<()> {
    guests::build_all(workspace)?;
    let mut build = workspace.cargo();
    build.args(["build", "-p", "hearth"]);
    if !args.debug {
        build.arg("--release");
    }
    process::run(&mut build)?;
    let hearth = workspace.target().join(if args.debug { "debug" } else { "release" }).join("hearth");

    let ready_file = workspace.root().join("target/run/ready.json");
    prepare(&ready_file, &workspace.root().join(&args.data))?;
    let mut up = command(&hearth, workspace.root());
    up.arg("up").arg("--data").arg(workspace.root().join(&args.data)).arg("--ready-file").arg(&ready_file);
    let options =
        [("--management-listen", args.management_listen.clone()), ("--http-listen", args.http_listen.clone())];
    for (flag, value) in options.into_iter().chain([("--workers", args.workers.map(|n| n.to_string()))]) {
        up.args(value.iter().flat_map(|value| [flag, value]));
    }
    let signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    step(process::line(&up));
    let child = up.spawn().with_context(|| format!("cannot start {}", hearth.display()))?;
    let mut running = Running::new(child, signals)?;

    match running.until_ready(&ready_file)? {
        Some(ready) => {
            let published = publish_samples(workspace, &hearth, &ready);
            if let Err(error) = published {
                complain(format_args!("error: {error:#}"));
                running.stop()?;
                bail!("the samples could not be published; `hearth up` was stopped");
            }
            announce(workspace, &ready, &ready_file)?;
            running.until_stopped()
        }
        None => Ok(()),
    }
}

fn prepare(ready_file: &Path, data: &Path) -> anyhow::Result<()> {
    let folder = ready_file.parent().context("the ready file lies in a folder")?;
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    fs::create_dir_all(data).with_context(|| format!("cannot make {}", data.display()))?;
    match fs::remove_file(ready_file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", ready_file.display()))
        }
        _ => Ok(()),
    }
}

fn command(hearth: &Path, root: &Path) -> Command {
    let mut command = Command::new(hearth);
    scrub(&mut command, Scrub::Caller);
    command.current_dir(root).stdin(std::process::Stdio::null());
    command
}

/// Publishes each sample as an app of its name. The key goes by the environment, where other users do not see it.
fn publish_samples(workspace: &Workspace, hearth: &Path, ready: &Ready) -> anyhow::Result<()> {
    for sample in samples(workspace)? {
        let source = workspace.root().join(Family::Sample.sources()).join(&sample);
        // Scripts are published as they are.
        let built = workspace.root().join(Family::Sample.packages()).join(&sample);
        let package = if is_script(&source) { source } else { built };
        let mut publish = command(hearth, workspace.root());
        publish.env("HEARTH_MANAGEMENT", &ready.management).env("HEARTH_KEY", &ready.admin_key);
        process::run(publish.arg("publish").arg(package).args(["--app", &sample]))?;
    }
    Ok(())
}

/// Names of all samples: those that are compiled, and those that are scripts.
fn samples(workspace: &Workspace) -> anyhow::Result<Vec<String>> {
    let guests = workspace.guests().into_iter().filter(|guest| guest.family == Family::Sample).map(|guest| guest.name);
    let mut samples: Vec<String> = guests.collect();
    let sources = workspace.root().join(Family::Sample.sources());
    for entry in fs::read_dir(&sources).with_context(|| format!("cannot list {}", sources.display()))? {
        let entry = entry?;
        if is_script(&entry.path()) {
            samples.extend(entry.file_name().into_string().ok());
        }
    }
    samples.sort();
    Ok(samples)
}

fn is_script(sample: &Path) -> bool {
    sample.join("package.json").is_file()
}

fn announce(workspace: &Workspace, ready: &Ready, ready_file: &Path) -> anyhow::Result<()> {
    say("\nHearth is running.");
    say(format_args!("  management  {}", ready.management));
    say(format_args!("  functions   {}", ready.http));
    say(format_args!("  admin key   in {}", ready_file.display()));
    for app in samples(workspace)? {
        let readme = workspace.root().join(Family::Sample.sources()).join(&app).join("README.md");
        let text = fs::read_to_string(&readme).with_context(|| format!("cannot read {}", readme.display()))?;
        say(format_args!("\n{app}"));
        let address = Address { authority: ready.authority().to_owned(), app };
        calls(&text).iter().for_each(|call| say(format_args!("  {}", addressed(call, &address))));
    }
    say("\nCtrl-C stops it.");
    Ok(())
}

/// The child and everything that is waited for.
struct Running {
    pid: Pid,
    events: Receiver<Event>,
}

impl Running {
    fn new(mut child: Child, mut signals: signal_hook::iterator::Signals) -> anyhow::Result<Self> {
        let pid = process::pid(&child)?;
        let (sender, events) = mpsc::channel();
        let ends = sender.clone();
        std::thread::spawn(move || ends.send(Event::Ended(child.wait())));
        std::thread::spawn(move || signals.forever().try_for_each(|signal| sender.send(Event::Signal(signal))));
        Ok(Self { pid, events })
    }

    /// Waits for the ready file; nothing when it was stopped before.
    fn until_ready(&mut self, file: &Path) -> anyhow::Result<Option<Ready>> {
        let started = Instant::now();
        loop {
            match self.events.recv_timeout(READY_POLL) {
                Ok(Event::Ended(status)) => bail!("`hearth up` ended with {} before it was ready", status?),
                Ok(Event::Signal(signal)) => return self.finish(signal).map(|()| None),
                Err(RecvTimeoutError::Disconnected) => bail!("nothing is left to wait for"),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if let Some(ready) = Ready::read(file)? {
                return Ok(Some(ready));
            }
            if started.elapsed() > START_LIMIT {
                self.stop()?;
                bail!("`hearth up` did not accept connections within {} s", START_LIMIT.as_secs());
            }
        }
    }

    /// Waits for a signal, and then for the end of the child.
    fn until_stopped(&mut self) -> anyhow::Result<()> {
        match self.events.recv()? {
            Event::Ended(status) => bail!("`hearth up` ended by itself with {}", status?),
            Event::Signal(signal) => self.finish(signal),
        }
    }

    /// After a signal: the terminal gave an interrupt to the child too, anything else is passed on.
    fn finish(&mut self, signal: i32) -> anyhow::Result<()> {
        if signal != SIGINT {
            return self.stop();
        }
        match self.wait(Some(INTERRUPT_GRACE))? {
            Some(status) => judge(status),
            None => self.stop(),
        }
    }

    /// Tells the child to end and waits for it.
    fn stop(&mut self) -> anyhow::Result<()> {
        kill_process(self.pid, Signal::TERM).context("cannot stop `hearth up`")?;
        match self.wait(None)? {
            Some(status) => judge(status),
            None => Ok(()),
        }
    }

    /// The child's end; nothing when `limit` passed before. Further signals are for the child, which has its own.
    fn wait(&mut self, limit: Option<Duration>) -> anyhow::Result<Option<ExitStatus>> {
        let started = Instant::now();
        loop {
            let event = match limit {
                None => self.events.recv()?,
                Some(limit) => match self.events.recv_timeout(limit.saturating_sub(started.elapsed())) {
                    Ok(event) => event,
                    Err(RecvTimeoutError::Timeout) => return Ok(None),
                    Err(error) => return Err(error.into()),
                },
            };
            if let Event::Ended(status) = event {
                return Ok(Some(status?));
            }
        }
    }
}

/// A child that ended by the signal it was sent stopped as asked; another failure is one.
fn judge(status: ExitStatus) -> anyhow::Result<()> {
    use std::os::unix::process::ExitStatusExt as _;
    if status.success() || matches!(status.signal(), Some(SIGINT | SIGTERM)) {
        return Ok(());
    }
    bail!("`hearth up` ended with {status}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Running {
        let child = Command::new("sh").args(["-c", script]).spawn().unwrap();
        Running::new(child, signal_hook::iterator::Signals::new([] as [i32; 0]).unwrap()).unwrap()
    }

    #[test]
    fn a_child_that_ends_before_it_is_ready_is_an_error_with_its_status() {
        let folder = tempfile::tempdir().unwrap();
        let error = shell("exit 4").until_ready(&folder.path().join("ready.json")).unwrap_err().to_string();
        assert!(error.contains("exit status: 4") && error.contains("before it was ready"), "{error}");
    }

    #[test]
    fn the_ready_file_is_waited_for_and_the_child_stops_when_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ready.json");
        let text = r#"{"management":"http://m","http":"http://h","adminKey":"k","pid":1}"#;
        let write = format!("echo '{text}' >{0}.new && mv {0}.new {0} && exec sleep 600", file.display());
        let mut running = shell(&write);
        assert_eq!(running.until_ready(&file).unwrap().unwrap().management, "http://m");
        running.stop().unwrap();
    }

    #[test]
    fn a_failure_while_stopping_is_told() {
        let mut running = shell("exit 7");
        let status = running.wait(None).unwrap().unwrap();
        assert!(judge(status).unwrap_err().to_string().contains("exit status: 7"));
    }

    #[test]
    fn a_stale_ready_file_is_removed_before_the_start() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("run/ready.json");
        prepare(&file, &folder.path().join("data")).unwrap();
        fs::write(&file, "{}").unwrap();
        prepare(&file, &folder.path().join("data")).unwrap();
        assert!(!file.exists() && folder.path().join("data").is_dir());
    }
}

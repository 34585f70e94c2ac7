//! Processes: those of an installation by their role, and one that makes sure that none outlives the tests.

use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use crate::paths::binary;

/// The `hearth` command away from this machine's settings: no `HEARTH_…`, no configuration file, `home` as home and
/// working directory, nothing on standard input.
pub fn client(home: &Path) -> Command {
    away_from_here(Command::new(binary()), home)
}

/// The same at a machine of a [`crate::Network`], by its namespace. `ip` becomes the process that it starts.
pub fn client_at(namespace: &str, home: &Path) -> Command {
    let mut command = Command::new("ip");
    command.args(["netns", "exec", namespace]).arg(binary());
    away_from_here(command, home)
}

fn away_from_here(mut command: Command, home: &Path) -> Command {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("HEARTH_") {
            command.env_remove(name);
        }
    }
    for name in
        ["NOTIFY_SOCKET", "LISTEN_FDS", "LISTEN_PID", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "HTTP_PROXY", "http_proxy"]
    {
        command.env_remove(name);
    }
    command.env("HOME", home).current_dir(home).stdin(Stdio::null());
    command
}

/// Sends a signal; a process that has gone already is fine.
pub fn signal(pid: u32, signal: Signal) {
    if let Some(pid) = Pid::from_raw(i32::try_from(pid).unwrap()) {
        let _gone = kill_process(pid, signal);
    }
}

/// `kill -9`.
pub fn kill(pid: u32) {
    signal(pid, Signal::KILL);
}

/// Whether the process runs; a zombie does not.
pub fn alive(pid: u32) -> bool {
    let exists = Pid::from_raw(i32::try_from(pid).unwrap()).is_some_and(|pid| test_kill_process(pid).is_ok());
    exists && stat(pid).is_none_or(|stat| !stat.starts_with('Z'))
}

/// The parent's process id, of a process that exists.
pub fn parent(pid: u32) -> Option<u32> {
    stat(pid)?.split_whitespace().nth(1)?.parse().ok()
}

/// `/proc/<pid>/stat` from the state on, behind the name in parentheses.
fn stat(pid: u32) -> Option<String> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    Some(text.rsplit_once(") ")?.1.to_owned())
}

/// Every process below this one, with its command line.
pub fn descendants(pid: u32) -> Vec<(u32, Vec<String>)> {
    let threads = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let children: Vec<u32> = threads
        .filter_map(|thread| std::fs::read_to_string(thread.path().join("children")).ok())
        .flat_map(|list| list.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<u32>>())
        .collect();
    let mut found = Vec::new();
    for child in children {
        let command = std::fs::read(format!("/proc/{child}/cmdline")).unwrap_or_default();
        let words = command.split(|byte| *byte == 0).map(|word| String::from_utf8_lossy(word).into_owned());
        found.push((child, words.filter(|word| !word.is_empty()).collect()));
        found.extend(descendants(child));
    }
    found
}

/// A child that is waited for from its first moment, so that its end is an event.
pub(crate) struct Process {
    pub(crate) pid: u32,
    ended: Arc<(Mutex<Option<ExitStatus>>, Condvar)>,
}

impl Process {
    pub(crate) fn new(mut child: Child) -> Self {
        let pid = child.id();
        let ended: Arc<(Mutex<Option<ExitStatus>>, Condvar)> = Arc::default();
        let told = ended.clone();
        std::thread::spawn(move || {
            let status = child.wait().unwrap();
            *told.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(status);
            told.1.notify_all();
        });
        Self { pid, ended }
    }

    /// How it ended, waiting for that at most this long.
    pub(crate) fn wait(&self, at_most: Duration) -> Option<ExitStatus> {
        let end = Instant::now() + at_most;
        let mut status = self.ended.0.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if status.is_some() || left.is_zero() {
                return *status;
            }
            status = self.ended.1.wait_timeout(status, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// SIGTERM, and SIGKILL for it and everything below it when that did not end it in time.
    pub(crate) fn stop(&self, grace: Duration) -> ExitStatus {
        let family = descendants(self.pid);
        if self.wait(Duration::ZERO).is_none() {
            signal(self.pid, Signal::TERM);
        }
        let status = self.wait(grace).unwrap_or_else(|| {
            kill(self.pid);
            self.wait(grace).expect("a killed process ends")
        });
        for (pid, command) in family {
            // The id may be another's by now: only the same command line is killed.
            let now = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            if now == command.iter().flat_map(|word| [word.as_bytes(), b"\0"].concat()).collect::<Vec<u8>>() {
                kill(pid);
            }
        }
        status
    }
}

/// A small process that stops `hearth up` and removes its files when the tests end without having done so.
pub(crate) struct Watchdog {
    tests_alive: Option<ChildStdin>,
    process: Child,
}

impl Watchdog {
    /// Watches over `pid`, and over `folder` if the tests own it.
    pub(crate) fn over(pid: u32, folder: Option<&Path>) -> Self {
        // `read` ends with a word when the tests dismiss it and with end of file when they are gone.
        const SCRIPT: &str = r#"
            trap '' INT TERM HUP
            read -r word && exit
            kill -TERM "$1" 2>/dev/null
            waited=0
            while kill -0 "$1" 2>/dev/null && [ $waited -lt 50 ]; do sleep 0.1; waited=$((waited + 1)); done
            kill -KILL "$1" 2>/dev/null
            [ -z "$2" ] || rm -rf "$2"
        "#;
        let mut process = Command::new("sh")
            .args(["-c", SCRIPT, "watchdog"])
            .arg(pid.to_string())
            .arg(folder.unwrap_or(Path::new("")))
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { tests_alive: process.stdin.take(), process }
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        use std::io::Write;
        if let Some(mut tests_alive) = self.tests_alive.take() {
            let _dismissed = tests_alive.write_all(b"dismissed\n");
        }
        let _ended = self.process.wait();
    }
}

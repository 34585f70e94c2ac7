//! A server under measurement: a child process on a port of its own that is killed at the end, and what the system says
//! of the processor time and the memory of processes.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::Context as _;

use super::load::{Call, Target};

/// Clock ticks per second in `/proc/PID/stat`, the same for all Linux systems on processors that Hearth runs on.
const TICKS_PER_SECOND: u64 = 100;

/// A child that serves HTTP on 127.0.0.1.
pub(super) struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    /// Starts what `command` makes for a free port; its output goes to the file `log`.
    pub(super) fn start(name: &str, log: &Path, command: impl FnOnce(u16) -> Command) -> anyhow::Result<Self> {
        let address = free_address()?;
        let child = spawn(&mut command(address.port()), log).with_context(|| format!("cannot start {name}"))?;
        Ok(Self { child, address })
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// A call of this server.
    pub(super) fn target(&self, host: &str, call: Call) -> Target {
        Target { address: self.address, host: host.to_owned(), key: None, call }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is gone afterwards.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts a child with nothing on standard input and its output in a file.
pub(super) fn spawn(command: &mut Command, log: &Path) -> std::io::Result<Child> {
    let log = File::options().create(true).append(true).open(log)?;
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn()
}

/// Between two looks at something that another process does and tells nobody.
#[expect(clippy::disallowed_methods, reason = "time itself must pass, and xtask has no asynchronous runtime")]
pub(super) fn pause() {
    std::thread::sleep(Duration::from_micros(500));
}

/// An address that nobody listened at a moment ago.
pub(super) fn free_address() -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port is free")?;
    listener.local_addr().context("no port is free")
}

/// Processor time that a process has taken so far, all its threads, in user and system mode. Precise to 10 ms.
pub(super) fn processor_time(pid: u32) -> anyhow::Result<Duration> {
    let path = format!("/proc/{pid}/stat");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {path}; the process has ended"))?;
    ticks(&text).map(|ticks| Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND)).context("cannot understand /proc")
}

/// Ticks in user and system mode. The name, second in the line and in brackets, may hold blanks and brackets itself.
fn ticks(stat: &str) -> Option<u64> {
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
    let user: u64 = fields.nth(11)?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

/// The children of a process, each with its arguments.
pub(super) fn children(parent: u32) -> anyhow::Result<Vec<(u32, Vec<String>)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let Some(pid) = entry?.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        // A process may end while it is looked at.
        let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) else { continue };
        let of = stat.rsplit_once(')').and_then(|(_, rest)| rest.split_ascii_whitespace().nth(1)?.parse::<u32>().ok());
        if of == Some(parent) {
            let line = fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            found.push((pid, line.split_terminator('\0').map(str::to_owned).collect()));
        }
    }
    Ok(found)
}

/// Memory in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Memory {
    /// Pages in memory, shared ones counted for each process.
    pub(super) resident: u64,
    /// Pages in memory, shared ones divided among those that share them.
    pub(super) proportional: u64,
}

/// The memory of some processes together.
pub(super) fn memory(pids: &[u32]) -> anyhow::Result<Memory> {
    pids.iter().try_fold(Memory::default(), |sum, pid| {
        let path = format!("/proc/{pid}/smaps_rollup");
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
        let field = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name)).context("cannot understand /proc")?;
            let kib: u64 = line.trim().trim_end_matches(" kB").parse().context("cannot understand /proc")?;
            anyhow::Ok(kib * 1024)
        };
        Ok(Memory { resident: sum.resident + field("Rss:")?, proportional: sum.proportional + field("Pss:")? })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_times_are_found_behind_any_name() {
        let stat = "7 (a) b) (c) S 1 7 7 0 -1 4194304 100 0 0 0 21 13 0 0 20 0 4 0 99";
        assert_eq!(ticks(stat), Some(34));
    }

    #[test]
    fn this_process_has_memory_and_a_parent_that_lists_it() {
        let me = std::process::id();
        let memory = memory(&[me]).unwrap();
        assert!(memory.resident >= memory.proportional && memory.proportional > 0, "{memory:?}");
        let parent = std::os::unix::process::parent_id();
        assert!(children(parent).unwrap().iter().any(|(pid, _)| *pid == me));
    }
}

//! Runs the load generator of `tests/bench` against one server, and looks at the server's processor time around it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};
use serde::Deserialize;

use super::PATH;
use super::server::processor_time;
use crate::workspace::Workspace;

/// Where the bench's path is called, and the right answer.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) address: SocketAddr,
    pub(super) host: String,
    /// The function key to call with.
    pub(super) key: Option<&'static str>,
    pub(super) answer: &'static str,
}

/// What one span of load gave.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    /// Processor time of the process that answered, per request, in microseconds.
    pub(super) cpu_micros: f64,
    /// The same of the other processes that belong to it.
    pub(super) others_micros: f64,
    pub(super) per_second: f64,
    pub(super) p50_micros: u32,
    pub(super) p99_micros: u32,
}

/// The load generator and how it calls.
pub(super) struct Load {
    program: PathBuf,
    connections: u16,
    seconds: u64,
}

/// What the load generator prints.
#[derive(Debug, Deserialize)]
struct Seen {
    requests: u32,
    seconds: f64,
    p50_micros: u32,
    p99_micros: u32,
}

impl Load {
    pub(super) fn new(workspace: &Workspace, connections: u16, seconds: u64) -> Self {
        Self { program: workspace.target().join("release/hearth-bench-load"), connections, seconds }
    }

    /// Calls without measuring.
    pub(super) fn warm_up(&self, target: &Target, seconds: u64) -> anyhow::Result<()> {
        self.call(target, seconds).map(drop)
    }

    /// Calls for the whole span and divides what the processes took by the requests answered.
    pub(super) fn measure(&self, target: &Target, answering: u32, others: &[u32]) -> anyhow::Result<Sample> {
        let taken = || -> anyhow::Result<(f64, f64)> {
            let others = others.iter().map(|pid| Ok(processor_time(*pid)?.as_secs_f64()));
            Ok((processor_time(answering)?.as_secs_f64(), others.sum::<anyhow::Result<f64>>()?))
        };
        let before = taken()?;
        let seen = self.call(target, self.seconds)?;
        let after = taken()?;
        let micros = |seconds: f64| seconds * 1e6 / f64::from(seen.requests);
        Ok(Sample {
            cpu_micros: micros(after.0 - before.0),
            others_micros: micros(after.1 - before.1),
            per_second: f64::from(seen.requests) / seen.seconds,
            p50_micros: seen.p50_micros,
            p99_micros: seen.p99_micros,
        })
    }

    fn call(&self, target: &Target, seconds: u64) -> anyhow::Result<Seen> {
        let mut command = Command::new(&self.program);
        command
            .args(["--to", &target.address.to_string(), "--host", &target.host, "--path", PATH])
            .args(["--expect", target.answer])
            .args(["--connections", &self.connections.to_string(), "--seconds", &seconds.to_string()]);
        if let Some(key) = target.key {
            command.args(["--key", key]);
        }
        let output = command
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("cannot start {}", self.program.display()))?;
        if !output.status.success() {
            bail!("the load generator failed: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        let seen: Seen =
            serde_json::from_slice(&output.stdout).context("cannot understand the load generator's result")?;
        if seen.requests == 0 {
            bail!("{} answered nothing within {seconds} s", target.address);
        }
        Ok(seen)
    }
}

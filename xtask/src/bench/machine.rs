//! Where and when it was measured, as far as it explains the figures.

use std::fs;
use std::process::Command;

use anyhow::Context as _;

use super::peer::Wasmtime;
use crate::process;

#[derive(Debug)]
pub(super) struct Machine {
    date: String,
    processor: String,
    cores: usize,
    kernel: String,
    /// What else took part, if anything.
    peer: Option<String>,
    /// Processes that could run, averaged over a minute, before the first round and after each.
    loads: Vec<f64>,
}

impl Machine {
    /// The machine on which `peer` takes part.
    pub(super) fn look(peer: &Wasmtime) -> anyhow::Result<Self> {
        Ok(Self { peer: Some(peer.version().to_owned()), ..Self::alone()? })
    }

    /// The machine without a peer.
    pub(super) fn alone() -> anyhow::Result<Self> {
        let processors = fs::read_to_string("/proc/cpuinfo").context("cannot read /proc/cpuinfo")?;
        let model = processors.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
        let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").context("cannot read the kernel's version")?;
        let mut machine = Self {
            date: process::read(Command::new("date").args(["-u", "+%Y-%m-%d %H:%M UTC"]))?.trim().to_owned(),
            processor: model.map_or("unknown processor", |(_, name)| name).trim().to_owned(),
            cores: std::thread::available_parallelism()?.get(),
            kernel: kernel.trim().split('-').next().unwrap_or_default().to_owned(),
            peer: None,
            loads: Vec::new(),
        };
        machine.note_load()?;
        Ok(machine)
    }

    pub(super) fn note_load(&mut self) -> anyhow::Result<()> {
        let text = fs::read_to_string("/proc/loadavg").context("cannot read /proc/loadavg")?;
        let load = text.split(' ').next().unwrap_or_default();
        self.loads.push(load.parse().context("cannot understand /proc/loadavg")?);
        Ok(())
    }

    /// One line for the report.
    pub(super) fn line(&self) -> String {
        let loads: Vec<_> = self.loads.iter().map(|load| format!("{load:.1}")).collect();
        format!(
            "Measured {} on {} ({} cores), Linux {}{}. Load average before the rounds and after each: {}.",
            self.date,
            self.processor,
            self.cores,
            self.kernel,
            self.peer.as_ref().map_or(String::new(), |peer| format!(", beside {peer}")),
            loads.join(", ")
        )
    }
}

//! `cargo xtask bench changefeed`: how long after a document was written a function begins with it, at two rates, and how fast a
//! function catches up with many documents. The container has five ranges; the function is JavaScript and notes in a queue what it got.
//!
//! Times are from before the request that writes to the begin of the function, by the clock of this machine.

mod report;

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};
use clap::Args;
use serde::Deserialize;

use super::app::App;
use super::hearth::Hearth;
use super::machine::Machine;
use super::server::processor_time;
use crate::output::step;
use crate::workspace::Workspace;
use crate::{guests, process};
use report::Report;

/// The app, relative to the root.
const APP: &str = "tests/bench/javascript/changefeed";
/// Its function, and the queue in which it notes what it got.
const FUNCTION: &str = "bench";
const NOTES: &str = "bench-out";
/// Connections of each load.
const CONNECTIONS: u16 = 16;
/// Ranges of the container.
const RANGES: u32 = 5;
/// Request units a second for each range, by which a container is divided.
const UNITS: u32 = 10_000;
/// Documents a second at which latency is measured.
const RATES: [u32; 2] = [100, 1_000];
/// How long they come.
const SECONDS: u32 = 10;
/// Written before what is measured, so that the function runs and has its leases.
const FIRST: u32 = 100;

/// Flags of `cargo xtask bench changefeed`.
#[derive(Debug, Args)]
pub(crate) struct ChangefeedArgs {
    /// Rounds, of which the median counts
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,
    /// Documents to catch up with
    #[arg(long, value_name = "N", default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1_000..=10_000_000))]
    documents: u32,
    /// Measure what is built already
    #[arg(long)]
    no_build: bool,
    /// Measure the dev profile: shows that everything works, its figures are worth nothing
    #[arg(long, conflicts_with = "write")]
    debug: bool,
    /// Put the report into docs/benchmarks.md
    #[arg(long)]
    write: bool,
}

/// A service and what opens it.
#[derive(Clone, Debug)]
struct Service {
    to: SocketAddr,
    account: String,
    key: String,
}

impl Service {
    /// Of a connection string with a plain endpoint under this name.
    fn of(text: &str, endpoint: &str) -> Option<Self> {
        let value = |wanted: &str| {
            let mut parts = text.trim().split(';').filter_map(|part| part.split_once('='));
            parts.find(|(name, _)| *name == wanted).map(|(_, value)| value.to_owned())
        };
        let url = value(endpoint)?;
        let authority = url.strip_prefix("http://")?.split('/').next()?.to_owned();
        let account = value("AccountName").unwrap_or_default();
        Some(Self { to: authority.parse().ok()?, account, key: value("AccountKey")? })
    }
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// Documents come at this rate.
    Rate(u32),
    /// Many are there already.
    CatchUp,
}

/// One measurement.
#[derive(Clone, Copy, Debug)]
struct Sample {
    /// Of the worker, for each document, in microseconds; at a rate the store's share is in it.
    cpu_micros: f64,
    per_second: f64,
    p50_millis: f64,
    p99_millis: f64,
}

/// What the loads print, as far as it is used.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
struct Seen {
    messages: u32,
    busy_seconds: f64,
    p50_micros: u32,
    p99_micros: u32,
}

/// Measures and prints a table with goals.
///
/// # Errors
/// When a program that takes part is missing or gives a wrong answer.
pub(crate) fn run(workspace: &Workspace, args: &ChangefeedArgs) -> anyhow::Result<()> {
    let profile = if args.debug { "debug" } else { "release" };
    if !args.no_build {
        guests::build_all(workspace)?;
        let mut build = workspace.cargo();
        build.args(["build", "-p", "hearth", "-p", "hearth-bench"]);
        process::run(if args.debug { &mut build } else { build.arg("--release") })?;
    }
    let programs = workspace.target().join(profile);
    let folder = workspace.target().join("bench");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let folder = tempfile::tempdir_in(folder)?;
    let hearth = Hearth::start(&programs, folder.path())?;
    let app = App::new("changefeed", &workspace.root().join(APP));
    hearth.publish(&app)?;
    let bench = Bench::new(&hearth, &app, &programs)?;

    let mut machine = Machine::alone()?;
    let mut rows: Vec<(What, Vec<Sample>)> = Vec::new();
    let mut written = 0;
    for round in 1..=args.rounds {
        step(format_args!("round {round} of {}", args.rounds));
        bench.begin(&mut written)?;
        for rate in RATES {
            let sample = bench.at_rate(rate, &mut written)?;
            add(&mut rows, What::Rate(rate), sample);
        }
        let sample = bench.catch_up(args.documents, &mut written)?;
        add(&mut rows, What::CatchUp, sample);
        machine.note_load()?;
    }
    hearth.stop()?;
    Report::new(&rows, args).finish(&machine, workspace, args.write)
}

/// The loads, and the process that answers them.
struct Bench<'a> {
    hearth: &'a Hearth,
    app: &'a App,
    programs: PathBuf,
    documents: Service,
    queues: Service,
}

impl<'a> Bench<'a> {
    fn new(hearth: &'a Hearth, app: &'a App, programs: &Path) -> anyhow::Result<Self> {
        let service = |area: &str, endpoint: &str| {
            let text = hearth.client_call(&[area, "connection-string", "--app", &app.name])?;
            Service::of(&text, endpoint).context("cannot understand the connection string")
        };
        let documents = service("documents", "AccountEndpoint")?;
        let queues = service("queues", "QueueEndpoint")?;
        Ok(Self { hearth, app, programs: programs.to_owned(), documents, queues })
    }

    /// A container without documents and a function that listens to it.
    fn begin(&self, written: &mut u32) -> anyhow::Result<()> {
        self.switch("true")?;
        self.queue(&["make"])?;
        self.write(&["make", "--units", &(RANGES * UNITS).to_string()])?;
        *written = 0;
        self.switch("false")?;
        self.create(FIRST, None, written)?;
        self.noted(FIRST).map(drop)
    }

    fn at_rate(&self, rate: u32, written: &mut u32) -> anyhow::Result<Sample> {
        let count = rate * SECONDS;
        self.measured(count, || self.create(count, Some(rate), written))
    }

    /// The worker's time is that of the function alone: the documents are written before.
    fn catch_up(&self, count: u32, written: &mut u32) -> anyhow::Result<Sample> {
        self.switch("true")?;
        self.create(count, None, written)?;
        self.measured(count, || self.switch("false"))
    }

    /// Does something that leads to notes, and divides what the worker took by the documents noted.
    fn measured(&self, count: u32, work: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<Sample> {
        let before = processor_time(self.hearth.worker())?;
        work()?;
        let seen = self.noted(count)?;
        let taken = processor_time(self.hearth.worker())?.saturating_sub(before);
        Ok(Sample {
            cpu_micros: taken.as_secs_f64() * 1e6 / f64::from(count),
            per_second: f64::from(count) / seen.busy_seconds,
            p50_millis: f64::from(seen.p50_micros) / 1000.0,
            p99_millis: f64::from(seen.p99_micros) / 1000.0,
        })
    }

    /// Waits until so many documents were noted.
    fn noted(&self, count: u32) -> anyhow::Result<Seen> {
        let seen = self.queue(&["notes", "--count", &count.to_string()])?;
        if seen.messages != count {
            bail!("{} documents were noted, and {count} were written", seen.messages);
        }
        Ok(seen)
    }

    fn create(&self, count: u32, rate: Option<u32>, written: &mut u32) -> anyhow::Result<()> {
        let (count_text, from) = (count.to_string(), written.to_string());
        let rate = rate.map(|rate| rate.to_string());
        let mut work = vec!["create", "--count", &count_text, "--from", &from];
        work.extend(rate.iter().flat_map(|rate| ["--rate", rate]));
        self.write(&work)?;
        *written += count;
        Ok(())
    }

    /// Whether the function is disabled.
    fn switch(&self, disabled: &str) -> anyhow::Result<()> {
        let setting = format!("AzureWebJobs.{FUNCTION}.Disabled={disabled}");
        self.hearth.client_call(&["settings", "set", &setting, "--app", &self.app.name]).map(drop)
    }

    fn write(&self, work: &[&str]) -> anyhow::Result<()> {
        self.load("hearth-bench-documents", &self.documents, &[], work).map(drop)
    }

    fn queue(&self, work: &[&str]) -> anyhow::Result<Seen> {
        let queue = ["--account", &self.queues.account, "--queue", NOTES];
        self.load("hearth-bench-queue", &self.queues, &queue, work)
    }

    fn load(&self, program: &str, service: &Service, flags: &[&str], work: &[&str]) -> anyhow::Result<Seen> {
        let mut command = Command::new(self.programs.join(program));
        command
            .args(["--to", &service.to.to_string(), "--connections", &CONNECTIONS.to_string()])
            .args(flags)
            .args(work)
            .env("HEARTH_BENCH_KEY", &service.key)
            .stdin(Stdio::null());
        let output = command.output().with_context(|| format!("cannot start {program}"))?;
        if !output.status.success() {
            bail!("the load {work:?} failed: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        serde_json::from_slice(&output.stdout).context("cannot understand the load's result")
    }
}

fn add(rows: &mut Vec<(What, Vec<Sample>)>, what: What, sample: Sample) {
    match rows.iter_mut().find(|(known, _)| *known == what) {
        Some((_, samples)) => samples.push(sample),
        None => rows.push((what, vec![sample])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connection_strings_of_both_services_are_taken_apart() {
        let store = Service::of("AccountEndpoint=http://127.0.0.1:9/;AccountKey=a2V5==;\n", "AccountEndpoint").unwrap();
        assert_eq!((store.to, store.key.as_str()), ("127.0.0.1:9".parse().unwrap(), "a2V5=="));
        let text = "AccountName=shop;AccountKey=a2V5==;QueueEndpoint=http://127.0.0.1:9/shop;";
        let queues = Service::of(text, "QueueEndpoint").unwrap();
        assert_eq!((queues.to, queues.account.as_str()), (store.to, "shop"));
        assert!(Service::of(text, "AccountEndpoint").is_none());
    }
}

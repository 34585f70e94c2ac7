//! `cargo xtask bench documents`: what an item costs by the REST face: create, upsert, point read, pages of a list and of the change feed, with
//! signed requests, beside cosmosdb-server and an HTTP server that does nothing, in the same run.
//!
//! The figure to compare is the processor time of the server for each request. Rates hold what the load leaves of the machine.

mod peer;
mod report;

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args;
use serde::Deserialize;

use super::hearth::Hearth;
use super::load::{Call, Load};
use super::machine::Machine;
use super::server::{Server, processor_time};
use crate::output::step;
use crate::process;
use crate::workspace::Workspace;
use peer::CosmosdbServer;
use report::Report;

/// What the server that does nothing answers.
const HELLO: Call = Call { path: "/api/hello", body: None, answer: "Hello, WASI!\n" };
/// Connections of each load.
const CONNECTIONS: u16 = 16;
/// How long the server that does nothing is called in each round.
const HELLO_SPAN: Duration = Duration::from_secs(1);

/// Flags of `cargo xtask bench documents`.
#[derive(Debug, Args)]
pub(crate) struct DocumentsArgs {
    /// Rounds, of which the median counts
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,
    /// Items of each measurement on Hearth
    #[arg(long, value_name = "N", default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(100..=1_000_000))]
    items: u32,
    /// Items of each measurement on cosmosdb-server
    #[arg(long, value_name = "N", default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(100..=100_000))]
    peer_items: u32,
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

/// A document store and what opens it.
#[derive(Clone, Debug)]
struct Store {
    to: SocketAddr,
    key: String,
}

impl Store {
    /// Of a connection string with a plain endpoint.
    fn of(text: &str) -> Option<Self> {
        let value = |wanted: &str| {
            let mut parts = text.trim().split(';').filter_map(|part| part.split_once('='));
            parts.find(|(name, _)| *name == wanted).map(|(_, value)| value.to_owned())
        };
        let endpoint = value("AccountEndpoint")?;
        let authority = endpoint.strip_prefix("http://")?.split('/').next()?;
        Some(Self { to: authority.parse().ok()?, key: value("AccountKey")? })
    }
}

/// What the load prints.
#[derive(Clone, Copy, Debug, Deserialize)]
struct Seen {
    requests: u32,
    items: u32,
    seconds: f64,
    p50_micros: u32,
    p99_micros: u32,
}

/// One measurement.
#[derive(Clone, Copy, Debug)]
struct Sample {
    /// Of the server, for each request, in microseconds.
    cpu_micros: f64,
    /// Items for each request.
    items: f64,
    per_second: f64,
    p50_millis: f64,
    p99_millis: f64,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// A request that does nothing.
    Hello,
    Create,
    Upsert,
    Read,
    /// A page of 100 items of the list.
    List,
    /// The same of the change feed.
    Feed,
}

/// Whose figure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    Native,
    Peer,
    Hearth,
}

/// The measurements of each row.
type Rows = Vec<(What, Who, Vec<Sample>)>;

/// Measures and prints a table with goals.
///
/// # Errors
/// When a program that takes part is missing or gives a wrong answer.
pub(crate) fn run(workspace: &Workspace, args: &DocumentsArgs) -> anyhow::Result<()> {
    let profile = if args.debug { "debug" } else { "release" };
    if !args.no_build {
        let mut build = workspace.cargo();
        build.args(["build", "-p", "hearth", "-p", "hearth-bench"]);
        process::run(if args.debug { &mut build } else { build.arg("--release") })?;
    }
    let other = CosmosdbServer::install(workspace)?;
    let programs = workspace.target().join(profile);
    let folder = workspace.target().join("bench");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let folder = tempfile::tempdir_in(folder)?;
    let native = programs.join("hearth-bench-native");
    let native = Server::start("the native server", &folder.path().join("native.log"), |port| {
        let mut command = Command::new(&native);
        command.args(["--listen", &format!("127.0.0.1:{port}")]);
        command
    })?;
    let (peer, peer_store) = other.start(folder.path())?;
    let hearth = Hearth::start(&programs, folder.path())?;
    let text = hearth.client_call(&["documents", "connection-string"])?;
    let store = Store::of(&text).context("cannot understand the connection string")?;
    let program = programs.join("hearth-bench-documents");
    let ours = Bench { program: program.clone(), pid: hearth.worker(), store, who: Who::Hearth };
    let theirs = Bench { program, pid: peer.pid(), store: peer_store, who: Who::Peer };
    let load = Load::new(&programs, CONNECTIONS, HELLO_SPAN);

    let mut machine = Machine::alone()?;
    let mut rows = Rows::new();
    for round in 1..=args.rounds {
        step(format_args!("round {round} of {}", args.rounds));
        let hello = native.target("localhost", HELLO);
        load.warm_up(&hello, HELLO_SPAN / 10)?;
        let sample = load.measure(&hello, native.pid(), &[])?;
        add(&mut rows, What::Hello, Who::Native, hello_sample(sample));
        theirs.all(args.peer_items, &mut rows)?;
        ours.all(args.items, &mut rows)?;
        machine.note_load()?;
    }
    drop((native, peer));
    hearth.stop()?;
    Report::new(&rows, args).finish(&machine, &other.version(), workspace, args.write)
}

fn hello_sample(sample: super::load::Sample) -> Sample {
    Sample {
        cpu_micros: sample.cpu_micros,
        items: 0.0,
        per_second: sample.per_second,
        p50_millis: f64::from(sample.p50_micros) / 1000.0,
        p99_millis: f64::from(sample.p99_micros) / 1000.0,
    }
}

/// The load, and the process that answers it.
struct Bench {
    program: PathBuf,
    pid: u32,
    store: Store,
    who: Who,
}

impl Bench {
    /// Everything once, beginning without items.
    fn all(&self, items: u32, rows: &mut Rows) -> anyhow::Result<()> {
        self.load(&["make"])?;
        let count = items.to_string();
        for (what, work) in [(What::Create, "create"), (What::Upsert, "upsert"), (What::Read, "read")] {
            add(rows, what, self.who, self.measured(&[work, "--count", &count])?);
        }
        add(rows, What::List, self.who, self.measured(&["list"])?);
        // The other one's feed is a list that tells no position.
        if self.who == Who::Hearth {
            add(rows, What::Feed, self.who, self.measured(&["feed"])?);
        }
        Ok(())
    }

    fn load(&self, work: &[&str]) -> anyhow::Result<Seen> {
        let mut command = Command::new(&self.program);
        command
            .args(["--to", &self.store.to.to_string(), "--connections", &CONNECTIONS.to_string()])
            .args(work)
            .env("HEARTH_BENCH_KEY", &self.store.key)
            .stdin(Stdio::null());
        let output = command.output().with_context(|| format!("cannot start {}", self.program.display()))?;
        if !output.status.success() {
            bail!("the load {work:?} failed: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        serde_json::from_slice(&output.stdout).context("cannot understand the load's result")
    }

    /// Divides what the server took by the requests of the work.
    fn measured(&self, work: &[&str]) -> anyhow::Result<Sample> {
        let before = processor_time(self.pid)?;
        let seen = self.load(work)?;
        let taken = processor_time(self.pid)?.saturating_sub(before);
        if seen.requests == 0 {
            bail!("nothing was answered to {work:?}");
        }
        let requests = f64::from(seen.requests);
        Ok(Sample {
            cpu_micros: taken.as_secs_f64() * 1e6 / requests,
            items: f64::from(seen.items) / requests,
            per_second: requests / seen.seconds,
            p50_millis: f64::from(seen.p50_micros) / 1000.0,
            p99_millis: f64::from(seen.p99_micros) / 1000.0,
        })
    }
}

fn add(rows: &mut Rows, what: What, who: Who, sample: Sample) {
    match rows.iter_mut().find(|(known, whose, _)| *known == what && *whose == who) {
        Some((_, _, samples)) => samples.push(sample),
        None => rows.push((what, who, vec![sample])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_string_is_taken_apart() {
        let store = Store::of("AccountEndpoint=http://127.0.0.1:9/;AccountKey=a2V5==;\n").unwrap();
        assert_eq!((store.to, store.key.as_str()), ("127.0.0.1:9".parse().unwrap(), "a2V5=="));
        assert!(Store::of("AccountEndpoint=https://shop.example.org/;AccountKey=a2V5==;").is_none());
    }
}

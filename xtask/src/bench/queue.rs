//! `cargo xtask bench queue`: what a message costs, from its put to its end: by the REST face with a 16-way poll loop, beside
//! Azurite in the same run, and by functions in Rust and JavaScript.
//!
//! The figure to compare is the processor time of the server for each message. Rates hold what the load leaves of the machine.

mod azurite;
mod report;

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, bail};
use clap::Args;
use serde::Deserialize;

use super::app::App;
use super::hearth::Hearth;
use super::machine::Machine;
use super::server::processor_time;
use crate::output::step;
use crate::workspace::{Family, Workspace};
use crate::{guests, process};
use azurite::Azurite;
use report::Report;

/// The app in JavaScript, relative to the root.
const JAVASCRIPT: &str = "tests/bench/javascript/queue";
/// The function under measurement in both apps: it notes when it began.
const FUNCTION: &str = "bench";
/// Where it takes its messages from, and where it notes.
const QUEUES: [&str; 2] = ["bench-in", "bench-out"];
/// A queue that no function listens to.
const PLAIN: &str = "bench-plain";
/// Connections of each load.
const CONNECTIONS: u16 = 16;

/// Flags of `cargo xtask bench queue`.
#[derive(Debug, Args)]
pub(crate) struct QueueArgs {
    /// Rounds, of which the median counts
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,
    /// Messages of each measurement on Hearth
    #[arg(long, value_name = "N", default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(100..=1_000_000))]
    messages: u32,
    /// Messages of each measurement on Azurite, which takes longer the more there are
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(100..=100_000))]
    peer_messages: u32,
    /// Messages a second while latency is measured
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    rate: u32,
    /// Messages that lie in the queue beside those that are measured, for the rows that say so
    #[arg(long, value_name = "N", default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1..=5_000_000))]
    depth: u32,
    /// Measure what is built already: guests, release build
    #[arg(long)]
    no_build: bool,
    /// Measure the dev profile: shows that everything works, its figures are worth nothing
    #[arg(long, conflicts_with = "write")]
    debug: bool,
    /// Put the report into docs/benchmarks.md
    #[arg(long)]
    write: bool,
}

/// A queue service and what opens it.
#[derive(Clone, Debug)]
struct Service {
    to: SocketAddr,
    account: String,
    key: String,
}

impl Service {
    /// Of a connection string with a path-style endpoint.
    fn of(text: &str) -> Option<Self> {
        let value = |wanted: &str| {
            let mut parts = text.trim().split(';').filter_map(|part| part.split_once('='));
            parts.find(|(name, _)| *name == wanted).map(|(_, value)| value.to_owned())
        };
        let endpoint = value("QueueEndpoint")?;
        let authority = endpoint.strip_prefix("http://")?.split('/').next()?;
        Some(Self { to: authority.parse().ok()?, account: value("AccountName")?, key: value("AccountKey")? })
    }
}

/// What the load prints.
#[derive(Clone, Copy, Debug, Deserialize)]
struct Seen {
    messages: u32,
    seconds: f64,
    busy_seconds: f64,
    p50_micros: u32,
    p99_micros: u32,
}

/// One measurement.
#[derive(Clone, Copy, Debug)]
struct Sample {
    /// Of the server, for each message, in microseconds.
    cpu_micros: f64,
    per_second: f64,
    p50_millis: f64,
    p99_millis: f64,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// Puts by the REST face.
    Put,
    /// The poll loop: gets of 32, a delete for each message.
    Drain,
    /// Put and taken by the poll loop at once, at a steady rate: latency from put to get.
    Polled,
    /// A function works off what lies in its queue.
    Function,
    /// A function is given messages at a steady rate: latency from put to begin.
    Latency,
}

/// Whose figure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    Azurite,
    Hearth,
    /// Hearth with many more messages in the queue.
    Deep,
    Rust,
    JavaScript,
}

/// The measurements of each row.
type Rows = Vec<(What, Who, Vec<Sample>)>;

/// Measures and prints a table with goals.
///
/// # Errors
/// When a program that takes part is missing or gives a wrong answer.
pub(crate) fn run(workspace: &Workspace, args: &QueueArgs) -> anyhow::Result<()> {
    let profile = if args.debug { "debug" } else { "release" };
    if !args.no_build {
        guests::build_all(workspace)?;
        let mut build = workspace.cargo();
        build.args(["build", "-p", "hearth", "-p", "hearth-bench"]);
        process::run(if args.debug { &mut build } else { build.arg("--release") })?;
    }
    let azurite = Azurite::install(workspace)?;
    let programs = workspace.target().join(profile);
    let folder = workspace.target().join("bench");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let folder = tempfile::tempdir_in(folder)?;
    let (peer, peer_service) = azurite.start(folder.path())?;
    let hearth = Hearth::start(&programs, folder.path())?;
    let apps = [
        (Who::Rust, App::new("queue-rust", &workspace.root().join(Family::Test.packages()).join("events"))),
        (Who::JavaScript, App::new("queue-javascript", &workspace.root().join(JAVASCRIPT))),
    ];
    let mut services = Vec::new();
    for (_, app) in &apps {
        hearth.publish(app)?;
        let text = hearth.client_call(&["queues", "connection-string", "--app", &app.name])?;
        services.push(Service::of(&text).context("cannot understand the connection string")?);
    }
    let ours = Bench { program: programs.join("hearth-bench-queue"), pid: hearth.worker() };
    let theirs = Bench { program: ours.program.clone(), pid: peer.pid() };
    let [rust_service, _] = services.as_slice() else { bail!("two apps were published") };

    let mut machine = Machine::alone()?;
    let mut rows = Rows::new();
    for round in 1..=args.rounds {
        step(format_args!("round {round} of {}", args.rounds));
        theirs.plain(&peer_service, Who::Azurite, args.peer_messages, &mut rows)?;
        theirs.polled(&peer_service, Who::Azurite, args.rate, &mut rows)?;
        ours.plain(rust_service, Who::Hearth, args.messages, &mut rows)?;
        ours.polled(rust_service, Who::Hearth, args.rate, &mut rows)?;
        for ((who, app), service) in apps.iter().zip(&services) {
            ours.function(&hearth, (*who, app, service), args, &mut rows)?;
        }
        machine.note_load()?;
    }
    step(format_args!("{} messages in the queue", args.depth));
    ours.load(rust_service, PLAIN, &["make"])?;
    ours.load(rust_service, PLAIN, &["put", "--count", &args.depth.to_string()])?;
    ours.through(rust_service, Who::Deep, args.messages.min(args.depth), &mut rows)?;
    drop(peer);
    hearth.stop()?;
    Report::new(&rows, args).finish(&machine, &azurite.version(), workspace, args.write)
}

/// The load, and the process that answers it.
struct Bench {
    program: PathBuf,
    pid: u32,
}

impl Bench {
    fn command(&self, service: &Service, queue: &str, work: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(["--to", &service.to.to_string(), "--account", &service.account, "--queue", queue])
            .args(["--connections", &CONNECTIONS.to_string()])
            .args(work)
            .env("HEARTH_BENCH_KEY", &service.key)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn start(&self, service: &Service, queue: &str, work: &[&str]) -> anyhow::Result<Child> {
        let mut command = self.command(service, queue, work);
        command.spawn().with_context(|| format!("cannot start {}", self.program.display()))
    }

    fn load(&self, service: &Service, queue: &str, work: &[&str]) -> anyhow::Result<Seen> {
        ended(self.start(service, queue, work)?)
    }

    /// Runs `work` and divides what the server took by the messages of its result.
    fn measured(&self, work: impl FnOnce() -> anyhow::Result<Seen>) -> anyhow::Result<Sample> {
        let before = processor_time(self.pid)?;
        let seen = work()?;
        let taken = processor_time(self.pid)?.saturating_sub(before);
        if seen.messages == 0 {
            bail!("no message was seen");
        }
        let seconds = if seen.busy_seconds > 0.0 { seen.busy_seconds } else { seen.seconds };
        Ok(Sample {
            cpu_micros: taken.as_secs_f64() * 1e6 / f64::from(seen.messages),
            per_second: f64::from(seen.messages) / seconds,
            p50_millis: f64::from(seen.p50_micros) / 1000.0,
            p99_millis: f64::from(seen.p99_micros) / 1000.0,
        })
    }

    /// Puts, and then the poll loop, on an empty queue.
    fn plain(&self, service: &Service, who: Who, messages: u32, rows: &mut Rows) -> anyhow::Result<()> {
        self.load(service, PLAIN, &["make"])?;
        self.through(service, who, messages, rows)
    }

    /// The same on what there is.
    fn through(&self, service: &Service, who: Who, messages: u32, rows: &mut Rows) -> anyhow::Result<()> {
        let count = messages.to_string();
        let put = self.measured(|| self.load(service, PLAIN, &["put", "--count", &count]))?;
        add(rows, What::Put, who, put);
        let drain = self.measured(|| self.load(service, PLAIN, &["drain", "--count", &count]))?;
        add(rows, What::Drain, who, drain);
        Ok(())
    }

    /// Both at once, at a rate.
    fn polled(&self, service: &Service, who: Who, rate: u32, rows: &mut Rows) -> anyhow::Result<()> {
        self.load(service, PLAIN, &["make"])?;
        let (count, rate) = (paced(rate).to_string(), rate.to_string());
        let sample = self.measured(|| {
            let drain = self.start(service, PLAIN, &["drain", "--count", &count])?;
            self.load(service, PLAIN, &["put", "--count", &count, "--rate", &rate])?;
            ended(drain)
        })?;
        add(rows, What::Polled, who, sample);
        Ok(())
    }

    fn function(
        &self,
        hearth: &Hearth,
        (who, app, service): (Who, &App, &Service),
        args: &QueueArgs,
        rows: &mut Rows,
    ) -> anyhow::Result<()> {
        let disabled = format!("AzureWebJobs.{FUNCTION}.Disabled");
        hearth.client_call(&["settings", "set", &format!("{disabled}=true"), "--app", &app.name])?;
        for queue in QUEUES {
            self.load(service, queue, &["make"])?;
        }
        let count = args.messages.to_string();
        self.load(service, QUEUES[0], &["put", "--count", &count])?;
        hearth.client_call(&["settings", "set", &format!("{disabled}=false"), "--app", &app.name])?;
        let sample = self.measured(|| {
            self.load(service, QUEUES[0], &["until", "--left", "0"])?;
            // Waits for the last to be handled; what reading the notes costs is little beside it and counted too.
            self.load(service, QUEUES[1], &["notes", "--count", &count])
        })?;
        add(rows, What::Function, who, sample);
        let (count, rate) = (paced(args.rate).to_string(), args.rate.to_string());
        self.load(service, QUEUES[0], &["put", "--count", &count, "--rate", &rate])?;
        let sample = self.measured(|| self.load(service, QUEUES[1], &["notes", "--count", &count]))?;
        add(rows, What::Latency, who, sample);
        Ok(())
    }
}

/// Messages of a measurement at a rate: those of five seconds.
fn paced(rate: u32) -> u32 {
    rate * 5
}

fn ended(child: Child) -> anyhow::Result<Seen> {
    let output = child.wait_with_output()?;
    if !output.status.success() {
        bail!("the load failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    serde_json::from_slice(&output.stdout).context("cannot understand the load's result")
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
        let text =
            "DefaultEndpointsProtocol=http;AccountName=shop;AccountKey=a2V5==;QueueEndpoint=http://127.0.0.1:9/shop;\n";
        let service = Service::of(text).unwrap();
        assert_eq!((service.account.as_str(), service.key.as_str()), ("shop", "a2V5=="));
        assert_eq!(service.to, "127.0.0.1:9".parse().unwrap());
        assert!(Service::of("UseDevelopmentStorage=true").is_none());
    }
}

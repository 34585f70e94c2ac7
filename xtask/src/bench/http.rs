//! `cargo xtask bench http`: what one HTTP call costs, beside native code and `wasmtime serve` with the same guest.
//!
//! All servers run at once and are called in turns, round after round, so that what disturbs the machine disturbs all of
//! them. The figure to compare is the processor time that a server took for one request; requests per second also hold
//! what the load generator leaves of the machine.

mod report;
mod start;

use std::fs;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;

use crate::workspace::{Family, Workspace};
use crate::{guests, process};
use report::Report;

use super::app::App;
use super::call::{refused_without_key, until_answered};
use super::hearth::Hearth;
use super::load::{Call, Load, Sample, Target};
use super::machine::Machine;
use super::peer::Wasmtime;
use super::server::{self, Server};

/// What the sample hello-http and the native server answer.
const HTTP_CALL: Call = Call { path: "/api/hello", body: None, answer: "Hello, WASI!\n" };
/// What the sample hello-rust answers.
const TYPED_CALL: Call = Call { path: "/api/hello", body: None, answer: "Hello, stranger!\n" };
/// Requests that one instance serves where instances are reused.
const REUSE: u32 = 1000;
/// Called before the first round, for what is only slow once.
const WARM_UP: Duration = Duration::from_secs(1);
/// Called before each measured span, for what another server left in the processor's caches.
const TURN: Duration = Duration::from_millis(200);

/// Flags of `cargo xtask bench http`.
#[derive(Debug, Args)]
pub(crate) struct HttpArgs {
    /// Connections that call at the same time
    #[arg(long, value_name = "N", default_value_t = 32)]
    connections: u16,
    /// Rounds, of which the median counts: many short ones rather than few long ones
    #[arg(long, value_name = "N", default_value_t = 21, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,
    /// Length of one measurement
    #[arg(long, value_name = "SECONDS", default_value_t = 1)]
    seconds: u64,
    /// Measure the calls only: no start-up times
    #[arg(long)]
    calls_only: bool,
    /// Measure what is built already: samples, release build, peer
    #[arg(long)]
    no_build: bool,
    /// Put the report into docs/benchmarks.md
    #[arg(long, conflicts_with = "calls_only")]
    write: bool,
}

/// What a row of the report is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Native,
    Fresh,
    Reuse,
}

/// One server as it is called, and what came of it.
struct Subject {
    name: &'static str,
    class: Class,
    peer: bool,
    typed: bool,
    /// Of many functions, called with a key: what the goals are about.
    large: bool,
    target: Target,
    /// The process that answers, and those that belong to it.
    answering: u32,
    others: Vec<u32>,
    samples: Vec<Sample>,
}

/// Measures and prints one table with ratios.
///
/// # Errors
/// When a program that takes part is missing or gives a wrong answer.
pub(crate) fn run(workspace: &Workspace, args: &HttpArgs) -> anyhow::Result<()> {
    if !args.no_build {
        guests::build_all(workspace)?;
        let mut build = workspace.cargo();
        process::run(build.args(["build", "--release", "-p", "hearth", "-p", "hearth-bench"]))?;
    }
    let wasmtime = Wasmtime::install(workspace)?;
    let programs = workspace.target().join("release");
    let folder = workspace.target().join("bench");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let folder = tempfile::tempdir_in(folder)?;
    let samples = workspace.root().join(Family::Sample.packages());
    let guest = samples.join("hello-http/app.wasm");

    let mut hearth = Hearth::start(&programs, folder.path())?;
    let idle = hearth.memory()?;
    let [http, typed] = ["hello-http", "hello-rust"].map(|name| App::new(name, &samples.join(name)));
    let reused = [http.with_reuse(folder.path(), "reuse", REUSE)?, typed.with_reuse(folder.path(), "reuse", REUSE)?];
    let small = [&http, &typed, &reused[0], &reused[1]];
    let large = small.map(|app| app.large(folder.path()));
    let large = large.into_iter().collect::<anyhow::Result<Vec<_>>>()?;
    for app in small.into_iter().chain(&large) {
        hearth.publish(app)?;
    }
    let native = {
        let program = programs.join("hearth-bench-native");
        Server::start("axum", &folder.path().join("axum.log"), |port| {
            let mut command = std::process::Command::new(&program);
            command.arg("--listen").arg(format!("127.0.0.1:{port}"));
            command
        })?
    };
    let [fresh, reusing] = [None, Some(REUSE)].map(|reuse| {
        Server::start("wasmtime", &folder.path().join("wasmtime.log"), |p| wasmtime.serve(&guest, p, reuse))
    });
    let (fresh, reusing) = (fresh?, reusing?);

    let plain = |name, class, server: &Server| Subject {
        name,
        class,
        peer: class != Class::Native,
        typed: false,
        large: false,
        target: server.target("localhost", HTTP_CALL),
        answering: server.pid(),
        others: Vec::new(),
        samples: Vec::new(),
    };
    let ours = |name, class, app: &App, call: Call| Subject {
        name,
        class,
        peer: false,
        typed: call.answer == TYPED_CALL.answer,
        large: app.key.is_some(),
        target: hearth.target(app, call),
        answering: hearth.worker(),
        others: hearth.others(),
        samples: Vec::new(),
    };
    let mut subjects = [
        plain("axum, native", Class::Native, &native),
        plain("`wasmtime serve`, fresh instance", Class::Fresh, &fresh),
        ours("Hearth, fresh instance, `wasi:http`", Class::Fresh, &http, HTTP_CALL),
        ours("Hearth, fresh instance, typed", Class::Fresh, &typed, TYPED_CALL),
        ours("Hearth, fresh instance, `wasi:http`, key and 50 functions", Class::Fresh, &large[0], HTTP_CALL),
        ours("Hearth, fresh instance, typed, key and 50 functions", Class::Fresh, &large[1], TYPED_CALL),
        plain("`wasmtime serve`, reuse", Class::Reuse, &reusing),
        ours("Hearth, reuse, `wasi:http`", Class::Reuse, &reused[0], HTTP_CALL),
        ours("Hearth, reuse, typed", Class::Reuse, &reused[1], TYPED_CALL),
        ours("Hearth, reuse, `wasi:http`, key and 50 functions", Class::Reuse, &large[2], HTTP_CALL),
        ours("Hearth, reuse, typed, key and 50 functions", Class::Reuse, &large[3], TYPED_CALL),
    ];
    let mut machine = Machine::look(&wasmtime)?;
    let load = Load::new(&programs, args.connections, Duration::from_secs(args.seconds));
    for subject in &subjects {
        until_answered(&subject.target, Duration::from_secs(30))?;
        if subject.large {
            refused_without_key(&subject.target)?;
        }
        load.warm_up(&subject.target, WARM_UP)?;
    }
    for round in 0..args.rounds {
        for turn in 0..subjects.len() {
            // Every other round goes backwards, so that no server always comes after the same one.
            let at = if round % 2 == 0 { turn } else { subjects.len() - 1 - turn };
            let subject = &mut subjects[at];
            load.warm_up(&subject.target, TURN)?;
            subject.samples.push(load.measure(&subject.target, subject.answering, &subject.others)?);
        }
        machine.note_load()?;
    }
    let warm = hearth.memory()?;
    let mut report = Report::new(&subjects, args.connections, args.rounds, args.seconds);
    report.memory(idle, warm, server::memory(&[fresh.pid()])?);
    drop((native, fresh, reusing));
    if !args.calls_only {
        report.starts(start::measure(&mut hearth, &wasmtime, &guest, [&http, &typed], folder.path())?);
        hearth.stop()?;
    }
    report.finish(&machine, workspace, args.write)
}

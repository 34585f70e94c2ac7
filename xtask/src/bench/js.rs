//! `cargo xtask bench js`: what JavaScript costs, beside the same handlers made into components by componentize-js and
//! served by `wasmtime serve`, and beside a guest in Rust.
//!
//! As in `bench http` all servers run at once and are called in turns, and the figure to compare is processor time.

mod componentize;
mod first;
mod report;

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;

use super::app::App;
use super::call::{LIMIT, until_answered};
use super::hearth::Hearth;
use super::load::{Call, Load, Sample, Target};
use super::machine::Machine;
use super::peer::Wasmtime;
use super::server::Server;
use crate::workspace::{Family, Workspace};
use crate::{guests, process};
use report::Report;

/// The apps under measurement, relative to the root: one folder for each programming model.
const APPS: &str = "tests/bench/javascript";
/// Greets whom the query names.
const HELLO: Call = Call { path: "/api/hello", body: None, answer: "Hello, stranger!\n" };
/// Reads 70 bytes of JSON, goes through its properties and answers with JSON.
const JSON: Call = Call {
    path: "/api/json",
    body: Some(r#"{"id":12345,"item":"a cup of tea","count":3,"price":4.5,"paid":false }"#),
    answer: r#"{"summary":"id=12345;item=a cup of tea;count=3;price=4.5;paid=false;","length":56}"#,
};
/// Requests that one instance of the peer serves where instances are reused: what Hearth does with JavaScript by default.
const REUSE: u32 = 1000;
/// How long the peer may take to compile 12 MB of WebAssembly when it has not done so before.
const PEER_LIMIT: Duration = Duration::from_secs(300);
/// Called before each measured span, for what is only slow once.
const WARM_UP: Duration = Duration::from_secs(1);

/// Flags of `cargo xtask bench js`.
#[derive(Debug, Args)]
pub(crate) struct JsArgs {
    /// Connections that call at the same time
    #[arg(long, value_name = "N", default_value_t = 32)]
    connections: u16,
    /// Rounds, of which the median counts
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,
    /// Length of one measurement
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    seconds: u64,
    /// Measure what is built already: engine guests, samples, release build, peer
    #[arg(long)]
    no_build: bool,
    /// Measure the dev profile: shows that everything works, its figures are worth nothing
    #[arg(long, conflicts_with = "write")]
    debug: bool,
    /// Put the report into docs/benchmarks.md
    #[arg(long)]
    write: bool,
}

/// Whose instance answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    /// Each call has one of its own.
    Fresh,
    /// One that has answered before.
    Warm,
}

/// What a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Peer,
    Rust,
    V3,
    V4,
}

/// One server as it is called, and what came of it.
struct Subject {
    kind: Kind,
    class: Class,
    target: Target,
    answering: u32,
    samples: Vec<Sample>,
}

/// Measures and prints tables with ratios.
///
/// # Errors
/// When a program that takes part is missing or gives a wrong answer.
pub(crate) fn run(workspace: &Workspace, args: &JsArgs) -> anyhow::Result<()> {
    let profile = if args.debug { "debug" } else { "release" };
    if !args.no_build {
        guests::build_all(workspace)?;
        let mut build = workspace.cargo();
        build.args(["build", "-p", "hearth", "-p", "hearth-bench"]);
        process::run(if args.debug { &mut build } else { build.arg("--release") })?;
    }
    let wasmtime = Wasmtime::install(workspace)?;
    let components = componentize::components(workspace)?;
    let programs = workspace.target().join(profile);
    let folder = workspace.target().join("bench");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let folder = tempfile::tempdir_in(folder)?;

    let mut hearth = Hearth::start(&programs, folder.path())?;
    let apps = Apps::new(workspace, folder.path())?;
    // Before anything else is published: the first JavaScript of an installation.
    let first = first::measure(&mut hearth, &apps, folder.path())?;
    for app in apps.all() {
        hearth.publish(app)?;
    }
    let serve = |component: &Path, reuse, call| {
        let server = Server::start("wasmtime", &folder.path().join("wasmtime.log"), |port| {
            let mut command = wasmtime.serve(component, port, reuse);
            // StarlingMonkey asks for a terminal and arguments, which the server offers only when told to.
            command.args(["-S", "cli"]);
            command
        })?;
        // One after the other, so that the second finds what the first compiled.
        until_answered(&server.target("localhost", call), PEER_LIMIT)?;
        anyhow::Ok(server)
    };
    let [hello, json] = &components;
    let (hello_fresh, hello_warm) = (serve(hello, None, HELLO)?, serve(hello, Some(REUSE), HELLO)?);
    let (json_fresh, json_warm) = (serve(json, None, JSON)?, serve(json, Some(REUSE), JSON)?);

    let peer = |class, server: &Server, call| Subject {
        kind: Kind::Peer,
        class,
        target: server.target("localhost", call),
        answering: server.pid(),
        samples: Vec::new(),
    };
    let ours = |kind, class, app: &App, call| Subject {
        kind,
        class,
        target: hearth.target(app, call),
        answering: hearth.worker(),
        samples: Vec::new(),
    };
    let mut subjects = vec![
        peer(Class::Fresh, &hello_fresh, HELLO),
        peer(Class::Warm, &hello_warm, HELLO),
        ours(Kind::Rust, Class::Fresh, &apps.rust[0], HELLO),
        ours(Kind::Rust, Class::Warm, &apps.rust[1], HELLO),
    ];
    for (kind, [fresh, warm]) in [(Kind::V3, &apps.v3), (Kind::V4, &apps.v4)] {
        subjects.push(ours(kind, Class::Fresh, fresh, HELLO));
        subjects.push(ours(kind, Class::Warm, warm, HELLO));
    }
    subjects.extend([peer(Class::Fresh, &json_fresh, JSON), peer(Class::Warm, &json_warm, JSON)]);
    for (kind, [fresh, warm]) in [(Kind::V3, &apps.v3), (Kind::V4, &apps.v4)] {
        subjects.push(ours(kind, Class::Fresh, fresh, JSON));
        subjects.push(ours(kind, Class::Warm, warm, JSON));
    }
    for subject in &subjects {
        until_answered(&subject.target, LIMIT)?;
    }

    let mut machine = Machine::look(&wasmtime)?;
    let load = Load::new(&programs, args.connections, Duration::from_secs(args.seconds));
    for _ in 0..args.rounds {
        for subject in &mut subjects {
            load.warm_up(&subject.target, WARM_UP)?;
            subject.samples.push(load.measure(&subject.target, subject.answering, &[])?);
        }
        machine.note_load()?;
    }
    drop((hello_fresh, hello_warm, json_fresh, json_warm));
    hearth.stop()?;
    let spans = format!("{} connections, {} rounds of {} s", args.connections, args.rounds, args.seconds);
    let mut report = Report::new(&subjects, &spans);
    report.first(&first);
    report.finish(&machine, &componentize::version(workspace)?, workspace, args.write)
}

/// Each app with an instance for each call, and with instances that are reused.
struct Apps {
    v3: [App; 2],
    v4: [App; 2],
    rust: [App; 2],
}

impl Apps {
    fn new(workspace: &Workspace, folder: &Path) -> anyhow::Result<Self> {
        let root = workspace.root();
        let both = |name: &str, package: &Path| -> anyhow::Result<[App; 2]> {
            let app = App::new(name, package);
            Ok([app.with_reuse(folder, "fresh", 0)?, app.with_reuse(folder, "reuse", REUSE)?])
        };
        Ok(Self {
            v3: both("javascript-v3", &root.join(APPS).join("v3"))?,
            v4: both("javascript-v4", &root.join(APPS).join("v4"))?,
            rust: both("rust", &root.join(Family::Sample.packages()).join("hello-rust"))?,
        })
    }

    fn all(&self) -> impl Iterator<Item = &App> {
        [&self.v3, &self.v4, &self.rust].into_iter().flatten()
    }
}

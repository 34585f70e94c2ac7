//! `cargo xtask bench`: measurements, one module per area. A benchmark is a report with machine and date, never a
//! test with a time limit, so nothing here fails because a machine is slow.

mod app;
mod call;
mod changefeed;
mod documents;
mod goals;
mod hearth;
mod http;
mod js;
mod load;
mod machine;
mod page;
mod peer;
mod queue;
mod server;
mod state;

use clap::Subcommand;

use crate::workspace::Workspace;

/// The areas that can be measured.
#[derive(Debug, Subcommand)]
pub(crate) enum Bench {
    /// Change feeds: from a write to the begin of a function, and catching up
    Changefeed(changefeed::ChangefeedArgs),
    /// Documents: create, upsert, point read, pages of a list and of the change feed, beside cosmosdb-server
    Documents(documents::DocumentsArgs),
    /// CPU per request and requests per second: native axum, `wasmtime serve`, Hearth fresh and Hearth with reuse
    Http(http::HttpArgs),
    /// The JavaScript engine: first use, app load, cold call, CPU per call, beside componentize-js and a Rust guest
    Js(js::JsArgs),
    /// Queues: puts, a poll loop, and functions from put to begin, Rust and JavaScript, beside Azurite
    Queue(queue::QueueArgs),
    /// Host state: commits, claims and renewals a second, group commit beside one-row commits, two processes on one file
    State(state::StateArgs),
}

/// Runs the chosen benchmark.
pub(crate) fn run(workspace: &Workspace, bench: &Bench) -> anyhow::Result<()> {
    match bench {
        Bench::Changefeed(args) => changefeed::run(workspace, args),
        Bench::Documents(args) => documents::run(workspace, args),
        Bench::Http(args) => http::run(workspace, args),
        Bench::Js(args) => js::run(workspace, args),
        Bench::Queue(args) => queue::run(workspace, args),
        Bench::State(args) => state::run(workspace, args),
    }
}

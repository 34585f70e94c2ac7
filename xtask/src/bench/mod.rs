//! `cargo xtask bench`: measurements, one module per area. A benchmark is a report with machine and date, never a
//! test with a time limit, so nothing here fails because a machine is slow.

mod http;

use clap::Subcommand;

use crate::workspace::Workspace;

/// The areas that can be measured.
#[derive(Debug, Subcommand)]
pub(crate) enum Bench {
    /// CPU per request and requests per second: native axum, `wasmtime serve`, Hearth fresh and Hearth with reuse
    Http(http::HttpArgs),
}

/// Runs the chosen benchmark.
pub(crate) fn run(workspace: &Workspace, bench: &Bench) -> anyhow::Result<()> {
    match bench {
        Bench::Http(args) => http::run(workspace, args),
    }
}

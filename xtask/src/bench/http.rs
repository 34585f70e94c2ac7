//! `cargo xtask bench http`: what one HTTP call costs, beside native code and `wasmtime serve` with the same guest.

use anyhow::bail;
use clap::Args;

use crate::workspace::Workspace;

/// Flags of `cargo xtask bench http`.
#[derive(Debug, Args)]
pub(crate) struct HttpArgs {
    /// Connections that call at the same time
    #[arg(long, value_name = "N", default_value_t = 32)]
    connections: u32,
}

/// Measures and prints one table with ratios.
///
/// # Errors
/// When a program that takes part is missing or does not answer.
pub(crate) fn run(workspace: &Workspace, args: &HttpArgs) -> anyhow::Result<()> {
    bail!(
        "no HTTP load generator is part of {} yet; nothing was measured at {} connections",
        workspace.root().display(),
        args.connections
    )
}

//! dist
use clap::Args;
use crate::workspace::Workspace;
/// Flags of `cargo xtask dist`.
#[derive(Debug, Args)]
pub(crate) struct DistArgs {}
pub(crate) fn run(_workspace: &Workspace, _args: &DistArgs) -> anyhow::Result<()> { Ok(()) }

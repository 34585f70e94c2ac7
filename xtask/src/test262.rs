//! `cargo xtask test262 DIR`: the language part of a checkout of test262 against the JavaScript engine.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;

use crate::guests;
use crate::process;
use crate::workspace::Workspace;

/// Flags of `cargo xtask test262`.
#[derive(Debug, Args)]
pub(crate) struct Test262Args {
    /// A checkout of test262
    #[arg(value_name = "DIR")]
    checkout: PathBuf,
    /// Only tests whose path holds this text, such as `statements/class`
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
}

/// Runs the suite and prints what failed and how much passed.
pub(crate) fn run(workspace: &Workspace, args: &Test262Args) -> anyhow::Result<()> {
    let checkout = args.checkout.canonicalize().with_context(|| format!("{} is missing", args.checkout.display()))?;
    guests::build_engine(workspace)?;
    let mut test = workspace.cargo();
    // The packages of `cargo xtask test`, so that nothing is built with other features.
    test.args(["test", "--test", "test262"]);
    test.args(workspace.default_members().iter().flat_map(|package| ["-p", package]));
    test.args(["--", "the_language_is_ecmascript", "--nocapture"]);
    test.env("HEARTH_TEST262", checkout);
    if let Some(filter) = &args.filter {
        test.env("HEARTH_TEST262_FILTER", filter);
    }
    process::run(&mut test)
}

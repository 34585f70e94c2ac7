//! `cargo xtask test`: everything that needs no outside server. One selection of packages and one profile for the build
//! and the tests, so that every dependency is compiled once.

use clap::Args;

use crate::guests;
use crate::output::step;
use crate::process::run as run_command;
use crate::workspace::Workspace;

/// Native parts of the guest SDK, which are no default members because their product is a guest.
const SDK: [&str; 2] = ["hearth-sdk", "hearth-sdk-macros"];

/// Flags of `cargo xtask test`.
#[derive(Debug, Args)]
pub(crate) struct TestArgs {
    /// Only these packages; all when none is given
    #[arg(short, long = "package", value_name = "NAME")]
    packages: Vec<String>,
    /// Passed on to `cargo test`: a filter, or `-- --nocapture`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENTS")]
    rest: Vec<String>,
}

/// Builds and tests.
pub(crate) fn run(workspace: &Workspace, args: &TestArgs) -> anyhow::Result<()> {
    guests::build_all(workspace)?;
    // The whole-system tests start target/debug/hearth. Built with the test targets it shares their dependencies.
    step("building hearth and the tests");
    let everything = selection(workspace, &[]);
    run_command(workspace.cargo().args(["build", "--lib", "--bins", "--tests", "--examples"]).args(&everything))?;
    step("running the tests");
    let chosen = selection(workspace, &args.packages);
    run_command(workspace.cargo().args(["test", "--no-fail-fast"]).args(chosen).args(&args.rest))
}

fn selection(workspace: &Workspace, chosen: &[String]) -> Vec<String> {
    let all = || workspace.default_members().into_iter().chain(SDK).map(str::to_owned).collect();
    let names: Vec<String> = if chosen.is_empty() { all() } else { chosen.to_vec() };
    names.into_iter().flat_map(|name| ["-p".to_owned(), name]).collect()
}

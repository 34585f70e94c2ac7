//! `cargo xtask test`: everything that needs no outside server. One selection of packages and one profile for the build
//! and the tests, so that every dependency is compiled once.

use clap::Args;

use crate::guests;
use crate::output::step;
use crate::process::run as run_command;
use crate::workspace::{Family, Workspace};

/// Native parts of the guest SDK, which are no default members because their product is a guest.
const SDK: [&str; 2] = ["hearth-sdk", "hearth-sdk-macros"];

/// The JavaScript engine has unit tests that run natively. They are built apart from the rest, whose dependencies would otherwise be built
/// with the features that it wants of them.
const JAVASCRIPT: &str = "hearth-javascript";

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
    let everything = selection(&native_packages(workspace));
    run_command(workspace.cargo().args(["build", "--bins", "--tests", "--examples"]).args(&everything))?;
    step("running the tests");
    let chosen = if args.packages.is_empty() { everything } else { selection(&args.packages) };
    let result = run_command(workspace.cargo().args(["test", "--no-fail-fast"]).args(chosen).args(&args.rest));
    if args.packages.is_empty() {
        run_command(workspace.cargo().args(["test", "--lib", "-p", JAVASCRIPT]).args(&args.rest))?;
    }
    result
}

/// What has tests that run natively: the default members, the SDK, and the samples' own unit tests.
fn native_packages(workspace: &Workspace) -> Vec<String> {
    let samples = workspace.guests().into_iter().filter(|guest| guest.family == Family::Sample);
    let default = workspace.default_members().into_iter().chain(SDK).map(str::to_owned);
    default.chain(samples.map(|sample| sample.crate_name)).collect()
}

fn selection(names: &[String]) -> Vec<String> {
    names.iter().flat_map(|name| ["-p".to_owned(), name.clone()]).collect()
}

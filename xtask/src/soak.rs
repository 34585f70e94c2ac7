//! `cargo xtask soak`: chaos at full length. The tests are those of an ordinary run, which goes on for a twentieth of the
//! time; here they say what they saw.

use clap::Args;

use crate::guests;
use crate::output::step;
use crate::process::run as run_command;
use crate::workspace::Workspace;

/// How long host state is away.
const OUTAGE_SECONDS: u64 = 60;
/// Schedules of the simulated month.
const TIMERS: usize = 1000;
/// What is run unless another filter is given.
const PARTS: [&str; 6] = ["claims::", "documents::", "installation::", "messages::", "partition::", "outage::"];
/// Messages that must be worked on.
const MESSAGES: usize = 50_000;

/// Flags of `cargo xtask soak`.
#[derive(Debug, Args)]
pub(crate) struct SoakArgs {
    /// How long each part goes on
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=1440))]
    minutes: u64,
    /// Repeats the kills of an earlier run, which showed this number
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// Only the tests whose name has this in it
    #[arg(value_name = "FILTER")]
    filter: Option<String>,
}

/// Builds, and runs one test after the other.
pub(crate) fn run(workspace: &Workspace, args: &SoakArgs) -> anyhow::Result<()> {
    guests::build_all(workspace)?;
    let packages = ["-p", "hearth", "-p", "hearth-tests"];
    run_command(workspace.cargo().args(["build", "--bins"]).args(packages))?;
    step(format_args!("chaos, {} minutes for each part", args.minutes));
    let mut test = workspace.cargo();
    test.args(["test", "-p", "hearth-tests", "--test", "chaos", "--test", "hops", "--"]);
    match &args.filter {
        Some(filter) => test.arg(filter),
        None => test.args(PARTS),
    };
    test.args(["--nocapture", "--test-threads=1"]);
    test.env("HEARTH_CHAOS_SECONDS", (args.minutes * 60).to_string());
    test.env("HEARTH_CHAOS_MESSAGES", MESSAGES.to_string());
    test.env("HEARTH_OUTAGE_SECONDS", OUTAGE_SECONDS.to_string());
    if let Some(seed) = args.seed {
        test.env("HEARTH_CHAOS_SEED", seed.to_string());
    }
    run_command(&mut test)?;
    if args.filter.is_none() {
        step(format_args!("a simulated month of {TIMERS} timers on three workers"));
        let mut month = workspace.cargo();
        month.args([
            "test",
            "-p",
            "hearth",
            "-p",
            "hearth-tests",
            "-p",
            "hearth-triggers",
            "--test",
            "timers",
            "--",
            "month::",
        ]);
        run_command(month.env("HEARTH_TEST_TIMERS", TIMERS.to_string()))?;
    }
    Ok(())
}

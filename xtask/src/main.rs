//! `cargo xtask`: the developer commands of Hearth. They need Rust and, for some, apt or rustup to fetch a WebAssembly
//! target; they say what they install before they do, and never change the user's default toolchain.

mod bench;
mod check;
mod console;
mod dist;
mod environment;
mod guests;
mod output;
mod package;
mod process;
mod ready;
mod run;
mod soak;
mod test;
mod test262;
mod toolchain;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use workspace::Workspace;

/// Build, run, test and package Hearth from a checkout.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Build everything and run `hearth up` with the samples published, until Ctrl-C
    Run(run::RunArgs),
    /// Install what is missing, build, and run every test
    Test(test::TestArgs),
    /// Kill processes of a working installation over and over and check what was acknowledged, at full length
    Soak(soak::SoakArgs),
    /// Formatting, clippy and rustdoc with warnings as errors, and cargo-deny where it is installed
    Check,
    /// Build the WebAssembly guests into ready package folders (target/samples, target/test-guests)
    Guests(guests::GuestsArgs),
    /// Build a release tarball and a .deb with checksums, SBOM and third-party notices (target/dist)
    Dist(dist::DistArgs),
    /// Run the language part of test262, from a checkout, against the JavaScript engine
    Test262(test262::Test262Args),
    /// Measure, and print a report
    #[command(subcommand)]
    Bench(bench::Bench),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match Workspace::load().and_then(|workspace| dispatch(&workspace, &cli.command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::complain(format_args!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn dispatch(workspace: &Workspace, command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Run(args) => run::run(workspace, args),
        Command::Test(args) => test::run(workspace, args),
        Command::Soak(args) => soak::run(workspace, args),
        Command::Check => check::run(workspace),
        Command::Guests(args) => guests::run(workspace, args),
        Command::Dist(args) => dist::run(workspace, args),
        Command::Test262(args) => test262::run(workspace, args),
        Command::Bench(bench) => bench::run(workspace, bench),
    }
}

//! The `hearth` command: one binary that is the supervisor, each role and the client, chosen by its subcommand.
//!
//! Settings are resolved and checked in `config` before anything is bound or opened; every failure ends as one line on
//! standard error and a documented exit code, never as a panic message.

mod client;
mod command;
mod config;
mod exit;
mod log;
mod output;
mod package;
mod platform;
mod role;
mod scaffold;
mod supervisor;

use std::process::ExitCode;

fn main() -> ExitCode {
    let invocation = match config::resolve(command::cli(), std::env::args_os()) {
        Ok(invocation) => invocation,
        Err(stop) => return stop.report(),
    };
    match command::run(invocation) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

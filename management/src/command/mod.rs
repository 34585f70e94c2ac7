//! The subcommands, one file each, and which runtime each needs.

mod apps;
mod backup;
mod check;
mod config;
mod documents;
mod init;
mod input;
mod invoke;
mod keys;
mod listing;
mod management;
mod new;
mod publish;
mod queues;
mod restore;
mod rotate_key;
mod settings;
mod start;
mod up;
mod worker;
mod workers;

use std::time::Duration;

use clap::{CommandFactory, Parser, Subcommand};
use tokio::runtime::{Builder, Runtime};

use crate::config::Invocation;
use crate::config::settings::CommonSettings;
use crate::exit::{EXIT_CODES, Failure};
use crate::log;

/// Hearth: the Azure Functions model on your own machines
#[derive(Debug, Parser)]
#[command(name = "hearth", version, after_help = EXIT_CODES, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    common: CommonSettings,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a new function app
    Init(init::Arguments),
    /// Make a function from a template, in the function app of this folder
    New(new::Arguments),
    /// Run the function app of a folder while you write it: loaded again whenever a file changes
    Start(start::Arguments),
    /// Run everything on this machine: management and workers, restarted when they die
    Up(Box<up::Arguments>),
    /// Run the management role in the foreground
    Management(management::Arguments),
    /// Run one worker in the foreground
    Worker(Box<worker::Arguments>),
    /// Publish a function app from a directory or a zip file
    Publish(publish::Arguments),
    /// Tell what of an app runs here, what does not, and what to change
    Check(check::Arguments),
    /// List, show, roll back and delete function apps
    Apps(apps::Arguments),
    /// List and change the settings of function apps
    Settings(settings::Arguments),
    /// List and change the keys that open function apps
    Keys(keys::Arguments),
    /// Look after the accounts of the document store, and bring items into it and out of it
    Documents(documents::Arguments),
    /// Look after the accounts of the queue service, and show how programs reach them
    Queues(queues::Arguments),
    /// Run a function by hand, whatever starts it, and tell how it went
    Invoke(invoke::Arguments),
    /// List workers, let machines join, and take workers out
    Workers(workers::Arguments),
    /// Copy host state to a file, while everything runs
    Backup(backup::Arguments),
    /// Put a backup in the place of host state, while nothing runs
    Restore(restore::Arguments),
    /// Put a new installation key in place of the old one, while nothing runs
    RotateKey(rotate_key::Arguments),
    /// Look at settings
    Config(config::Arguments),
}

/// The command line as the parser sees it. The values of environment variables are kept out of help: some are secrets.
pub(crate) fn cli() -> clap::Command {
    fn hide_values(command: clap::Command) -> clap::Command {
        let command = command.mut_args(|arg| arg.hide_env_values(true));
        let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
        names.into_iter().fold(command, |command, name| command.mut_subcommand(name, hide_values))
    }
    hide_values(Cli::command())
}

/// Time for what a role leaves behind: tasks that are dropped say so in the log.
const LAST_WORK: Duration = Duration::from_secs(1);

/// Runs the chosen subcommand to its end.
pub(crate) fn run(invocation: Invocation) -> Result<(), Failure> {
    let Invocation { cli, matches, file, command } = invocation;
    let Cli { common, command: chosen } = cli;
    let start_log = |process: Option<&str>| log::start(&common.log, common.log_format, process);
    match chosen {
        Command::Up(arguments) => {
            start_log(Some("supervisor"))?;
            single_threaded()?.block_on(up::run(*arguments, &common))
        }
        Command::Init(arguments) => init::run(&arguments),
        Command::New(arguments) => new::run(&arguments),
        Command::Start(arguments) => {
            let common = arguments.common(&common);
            log::start(&common.log, common.log_format, None)?;
            single_threaded()?.block_on(start::run(arguments, &common))
        }
        Command::Management(arguments) => {
            start_log(arguments.process_name())?;
            run_role(multi_threaded()?, management::run(arguments))
        }
        Command::Worker(arguments) => {
            start_log(arguments.process_name())?;
            run_role(multi_threaded()?, worker::run(*arguments))
        }
        Command::Publish(arguments) => {
            start_log(None)?;
            single_threaded()?.block_on(publish::run(arguments))
        }
        Command::Check(arguments) => {
            start_log(None)?;
            check::run(&arguments)
        }
        Command::Apps(arguments) => {
            start_log(None)?;
            single_threaded()?.block_on(apps::run(arguments))
        }
        Command::Settings(arguments) => {
            start_log(None)?;
            single_threaded()?.block_on(settings::run(arguments))
        }
        Command::Keys(arguments) => {
            start_log(None)?;
            single_threaded()?.block_on(keys::run(arguments))
        }
        Command::Documents(arguments) => {
            start_log(None)?;
            single_threaded()?.block_on(documents::run(arguments))
        }
        Command::Queues(arguments) => {
            start_log(None)?;
            single_threaded()?.block_on(queues::run(arguments))
        }
        Command::Invoke(arguments) => {
            start_log(None)?;
            single_threaded()?.block_on(invoke::run(arguments))
        }
        Command::Backup(arguments) => {
            start_log(None)?;
            single_threaded()?.block_on(backup::run(arguments))
        }
        Command::Restore(arguments) => {
            start_log(None)?;
            single_threaded()?.block_on(restore::run(arguments))
        }
        Command::RotateKey(arguments) => {
            start_log(None)?;
            single_threaded()?.block_on(rotate_key::run(arguments))
        }
        Command::Workers(arguments) => {
            start_log(None)?;
            single_threaded()?.block_on(workers::run(arguments))
        }
        Command::Config(arguments) => config::run(&arguments, &matches, &file, &command),
    }
}

/// Runs a role to its end. Blocking work that is still under way then (a compile can take minutes) does not hold the process up.
fn run_role<T>(runtime: Runtime, role: impl Future<Output = T>) -> T {
    let result = runtime.block_on(role);
    runtime.shutdown_timeout(LAST_WORK);
    result
}

fn single_threaded() -> Result<Runtime, Failure> {
    built(Builder::new_current_thread())
}

fn multi_threaded() -> Result<Runtime, Failure> {
    built(Builder::new_multi_thread())
}

fn built(mut builder: Builder) -> Result<Runtime, Failure> {
    builder.enable_all().build().map_err(|error| Failure::general(format_args!("the runtime can't start: {error}")))
}

/// A query value or path segment with everything but unreserved characters percent-encoded.
fn percent(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
        encoded
    })
}

//! Where a setting's value comes from: flag, else environment, else `hearth.toml`, else the default. One mechanism for
//! every setting.
//!
//! The command line is parsed twice. The first pass checks flags and environment and tells which configuration file is
//! meant; the file's values then become the parser's defaults for the second pass. So every value goes through the same
//! parser, and a wrong one ends the command with its name and place before anything is opened or bound.

pub(crate) mod data;
mod file;
pub(crate) mod origin;
pub(crate) mod settings;
pub(crate) mod values;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgMatches, Command, FromArgMatches};

pub(crate) use file::ConfigFile;

use crate::command::Cli;
use crate::exit::{Failure, Kind};

/// A command line with every setting resolved.
pub(crate) struct Invocation {
    /// The typed form.
    pub(crate) cli: Cli,
    /// The parser's view, which knows where each value came from.
    pub(crate) matches: ArgMatches,
    /// The configuration file.
    pub(crate) file: ConfigFile,
    /// The commands as parsed, for listing their settings.
    pub(crate) command: Command,
}

/// Why the command ends before it begins.
pub(crate) enum Stop {
    /// Help or version, asked for.
    Asked(clap::Error),
    /// The command line can't be understood.
    Usage(clap::Error),
    /// A setting in the environment or the configuration file has no usable value.
    Setting(Failure),
}

impl Stop {
    /// Prints what there is to say and yields the exit code.
    pub(crate) fn report(self) -> ExitCode {
        match self {
            Self::Asked(error) => {
                let _reader_gone = error.print();
                ExitCode::SUCCESS
            }
            Self::Usage(error) => {
                let _reader_gone = error.print();
                ExitCode::from(Kind::Usage as u8)
            }
            Self::Setting(failure) => failure.report(),
        }
    }
}

/// Resolves every setting of a command line.
pub(crate) fn resolve(command: Command, args: impl IntoIterator<Item = OsString>) -> Result<Invocation, Stop> {
    let args: Vec<OsString> = args.into_iter().collect();
    let first = parse(&command, &args)?;
    let named = leaf(&first).get_one::<std::path::PathBuf>("config").cloned();
    let file = ConfigFile::load(named.as_deref(), &all_settings())
        .map_err(|error| Stop::Setting(Failure::configuration(error)))?;
    let command = with_defaults(command, &file);
    let matches = parse(&command, &args)?;
    let cli = Cli::from_arg_matches(&matches).map_err(Stop::Usage)?;
    Ok(Invocation { cli, matches, file, command })
}

fn parse(command: &Command, args: &[OsString]) -> Result<ArgMatches, Stop> {
    command.clone().try_get_matches_from(args).map_err(|error| match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Stop::Asked(error),
        _ => match from_environment(command, args, &error) {
            Some(variable) => Stop::Setting(Failure::configuration(format_args!("{variable}: {}", reason(&error)))),
            None => Stop::Usage(error),
        },
    })
}

/// The matches of the innermost subcommand: those that hold global arguments too.
pub(crate) fn leaf(matches: &ArgMatches) -> &ArgMatches {
    match matches.subcommand() {
        Some((_, inner)) => leaf(inner),
        None => matches,
    }
}

/// Gives the file's values to the parser as defaults, in every subcommand.
fn with_defaults(command: Command, file: &ConfigFile) -> Command {
    let mut command = command.mut_args(|arg| {
        let entry = arg.get_long().filter(|_| is_setting(&arg)).and_then(|name| file.get(name)).cloned();
        match entry {
            Some(entry) => arg.default_values(entry.values),
            None => arg,
        }
    });
    let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    for name in names {
        command = command.mut_subcommand(name, |sub| with_defaults(sub, file));
    }
    command
}

/// Whether an argument is a setting: one that the environment can give.
pub(crate) fn is_setting(arg: &Arg) -> bool {
    arg.get_env().is_some() && arg.get_long().is_some()
}

/// Every setting there is, once, in order of first appearance.
pub(crate) fn all_settings() -> Vec<Arg> {
    fn collect(command: &Command, settings: &mut Vec<Arg>) {
        for arg in command.get_arguments().filter(|arg| is_setting(arg)) {
            if settings.iter().all(|known| known.get_long() != arg.get_long()) {
                settings.push(arg.clone());
            }
        }
        for sub in command.get_subcommands() {
            collect(sub, settings);
        }
    }
    let mut settings = Vec::new();
    collect(&crate::command::cli(), &mut settings);
    settings
}

/// The variable whose value an error is about, when the flag itself was not given.
fn from_environment(command: &Command, args: &[OsString], error: &clap::Error) -> Option<String> {
    let Some(ContextValue::String(about)) = error.get(ContextKind::InvalidArg) else { return None };
    let flag = about.split_whitespace().next()?;
    let given = args.iter().filter_map(|arg| arg.to_str()).any(|arg| arg.split('=').next() == Some(flag));
    if given {
        return None;
    }
    let name = flag.strip_prefix("--")?;
    variable(command, name).filter(|variable| std::env::var_os(variable).is_some())
}

fn variable(command: &Command, name: &str) -> Option<String> {
    let own = command.get_arguments().find(|arg| arg.get_long() == Some(name)).and_then(Arg::get_env);
    match own {
        Some(variable) => Some(variable.to_string_lossy().into_owned()),
        None => command.get_subcommands().find_map(|sub| variable(sub, name)),
    }
}

/// What a parser's error says about one value, in one line without flag names or usage.
pub(crate) fn reason(error: &clap::Error) -> String {
    let value = match error.get(ContextKind::InvalidValue) {
        Some(ContextValue::String(value)) => value.as_str(),
        _ => "",
    };
    if let Some(ContextValue::Strings(valid)) = error.get(ContextKind::ValidValue) {
        return format!("'{value}' is not one of {}", valid.join(", "));
    }
    let source = std::error::Error::source(error).map(ToString::to_string);
    match source {
        Some(source) if source.starts_with(value) && !value.is_empty() => source,
        Some(source) => format!("'{value}': {source}"),
        None => format!("'{value}' is not usable"),
    }
}

#[cfg(test)]
mod tests;

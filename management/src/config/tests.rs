//! The order of flag, environment, file and default, for every kind of setting.
//!
//! The environment of a test process is shared by its threads, so these tests give variables a command of their own with
//! names that no other test uses; the real names are covered by the tests that start the binary.

use clap::{Arg, ArgAction, Command};

use super::file::ConfigFile;
use super::origin::{Origin, effective};
use super::*;

fn command(variable: &'static str) -> Command {
    Command::new("hearth")
        .subcommand(Command::new("up").arg(Arg::new("workers").long("workers").env(variable).default_value("1")))
        .subcommand(
            Command::new("other").arg(Arg::new("many").long("many").env("HEARTH_TEST_UNSET").action(ArgAction::Append)),
        )
}

fn outcome(variable: &'static str, file: &str, args: &[&str]) -> (Option<String>, Origin) {
    let settings = [
        Arg::new("workers").long("workers").env(variable),
        Arg::new("many").long("many").env("X").action(ArgAction::Append),
    ];
    let file = ConfigFile::parse(std::path::Path::new("hearth.toml"), file, &settings).unwrap();
    let command = with_defaults(command(variable), &file);
    let matches = command.clone().try_get_matches_from(args).unwrap();
    let (name, inner) = matches.subcommand().unwrap();
    let arg = command.find_subcommand(name).unwrap().get_arguments().find(|arg| is_setting(arg)).unwrap();
    let found = effective(arg, inner, &file);
    (found.value, found.origin)
}

#[test]
fn a_flag_beats_the_environment_beats_the_file_beats_the_default() {
    // PATH is set in every test environment, so no test has to change the process's environment.
    let environment = std::env::var("PATH").unwrap();
    let in_file = Origin::File { path: "hearth.toml".into(), line: 2 };
    let file = "\nworkers = \"3\"";
    let table: [(&'static str, &str, &[&str], &str, Origin); 5] = [
        ("PATH", file, &["hearth", "up", "--workers", "5"], "5", Origin::Flag),
        ("PATH", file, &["hearth", "up"], &environment, Origin::Environment("PATH".into())),
        ("HEARTH_TEST_UNSET", file, &["hearth", "up"], "3", in_file),
        ("HEARTH_TEST_UNSET", "", &["hearth", "up"], "1", Origin::Default),
        ("HEARTH_TEST_UNSET", file, &["hearth", "up", "--workers=5"], "5", Origin::Flag),
    ];
    for (variable, file, args, value, origin) in table {
        assert_eq!(outcome(variable, file, args), (Some(value.to_owned()), origin), "{variable} {file:?} {args:?}");
    }
}

#[test]
fn a_repeated_setting_is_replaced_as_a_whole() {
    let file = "many = [\"a\", \"b\"]";
    let (value, _) = outcome("HEARTH_TEST_UNSET", file, &["hearth", "other"]);
    assert_eq!(value.as_deref(), Some("a,b"));
    let (value, origin) = outcome("HEARTH_TEST_UNSET", file, &["hearth", "other", "--many", "c"]);
    assert_eq!((value.as_deref(), origin), (Some("c"), Origin::Flag));
}

#[test]
fn every_setting_has_one_meaning_wherever_it_appears() {
    fn walk(command: &Command, settings: &[Arg]) {
        for arg in command.get_arguments().filter(|arg| is_setting(arg)) {
            let first = settings.iter().find(|setting| setting.get_long() == arg.get_long()).unwrap();
            assert_eq!(first.get_env(), arg.get_env(), "--{}", arg.get_long().unwrap());
            assert_eq!(first.get_help().map(ToString::to_string), arg.get_help().map(ToString::to_string));
            let name = arg.get_long().unwrap().replace('-', "_").to_uppercase();
            assert_eq!(arg.get_env().unwrap().to_str().unwrap(), format!("HEARTH_{name}"));
        }
        command.get_subcommands().for_each(|sub| walk(sub, settings));
    }
    walk(&crate::command::cli(), &all_settings());
}

//! `hearth config check`: every setting with its effective value and where that came from.

use clap::{ArgMatches, Args, Command, Subcommand};

use crate::config::data::DataDir;
use crate::config::origin::{Effective, effective};
use crate::config::settings::{
    CredentialSettings, DataSettings, DomainSettings, JoinOnceSettings, JoinSettings, KeySettings, ManagementSettings,
    ReadySettings, ServingSettings, StateSettings, SupervisorSettings, TargetSettings, WorkerSettings,
};
use crate::config::{self, ConfigFile};
use crate::exit::Failure;
use crate::output::{self, Format};
use crate::role;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Check every setting, and print its effective value and where that came from
    Check(Box<Check>),
}

/// Takes every setting there is, so that any command line can be checked.
#[derive(Args, Debug)]
struct Check {
    #[command(flatten)]
    data: DataSettings,
    #[command(flatten)]
    state: StateSettings,
    #[command(flatten)]
    key: KeySettings,
    #[command(flatten)]
    management: ManagementSettings,
    #[command(flatten)]
    serving: ServingSettings,
    #[command(flatten)]
    domain: DomainSettings,
    #[command(flatten)]
    supervisor: SupervisorSettings,
    #[command(flatten)]
    worker: WorkerSettings,
    #[command(flatten)]
    join: JoinSettings,
    #[command(flatten)]
    join_once: JoinOnceSettings,
    #[command(flatten)]
    ready: ReadySettings,
    #[command(flatten)]
    target: TargetSettings,
    #[command(flatten)]
    credential: CredentialSettings,
    /// Form of the result
    #[arg(long, value_name = "FORM", value_enum, default_value_t)]
    output: Format,
}

pub(super) fn run(
    arguments: &Arguments,
    matches: &ArgMatches,
    file: &ConfigFile,
    command: &Command,
) -> Result<(), Failure> {
    let Verb::Check(check) = &arguments.verb;
    role::state_url(&DataDir::new(check.data.data.as_deref()), &check.state)?;
    let inner = config::leaf(matches);
    let own = command.find_subcommand("config").and_then(|config| config.find_subcommand("check"));
    let mut settings: Vec<Effective> = own
        .into_iter()
        .chain([command])
        .flat_map(Command::get_arguments)
        .filter(|setting| config::is_setting(setting))
        .map(|setting| effective(setting, inner, file))
        .collect();
    settings.sort_by(|a, b| a.name.cmp(&b.name));
    if check.output == Format::Json {
        return output::json(&serde_json::json!({ "file": file.path, "settings": settings }));
    }
    match &file.path {
        Some(path) => output::line(&format!("Configuration file: {}\n", path.display())),
        None => output::line("Configuration file: none\n"),
    }
    let rows: Vec<[String; 3]> = settings
        .into_iter()
        .map(|setting| [setting.name, setting.value.unwrap_or_else(|| "-".to_owned()), setting.origin.to_string()])
        .collect();
    output::line(&output::table(["SETTING", "VALUE", "FROM"], &rows));
    Ok(())
}

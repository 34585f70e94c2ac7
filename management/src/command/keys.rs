//! `hearth keys`: the keys with which callers open an app's functions.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use hearth_management::api::{KeyValue, KeyView, KeysView};
use hearth_model::ids::{AppName, FunctionName};
use http::Method;

use super::input;
use super::listing::OutputSettings;
use crate::client::Management;
use crate::config::settings::{AppSetting, ClientSettings};
use crate::exit::{Failure, Kind};
use crate::output::{self, Format};

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the keys of an app
    List {
        /// Show the values
        #[arg(short = 'a', long)]
        show_values: bool,
        #[command(flatten)]
        app: AppSetting,
        #[command(flatten)]
        client: ClientSettings,
        #[command(flatten)]
        output: OutputSettings,
    },
    /// Show the value of a key
    Show {
        #[command(flatten)]
        key: Key,
        #[command(flatten)]
        client: ClientSettings,
        #[command(flatten)]
        output: OutputSettings,
    },
    /// Give a key a value of your own; a key of another value under that name opens nothing any more
    Set {
        #[command(flatten)]
        key: Key,
        /// The value; @- reads it from standard input
        #[arg(long, value_name = "VALUE", required_unless_present = "from_file", conflicts_with = "from_file")]
        value: Option<String>,
        /// File with the value, a line end after it left out
        #[arg(long, value_name = "PATH")]
        from_file: Option<PathBuf>,
        #[command(flatten)]
        client: ClientSettings,
        #[command(flatten)]
        output: OutputSettings,
    },
    /// Give a key a new random value, making it where there is none; the one before opens nothing any more
    Renew {
        #[command(flatten)]
        key: Key,
        #[command(flatten)]
        client: ClientSettings,
        #[command(flatten)]
        output: OutputSettings,
    },
    /// Delete a key; the master key can only be renewed
    Delete {
        #[command(flatten)]
        key: Key,
        #[command(flatten)]
        client: ClientSettings,
    },
}

/// Which key is meant: without a scope, one that opens every function.
#[derive(Args, Debug)]
struct Key {
    /// Name of the key
    #[arg(value_name = "NAME", default_value = "default", conflicts_with = "master")]
    name: String,
    /// The master key, which opens everything, the app's admin API too
    #[arg(long, group = "scope")]
    master: bool,
    /// A key that opens every function (the default)
    #[arg(long, group = "scope")]
    host: bool,
    /// A key for the webhooks of an extension
    #[arg(long, group = "scope")]
    system: bool,
    /// A key that opens this function only
    #[arg(long, value_name = "FUNCTION", group = "scope", value_parser = FunctionName::parse)]
    function: Option<FunctionName>,
    #[command(flatten)]
    app: AppSetting,
}

impl Key {
    fn path(&self, app: &AppName) -> String {
        let scope = match &self.function {
            _ if self.master => return format!("/api/apps/{app}/keys/master"),
            Some(function) => format!("functions/{function}"),
            None if self.system => "system".to_owned(),
            None => "host".to_owned(),
        };
        format!("/api/apps/{app}/keys/{scope}/{}", super::percent(&self.name))
    }

    /// As people say it.
    fn described(&self, app: &AppName) -> String {
        let name = &self.name;
        match &self.function {
            _ if self.master => format!("The master key of '{app}'"),
            Some(function) => format!("The key '{name}' of function '{function}' of '{app}'"),
            None if self.system => format!("The system key '{name}' of '{app}'"),
            None => format!("The host key '{name}' of '{app}'"),
        }
    }
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    match arguments.verb {
        Verb::List { show_values, app, client, output } => {
            let path = format!("/api/apps/{}/keys", app.required()?);
            let keys: KeysView = Management::connect(client)?.get(&path).await?;
            list(&keys, show_values, output)
        }
        Verb::Show { key, client, output } => {
            let shown: KeyView = Management::connect(client)?.get(&key.path(&key.app.required()?)).await?;
            match output.output {
                Format::Json => output::json(&shown)?,
                Format::Text => output::line(&shown.value),
            }
            Ok(())
        }
        Verb::Set { key, value, from_file, client, output } => {
            let app = key.app.required()?;
            let value = match (value.as_deref(), &from_file) {
                (Some("@-"), _) => input::value(Path::new("-"))?,
                (Some(value), _) => value.to_owned(),
                (None, Some(path)) => input::value(path)?,
                (None, None) => return Err(Failure::new(Kind::Usage, "--value or --from-file is needed")),
            };
            let value = KeyValue { value: Some(value) };
            let set: KeyView = Management::connect(client)?.send_json(Method::PUT, &key.path(&app), &value).await?;
            match output.output {
                Format::Json => output::json(&set)?,
                Format::Text => output::line(&format!("{} is set.", key.described(&app))),
            }
            Ok(())
        }
        Verb::Renew { key, client, output } => {
            let app = key.app.required()?;
            let made: KeyView = Management::connect(client)?.send_json(Method::POST, &key.path(&app), &()).await?;
            match output.output {
                Format::Json => output::json(&made)?,
                Format::Text => output::line(&format!("{} is now:\n{}", key.described(&app), made.value)),
            }
            Ok(())
        }
        Verb::Delete { key, client } => {
            let app = key.app.required()?;
            Management::connect(client)?.delete(&key.path(&app)).await?;
            output::line(&format!("{} is deleted.", key.described(&app)));
            Ok(())
        }
    }
}

fn list(keys: &KeysView, show_values: bool, output: OutputSettings) -> Result<(), Failure> {
    let mut keys = keys.clone();
    if !show_values {
        let all = keys.host.iter_mut().chain(&mut keys.system).chain(keys.functions.values_mut().flatten());
        for key in all.chain([&mut keys.master]) {
            "*****".clone_into(&mut key.value);
        }
    }
    if output.output == Format::Json {
        return output::json(&keys);
    }
    let row = |scope: &str, key: &KeyView| [scope.to_owned(), key.name.clone(), key.value.clone()];
    let mut rows = vec![row("master", &keys.master)];
    rows.extend(keys.host.iter().map(|key| row("host", key)));
    rows.extend(keys.system.iter().map(|key| row("system", key)));
    for (function, keys) in &keys.functions {
        rows.extend(keys.iter().map(|key| row(&format!("function {function}"), key)));
    }
    output::line(&output::table(["SCOPE", "KEY", "VALUE"], &rows));
    Ok(())
}

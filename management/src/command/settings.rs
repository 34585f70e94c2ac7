//! `hearth settings`: the settings of an app, as `func settings` and `az functionapp config appsettings` would have it.
//!
//! Values are shown only when asked for, and need not stand on the command line.

mod form;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use hearth_management::api::{Revision, SettingsChange, SettingsReplacement, SettingsView};
use hearth_model::ids::AppName;
use http::Method;
use serde_json::json;

use self::form::Form;
use super::input;
use super::listing::OutputSettings;
use crate::client::{InForce, Management};
use crate::config::settings::{AppSetting, ClientSettings};
use crate::exit::{Failure, Kind};
use crate::output::{self, Format};
use crate::platform;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the settings of an app
    List {
        /// Show the values, which are often secrets
        #[arg(short = 'a', long, visible_alias = "showValue")]
        show_values: bool,
        #[command(flatten)]
        app: AppSetting,
        #[command(flatten)]
        client: ClientSettings,
        #[command(flatten)]
        output: OutputSettings,
    },
    /// Set settings of an app; it is loaded again with them
    Set(Set),
    /// Take settings of an app away
    Unset {
        /// Names of the settings
        #[arg(value_name = "NAME", required = true)]
        names: Vec<String>,
        #[command(flatten)]
        app: AppSetting,
        #[command(flatten)]
        client: ClientSettings,
        #[command(flatten)]
        output: OutputSettings,
    },
    /// Set what a file holds: a local.settings.json, or a list of settings as Azure exports it
    Import {
        /// The file; - is standard input
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Take away every setting that is not in the file
        #[arg(long)]
        replace: bool,
        /// Make the app if there is none of this name
        #[arg(long)]
        create: bool,
        #[command(flatten)]
        app: AppSetting,
        #[command(flatten)]
        client: ClientSettings,
        #[command(flatten)]
        output: OutputSettings,
    },
    /// Write the settings of an app with their values to a file that only you can read, or to standard output
    Export {
        /// The file, which must be new [default: standard output]
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
        /// Form of the file
        #[arg(long, value_name = "FORM", value_enum, default_value_t)]
        format: Form,
        #[command(flatten)]
        app: AppSetting,
        #[command(flatten)]
        client: ClientSettings,
    },
}

#[derive(Args, Debug)]
struct Set {
    /// Settings; NAME=@- reads the value from standard input
    #[arg(value_name = "NAME=VALUE", required_unless_present = "from_file")]
    settings: Vec<String>,
    /// Setting whose value is the content of a file, a line end after it left out; may be repeated
    #[arg(long, value_name = "NAME=PATH")]
    from_file: Vec<String>,
    /// Make the app if there is none of this name
    #[arg(long)]
    create: bool,
    #[command(flatten)]
    app: AppSetting,
    #[command(flatten)]
    client: ClientSettings,
    #[command(flatten)]
    output: OutputSettings,
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    match arguments.verb {
        Verb::List { show_values, app, client, output } => {
            let view: SettingsView = Management::connect(client)?.get(&path(&app.required()?)).await?;
            list(&view, show_values, output)
        }
        Verb::Set(set) => {
            let app = set.app.required()?;
            let change = SettingsChange { set: given(&set.settings, &set.from_file)?, unset: Vec::new() };
            let management = Management::connect(set.client)?;
            change_settings(&management, &app, &change, set.create, set.output).await
        }
        Verb::Unset { names, app, client, output } => {
            let change = SettingsChange { set: BTreeMap::new(), unset: names };
            change_settings(&Management::connect(client)?, &app.required()?, &change, false, output).await
        }
        Verb::Import { file, replace, create, app, client, output } => {
            let app = app.required()?;
            let management = Management::connect(client)?;
            let (count, changed) = send_file(&management, &app, &file, replace, create).await?;
            let rest = if replace { ", all others gone" } else { "" };
            told(&management, &app, &format!("{count} set{rest}"), changed, output).await
        }
        Verb::Export { file, format, app, client } => {
            let view: SettingsView = Management::connect(client)?.get(&path(&app.required()?)).await?;
            export(&view, file.as_deref(), format)
        }
    }
}

fn path(app: &AppName) -> String {
    format!("/api/apps/{app}/settings")
}

fn list(view: &SettingsView, show_values: bool, output: OutputSettings) -> Result<(), Failure> {
    if output.output == Format::Json {
        let settings: Vec<_> = view
            .settings
            .iter()
            .map(
                |(name, value)| {
                    if show_values { json!({ "name": name, "value": value }) } else { json!({ "name": name }) }
                },
            )
            .collect();
        return output::json(&json!({ "revision": view.revision, "settings": settings }));
    }
    if view.settings.is_empty() {
        output::line("The app has no settings. Set one: hearth settings set NAME=VALUE --app APP");
        return Ok(());
    }
    let shown = |value: &String| if show_values { value.escape_debug().to_string() } else { "*****".to_owned() };
    let rows: Vec<[String; 2]> = view.settings.iter().map(|(name, value)| [name.clone(), shown(value)]).collect();
    output::line(&output::table(["SETTING", "VALUE"], &rows));
    Ok(())
}

/// Settings of the command line, with what they refer to.
fn given(settings: &[String], from_file: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    let mut wanted = BTreeMap::new();
    let mut add = |name: &str, value: String| match wanted.insert(name.to_owned(), value) {
        None => Ok(()),
        Some(_) => Err(Failure::new(Kind::Usage, format_args!("the setting '{name}' is given twice"))),
    };
    let mut standard_input_read = false;
    for setting in settings {
        let (name, value) = input::pair(setting, "NAME=VALUE")?;
        if value != "@-" {
            add(name, value.to_owned())?;
            continue;
        }
        if standard_input_read {
            return Err(Failure::new(Kind::Usage, "only one setting can be read from standard input"));
        }
        standard_input_read = true;
        add(name, input::value(Path::new("-"))?)?;
    }
    for setting in from_file {
        let (name, path) = input::pair(setting, "NAME=PATH")?;
        add(name, input::value(Path::new(path))?)?;
    }
    Ok(wanted)
}

async fn change_settings(
    management: &Management,
    app: &AppName,
    change: &SettingsChange,
    create: bool,
    output: OutputSettings,
) -> Result<(), Failure> {
    if create {
        management.create_app(app).await?;
    }
    let changed: Revision = management.send_json(Method::PATCH, &path(app), change).await?;
    let done = |verb: &str, count: usize| (count > 0).then(|| format!("{count} {verb}"));
    let parts: Vec<String> =
        [done("set", change.set.len()), done("unset", change.unset.len())].into_iter().flatten().collect();
    told(management, app, &parts.join(", "), changed, output).await
}

/// Imports a file; answers what that did, for people.
pub(super) async fn import(
    management: &Management,
    app: &AppName,
    file: &Path,
    create: bool,
) -> Result<String, Failure> {
    let (count, changed) = send_file(management, app, file, false, create).await?;
    Ok(sentence(app, &format!("{count} set"), changed))
}

/// The settings in a file of either form; what was passed over is told.
pub(super) fn read_file(file: &Path) -> Result<BTreeMap<String, String>, Failure> {
    let name = if file == Path::new("-") { "standard input".to_owned() } else { file.display().to_string() };
    let imported = form::read(&name, &input::text(file)?)?;
    for note in &imported.notes {
        output::note(&format!("note: {note}"));
    }
    Ok(imported.settings)
}

async fn send_file(
    management: &Management,
    app: &AppName,
    file: &Path,
    replace: bool,
    create: bool,
) -> Result<(usize, Revision), Failure> {
    let settings = read_file(file)?;
    if create {
        management.create_app(app).await?;
    }
    let count = settings.len();
    let changed = if replace {
        let wanted = SettingsReplacement { settings };
        management.send_json(Method::PUT, &path(app), &wanted).await?
    } else {
        let wanted = SettingsChange { set: settings, unset: Vec::new() };
        management.send_json(Method::PATCH, &path(app), &wanted).await?
    };
    Ok((count, changed))
}

fn sentence(app: &AppName, what: &str, changed: Revision) -> String {
    format!("Settings of '{app}': {what} (revision {}).", changed.revision)
}

/// Waits until the change is in force, then tells of it.
async fn told(
    management: &Management,
    app: &AppName,
    what: &str,
    changed: Revision,
    output: OutputSettings,
) -> Result<(), Failure> {
    if let InForce::NotYet(workers) = management.await_settings(app, changed.revision).await? {
        output::note(&format!("note: {} did not load the app with them yet", workers.join(", ")));
    }
    if output.output == Format::Json {
        return output::json(&json!({ "app": app, "revision": changed.revision }));
    }
    output::line(&sentence(app, what, changed));
    Ok(())
}

fn export(view: &SettingsView, file: Option<&Path>, format: Form) -> Result<(), Failure> {
    let text = form::write(format, &view.settings)?;
    let Some(file) = file else {
        output::line(text.trim_end());
        return Ok(());
    };
    if file.exists() {
        return Err(Failure::general(format_args!("'{}' exists already; name another file", file.display())));
    }
    platform::write_private(file, text.as_bytes())
        .map_err(|error| Failure::general(format_args!("'{}' can't be written: {error}", file.display())))?;
    output::line(&format!("{} settings are in '{}', with their values.", view.settings.len(), file.display()));
    Ok(())
}

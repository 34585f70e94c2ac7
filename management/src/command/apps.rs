//! `hearth apps`: what is published, back to an earlier deployment, and how others reach an app.

mod text;

use clap::{Args, Subcommand};
use hearth_management::api::{AppDetail, AppList, HostNames, PublishCredentials, Revision, RollbackRequest};
use hearth_model::ids::{AppName, DeploymentId};
use http::Method;

use super::input;
use super::listing::{self, OutputSettings};
use crate::client::{Deployed, Management};
use crate::config::settings::ClientSettings;
use crate::exit::Failure;
use crate::output::{self, Format};

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List function apps
    List {
        #[command(flatten)]
        client: ClientSettings,
        #[command(flatten)]
        output: OutputSettings,
    },
    /// Show one app: functions, workers, deployments
    Show {
        /// Name of the app
        name: AppName,
        #[command(flatten)]
        client: ClientSettings,
        #[command(flatten)]
        output: OutputSettings,
    },
    /// Make an app without functions yet, to give it settings and keys before its first publish
    Create {
        /// Name of the app
        name: AppName,
        #[command(flatten)]
        client: ClientSettings,
        #[command(flatten)]
        output: OutputSettings,
    },
    /// Load an app again on every worker; what runs ends in the old one
    Restart {
        /// Name of the app
        name: AppName,
        #[command(flatten)]
        client: ClientSettings,
    },
    /// Take an app offline: its callers are answered 503
    Stop {
        /// Name of the app
        name: AppName,
        #[command(flatten)]
        client: ClientSettings,
    },
    /// Let an app that was stopped run again
    Start {
        /// Name of the app
        name: AppName,
        #[command(flatten)]
        client: ClientSettings,
    },
    /// Go back to an earlier deployment; the present one serves until that one is ready
    Rollback {
        /// Name of the app
        name: AppName,
        /// Deployment to go back to [default: the successful one before the active one]
        #[arg(long, value_name = "ID")]
        to: Option<DeploymentId>,
        #[command(flatten)]
        client: ClientSettings,
        #[command(flatten)]
        output: OutputSettings,
    },
    /// Show the credentials with which Kudu clients publish this app (HTTP Basic)
    Credentials {
        /// Name of the app
        name: AppName,
        /// Make a new password first; the one before is of no use any more
        #[arg(long)]
        reset: bool,
        #[command(flatten)]
        client: ClientSettings,
        #[command(flatten)]
        output: OutputSettings,
    },
    /// Set the custom host names of an app
    HostNames {
        /// Name of the app
        name: AppName,
        /// Host names without port; they replace those it had
        #[arg(value_name = "HOST", required_unless_present = "clear")]
        hosts: Vec<String>,
        /// Take all custom host names away
        #[arg(long, conflicts_with = "hosts")]
        clear: bool,
        #[command(flatten)]
        client: ClientSettings,
        #[command(flatten)]
        output: OutputSettings,
    },
    /// Delete an app with its deployments
    Delete {
        /// Name of the app
        name: AppName,
        /// Do not ask
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        client: ClientSettings,
    },
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    match arguments.verb {
        Verb::List { client, output } => {
            let list: AppList = Management::connect(client)?.get("/api/apps").await?;
            print(output, &list, |list| text::table(&list.apps))
        }
        Verb::Show { name, client, output } => {
            let app: AppDetail = Management::connect(client)?.get(&format!("/api/apps/{name}")).await?;
            print(output, &app, text::detail)
        }
        Verb::Create { name, client, output } => {
            let app = Management::connect(client)?.create_app(&name).await?;
            print(output, &app, text::detail)
        }
        Verb::Restart { name, client } => change(client, &name, "restart", "is loaded again").await,
        Verb::Stop { name, client } => change(client, &name, "stop", "is offline").await,
        Verb::Start { name, client } => change(client, &name, "start", "is online").await,
        Verb::Rollback { name, to, client, output } => rollback(client, output, &name, to).await,
        Verb::Credentials { name, reset, client, output } => {
            let path = format!("/api/apps/{name}/publish-credentials");
            let management = Management::connect(client)?;
            let credentials: PublishCredentials = if reset {
                management.send_json(Method::POST, &format!("{path}/reset"), &()).await?
            } else {
                management.get(&path).await?
            };
            print(output, &credentials, text::credentials)
        }
        Verb::HostNames { name, hosts, clear: _, client, output } => {
            let wanted = HostNames { host_names: hosts };
            let path = format!("/api/apps/{name}/host-names");
            let set: HostNames = Management::connect(client)?.put(&path, &wanted).await?;
            print(output, &set, |set| text::host_names(&name, set))
        }
        Verb::Delete { name, yes, client } => delete(client, &name, yes).await,
    }
}

async fn change(client: ClientSettings, name: &AppName, verb: &str, done: &str) -> Result<(), Failure> {
    let path = format!("/api/apps/{name}/{verb}");
    let _: Revision = Management::connect(client)?.send_json(Method::POST, &path, &()).await?;
    output::line(&format!("{name} {done}."));
    Ok(())
}

async fn rollback(
    client: ClientSettings,
    output: OutputSettings,
    name: &AppName,
    to: Option<DeploymentId>,
) -> Result<(), Failure> {
    let management = Management::connect(client)?;
    let request = RollbackRequest { deployment: to.map(String::from), is_async: true };
    let body = serde_json::to_vec(&request).map_err(Failure::general)?;
    let started = management.post(&format!("/api/apps/{name}/rollback"), body).await?;
    let Deployed { deployment, app } = management.await_deployment(name, &started, |_| {}).await?;
    print(output, &deployment, |deployment| {
        format!(
            "Rollback of '{name}' is running as deployment {}.\n{}",
            deployment.id,
            listing::functions(name.as_str(), &app.function_list)
        )
    })
}

async fn delete(client: ClientSettings, name: &AppName, yes: bool) -> Result<(), Failure> {
    input::confirm(name.as_str(), &format!("Delete app '{name}' with all its deployments?"), yes)?;
    Management::connect(client)?.delete(&format!("/api/apps/{name}")).await?;
    output::line(&format!("{name} is deleted."));
    Ok(())
}

fn print<T: serde::Serialize>(
    output: OutputSettings,
    value: &T,
    text: impl FnOnce(&T) -> String,
) -> Result<(), Failure> {
    match output.output {
        Format::Json => output::json(value),
        Format::Text => {
            output::line(&text(value));
            Ok(())
        }
    }
}

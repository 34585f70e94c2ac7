//! `hearth apps`: what is published, and back to an earlier deployment.

use std::io::IsTerminal;

use clap::{Args, Subcommand};
use hearth_management::api::{AppDetail, AppList, AppSummary, DeploymentView, RollbackRequest};
use hearth_model::ids::{AppName, DeploymentId};

use super::listing::{self, OutputSettings};
use crate::client::{Deployed, Management};
use crate::config::settings::ClientSettings;
use crate::exit::{Failure, Kind};
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
            print(output, &list, |list| table(&list.apps))
        }
        Verb::Show { name, client, output } => {
            let app: AppDetail = Management::connect(client)?.get(&format!("/api/apps/{name}")).await?;
            print(output, &app, detail)
        }
        Verb::Rollback { name, to, client, output } => rollback(client, output, &name, to).await,
        Verb::Delete { name, yes, client } => delete(client, &name, yes).await,
    }
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
    if !yes {
        if !std::io::stdin().is_terminal() {
            return Err(Failure::new(
                Kind::Usage,
                format_args!("deleting '{name}' needs --yes when nobody can be asked"),
            ));
        }
        let answer = output::ask(&format!("Delete app '{name}' with all its deployments? Type its name:"))
            .map_err(|error| Failure::general(format_args!("the answer can't be read: {error}")))?;
        if answer != name.as_str() {
            return Err(Failure::general("nothing was deleted"));
        }
    }
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

fn table(apps: &[AppSummary]) -> String {
    if apps.is_empty() {
        return "No app is published. Publish one: hearth publish DIR --app NAME".to_owned();
    }
    let rows: Vec<[String; 5]> = apps
        .iter()
        .map(|app| {
            [
                app.name.clone(),
                app.state.clone(),
                app.functions.to_string(),
                app.running_on.join(", "),
                app.url.clone().unwrap_or_else(|| "-".to_owned()),
            ]
        })
        .collect();
    output::table(["APP", "STATE", "FUNCTIONS", "WORKERS", "URL"], &rows)
}

fn detail(app: &AppDetail) -> String {
    let summary = &app.summary;
    let mut text = format!("{} is {}.\n", summary.name, summary.state);
    let urls = [("URL", summary.url.as_ref()), ("by path", app.path_url.as_ref()), ("publishing", Some(&app.scm_url))];
    for (name, url) in urls {
        if let Some(url) = url {
            text.push_str(&format!("    {name}: {url}\n"));
        }
    }
    if !summary.host_names.is_empty() {
        text.push_str(&format!("    host names: {}\n", summary.host_names.join(", ")));
    }
    text.push('\n');
    text.push_str(&listing::functions(&summary.name, &app.function_list));
    for warning in &app.warnings {
        text.push_str(&format!("\n    Warning: {warning}"));
    }
    if !app.workers.is_empty() {
        let rows: Vec<[String; 4]> = app
            .workers
            .iter()
            .map(|line| {
                [
                    line.worker.clone(),
                    line.state.clone(),
                    line.deployment.clone(),
                    line.reason.clone().unwrap_or_default(),
                ]
            })
            .collect();
        text.push_str("\n\n");
        text.push_str(&output::table(["WORKER", "STATE", "DEPLOYMENT", "REASON"], &rows));
    }
    if !app.deployments.is_empty() {
        text.push_str("\n\n");
        text.push_str(&deployments(&app.deployments));
    }
    text
}

fn deployments(deployments: &[DeploymentView]) -> String {
    let rows: Vec<[String; 5]> = deployments
        .iter()
        .map(|deployment| {
            let state = if deployment.active { "active".to_owned() } else { deployment.provisioning_state.clone() };
            [
                deployment.id.clone(),
                state,
                deployment.received_time.clone(),
                deployment.message.clone(),
                deployment.status_text.clone(),
            ]
        })
        .collect();
    output::table(["DEPLOYMENT", "STATE", "RECEIVED", "MESSAGE", "TEXT"], &rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apps_are_listed_in_columns() {
        let app = AppSummary {
            name: "hello".into(),
            state: "running".into(),
            active_deployment: None,
            generation: 1,
            host_names: Vec::new(),
            url: Some("http://hello.localhost:7071".into()),
            functions: 2,
            running_on: vec!["worker-1".into()],
            created: String::new(),
        };
        assert_eq!(
            table(&[app]),
            "APP    STATE    FUNCTIONS  WORKERS   URL\n\
             hello  running  2          worker-1  http://hello.localhost:7071"
        );
        assert!(table(&[]).contains("hearth publish"));
    }
}

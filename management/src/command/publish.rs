//! `hearth publish`: from a directory or a zip file to functions that answer.
//!
//! The package is checked here with the same code as at the other end, so that what is wrong with it shows before the
//! upload; what only a worker can tell shows when it has tried.

use std::path::PathBuf;

use clap::Args;
use hearth_management::api::AppDetail;
use hearth_model::ids::AppName;

use super::listing::{self, OutputSettings};
use super::percent;
use crate::client::{Accepted, Deployed, Management};
use crate::config::settings::{AppSetting, ClientSettings};
use crate::exit::Failure;
use crate::output::{self, Format};
use crate::package::{self, PackageFile};

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Directory of the app (with host.json), or a zip file of it
    #[arg(value_name = "DIR|ZIP")]
    source: PathBuf,

    #[command(flatten)]
    app: AppSetting,

    /// Settings to set first: a local.settings.json, or a list of settings as Azure exports it
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,

    /// What this deployment is about
    #[arg(long, value_name = "TEXT")]
    message: Option<String>,

    /// Bundle the app's scripts with the project's or the PATH's esbuild, and leave node_modules out
    #[arg(long)]
    bundle: bool,

    /// Return as soon as the package has arrived
    #[arg(long = "async")]
    no_wait: bool,

    #[command(flatten)]
    client: ClientSettings,

    #[command(flatten)]
    output: OutputSettings,
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { source, app, settings, message, bundle, no_wait, client, output } = arguments;
    let app = app.required()?;
    let management = Management::connect(client)?;
    let package = tokio::task::spawn_blocking(move || package::prepare(&source, bundle))
        .await
        .map_err(|error| Failure::general(format_args!("the package can't be made: {error}")))??;
    if let Some(bundled) = &package.bundled {
        output::note(bundled);
    }
    for warning in &package.warnings {
        output::note(&format!("warning: {warning}"));
    }
    // A wrong key or an unreachable management is told before the upload, not in the middle of it.
    let known: Option<AppDetail> = management.find(&format!("/api/apps/{app}")).await?;
    if known.is_none() {
        output::note(&format!("The app '{app}' is new."));
    }
    if let Some(file) = &settings {
        let imported = super::settings::import(&management, &app, file, true).await?;
        output::note(&imported);
    }
    let accepted = upload(&management, &app, message.as_deref(), package).await?;
    if no_wait {
        return print_accepted(output, &app, &accepted);
    }
    let deployed = management.await_deployment(&app, &accepted, output::progress).await;
    output::progress("");
    print_deployed(output, &app, &deployed?)
}

async fn upload(
    management: &Management,
    app: &AppName,
    message: Option<&str>,
    package: PackageFile,
) -> Result<Accepted, Failure> {
    let size = package.size;
    output::note(&format!("Uploading {} ({} files) to '{app}'", mebibytes(size), package.files));
    let mut shown = None;
    let body = package.into_body(move |sent| {
        let percent = (sent * 100).checked_div(size).unwrap_or(100);
        if shown != Some(percent) {
            shown = Some(percent);
            output::progress(&format!("Uploading {percent} %"));
        }
    });
    let mut path = format!("/apps/{app}/api/zipdeploy?isAsync=true&trackDeploymentProgress=true&deployer=hearth");
    if let Some(message) = message {
        path.push_str("&message=");
        path.push_str(&percent(message));
    }
    let accepted = management.start(&path, "application/zip", body).await;
    output::progress("");
    accepted
}

fn print_accepted(output: OutputSettings, app: &AppName, accepted: &Accepted) -> Result<(), Failure> {
    match output.output {
        Format::Json => output::json(&serde_json::json!({ "app": app, "deployment": accepted.id })),
        Format::Text => {
            output::line(&format!("Deployment {} of '{app}' goes on; see 'hearth apps show {app}'.", accepted.id));
            Ok(())
        }
    }
}

fn print_deployed(output: OutputSettings, app: &AppName, deployed: &Deployed) -> Result<(), Failure> {
    let Deployed { deployment, app: detail } = deployed;
    if output.output == Format::Json {
        return output::json(&serde_json::json!({
            "app": app,
            "deployment": deployment,
            "functions": detail.function_list,
            "warnings": detail.warnings,
        }));
    }
    output::line(&format!("Deployment {} of '{app}' is running.", deployment.id));
    for warning in &detail.warnings {
        output::note(&format!("warning: {warning}"));
    }
    output::line(&listing::functions(app.as_str(), &detail.function_list));
    Ok(())
}

fn mebibytes(bytes: u64) -> String {
    let tenths = bytes.saturating_mul(10).div_ceil(1 << 20);
    format!("{}.{} MiB", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_query_values() {
        assert_eq!(mebibytes(0), "0.0 MiB");
        assert_eq!(mebibytes(1), "0.1 MiB");
        assert_eq!(mebibytes(3 << 20), "3.0 MiB");
        assert_eq!(percent("a b&c=ä"), "a%20b%26c%3D%C3%A4");
    }
}

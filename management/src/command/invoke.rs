//! `hearth invoke`: runs a function by hand, whatever starts it, and tells how it went.

use std::path::Path;

use clap::Args;
use hearth_management::api::{AppList, InvocationOutcome, InvokeRequest};
use hearth_model::ids::{AppName, FunctionName};
use http::Method;

use super::listing::OutputSettings;
use super::{input, start};
use crate::client::Management;
use crate::config::settings::{ClientSettings, CredentialSettings, DataSettings, OptionalApp, TargetSettings};
use crate::exit::Failure;
use crate::output::{self, Format};

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Name of the function
    #[arg(value_name = "NAME", value_parser = FunctionName::parse)]
    function: FunctionName,

    /// What the trigger gives the function: the body of the request, the text of the message; @FILE reads it from a file, @- from
    /// standard input [default: nothing]
    #[arg(long, value_name = "TEXT|@FILE", default_value = "", hide_default_value = true)]
    data: String,

    /// Seconds to wait for the end of the invocation
    #[arg(long, value_name = "SECONDS", default_value_t = 230, value_parser = clap::value_parser!(u64).range(0..=3600))]
    wait: u64,

    #[command(flatten)]
    app: OptionalApp,
    #[command(flatten)]
    target: TargetSettings,
    #[command(flatten)]
    credential: CredentialSettings,

    /// Data directory of the 'hearth up' that is asked [default: that of this folder's 'hearth start' where there is one, else as for
    /// other commands]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<std::path::PathBuf>,

    #[command(flatten)]
    output: OutputSettings,
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { function, data, wait, app, target, credential, data_dir, output } = arguments;
    let input = match data.strip_prefix('@') {
        Some(path) => input::text(Path::new(path))?,
        None => data,
    };
    let data = DataSettings { data: start::nearest_data(data_dir) };
    let management = Management::connect(ClientSettings { target, credential, data })?;
    let app = match app.named() {
        Some(app) => app,
        None => only_app(&management).await?,
    };
    let path = format!("/api/apps/{app}/functions/{function}/invoke");
    let request = InvokeRequest { input, wait_seconds: wait };
    let outcome: InvocationOutcome = management.send_json(Method::POST, &path, &request).await?;
    match output.output {
        Format::Json => output::json(&outcome)?,
        Format::Text => output::line(&text(&function, &outcome)),
    }
    match outcome.status.as_str() {
        "Succeeded" => Ok(()),
        "Running" => Err(Failure::general(format_args!("the function still runs after {wait} s; its log will tell"))),
        _ => Err(Failure::general("the invocation failed")),
    }
}

async fn only_app(management: &Management) -> Result<AppName, Failure> {
    let list: AppList = management.get("/api/apps").await?;
    match list.apps.as_slice() {
        [only] => AppName::parse(&only.name).map_err(Failure::general),
        [] => Err(Failure::general("there is no app; publish one with 'hearth publish'")),
        _ => Err(Failure::configuration("there are several apps: give --app, HEARTH_APP, or 'app' in hearth.toml")),
    }
}

fn text(function: &FunctionName, outcome: &InvocationOutcome) -> String {
    let duration = outcome.duration_ms.map(|millis| format!(", Duration={millis}ms")).unwrap_or_default();
    let mut text =
        format!("Executed 'Functions.{function}' ({}, Id={}{duration})", outcome.status, outcome.invocation_id);
    if let Some(answer) = &outcome.response {
        let content_type = answer.content_type.as_deref().map(|kind| format!(" {kind}")).unwrap_or_default();
        text.push_str(&format!("\n{}{content_type}", answer.status));
        if !answer.body.is_empty() {
            text.push_str(&format!("\n{}", answer.body.trim_end_matches('\n')));
        }
    }
    if let Some(error) = &outcome.error {
        text.push_str(&format!("\n{error}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use hearth_management::api::InvocationAnswer;

    use super::*;

    #[test]
    fn the_outcome_reads_as_the_log_does() {
        let name = FunctionName::parse("tick").unwrap();
        let mut outcome = InvocationOutcome {
            invocation_id: "1".into(),
            status: "Succeeded".into(),
            duration_ms: Some(12),
            error: None,
            response: None,
        };
        assert_eq!(text(&name, &outcome), "Executed 'Functions.tick' (Succeeded, Id=1, Duration=12ms)");
        outcome.response =
            Some(InvocationAnswer { status: 201, content_type: Some("text/plain".into()), body: "hi\n".into() });
        assert!(text(&name, &outcome).ends_with("\n201 text/plain\nhi"));
        outcome =
            InvocationOutcome { status: "Failed".into(), error: Some("no stock".into()), response: None, ..outcome };
        assert!(text(&name, &outcome).ends_with("12ms)\nno stock"));
    }
}

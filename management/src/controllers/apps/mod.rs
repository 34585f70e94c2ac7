//! Apps: making, showing and deleting them, their host names, credentials and rollback.

mod create;
mod credentials;
mod delete;
mod host_names;
mod invoke;
mod list;
mod mode;
mod rollback;
mod show;

pub(crate) use create::{create, make};
pub(crate) use credentials::{credentials, reset_credentials};
pub(crate) use delete::delete;
pub(crate) use host_names::set_host_names;
pub(crate) use invoke::invoke;
pub(crate) use list::list;
pub(crate) use mode::{restart, start, stop};
pub(crate) use rollback::rollback;
pub(crate) use show::show;

use hearth_model::control::FunctionReport;
use hearth_state::{App, AppMode, Deployment};

use crate::answer::Failure;
use crate::api::AppSummary;
use crate::context::Context;
use crate::links::FunctionUrls;
use crate::schedule::AppStatus;

/// The functions of the active deployment: as a worker reports them now, else as recorded when it was published.
fn functions(status: Option<&AppStatus>, active: Option<&Deployment>) -> Vec<FunctionReport> {
    if let Some(functions) = status.and_then(|status| status.functions.clone()) {
        return functions;
    }
    let recorded = active.and_then(|deployment| deployment.functions_json.as_deref());
    recorded.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default()
}

/// The functions of the active deployment, those in error too.
pub(crate) async fn known_functions(context: &Context, app: &App) -> Result<Vec<FunctionReport>, Failure> {
    let (view, _) = context.scheduler.look().await?;
    let status = view.apps.get(&app.name);
    let active = match &app.active {
        Some(id) => context.state.deployments().get(id).await?,
        None => None,
    };
    Ok(functions(status, active.as_ref()))
}

fn summary(
    app: &App,
    mode: AppMode,
    status: Option<&AppStatus>,
    functions: &[FunctionReport],
    urls: Option<&FunctionUrls>,
) -> AppSummary {
    AppSummary {
        name: app.name.to_string(),
        state: match (status.map_or("empty", |status| status.state), mode) {
            (state @ "empty", _) | (state, AppMode::Running) => state,
            (_, mode) => mode::name(mode),
        }
        .to_owned(),
        mode: Some(mode::name(mode).to_owned()),
        active_deployment: app.active.as_ref().map(ToString::to_string),
        generation: app.generation,
        host_names: app.host_names.clone(),
        host_urls: urls.map(|urls| urls.custom.clone()).unwrap_or_default(),
        url: urls.map(|urls| urls.main.clone()),
        functions: functions.len(),
        running_on: status
            .map(|status| status.running_on.iter().map(ToString::to_string).collect())
            .unwrap_or_default(),
        created: app.created.rfc3339(),
    }
}

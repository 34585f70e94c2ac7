//! `POST /api/apps/{app}/restart`, `…/stop` and `…/start`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use hearth_model::ids::AppName;
use hearth_state::{AppMode, AppRevision};

use crate::answer::{ApiError, Failure};
use crate::api::Revision;
use crate::context::Context;
use crate::controllers::app_name;
use crate::settings::missing_app;

/// Has every worker load the app again; the one that runs answers until the new one can.
pub(crate) async fn restart(
    State(context): State<Arc<Context>>,
    Path(app): Path<String>,
) -> Result<Json<Revision>, ApiError> {
    let app = app_name(&app)?;
    let revision = context.state.configuration().restart(&app).await.map_err(|error| missing_app(&app, error))?;
    tracing::info!(%app, revision, "restart asked for");
    context.ring(revision).await;
    Ok(Json(Revision { revision }))
}

/// Takes the app offline: its callers are told that it is away. It stays so over publishing and restarts.
pub(crate) async fn stop(
    State(context): State<Arc<Context>>,
    Path(app): Path<String>,
) -> Result<Json<Revision>, ApiError> {
    Ok(set(&context, app_name(&app)?, AppMode::Offline).await?)
}

/// Lets the app run again.
pub(crate) async fn start(
    State(context): State<Arc<Context>>,
    Path(app): Path<String>,
) -> Result<Json<Revision>, ApiError> {
    Ok(set(&context, app_name(&app)?, AppMode::Running).await?)
}

async fn set(context: &Context, app: AppName, mode: AppMode) -> Result<Json<Revision>, Failure> {
    let configuration = context.state.configuration();
    let changed = configuration.set_mode(&app, mode).await.map_err(|error| missing_app(&app, error))?;
    let revision = match changed {
        Some(revision) => {
            tracing::info!(%app, revision, mode = name(mode), "mode changed");
            context.ring(revision).await;
            revision
        }
        None => configuration.get(&app).await?.map_or(0, |present| present.revision),
    };
    Ok(Json(Revision { revision }))
}

/// A mode as the API writes it.
pub(super) fn name(mode: AppMode) -> &'static str {
    match mode {
        AppMode::Running => "running",
        AppMode::Draining => "draining",
        AppMode::Offline => "offline",
    }
}

/// How an app stands whose row there may not be yet.
pub(super) fn of(revision: Option<&AppRevision>) -> AppMode {
    revision.map(|revision| revision.mode).unwrap_or_default()
}

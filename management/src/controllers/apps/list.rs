//! `GET /api/apps`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;

use super::{functions, mode, summary};
use crate::address::Reached;
use crate::answer::ApiError;
use crate::api::AppList;
use crate::context::Context;

/// All apps by name.
pub(crate) async fn list(State(context): State<Arc<Context>>, reached: Reached) -> Result<Json<AppList>, ApiError> {
    let (view, workers) = context.scheduler.look().await?;
    let revisions = context.state.configuration().changes(0).await?;
    let mut apps = Vec::new();
    for app in context.state.apps().list().await? {
        let status = view.apps.get(&app.name);
        // The row is only needed while no worker has reported.
        let active = match (&app.active, status.and_then(|status| status.functions.as_ref())) {
            (Some(deployment), None) => context.state.deployments().get(deployment).await?,
            _ => None,
        };
        let urls = context.links(&reached).functions(&app, &workers);
        let mode = mode::of(revisions.iter().find(|one| one.app == app.name));
        apps.push(summary(&app, mode, status, &functions(status, active.as_ref()), urls.as_ref()));
    }
    Ok(Json(AppList { apps }))
}

//! `DELETE /api/apps/{app}`.

use std::sync::Arc;

use axum::extract::{Path, State};
use http::StatusCode;

use crate::answer::{ApiError, Failure};
use crate::context::Context;
use crate::controllers::app_name;

/// Deletes the app with all its deployments; workers drop it at once. 204, or 404 when there is none.
pub(crate) async fn delete(
    State(context): State<Arc<Context>>,
    Path(app): Path<String>,
) -> Result<StatusCode, ApiError> {
    let app = app_name(&app)?;
    if !context.state.apps().delete(&app).await? {
        return Err(Failure::no_app(app.as_str()).into());
    }
    tracing::info!(%app, "app deleted");
    context.scheduler.app_deleted(app).await?;
    tokio::spawn(async move {
        if let Err(error) = context.state.packages().collect_unreferenced().await {
            tracing::warn!(%error, "packages of a deleted app could not be collected; the next deletion tries again");
        }
    });
    Ok(StatusCode::NO_CONTENT)
}

//! `PUT /api/apps/{app}`, and making an app by its first publish.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use hearth_model::ids::AppName;
use http::StatusCode;

use super::show::detail;
use crate::address::Reached;
use crate::answer::{ApiError, Failure};
use crate::context::Context;
use crate::controllers::{app_name, existing};
use crate::secret;

/// 201 for a new app, 200 for one that exists.
pub(crate) async fn create(
    State(context): State<Arc<Context>>,
    reached: Reached,
    Path(app): Path<String>,
) -> Result<Response, ApiError> {
    let app = app_name(&app)?;
    let status = if make(&context, &app).await? { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(detail(&context, context.links(&reached), &app).await?)).into_response())
}

/// Makes an app where there is none; true when it is new.
pub(crate) async fn make(context: &Arc<Context>, name: &AppName) -> Result<bool, Failure> {
    let apps = context.state.apps();
    let created = apps.get(name).await?.is_none()
        && apps.create(name, &secret::seal_publish_password(&context.keyring, name)?).await?;
    if created {
        tracing::info!(app = %name, "app created");
    }
    // Also when it is there: whoever made it may have been cut off in the middle.
    context.state.app_keys().ensure(&context.keyring, name).await?;
    // For the same reason; the scheduler takes no harm from what it knows.
    context.scheduler.app_changed(&existing(context, name).await?).await?;
    Ok(created)
}

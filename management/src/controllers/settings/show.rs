//! `GET /api/apps/{app}/settings`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;

use super::tagged;
use crate::answer::ApiError;
use crate::api::SettingsView;
use crate::context::Context;
use crate::controllers::app_name;
use crate::settings;

/// Names and values; the revision is also the entity tag.
pub(crate) async fn show(State(context): State<Arc<Context>>, Path(app): Path<String>) -> Result<Response, ApiError> {
    let stored = settings::stored(&context, &app_name(&app)?).await?;
    let view = SettingsView { revision: stored.revision, settings: stored.values.into_iter().collect() };
    Ok(tagged(view.revision, Json(view)))
}

//! `PUT /api/apps/{app}/settings`.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::response::Response;
use hearth_state::SettingsChange;

use super::{changed, expected};
use crate::answer::{ApiError, MAX_BODY, json_body};
use crate::api::SettingsReplacement;
use crate::context::Context;
use crate::controllers::app_name;
use crate::settings;

/// Replaces all settings of the app.
pub(crate) async fn replace(
    State(context): State<Arc<Context>>,
    Path(app): Path<String>,
    request: Request,
) -> Result<Response, ApiError> {
    let app = app_name(&app)?;
    let expected = expected(request.headers())?;
    let wanted: SettingsReplacement = json_body(request.into_body(), MAX_BODY, None).await?;
    let change = SettingsChange { expected, ..SettingsChange::replace(wanted.settings) };
    Ok(changed(settings::change(&context, &app, &change).await?))
}

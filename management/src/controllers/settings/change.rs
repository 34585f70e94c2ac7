//! `PATCH /api/apps/{app}/settings`.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::response::Response;
use hearth_state::SettingsChange;

use super::{changed, expected};
use crate::answer::{ApiError, MAX_BODY, json_body};
use crate::api;
use crate::context::Context;
use crate::controllers::app_name;
use crate::settings;

/// Sets some settings and takes others away, all at once.
pub(crate) async fn change(
    State(context): State<Arc<Context>>,
    Path(app): Path<String>,
    request: Request,
) -> Result<Response, ApiError> {
    let app = app_name(&app)?;
    let expected = expected(request.headers())?;
    let wanted: api::SettingsChange = json_body(request.into_body(), MAX_BODY, None).await?;
    let change = SettingsChange { unset: wanted.unset, expected, ..SettingsChange::set(wanted.set) };
    Ok(changed(settings::change(&context, &app, &change).await?))
}

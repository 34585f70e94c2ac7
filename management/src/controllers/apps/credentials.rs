//! `GET /api/apps/{app}/publish-credentials`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header;

use crate::address::Reached;
use crate::answer::ApiError;
use crate::api::PublishCredentials;
use crate::context::Context;
use crate::controllers::{app_name, existing};
use crate::secret;

/// Shows user and password of the app's publishing site.
pub(crate) async fn credentials(
    State(context): State<Arc<Context>>,
    reached: Reached,
    Path(app): Path<String>,
) -> Result<Response, ApiError> {
    let app = existing(&context, &app_name(&app)?).await?;
    let password = secret::open_publish_password(&context.keyring, &app.name, &app.publish_credential)?;
    let links = context.links(&reached);
    let shown = PublishCredentials {
        user: format!("${}", app.name),
        password,
        scm_url: links.scm(&app.name),
        scm_path_url: links.scm_by_path(&app.name),
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(shown)).into_response())
}

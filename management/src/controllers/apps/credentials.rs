//! `GET /api/apps/{app}/publish-credentials` and `POST …/publish-credentials/reset`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use hearth_model::ids::AppName;
use http::header;

use crate::address::Reached;
use crate::answer::{ApiError, Failure};
use crate::api::PublishCredentials;
use crate::context::Context;
use crate::controllers::{app_name, existing};
use crate::secret;

/// Makes a new password; the one before is of no use from now on.
pub(crate) async fn reset_credentials(
    State(context): State<Arc<Context>>,
    reached: Reached,
    Path(app): Path<String>,
) -> Result<Response, ApiError> {
    let name = app_name(&app)?;
    let sealed = secret::seal_publish_password(&context.keyring, &name)?;
    if !context.state.apps().set_publish_credential(&name, &sealed).await? {
        return Err(Failure::no_app(name.as_str()).into());
    }
    tracing::info!(app = %name, "publish credential reset");
    Ok(shown(&context, &reached, &name).await?)
}

/// Shows user and password of the app's publishing site.
pub(crate) async fn credentials(
    State(context): State<Arc<Context>>,
    reached: Reached,
    Path(app): Path<String>,
) -> Result<Response, ApiError> {
    Ok(shown(&context, &reached, &app_name(&app)?).await?)
}

async fn shown(context: &Arc<Context>, reached: &Reached, name: &AppName) -> Result<Response, Failure> {
    let app = existing(context, name).await?;
    let password = secret::open_publish_password(&context.keyring, &app.name, &app.publish_credential)?;
    let links = context.links(reached);
    let shown = PublishCredentials {
        user: format!("${}", app.name),
        password,
        scm_url: links.scm(&app.name),
        scm_path_url: links.scm_by_path(&app.name),
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(shown)).into_response())
}

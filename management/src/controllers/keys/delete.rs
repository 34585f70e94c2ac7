//! `DELETE /api/apps/{app}/keys/…/{name}`.

use std::sync::Arc;

use axum::extract::{RawPathParams, State};
use hearth_model::keys::KeyScope;
use http::StatusCode;

use super::Named;
use crate::answer::{ApiError, Failure};
use crate::context::Context;

/// Deletes a key: from now on it opens nothing. 204, or 404 when there is none.
pub(crate) async fn delete(State(context): State<Arc<Context>>, path: RawPathParams) -> Result<StatusCode, ApiError> {
    let named = Named::read(&context, &path).await?;
    let Named { app, scope, name } = &named;
    if *scope == KeyScope::Master {
        let message = "The master key can't be deleted, only replaced: POST gives it a new value.";
        return Err(Failure::invalid("master_key_required", message).into());
    }
    let deleted = context.state.app_keys().delete(app, scope, name).await.map_err(|error| named.failure(error))?;
    if !deleted {
        return Err(named.missing().into());
    }
    tracing::info!(%app, %scope, key = %name, "key deleted");
    context.ring_latest().await;
    Ok(StatusCode::NO_CONTENT)
}

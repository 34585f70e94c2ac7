//! `GET /api/apps/{app}/keys/…/{name}`.

use std::sync::Arc;

use axum::extract::{RawPathParams, State};
use axum::response::Response;
use hearth_model::keys::{self, KeyScope};
use http::StatusCode;

use super::{Named, keys_of, private, view};
use crate::answer::ApiError;
use crate::context::Context;

/// One key.
pub(crate) async fn show(State(context): State<Arc<Context>>, path: RawPathParams) -> Result<Response, ApiError> {
    let named = Named::read(&context, &path).await?;
    let set = keys_of(&context, &named.app).await?;
    let name = if named.scope == KeyScope::Master { keys::MASTER } else { &named.name };
    let key = set.get(&named.scope, name).ok_or_else(|| named.missing())?;
    Ok(private(StatusCode::OK, view(&named.scope, key)))
}

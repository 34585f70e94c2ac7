//! `GET deployments/{id|latest}`: 202 while it is in progress, else 200.

use std::sync::Arc;

use axum::Json;
use axum::extract::{RawPathParams, Request, State};
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};

use super::{enter, named};
use crate::answer::KuduError;
use crate::context::Context;
use crate::controllers::existing;
use crate::publish::view;

/// Clients loop on the status field or on the change from 202 to 200; both are there.
pub(crate) async fn show(
    State(context): State<Arc<Context>>,
    path: RawPathParams,
    request: Request,
) -> Result<Response, KuduError> {
    let (parts, _) = request.into_parts();
    let (site, _) = enter(&context, &path, &parts).await?;
    let app = existing(&context, &site.app).await?;
    let deployment = named(&context, &site, &path).await?;
    let view = view(&deployment, app.active.as_ref() == Some(&deployment.id), &site);
    if deployment.complete {
        return Ok(Json(view).into_response());
    }
    let headers = [(header::LOCATION, view.url.clone()), (header::RETRY_AFTER, "2".to_owned())];
    Ok((StatusCode::ACCEPTED, headers, Json(view)).into_response())
}

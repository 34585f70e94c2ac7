//! `GET deployments`: newest first, with an entity tag.

use std::sync::Arc;

use axum::extract::{RawPathParams, Request, State};
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use sha2::{Digest, Sha256};

use super::enter;
use crate::answer::{Failure, KuduError};
use crate::context::Context;
use crate::controllers::existing;
use crate::publish::view;

/// Answers 304 to a client that has this list already.
pub(crate) async fn list(
    State(context): State<Arc<Context>>,
    path: RawPathParams,
    request: Request,
) -> Result<Response, KuduError> {
    let (parts, _) = request.into_parts();
    let (site, _) = enter(&context, &path, &parts).await?;
    let app = existing(&context, &site.app).await?;
    let deployments = context.state.deployments().list(&site.app).await?;
    let views: Vec<_> = deployments.iter().map(|one| view(one, app.active.as_ref() == Some(&one.id), &site)).collect();
    let body = serde_json::to_vec(&views).map_err(Failure::internal)?;
    let tag = format!("\"{}\"", hex::encode(&Sha256::digest(&body)[..16]));
    let known = parts.headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    if known.flat_map(|tags| tags.split(',')).any(|one| one.trim().trim_start_matches("W/") == tag) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    let headers = [(header::ETAG, tag), (header::CONTENT_TYPE, "application/json".to_owned())];
    Ok((headers, body).into_response())
}

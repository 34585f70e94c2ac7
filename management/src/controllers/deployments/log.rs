//! `GET deployments/{id}/log[/{log_id}]`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{RawPathParams, Request, State};
use http::StatusCode;

use super::{enter, named, parameter};
use crate::answer::{Failure, KuduError};
use crate::api::LogEntryView;
use crate::context::Context;
use crate::publish::entry_view;

/// All lines, oldest first.
pub(crate) async fn log(
    State(context): State<Arc<Context>>,
    path: RawPathParams,
    request: Request,
) -> Result<Json<Vec<LogEntryView>>, KuduError> {
    Ok(Json(lines(&context, &path, request).await?))
}

/// What belongs to one line, as a list: the line itself, because lines have no details of their own.
pub(crate) async fn log_entry(
    State(context): State<Arc<Context>>,
    path: RawPathParams,
    request: Request,
) -> Result<Json<Vec<LogEntryView>>, KuduError> {
    let wanted = parameter(&path, "log_id");
    let mut lines = lines(&context, &path, request).await?;
    lines.retain(|line| line.id == wanted);
    if lines.is_empty() {
        let message = format!("The deployment's log has no line '{wanted}'.");
        return Err(Failure::new(StatusCode::NOT_FOUND, "log_line_not_found", message).into());
    }
    Ok(Json(lines))
}

async fn lines(context: &Arc<Context>, path: &RawPathParams, request: Request) -> Result<Vec<LogEntryView>, Failure> {
    let (parts, _) = request.into_parts();
    let (site, _) = enter(context, path, &parts).await?;
    let deployment = named(context, &site, path).await?;
    let entries = context.state.deployments().logs(&deployment.id).await?;
    Ok(entries.iter().map(entry_view).collect())
}

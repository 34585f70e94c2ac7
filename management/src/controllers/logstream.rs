//! `GET logstream[/…]`: an app's log lines as they come.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Query, RawPathParams, Request, State};
use axum::response::{IntoResponse, Response};
use http::header;

use crate::answer::KuduError;
use crate::context::Context;
use crate::controllers::deployments::enter;
use crate::controllers::{existing, query};
use crate::logs;

/// Streams until the client leaves, two hours are over, or the role stops.
pub(crate) async fn stream(
    State(context): State<Arc<Context>>,
    path: RawPathParams,
    Query(values): Query<HashMap<String, String>>,
    request: Request,
) -> Result<Response, KuduError> {
    let (parts, _) = request.into_parts();
    let (site, _) = enter(&context, &path, &parts).await?;
    existing(&context, &site.app).await?;
    let filter = query(&values, "filter").filter(|filter| !filter.is_empty());
    let headers = [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, logs::stream(context, site.app, filter)).into_response())
}

//! `GET /metrics`: figures for an operator's monitoring, as OpenMetrics text (Prometheus reads it). One page tells of the whole
//! installation: of this process, of what the scheduler sees, and of every worker by its beats.

mod page;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};

use crate::answer::{ApiError, Failure};
use crate::context::Context;
use crate::schedule::Standing;
use page::Page;

/// The format's own media type.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// The page comes without what the scheduler knows when that takes longer: monitoring matters most on a bad day.
const LIMIT: Duration = Duration::from_secs(2);

/// The figures of this moment. A process that stands by tells of itself alone.
pub(crate) async fn metrics(State(context): State<Arc<Context>>) -> Result<Response, ApiError> {
    let page = Page::new();
    page.management(context.state.metrics());
    let decides = *context.standing.borrow() == Standing::Active;
    page.standing(decides);
    if decides && let Ok(Ok((view, _))) = tokio::time::timeout(LIMIT, context.scheduler.look()).await {
        page.plan(&view);
        let present = |worker: &_| view.workers.get(worker).is_some_and(|status| status.state != "missing");
        for (worker, told) in context.telemetry.of(present) {
            page.worker(worker.as_str(), &told);
        }
    }
    let text = page.text().map_err(|error| {
        Failure::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "metrics_failed",
            format!("The page can't be written: {error}."),
        )
    })?;
    Ok(([(header::CONTENT_TYPE, OPEN_METRICS)], text).into_response())
}

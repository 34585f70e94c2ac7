//! `GET /api/workers`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;

use crate::answer::ApiError;
use crate::api::{WorkerList, WorkerView};
use crate::context::Context;

/// All workers by name, the missing ones included.
pub(crate) async fn list(State(context): State<Arc<Context>>) -> Result<Json<WorkerList>, ApiError> {
    let (view, workers) = context.scheduler.look().await?;
    let workers = workers.into_iter().map(|worker| {
        let status = view.workers.get(&worker.name);
        WorkerView {
            state: status.map_or("missing", |status| status.state).to_owned(),
            apps: status.map(|status| status.apps.iter().map(ToString::to_string).collect()).unwrap_or_default(),
            labels: serde_json::from_str(&worker.labels_json).unwrap_or_default(),
            last_beat: worker.last_beat.rfc3339(),
            name: worker.name.to_string(),
            version: worker.version,
            http_url: worker.http_url,
            capacity: worker.capacity,
            pid: worker.pid,
            epoch: worker.epoch,
        }
    });
    Ok(Json(WorkerList { workers: workers.collect() }))
}

//! `GET /api/workers`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use hearth_state::Worker;

use crate::answer::ApiError;
use crate::api::{WorkerList, WorkerView};
use crate::context::Context;
use crate::schedule::View;

/// All workers by name, the missing ones included.
pub(crate) async fn list(State(context): State<Arc<Context>>) -> Result<Json<WorkerList>, ApiError> {
    let (view, workers) = context.scheduler.look().await?;
    Ok(Json(WorkerList { workers: workers.into_iter().map(|worker| shown(&view, worker)).collect() }))
}

/// A worker as the API shows it.
pub(super) fn shown(view: &View, worker: Worker) -> WorkerView {
    let status = view.workers.get(&worker.name);
    let member = view.members.get(&worker.name);
    let told = view.told.get(&worker.name);
    let state = status.map_or("missing", |status| status.state);
    // What an operator said comes before what the worker says of itself; of a missing one neither explains anything.
    let reason = member
        .map(|member| member.reason.clone())
        .filter(|reason| !reason.is_empty())
        .or_else(|| told.and_then(|told| told.reason.clone()))
        .filter(|_| !matches!(state, "live" | "missing"));
    WorkerView {
        state: state.to_owned(),
        reason,
        apps: status.map(|status| status.apps.iter().map(ToString::to_string).collect()).unwrap_or_default(),
        labels: serde_json::from_str(&worker.labels_json).unwrap_or_default(),
        last_beat: worker.last_beat.rfc3339(),
        node: member.map(|member| member.node.clone()).unwrap_or_default(),
        available: member.map(|member| member.available.clone()).filter(|available| !available.is_empty()),
        running: told.and_then(|told| told.load).map(|load| load.running),
        memory_bytes: told.and_then(|told| told.load).map(|load| load.memory_bytes),
        name: worker.name.to_string(),
        version: worker.version,
        http_url: worker.http_url,
        capacity: worker.capacity,
        pid: worker.pid,
        epoch: worker.epoch,
    }
}

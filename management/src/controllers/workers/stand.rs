//! `POST /api/workers/{worker}/cordon`, `…/drain`, `…/uncordon`, and `DELETE /api/workers/{worker}`: what an operator decides.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, Request, State};
use hearth_model::control::Standing;
use hearth_model::ids::WorkerId;
use http::StatusCode;

use crate::answer::{ApiError, Failure, MAX_BODY, json_body, sentence};
use crate::api::{StandingRequest, WorkerView};
use crate::context::Context;
use crate::controllers::query;
use crate::schedule::{Decision, StandError};

/// Nothing new for this worker; what it has it keeps.
pub(crate) async fn cordon(
    State(context): State<Arc<Context>>,
    Path(worker): Path<String>,
    request: Request,
) -> Result<Json<WorkerView>, ApiError> {
    stand(&context, &worker, Standing::Cordoned, request).await
}

/// Nothing new, and what it has moves away; what runs there ends.
pub(crate) async fn drain(
    State(context): State<Arc<Context>>,
    Path(worker): Path<String>,
    request: Request,
) -> Result<Json<WorkerView>, ApiError> {
    stand(&context, &worker, Standing::Draining, request).await
}

/// In service again.
pub(crate) async fn uncordon(
    State(context): State<Arc<Context>>,
    Path(worker): Path<String>,
    request: Request,
) -> Result<Json<WorkerView>, ApiError> {
    stand(&context, &worker, Standing::InService, request).await
}

/// 204. Without `?force=true` only when it is missing or drained.
pub(crate) async fn remove(
    State(context): State<Arc<Context>>,
    Path(worker): Path<String>,
    Query(values): Query<HashMap<String, String>>,
) -> Result<StatusCode, ApiError> {
    let force = query(&values, "force").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let reason = query(&values, "reason").unwrap_or_default();
    decide(&context, Decision { worker: name(&worker)?, standing: Standing::Removed, reason, force }).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn stand(
    context: &Arc<Context>,
    worker: &str,
    standing: Standing,
    request: Request,
) -> Result<Json<WorkerView>, ApiError> {
    let asked = json_body(request.into_body(), MAX_BODY, Some(StandingRequest::default())).await?;
    let worker = name(worker)?;
    decide(context, Decision { worker: worker.clone(), standing, reason: asked.reason, force: false }).await?;
    let (view, seats) = context.scheduler.look().await?;
    let seat = seats.into_iter().find(|seat| seat.name == worker).ok_or_else(|| unknown(&worker))?;
    Ok(Json(super::list::shown(&view, seat)))
}

async fn decide(context: &Context, decision: Decision) -> Result<(), ApiError> {
    let worker = decision.worker.clone();
    let refusal = match context.scheduler.stand(decision).await? {
        Ok(()) => return Ok(()),
        Err(StandError::Unknown) => unknown(&worker),
        Err(StandError::InUse(state)) => {
            let message = format!(
                "Worker '{worker}' is {state}. Drain it first ('hearth workers drain {worker}') and wait until it is drained, or remove it with --force, which cuts off what runs there."
            );
            Failure::new(StatusCode::CONFLICT, "worker_in_use", message)
        }
        Err(StandError::State(error)) => error.into(),
    };
    Err(refusal.into())
}

fn name(text: &str) -> Result<WorkerId, Failure> {
    WorkerId::parse(text).map_err(|error| Failure::invalid("worker_name_invalid", sentence(&error.to_string())))
}

fn unknown(worker: &WorkerId) -> Failure {
    let message = format!("There is no worker '{worker}'; see 'hearth workers list' for those there are.");
    Failure::new(StatusCode::NOT_FOUND, "worker_not_found", message)
}

//! `POST /internal/v1/workers/beat`: a worker says what it holds and hears what it should hold.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use hearth_model::control::{BeatRequest, BeatResponse};
use http::StatusCode;

use crate::answer::{ApiError, Failure, json_body};
use crate::auth::bearer;
use crate::context::Context;
use crate::schedule::Refusal;
use crate::secret;
use crate::telemetry::Told;

/// Largest beat in bytes: it lists every function of every app that the worker holds.
const MAX_BEAT: usize = 16 << 20;

/// Answers when there is news, or when the beat interval is over.
pub(crate) async fn beat(
    State(context): State<Arc<Context>>,
    request: Request,
) -> Result<Json<BeatResponse>, ApiError> {
    let (parts, body) = request.into_parts();
    let Some(credential) = bearer(&parts.headers) else {
        return Err(refusal(Refusal::Credential).into());
    };
    let beat: BeatRequest = json_body(body, MAX_BEAT, None).await?;
    let (worker, told, held) = (beat.worker.clone(), Told::of(&beat), beat.credential_held.clone());
    match context.scheduler.beat(beat, secret::hash(credential)).await? {
        Ok(mut answer) => {
            if let Some(held) = held {
                answer.credential = context.rotation.renew(&context.state, &worker, &held).await;
            }
            context.telemetry.take(worker, told);
            Ok(Json(answer))
        }
        Err(refused @ (Refusal::Credential | Refusal::Unknown)) => {
            Err(context.delays.refuse(refusal(refused)).await.into())
        }
        Err(refused) => Err(refusal(refused).into()),
    }
}

/// What a worker that an operator removed is told.
pub(super) const REMOVED: &str =
    "An operator removed this worker. To have it back, join it again with a new token ('hearth workers token').";

fn refusal(refusal: Refusal) -> Failure {
    let (status, code, message) = match refusal {
        Refusal::Unknown => {
            (StatusCode::UNAUTHORIZED, "worker_unknown", "No such worker is registered; register again.")
        }
        Refusal::Credential => (
            StatusCode::UNAUTHORIZED,
            "credential_invalid",
            "The credential is not that of this worker's registration; register again.",
        ),
        Refusal::Removed => (StatusCode::FORBIDDEN, "worker_removed", REMOVED),
        Refusal::Fenced => (
            StatusCode::CONFLICT,
            "worker_fenced",
            "Another worker registered later under this name. Give each worker a name of its own.",
        ),
        Refusal::Expired => (
            StatusCode::CONFLICT,
            "lease_expired",
            "The worker was silent for longer than its lease and counts as missing; register again.",
        ),
    };
    Failure::new(status, code, message)
}

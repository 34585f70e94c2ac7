//! `POST /api/apps/{app}/functions/{function}/invoke`: runs a function by hand on a worker that has it, and tells how it went.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use hearth_model::control::INVOKE_PATH;
use hearth_model::ids::{AppName, FunctionName};
use hearth_state::Worker;
use http::{StatusCode, header};
use http_body_util::{BodyExt, Limited};

use crate::answer::{ApiError, Failure, json_body, sentence};
use crate::api::{InvocationOutcome, InvokeRequest};
use crate::context::Context;
use crate::controllers::{app_name, existing};
use crate::secret;

/// Greatest input, with what JSON adds to it: that of the worker's own admin API.
const MAX_INPUT: usize = 8 << 20;
/// Longest wait for the end of an invocation.
const LONGEST_WAIT: u64 = 3600;
/// What a worker may take on top of the wait: the app may have to be loaded first.
const MARGIN: Duration = Duration::from_secs(60);
/// Longest answer that is read.
const MAX_ANSWER: usize = 8 << 20;

/// 200 with the outcome, or with the invocation's id alone when it did not end within the wait.
pub(crate) async fn invoke(
    State(context): State<Arc<Context>>,
    Path((app, function)): Path<(String, String)>,
    request: Request,
) -> Result<Json<InvocationOutcome>, ApiError> {
    let name = app_name(&app)?;
    let function = FunctionName::parse(&function)
        .map_err(|error| Failure::invalid("function_name_invalid", sentence(&error.to_string())))?;
    let mut asked: InvokeRequest = json_body(request.into_body(), MAX_INPUT, Some(InvokeRequest::default())).await?;
    asked.wait_seconds = asked.wait_seconds.min(LONGEST_WAIT);
    existing(&context, &name).await?;
    let workers = candidates(&context, &name).await?;
    let mut unreachable = String::new();
    for worker in &workers {
        match ask(&context, worker, &name, &function, &asked).await {
            Ok(outcome) => return Ok(Json(outcome)),
            Err(Asked::Refused(failure)) => return Err(failure.into()),
            Err(Asked::Unreachable(reason)) => unreachable = reason,
        }
    }
    let message = format!("No worker can run a function of app '{name}' now; see 'hearth workers list'.");
    let failure = Failure::new(StatusCode::SERVICE_UNAVAILABLE, "no_worker", message);
    Err(Failure { internal: Some(unreachable).filter(|reason| !reason.is_empty()), ..failure }.into())
}

/// The workers that may be asked, those that run the app first.
async fn candidates(context: &Context, app: &AppName) -> Result<Vec<Worker>, Failure> {
    let (view, mut workers) = context.scheduler.look().await?;
    workers.retain(|worker| !worker.missing);
    let running_on = view.apps.get(app).map(|status| status.running_on.as_slice()).unwrap_or_default();
    workers.sort_by_key(|worker| !running_on.contains(&worker.name));
    Ok(workers)
}

/// Why a worker gave no outcome.
enum Asked {
    /// It said why, and another would say the same.
    Refused(Failure),
    /// Nothing of the call reached it.
    Unreachable(String),
}

async fn ask(
    context: &Context,
    worker: &Worker,
    app: &AppName,
    function: &FunctionName,
    asked: &InvokeRequest,
) -> Result<InvocationOutcome, Asked> {
    let internal = |error: &dyn std::fmt::Display| Asked::Refused(Failure::internal(error));
    let key = secret::control_key(&context.keyring, worker.name.as_str(), &worker.credential_hash);
    let url = format!("{}{INVOKE_PATH}?app={app}&function={function}", worker.control_url.trim_end_matches('/'));
    let body = serde_json::to_vec(asked).map_err(|error| internal(&error))?;
    let request = http::Request::post(url)
        .header(header::AUTHORIZATION, format!("Bearer {key}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body))
        .map_err(|error| internal(&error))?;
    let limit = Duration::from_secs(asked.wait_seconds) + MARGIN;
    let answer = match tokio::time::timeout(limit, context.fetcher.request(request)).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) if error.is_connect() => {
            return Err(Asked::Unreachable(format!("worker {}: {error}", worker.name)));
        }
        Ok(Err(error)) => return Err(lost(worker, &error)),
        Err(_) => return Err(lost(worker, &"it did not answer in time")),
    };
    let status = answer.status();
    let body = Limited::new(answer.into_body(), MAX_ANSWER).collect().await.map_err(|error| lost(worker, &error))?;
    let body = body.to_bytes();
    if status.is_success() {
        return serde_json::from_slice(&body).map_err(|error| internal(&error));
    }
    let said: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
    let said = said["error"]["message"].as_str().unwrap_or("The worker did not say why.").to_owned();
    Err(Asked::Refused(Failure::new(status, "invocation_refused", said)))
}

/// The worker went away in the middle.
fn lost(worker: &Worker, error: &dyn std::fmt::Display) -> Asked {
    let message = format!(
        "Worker '{}' went away before it said how the invocation went. Whether the function ran is not known; its log may tell.",
        worker.name
    );
    let failure = Failure::new(StatusCode::BAD_GATEWAY, "worker_lost", message);
    Asked::Refused(Failure { internal: Some(error.to_string()), ..failure })
}

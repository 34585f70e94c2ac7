//! `POST /internal/v1/workers/register`: a worker joins with the join token and gets its own credential.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use hearth_model::control::{RegisterRequest, RegisterResponse};
use hearth_model::ids::WorkerId;
use hearth_state::NewWorker;
use http::{StatusCode, Uri};

use crate::answer::{ApiError, Failure, MAX_BODY, json_body, sentence};
use crate::context::Context;
use crate::secret;

/// Registers; whoever had the name before is fenced.
pub(crate) async fn register(
    State(context): State<Arc<Context>>,
    request: Request,
) -> Result<Json<RegisterResponse>, ApiError> {
    let asked: RegisterRequest = json_body(request.into_body(), MAX_BODY, None).await?;
    if !context.join_token.matches(&asked.token) {
        let message = "The join token is not right. The right one is in the ready file of management (joinToken); give it to the worker by --join-token or HEARTH_JOIN_TOKEN.";
        let refusal = Failure::new(StatusCode::UNAUTHORIZED, "join_token_invalid", message);
        return Err(context.delays.refuse(refusal).await.into());
    }
    let name = WorkerId::parse(&asked.name)
        .map_err(|error| Failure::invalid("worker_name_invalid", sentence(&error.to_string())))?;
    check_url("control_url", &asked.control_url)?;
    check_url("http_url", &asked.http_url)?;
    let credential = secret::generate().map_err(Failure::internal)?;
    let credential_hash = secret::hash(&credential);
    let control_key = secret::control_key(&context.keyring, name.as_str(), &credential_hash);
    let new = NewWorker {
        name: name.clone(),
        version: asked.version,
        control_url: asked.control_url,
        http_url: asked.http_url,
        capacity: asked.capacity.clamp(1, 1_000_000),
        labels_json: serde_json::to_string(&asked.labels).map_err(Failure::internal)?,
        pid: asked.pid,
        credential_hash,
        node: asked.node,
        available: asked.available,
        lease: context.limits.worker_lease,
    };
    let epoch = context.scheduler.register(new).await??;
    let millis = |duration: std::time::Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    Ok(Json(RegisterResponse {
        worker: name,
        epoch,
        credential,
        control_key,
        beat_interval_ms: millis(context.limits.beat_interval),
        lease_ms: millis(context.limits.worker_lease),
    }))
}

fn check_url(field: &str, text: &str) -> Result<(), Failure> {
    let url: Option<Uri> = text.parse().ok();
    match url {
        Some(url) if matches!(url.scheme_str(), Some("http" | "https")) && url.host().is_some() => Ok(()),
        _ => Err(Failure::invalid(
            "worker_url_invalid",
            format!("{field} '{text}' is not a base URL such as http://10.0.0.5:7071."),
        )),
    }
}

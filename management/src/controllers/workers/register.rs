//! `POST /internal/v1/workers/register`: a worker joins with the join token and gets its own credential.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use hearth_model::control::{RegisterRequest, RegisterResponse, Standing};
use hearth_model::ids::WorkerId;
use hearth_state::NewWorker;
use http::{StatusCode, Uri};

use crate::answer::{ApiError, Failure, MAX_BODY, json_body, sentence};
use crate::context::Context;
use crate::controllers::workers::beat::REMOVED;
use crate::secret;

/// Registers; whoever had the name before is fenced.
pub(crate) async fn register(
    State(context): State<Arc<Context>>,
    request: Request,
) -> Result<Json<RegisterResponse>, ApiError> {
    let asked: RegisterRequest = json_body(request.into_body(), MAX_BODY, None).await?;
    let name = WorkerId::parse(&asked.name)
        .map_err(|error| Failure::invalid("worker_name_invalid", sentence(&error.to_string())))?;
    admit(&context, &name, &asked).await?;
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

/// Whether this worker may register: by its own credential, or by the shared token, which also brings back one that was
/// removed.
async fn admit(context: &Context, name: &WorkerId, asked: &RegisterRequest) -> Result<(), Failure> {
    let members = context.state.members();
    let removed = || async {
        Ok::<_, Failure>(members.get(name).await?.is_some_and(|member| member.standing == Standing::Removed))
    };
    let refusal = match &asked.credential {
        Some(credential) if members.admit(name, &secret::hash(credential)).await? => return Ok(()),
        Some(_) if removed().await? => Failure::new(StatusCode::FORBIDDEN, "worker_removed", REMOVED),
        Some(_) => {
            let message = "The credential that this worker has stored is not, or no longer, the one of its name. Join it again with a new token ('hearth workers token').";
            Failure::new(StatusCode::UNAUTHORIZED, "credential_invalid", message)
        }
        None if context.join_token.matches(&asked.token) => {
            if removed().await? {
                members.readmit(name).await?;
            }
            return Ok(());
        }
        None => {
            let message = "The join token is not right. The right one is in the ready file of management (joinToken); give it to the worker by --join-token or HEARTH_JOIN_TOKEN.";
            Failure::new(StatusCode::UNAUTHORIZED, "join_token_invalid", message)
        }
    };
    Err(context.delays.refuse(refusal).await)
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

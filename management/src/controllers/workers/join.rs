//! `POST /internal/v1/workers/join`: a one-time token is used up, and what its holder needs is delivered.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hearth_model::control::{JoinRequest, JoinResponse};
use hearth_model::ids::WorkerId;
use hearth_state::JoinOutcome;
use http::StatusCode;

use crate::answer::{ApiError, Failure, MAX_BODY, json_body, sentence};
use crate::context::Context;
use crate::secret;

/// 200 with state URL and installation key, wrapped for the holder of the token. Asking again with the same credential
/// is answered again, because an answer may be lost.
pub(crate) async fn join(
    State(context): State<Arc<Context>>,
    request: Request,
) -> Result<Json<JoinResponse>, ApiError> {
    let asked: JoinRequest = json_body(request.into_body(), MAX_BODY, None).await?;
    let name = WorkerId::parse(&asked.name)
        .map_err(|error| Failure::invalid("worker_name_invalid", sentence(&error.to_string())))?;
    let state = deliverable(&context)?;
    let wrong = || {
        let message = "There is no such join token. Make one by 'hearth workers token', and paste it whole.";
        Failure::new(StatusCode::UNAUTHORIZED, "join_token_invalid", message)
    };
    let (Some(id), Some(proof), Some(credential)) =
        (bytes::<16>(&asked.token), bytes::<32>(&asked.proof), bytes::<32>(&asked.credential))
    else {
        return Err(context.delays.refuse(wrong()).await.into());
    };
    let refused = |code, message: String| Failure::new(StatusCode::FORBIDDEN, code, message);
    let refusal = match context.state.members().join(&secret::hash_bytes(&proof), &name, &credential).await? {
        JoinOutcome::Joined => {
            let secret = context.keyring.join_secret(&id);
            let delivery = context.keyring.deliver(&secret, name.as_str(), state)?;
            tracing::info!(worker = %name, "a worker joined with a one-time token");
            return Ok(Json(JoinResponse { delivery: STANDARD.encode(delivery) }));
        }
        JoinOutcome::NameInUse => {
            let message = format!(
                "A live worker has the name '{name}'. Give this one another by --name; the token is still good."
            );
            return Err(Failure::new(StatusCode::CONFLICT, "worker_name_in_use", message).into());
        }
        JoinOutcome::Unknown => wrong(),
        JoinOutcome::Used => refused(
            "join_token_used",
            "This join token was used before; each is good for one worker. Make another by 'hearth workers token'."
                .into(),
        ),
        JoinOutcome::Expired => refused(
            "join_token_expired",
            "This join token has expired. Make another by 'hearth workers token', with a longer --ttl if need be."
                .into(),
        ),
    };
    Err(context.delays.refuse(refusal).await.into())
}

/// The state URL that joiners are given.
pub(super) fn deliverable(context: &Context) -> Result<&str, Failure> {
    context.state_url.as_deref().ok_or_else(|| {
        let message = "Machines can't join this installation: its management does not tell where host state is.";
        Failure::new(StatusCode::CONFLICT, "join_unavailable", message)
    })
}

fn bytes<const N: usize>(hexadecimal: &str) -> Option<[u8; N]> {
    hex::decode(hexadecimal).ok()?.try_into().ok()
}

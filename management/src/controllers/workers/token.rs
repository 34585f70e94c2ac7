//! `POST /api/workers/tokens`: a one-time token with which a machine joins.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Request, State};
use hearth_model::join_token::JoinToken;
use hearth_state::join_proof;
use http::StatusCode;

use crate::address::Reached;
use crate::answer::{ApiError, Failure, MAX_BODY, json_body};
use crate::api::{JoinTokenRequest, JoinTokenView};
use crate::context::Context;
use crate::secret;

/// Of a worker on a machine of its own: callers and the other workers must reach it.
const REACHABLE: &str = " --http-listen 0.0.0.0:7071 --control-listen 0.0.0.0:7072";
/// Seconds that a token may be valid.
const LIFETIMES: std::ops::RangeInclusive<u64> = 1..=30 * 24 * 3600;

/// 201 with the token and the command to paste. It is shown this once: host state keeps a hash.
pub(crate) async fn token(
    State(context): State<Arc<Context>>,
    reached: Reached,
    request: Request,
) -> Result<(StatusCode, Json<JoinTokenView>), ApiError> {
    let asked = json_body(request.into_body(), MAX_BODY, Some(JoinTokenRequest::default())).await?;
    if !LIFETIMES.contains(&asked.ttl_seconds) {
        let message = format!(
            "A join token is valid for {} s at least and 30 days at most; {} s were asked for (ttlSeconds).",
            LIFETIMES.start(),
            asked.ttl_seconds
        );
        return Err(Failure::invalid("join_token_lifetime", message).into());
    }
    let state = super::join::deliverable(&context)?;
    let mut id = [0; 16];
    getrandom::fill(&mut id).map_err(Failure::internal)?;
    let secret = context.keyring.join_secret(&id);
    let hash = secret::hash_bytes(&join_proof(&secret));
    let ttl = Duration::from_secs(asked.ttl_seconds);
    let expires = context.state.members().add_token(&hash, ttl).await?;
    let management = asked.management.unwrap_or_else(|| context.links(&reached).management_url());
    let token = JoinToken { id, secret, management: management.clone() }.text().to_string();
    tracing::info!(%expires, "a join token was made");
    let same_machine = state.starts_with("sqlite:");
    Ok((
        StatusCode::CREATED,
        Json(JoinTokenView {
            command: format!("hearth worker{} --join {token}", if same_machine { "" } else { REACHABLE }),
            same_machine,
            token,
            management,
            expires: expires.rfc3339(),
        }),
    ))
}

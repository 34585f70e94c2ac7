//! Joining with a one-time token: shows a proof of it, and opens what management delivers.

use std::path::Path;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hearth_model::control::{JOIN_PATH, JoinRequest, JoinResponse};
use hearth_model::join_token::JoinToken;
use hearth_state::{Delivery, join_proof};

use super::client::{CallError, ManagementClient};
use super::membership::Membership;
use crate::options::WorkerError;

/// Attempts while management can't be reached, and the pause between them.
const ATTEMPTS: u32 = 5;
const PAUSE: Duration = Duration::from_secs(1);
/// An attempt must be answered within this time.
const LIMIT: Duration = Duration::from_secs(15);

/// Where a joining worker keeps what it is given, and who it will be.
#[derive(Debug)]
pub struct JoinOptions<'a> {
    /// The token.
    pub token: &'a JoinToken,
    /// Base URL of management; that of the token unless the operator names another.
    pub management: &'a str,
    /// Name of the worker to be.
    pub name: &'a str,
    /// File of the membership.
    pub member_file: &'a Path,
    /// File for the installation key.
    pub key_file: &'a Path,
}

/// Joins and keeps what was delivered: installation key and membership are on disk when this returns. After a failure a
/// further call with the same token and files goes on where this one stopped.
///
/// # Errors
/// [`WorkerError::Refused`] when management does not take the token, [`WorkerError::Failed`] when it can't be reached, or
/// what it delivered can't be opened or kept.
pub async fn join(options: &JoinOptions<'_>) -> Result<Membership, WorkerError> {
    let JoinOptions { token, management, name, member_file, key_file } = *options;
    let begun = Membership::read(member_file)?
        .filter(|known| known.is_of(token) && !known.is_complete() && known.name() == name);
    let membership = match begun {
        Some(begun) => begun,
        None => Membership::begin(member_file, token, name, management)?,
    };
    let request = JoinRequest {
        token: hex::encode(token.id),
        proof: hex::encode(join_proof(&token.secret)),
        name: name.to_owned(),
        credential: membership.credential_hash(),
    };
    let client = ManagementClient::new(management, None)?;
    let answer = ask(&client, &request, management).await?;
    let damaged = |_| WorkerError::Failed(format!("the answer of {management} is not understood"));
    let wrapped = STANDARD.decode(&answer.delivery).map_err(damaged)?;
    let failed = |error: hearth_state::StateError| WorkerError::Failed(error.to_string());
    let delivery = Delivery::open(&token.secret, name, &wrapped).map_err(failed)?;
    delivery.write_key_file(key_file).map_err(failed)?;
    membership.complete(management, &delivery.state)?;
    tracing::info!(category = "Host.Startup", "Joined the installation of {management} as {name}");
    Ok(membership)
}

async fn ask(client: &ManagementClient, request: &JoinRequest, management: &str) -> Result<JoinResponse, WorkerError> {
    let mut last = String::new();
    for attempt in 0..ATTEMPTS {
        if attempt > 0 {
            tokio::time::sleep(PAUSE).await;
        }
        match tokio::time::timeout(LIMIT, client.post(JOIN_PATH, None, request)).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(CallError::Refused(status, text))) if status < 500 && status != 429 => {
                return Err(WorkerError::Refused(format!(
                    "management at {management} did not take the join token (setting: join). {text}"
                )));
            }
            Ok(Err(error)) => last = error.to_string(),
            Err(_) => last = format!("management at {management} did not answer in {} s", LIMIT.as_secs()),
        }
    }
    Err(WorkerError::Failed(format!("this machine could not join: {last}. Start it again; the token is still good")))
}

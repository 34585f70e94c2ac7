//! `PUT` and `DELETE /api/queues/{account}`, and `POST /api/queues/{account}/keys/{key}`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use hearth_queues::DEVELOPMENT_ACCOUNT;
use hearth_queues::protocol::AccountName;
use hearth_state::AccountKeyName;
use http::StatusCode;

use super::show::{shown, unknown};
use crate::answer::{ApiError, Failure, sentence};
use crate::api::QueueAccountView;
use crate::context::Context;

/// 201, or 409 when there is one of this name.
pub(crate) async fn create(
    State(context): State<Arc<Context>>,
    Path(account): Path<String>,
) -> Result<(StatusCode, Json<QueueAccountView>), ApiError> {
    let name = AccountName::parse(&account)
        .map_err(|error| Failure::invalid("queue_account_invalid", sentence(&error.to_string())))?;
    not_of_development(&account)?;
    if !context.state.queue_accounts().create(&context.keyring, name.as_str()).await? {
        let message = format!("The queue service has an account '{account}' already.");
        return Err(Failure::new(StatusCode::CONFLICT, "queue_account_exists", message).into());
    }
    tracing::info!(account, "queue account made");
    Ok((StatusCode::CREATED, Json(shown(&context, &account).await?)))
}

/// Deletes the account with its queues. 204, or 404 when there is none.
pub(crate) async fn delete(
    State(context): State<Arc<Context>>,
    Path(account): Path<String>,
) -> Result<StatusCode, ApiError> {
    if !context.state.queue_accounts().delete(&account).await? {
        return Err(unknown(&account).into());
    }
    tracing::info!(account, "queue account deleted");
    Ok(StatusCode::NO_CONTENT)
}

/// The account with its new key; the one before opens nothing two seconds later.
pub(crate) async fn renew(
    State(context): State<Arc<Context>>,
    Path((account, key)): Path<(String, String)>,
) -> Result<Json<QueueAccountView>, ApiError> {
    let keys = [AccountKeyName::Key1, AccountKeyName::Key2];
    let wanted = keys.into_iter().find(|known| known.as_str().eq_ignore_ascii_case(&key)).ok_or_else(|| {
        Failure::invalid("queue_key_unknown", "The keys of a queue account are key1 and key2.".to_owned())
    })?;
    not_of_development(&account)?;
    if !context.state.queue_accounts().renew_key(&context.keyring, &account, wanted).await? {
        return Err(unknown(&account).into());
    }
    tracing::info!(account, key = wanted.as_str(), "key of a queue account renewed");
    Ok(Json(shown(&context, &account).await?))
}

/// The account that every development tool knows is made and kept by `hearth start`.
fn not_of_development(account: &str) -> Result<(), Failure> {
    if account != DEVELOPMENT_ACCOUNT {
        return Ok(());
    }
    let message = format!("'{DEVELOPMENT_ACCOUNT}' is the account whose key everybody knows, of 'hearth start' alone.");
    Err(Failure::invalid("queue_account_invalid", message))
}

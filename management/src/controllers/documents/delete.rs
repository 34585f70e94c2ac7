//! `DELETE /api/documents/{account}`.

use std::sync::Arc;

use axum::extract::{Path, State};
use http::StatusCode;

use super::unknown;
use crate::answer::ApiError;
use crate::context::Context;

/// Deletes the account with its databases. 204, or 404 when there is none.
pub(crate) async fn delete(
    State(context): State<Arc<Context>>,
    Path(account): Path<String>,
) -> Result<StatusCode, ApiError> {
    if !context.state.document_accounts().delete(&account).await? {
        return Err(unknown(&account).into());
    }
    tracing::info!(account, "document account deleted");
    Ok(StatusCode::NO_CONTENT)
}

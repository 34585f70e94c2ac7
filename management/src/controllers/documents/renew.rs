//! `POST /api/documents/{account}/keys/{key}`: another key in the place of one.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use hearth_documents::protocol::account::DEVELOPMENT_ACCOUNT;
use hearth_state::documents::DocumentKeyName;

use super::show::shown;
use super::unknown;
use crate::answer::{ApiError, Failure};
use crate::api::DocumentAccountView;
use crate::context::Context;

/// The account with its new key; the one before opens nothing two seconds later.
pub(crate) async fn renew(
    State(context): State<Arc<Context>>,
    Path((account, key)): Path<(String, String)>,
) -> Result<Json<DocumentAccountView>, ApiError> {
    let wanted =
        DocumentKeyName::ALL.into_iter().find(|known| known.as_str().eq_ignore_ascii_case(&key)).ok_or_else(|| {
            let names = DocumentKeyName::ALL.map(DocumentKeyName::as_str).join(", ");
            Failure::invalid("document_key_unknown", format!("The keys of a document account are {names}."))
        })?;
    if account == DEVELOPMENT_ACCOUNT {
        let message = format!("The key of '{DEVELOPMENT_ACCOUNT}' is known to everybody and stays as it is.");
        return Err(Failure::invalid("document_account_invalid", message).into());
    }
    if !context.state.document_accounts().renew_key(&context.keyring, &account, wanted).await? {
        return Err(unknown(&account).into());
    }
    tracing::info!(account, key = wanted.as_str(), "key of a document account renewed");
    Ok(Json(shown(&context, &account).await?))
}

//! `PUT /api/documents/{account}` makes an account, `PATCH` changes what it promises and may hold.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Request, State};
use hearth_documents::protocol::account::{AccountProperties, ConsistencyLevel, DEVELOPMENT_ACCOUNT};
use http::StatusCode;

use super::show::{properties, shown};
use super::{name, unknown};
use crate::answer::{ApiError, Failure, MAX_BODY, json_body, sentence};
use crate::api::{DocumentAccountChange, DocumentAccountView};
use crate::context::Context;

/// 201, or 409 when there is one of this name.
pub(crate) async fn create(
    State(context): State<Arc<Context>>,
    Path(account): Path<String>,
    request: Request,
) -> Result<(StatusCode, Json<DocumentAccountView>), ApiError> {
    let wanted = json_body(request.into_body(), MAX_BODY, Some(DocumentAccountChange::default())).await?;
    let account = name(&account)?;
    if account.as_str() == DEVELOPMENT_ACCOUNT {
        let message = format!(
            "'{DEVELOPMENT_ACCOUNT}' is the account whose key everybody knows; ask for it with --documents-emulator, or choose another name."
        );
        return Err(Failure::invalid("document_account_invalid", message).into());
    }
    let properties = changed(AccountProperties::default(), &wanted)?;
    let accounts = context.state.document_accounts();
    if !accounts.create(&context.keyring, account.as_str()).await? {
        let message = format!("The document store has an account '{}' already.", account.as_str());
        return Err(Failure::new(StatusCode::CONFLICT, "document_account_exists", message).into());
    }
    if wanted != DocumentAccountChange::default() {
        accounts.set_properties(account.as_str(), &text(&properties)?).await?;
    }
    tracing::info!(account = account.as_str(), "document account made");
    Ok((StatusCode::CREATED, Json(shown(&context, account.as_str()).await?)))
}

/// The account as it is then. Workers know of it within two seconds.
pub(crate) async fn change(
    State(context): State<Arc<Context>>,
    Path(account): Path<String>,
    request: Request,
) -> Result<Json<DocumentAccountView>, ApiError> {
    let wanted: DocumentAccountChange = json_body(request.into_body(), MAX_BODY, None).await?;
    let accounts = context.state.document_accounts();
    let found = accounts.get(&context.keyring, &account).await?.ok_or_else(|| unknown(&account))?;
    let properties = changed(properties(&found), &wanted)?;
    if !accounts.set_properties(&account, &text(&properties)?).await? {
        return Err(unknown(&account).into());
    }
    Ok(Json(shown(&context, &account).await?))
}

fn changed(mut properties: AccountProperties, wanted: &DocumentAccountChange) -> Result<AccountProperties, Failure> {
    if let Some(level) = &wanted.default_consistency {
        properties.default_consistency = level
            .parse::<ConsistencyLevel>()
            .map_err(|error| Failure::invalid("consistency_invalid", sentence(&error.to_string())))?;
    }
    if let Some(bytes) = wanted.quota_bytes {
        properties.quota_bytes = Some(bytes).filter(|bytes| *bytes > 0);
    }
    Ok(properties)
}

fn text(properties: &AccountProperties) -> Result<String, Failure> {
    serde_json::to_string(properties).map_err(Failure::internal)
}

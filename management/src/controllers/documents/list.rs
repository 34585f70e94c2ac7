//! `GET /api/documents`: the accounts of the document store.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;

use crate::answer::ApiError;
use crate::api::{DocumentAccountList, DocumentAccountView};
use crate::context::Context;

/// Lists them by name, without what opens them.
pub(crate) async fn list(State(context): State<Arc<Context>>) -> Result<Json<DocumentAccountList>, ApiError> {
    let accounts = context.state.document_accounts().list().await?;
    let view = |(account, app): (String, Option<hearth_model::ids::AppName>)| DocumentAccountView {
        account,
        app: app.map(|app| app.to_string()),
        default_consistency: None,
        quota_bytes: None,
        endpoint: None,
        connection_string: None,
        read_only_connection_string: None,
        keys: None,
    };
    Ok(Json(DocumentAccountList { accounts: accounts.into_iter().map(view).collect() }))
}

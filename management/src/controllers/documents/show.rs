//! `GET /api/documents/{account}` and `GET /api/apps/{app}/documents`: how an account is reached, and what opens it.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hearth_documents::protocol::account::AccountProperties;
use hearth_state::documents::{DocumentAccount, DocumentKeyName};

use super::unknown;
use crate::answer::{ApiError, Failure};
use crate::api::{DocumentAccountView, DocumentKeys};
use crate::context::Context;
use crate::controllers::{app_name, existing};
use crate::documents::{OWN_ACCOUNT, beside, connection_string, read_only_connection_string};

/// An account by its name; the installation's own is made when it is asked for.
pub(crate) async fn show(
    State(context): State<Arc<Context>>,
    Path(account): Path<String>,
) -> Result<Json<DocumentAccountView>, ApiError> {
    let accounts = context.state.document_accounts();
    if account == OWN_ACCOUNT {
        accounts.create(&context.keyring, OWN_ACCOUNT).await?;
    }
    Ok(Json(shown(&context, &account).await?))
}

/// The own account of an app, made when it is asked for.
pub(crate) async fn of_app(
    State(context): State<Arc<Context>>,
    Path(app): Path<String>,
) -> Result<Json<DocumentAccountView>, ApiError> {
    let app = app_name(&app)?;
    existing(&context, &app).await?;
    let account = context.state.document_accounts().ensure_for_app(&context.keyring, &app).await?;
    Ok(Json(view(&context, &account).await?))
}

/// The account of this name as it is now.
pub(super) async fn shown(context: &Context, account: &str) -> Result<DocumentAccountView, Failure> {
    let found = context.state.document_accounts().get(&context.keyring, account).await?;
    view(context, &found.ok_or_else(|| unknown(account))?).await
}

async fn view(context: &Context, account: &DocumentAccount) -> Result<DocumentAccountView, Failure> {
    let base = match &context.documents_url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => {
            let (_, workers) = context.scheduler.look().await?;
            let worker = workers.iter().find(|worker| !worker.missing).map(|worker| worker.http_url.as_str());
            beside(worker)
        }
    };
    let properties = properties(account);
    let key = |name| STANDARD.encode(account.key(name));
    Ok(DocumentAccountView {
        account: account.name.clone(),
        app: account.app.as_ref().map(ToString::to_string),
        default_consistency: Some(properties.default_consistency.to_string()),
        quota_bytes: properties.quota_bytes,
        connection_string: Some(connection_string(&base, account)),
        read_only_connection_string: Some(read_only_connection_string(&base, account)),
        endpoint: Some(format!("{base}/")),
        keys: Some(DocumentKeys {
            primary: key(DocumentKeyName::Primary),
            secondary: key(DocumentKeyName::Secondary),
            primary_readonly: key(DocumentKeyName::PrimaryReadonly),
            secondary_readonly: key(DocumentKeyName::SecondaryReadonly),
        }),
    })
}

/// What an operator has set; what cannot be read was set by another version and begins anew, as in the store.
pub(super) fn properties(account: &DocumentAccount) -> AccountProperties {
    serde_json::from_str(&account.properties).unwrap_or_default()
}

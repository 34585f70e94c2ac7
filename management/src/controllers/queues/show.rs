//! `GET /api/queues/{account}` and `GET /api/apps/{app}/queues`: how an account is reached, and what opens it.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use hearth_state::QueueAccount;
use http::StatusCode;

use crate::answer::{ApiError, Failure};
use crate::api::QueueAccountView;
use crate::context::Context;
use crate::controllers::{app_name, existing};
use crate::queues::{OWN_ACCOUNT, beside, connection_string};

/// An account by its name; the installation's own is made when it is asked for.
pub(crate) async fn show(
    State(context): State<Arc<Context>>,
    Path(account): Path<String>,
) -> Result<Json<QueueAccountView>, ApiError> {
    let accounts = context.state.queue_accounts();
    if account == OWN_ACCOUNT {
        accounts.create(&context.keyring, OWN_ACCOUNT).await?;
    }
    Ok(Json(shown(&context, &account).await?))
}

/// The account of this name as it is now.
pub(super) async fn shown(context: &Context, account: &str) -> Result<QueueAccountView, Failure> {
    let found = context.state.queue_accounts().get(&context.keyring, account).await?;
    view(context, &found.ok_or_else(|| unknown(account))?).await
}

/// 404.
pub(super) fn unknown(account: &str) -> Failure {
    let message = format!("The queue service has no account '{account}'; see 'hearth queues list'.");
    Failure::new(StatusCode::NOT_FOUND, "queue_account_not_found", message)
}

/// The own account of an app, made when it is asked for.
pub(crate) async fn of_app(
    State(context): State<Arc<Context>>,
    Path(app): Path<String>,
) -> Result<Json<QueueAccountView>, ApiError> {
    let app = app_name(&app)?;
    existing(&context, &app).await?;
    let account = context.state.queue_accounts().ensure_for_app(&context.keyring, &app).await?;
    Ok(Json(view(&context, &account).await?))
}

async fn view(context: &Context, account: &QueueAccount) -> Result<QueueAccountView, Failure> {
    let base = match &context.queues_url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => {
            let (_, workers) = context.scheduler.look().await?;
            let worker = workers.iter().find(|worker| !worker.missing).map(|worker| worker.http_url.as_str());
            beside(worker)
        }
    };
    Ok(QueueAccountView {
        account: account.name.clone(),
        app: account.app.as_ref().map(ToString::to_string),
        connection_string: Some(connection_string(&base, account)),
    })
}

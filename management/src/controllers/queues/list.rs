//! `GET /api/queues`: the accounts of the queue service.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;

use crate::answer::ApiError;
use crate::api::{QueueAccountList, QueueAccountView};
use crate::context::Context;

/// Lists them by name, without what opens them.
pub(crate) async fn list(State(context): State<Arc<Context>>) -> Result<Json<QueueAccountList>, ApiError> {
    let accounts = context.state.queue_accounts().list().await?;
    let view = |(account, app): (String, Option<_>)| QueueAccountView {
        account,
        app: app.map(|app: hearth_model::ids::AppName| app.to_string()),
        connection_string: None,
    };
    Ok(Json(QueueAccountList { accounts: accounts.into_iter().map(view).collect() }))
}

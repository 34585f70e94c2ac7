//! `GET /api/apps/{app}/keys`, `…/keys/{scope}` and `…/keys/functions/{function}`.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, RawPathParams, State};
use axum::response::Response;
use hearth_model::ids::FunctionName;
use hearth_model::keys::{DEFAULT, KeyScope};
use http::StatusCode;

use super::{MASTER, Named, keys_of, private, view};
use crate::answer::{ApiError, Failure};
use crate::api::{KeyList, KeyView, KeysView};
use crate::context::Context;
use crate::controllers::app_name;

/// Every key of the app.
pub(crate) async fn all(State(context): State<Arc<Context>>, Path(app): Path<String>) -> Result<Response, ApiError> {
    let set = keys_of(&context, &app_name(&app)?).await?;
    let of = |scope: KeyScope| set.list(&scope).map(|key| view(&scope, key)).collect::<Vec<_>>();
    let mut functions: BTreeMap<String, Vec<KeyView>> = BTreeMap::new();
    for (scope, key) in set.iter() {
        if let KeyScope::Function(name) = scope {
            functions.entry(name.clone()).or_default().push(view(scope, key));
        }
    }
    let master = of(KeyScope::Master).pop().unwrap_or(KeyView { name: MASTER.into(), value: String::new() });
    let shown = KeysView { master, host: of(KeyScope::Host), system: of(KeyScope::System), functions };
    Ok(private(StatusCode::OK, shown))
}

/// The keys of one scope. A function has its key `default` from the first time that it is asked for.
pub(crate) async fn list(State(context): State<Arc<Context>>, path: RawPathParams) -> Result<Response, ApiError> {
    let named = Named::read(&context, &path).await?;
    let mut set = keys_of(&context, &named.app).await?;
    if let KeyScope::Function(function) = &named.scope
        && set.get(&named.scope, DEFAULT).is_none()
    {
        let function = FunctionName::parse(function).map_err(Failure::internal)?;
        let made = context.state.app_keys().ensure_function(&context.keyring, &named.app, &function).await;
        set = made.map_err(|error| named.failure(error))?;
        context.ring_latest().await;
    }
    let keys = set.list(&named.scope).map(|key| view(&named.scope, key)).collect();
    Ok(private(StatusCode::OK, KeyList { keys }))
}

//! Health, the front page, and what is not there.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{OriginalUri, State};
use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode};

use crate::answer::Failure;
use crate::context::Context;

/// `GET /healthz`: the process answers.
pub(crate) async fn alive() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: host state can be read.
pub(crate) async fn ready(State(context): State<Arc<Context>>) -> Response {
    let installation = context.state.installation();
    let why = match tokio::time::timeout(Duration::from_secs(2), installation.schema_version()).await {
        Ok(Ok(_)) => return "ready\n".into_response(),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "host state did not answer within 2 s".to_owned(),
    };
    Failure::new(StatusCode::SERVICE_UNAVAILABLE, "not_ready", why).into_json()
}

/// `GET /`.
pub(crate) async fn page() -> &'static str {
    concat!(
        "Hearth ",
        env!("CARGO_PKG_VERSION"),
        ": management.\n",
        "Publish to /apps/<app>/zipdeploy, list apps at /api/apps; both need a key. Health: /healthz, /readyz.\n"
    )
}

/// Anything else.
pub(crate) async fn not_found(OriginalUri(uri): OriginalUri) -> Response {
    let message = format!("There is nothing at '{}'.", uri.path());
    Failure::new(StatusCode::NOT_FOUND, "not_found", message).into_json()
}

/// A known path with another method.
pub(crate) async fn not_allowed(method: Method, OriginalUri(uri): OriginalUri) -> Response {
    let message = format!("'{}' does not answer to {method}.", uri.path());
    Failure::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message).into_json()
}

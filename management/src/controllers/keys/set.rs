//! `POST` and `PUT /api/apps/{app}/keys/…/{name}`.

use std::sync::Arc;

use axum::extract::{RawPathParams, Request, State};
use axum::response::Response;
use hearth_model::keys::{self, KeyScope, NamedKey};
use hearth_state::KeyPut;
use http::{Method, StatusCode};

use super::{Named, private, view};
use crate::answer::{ApiError, Failure, MAX_BODY, json_body, sentence};
use crate::api::KeyValue;
use crate::context::Context;

/// Gives the key a new value; a body is passed over. 201 when it is new, 200 when it replaces one.
pub(crate) async fn generate(State(context): State<Arc<Context>>, path: RawPathParams) -> Result<Response, ApiError> {
    let named = Named::read(&context, &path).await?;
    named.check_name()?;
    let value = keys::generate().map_err(Failure::internal)?;
    Ok(write(&context, &named, value, &Method::POST).await?)
}

/// Gives the key the value of the body. 201 when it is new, 200 when it replaces one.
pub(crate) async fn put(
    State(context): State<Arc<Context>>,
    path: RawPathParams,
    request: Request,
) -> Result<Response, ApiError> {
    let named = Named::read(&context, &path).await?;
    named.check_name()?;
    let invalid = |text: &str| Failure::invalid("key_value_invalid", sentence(text));
    let body: KeyValue = json_body(request.into_body(), MAX_BODY, None).await?;
    let value = body.value.ok_or_else(|| invalid("Invalid key value: the body must be {\"value\": \"…\"}"))?;
    keys::check_value(&value).map_err(|text| invalid(&text))?;
    Ok(write(&context, &named, value, &Method::PUT).await?)
}

async fn write(context: &Arc<Context>, named: &Named, value: String, method: &Method) -> Result<Response, Failure> {
    let Named { app, scope, name } = named;
    let put = context.state.app_keys().put(&context.keyring, app, scope, name, &value).await;
    let put = put.map_err(|error| named.failure(error))?;
    tracing::info!(%app, %scope, key = %name, "key set");
    context.ring_latest().await;
    let created = match scope {
        // There always is one. The host's own API answers 201 when it is renewed all the same.
        KeyScope::Master => *method == Method::POST,
        _ => put == KeyPut::Created,
    };
    let status = if created { StatusCode::CREATED } else { StatusCode::OK };
    Ok(private(status, view(scope, &NamedKey::new(name.as_str(), value))))
}

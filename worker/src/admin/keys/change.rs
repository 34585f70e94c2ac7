//! `POST`, `PUT` and `DELETE …/keys/{name}`: written to host state, and applied here before the answer.

use bytes::Bytes;
use hearth_model::keys::{self, KeyScope, NamedKey};
use hearth_state::KeyPut;
use http::{Request, StatusCode};
use http_body::Body;
use serde::Deserialize;

use super::{Collection, Place, key_not_found, read};
use crate::admin::answer::{Answer, Refusal, empty, json};
use crate::admin::request::{self, AdminCall};
use crate::app::KeySource;

/// A new value that the host makes up: 201 for a key that was not there and for the master key, else 200. A body is passed over.
pub(in crate::admin) async fn generate(call: &AdminCall<'_>, of: &Collection, name: &str) -> Answer {
    let place = of.place(call, name).await?;
    let value = keys::generate().map_err(|error| {
        tracing::error!(category = "Host.General", "the system gives no random numbers: {error}");
        Refusal::unavailable("The system gives no random numbers.")
    })?;
    let status = |put| match put {
        KeyPut::Replaced if place.scope != KeyScope::Master => StatusCode::OK,
        KeyPut::Replaced | KeyPut::Created => StatusCode::CREATED,
    };
    put(call, &place, name, value, status).await
}

#[derive(Deserialize)]
struct Given {
    #[serde(default)]
    value: Option<String>,
}

/// A value that the caller gives: 201 for a key that was not there, else 200.
pub(in crate::admin) async fn set<B>(call: &AdminCall<'_>, of: &Collection, name: &str, request: Request<B>) -> Answer
where
    B: Body<Data = Bytes> + Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let place = of.place(call, name).await?;
    let wanted = r#"Invalid key value: the body must be JSON such as {"name": "k", "value": "v"}"#;
    let given: Given = request::json(request, wanted).await?;
    let value = given.value.filter(|value| !value.is_empty()).ok_or_else(|| Refusal::invalid(wanted))?;
    let status = |put| match put {
        KeyPut::Created if place.scope != KeyScope::Master => StatusCode::CREATED,
        KeyPut::Created | KeyPut::Replaced => StatusCode::OK,
    };
    put(call, &place, name, value, status).await
}

async fn put(
    call: &AdminCall<'_>,
    place: &Place,
    name: &str,
    value: String,
    status: impl FnOnce(KeyPut) -> StatusCode,
) -> Answer {
    let key = NamedKey::new(name, value);
    let KeySource { state, keyring, .. } = &**call.apps.source();
    let app = &call.live().name;
    let put = state.app_keys().put(keyring, app, &place.scope, &place.name, &key.value).await?;
    call.apps.refresh(app).await;
    told(call, place, name, if put == KeyPut::Created { "created" } else { "replaced" });
    Ok(json(status(put), read::one(call, name, &key)))
}

/// 204, 404 for one that is not there; the master key can only be replaced.
pub(in crate::admin) async fn delete(call: &AdminCall<'_>, of: &Collection, name: &str) -> Answer {
    if name.starts_with('_') {
        return Err(Refusal::invalid("Invalid key name: the master key can't be deleted, only renewed or set."));
    }
    let place = of.place(call, name).await?;
    let app = &call.live().name;
    let deleted = call.apps.source().state.app_keys().delete(app, &place.scope, &place.name).await?;
    if !deleted {
        return Err(key_not_found(name));
    }
    call.apps.refresh(app).await;
    told(call, &place, name, "deleted");
    Ok(empty(StatusCode::NO_CONTENT))
}

/// Who changed keys is asked for later; the value is nobody's business.
fn told(call: &AdminCall<'_>, place: &Place, name: &str, what: &str) {
    let (app, client) = (&call.live().name, call.caller.client);
    tracing::info!(
        category = "Host.Keys",
        app = app.as_str(),
        "{app}: key '{}' of {} {what} through the admin API by {client}",
        name.escape_debug(),
        place.scope
    );
}

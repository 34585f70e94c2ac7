//! `GET /admin/functions` and `GET /admin/functions/{name}`.

use http::StatusCode;
use serde_json::Value;

use super::{find, object::object};
use crate::admin::answer::{Answer, json as answer};
use crate::admin::request::AdminCall;

/// All functions, those in error and the disabled ones too.
pub(in crate::admin) async fn list(call: &AdminCall<'_>) -> Answer {
    let app = call.loaded().await?;
    let objects: Vec<Value> =
        app.listed.iter().map(|function| object(&app, function, &call.caller.base_url())).collect();
    Ok(answer(StatusCode::OK, objects.into()))
}

/// One function.
pub(in crate::admin) async fn show(call: &AdminCall<'_>, name: &str) -> Answer {
    let app = call.loaded().await?;
    let function = find(&app, name)?;
    Ok(answer(StatusCode::OK, object(&app, function, &call.caller.base_url())))
}

//! `GET /admin/functions/{name}/status`: what is wrong with a function.

use http::StatusCode;
use serde_json::json;

use super::find;
use crate::admin::answer::{Answer, json as answer};
use crate::admin::request::AdminCall;

/// `errors`, or an empty object.
pub(in crate::admin) async fn status(call: &AdminCall<'_>, name: &str) -> Answer {
    let app = call.loaded().await?;
    let status = match &find(&app, name)?.error {
        Some(error) => json!({ "errors": [error] }),
        None => json!({}),
    };
    Ok(answer(StatusCode::OK, status))
}

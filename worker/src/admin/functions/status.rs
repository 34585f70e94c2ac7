//! `GET /admin/functions/{name}/status`: what is wrong with a function, or with what it listens to.

use http::StatusCode;
use serde_json::json;

use super::find;
use crate::admin::answer::{Answer, json as answer};
use crate::admin::request::AdminCall;

/// `errors`, or an empty object.
pub(in crate::admin) async fn status(call: &AdminCall<'_>, name: &str) -> Answer {
    let app = call.loaded().await?;
    let function = find(&app, name)?;
    let status = match function.error.clone().or_else(|| app.live.trouble(&function.name)) {
        Some(error) => json!({ "errors": [error] }),
        None => json!({}),
    };
    Ok(answer(StatusCode::OK, status))
}

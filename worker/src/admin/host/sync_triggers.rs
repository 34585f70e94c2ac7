//! `POST /admin/host/synctriggers`: workers know the triggers of what they load, so there is nothing to synchronise.

use http::StatusCode;
use serde_json::json;

use crate::admin::answer::{Answer, json as answer};

pub(in crate::admin) fn sync_triggers() -> Answer {
    Ok(answer(StatusCode::OK, json!({ "status": "success" })))
}

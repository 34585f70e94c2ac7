//! `PUT /admin/host/state`: takes the app offline on all workers, and back.

use bytes::Bytes;
use hearth_state::AppMode;
use http::{Request, StatusCode};
use http_body::Body;

use crate::admin::answer::{Answer, Refusal, empty};
use crate::admin::request::{self, AdminCall};

const WANTED: &str = r#"the body must be the JSON text "offline" or "running""#;

/// 202, or 200 when it is so already.
pub(in crate::admin) async fn set_state<B>(call: &AdminCall<'_>, request: Request<B>) -> Answer
where
    B: Body<Data = Bytes> + Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let wanted: String = request::json(request, WANTED).await?;
    let mode = match wanted.to_ascii_lowercase().as_str() {
        "offline" => AppMode::Offline,
        "running" => AppMode::Running,
        _ => return Err(Refusal::invalid(WANTED)),
    };
    let changed = change_mode(call, mode).await?;
    Ok(empty(if changed { StatusCode::ACCEPTED } else { StatusCode::OK }))
}

/// Writes the mode, and applies it here; true when it was another.
pub(super) async fn change_mode(call: &AdminCall<'_>, mode: AppMode) -> Result<bool, Refusal> {
    let app = &call.live().name;
    let changed = call.apps.source().state.configuration().set_mode(app, mode).await?;
    call.apps.refresh(app).await;
    Ok(changed.is_some())
}

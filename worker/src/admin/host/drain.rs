//! `POST /admin/host/drain`, its status, and `POST /admin/host/resume` (reference: section 6.5).
//!
//! Draining is of the app, on all workers; requests are not refused meanwhile. What is outstanding is counted on this worker.

use hearth_state::AppMode;
use http::StatusCode;
use serde_json::json;

use crate::admin::answer::{Answer, Refusal, empty, json as answer};
use crate::admin::host::state::change_mode;
use crate::admin::request::AdminCall;
use crate::app::HostState;

/// 202.
pub(in crate::admin) async fn drain(call: &AdminCall<'_>) -> Answer {
    if call.live().mode() != AppMode::Offline {
        change_mode(call, AppMode::Draining).await?;
    }
    Ok(empty(StatusCode::ACCEPTED))
}

/// `Disabled`, `InProgress` or `Completed`.
pub(in crate::admin) fn drain_status(call: &AdminCall<'_>) -> Answer {
    let outstanding = call.live().outstanding();
    let state = match (call.live().mode(), outstanding) {
        (AppMode::Draining, 0) => "Completed",
        (AppMode::Draining, _) => "InProgress",
        _ => "Disabled",
    };
    Ok(answer(
        StatusCode::OK,
        json!({ "state": state, "outstandingInvocations": outstanding, "outstandingRetries": 0 }),
    ))
}

/// 200, or 409 for an app that is not running.
pub(in crate::admin) async fn resume(call: &AdminCall<'_>) -> Answer {
    if call.standing.state != HostState::Running {
        return Err(Refusal::new(
            StatusCode::CONFLICT,
            "NotRunning",
            format!("The app is {} and can't resume.", call.standing.state.name()),
        ));
    }
    change_mode(call, AppMode::Running).await?;
    Ok(answer(StatusCode::OK, json!({ "state": HostState::Running.name() })))
}

//! `POST /admin/host/restart`: every worker loads the app again, while what is loaded goes on answering.

use http::StatusCode;
use serde_json::json;

use crate::admin::answer::{Answer, json as answer};
use crate::admin::request::AdminCall;
use crate::app::SCRIPT_ROOT;

/// 200 with the host's paths as the original has them; nothing is below them.
pub(in crate::admin) async fn restart(call: &AdminCall<'_>) -> Answer {
    let app = &call.live().name;
    call.apps.source().state.configuration().restart(app).await?;
    call.apps.refresh(app).await;
    Ok(answer(
        StatusCode::OK,
        json!({
            "isSelfHost": false,
            "isFileSystemReadOnly": true,
            "isStandbyConfiguration": false,
            "hasParentScope": false,
            "scriptPath": SCRIPT_ROOT,
            "logPath": null,
            "secretsPath": null,
            "testDataPath": null,
        }),
    ))
}

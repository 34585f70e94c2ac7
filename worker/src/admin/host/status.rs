//! `GET /admin/host/status`: how this worker is with the app, also when it can't be loaded.

use http::StatusCode;
use serde_json::{Value, json};

use crate::admin::answer::{Answer, json as answer};
use crate::admin::request::AdminCall;

/// What tools read the generation of the runtime from; Hearth's own version stands in `versionDetails`.
const RUNTIME_VERSION: &str = "4.0.0.0";
/// The setting that overrides the host id.
const HOST_ID_SETTING: &str = "AzureFunctionsWebHost__hostid";

/// `errors` is there only if there are any: why the app can't be loaded or not with its newest settings, and functions in error.
pub(in crate::admin) fn status(call: &AdminCall<'_>) -> Answer {
    let standing = &call.standing;
    let loaded = standing.loaded.as_deref();
    let id = loaded.and_then(|app| app.settings.get(HOST_ID_SETTING)).unwrap_or(standing.live.name.as_str());
    let mut status = json!({
        "id": id,
        "state": standing.state.name(),
        "version": RUNTIME_VERSION,
        "versionDetails": format!("Hearth {}", env!("CARGO_PKG_VERSION")),
        "platformVersion": env!("CARGO_PKG_VERSION"),
        "instanceId": call.apps.instance(),
        "computerName": rustix::system::uname().nodename().to_string_lossy(),
        "processUptime": u64::try_from(call.apps.uptime().as_millis()).unwrap_or(u64::MAX),
        "functionAppContentEditingState": "NotAllowed",
    });
    if let Some(bundle) = loaded.and_then(|app| app.host.extension_bundle.as_ref()) {
        status["extensionBundle"] = json!({ "id": bundle.id, "version": bundle.version });
    }
    if !standing.errors.is_empty() {
        status["errors"] = Value::from(standing.errors.clone());
    }
    Ok(answer(StatusCode::OK, status))
}

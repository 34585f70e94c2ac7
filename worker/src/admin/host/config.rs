//! `GET /admin/host/config`: host.json as it is in effect, with the overrides of app settings.

use http::StatusCode;
use serde_json::json;

use crate::admin::answer::{Answer, json as answer};
use crate::admin::request::AdminCall;

pub(in crate::admin) async fn config(call: &AdminCall<'_>) -> Answer {
    let app = call.loaded().await?;
    let host = &app.host;
    let timeout = host.function_timeout.map_or_else(
        || "-1".to_owned(),
        |limit| {
            let seconds = limit.as_secs();
            format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
        },
    );
    Ok(answer(
        StatusCode::OK,
        json!({
            "functionTimeout": timeout,
            "functions": host.functions,
            "extensions": { "http": {
                "routePrefix": host.route_prefix,
                "maxConcurrentRequests": app.throttle.max_concurrent,
                "maxOutstandingRequests": app.throttle.max_outstanding,
                "customHeaders": host.custom_headers,
            } },
            "wasm": {
                "instanceReuse": app.instance_reuse(),
                "memoryLimitMiB": host.wasm.memory_limit_mib,
            },
        }),
    ))
}

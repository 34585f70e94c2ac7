//! `/admin/host/ping` and `/admin/warmup`: open to everybody, and they say nothing.

use http::StatusCode;

use crate::admin::answer::{Answer, empty};
use crate::admin::request::AdminCall;

/// An empty 200; with `?checkHealth=1` an empty 429 while the app has as many requests as it may.
pub(in crate::admin) fn ping(call: &AdminCall<'_>) -> Answer {
    let asked = call.query("checkHealth").is_some_and(|value| value == "1" || value.eq_ignore_ascii_case("true"));
    let full = || call.standing.loaded.as_ref().is_some_and(|app| app.throttle.is_full());
    Ok(empty(if asked && full() { StatusCode::TOO_MANY_REQUESTS } else { StatusCode::OK }))
}

/// There is no `warmupTrigger`, so that warming up is loading the app, whether that works or not.
pub(in crate::admin) async fn warmup(call: &AdminCall<'_>) -> Answer {
    // Why it can't be loaded is told by its status, to those who have the key.
    drop(call.loaded().await);
    Ok(empty(StatusCode::OK))
}

//! Functions that use the host: log, settings, outbound HTTP.

use std::time::Duration;

use hearth_sdk::prelude::*;
use serde_json::{Value, json};

/// One line at each level.
#[http(auth_level = "anonymous")]
fn levels() {
    log::trace!("a trace line");
    log::debug!("a debug line");
    log::info!("an information line");
    log::warn!("a warning line");
    log::error!("an error line");
}

/// Writes the query's `lines`, each of `bytes` at least, and tells that it is through.
#[http(auth_level = "anonymous")]
fn flood(request: Request) -> Result<&'static str> {
    let number = |name: &str| request.query(name).unwrap_or("1000").parse::<usize>();
    let (lines, bytes) = (number("lines")?, number("bytes")?);
    for line in 1..=lines {
        log::info!("flood {line} {}", "~".repeat(bytes));
    }
    Ok("through")
}

/// The setting named in the query; 404 without it.
#[http(auth_level = "anonymous")]
fn setting_value(request: Request) -> Option<String> {
    setting(request.query("name")?)
}

/// Gets the query's `url` (`method`, `timeout` in milliseconds) and tells what came of it.
#[http(auth_level = "anonymous")]
fn outbound(request: Request) -> Result<Json<Value>> {
    let url = request.query("url").or_status(400, "url is missing")?;
    let mut outbound = Request::new(request.query("method").unwrap_or("GET"), url).with_body(request.body());
    if let Some(timeout) = request.query("timeout") {
        outbound = outbound.with_timeout(Duration::from_millis(timeout.parse()?));
    }
    let (kind, text) = match fetch(outbound) {
        Ok(answer) => {
            let body = String::from_utf8_lossy(answer.body());
            return Ok(Json(json!({ "status": answer.status(), "body": body })));
        }
        Err(FetchError::InvalidRequest(text)) => ("invalid-request", text),
        Err(FetchError::Denied(text)) => ("denied", text),
        Err(FetchError::Timeout(text)) => ("timeout", text),
        Err(FetchError::Failed(text)) => ("failed", text),
        Err(other) => ("other", other.to_string()),
    };
    Ok(Json(json!({ "error": kind, "message": text })))
}

/// Lets the error of an outbound request fail the invocation.
#[http(auth_level = "anonymous")]
fn outbound_or_fail(request: Request) -> Result<Vec<u8>> {
    let url = request.query("url").or_status(400, "url is missing")?;
    Ok(fetch(Request::get(url)).context("asking the other service")?.into_body())
}

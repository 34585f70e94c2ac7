//! What the host handed over, told in a way that a table row can hold.

use serde_json::json;

use crate::bindings::hearth::functions::host;
use crate::bindings::hearth::functions::types::{HttpRequest, HttpResponse, InvocationRequest, TypedData};
use crate::query;

/// The function's name and its route parameters: `items id=7`.
pub(crate) fn which(function: &str, request: &HttpRequest) -> String {
    let parameters = request.params.iter().map(|(name, value)| format!(" {name}={value}"));
    parameters.fold(function.to_owned(), |line, parameter| line + &parameter)
}

/// The whole request as JSON, as a response of its own: returned as a value it would be an envelope. A body that is no text
/// is a list of bytes.
pub(crate) fn everything(invocation: &InvocationRequest, request: &HttpRequest) -> TypedData {
    let body = std::str::from_utf8(&request.body).map_or_else(|_| json!(request.body), |text| json!(text));
    let told = json!({
        "function": invocation.function_name,
        "trigger": invocation.trigger.name,
        "method": request.method,
        "url": request.url,
        "headers": request.headers,
        "query": request.query,
        "params": request.params,
        "body": body,
    });
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    TypedData::HttpResponse(HttpResponse { status: 200, headers, body: told.to_string().into_bytes() })
}

/// The headers named in the query, `name=value` and a line each.
pub(crate) fn header(request: &HttpRequest) -> String {
    let asked = request.query.iter().filter(|(key, _)| key == "name").map(|(_, value)| value);
    let lines = asked.flat_map(|asked| {
        let of = request.headers.iter().filter(move |(name, _)| name == asked);
        of.map(|(name, value)| format!("{name}={value}"))
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Length of the body in bytes and the sum of its bytes.
pub(crate) fn length(body: &[u8]) -> String {
    format!("{} {}", body.len(), body.iter().map(|byte| u64::from(*byte)).sum::<u64>())
}

/// The app setting named in the query.
pub(crate) fn setting(request: &HttpRequest) -> String {
    query(request, "name").and_then(host::get_setting).map_or_else(|| "(none)".to_owned(), |value| format!("={value}"))
}

//! A request from the guest to elsewhere, through `wasi:http/outgoing-handler`.

use wasip2::http::outgoing_handler;
use wasip2::http::types::{ErrorCode, Fields, OutgoingRequest, ResponseOutparam, Scheme};
use wasip2::io::streams::StreamError;

use crate::answer::whole;

/// Gets `url` and answers with its status and body, or 502 with the error code.
pub(crate) fn relay(url: String, out: ResponseOutparam) {
    match get(&url) {
        Ok((status, body)) => whole(out, status, &body),
        Err(error) => whole(out, 502, &format!("{error:?}")),
    }
}

fn get(url: &str) -> Result<(u16, String), ErrorCode> {
    let request = request(url).ok_or(ErrorCode::HttpRequestUriInvalid)?;
    let future = outgoing_handler::handle(request, None)?;
    future.subscribe().block();
    let response = match future.get() {
        Some(Ok(response)) => response?,
        Some(Err(())) | None => return Err(ErrorCode::InternalError(None)),
    };
    let mut bytes = Vec::new();
    if let Ok(body) = response.consume()
        && let Ok(input) = body.stream()
    {
        loop {
            match input.blocking_read(64 * 1024) {
                Ok(chunk) => bytes.extend(chunk),
                Err(StreamError::Closed) => break,
                Err(StreamError::LastOperationFailed(error)) => {
                    return Err(ErrorCode::InternalError(Some(error.to_debug_string())));
                }
            }
        }
    }
    Ok((response.status(), String::from_utf8_lossy(&bytes).into_owned()))
}

fn request(url: &str) -> Option<OutgoingRequest> {
    let (scheme, rest) = url.split_once("://")?;
    let scheme = match scheme {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        other => Scheme::Other(other.to_owned()),
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let request = OutgoingRequest::new(Fields::new());
    request.set_scheme(Some(&scheme)).ok()?;
    request.set_authority(Some(authority)).ok()?;
    request.set_path_with_query(Some(if path.is_empty() { "/" } else { path })).ok()?;
    Some(request)
}

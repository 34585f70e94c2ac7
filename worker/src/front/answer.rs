//! Answers that the host gives itself: JSON with a stable code, a sentence that names the limit and its setting, and the invocation id.

use bytes::Bytes;
use hearth_engine::{InvokeError, ResponseBody};
use hearth_model::ids::InvocationId;
use http::{HeaderName, HeaderValue, Response, StatusCode};

use crate::front::policy::BODY_LIMIT_SETTING;

/// Header that carries the invocation's id in error answers.
pub(crate) const INVOCATION_HEADER: HeaderName = HeaderName::from_static("x-ms-invocation-id");

pub(crate) fn full(body: Bytes) -> ResponseBody {
    ResponseBody::whole(body)
}

pub(crate) fn empty(status: StatusCode) -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::whole(Bytes::new()));
    *response.status_mut() = status;
    response
}

/// An error before any function was called.
pub(crate) fn refusal(status: StatusCode, code: &str, message: &str) -> Response<ResponseBody> {
    json(status, serde_json::json!({ "error": { "code": code, "message": message } }))
}

/// A body over the app's limit.
pub(super) fn too_large(limit: usize) -> Response<ResponseBody> {
    refusal(
        StatusCode::PAYLOAD_TOO_LARGE,
        "BodyTooLarge",
        &format!("The request's body is larger than {limit} bytes (app setting {BODY_LIMIT_SETTING})."),
    )
}

/// Too many requests of an app, as the original says it: without a body (reference: section 2.3). Headers tell the rest.
pub(super) fn too_many(limit: u32) -> Response<ResponseBody> {
    let mut response = empty(StatusCode::TOO_MANY_REQUESTS);
    let headers = response.headers_mut();
    headers.insert("x-function-scaleout", HeaderValue::from_static("1"));
    headers.insert(http::header::RETRY_AFTER, HeaderValue::from_static("1"));
    headers.insert("x-hearth-error", HeaderValue::from_static("TooManyRequests"));
    let limit = HeaderValue::try_from(format!("{limit} requests (host.json: extensions.http.maxOutstandingRequests)"));
    if let Ok(limit) = limit {
        headers.insert("x-hearth-limit", limit);
    }
    response
}

/// A failed invocation.
pub(super) fn failure(id: InvocationId, error: &InvokeError) -> Response<ResponseBody> {
    let status = match error {
        InvokeError::Timeout { .. } => StatusCode::GATEWAY_TIMEOUT,
        InvokeError::Busy(_) => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    let (code, message) = error.public();
    failed(id, status, code, &message)
}

/// A failed invocation by its parts.
pub(crate) fn failed(id: InvocationId, status: StatusCode, code: &str, message: &str) -> Response<ResponseBody> {
    let id = id.to_string();
    let mut response =
        json(status, serde_json::json!({ "error": { "code": code, "message": message, "invocationId": id } }));
    if let Ok(value) = HeaderValue::try_from(id) {
        response.headers_mut().insert(INVOCATION_HEADER, value);
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(http::header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

pub(crate) fn json(status: StatusCode, value: serde_json::Value) -> Response<ResponseBody> {
    let mut response = Response::new(full(value.to_string().into()));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    response
}

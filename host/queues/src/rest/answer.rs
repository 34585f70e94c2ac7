//! Answers, with the headers that every one has.

use axum::body::Body;
use axum::response::Response;
use hearth_model::clock::Timestamp;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::QueueError;
use crate::protocol::{API_VERSION, ErrorCode, ProtocolError};

/// Longest `x-ms-client-request-id` that is given back.
const CLIENT_REQUEST_ID_BYTES: usize = 1024;

/// Names one request in its answer and in the log.
#[derive(Debug)]
pub(super) struct RequestId(String);

impl RequestId {
    pub(super) fn new() -> Self {
        Self(hearth_model::ids::InvocationId::random().to_string())
    }
}

/// An answer to be.
#[derive(Debug)]
pub(super) struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
    /// In the place of a body: it needs the request's id.
    error: Option<ProtocolError>,
}

impl Answer {
    pub(super) fn new(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::new(), body: String::new(), error: None }
    }

    pub(super) fn xml(status: StatusCode, body: String) -> Self {
        let mut answer = Self { body, ..Self::new(status) };
        answer.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
        answer.headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        answer
    }

    pub(super) fn error(error: ProtocolError) -> Self {
        let mut answer = Self::xml(error.code.status(), String::new());
        answer.headers.insert("x-ms-error-code", HeaderValue::from_static(error.code.as_str()));
        answer.error = Some(error);
        answer
    }

    /// With a header; one that cannot travel is left out.
    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value.as_bytes())) {
            self.headers.append(name, value);
        }
        self
    }

    pub(super) fn into_response(mut self, parts: &Parts, id: &RequestId, now: Timestamp) -> Response {
        if let Some(error) = &self.error {
            self.body = error.to_xml(&id.0, &now.rfc3339());
        }
        // The version that the caller speaks; they are all answered alike.
        let version = parts.headers.get("x-ms-version").cloned();
        self.headers.insert("x-ms-version", version.unwrap_or(HeaderValue::from_static(API_VERSION)));
        if let Ok(id) = HeaderValue::from_str(&id.0) {
            self.headers.insert("x-ms-request-id", id);
        }
        let client = parts.headers.get("x-ms-client-request-id");
        if let Some(client) = client.filter(|client| client.len() <= CLIENT_REQUEST_ID_BYTES) {
            self.headers.insert("x-ms-client-request-id", client.clone());
        }
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}

/// The answer to a request that was refused or failed.
pub(super) fn failed(error: &QueueError, id: &RequestId) -> Answer {
    let error = match error {
        QueueError::Refused(error) => error.clone(),
        // Clients try again after the one and tell the other.
        QueueError::State(error) if error.is_transient() => {
            tracing::warn!(%error, request = id.0, "queues: host state does not answer");
            ErrorCode::ServerBusy.into()
        }
        QueueError::State(error) => {
            tracing::error!(%error, request = id.0, "queues: host state failed");
            ErrorCode::InternalError.into()
        }
    };
    Answer::error(error)
}

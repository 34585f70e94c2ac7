//! Answers, with the headers that every one has (reference: Cosmos DB, section 1.4).

use std::fmt::Write as _;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, PRAGMA, SERVER};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::headers as names;
use crate::protocol::DocumentError;
use crate::service::DocumentsError;

/// Longest activity id that is given back.
const ACTIVITY_ID_BYTES: usize = 128;
/// Headers of an answer about an item, so that its map is made once.
const HEADERS: usize = 40;

/// Names one request in its answer and in the log.
#[derive(Clone, Debug)]
pub(super) struct Activity {
    id: HeaderValue,
    begun: Instant,
}

impl Activity {
    /// The caller's own id where it gives one, else one that nobody had.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let given = headers.get(&names::ACTIVITY_ID).filter(|id| (1..=ACTIVITY_ID_BYTES).contains(&id.len()));
        let id = given.filter(|id| id.to_str().is_ok()).cloned().unwrap_or_else(new_id);
        Self { id, begun: Instant::now() }
    }

    pub(super) fn as_str(&self) -> &str {
        self.id.to_str().unwrap_or("")
    }
}

/// A GUID: half of it is random and of this process, the other half counts.
fn new_id() -> HeaderValue {
    static PROCESS: OnceLock<u64> = OnceLock::new();
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let process = *PROCESS.get_or_init(|| uuid::Uuid::new_v4().as_u64_pair().0);
    let next = NEXT.fetch_add(1, Ordering::Relaxed) | 1 << 63;
    let mut text = [0; uuid::fmt::Hyphenated::LENGTH];
    let text = uuid::Uuid::from_u64_pair(process, next).hyphenated().encode_lower(&mut text);
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// An answer to be.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Answer {
    pub(super) fn new(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::with_capacity(HEADERS), body: Bytes::new() }
    }

    pub(super) fn json(status: StatusCode, body: impl Into<Bytes>) -> Self {
        Self { body: body.into(), ..Self::new(status) }
    }

    /// With a text as value; one that cannot travel is left out.
    pub(super) fn set(&mut self, name: &'static HeaderName, value: impl AsRef<str>) {
        if let Ok(value) = HeaderValue::from_str(value.as_ref()) {
            self.headers.insert(name, value);
        }
    }

    pub(super) fn set_static(&mut self, name: &'static HeaderName, value: &'static str) {
        self.headers.insert(name, HeaderValue::from_static(value));
    }

    pub(super) fn set_number(&mut self, name: &'static HeaderName, value: i64) {
        self.headers.insert(name, HeaderValue::from(value));
    }

    pub(super) fn set_etag(&mut self, value: &str) {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(ETAG, value);
        }
    }

    /// What an operation cost, in request units.
    pub(super) fn set_charge(&mut self, charge: f64) {
        let mut text = String::with_capacity(12);
        // Writing to a text does not fail.
        let _ = write!(text, "{:.2}", charge);
        self.set(&names::REQUEST_CHARGE, text.trim_end_matches('0').trim_end_matches('.'));
    }

    pub(super) fn into_response(mut self, parts: &Parts, activity: &Activity) -> Response {
        let headers = &mut self.headers;
        if !headers.contains_key(CONTENT_TYPE) {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store, no-cache"));
        headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
        headers.insert(SERVER, HeaderValue::from_static("Hearth"));
        headers.insert(&names::ACTIVITY_ID, activity.id.clone());
        headers.insert(&names::TRANSPORT_REQUEST_ID, HeaderValue::from_static("1"));
        headers.insert(&names::GATEWAY_VERSION, HeaderValue::from_static("2.0.0"));
        headers.insert(&names::SERVICE_VERSION, HeaderValue::from_static("version=2.14.0.0"));
        if !headers.contains_key(&names::REQUEST_CHARGE) {
            headers.insert(&names::REQUEST_CHARGE, HeaderValue::from_static("1"));
        }
        let version = parts.headers.get(&names::VERSION).cloned();
        headers.insert(&names::VERSION, version.unwrap_or(HeaderValue::from_static("2020-07-15")));
        let took = u64::try_from(activity.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        headers.insert(&names::REQUEST_DURATION, HeaderValue::from(took));
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}

/// The answer to a request that was refused or failed.
pub(super) fn failed(error: &DocumentsError, activity: &Activity) -> Answer {
    let refused;
    let error = match error {
        DocumentsError::Refused(error) => error,
        // Clients try again after the one and tell the other.
        DocumentsError::State(error) if error.is_transient() => {
            tracing::warn!(%error, request = activity.as_str(), "documents: host state does not answer");
            refused = DocumentError::new(StatusCode::SERVICE_UNAVAILABLE, "Service is currently unavailable.");
            &refused
        }
        DocumentsError::State(error) => {
            tracing::error!(%error, request = activity.as_str(), "documents: host state failed");
            refused = DocumentError::new(StatusCode::INTERNAL_SERVER_ERROR, "The store failed; its log says how.");
            &refused
        }
    };
    // A read that finds nothing new is no error to its caller: nothing is said about it.
    if error.status == StatusCode::NOT_MODIFIED {
        return Answer::new(error.status);
    }
    let message = format!("{}\r\nActivityId: {}", error.message, activity.as_str());
    let mut body = serde_json::json!({ "code": error.code(), "message": message });
    if let Some(plan) = &error.plan {
        body["additionalErrorInfo"] = plan.as_str().into();
    }
    let mut answer = Answer::json(error.status, body.to_string());
    answer.set_number(&names::SUBSTATUS, error.substatus.into());
    if let Some(wait) = error.retry_after {
        answer.set_number(&names::RETRY_AFTER_MS, i64::try_from(wait.as_millis()).unwrap_or(i64::MAX));
    }
    answer
}

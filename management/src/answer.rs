//! Errors of requests: the public text goes to the caller, the internal text to the log, once.
//!
//! The management API answers errors as JSON ([`crate::api::ErrorBody`]), the Kudu routes as plain text, because that is
//! what its clients print.

use axum::response::{IntoResponse, Response};
use axum::{Json, body::Body};
use hearth_state::StateError;
use http::{HeaderValue, StatusCode, header};

use crate::api::ErrorBody;
use crate::schedule::Stopped;

/// Why a request is refused or failed.
#[derive(Debug)]
pub(crate) struct Failure {
    /// Status of the answer.
    pub(crate) status: StatusCode,
    /// Stable word for programs.
    pub(crate) code: &'static str,
    /// Public: what was wrong, where, what to do.
    pub(crate) message: String,
    /// For the log only.
    pub(crate) internal: Option<String>,
    /// Ask for HTTP Basic credentials.
    pub(crate) challenge: bool,
    /// Seconds after which a retry makes sense.
    pub(crate) retry_after: Option<u32>,
}

impl Failure {
    /// A failure that is fully told by its public text.
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), internal: None, challenge: false, retry_after: None }
    }

    /// 400.
    pub(crate) fn invalid(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// 404 for an app.
    pub(crate) fn no_app(app: &str) -> Self {
        let message = format!(
            "There is no app '{app}'. Publish it, make it by 'hearth apps create {app}', or see 'hearth apps list' for those there are."
        );
        Self::new(StatusCode::NOT_FOUND, "app_not_found", message)
    }

    /// 500 with the reason in the log.
    pub(crate) fn internal(internal: impl std::fmt::Display) -> Self {
        let message = "Something went wrong inside the management role; its log says what.";
        Self {
            internal: Some(internal.to_string()),
            ..Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", message)
        }
    }

    /// A failure to write a file: 507 when the disk is full.
    pub(crate) fn writing(what: &str, error: &std::io::Error) -> Self {
        use std::io::ErrorKind;
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::new(
                StatusCode::INSUFFICIENT_STORAGE,
                "disk_full",
                format!(
                    "No space is left for {what} on the management machine; free space in its data directory, then publish again."
                ),
            ),
            _ => Self::internal(format!("{what}: {error}")),
        }
    }

    /// As the management API answers.
    pub(crate) fn into_json(self) -> Response {
        let body = ErrorBody { code: self.code.to_owned(), message: self.message.clone() };
        self.finish(Json(body).into_response())
    }

    /// As the Kudu routes answer.
    pub(crate) fn into_text(self) -> Response {
        let mut text = self.message.clone();
        text.push('\n');
        self.finish(text.into_response())
    }

    fn finish(self, mut response: Response) -> Response {
        if let Some(internal) = &self.internal {
            tracing::error!(status = self.status.as_u16(), code = self.code, "{internal}");
        }
        *response.status_mut() = self.status;
        if self.challenge {
            let challenge = HeaderValue::from_static("Basic realm=\"hearth publishing\", charset=\"UTF-8\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<StateError> for Failure {
    fn from(error: StateError) -> Self {
        let (status, code) = match &error {
            StateError::Unavailable(_) => (StatusCode::SERVICE_UNAVAILABLE, "state_unavailable"),
            StateError::Full(_) => (StatusCode::INSUFFICIENT_STORAGE, "disk_full"),
            StateError::Conflict(_) => (StatusCode::CONFLICT, "conflict"),
            StateError::Missing(_) => (StatusCode::NOT_FOUND, "not_found"),
            StateError::Rejected(_) => (StatusCode::BAD_REQUEST, "rejected"),
            StateError::Corrupt(_) | StateError::Incompatible(_) | StateError::Configuration(_) => {
                (StatusCode::INTERNAL_SERVER_ERROR, "state_error")
            }
        };
        let internal = status.is_server_error().then(|| format!("host state: {error:?}"));
        let retry_after = (status == StatusCode::SERVICE_UNAVAILABLE).then_some(1);
        Self { internal, retry_after, ..Self::new(status, code, sentence(&error.to_string())) }
    }
}

impl From<Stopped> for Failure {
    fn from(_: Stopped) -> Self {
        let message = "The management role is shutting down; try again when it is back.";
        Self { retry_after: Some(2), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "shutting_down", message) }
    }
}

/// Error of a management API handler.
#[derive(Debug)]
pub(crate) struct ApiError(pub(crate) Failure);

impl<F: Into<Failure>> From<F> for ApiError {
    fn from(failure: F) -> Self {
        Self(failure.into())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        self.0.into_json()
    }
}

/// Error of a Kudu handler.
#[derive(Debug)]
pub(crate) struct KuduError(pub(crate) Failure);

impl<F: Into<Failure>> From<F> for KuduError {
    fn from(failure: F) -> Self {
        Self(failure.into())
    }
}

impl IntoResponse for KuduError {
    fn into_response(self) -> Response {
        self.0.into_text()
    }
}

/// Largest body of anything but a package and a beat, in bytes.
pub(crate) const MAX_BODY: usize = 1 << 20;

/// Reads a JSON body of at most `limit` bytes; an empty one is the default value where that is given.
pub(crate) async fn json_body<T: serde::de::DeserializeOwned>(
    body: Body,
    limit: usize,
    empty: Option<T>,
) -> Result<T, Failure> {
    let bytes = axum::body::to_bytes(body, limit).await.map_err(|error| {
        let too_large =
            std::error::Error::source(&error).is_some_and(|source| source.is::<http_body_util::LengthLimitError>());
        if too_large {
            let message = format!("The body is larger than {limit} bytes.");
            Failure::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", message)
        } else {
            Failure::invalid("body_unreadable", "The body could not be read to its end.")
        }
    })?;
    match empty {
        Some(value) if bytes.trim_ascii().is_empty() => Ok(value),
        _ => serde_json::from_slice(&bytes)
            .map_err(|error| Failure::invalid("body_not_json", format!("The body is not the expected JSON: {error}."))),
    }
}

/// Starts with a capital, unless the first word is a name such as `host.json`, and ends with a full stop.
pub(crate) fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let plain = text.split_whitespace().next().is_some_and(|word| word.chars().all(char::is_alphabetic));
    let mut sentence: String = match chars.next() {
        Some(first) if plain => first.to_uppercase().collect(),
        first => first.into_iter().collect(),
    };
    sentence.push_str(chars.as_str());
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_from_other_faults() {
        let full = Failure::writing("the upload", &std::io::Error::from(std::io::ErrorKind::StorageFull));
        assert_eq!(full.status, 507);
        assert!(full.message.contains("No space is left for the upload"), "{}", full.message);
        let other = Failure::writing("the upload", &std::io::Error::other("secret detail"));
        assert_eq!(other.status, 500);
        assert!(!other.message.contains("secret"));
        assert!(other.internal.unwrap().contains("secret detail"));
    }

    #[test]
    fn a_sentence_begins_with_a_capital_but_names_stay() {
        assert_eq!(sentence("the zip is empty"), "The zip is empty.");
        assert_eq!(sentence("host.json:2: a comma is missing"), "host.json:2: a comma is missing.");
        assert_eq!(sentence("'a' is no name!"), "'a' is no name!");
        assert_eq!(sentence(""), ".");
    }

    #[test]
    fn state_errors_say_what_the_caller_can_do() {
        let status = |error: StateError| Failure::from(error).status.as_u16();
        assert_eq!(status(StateError::Unavailable("x".into())), 503);
        assert_eq!(status(StateError::Full("x".into())), 507);
        assert_eq!(status(StateError::Conflict("x".into())), 409);
        assert_eq!(status(StateError::Missing("x".into())), 404);
        assert_eq!(status(StateError::Corrupt("x".into())), 500);
    }
}

//! Answers of the admin API: JSON, also the errors, except for what is empty by contract.

use std::borrow::Cow;

use hearth_engine::ResponseBody;
use hearth_state::StateError;
use http::header::CACHE_CONTROL;
use http::{HeaderValue, Response, StatusCode};

use crate::front::answer;
pub(super) use crate::front::answer::{empty, json};

/// What handlers return.
pub(super) type Answer = Result<Response<ResponseBody>, Refusal>;

/// An answer that ends a handler early: a status, a stable code, and a sentence.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: Cow<'static, str>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status, code, message: message.into() }
    }

    /// 400 with what would be right.
    pub(super) fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "InvalidRequest", message)
    }

    pub(super) fn app_not_found() -> Self {
        let message = "No function app answers here. Address one as <app>.<domain> or /apps/<app>/…";
        Self::new(StatusCode::NOT_FOUND, "AppNotFound", message)
    }

    pub(super) fn not_running() -> Self {
        let message = "Function host is not running. GET /admin/host/status tells why.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "AppNotRunning", message)
    }

    pub(super) fn unavailable(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "StateUnavailable", reason)
    }

    pub(super) fn respond(self) -> Response<ResponseBody> {
        answer::refusal(self.status, self.code, &self.message)
    }
}

/// An operation on host state that failed.
impl From<StateError> for Refusal {
    fn from(error: StateError) -> Self {
        match error {
            StateError::Rejected(reason) | StateError::Conflict(reason) => Self::invalid(reason),
            StateError::Missing(_) => Self::app_not_found(),
            error => {
                tracing::error!(category = "Host.General", "the admin API: {error}");
                Self::unavailable(error.to_string())
            }
        }
    }
}

/// Keys and the like are for nobody's cache.
pub(super) fn not_stored(mut response: Response<ResponseBody>) -> Response<ResponseBody> {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

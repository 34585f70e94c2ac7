//! Errors as clients see them: a status, a sub-status, a code and a message (reference: Cosmos DB, section 1.5).

use std::fmt;
use std::time::Duration;

use http::StatusCode;

/// Sub-statuses that clients act on.
pub mod substatus {
    /// The partition key in the header is not that of the body.
    pub const PARTITION_KEY_MISMATCH: u32 = 1001;
    /// A session token is ahead of what is here (with 404).
    pub const READ_SESSION_NOT_AVAILABLE: u32 = 1002;
    /// A partition key range was split (with 410).
    pub const PARTITION_KEY_RANGE_GONE: u32 = 1002;
    /// The parent does not exist (with 404).
    pub const OWNER_NOT_FOUND: u32 = 1003;
    /// A query that has to go to several ranges.
    pub const CROSS_PARTITION_QUERY: u32 = 1004;
    /// The container that the caller had in mind is another one now.
    pub const COLLECTION_RID_MISMATCH: u32 = 1024;
    /// The condition of a patch is false (with 412).
    pub const PATCH_CONDITION_FALSE: u32 = 1110;
    /// The budget of request units is used up (with 429).
    pub const BUDGET_EXHAUSTED: u32 = 3200;
    /// A value is taken that has to be unique (with 409).
    pub const UNIQUE_INDEX_CONFLICT: u32 = 3301;
    /// With 413: the answer to a batch would be too large.
    pub const BATCH_ANSWER_TOO_LARGE: u32 = 3402;
}

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentError {
    /// The HTTP status.
    pub status: StatusCode,
    /// What `x-ms-substatus` says; 0 where there is nothing to say.
    pub substatus: u32,
    /// For people, without secrets: what, where, and what to do.
    pub message: String,
    /// When another try makes sense (429, 449).
    pub retry_after: Option<Duration>,
    /// The query plan, as JSON text, of a query that was refused for having to go to several ranges.
    pub plan: Option<String>,
}

impl DocumentError {
    /// An error without a sub-status.
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, substatus: 0, message: message.into(), retry_after: None, plan: None }
    }

    /// 400.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// 404 in the words that clients look for.
    pub fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "Entity with the specified id does not exist in the system. Resource Not Found",
        )
    }

    /// 404: a database or container on the way to the resource does not exist.
    pub fn owner_not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Owner resource does not exist").with_substatus(substatus::OWNER_NOT_FOUND)
    }

    /// 409 in the words that clients look for.
    pub fn conflict() -> Self {
        Self::new(StatusCode::CONFLICT, "Entity with the specified id already exists in the system.")
    }

    /// 412 for If-Match and If-None-Match.
    pub fn precondition_failed() -> Self {
        Self::new(StatusCode::PRECONDITION_FAILED, "One of the specified pre-condition is not met.")
    }

    /// With a sub-status.
    #[must_use]
    pub fn with_substatus(mut self, substatus: u32) -> Self {
        self.substatus = substatus;
        self
    }

    /// With a time after which another try makes sense.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// What the body calls the status.
    pub fn code(&self) -> &'static str {
        match self.status.as_u16() {
            400 => "BadRequest",
            401 => "Unauthorized",
            403 => "Forbidden",
            404 => "NotFound",
            405 => "MethodNotAllowed",
            408 => "RequestTimeout",
            409 => "Conflict",
            410 => "Gone",
            412 => "PreconditionFailed",
            413 => "RequestEntityTooLarge",
            424 => "FailedDependency",
            429 => "TooManyRequests",
            449 => "RetryWith",
            503 => "ServiceUnavailable",
            _ => "InternalServerError",
        }
    }
}

impl fmt::Display for DocumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.status.as_u16())
    }
}

impl std::error::Error for DocumentError {}

//! What can go wrong, told apart by what the caller must do (reference: Cosmos DB, section 1.5).

use std::time::Duration;

use hearth_outbound::{Answer, SendError, SendErrorKind};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

/// Longest part of a service's message that is shown, in characters.
const MESSAGE_CHARS: usize = 300;

/// Kinds of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CosmosErrorKind {
    /// There is no such item, container or database (404).
    NotFound,
    /// Something of this id is there already (409).
    Exists,
    /// It is no longer of the version that was expected (412).
    Changed,
    /// The partition key range was split or merged, or is about to be (410).
    RangeGone,
    /// The account's budget of request units is used up, and was so for as long as was waited (429).
    Throttled,
    /// The key does not open it, or it shows a certificate that is not trusted. Someone must change the connection or the account.
    Denied,
    /// It can't be reached, is busy or failed: later it may go well. A write may have been done; see
    /// [`CosmosError::may_have_been_done`].
    Passing,
    /// The service answered what no such service answers.
    Answer,
    /// The request was refused; repeating it does not help.
    Refused,
}

/// A failure; its text is for logs and for the app's developer, and holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("can't {doing} at {endpoint}: {reason}")]
pub struct CosmosError {
    /// What kind.
    pub kind: CosmosErrorKind,
    /// The answer's status; none when there was no answer.
    pub status: Option<StatusCode>,
    /// The answer's sub-status, 0 when it has none.
    pub sub_status: u32,
    /// When to ask again, where the service said it.
    pub retry_after: Option<Duration>,
    /// Whether what was asked for may have been done all the same: the answer was lost.
    pub may_have_been_done: bool,
    doing: String,
    endpoint: String,
    reason: String,
}

#[derive(Deserialize)]
struct Body {
    code: Option<String>,
    message: Option<String>,
}

impl CosmosError {
    /// What was being done, and where.
    pub(super) fn new(kind: CosmosErrorKind, doing: &str, endpoint: &str, reason: impl Into<String>) -> Self {
        Self {
            kind,
            status: None,
            sub_status: 0,
            retry_after: None,
            may_have_been_done: false,
            doing: doing.to_owned(),
            endpoint: endpoint.to_owned(),
            reason: reason.into(),
        }
    }

    /// From a way that broke.
    pub(super) fn unsent(error: &SendError, doing: &str, endpoint: &str) -> Self {
        let (kind, advice) = match error.kind {
            SendErrorKind::Untrusted => (
                CosmosErrorKind::Denied,
                "; let this machine trust the certificate, or, for an endpoint on this machine, add \
                 DisableServerCertificateValidation=true to the connection string",
            ),
            SendErrorKind::Unreached | SendErrorKind::Broken => (CosmosErrorKind::Passing, ""),
        };
        let error_of = Self::new(kind, doing, endpoint, format!("{error}{advice}"));
        Self { may_have_been_done: error.kind == SendErrorKind::Broken, ..error_of }
    }

    /// From an answer that is no success.
    pub(super) fn answered(answer: &Answer, doing: &str, endpoint: &str) -> Self {
        let status = answer.status;
        let sub_status = number(&answer.headers, "x-ms-substatus").and_then(|number| u32::try_from(number).ok());
        let sub_status = sub_status.unwrap_or(0);
        let kind = match (status.as_u16(), sub_status) {
            // The region has just ceased to take writes, or the container is still being made: nothing was done, and soon it will be.
            (403, 3 | 1008) | (404, 1013) => CosmosErrorKind::Passing,
            (404, _) => CosmosErrorKind::NotFound,
            (409, _) => CosmosErrorKind::Exists,
            (412, _) => CosmosErrorKind::Changed,
            (410, 1002 | 1007 | 1008) => CosmosErrorKind::RangeGone,
            (429, _) => CosmosErrorKind::Throttled,
            (401 | 403, _) => CosmosErrorKind::Denied,
            (408 | 410 | 449 | 500..=599, _) => CosmosErrorKind::Passing,
            _ => CosmosErrorKind::Refused,
        };
        let told = serde_json::from_slice::<Body>(&answer.body).unwrap_or(Body { code: None, message: None });
        let code = told.code.filter(|code| code.len() <= 80 && code.bytes().all(|b| b.is_ascii_alphanumeric()));
        let mut reason = format!("the service answered {}", status.as_u16());
        if sub_status != 0 {
            reason.push_str(&format!("/{sub_status}"));
        }
        if let Some(code) = code {
            reason.push_str(&format!(" {code}"));
        }
        match (kind, told.message.as_deref().map(first_line).filter(|line| !line.is_empty())) {
            (CosmosErrorKind::Denied, _) if status == StatusCode::UNAUTHORIZED => {
                reason.push_str("; the connection's AccountKey does not open this account");
            }
            (_, Some(line)) => reason.push_str(&format!(": {line}")),
            (_, None) => {}
        }
        let retry_after = number(&answer.headers, "x-ms-retry-after-ms").map(Duration::from_millis);
        let may_have_been_done = status == StatusCode::REQUEST_TIMEOUT || status.is_server_error();
        let error = Self::new(kind, doing, endpoint, reason);
        Self { status: Some(status), sub_status, retry_after, may_have_been_done, ..error }
    }

    /// Whether what the item or container would be in is not there.
    pub fn is_owner_missing(&self) -> bool {
        self.kind == CosmosErrorKind::NotFound && self.sub_status == 1003
    }

    /// Why, without what was being done and where.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

/// A header that is a whole number.
pub(super) fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

/// The first line of a message, without what would break a line of a log.
fn first_line(message: &str) -> String {
    let line = message.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
    line.chars().filter(|c| !c.is_control()).take(MESSAGE_CHARS).collect()
}

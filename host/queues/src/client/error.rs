//! What can go wrong, told apart by what the caller must do.

use hearth_outbound::Answer;
use http::StatusCode;

use super::is_passing;
use crate::protocol::error_code_of;

/// Kinds of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientErrorKind {
    /// There is no such queue.
    QueueNotFound,
    /// The message is gone, or its receipt is not the last one: somebody else has it.
    MessageNotFound,
    /// The credential does not open it. Someone must change the connection or the account.
    Denied,
    /// The service can't be reached, is busy or failed: later it may go well.
    Passing,
    /// The service answered what no such service answers.
    Answer,
    /// The request was refused; repeating it does not help.
    Other,
}

/// A failure; its text is for logs and holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("can't {doing} the queue '{queue}' at {endpoint}: {reason}")]
pub struct ClientError {
    /// What kind.
    pub kind: ClientErrorKind,
    /// The service's own code, for example `QueueNotFound`.
    pub code: Option<String>,
    doing: &'static str,
    queue: String,
    endpoint: String,
    reason: String,
}

impl ClientError {
    pub(super) fn new(kind: ClientErrorKind, doing: &'static str, queue: &str, endpoint: &str, reason: String) -> Self {
        Self { kind, code: None, doing, queue: queue.to_owned(), endpoint: endpoint.to_owned(), reason }
    }

    /// From an answer that is no success.
    pub(super) fn answered(answer: &Answer, doing: &'static str, queue: &str, endpoint: &str) -> Self {
        let header = answer.headers.get("x-ms-error-code").and_then(|value| value.to_str().ok()).map(str::to_owned);
        let code = header
            .or_else(|| error_code_of(&answer.body))
            .filter(|code| (1..=80).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric()));
        let status = answer.status;
        let kind = match code.as_deref() {
            Some("QueueNotFound" | "QueueBeingDeleted") => ClientErrorKind::QueueNotFound,
            Some("MessageNotFound" | "PopReceiptMismatch") => ClientErrorKind::MessageNotFound,
            _ if is_passing(status) => ClientErrorKind::Passing,
            _ if [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&status) => ClientErrorKind::Denied,
            _ => ClientErrorKind::Other,
        };
        let what = match kind {
            ClientErrorKind::Denied => "; the connection's key, signature or identity does not open it",
            _ => "",
        };
        let told = code.as_deref().map(|code| format!(" {code}")).unwrap_or_default();
        let reason = format!("the service answered {}{told}{what}", status.as_u16());
        Self { code, ..Self::new(kind, doing, queue, endpoint, reason) }
    }
}

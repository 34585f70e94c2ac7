//! HTTP from a function to elsewhere; the host does it, under the app's egress rule.

use std::fmt;

use crate::{Request, Response, guest};

/// Why a request got no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FetchError {
    /// The URL or a header is not valid.
    InvalidRequest(String),
    /// The app's egress rule does not allow the target.
    Denied(String),
    /// No complete answer within the time.
    Timeout(String),
    /// Resolving, connecting, TLS or transfer failed.
    Failed(String),
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidRequest(text) => write!(f, "the outbound request is not valid: {text}"),
            Self::Denied(text) => write!(f, "the outbound request is not allowed: {text}"),
            Self::Timeout(text) => write!(f, "the outbound request took too long: {text}"),
            Self::Failed(text) => write!(f, "the outbound request failed: {text}"),
        }
    }
}

impl std::error::Error for FetchError {}

/// Sends a request and waits for the complete answer. An answer of any status is `Ok`.
///
/// ```no_run
/// # fn handler() -> hearth_sdk::Result<()> {
/// use hearth_sdk::{Request, fetch};
///
/// let answer = fetch(Request::get("https://example.org/price").with_header("accept", "application/json"))?;
/// let price: u32 = answer.body_json()?;
/// # Ok(()) }
/// ```
///
/// # Errors
/// No complete answer arrived; see [`FetchError`]. Always so in a native build.
pub fn fetch(request: Request) -> Result<Response, FetchError> {
    guest::fetch(request)
}

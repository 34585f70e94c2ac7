//! The answer of a handler, and what [`fetch`](crate::fetch) received.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::request::{first, pairs};
use crate::{Context, Result};

/// An HTTP answer with its whole body.
///
/// ```
/// use hearth_sdk::Response;
///
/// let response = Response::new(302).with_header("location", "/api/hello");
/// assert_eq!(response.header("Location"), Some("/api/hello"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Response {
    /// An answer without headers and body. `status` is 100 to 999; the host turns another into a failure.
    #[must_use]
    pub fn new(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new() }
    }

    /// 200 with a plain text body.
    #[must_use]
    pub fn text(body: impl Into<String>) -> Self {
        Self::new(200).with_header("content-type", "text/plain; charset=utf-8").with_body(body.into())
    }

    /// 200 with a JSON body.
    ///
    /// # Errors
    /// Internal, when the value has no JSON form, such as a map whose keys are no text.
    pub fn json(value: &impl Serialize) -> Result<Self> {
        let body = serde_json::to_vec(value).context("the answer cannot be written as JSON")?;
        Ok(Self::new(200).with_header("content-type", "application/json").with_body(body))
    }

    /// The same with another status.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// The same with one more header; an earlier one of this name stays.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The same with this body.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// The status code.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Whether the status is 200 to 299.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The first header of this name, whatever its case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        first(&self.headers, |found| found.eq_ignore_ascii_case(name))
    }

    /// All headers; a name may occur more than once.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        pairs(&self.headers)
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body, without a copy.
    #[must_use]
    pub fn into_body(self) -> Vec<u8> {
        self.body
    }

    /// The body as text.
    ///
    /// # Errors
    /// Internal, when it is not UTF-8.
    pub fn body_text(&self) -> Result<&str> {
        std::str::from_utf8(&self.body).context("the response body is not UTF-8 text")
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// Internal, when it is not JSON or not of the form of `T`.
    pub fn body_json<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.body).context("the response body is not the expected JSON")
    }
}

/// Without header values and body: they may hold secrets.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("headers", &names)
            .field("body_bytes", &self.body.len())
            .finish()
    }
}

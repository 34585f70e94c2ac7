//! The request a handler receives, and the one [`fetch`](crate::fetch) sends.

use std::fmt;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Context, Error, Result};

/// An HTTP request with its whole body.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Request {
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) params: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) timeout: Option<Duration>,
}

impl Request {
    /// A request without headers and body, for [`fetch`](crate::fetch) or a test. The query is read from the URL.
    #[must_use]
    pub fn new(method: impl Into<String>, url: impl Into<String>) -> Self {
        let url = url.into();
        let query = url.split('#').next().and_then(|url| url.split_once('?')).map_or("", |(_, query)| query);
        let query = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        Self { method: method.into(), url, query, ..Self::default() }
    }

    /// `Request::new("GET", url)`.
    #[must_use]
    pub fn get(url: impl Into<String>) -> Self {
        Self::new("GET", url)
    }

    /// `Request::new("POST", url)`.
    #[must_use]
    pub fn post(url: impl Into<String>) -> Self {
        Self::new("POST", url)
    }

    /// The same with one more header.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into().to_ascii_lowercase(), value.into()));
        self
    }

    /// The same with a route parameter, as the host would have matched it.
    #[must_use]
    pub fn with_param(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.params.push((name.into(), value.into()));
        self
    }

    /// The same with this body.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// The same with `value` as JSON body and the content type for it.
    ///
    /// # Errors
    /// Internal, when the value has no JSON form.
    pub fn with_json(self, value: &impl Serialize) -> Result<Self> {
        let body = serde_json::to_vec(value).context("the request body cannot be written as JSON")?;
        Ok(self.with_header("content-type", "application/json").with_body(body))
    }

    /// The same with a limit for the whole exchange of a [`fetch`](crate::fetch), in whole milliseconds; the host's
    /// default holds without it.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// As received, for example `GET`.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Absolute URL as the caller sees it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Path of the URL, still percent-encoded, with its leading slash.
    #[must_use]
    pub fn path(&self) -> &str {
        let rest = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest);
        let end = rest.find(['?', '#']).unwrap_or(rest.len());
        let rest = &rest[..end];
        rest.find('/').map_or("/", |start| &rest[start..])
    }

    /// The first header of this name, whatever its case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        first(&self.headers, |found| found.eq_ignore_ascii_case(name))
    }

    /// All headers, names in lower case; a name may occur more than once.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        pairs(&self.headers)
    }

    /// The first query parameter of this name, decoded.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<&str> {
        first(&self.query, |found| found == name)
    }

    /// All query parameters in their order, decoded; a name may occur more than once.
    pub fn query_pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        pairs(&self.query)
    }

    /// The route parameter of this name, decoded; `None` for an optional one the URL did not have.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&str> {
        first(&self.params, |found| found.eq_ignore_ascii_case(name))
    }

    /// All route parameters.
    pub fn params(&self) -> impl Iterator<Item = (&str, &str)> {
        pairs(&self.params)
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
    /// 400 for the caller, when it is not UTF-8.
    pub fn text(&self) -> Result<&str> {
        std::str::from_utf8(&self.body).or_status(400, "The request body is not UTF-8 text.")
    }

    /// The body as JSON; the content type is not looked at.
    ///
    /// # Errors
    /// 400 for the caller with what is wrong and where, when it is not JSON or not of the form of `T`.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        if self.body.is_empty() {
            return Err(Error::new(400, "The request has no body; JSON is expected."));
        }
        serde_json::from_slice(&self.body)
            .map_err(|error| Error::new(400, format!("The request body is not the expected JSON: {error}.")))
    }
}

/// Without header values and body: they may hold secrets.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("url", &self.url)
            .field("headers", &names)
            .field("params", &self.params)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

pub(crate) fn first(pairs: &[(String, String)], matches: impl Fn(&str) -> bool) -> Option<&str> {
    pairs.iter().find(|(name, _)| matches(name)).map(|(_, value)| value.as_str())
}

pub(crate) fn pairs(pairs: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_gives_query_and_path() {
        let request = Request::get("http://app.localhost:7071/api/a%20b?name=Ada+L&x=1&x=%C3%BC#end");
        assert_eq!(request.path(), "/api/a%20b");
        assert_eq!(request.query("name"), Some("Ada L"));
        assert_eq!(
            request.query_pairs().filter(|(name, _)| *name == "x").map(|(_, value)| value).collect::<Vec<_>>(),
            ["1", "ü"]
        );
        assert_eq!(request.query("Name"), None);
        assert_eq!(Request::get("http://localhost").path(), "/");
        assert_eq!(Request::get("http://localhost?a=/b").path(), "/");
    }

    #[test]
    fn header_names_ignore_case() {
        let request = Request::get("http://localhost/").with_header("X-Kind", "a");
        assert_eq!(request.header("x-KIND"), Some("a"));
        assert_eq!(request.headers().collect::<Vec<_>>(), [("x-kind", "a")]);
    }

    #[test]
    fn a_bad_body_is_the_callers_mistake() {
        let error = Request::post("http://localhost/").json::<u32>().unwrap_err();
        assert_eq!((error.status(), error.public_message()), (400, Some("The request has no body; JSON is expected.")));
        let error = Request::post("http://localhost/").with_body("{\"a\":").json::<serde_json::Value>().unwrap_err();
        assert_eq!(error.status(), 400);
        assert!(error.public_message().unwrap().contains("line 1 column 5"), "{error:?}");
        let error = Request::post("http://localhost/").with_body([0xff]).text().unwrap_err();
        assert_eq!(error.status(), 400);
    }

    #[test]
    fn debug_output_hides_header_values_and_body() {
        let request = Request::post("http://localhost/").with_header("authorization", "secret").with_body("secret");
        assert!(!format!("{request:?}").contains("secret"));
    }
}

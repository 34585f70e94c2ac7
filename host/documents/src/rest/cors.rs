//! Browsers: whoever has a key or token may use it from a page of any origin, since nothing is done in the name of a user whom
//! the browser remembers.

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS, ORIGIN,
};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode};

use super::answer::Answer;

/// The answer to a browser that asks first.
pub(super) fn preflight(parts: &Parts) -> Answer {
    let mut answer = Answer::new(StatusCode::NO_CONTENT);
    let headers = &mut answer.headers;
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE, OPTIONS"));
    let asked = parts.headers.get(ACCESS_CONTROL_REQUEST_HEADERS).cloned();
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, asked.unwrap_or(HeaderValue::from_static("*")));
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    answer
}

/// Lets scripts of a page see an answer.
pub(super) fn allow(headers: &mut HeaderMap, parts: &Parts) {
    if !parts.headers.contains_key(ORIGIN) {
        return;
    }
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("*"));
}

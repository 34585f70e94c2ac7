//! What the handlers of the admin API need of a request.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body::Body;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use crate::admin::answer::Refusal;
use crate::app::{Apps, LiveApp, LoadedApp, Lookup, Standing};
use crate::front::Caller;

/// Greatest body of an admin request, in bytes: the input of an invocation is the largest.
pub(super) const MAX_BODY_BYTES: usize = 8 * 1024 * 1024;
/// A body must have arrived within this time.
const BODY_TIME: Duration = Duration::from_secs(30);

/// How long a request waits for host state to tell what changed.
const CATCH_UP_TIME: Duration = Duration::from_secs(1);

/// One request to the admin API.
pub(super) struct AdminCall<'a> {
    pub(super) apps: &'a Arc<Apps>,
    pub(super) standing: Standing,
    pub(super) caller: &'a Caller,
    pub(super) method: Method,
    /// Segments of the path after `admin`, decoded, without empty ones.
    pub(super) path: Vec<String>,
    query: Vec<(String, String)>,
    /// The key that the caller presents.
    pub(super) presented: Option<String>,
    href: String,
}

impl<'a> AdminCall<'a> {
    pub(super) fn new<B>(apps: &'a Arc<Apps>, standing: Standing, caller: &'a Caller, request: &Request<B>) -> Self {
        let query: Vec<(String, String)> = request
            .uri()
            .query()
            .map(|query| form_urlencoded::parse(query.as_bytes()).into_owned().collect())
            .unwrap_or_default();
        let segments = request.uri().path().split('/').filter(|part| !part.is_empty()).skip(1);
        Self {
            apps,
            standing,
            caller,
            method: request.method().clone(),
            path: segments.map(decoded).collect(),
            presented: presented(request.headers(), &query),
            query,
            href: format!("{}{}", caller.base_url(), request.uri().path()),
        }
    }

    /// Applies what host state says now, where it answers soon.
    pub(super) async fn catch_up(&mut self) {
        let name = self.live().name.clone();
        if tokio::time::timeout(CATCH_UP_TIME, self.apps.refresh(&name)).await.is_ok()
            && let Some(standing) = self.apps.standing(&name)
        {
            self.standing = standing;
        }
    }

    pub(super) fn live(&self) -> &Arc<LiveApp> {
        &self.standing.live
    }

    /// The address of what was asked for, without its query.
    pub(super) fn href(&self) -> &str {
        &self.href
    }

    /// A value of the query; names ignore case.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The app as it is loaded, after the wait that calls have; the answer when it does not run.
    pub(super) async fn loaded(&self) -> Result<Arc<LoadedApp>, Refusal> {
        match self.apps.by_name(&self.live().name).await {
            Lookup::Found(app) => Ok(app),
            Lookup::Unknown | Lookup::NotRunning | Lookup::StateAway => Err(Refusal::not_running()),
        }
    }
}

/// The first `x-functions-key`; only without one `code` of the query.
fn presented(headers: &HeaderMap, query: &[(String, String)]) -> Option<String> {
    match headers.get("x-functions-key") {
        Some(value) => Some(value.to_str().unwrap_or_default().to_owned()),
        None => query.iter().find(|(name, _)| name.eq_ignore_ascii_case("code")).map(|(_, value)| value.clone()),
    }
}

/// A path segment without its percent signs; as it is where these are no UTF-8.
fn decoded(segment: &str) -> String {
    percent_encoding::percent_decode_str(segment).decode_utf8().map_or_else(|_| segment.to_owned(), Into::into)
}

/// The whole body; the answer when it is too large, too slow or broken off.
pub(super) async fn body<B>(request: Request<B>) -> Result<Bytes, Refusal>
where
    B: Body<Data = Bytes> + Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let body = std::pin::pin!(request.into_body());
    let reading = Limited::new(body, MAX_BODY_BYTES).collect();
    match tokio::time::timeout(BODY_TIME, reading).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Refusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "BodyTooLarge",
            format!("The body of an admin request may have {MAX_BODY_BYTES} bytes."),
        )),
        Ok(Err(_)) => Err(Refusal::new(StatusCode::BAD_REQUEST, "BodyIncomplete", "The request's body ended early.")),
        Err(_) => {
            Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, "BodyTimeout", "The request's body did not arrive in time."))
        }
    }
}

/// The whole body as JSON of this form.
pub(super) async fn json<T, B>(request: Request<B>, wanted: &str) -> Result<T, Refusal>
where
    T: DeserializeOwned,
    B: Body<Data = Bytes> + Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let body = body(request).await?;
    // The text of serde's error may repeat what was sent, a key for example.
    serde_json::from_slice(&body)
        .map_err(|error| Refusal::invalid(format!("{wanted} (line {}, column {})", error.line(), error.column())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_hides_the_query() {
        let query = [("Code".to_owned(), "of-query".to_owned())];
        let mut headers = HeaderMap::new();
        assert_eq!(presented(&headers, &query).as_deref(), Some("of-query"));
        assert_eq!(presented(&headers, &[]), None);
        headers.insert("x-functions-key", http::HeaderValue::from_static("of-header"));
        assert_eq!(presented(&headers, &query).as_deref(), Some("of-header"));
        headers.insert("x-functions-key", http::HeaderValue::from_static(""));
        assert_eq!(presented(&headers, &query).as_deref(), Some(""), "also an empty one");
        headers.insert("x-functions-key", http::HeaderValue::from_bytes(&[0xff]).unwrap());
        assert_eq!(presented(&headers, &query).as_deref(), Some(""));
    }

    #[test]
    fn segments_are_decoded_once() {
        assert_eq!(decoded("my%20key"), "my key");
        assert_eq!(decoded("a%2Fb%252F"), "a/b%2F");
        assert_eq!(decoded("100%"), "100%");
        assert_eq!(decoded("%ff"), "%ff");
    }

    #[tokio::test]
    async fn what_is_no_json_is_refused_without_repeating_it() {
        let request = Request::new(http_body_util::Full::new(Bytes::from_static(b"{\"value\": top-secret}")));
        let refused = json::<serde_json::Value, _>(request, "a key is wanted").await.unwrap_err();
        let refused = refused.respond();
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
        let body = refused.into_body().collect().await.unwrap().to_bytes();
        let text = std::str::from_utf8(&body).unwrap();
        assert!(text.contains("a key is wanted (line 1") && !text.contains("top-secret"), "{text}");
    }
}

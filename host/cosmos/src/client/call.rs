//! One call of the service: signed, sent, and made again where that is right.

use std::time::Duration;

use bytes::Bytes;
use hearth_outbound::Answer;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, Request};

use super::CosmosClient;
use super::error::{CosmosError, CosmosErrorKind};
use super::link::Link;
use super::retry::{Retries, Safety, is_success};
use super::signature::{authorization, http_date};

/// What the SDKs for JavaScript, Python and .NET speak (reference: section 1.3).
const API_VERSION: &str = "2020-07-15";
const AGENT: &str = concat!("hearth/", env!("CARGO_PKG_VERSION"));

/// Whose session tokens go along.
#[derive(Clone, Copy, Debug)]
pub(super) enum Session<'a> {
    /// Nobody's: system resources are always consistent.
    Without,
    /// Those of all ranges of this container.
    Container(&'a Link),
    /// That of one range.
    Range(&'a Link, &'a str),
}

/// One call.
pub(super) struct Call<'a> {
    /// For errors: what was to be done to what.
    pub(super) doing: String,
    pub(super) method: Method,
    /// The resource, or what a list is of.
    pub(super) link: &'a Link,
    /// The kind of what is listed, made or asked for in `link`; none for the resource itself.
    pub(super) feed: Option<&'static str>,
    pub(super) headers: Headers,
    pub(super) body: Bytes,
    pub(super) safety: Safety,
    pub(super) session: Session<'a>,
    /// Whether a range that is gone is the caller's affair.
    pub(super) surfaces_gone: bool,
    /// What is waited for the answer beyond the usual.
    pub(super) waits: Duration,
}

impl<'a> Call<'a> {
    /// Of a resource itself, or of a feed in it; without body, session or anything special.
    pub(super) fn new(method: Method, link: &'a Link, feed: Option<&'static str>, doing: String) -> Self {
        let safety = if method == Method::POST { Safety::Once } else { Safety::Repeatable };
        Self {
            doing,
            method,
            link,
            feed,
            headers: Headers::default(),
            body: Bytes::new(),
            safety,
            session: Session::Without,
            surfaces_gone: false,
            waits: Duration::ZERO,
        }
    }
}

/// Headers of a call. A value that cannot be one is told when the call is made.
#[derive(Default)]
pub(super) struct Headers {
    map: HeaderMap,
    wrong: Option<&'static str>,
}

impl Headers {
    pub(super) fn set(&mut self, name: &'static str, value: &str) {
        match HeaderValue::try_from(value) {
            Ok(value) => drop(self.map.insert(HeaderName::from_static(name), value)),
            Err(_) => self.wrong = Some(name),
        }
    }
}

/// An answer of success.
pub(super) struct Answered {
    pub(super) answer: Answer,
    /// Whether an attempt before this one may have been done.
    pub(super) repeated: bool,
}

/// A failure.
pub(super) struct Failed {
    pub(super) error: CosmosError,
    /// Whether an attempt before the one that failed so may have been done.
    pub(super) repeated: bool,
}

impl From<Failed> for CosmosError {
    fn from(failed: Failed) -> Self {
        // What is told is the last attempt's, and what may have been done is of all.
        let mut error = failed.error;
        error.may_have_been_done |= failed.repeated;
        error
    }
}

impl CosmosClient {
    /// Makes a call, again while that is right.
    pub(super) async fn call(&self, call: &Call<'_>) -> Result<Answered, Failed> {
        let mut retries = Retries::new();
        let mut repeated = false;
        let mut forgot = false;
        loop {
            let error = match self.call_once(call).await {
                Ok(answer) => return Ok(Answered { answer, repeated }),
                Err(error) => error,
            };
            let pause = retries.pause(&error, call.safety, call.surfaces_gone);
            if let (None, Some(container), 1002, CosmosErrorKind::NotFound, false) =
                (pause, call.session.container(), error.sub_status, error.kind, forgot)
            {
                // No replica gets there: the account was restored or failed over, and what it has counts.
                forgot = true;
                self.0.sessions.forget(container);
                continue;
            }
            let Some(pause) = pause else { return Err(Failed { error, repeated }) };
            repeated |= error.may_have_been_done;
            tracing::debug!(category = "Host.CosmosDB", %error, "an endpoint is asked again in {pause:?}");
            tokio::time::sleep(pause).await;
        }
    }

    async fn call_once(&self, call: &Call<'_>) -> Result<Answer, CosmosError> {
        let client = &*self.0;
        let endpoint = &client.connection.endpoint;
        let request = self
            .request(call)
            .map_err(|reason| CosmosError::new(CosmosErrorKind::Refused, &call.doing, endpoint, reason))?;
        let outbound = match call.waits.is_zero() {
            true => client.outbound.clone(),
            false => client.outbound.waiting(super::TIMEOUT + call.waits),
        };
        let sent = match client.direct {
            true => outbound.send_direct(request).await,
            false => outbound.send(request).await,
        };
        let answer = sent.map_err(|error| CosmosError::unsent(&error, &call.doing, endpoint))?;
        if let Some(container) = call.session.container() {
            client.sessions.keep(container, &answer.headers);
        }
        match is_success(answer.status) {
            true => Ok(answer),
            false => Err(CosmosError::answered(&answer, &call.doing, endpoint)),
        }
    }

    fn request(&self, call: &Call<'_>) -> Result<Request<Bytes>, String> {
        if let Some(name) = call.headers.wrong {
            return Err(format!("the header {name} would hold what no header may"));
        }
        let client = &*self.0;
        let mut headers = call.headers.map.clone();
        let slash = if call.link.path.is_empty() || call.feed.is_none() { "" } else { "/" };
        let url = format!("{}/{}{slash}{}", client.connection.endpoint, call.link.path, call.feed.unwrap_or_default());
        let date = http_date(client.clock.now());
        let kind = call.feed.unwrap_or(call.link.kind);
        let authorization = authorization(&client.connection.key, call.method.as_str(), kind, &call.link.name, &date);
        let mut authorization = HeaderValue::try_from(authorization).map_err(|error| error.to_string())?;
        authorization.set_sensitive(true);
        headers.insert(AUTHORIZATION, authorization);
        headers.insert(
            HeaderName::from_static("x-ms-date"),
            HeaderValue::try_from(date).map_err(|error| error.to_string())?,
        );
        headers.insert(HeaderName::from_static("x-ms-version"), HeaderValue::from_static(API_VERSION));
        // That ranges may be merged is understood (reference: section 1.3).
        headers.insert(HeaderName::from_static("x-ms-cosmos-sdk-supportedcapabilities"), HeaderValue::from_static("1"));
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
        if call.method != Method::GET {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(call.body.len()));
        }
        if !call.body.is_empty() && !headers.contains_key(CONTENT_TYPE) {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        if let Some(token) = call.session.token(client) {
            let token = HeaderValue::try_from(token).map_err(|error| error.to_string())?;
            headers.insert(HeaderName::from_static("x-ms-session-token"), token);
        }
        let mut request = Request::builder()
            .method(call.method.clone())
            .uri(url)
            .body(call.body.clone())
            .map_err(|_| "its address makes no URL".to_owned())?;
        *request.headers_mut() = headers;
        Ok(request)
    }

    /// An answer that makes no sense.
    pub(super) fn no_sense(&self, doing: &str, reason: &str) -> CosmosError {
        CosmosError::new(CosmosErrorKind::Answer, doing, &self.0.connection.endpoint, reason)
    }
}

impl<'a> Session<'a> {
    fn container(&self) -> Option<&'a str> {
        match self {
            Self::Without => None,
            Self::Container(link) | Self::Range(link, _) => Some(&link.name),
        }
    }

    fn token(&self, client: &super::Client) -> Option<String> {
        match self {
            Self::Without => None,
            Self::Container(link) => client.sessions.token(&link.name, None),
            Self::Range(link, range) => client.sessions.token(&link.name, Some(range)),
        }
    }
}

//! The client: what is shared by all requests is made at the first one.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use crate::connector::Connector;
use crate::{SendError, SendErrorKind, certificates};

/// Connections kept open to one host while idle.
const IDLE_PER_HOST: usize = 32;

/// A complete answer.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, whole.
    pub body: Bytes,
}

/// What a client waits for and takes.
#[derive(Clone, Copy, Debug)]
pub struct OutboundOptions {
    /// Longest time for an answer, from the connection's opening (10 s at most of it) to the last byte.
    pub timeout: Duration,
    /// Longest body of an answer; a longer one is an error.
    pub max_answer_bytes: usize,
    /// Any certificate will do for `localhost`, 127.0.0.0/8 and `::1`, and none for another host.
    pub only_this_machine: bool,
}

/// An HTTP client. Clones share its connections.
#[derive(Clone)]
pub struct Outbound {
    options: OutboundOptions,
    built: Arc<OnceLock<Result<Built, String>>>,
}

struct Built {
    proxied: Client<HttpsConnector<Connector>, Full<Bytes>>,
    /// For addresses that only this machine has.
    direct: Client<HttpsConnector<Connector>, Full<Bytes>>,
    proxies: Arc<Matcher>,
}

impl Outbound {
    /// A client that opens nothing before its first request.
    pub fn new(options: OutboundOptions) -> Self {
        Self { options, built: Arc::default() }
    }

    /// The same client, which shares its connections, with another time for an answer.
    #[must_use]
    pub fn waiting(&self, timeout: Duration) -> Self {
        Self { options: OutboundOptions { timeout, ..self.options }, built: self.built.clone() }
    }

    /// Sends a request and reads the whole answer.
    ///
    /// # Errors
    /// What is wrong with the way there; an answer of any status is none.
    pub async fn send(&self, mut request: Request<Bytes>) -> Result<Answer, SendError> {
        let built = self.built()?;
        // A tunnel authenticates when it is opened; a plain request does so itself.
        if request.uri().scheme_str() == Some("http")
            && let Some(auth) = built.proxies.intercept(request.uri()).and_then(|proxy| proxy.basic_auth().cloned())
        {
            request.headers_mut().insert(http::header::PROXY_AUTHORIZATION, auth);
        }
        self.exchange(&built.proxied, request).await
    }

    /// The same, past any proxy.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn send_direct(&self, request: Request<Bytes>) -> Result<Answer, SendError> {
        self.exchange(&self.built()?.direct, request).await
    }

    fn built(&self) -> Result<&Built, SendError> {
        let built = self.built.get_or_init(|| build(self.options.only_this_machine));
        built.as_ref().map_err(|reason| SendError::new(SendErrorKind::Unreached, reason))
    }

    async fn exchange(
        &self,
        client: &Client<HttpsConnector<Connector>, Full<Bytes>>,
        request: Request<Bytes>,
    ) -> Result<Answer, SendError> {
        let broken = |reason: String| SendError::new(SendErrorKind::Broken, reason);
        let exchange = async {
            let response =
                client.request(request.map(Full::new)).await.map_err(|error| SendError::of_client(&error))?;
            let (parts, body) = response.into_parts();
            let body = Limited::new(body, self.options.max_answer_bytes)
                .collect()
                .await
                .map_err(|error| broken(format!("reading the answer failed: {error}")))?;
            Ok(Answer { status: parts.status, headers: parts.headers, body: body.to_bytes() })
        };
        let timeout = self.options.timeout;
        tokio::time::timeout(timeout, exchange)
            .await
            .unwrap_or_else(|_| Err(broken(format!("no complete answer within {} s", timeout.as_secs()))))
    }
}

fn build(only_this_machine: bool) -> Result<Built, String> {
    let tls = match only_this_machine {
        true => certificates::of_this_machine()?,
        false => certificates::of_system()?,
    };
    let proxies = Arc::new(Matcher::from_env());
    let client = |connector: Connector| {
        let https = HttpsConnectorBuilder::new()
            .with_tls_config(tls.clone())
            .https_or_http()
            .enable_http1()
            .wrap_connector(connector);
        Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_max_idle_per_host(IDLE_PER_HOST)
            .pool_idle_timeout(Duration::from_secs(60))
            .build(https)
    };
    Ok(Built { proxied: client(Connector::new(Some(proxies.clone()))), direct: client(Connector::new(None)), proxies })
}

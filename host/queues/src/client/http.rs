//! The HTTP client below: TLS with the system's certificates (or `SSL_CERT_FILE`), the proxies of the environment (`HTTPS_PROXY`,
//! `HTTP_PROXY`, `NO_PROXY`), and a bounded time for every answer.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use ::http::{HeaderMap, Request, StatusCode};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use super::connector::Connector;

/// Longest time for an answer. A get of 32 messages is 2 MiB at most.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Longest answer: 32 messages of 64 KiB in which every character is escaped.
const MAX_ANSWER_BYTES: usize = 32 * 6 * 64 * 1024 + 64 * 1024;
/// Connections kept open to one host while idle.
const IDLE_PER_HOST: usize = 32;

/// A complete answer.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

#[derive(Clone)]
pub(super) struct Http(Arc<LazyLock<Result<Built, String>>>);

struct Built {
    proxied: Client<HttpsConnector<Connector>, Full<Bytes>>,
    /// For addresses that only this machine has.
    direct: Client<HttpsConnector<Connector>, Full<Bytes>>,
    proxies: Arc<Matcher>,
}

impl Http {
    pub(super) fn new() -> Self {
        Self(Arc::new(LazyLock::new(build)))
    }

    /// Sends a request and reads the whole answer. The error says what is wrong with the way there, without the URL.
    pub(super) async fn send(&self, mut request: Request<Bytes>) -> Result<Answer, String> {
        let built = self.built()?;
        // A tunnel authenticates when it is opened; a plain request does so itself.
        if request.uri().scheme_str() == Some("http")
            && let Some(auth) = built.proxies.intercept(request.uri()).and_then(|proxy| proxy.basic_auth().cloned())
        {
            request.headers_mut().insert(::http::header::PROXY_AUTHORIZATION, auth);
        }
        exchange(&built.proxied, request).await
    }

    /// The same, past any proxy.
    pub(super) async fn send_direct(&self, request: Request<Bytes>) -> Result<Answer, String> {
        exchange(&self.built()?.direct, request).await
    }

    fn built(&self) -> Result<&Built, String> {
        (**self.0).as_ref().map_err(Clone::clone)
    }
}

async fn exchange(
    client: &Client<HttpsConnector<Connector>, Full<Bytes>>,
    request: Request<Bytes>,
) -> Result<Answer, String> {
    let exchange = async {
        let response = client.request(request.map(Full::new)).await.map_err(|error| chain(&error))?;
        let (parts, body) = response.into_parts();
        let body = Limited::new(body, MAX_ANSWER_BYTES)
            .collect()
            .await
            .map_err(|error| format!("reading the answer failed: {error}"))?;
        Ok(Answer { status: parts.status, headers: parts.headers, body: body.to_bytes() })
    };
    tokio::time::timeout(TIMEOUT, exchange)
        .await
        .unwrap_or_else(|_| Err(format!("no complete answer within {} s", TIMEOUT.as_secs())))
}

/// An error and what caused it, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        source = inner.source();
    }
    text
}

fn build() -> Result<Built, String> {
    // Another part of the process may have chosen the provider already; either serves.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let tls = rustls::ClientConfig::builder()
        .with_native_roots()
        .map_err(|error| {
            format!("no trusted certificates were found ({error}); install ca-certificates or set SSL_CERT_FILE")
        })?
        .with_no_client_auth();
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

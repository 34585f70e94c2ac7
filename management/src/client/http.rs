//! HTTP for client commands: hyper's client, with TLS by rustls and the machine's certificates where the URL says https.

use std::io;
use std::time::Duration;

use ::http::{HeaderMap, Request, StatusCode};
use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::{ClientConfig, RootCertStore};

use crate::exit::Failure;

/// A request's body.
pub(crate) type Body = UnsyncBoxBody<Bytes, io::Error>;

/// Longest answer that is read.
const ANSWER_LIMIT: usize = 64 << 20;
/// An attempt to connect ends after this time.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A body that is in memory.
pub(super) fn body_of(bytes: Bytes) -> Body {
    Full::new(bytes).map_err(|never| match never {}).boxed_unsync()
}

/// A pool of connections.
pub(super) struct Connection(Client<HttpsConnector<HttpConnector>, Body>);

impl Connection {
    /// For requests to `base`.
    pub(super) fn new(base: &str) -> Result<Self, Failure> {
        let fail = |error: &dyn std::fmt::Display| Failure::general(format_args!("TLS can't be set up: {error}"));
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let builder = HttpsConnectorBuilder::new();
        let builder = if base.starts_with("https:") {
            builder.with_provider_and_native_roots(provider).map_err(|error| fail(&error))?
        } else {
            // Loading the machine's certificates takes longer than most commands; plain HTTP needs none.
            let config = ClientConfig::builder_with_provider(provider.into())
                .with_safe_default_protocol_versions()
                .map_err(|error| fail(&error))?
                .with_root_certificates(RootCertStore::empty())
                .with_no_client_auth();
            builder.with_tls_config(config)
        };
        let mut http = HttpConnector::new();
        http.set_connect_timeout(Some(CONNECT_TIMEOUT));
        http.set_nodelay(true);
        http.enforce_http(false);
        let connector = builder.https_or_http().enable_http1().wrap_connector(http);
        Ok(Self(Client::builder(TokioExecutor::new()).build(connector)))
    }

    /// Sends a request and reads the whole answer. The error says why there is none, in one line.
    pub(super) async fn send(&self, request: Request<Body>) -> Result<(StatusCode, HeaderMap, Bytes), String> {
        let answer = self.0.request(request).await.map_err(|error| innermost(&error))?;
        let (parts, body) = answer.into_parts();
        let body = Limited::new(body, ANSWER_LIMIT).collect().await.map_err(|error| innermost(error.as_ref()))?;
        Ok((parts.status, parts.headers, body.to_bytes()))
    }
}

/// The cause that says most: the last of the chain.
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}

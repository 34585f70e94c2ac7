//! Outbound HTTP of guests: one pooled client per component, connections only to what the egress rule allows, through the
//! proxy of the environment (`HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`) where there is one. TLS trusts the system's
//! certificates (or `SSL_CERT_FILE`), which is where a corporate CA goes.

mod connector;

use std::pin::Pin;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use bytes::Bytes;
use http::HeaderName;
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use wasmtime_wasi_http::{DEFAULT_FORBIDDEN_HEADERS, Error, RequestOptions, WasiBody, WasiHttpHooks};

use crate::contract::HttpResponse;
use crate::contract::host::{OutboundError, OutboundRequest};
use crate::egress::{EgressDenied, EgressRule};
use crate::log::{CurrentLog, Level};
use connector::Connector;

/// Time for an exchange when the guest names none.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(100);
/// Connections kept open to one host while idle.
const IDLE_PER_HOST: usize = 32;

#[derive(Clone)]
pub(crate) struct Outbound(Arc<Inner>);

struct Inner {
    rule: EgressRule,
    /// Made at the first request: most functions never call out.
    client: LazyLock<BuiltClient, BuildClient>,
    max_response_bytes: usize,
}

type BuildClient = Box<dyn FnOnce() -> BuiltClient + Send>;
type BuiltClient = Result<ProxiedClient, String>;

struct ProxiedClient {
    client: Client<HttpsConnector<Connector>, WasiBody>,
    proxies: Arc<Matcher>,
}

impl Outbound {
    pub(crate) fn new(rule: EgressRule, max_response_bytes: usize) -> Self {
        let connector_rule = rule.clone();
        let build: BuildClient = Box::new(move || build(connector_rule));
        Self(Arc::new(Inner { rule, client: LazyLock::new(build), max_response_bytes }))
    }

    async fn send(
        &self,
        mut request: http::Request<WasiBody>,
    ) -> Result<http::Response<hyper::body::Incoming>, SendError> {
        connector::check_literal(&self.0.rule, request.uri())
            .map_err(|denied| SendError::Denied(denied.to_string()))?;
        let client = self.0.client.as_ref().map_err(|reason| SendError::Tls(reason.clone()))?;
        // A tunnel authenticates when it is opened; a plain request does so itself.
        if request.uri().scheme_str() == Some("http")
            && let Some(auth) = client.proxies.intercept(request.uri()).and_then(|proxy| proxy.basic_auth().cloned())
        {
            request.headers_mut().insert(http::header::PROXY_AUTHORIZATION, auth);
        }
        client.client.request(request).await.map_err(|error| sort(&error))
    }

    /// Sends a request and reads the whole answer, for the typed world.
    pub(crate) async fn send_complete(&self, request: OutboundRequest) -> Result<HttpResponse, OutboundError> {
        let timeout = request.timeout_ms.map_or(DEFAULT_TIMEOUT, |ms| Duration::from_millis(ms.into()));
        let url = request.url.clone();
        let exchange = async {
            let response = self.send(outgoing(request)?).await.map_err(|error| match error {
                SendError::Denied(text) => OutboundError::Denied(text),
                SendError::Refused(text) | SendError::Tls(text) | SendError::Other(text) => OutboundError::Failed(text),
            })?;
            let (parts, body) = response.into_parts();
            let limit = self.0.max_response_bytes;
            let body = Limited::new(body, limit).collect().await.map_err(|error| {
                OutboundError::Failed(format!("reading the answer failed (at most {limit} bytes): {error}"))
            })?;
            let headers = parts
                .headers
                .iter()
                .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
                .collect();
            Ok(HttpResponse { status: parts.status.as_u16(), headers, body: body.to_bytes().into() })
        };
        match tokio::time::timeout(timeout, exchange).await {
            Ok(result) => result,
            Err(_) => {
                Err(OutboundError::Timeout(format!("no complete answer from {url} within {} ms", timeout.as_millis())))
            }
        }
    }
}

fn outgoing(request: OutboundRequest) -> Result<http::Request<WasiBody>, OutboundError> {
    let uri: http::Uri = request
        .url
        .parse()
        .map_err(|error| OutboundError::InvalidRequest(format!("'{}' is not a URL: {error}", request.url)))?;
    if !matches!(uri.scheme_str(), Some("http" | "https")) || uri.host().is_none() {
        return Err(OutboundError::InvalidRequest(format!("'{}' is not an absolute http or https URL", request.url)));
    }
    let mut builder = http::Request::builder().method(request.method.as_str()).uri(uri);
    for (name, value) in &request.headers {
        builder = builder.header(name.as_str(), value.as_str());
    }
    let body = Full::new(Bytes::from(request.body)).map_err(|never| match never {}).boxed_unsync();
    builder.body(body).map_err(|error| OutboundError::InvalidRequest(error.to_string()))
}

fn build(rule: EgressRule) -> BuiltClient {
    // Another part of the process may have chosen the provider already; either serves.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let tls = rustls::ClientConfig::builder()
        .with_native_roots()
        .map_err(|error| {
            format!("no trusted certificates were found ({error}); install ca-certificates or set SSL_CERT_FILE")
        })?
        .with_no_client_auth();
    let proxies = Arc::new(Matcher::from_env());
    let https = HttpsConnectorBuilder::new()
        .with_tls_config(tls)
        .https_or_http()
        .enable_all_versions()
        .wrap_connector(Connector::new(rule, proxies.clone()));
    let client = Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_max_idle_per_host(IDLE_PER_HOST)
        .build(https);
    Ok(ProxiedClient { client, proxies })
}

#[derive(Debug)]
enum SendError {
    Denied(String),
    Refused(String),
    Tls(String),
    Other(String),
}

fn sort(error: &hyper_util::client::legacy::Error) -> SendError {
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(error);
    let mut text = String::new();
    while let Some(inner) = source {
        if let Some(denied) = inner.downcast_ref::<EgressDenied>() {
            return SendError::Denied(denied.to_string());
        }
        if let Some(io) = inner.downcast_ref::<std::io::Error>()
            && let Some(denied) = io.get_ref().and_then(|inner| inner.downcast_ref::<EgressDenied>())
        {
            return SendError::Denied(denied.to_string());
        }
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&inner.to_string());
        source = inner.source();
    }
    if error.is_connect() { SendError::Refused(text) } else { SendError::Other(text) }
}

/// The outgoing side of `wasi:http`.
pub(crate) struct OutboundHooks {
    pub(crate) outbound: Outbound,
    /// Takes what the guest is not told: its error codes have no room for a reason.
    pub(crate) log: CurrentLog,
}

type Exchange = Result<(http::Response<WasiBody>, Box<dyn Future<Output = Result<(), Error>> + Send>), Error>;

impl WasiHttpHooks for OutboundHooks {
    /// As by default, but without a closure on the heap for every header of every request.
    fn is_forbidden_header(&mut self, name: &HeaderName) -> bool {
        DEFAULT_FORBIDDEN_HEADERS.contains(name)
    }

    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _fut: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Exchange> + Send> {
        let (outbound, log) = (self.outbound.clone(), self.log.clone());
        Box::new(async move {
            let options = options.unwrap_or_default();
            let first_byte = options.first_byte_timeout.or(options.connect_timeout).unwrap_or(DEFAULT_TIMEOUT);
            let response = match tokio::time::timeout(first_byte, outbound.send(request)).await {
                Err(_) => return Err(Error::HttpResponseTimeout),
                Ok(Err(SendError::Denied(text))) => {
                    log.log(Level::Warning, &text);
                    return Err(Error::DestinationIpProhibited);
                }
                Ok(Err(SendError::Refused(_))) => return Err(Error::ConnectionRefused),
                Ok(Err(SendError::Tls(_))) => return Err(Error::TlsProtocolError),
                Ok(Err(SendError::Other(text))) => return Err(Error::InternalError(Some(text))),
                Ok(Ok(response)) => response,
            };
            let done: Box<dyn Future<Output = Result<(), Error>> + Send> = Box::new(std::future::ready(Ok(())));
            let pause = options.between_bytes_timeout.unwrap_or(DEFAULT_TIMEOUT);
            Ok((response.map(|body| between_bytes(body, pause)), done))
        })
    }
}

/// Ends the body with an error when it stops for longer than `pause`.
fn between_bytes(body: hyper::body::Incoming, pause: Duration) -> WasiBody {
    let frames = futures_util::stream::unfold(Some(Box::pin(body)), move |state| async move {
        let mut body: Pin<Box<hyper::body::Incoming>> = state?;
        match tokio::time::timeout(pause, body.frame()).await {
            Err(_) => Some((Err(Error::ConnectionReadTimeout), None)),
            Ok(None) => None,
            Ok(Some(Err(error))) => Some((Err(error.into()), None)),
            Ok(Some(Ok(frame))) => Some((Ok(frame), Some(body))),
        }
    });
    http_body_util::StreamBody::new(frames).boxed_unsync()
}

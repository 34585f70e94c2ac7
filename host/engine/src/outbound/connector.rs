//! Opens the TCP connections of outbound HTTP: directly, after checking every resolved address, or through a proxy.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower::Service;

use crate::egress::{EgressDenied, EgressRule};

type BoxError = Box<dyn std::error::Error + Send + Sync>;
type BoxFuture<T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send>>;

/// Refuses an address that is written out in the URL, and `localhost`; names are judged when they are resolved.
pub(super) fn check_literal(rule: &EgressRule, uri: &Uri) -> Result<(), EgressDenied> {
    let host = uri.host().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
    let addresses = match bare.parse::<IpAddr>() {
        Ok(address) => vec![address],
        Err(_) if bare.eq_ignore_ascii_case("localhost") || bare.to_ascii_lowercase().ends_with(".localhost") => {
            vec![IpAddr::from([127, 0, 0, 1]), IpAddr::from(std::net::Ipv6Addr::LOCALHOST)]
        }
        Err(_) => return Ok(()),
    };
    if addresses.iter().any(|address| rule.allows(*address)) {
        return Ok(());
    }
    Err(EgressDenied { host: host.to_owned(), found: "it is a loopback, link-local or otherwise closed address" })
}

#[derive(Clone)]
pub(super) struct Connector {
    rule: EgressRule,
    direct: HttpConnector<CheckedResolver>,
    to_proxy: HttpConnector,
    proxies: Arc<Matcher>,
}

impl Connector {
    pub(super) fn new(rule: EgressRule, proxies: Arc<Matcher>) -> Self {
        let mut direct = HttpConnector::new_with_resolver(CheckedResolver(rule.clone()));
        direct.enforce_http(false);
        direct.set_nodelay(true);
        let mut to_proxy = HttpConnector::new();
        to_proxy.enforce_http(false);
        to_proxy.set_nodelay(true);
        Self { rule, direct, to_proxy, proxies }
    }
}

impl Service<Uri> for Connector {
    type Response = Stream;
    type Error = BoxError;
    type Future = BoxFuture<Stream, BoxError>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        if let Err(denied) = check_literal(&self.rule, &uri) {
            return Box::pin(std::future::ready(Err(denied.into())));
        }
        let Some(proxy) = self.proxies.intercept(&uri) else {
            let connecting = self.direct.call(uri);
            return Box::pin(async move { Ok(Stream { io: connecting.await?, proxied: false }) });
        };
        if uri.scheme_str() == Some("https") {
            let mut tunnel = Tunnel::new(proxy.uri().clone(), self.to_proxy.clone());
            if let Some(auth) = proxy.basic_auth() {
                tunnel = tunnel.with_auth(auth.clone());
            }
            return Box::pin(async move { Ok(Stream { io: tunnel.call(uri).await?, proxied: false }) });
        }
        let connecting = self.to_proxy.call(proxy.uri().clone());
        Box::pin(async move { Ok(Stream { io: connecting.await?, proxied: true }) })
    }
}

/// The system's resolver, without the addresses that the rule forbids.
#[derive(Clone)]
struct CheckedResolver(EgressRule);

impl Service<Name> for CheckedResolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = BoxFuture<Self::Response, io::Error>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let rule = self.0.clone();
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let allowed = rule.filter(found.iter().copied());
            if allowed.is_empty() && !found.is_empty() {
                let denied = EgressDenied {
                    host: name.to_string(),
                    found: "it resolves to a loopback, link-local or otherwise closed address",
                };
                return Err(io::Error::new(io::ErrorKind::PermissionDenied, denied));
            }
            Ok(allowed.into_iter())
        })
    }
}

/// A connection that knows whether requests on it must be in the form for proxies.
pub(super) struct Stream {
    io: TokioIo<TcpStream>,
    proxied: bool,
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        self.io.connected().proxy(self.proxied)
    }
}

impl Read for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(context, buffer)
    }
}

impl Write for Stream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(context, slices)
    }
}

//! One connection: the TLS handshake, then HTTP/1 or HTTP/2 with limits on time, sizes and streams.
//!
//! Whoever opens connections and says nothing keeps one place each for a bounded time; when most places are taken, for less.

use std::convert::Infallible;
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::Watcher;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use crate::front::Front;
use crate::front::proxies::Peer;
use crate::front::stream::{Stream, WRITE_TIMEOUT, WriteLimit};

/// A connection must send a whole request head within this time, the first one as well as each that follows.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);
/// The same for connections that come when most places are taken.
const PRESSED_HEADER_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest TLS handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// An HTTP/2 connection on which nothing happens is asked this often whether its other end is still there.
const PING_EVERY: Duration = Duration::from_secs(30);
/// Greatest request head.
const MAX_HEADER_BYTES: u32 = 64 * 1024;
/// Requests at once on one HTTP/2 connection.
const MAX_STREAMS: u32 = 200;
/// HTTP/2 streams that their caller has reset and that wait to be cleared away; more end the connection.
const MAX_PENDING_RESETS: usize = 20;
/// HTTP/2 streams that were reset here because of what their caller sent; more end the connection.
const MAX_LOCAL_RESETS: usize = 1024;

/// How connections are served.
pub(super) struct Connections {
    relaxed: Builder<TokioExecutor>,
    pressed: Builder<TokioExecutor>,
}

impl Connections {
    pub(super) fn new() -> Self {
        Self { relaxed: builder(HEADER_TIMEOUT), pressed: builder(PRESSED_HEADER_TIMEOUT) }
    }

    /// Serves one connection to its end.
    pub(super) async fn serve(
        &self,
        front: Arc<Front>,
        stream: TcpStream,
        peer: Peer,
        acceptor: Option<TlsAcceptor>,
        pressed: bool,
        watcher: Watcher,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        let stream = WriteLimit::new(stream, WRITE_TIMEOUT);
        let stream = match acceptor {
            None => Stream::Plain(stream),
            Some(acceptor) => {
                let shaken = tokio::time::timeout(HANDSHAKE_TIMEOUT, acceptor.accept(stream)).await;
                Stream::Tls(Box::new(shaken.map_err(|_| "the TLS handshake took too long")??))
            }
        };
        let peer = Arc::new(peer);
        let asked = Arc::new(AtomicBool::new(false));
        let asks = asked.clone();
        let service = service_fn(move |request| {
            asks.store(true, Ordering::Relaxed);
            let (front, peer) = (front.clone(), peer.clone());
            async move { Ok::<_, Infallible>(front.answer(request, &peer).await) }
        });
        let (builder, timeout) =
            if pressed { (&self.pressed, PRESSED_HEADER_TIMEOUT) } else { (&self.relaxed, HEADER_TIMEOUT) };
        let connection = watcher.watch(builder.serve_connection(TokioIo::new(stream), service));
        let mut connection = std::pin::pin!(connection);
        match tokio::time::timeout(timeout, &mut connection).await {
            Ok(ended) => ended,
            Err(_) if asked.load(Ordering::Relaxed) => connection.await,
            // The server's own timer begins only when it has seen which version of HTTP is spoken.
            Err(_) => Ok(()),
        }
    }
}

fn builder(header_timeout: Duration) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(header_timeout)
        // That a head has at most 100 headers is hyper's default; said here it would cost an allocation per request.
        .max_buf_size(MAX_HEADER_BYTES as usize);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(PING_EVERY)
        .max_header_list_size(MAX_HEADER_BYTES)
        .max_concurrent_streams(MAX_STREAMS)
        .max_pending_accept_reset_streams(MAX_PENDING_RESETS)
        .max_local_error_reset_streams(MAX_LOCAL_RESETS);
    builder
}

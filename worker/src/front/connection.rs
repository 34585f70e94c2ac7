//! One connection: the TLS handshake, then HTTP/1 or HTTP/2 with limits on time, sizes and streams.
//!
//! Whoever opens connections and says nothing keeps one place each for a bounded time, also when something was said before; when most places are taken, for less.

use std::convert::Infallible;
use std::error::Error;
use std::time::Duration;

use hearth_engine::ResponseBody;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;

use crate::front::activity::{Activity, Answer, State};
use crate::front::stream::{Stream, WRITE_TIMEOUT, WriteLimit};

/// A connection must send a whole request head within this time, the first one as well as each that follows. HTTP/2 may have requests
/// at once, so that the time counts from the end of the last one that is open.
pub(super) const HEADER_TIMEOUT: Duration = Duration::from_secs(30);
/// The same for connections that come when most places are taken.
pub(super) const PRESSED_HEADER_TIMEOUT: Duration = Duration::from_secs(5);
/// The other end of an idle HTTP/2 connection has so long for a request that it sent before it heard of the end.
const GOAWAY_GRACE: Duration = Duration::from_secs(5);
/// Longest TLS handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// An HTTP/2 connection on which nothing happens is asked this often whether its other end is still there.
const PING_EVERY: Duration = Duration::from_secs(30);
/// Greatest request head.
const MAX_HEADER_BYTES: u32 = 64 * 1024;
/// Headers of a request that another worker hands over: of the shortest ones, what fits into a head of HTTP/2.
const MAX_HANDED_HEADERS: usize = 2048;
/// Requests at once on one HTTP/2 connection.
const MAX_STREAMS: u32 = 200;
/// HTTP/2 streams that their caller has reset and that wait to be cleared away; more end the connection.
const MAX_PENDING_RESETS: usize = 20;
/// HTTP/2 streams that were reset here because of what their caller sent; more end the connection.
const MAX_LOCAL_RESETS: usize = 1024;

/// How connections are served.
pub(super) struct Connections {
    relaxed: Limits,
    pressed: Limits,
}

/// How connections are served that come when there is room, or little of it.
struct Limits {
    builder: Builder<TokioExecutor>,
    /// For the first request, and without one.
    idle: Duration,
    /// For answers of which nothing is taken.
    unread: Duration,
    /// From the word that the connection ends to its end.
    grace: Duration,
}

impl Connections {
    pub(super) fn new() -> Self {
        let limits = |idle| Limits { builder: builder(idle), idle, unread: WRITE_TIMEOUT, grace: GOAWAY_GRACE };
        Self { relaxed: limits(HEADER_TIMEOUT), pressed: limits(PRESSED_HEADER_TIMEOUT) }
    }

    /// Serves one connection to its end. `stopping` changes when no more requests are to be taken.
    pub(super) async fn serve<F, A>(
        &self,
        stream: TcpStream,
        answer: F,
        acceptor: Option<TlsAcceptor>,
        pressed: bool,
        stopping: watch::Receiver<()>,
    ) -> Result<(), Box<dyn Error + Send + Sync>>
    where
        F: Fn(Request<Incoming>) -> A,
        A: Future<Output = Response<ResponseBody>> + Send + 'static,
    {
        let stream = WriteLimit::new(stream, WRITE_TIMEOUT);
        let stream = match acceptor {
            None => Stream::Plain(stream),
            Some(acceptor) => {
                let shaken = tokio::time::timeout(HANDSHAKE_TIMEOUT, acceptor.accept(stream)).await;
                Stream::Tls(Box::new(shaken.map_err(|_| "the TLS handshake took too long")??))
            }
        };
        let limits = if pressed { &self.pressed } else { &self.relaxed };
        limits.serve(stream, answer, stopping).await
    }
}

/// How connections to the private listener are served: by callers who know the installation, so without pressure.
pub(crate) struct Private(Limits);

impl Private {
    pub(crate) fn new() -> Self {
        let mut builder = builder(HEADER_TIMEOUT).http1_only();
        // What another worker took from its caller must fit, with what it adds. More headers than over HTTP/1 come over HTTP/2.
        builder.http1().max_buf_size(2 * MAX_HEADER_BYTES as usize).max_headers(MAX_HANDED_HEADERS);
        Self(Limits { builder, idle: HEADER_TIMEOUT, unread: WRITE_TIMEOUT, grace: GOAWAY_GRACE })
    }

    /// Serves one connection to its end. `stopping` changes when no more requests are to be taken.
    pub(crate) async fn serve<F, A>(
        &self,
        stream: TcpStream,
        answer: F,
        stopping: watch::Receiver<()>,
    ) -> Result<(), Box<dyn Error + Send + Sync>>
    where
        F: Fn(Request<Incoming>) -> A,
        A: Future<Output = Response<ResponseBody>> + Send + 'static,
    {
        self.0.serve(WriteLimit::new(stream, WRITE_TIMEOUT), answer, stopping).await
    }
}

impl Limits {
    async fn serve<S, F, A>(
        &self,
        stream: S,
        answer: F,
        mut stopping: watch::Receiver<()>,
    ) -> Result<(), Box<dyn Error + Send + Sync>>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        F: Fn(Request<Incoming>) -> A,
        A: Future<Output = Response<ResponseBody>> + Send + 'static,
    {
        let activity = Activity::begin();
        let noted = activity.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let open = noted.request(request.version());
            let answer = answer(request);
            async move { Ok::<_, Infallible>(answer.await.map(|body| Answer::new(body, open))) }
        });
        let mut connection = std::pin::pin!(self.builder.serve_connection(TokioIo::new(stream), service));
        // One timer, set anew only when it fires: what happens in between costs no more than its note.
        let mut timer = std::pin::pin!(tokio::time::sleep(self.idle));
        let mut watched = true;
        let mut told = None;
        loop {
            tokio::select! {
                biased;
                ended = &mut connection => return ended,
                _ = stopping.changed(), if told.is_none() => {
                    told = Some(Instant::now());
                    connection.as_mut().graceful_shutdown();
                    continue;
                }
                () = &mut timer, if watched => {}
            }
            let now = Instant::now();
            let next = match activity.state() {
                // The server's own timer begins only when it has seen which version of HTTP is spoken.
                State::Unused => return Ok(()),
                State::Http1 => {
                    watched = false;
                    continue;
                }
                State::Working => now + self.idle,
                State::Unread(since) if since + self.unread <= now => {
                    return Err("the other end takes nothing of its answers".into());
                }
                State::Unread(since) => (since + self.unread).min(now + self.idle),
                State::Idle(since) => match told {
                    // A request that was on its way has been answered in between.
                    Some(told) if since.max(told) + self.grace <= now => return Ok(()),
                    Some(told) => since.max(told) + self.grace,
                    None if since + self.idle <= now => {
                        told = Some(now);
                        connection.as_mut().graceful_shutdown();
                        now + self.grace
                    }
                    None => since + self.idle,
                },
            };
            timer.as_mut().reset(next);
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

#[cfg(test)]
mod tests;

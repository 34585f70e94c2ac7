//! Accepts connections and hands their requests to the router, until told to stop.
//!
//! A permit is taken before a connection is accepted, so overload waits in the kernel's queue. Slow headers and dead peers
//! are cut. At the end open requests may finish, for a bounded time.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::address::Entrance;
use crate::standby;

/// Connections at once.
const CONNECTIONS: usize = 4096;
/// A client has this long to send a request's head.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);
/// Open requests have this long to end at shutdown.
const DRAIN: Duration = Duration::from_secs(10);

/// Serves until `stop`, then drains.
pub(crate) async fn serve(listener: TcpListener, router: Router, entrance: Entrance, stop: CancellationToken) {
    let permits = Arc::new(Semaphore::new(CONNECTIONS));
    let graceful = GracefulShutdown::new();
    let mut http = Builder::new(TokioExecutor::new());
    http.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT);
    http.http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Some(Duration::from_secs(20)))
        .keep_alive_timeout(Duration::from_secs(20));
    loop {
        let accept = async {
            let permit = Arc::clone(&permits).acquire_owned().await;
            (permit, listener.accept().await)
        };
        let (permit, accepted) = tokio::select! {
            () = stop.cancelled() => break,
            accepted = accept => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, most likely: going on at once would only spin.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        // Answers are small and awaited; without this they would wait for the peer's delayed acknowledgement.
        let _ = stream.set_nodelay(true);
        let (router, entrance) = (router.clone(), entrance.clone());
        let service = service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            standby::note_target(&mut request);
            entrance.admit(&mut request, peer.ip());
            let router = router.clone();
            async move {
                let response = router.oneshot(request).await;
                response.map_err(|never: Infallible| match never {})
            }
        });
        let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service).into_owned());
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "connection ended");
            }
            drop(permit);
        });
    }
    drop(listener);
    if tokio::time::timeout(DRAIN, graceful.shutdown()).await.is_err() {
        tracing::warn!("open requests did not end in {} s and were cut", DRAIN.as_secs());
    }
}

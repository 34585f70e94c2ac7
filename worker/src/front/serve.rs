//! The accept loop: a permit before each accept, NODELAY, limits on time and size of headers, graceful drain.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::Apps;
use crate::front::body::Bodies;
use crate::options::WorkerOptions;

/// Connections open at once on one worker.
const MAX_CONNECTIONS: usize = 10_000;
/// A connection must send a whole request head within this time, the first one as well as each that follows.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);
/// An HTTP/2 connection on which nothing happens is asked this often whether its other end is still there.
const PING_EVERY: Duration = Duration::from_secs(30);
/// Greatest request head.
const MAX_HEADER_BYTES: usize = 64 * 1024;
/// Pause after a failed accept (out of file descriptors, mostly), so that the loop does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves function HTTP for all apps of the worker.
pub(crate) struct Front {
    pub(super) apps: Arc<Apps>,
    pub(super) domain: String,
    pub(super) bodies: Bodies,
    /// Invocations under way, also those whose caller is gone.
    pub(super) invocations: TaskTracker,
}

impl Front {
    pub(crate) fn new(apps: Arc<Apps>, options: &WorkerOptions) -> Arc<Self> {
        Arc::new(Self {
            apps,
            domain: options.domain.to_ascii_lowercase(),
            bodies: Bodies::new(),
            invocations: TaskTracker::new(),
        })
    }

    /// Serves until `stop`, then lets connections and invocations finish for at most `drain`.
    pub(crate) async fn serve(self: Arc<Self>, listener: TcpListener, stop: CancellationToken, drain: Duration) {
        let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        let graceful = GracefulShutdown::new();
        let mut builder = Builder::new(TokioExecutor::new());
        builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT).max_buf_size(MAX_HEADER_BYTES);
        builder
            .http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(PING_EVERY)
            .max_header_list_size(u32::try_from(MAX_HEADER_BYTES).unwrap_or(u32::MAX));
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => break,
                accepted = async {
                    let permit = permits.clone().acquire_owned().await;
                    (permit, listener.accept().await)
                } => accepted,
            };
            let (Ok(permit), accepted) = accepted else { break };
            let stream = match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(category = "Host.General", "a connection could not be accepted: {error}");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            // Small answers must not wait for the acknowledgement of earlier ones.
            let _ = stream.set_nodelay(true);
            let front = self.clone();
            let asked = Arc::new(AtomicBool::new(false));
            let asks = asked.clone();
            let service = service_fn(move |request| {
                asks.store(true, Ordering::Relaxed);
                let front = front.clone();
                async move { Ok::<_, Infallible>(front.answer(request).await) }
            });
            let connection = graceful.watch(builder.serve_connection(TokioIo::new(stream), service).into_owned());
            tokio::spawn(async move {
                let mut connection = std::pin::pin!(connection);
                let ended = match tokio::time::timeout(HEADER_TIMEOUT, &mut connection).await {
                    Ok(ended) => ended,
                    Err(_) if asked.load(Ordering::Relaxed) => connection.await,
                    // The server's own timer begins only when it has seen which version of HTTP is spoken.
                    Err(_) => return,
                };
                if let Err(error) = ended {
                    tracing::debug!(category = "Host.General", "a connection ended: {error}");
                }
                drop(permit);
            });
        }
        drop(listener);
        self.invocations.close();
        let finished = async {
            graceful.shutdown().await;
            self.invocations.wait().await;
        };
        if tokio::time::timeout(drain, finished).await.is_err() {
            tracing::warn!(
                category = "Host.General",
                "{} invocation(s) still ran after the drain time of {drain:?} and are cut off",
                self.invocations.len()
            );
        }
    }
}

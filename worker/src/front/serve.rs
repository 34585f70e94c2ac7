//! The accept loop: a permit before each accept, NODELAY, graceful drain. What a connection may do is in `connection`.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::Apps;
use crate::front::body::Bodies;
use crate::front::connection::Connections;
use crate::front::proxies::Proxies;
use crate::front::tls::{self, Tls};
use crate::hop::Hops;
use crate::options::{WorkerError, WorkerOptions};

/// Connections open at once on one worker.
const MAX_CONNECTIONS: usize = 10_000;
/// When fewer than these are left, new connections are given less time.
const PRESSED_BELOW: usize = MAX_CONNECTIONS / 5;
/// Pause after a failed accept (out of file descriptors, mostly), so that the loop does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves function HTTP for all apps of the worker.
pub(crate) struct Front {
    pub(super) apps: Arc<Apps>,
    pub(super) domain: String,
    pub(super) proxies: Proxies,
    pub(super) bodies: Bodies,
    /// Hands calls to other workers; an app under development is nowhere else.
    pub(super) hops: Option<Hops>,
    /// Calls of other workers that are being answered here.
    pub(crate) handed: TaskTracker,
    /// The port in whose name alone requests are answered, of an app under development.
    pub(super) local_port: Option<u16>,
    tls: Option<Arc<Tls>>,
}

impl Front {
    pub(crate) fn new(apps: Arc<Apps>, hops: Hops, options: &WorkerOptions) -> Result<Arc<Self>, WorkerError> {
        let tls = options.tls.clone().map(Tls::open).transpose().map_err(WorkerError::Failed)?;
        let address = options.http.local_addr().map_err(WorkerError::io("the HTTP socket can't be used"))?;
        if options.development.is_some() && !address.ip().is_loopback() {
            return Err(WorkerError::Failed(format!(
                "a folder is served at a loopback address only, and {address} is none: others could reach it without keys"
            )));
        }
        Ok(Arc::new(Self {
            local_port: options.development.as_ref().map(|_| address.port()),
            apps,
            domain: options.domain.to_ascii_lowercase(),
            proxies: Proxies::new(&options.trusted_proxies, options.functions_url.as_deref()),
            bodies: Bodies::new(),
            hops: options.development.is_none().then_some(hops),
            handed: TaskTracker::new(),
            tls: tls.map(Arc::new),
        }))
    }

    /// The scheme that callers speak with this worker.
    pub(crate) fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }

    /// Serves until `stop`, then lets connections and invocations finish for at most `drain`.
    pub(crate) async fn serve(self: Arc<Self>, listener: TcpListener, stop: CancellationToken, drain: Duration) {
        let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        let (closing, stopping) = watch::channel(());
        let connections = Arc::new(Connections::new());
        let following = self.tls.clone().map(|tls| tokio::spawn(async move { tls::follow(tls).await }));
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => break,
                accepted = async {
                    let permit = permits.clone().acquire_owned().await;
                    (permit, listener.accept().await)
                } => accepted,
            };
            let (Ok(permit), accepted) = accepted else { break };
            let (stream, from) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(category = "Host.General", "a connection could not be accepted: {error}");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            // Small answers must not wait for the acknowledgement of earlier ones.
            let _ = stream.set_nodelay(true);
            let pressed = permits.available_permits() < PRESSED_BELOW;
            let acceptor = self.tls.as_ref().map(|tls| tls.acceptor());
            let (front, connections, stopping) = (self.clone(), connections.clone(), stopping.clone());
            tokio::spawn(async move {
                let peer = front.proxies.peer(from.ip(), acceptor.is_some());
                if let Err(error) = connections.serve(front, stream, peer, acceptor, pressed, stopping).await {
                    tracing::debug!(category = "Host.General", "a connection ended: {error}");
                }
                drop(permit);
            });
        }
        drop(listener);
        if let Some(following) = following {
            following.abort();
        }
        self.apps.invocations.close();
        self.handed.close();
        // Each connection holds a receiver to its end.
        drop(stopping);
        let _ = closing.send(());
        let finished = async {
            closing.closed().await;
            self.apps.invocations.wait().await;
            self.handed.wait().await;
        };
        if tokio::time::timeout(drain, finished).await.is_err() {
            tracing::warn!(
                category = "Host.General",
                "{} invocation(s) still ran after the drain time of {drain:?} and are cut off",
                self.apps.invocations.len()
            );
        }
    }
}

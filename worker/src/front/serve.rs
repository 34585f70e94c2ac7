//! Function HTTP from the first connection to the graceful drain. What a connection may do is in `connection`.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::Apps;
use crate::front::accept::{Accepted, accept};
use crate::front::body::Bodies;
use crate::front::connection::Connections;
use crate::front::proxies::Proxies;
use crate::front::tls::{self, Tls};
use crate::hop::Hops;
use crate::options::{WorkerError, WorkerOptions};

/// Serves function HTTP for all apps of the worker.
pub(crate) struct Front {
    pub(super) apps: Arc<Apps>,
    pub(super) domain: String,
    pub(super) proxies: Proxies,
    pub(super) bodies: Bodies,
    /// Hands calls to other workers; an app under development is nowhere else.
    pub(super) hops: Option<Arc<Hops>>,
    /// Calls of other workers that are being answered here.
    pub(crate) handed: TaskTracker,
    /// The port in whose name alone requests are answered, of an app under development.
    pub(super) local_port: Option<u16>,
    tls: Option<Arc<Tls>>,
}

impl Front {
    pub(crate) fn new(apps: Arc<Apps>, hops: Arc<Hops>, options: &WorkerOptions) -> Result<Arc<Self>, WorkerError> {
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

    /// For one handshake; none where connections are plain.
    pub(super) fn acceptor(&self) -> Option<TlsAcceptor> {
        self.tls.as_ref().map(|tls| tls.acceptor())
    }

    /// The file with the certificate chain; none where connections are plain.
    pub(super) fn chain(&self) -> Option<PathBuf> {
        self.tls.as_ref().map(|tls| tls.chain().to_owned())
    }

    /// Serves until `stop`, then lets connections and invocations finish for at most `drain`.
    pub(crate) async fn serve(self: Arc<Self>, listener: TcpListener, stop: CancellationToken, drain: Duration) {
        let (closing, stopping) = watch::channel(());
        let connections = Arc::new(Connections::new());
        let following = self.tls.clone().map(|tls| tokio::spawn(async move { tls::follow(tls).await }));
        let take = |accepted: Accepted| {
            let Accepted { stream, from, pressed, permit } = accepted;
            let acceptor = self.acceptor();
            let (front, connections, stopping) = (self.clone(), connections.clone(), stopping.clone());
            tokio::spawn(async move {
                let peer = Arc::new(front.proxies.peer(from.ip(), acceptor.is_some()));
                let answer = move |request| {
                    let (front, peer, request) = (front.clone(), peer.clone(), Box::new(request));
                    async move { front.answer(request, &peer).await }
                };
                if let Err(error) = connections.serve(stream, answer, acceptor, pressed, stopping).await {
                    tracing::debug!(category = "Host.General", "a connection ended: {error}");
                }
                drop(permit);
            });
        };
        accept(listener, &stop, take).await;
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

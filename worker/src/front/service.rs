//! A service with a listener of its own beside function HTTP: the same limits on connections, the same certificate, another router.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::IntoResponse;
use hearth_engine::{BodyError, ResponseBody};
use http::{Request, Response};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::front::Front;
use crate::front::accept::{Accepted, accept};
use crate::front::connection::Connections;
use crate::front::security::Security;

/// A service of a worker.
pub(crate) struct Service<P> {
    /// Who may do what is the router's affair.
    pub(crate) router: Router,
    /// What a request is told of its caller: the address, and whether it came by TLS.
    pub(crate) peer: fn(IpAddr, bool) -> P,
    /// How connections are secured.
    pub(crate) security: Security,
}

impl Front {
    /// Serves a service until `stop`, then lets its connections finish for at most `drain`.
    pub(crate) async fn serve_service<P: Clone + Send + Sync + 'static>(
        self: Arc<Self>,
        listener: TcpListener,
        service: Service<P>,
        stop: CancellationToken,
        drain: Duration,
    ) {
        let (closing, stopping) = watch::channel(());
        let (connections, service) = (Arc::new(Connections::new()), Arc::new(service));
        let take = |accepted: Accepted| {
            let Accepted { stream, from, pressed, permit } = accepted;
            let (front, connections, service) = (self.clone(), connections.clone(), service.clone());
            let mut stopping = stopping.clone();
            tokio::spawn(async move {
                let chosen = service.security.choose(&front, &stream, pressed, &mut stopping).await;
                let served = match chosen {
                    Ok(acceptor) => {
                        let peer = (service.peer)(from.ip(), acceptor.is_some());
                        let answer = |request| respond(front.clone(), service.clone(), peer.clone(), request);
                        connections.serve(stream, answer, acceptor, pressed, stopping).await
                    }
                    Err(error) => Err(error),
                };
                if let Err(error) = served {
                    tracing::debug!(category = "Host.General", "a connection ended: {error}");
                }
                drop(permit);
            });
        };
        accept(listener, &stop, take).await;
        // Each connection holds a receiver to its end.
        drop(stopping);
        let _ = closing.send(());
        let _late = tokio::time::timeout(drain, closing.closed()).await;
    }
}

async fn respond<P: Clone + Send + Sync + 'static>(
    front: Arc<Front>,
    service: Arc<Service<P>>,
    peer: P,
    mut request: Request<Incoming>,
) -> Response<ResponseBody> {
    if let Some(answer) = service.security.answer(&front, &request).await {
        return answer;
    }
    request.extensions_mut().insert(peer);
    let response = match service.router.clone().oneshot(request.map(Body::new)).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    response
        .into_response()
        .map(|body| ResponseBody::streamed(body.map_err(|error| BodyError::InternalError(Some(error.to_string())))))
}

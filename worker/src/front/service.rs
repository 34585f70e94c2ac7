//! A service with a listener of its own beside function HTTP: the same limits on connections, the same certificate, another router.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::IntoResponse;
use hearth_engine::{BodyError, ResponseBody};
use hearth_queues::rest::Peer;
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

impl Front {
    /// Serves a router until `stop`, then lets its connections finish for at most `drain`. Who may do what is the router's affair.
    pub(crate) async fn serve_service(
        self: Arc<Self>,
        listener: TcpListener,
        router: Router,
        stop: CancellationToken,
        drain: Duration,
    ) {
        let (closing, stopping) = watch::channel(());
        let connections = Arc::new(Connections::new());
        let take = |accepted: Accepted| {
            let Accepted { stream, from, pressed, permit } = accepted;
            let (connections, router, stopping) = (connections.clone(), router.clone(), stopping.clone());
            let acceptor = self.acceptor();
            tokio::spawn(async move {
                let peer = Peer { ip: from.ip(), https: acceptor.is_some() };
                let answer = move |request| respond(router.clone(), peer, request);
                if let Err(error) = connections.serve(stream, answer, acceptor, pressed, stopping).await {
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

async fn respond(router: Router, peer: Peer, mut request: Request<Incoming>) -> Response<ResponseBody> {
    request.extensions_mut().insert(peer);
    let response = match router.oneshot(request.map(Body::new)).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    response
        .into_response()
        .map(|body| ResponseBody::streamed(body.map_err(|error| BodyError::InternalError(Some(error.to_string())))))
}

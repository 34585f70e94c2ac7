//! The private listener on which management asks this worker: for now, an app's log lines as they are written.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};

use axum::Router;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use futures_util::stream::{self, Stream};
use hearth_model::ids::AppName;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use subtle::ConstantTimeEq;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use crate::app::Apps;
use crate::options::WorkerError;

/// The secret with which management authenticates here; unset until the worker has registered, and then nobody gets in.
#[derive(Default)]
pub(crate) struct ControlKey(RwLock<Option<String>>);

impl ControlKey {
    pub(super) fn set(&self, key: &str) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(key.to_owned());
    }

    fn admits(&self, headers: &HeaderMap) -> bool {
        let given = headers
            .get("authorization")
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "));
        let expected = self.0.read().unwrap_or_else(PoisonError::into_inner);
        match (given, expected.as_deref()) {
            (Some(given), Some(expected)) => given.as_bytes().ct_eq(expected.as_bytes()).into(),
            _ => false,
        }
    }
}

#[derive(Clone)]
struct Control {
    apps: Arc<Apps>,
    key: Arc<ControlKey>,
    stop: CancellationToken,
}

/// Binds the listener and serves it until `stop`.
pub(crate) async fn serve(
    address: SocketAddr,
    apps: Arc<Apps>,
    key: Arc<ControlKey>,
    stop: CancellationToken,
) -> Result<SocketAddr, WorkerError> {
    let listener = tokio::net::TcpListener::bind(address)
        .await
        .map_err(|error| WorkerError::Failed(format!("the control listener can't use {address}: {error}")))?;
    let bound = listener.local_addr().map_err(WorkerError::io("the control listener failed"))?;
    let router =
        Router::new().route("/internal/v1/logs", get(logs)).with_state(Control { apps, key, stop: stop.clone() });
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await {
            tracing::error!(category = "Host.General", "the control listener stopped: {error}");
        }
    });
    Ok(bound)
}

#[derive(Deserialize)]
struct LogQuery {
    app: AppName,
}

async fn logs(State(control): State<Control>, headers: HeaderMap, Query(query): Query<LogQuery>) -> Response {
    if !control.key.admits(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let (recent, receiver) = control.apps.logs(&query.app).watch();
    let body = Body::from_stream(lines(recent, receiver, control.stop));
    ([("content-type", "text/plain; charset=utf-8")], body).into_response()
}

fn lines(
    recent: Vec<Arc<str>>,
    receiver: broadcast::Receiver<Arc<str>>,
    stop: CancellationToken,
) -> impl Stream<Item = Result<Bytes, Infallible>> {
    let first: String = recent.iter().map(|line| format!("{line}\n")).collect();
    let head = stream::iter((!first.is_empty()).then(|| Ok(Bytes::from(first))));
    let tail = stream::unfold((receiver, stop), |(mut receiver, stop)| async move {
        let text = tokio::select! {
            () = stop.cancelled() => return None,
            line = receiver.recv() => match line {
                Ok(line) => format!("{line}\n"),
                Err(RecvError::Lagged(missed)) => format!("[{missed} lines left out: the watcher was too slow]\n"),
                Err(RecvError::Closed) => return None,
            },
        };
        Some((Ok(Bytes::from(text)), (receiver, stop)))
    });
    futures_util::StreamExt::chain(head, tail)
}

//! The private listener: management reads an app's log lines here as they are written, and other workers hand over calls.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};
use bytes::Bytes;
use futures_util::stream::{self, Stream};
use hearth_engine::{BodyError, ResponseBody};
use hearth_model::control::INVOKE_PATH;
use hearth_model::ids::AppName;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde::Deserialize;
use subtle::ConstantTimeEq;
use tokio::net::TcpListener;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Semaphore, broadcast, watch};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::admin::{Order, invoke_for_management};
use crate::app::Apps;
use crate::doorbell;
use crate::front::{Front, Health, Private};
use crate::hop::{Answered, Greeted, HELLO_PATH, HopKey, RING_PATH, heard, refused, served};
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

/// Connections open at once.
const MAX_CONNECTIONS: usize = 8192;
/// Greatest order to run a function by hand.
const MAX_ORDER_BYTES: usize = 8 << 20;
/// Pause after a failed accept (out of file descriptors, mostly), so that the loop does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Who answers here.
pub(crate) struct Answering {
    /// Name of this worker.
    pub(crate) name: String,
    /// The secret of management.
    pub(crate) key: Arc<ControlKey>,
    /// What other workers must know.
    pub(crate) hop_key: HopKey,
    pub(crate) apps: Arc<Apps>,
    pub(crate) front: Arc<Front>,
}

#[derive(Clone)]
struct Control {
    apps: Arc<Apps>,
    key: Arc<ControlKey>,
    stop: CancellationToken,
}

/// Binds the listener.
pub(crate) async fn bind(address: SocketAddr) -> Result<TcpListener, WorkerError> {
    TcpListener::bind(address)
        .await
        .map_err(|error| WorkerError::Failed(format!("the control listener can't use {address}: {error}")))
}

/// Serves the listener until `stop`.
pub(crate) async fn serve(listener: TcpListener, answering: Answering, stop: CancellationToken) {
    let control = Control { apps: answering.apps.clone(), key: answering.key.clone(), stop: stop.clone() };
    let router = Router::new()
        .route("/internal/v1/logs", get(logs))
        .route(INVOKE_PATH, post(invoke))
        .layer(DefaultBodyLimit::max(MAX_ORDER_BYTES))
        .with_state(control);
    let (answering, private) = (Arc::new(answering), Arc::new(Private::new()));
    let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let (_closing, stopping) = watch::channel(());
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = async {
                let permit = permits.clone().acquire_owned().await;
                (permit, listener.accept().await)
            } => accepted,
        };
        let (Ok(permit), accepted) = accepted else { return };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(category = "Host.General", "a private connection could not be accepted: {error}");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let _ = stream.set_nodelay(true);
        let (answering, private, stopping) = (answering.clone(), private.clone(), stopping.clone());
        let (router, greeted) = (router.clone(), Arc::new(Greeted::default()));
        tokio::spawn(async move {
            let answer = move |request| respond(answering.clone(), router.clone(), greeted.clone(), request);
            if let Err(error) = private.serve(stream, answer, stopping).await {
                tracing::debug!(category = "Host.General", "a private connection ended: {error}");
            }
            drop(permit);
        });
    }
}

/// A connection that began with the greeting of a worker carries calls, any other one questions of management.
async fn respond(
    answering: Arc<Answering>,
    router: Router,
    greeted: Arc<Greeted>,
    mut request: Request<Incoming>,
) -> Response<ResponseBody> {
    if greeted.is_greeted() && request.uri().path() == RING_PATH {
        return match greeted.admit_ring(&answering.hop_key, &request) {
            Some(names) => {
                doorbell::heard(answering.apps.services(), &names);
                heard()
            }
            None => refused(),
        };
    }
    if greeted.is_greeted() {
        let held = answering.front.handed.token();
        return match greeted.admit(&answering.hop_key, &mut request) {
            Some(facts) => {
                let mut response = answering.front.answer_handed(Box::new(request), &facts).await;
                served(&mut response);
                response.map(|body| Answered::boxed(body, held))
            }
            None => refused(),
        };
    }
    if let Some(health) = Health::of(request.uri().path()) {
        return health.answer(request.method(), answering.apps.readiness());
    }
    if request.uri().path() == HELLO_PATH {
        return greeted.greet(&answering.hop_key, &answering.name, request.headers());
    }
    let response = match router.oneshot(request.map(Body::new)).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    response.map(|body| ResponseBody::streamed(body.map_err(|error| BodyError::InternalError(Some(error.to_string())))))
}

#[derive(Deserialize)]
struct LogQuery {
    app: AppName,
}

async fn logs(State(control): State<Control>, headers: HeaderMap, Query(query): Query<LogQuery>) -> Response<Body> {
    if !control.key.admits(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let (recent, receiver) = control.apps.logs(&query.app).watch();
    let body = Body::from_stream(lines(recent, receiver, control.stop));
    ([("content-type", "text/plain; charset=utf-8")], body).into_response()
}

#[derive(Deserialize)]
struct InvokeQuery {
    app: AppName,
    function: String,
}

async fn invoke(
    State(control): State<Control>,
    headers: HeaderMap,
    Query(query): Query<InvokeQuery>,
    Json(order): Json<Order>,
) -> Response<Body> {
    if !control.key.admits(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let response = invoke_for_management(&control.apps, &query.app, &query.function, order).await;
    response.map(Body::new)
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

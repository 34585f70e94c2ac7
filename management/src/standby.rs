//! A management process that stands by answers by the one that decides.
//!
//! A request is passed on whole, to the process that holds the scheduler's lease, over a connection made for it; so clients, publishers
//! and workers may talk to any. While nobody decides, as after a process was killed, requests wait for whoever takes over. A body
//! is not touched before there is a connection to send it on.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use hearth_model::control::{SCHEDULER_LEASE, scheduler_url};
use http::{HeaderName, HeaderValue, StatusCode, Uri, Version, header};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use crate::answer::Failure;
use crate::context::Context;
use crate::schedule::Standing;

/// Marks a request that was passed on: it is not passed on again.
const PASSED_ON: HeaderName = HeaderName::from_static("x-hearth-passed-on");
/// A request waits this long for somebody to decide.
const TAKEOVER_WAIT: Duration = Duration::from_secs(20);
/// Between two looks at who decides.
const LOOK: Duration = Duration::from_millis(200);
/// Host state and the other process must answer within this time.
const LIMIT: Duration = Duration::from_secs(2);
/// Headers that are between two neighbours (RFC 9110, section 7.6.1).
const BETWEEN_NEIGHBOURS: [HeaderName; 7] = [
    header::CONNECTION,
    header::EXPECT,
    header::PROXY_AUTHENTICATE,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// The target of a request as it came, before a publishing host was made a path.
#[derive(Clone)]
struct Target(Uri);

/// Keeps the target for whom the request may be passed on to.
pub(crate) fn note_target<B>(request: &mut http::Request<B>) {
    let target = Target(request.uri().clone());
    request.extensions_mut().insert(target);
}

/// Lets requests through where this process decides, and else has them answered by the one that does.
pub(crate) async fn gate(State(context): State<Arc<Context>>, request: Request, next: Next) -> Response {
    if *context.standing.borrow() == Standing::Active
        || matches!(request.uri().path(), "/" | "/healthz" | "/readyz" | "/metrics")
    {
        return next.run(request).await;
    }
    let mut standing = context.standing.clone();
    let until = Instant::now() + TAKEOVER_WAIT;
    loop {
        if *standing.borrow_and_update() == Standing::Active {
            return next.run(request).await;
        }
        if !request.headers().contains_key(PASSED_ON)
            && let Some(url) = active(&context).await
            && let Some(sender) = connect(&url).await
        {
            return pass_on(request, sender, &url).await;
        }
        if Instant::now() >= until || context.stop.is_cancelled() {
            return nobody().into_json();
        }
        tokio::select! {
            _ = standing.changed() => {}
            () = context.stop.cancelled() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// Where the one that decides is reached, if it is another.
async fn active(context: &Context) -> Option<String> {
    let holder = timeout(LIMIT, context.state.leases().holder(SCHEDULER_LEASE)).await.ok()?.ok()??;
    scheduler_url(&holder.holder).filter(|url| *url != context.own_url).map(str::to_owned)
}

async fn connect(url: &str) -> Option<SendRequest<Body>> {
    let url: Uri = url.parse().ok()?;
    let port = url.port_u16().unwrap_or(80);
    let stream = timeout(LIMIT, TcpStream::connect((url.host()?.trim_matches(['[', ']']), port))).await.ok()?.ok()?;
    let _ = stream.set_nodelay(true);
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection to the management that decides ended");
        }
    });
    Some(sender)
}

async fn pass_on(mut request: Request, mut sender: SendRequest<Body>, url: &str) -> Response {
    let target = request.extensions_mut().remove::<Target>().map_or_else(|| request.uri().clone(), |target| target.0);
    let path = target.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    let host = target.authority().and_then(|authority| HeaderValue::from_str(authority.as_str()).ok());
    let uri = path.parse();
    let headers = request.headers_mut();
    for name in &BETWEEN_NEIGHBOURS {
        headers.remove(name);
    }
    if let Some(host) = host {
        headers.entry(header::HOST).or_insert(host);
    }
    headers.insert(PASSED_ON, HeaderValue::from_static("1"));
    if let Ok(uri) = uri {
        *request.uri_mut() = uri;
    }
    *request.version_mut() = Version::HTTP_11;
    match sender.send_request(request).await {
        Ok(mut answer) => {
            for name in &BETWEEN_NEIGHBOURS {
                answer.headers_mut().remove(name);
            }
            answer.map(Body::new)
        }
        Err(error) => {
            tracing::warn!(%error, url, "the management that decides went away while it answered");
            let message = "The management process that decides went away before it answered. Look whether the change was made, then try again.";
            let failure = Failure::new(StatusCode::SERVICE_UNAVAILABLE, "management_lost", message);
            Failure { retry_after: Some(2), ..failure }.into_json()
        }
    }
}

fn nobody() -> Failure {
    let message = "No management process decides now: the one that did is gone or can't reach host state, and no other has taken over yet. Try again; if it lasts, look at the logs of 'hearth management'.";
    Failure { retry_after: Some(2), ..Failure::new(StatusCode::SERVICE_UNAVAILABLE, "no_active_management", message) }
}

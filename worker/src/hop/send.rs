//! The side of the worker that was called: which worker a call goes to, and what becomes of one that could not be handed over.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hearth_engine::ResponseBody;
use hearth_model::ids::{AppName, InvocationId, WorkerId};
use http::header::{CONTENT_LENGTH, TE};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri, Version};
use http_body::Body;
use hyper::body::Incoming;

use crate::front::Caller;
use crate::front::answer::failed;
use crate::hop::body::{Answered, CallBody};
use crate::hop::facts::{Facts, HOP, strip};
use crate::hop::proof::HopKey;
use crate::hop::receive::REFUSED;
use crate::hop::target::{Call, Connection, Sent, Target};

/// The worker that runs the function says itself that it takes too long; this is for one that hangs.
const WAIT_GRACE: Duration = Duration::from_secs(5);
/// Other workers that are remembered with their connections.
const MAX_TARGETS: usize = 1024;

/// Hands calls to other workers.
pub(crate) struct Hops {
    pub(super) key: HopKey,
    /// This worker, which is no other one.
    pub(super) name: String,
    /// Host under which others reach this worker: those with the same are on this machine.
    host: String,
    targets: Mutex<HashMap<WorkerId, Arc<Target>>>,
}

/// A call that is to go to another worker.
pub(crate) struct Outgoing<'a> {
    pub(crate) app: &'a AppName,
    pub(crate) caller: &'a Caller,
    /// The headers as functions are to see them.
    pub(crate) headers: HeaderMap,
    pub(crate) request: Request<Incoming>,
    /// When it came.
    pub(crate) since: Instant,
}

/// What became of it.
pub(crate) enum Passed {
    Answered(Response<ResponseBody>),
    /// Nobody took it, and it is as it was.
    Back(Request<Incoming>),
}

impl Hops {
    /// `url` is that of this worker's private listener as others reach it.
    pub(crate) fn new(key: HopKey, name: &str, url: &str) -> Self {
        let host = url.trim_start_matches("http://");
        let host = host.rsplit_once(':').map_or(host, |(host, _)| host).to_owned();
        Self { key, name: name.to_owned(), host, targets: Mutex::default() }
    }

    /// Hands a call to one of those that are to run its app, unless this worker is one of them.
    pub(crate) async fn pass(&self, assignees: &[(WorkerId, String)], outgoing: Outgoing<'_>) -> Passed {
        if assignees.is_empty() || assignees.iter().any(|(name, _)| name.as_str() == self.name) {
            return Passed::Back(outgoing.request);
        }
        let Outgoing { app, caller, headers, request, since } = outgoing;
        let (parts, body) = request.into_parts();
        let mut message = Message {
            facts: Facts::new(app, caller, caller.patience.saturating_sub(since.elapsed()), &parts.headers),
            target: target(&parts.uri),
            method: parts.method.clone(),
            headers,
            empty: body.is_end_stream(),
            body: Some(body),
        };
        strip(&mut message.headers);
        let repeatable = message.empty && message.method.is_safe();
        let limit = caller.patience.saturating_sub(since.elapsed()) + WAIT_GRACE;
        let mut lost = None;
        for target in self.in_turn(assignees) {
            let Some(call) = target.call() else { continue };
            match tokio::time::timeout(limit, self.hand_over(&target, &mut message)).await {
                Ok(Handed::Answered(answered)) => {
                    let (response, connection) = *answered;
                    return Passed::Answered(returned(response, connection, target, call));
                }
                Ok(Handed::Nobody(reason)) => {
                    tracing::warn!(
                        category = "Host.General",
                        app = app.as_str(),
                        "a call of {app} was not handed over: {reason}"
                    );
                }
                Ok(Handed::Lost(reason)) => {
                    lost = Some(format!("worker {}: {reason}", target.name));
                }
                Err(_) => {
                    let reason = format!("worker {} does not answer", target.name);
                    return Passed::Answered(told(app, StatusCode::GATEWAY_TIMEOUT, &reason));
                }
            }
            if lost.is_some() && !repeatable {
                break;
            }
        }
        match (lost, message.body) {
            // What may be repeated is, here.
            (lost, Some(body)) if lost.is_none() || repeatable => Passed::Back(Request::from_parts(parts, body)),
            (lost, _) => {
                let reason = lost.unwrap_or_else(|| "its body was taken already".to_owned());
                Passed::Answered(told(app, StatusCode::BAD_GATEWAY, &reason))
            }
        }
    }

    /// Those that are there, as far as is known: the ones of this machine first, then the least busy.
    fn in_turn(&self, assignees: &[(WorkerId, String)]) -> Vec<Arc<Target>> {
        let now = Instant::now();
        let mut targets: Vec<Arc<Target>> =
            assignees.iter().map(|(name, url)| self.target(name, url)).filter(|target| !target.is_away(now)).collect();
        targets.sort_by_key(|target| (target.host() != self.host, target.calls()));
        targets
    }

    pub(super) fn target(&self, name: &WorkerId, url: &str) -> Arc<Target> {
        let mut targets = self.targets.lock().unwrap_or_else(PoisonError::into_inner);
        match targets.get(name) {
            Some(known) if known.is_at(url) => known.clone(),
            _ => {
                if targets.len() >= MAX_TARGETS {
                    targets.clear();
                }
                let target = Arc::new(Target::new(name.clone(), url));
                targets.insert(name.clone(), target.clone());
                target
            }
        }
    }

    async fn hand_over(&self, target: &Arc<Target>, message: &mut Message) -> Handed {
        loop {
            let (connection, new) = match target.idle() {
                Some(connection) => (connection, false),
                None => match target.connect(&self.key).await {
                    Ok(connection) => (connection, true),
                    Err(reason) => return Handed::Nobody(reason),
                },
            };
            let Some(request) = message.request(&self.key, &connection) else {
                return Handed::Lost("the call can't be put into a request".to_owned());
            };
            match target.send(connection, request).await {
                Sent::Answer(answer, connection) if answer.headers().get(HOP).is_none_or(|said| said == REFUSED) => {
                    drop(connection);
                    let reason = format!("worker {} refused it (status {})", target.name, answer.status());
                    return if message.empty { Handed::Nobody(reason) } else { Handed::Lost(reason) };
                }
                Sent::Answer(answer, connection) => return Handed::Answered(Box::new((answer, connection))),
                Sent::Lost(reason) => return Handed::Lost(reason),
                Sent::Unsent(body) => {
                    if let CallBody::OfCaller(body) = body {
                        message.body = Some(body);
                    }
                    // The other side had closed a connection that was kept; there may be more of those.
                    if new {
                        return Handed::Nobody(format!("worker {} closed a new connection", target.name));
                    }
                }
            }
        }
    }
}

/// A call in the form in which it is sent.
struct Message {
    facts: Facts,
    method: Method,
    target: Uri,
    headers: HeaderMap,
    /// It has no body; then [`Message::body`] stays here.
    empty: bool,
    body: Option<Incoming>,
}

impl Message {
    fn request(&mut self, key: &HopKey, connection: &Connection) -> Option<Request<CallBody>> {
        let body = match self.body.take() {
            Some(body) if self.empty => {
                self.body = Some(body);
                CallBody::None
            }
            Some(body) => CallBody::OfCaller(body),
            None => return None,
        };
        let target = self.target.path_and_query()?.as_str();
        let sealed = self.facts.seal(key, &connection.numbers, connection.place, self.method.as_str(), target)?;
        let mut request = Request::new(body);
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.target.clone();
        *request.version_mut() = Version::HTTP_11;
        *request.headers_mut() = self.headers.clone();
        request.headers_mut().insert(HOP, sealed);
        // What follows an answer's body is wanted.
        request.headers_mut().insert(TE, HeaderValue::from_static("trailers"));
        Some(request)
    }
}

/// How handing a call over went.
enum Handed {
    Answered(Box<(Response<Incoming>, Connection)>),
    /// It was not taken, and can be handed to somebody else.
    Nobody(String),
    /// It may have been taken.
    Lost(String),
}

/// Path and query alone.
fn target(uri: &Uri) -> Uri {
    uri.path_and_query().map_or_else(|| Uri::from_static("/"), |target| Uri::from(target.clone()))
}

/// The answer for the caller; its connection is kept once the answer was taken.
fn returned(
    response: Response<Incoming>,
    connection: Connection,
    target: Arc<Target>,
    call: Call,
) -> Response<ResponseBody> {
    tokio::spawn(async move { target.keep(connection).await });
    let (mut parts, body) = response.into_parts();
    let length = parts.headers.remove(CONTENT_LENGTH);
    strip(&mut parts.headers);
    parts.headers.remove(HOP);
    if let Some(length) = length {
        parts.headers.insert(CONTENT_LENGTH, length);
    }
    parts.version = Version::default();
    Response::from_parts(parts, Answered::boxed(body, call))
}

/// What the caller is told of a call of which nobody knows how far it got.
fn told(app: &AppName, status: StatusCode, reason: &str) -> Response<ResponseBody> {
    let id = InvocationId::random();
    tracing::error!(
        category = "Host.General",
        app = app.as_str(),
        "{app}: a call (Id={id}) was lost on its way: {reason}"
    );
    let text = match status {
        StatusCode::GATEWAY_TIMEOUT => {
            "The worker that has the app did not answer in time; the function may go on running."
        }
        _ => "The worker that has the app went away before it answered. Whether the function ran is not known.",
    };
    failed(id, status, "WorkerLost", text)
}

//! Doorbells between workers: that there is something in some queues, told over the connections on which calls are handed over.
//!
//! Best effort: whoever cannot be told finds out by itself a moment later. The names stand in the request's target, which its code covers.

use std::sync::Arc;
use std::time::Duration;

use hearth_model::ids::WorkerId;
use http::header::HOST;
use http::{HeaderValue, Request, Response, StatusCode};
use hyper::body::Incoming;

use crate::front::answer::empty;
use crate::hop::body::CallBody;
use crate::hop::facts::HOP;
use crate::hop::receive::Greeted;
use crate::hop::send::Hops;
use crate::hop::target::{Sent, Target};
use crate::hop::{HopKey, proof};

/// Where a doorbell is.
pub(crate) const RING_PATH: &str = "/internal/v1/doorbell";
/// What the code of a ring covers besides its target.
const PURPOSE: &[u8] = b"doorbell";
/// A worker that does not answer within this time is not waited for.
const LIMIT: Duration = Duration::from_secs(1);
/// Names in one ring.
pub(crate) const MAX_NAMES: usize = 64;

impl Hops {
    /// Tells one other worker these names, at most [`MAX_NAMES`] of characters that need no encoding in a URL; false when it was not
    /// reached.
    pub(crate) async fn ring(&self, worker: &WorkerId, url: &str, names: &[String]) -> bool {
        let target = self.target(worker, url);
        if target.is_away(std::time::Instant::now()) {
            return false;
        }
        let Some(_call) = target.call() else { return false };
        let path = format!("{RING_PATH}?{}", names.join(","));
        tokio::time::timeout(LIMIT, tell(&target, &self.key, &path)).await.unwrap_or(false)
    }

    /// Whether this is the worker's own name.
    pub(crate) fn is_own(&self, worker: &WorkerId) -> bool {
        worker.as_str() == self.name
    }
}

async fn tell(target: &Arc<Target>, key: &HopKey, path: &str) -> bool {
    loop {
        let (connection, new) = match target.idle() {
            Some(connection) => (connection, false),
            None => match target.connect(key).await {
                Ok(connection) => (connection, true),
                Err(_) => return false,
            },
        };
        let code = key.of_call(&connection.numbers, connection.place, "POST", path, PURPOSE);
        let request = Request::post(path)
            .header(HOST, HeaderValue::from_static("worker"))
            .header(HOP, hex::encode(code))
            .body(CallBody::None);
        let Ok(request) = request else { return false };
        match target.send(connection, request).await {
            Sent::Answer(answer, connection) => {
                let told = answer.status() == StatusCode::NO_CONTENT;
                drop(answer);
                target.keep(connection).await;
                return told;
            }
            // The other side had closed a connection that was kept; there may be more of those.
            Sent::Unsent(_) if !new => {}
            Sent::Unsent(_) | Sent::Lost(_) => return false,
        }
    }
}

impl Greeted {
    /// The names of a genuine ring; it counts as a call on its connection.
    pub(crate) fn admit_ring(&self, key: &HopKey, request: &Request<Incoming>) -> Option<Vec<String>> {
        let (numbers, place) = self.next()?;
        let target = request.uri().path_and_query()?.as_str();
        let given = request.headers().get(HOP)?.to_str().ok()?;
        if !proof::is(given, &key.of_call(&numbers, place, request.method().as_str(), target, PURPOSE)) {
            return None;
        }
        let names = request.uri().query().unwrap_or_default().split(',').filter(|name| !name.is_empty());
        Some(names.take(MAX_NAMES).map(str::to_owned).collect())
    }
}

/// The answer to a ring that was heard.
pub(crate) fn heard() -> Response<hearth_engine::ResponseBody> {
    empty(StatusCode::NO_CONTENT)
}

//! The side of the worker that is called: who is on a connection of the private listener, and which calls on it are genuine.

use std::sync::{Mutex, PoisonError};

use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use hyper::body::Incoming;

use crate::front::answer::empty;
use crate::hop::facts::{Facts, HOP};
use crate::hop::proof::{HopKey, Numbers, number, parse};

/// Where a connection for calls begins.
pub(crate) const HELLO_PATH: &str = "/internal/v1/hop";
/// What [`HOP`] says in an answer that comes from the app.
const SERVED: HeaderValue = HeaderValue::from_static("served");
/// What it says in an answer to a call that was not let in.
pub(crate) const REFUSED: HeaderValue = HeaderValue::from_static("refused");

/// What is known of one connection.
#[derive(Default)]
pub(crate) struct Greeted(Mutex<Option<(Numbers, u64)>>);

impl Greeted {
    /// Answers the greeting of another worker: shows that this is the worker `name` of the installation.
    pub(crate) fn greet(&self, key: &HopKey, name: &str, headers: &HeaderMap) -> Response<hearth_engine::ResponseBody> {
        let given = headers.get(HOP).and_then(|value| value.to_str().ok()).and_then(parse);
        let mut greeted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (Some(caller), None, Ok(called)) = (given, *greeted, number()) else {
            return empty(StatusCode::BAD_REQUEST);
        };
        let numbers = Numbers { caller, called };
        let proof = format!("{}.{}", hex::encode(called), hex::encode(key.of_worker(name, &numbers)));
        let Ok(proof) = HeaderValue::try_from(proof) else { return empty(StatusCode::BAD_REQUEST) };
        *greeted = Some((numbers, 0));
        let mut response = empty(StatusCode::OK);
        response.headers_mut().insert(HOP, proof);
        response
    }

    /// Whether another worker has begun this connection.
    pub(crate) fn is_greeted(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// The place of the request that came now.
    pub(super) fn next(&self) -> Option<(Numbers, u64)> {
        let mut greeted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (numbers, next) = greeted.as_mut()?;
        let place = *next;
        *next += 1;
        Some((*numbers, place))
    }

    /// The facts of a genuine call, whose request then is as its caller sent it. Each call counts, also one that is refused: what was
    /// heard on the wire is never genuine again.
    pub(crate) fn admit(&self, key: &HopKey, request: &mut Request<Incoming>) -> Option<Facts> {
        let (numbers, place) = self.next()?;
        let target = request.uri().path_and_query()?.as_str();
        let value = request.headers().get(HOP)?;
        let facts = Facts::open(value, key, &numbers, place, request.method().as_str(), target)?;
        facts.restore(request.headers_mut());
        Some(facts)
    }
}

/// Marks an answer of the app as such.
pub(crate) fn served<B>(response: &mut Response<B>) {
    response.headers_mut().insert(HOP, SERVED);
}

/// What a call that is not genuine is answered.
pub(crate) fn refused() -> Response<hearth_engine::ResponseBody> {
    let mut response = empty(StatusCode::MISDIRECTED_REQUEST);
    response.headers_mut().insert(HOP, REFUSED);
    response
}

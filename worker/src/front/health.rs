//! `/healthz` and `/readyz` for load balancers: the process answers; it takes calls.
//!
//! On the listener of functions they are answered under names that name no app: an address, the domain itself, a name that nobody
//! gave an app. Under the name of an app, by host or by path, all paths are the app's own. So each is clear: the default app
//! is reached at these two paths by its own name only.

use hearth_engine::ResponseBody;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Method, Response, StatusCode};

use crate::front::answer::{full, refusal};

/// Which of the two a path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Health {
    Alive,
    Ready,
}

impl Health {
    pub(crate) fn of(path: &str) -> Option<Self> {
        match path {
            "/healthz" => Some(Self::Alive),
            "/readyz" => Some(Self::Ready),
            _ => None,
        }
    }

    /// The answer; `standing` is why the worker takes no calls, where it takes none.
    pub(crate) fn answer(self, method: &Method, standing: Result<(), &str>) -> Response<ResponseBody> {
        if !matches!(*method, Method::GET | Method::HEAD) {
            return refusal(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", "Health is asked with GET or HEAD.");
        }
        let text = match (self, standing) {
            (Self::Alive, _) => "ok\n",
            (Self::Ready, Ok(())) => "ready\n",
            (Self::Ready, Err(why)) => {
                let mut response = refusal(StatusCode::SERVICE_UNAVAILABLE, "NotReady", why);
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
                return response;
            }
        };
        let mut response = Response::new(full(text.into()));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_that_takes_no_calls_is_alive_and_not_ready() {
        let status = |health: Health, standing| health.answer(&Method::GET, standing).status();
        assert_eq!(status(Health::Alive, Err("stopping")), StatusCode::OK);
        assert_eq!(status(Health::Ready, Err("stopping")), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(status(Health::Ready, Ok(())), StatusCode::OK);
        assert_eq!(Health::Ready.answer(&Method::POST, Ok(())).status(), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(Health::of("/healthz/"), None);
    }
}

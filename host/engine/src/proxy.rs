//! Invocations of `wasi:http` components: the request goes in as it came, the response streams out while the guest writes it.

use std::future::{Future as _, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::oneshot;
use wasmtime_wasi_http::WasiHttpView;
use wasmtime_wasi_http::p2::bindings::http::types::{ErrorCode, Scheme};

use crate::body::{ResponseBody, Streamed};
use crate::component::{Exports, Guest};
use crate::context::InvocationContext;
use crate::detached::Detached;
use crate::error::InvokeError;

type Answer = Result<http::Response<Streamed>, ErrorCode>;

impl Guest {
    /// Passes a request to a `wasi:http` component and returns its response as soon as the guest has set it; the guest goes on
    /// writing the body. `ended` is called once, when the guest is done or has failed; a failure before the response is also returned.
    ///
    /// The guest runs in the caller's task until it has answered. What is left then goes on in a task of its own, as does
    /// all of it when the returned future is dropped (the caller went away).
    /// The request needs an authority in its URI or a `host` header. It is boxed because it is handed on many times.
    pub async fn handle<B>(
        self: &Arc<Self>,
        request: Box<http::Request<B>>,
        https: bool,
        context: InvocationContext,
        ended: impl FnOnce(&Result<(), InvokeError>) + Send + 'static,
    ) -> Result<http::Response<ResponseBody>, InvokeError>
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<wasmtime_wasi_http::Error>,
    {
        let (sender, mut receiver) = oneshot::channel();
        let course = Arc::new(Course::default());
        let mut run = {
            let (guest, course) = (self.clone(), course.clone());
            Detached::new(async move {
                let result = guest.run_handler(request, https, sender, context, course).await;
                ended(&result);
                result
            })
        };
        let mut end = None;
        let answer = poll_fn(|context| {
            if end.is_none()
                && let Poll::Ready(result) = Pin::new(&mut run).poll(context)
            {
                end = Some(result);
            }
            Pin::new(&mut receiver).poll(context)
        })
        .await;
        match (answer, end) {
            // The whole body waits already, and nothing can befall it any more.
            (Ok(Ok(response)), Some(Ok(Ok(())))) => Ok(response.map(ResponseBody::gather)),
            (Ok(Ok(response)), _) => Ok(response.map(|body| ResponseBody::streamed(GuestBody { body, course }))),
            (Ok(Err(code)), _) => Err(InvokeError::ErrorCode(format!("{code:?}"))),
            (Err(_), end) => match end {
                Some(end) => failure(end),
                None => failure(run.await),
            },
        }
    }

    async fn run_handler<B>(
        &self,
        request: Box<http::Request<B>>,
        https: bool,
        sender: oneshot::Sender<Answer>,
        context: InvocationContext,
        course: Arc<Course>,
    ) -> Result<(), InvokeError>
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<wasmtime_wasi_http::Error>,
    {
        let Exports::WasiHttp(instances) = &self.exports else { return Err(InvokeError::NoResponse) };
        let (seen, progress) = (course.clone(), Progress(Some(course.clone())));
        instances
            .run(context, async |instance, store| {
                let scheme = if https { Scheme::Https } else { Scheme::Http };
                let request = store.data_mut().http().new_incoming_request(scheme, *request)?;
                let response = store.data_mut().http().new_response_outparam_from_callback(move |answer| {
                    let answer = answer.and_then(final_answer);
                    // Called at most once.
                    let _ = seen.answered.set(answer.as_ref().map(drop).map_err(|code| format!("{code:?}")));
                    // Nobody listens any more when the caller went away.
                    let _ = sender.send(answer);
                })?;
                let result = instance.wasi_http_incoming_handler().call_handle(store, request, response).await;
                if result.is_ok() {
                    progress.through();
                }
                result
            })
            .await?;
        match course.answered.get() {
            Some(Ok(())) => Ok(()),
            Some(Err(code)) => Err(InvokeError::ErrorCode(code.clone())),
            None => Err(InvokeError::NoResponse),
        }
    }
}

/// Why there is no response, from how the guest ended.
fn failure<T>(end: std::thread::Result<Result<(), InvokeError>>) -> Result<T, InvokeError> {
    Err(match end {
        Ok(Err(error)) => error,
        Ok(Ok(())) => InvokeError::NoResponse,
        Err(_) => InvokeError::Trapped { message: "the host panicked".to_owned(), backtrace: String::new() },
    })
}

/// What became of an invocation so far.
#[derive(Default)]
struct Course {
    failed: AtomicBool,
    /// Whether the guest's answer was a response, or which error it was.
    answered: OnceLock<Result<(), String>>,
}

/// A status below 200 is no answer; 101 would end HTTP on the connection.
fn final_answer<B>(response: http::Response<B>) -> Result<http::Response<B>, ErrorCode> {
    match response.status() {
        status if status.is_informational() => {
            Err(ErrorCode::InternalError(Some(format!("status {} is not between 200 and 999", status.as_u16()))))
        }
        _ => Ok(response),
    }
}

/// Notes that the guest failed, when it is dropped before the guest was through: trapped, or stopped by its timeout. That
/// is before the store and with it the guest's end of the body go.
struct Progress(Option<Arc<Course>>);

impl Progress {
    fn through(mut self) {
        self.0 = None;
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(course) = &self.0 {
            course.failed.store(true, Ordering::Release);
        }
    }
}

/// The body as the guest writes it. A guest that fails leaves an end that looks like a proper one; here it is an error, so
/// that the caller does not take part of an answer for all of it.
struct GuestBody {
    body: Streamed,
    course: Arc<Course>,
}

impl Body for GuestBody {
    type Data = Bytes;
    type Error = wasmtime_wasi_http::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        Poll::Ready(match frame {
            None if self.course.failed.load(Ordering::Acquire) => {
                Some(Err(wasmtime_wasi_http::Error::HttpResponseIncomplete))
            }
            frame => frame,
        })
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_informational_status_is_no_answer() {
        let answer = |status: u16| final_answer(http::Response::builder().status(status).body(()).unwrap());
        assert!(answer(100).is_err() && answer(101).is_err());
        assert!(answer(200).is_ok() && answer(599).is_ok());
    }
}

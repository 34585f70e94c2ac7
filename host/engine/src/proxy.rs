//! Invocations of `wasi:http` components: the request goes in as it came, the response streams out while the guest writes it.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use http_body_util::combinators::UnsyncBoxBody;
use wasmtime_wasi_http::WasiHttpView;
use wasmtime_wasi_http::p2::bindings::http::types::{ErrorCode, Scheme};

use crate::component::{Exports, Guest};
use crate::context::InvocationContext;
use crate::error::InvokeError;

/// A response body as the guest writes it; its error ends the connection, since the status is sent already.
pub type ResponseBody = UnsyncBoxBody<Bytes, wasmtime_wasi_http::Error>;

impl Guest {
    /// Passes a request to a `wasi:http` component and returns its response as soon as the guest has set it; the guest goes on
    /// writing the body. `ended` is called once, when the guest is done or has failed; a failure before the response is also returned.
    ///
    /// The guest runs in a task of its own: dropping the returned future (the caller went away) does not stop it.
    /// The request needs an authority in its URI or a `host` header.
    pub async fn handle<B>(
        self: &Arc<Self>,
        request: http::Request<B>,
        https: bool,
        context: InvocationContext,
        ended: impl FnOnce(&Result<(), InvokeError>) + Send + 'static,
    ) -> Result<http::Response<ResponseBody>, InvokeError>
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<wasmtime_wasi_http::Error>,
    {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let guest = self.clone();
        let failed = Arc::new(AtomicBool::new(false));
        let progress = Progress { failed: Some(failed.clone()) };
        let task = tokio::spawn(async move {
            let result = guest.run_handler(request, https, sender, context, progress).await;
            ended(&result);
            result
        });
        match receiver.await {
            Ok(Ok(response)) => Ok(response.map(|body| GuestBody { body, failed }.boxed_unsync())),
            Ok(Err(code)) => Err(InvokeError::ErrorCode(format!("{code:?}"))),
            Err(_) => match task.await {
                Ok(Err(error)) => Err(error),
                Ok(Ok(())) => Err(InvokeError::NoResponse),
                Err(error) => Err(InvokeError::Trapped { message: error.to_string(), backtrace: String::new() }),
            },
        }
    }

    async fn run_handler<B>(
        &self,
        request: http::Request<B>,
        https: bool,
        sender: tokio::sync::oneshot::Sender<Result<http::Response<ResponseBody>, ErrorCode>>,
        context: InvocationContext,
        progress: Progress,
    ) -> Result<(), InvokeError>
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<wasmtime_wasi_http::Error>,
    {
        let Exports::WasiHttp(instances) = &self.exports else { return Err(InvokeError::NoResponse) };
        let answered = Arc::new(std::sync::Mutex::new(Answer::Nothing));
        let seen = answered.clone();
        instances
            .run(context, async |instance, store| {
                let scheme = if https { Scheme::Https } else { Scheme::Http };
                let request = store.data_mut().http().new_incoming_request(scheme, request)?;
                let response = store.data_mut().http().new_response_outparam_from_callback(move |answer| {
                    let answer = answer.and_then(final_answer);
                    *seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = match &answer {
                        Ok(_) => Answer::Response,
                        Err(code) => Answer::Error(format!("{code:?}")),
                    };
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
        match std::mem::replace(
            &mut *answered.lock().unwrap_or_else(std::sync::PoisonError::into_inner),
            Answer::Nothing,
        ) {
            Answer::Response => Ok(()),
            Answer::Error(code) => Err(InvokeError::ErrorCode(code)),
            Answer::Nothing => Err(InvokeError::NoResponse),
        }
    }
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
struct Progress {
    failed: Option<Arc<AtomicBool>>,
}

impl Progress {
    fn through(mut self) {
        self.failed = None;
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(failed) = &self.failed {
            failed.store(true, Ordering::Release);
        }
    }
}

/// The body as the guest writes it. A guest that fails leaves an end that looks like a proper one; here it is an error, so
/// that the caller does not take part of an answer for all of it.
struct GuestBody {
    body: ResponseBody,
    failed: Arc<AtomicBool>,
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
            None if self.failed.load(Ordering::Acquire) => Some(Err(wasmtime_wasi_http::Error::HttpResponseIncomplete)),
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

enum Answer {
    Nothing,
    Response,
    Error(String),
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

//! Request bodies that stream into a guest, up to the limit and while their caller sends; and what is done with the rest of one that is refused.
//!
//! A server that closes a connection with bytes unread resets it, and the caller may lose the answer that tells why. So some of
//! the rest is read and thrown away.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::body::Incoming;

use crate::front::body::BODY_SILENCE;

/// How much and how long is read of a body that is refused already.
const READ_ON_BYTES: usize = 16 * 1024 * 1024;
const READ_ON_TIME: Duration = Duration::from_secs(2);

/// A body that ends with an error when it passes its limit.
pub(super) struct Upload {
    /// Taken when the rest is thrown away.
    body: Option<Incoming>,
    limit: usize,
    left: usize,
    exceeded: bool,
    /// Runs while the caller is waited for.
    silence: Option<Pin<Box<tokio::time::Sleep>>>,
}

impl Upload {
    pub(super) fn new(body: Incoming, limit: usize) -> Self {
        Self { body: Some(body), limit, left: limit, exceeded: false, silence: None }
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = hearth_engine::BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let too_large = hearth_engine::BodyError::HttpRequestBodySize(Some(self.limit as u64));
        let exceeded = self.exceeded;
        let Some(body) = self.body.as_mut().filter(|_| !exceeded) else {
            return Poll::Ready(Some(Err(too_large)));
        };
        let Poll::Ready(polled) = Pin::new(body).poll_frame(context) else {
            let silence = self.silence.get_or_insert_with(|| Box::pin(tokio::time::sleep(BODY_SILENCE)));
            std::task::ready!(silence.as_mut().poll(context));
            return Poll::Ready(Some(Err(hearth_engine::BodyError::ConnectionReadTimeout)));
        };
        self.silence = None;
        let frame = match polled {
            None => return Poll::Ready(None),
            Some(Err(error)) => return Poll::Ready(Some(Err(error.into()))),
            Some(Ok(frame)) => frame,
        };
        match self.left.checked_sub(frame.data_ref().map_or(0, Bytes::len)) {
            Some(left) => {
                self.left = left;
                Poll::Ready(Some(Ok(frame)))
            }
            None => {
                self.exceeded = true;
                Poll::Ready(Some(Err(too_large)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_some_and(Incoming::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map(Incoming::size_hint).unwrap_or_default()
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if let Some(mut body) = self.body.take().filter(|_| self.exceeded)
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(async move { read_on(&mut body).await });
        }
    }
}

/// Reads some of a body that is refused, and throws it away.
pub(super) async fn read_on(body: &mut Incoming) {
    let rest = async {
        let mut left = READ_ON_BYTES;
        while left > 0
            && let Some(Ok(frame)) = body.frame().await
        {
            left = left.saturating_sub(frame.data_ref().map_or(0, Bytes::len));
        }
    };
    // Whoever sends more, or slower, is cut off.
    let _ = tokio::time::timeout(READ_ON_TIME, rest).await;
}

//! Response bodies that were written to their end before anybody asked for them. Their length is known, so they need no chunks.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::FutureExt as _;
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, Full};

use crate::proxy::ResponseBody;

/// Frames that are there, and what follows.
pub(crate) struct Whole {
    frames: VecDeque<Frame<Bytes>>,
    /// What follows; nothing, mostly.
    rest: Option<ResponseBody>,
}

impl Whole {
    /// Takes what is there.
    pub(crate) fn gather(mut body: ResponseBody) -> ResponseBody {
        let mut frames = VecDeque::with_capacity(1);
        loop {
            match body.frame().now_or_never() {
                Some(Some(Ok(frame))) => frames.push_back(frame),
                Some(None) => return Self { frames, rest: None }.boxed_unsync(),
                // An error, once taken, must be told; it comes behind what was written.
                Some(Some(Err(error))) => {
                    let told = Full::default().map_err(|never: Infallible| match never {});
                    let broken = told.with_trailers(async move { Some(Err(error)) }).boxed_unsync();
                    return Self { frames, rest: Some(broken) }.boxed_unsync();
                }
                None => return Self { frames, rest: Some(body) }.boxed_unsync(),
            }
        }
    }
}

impl Body for Whole {
    type Data = Bytes;
    type Error = wasmtime_wasi_http::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match (self.frames.pop_front(), &mut self.rest) {
            (Some(frame), _) => Poll::Ready(Some(Ok(frame))),
            (None, Some(rest)) => Pin::new(rest).poll_frame(context),
            (None, None) => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.frames.is_empty() && self.rest.as_ref().is_none_or(ResponseBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let lengths = self.frames.iter().map(|frame| frame.data_ref().map(|data| data.len() as u64));
        match (lengths.sum::<Option<u64>>(), &self.rest) {
            (Some(length), None) => SizeHint::with_exact(length),
            _ => SizeHint::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_that_is_there_has_a_length_and_one_that_is_not_keeps_its_end() {
        let whole = Full::new(Bytes::from_static(b"hello")).map_err(|never| match never {}).boxed_unsync();
        let body = Whole::gather(whole);
        assert_eq!(body.size_hint().exact(), Some(5));
        assert_eq!(body.collect().await.unwrap().to_bytes(), "hello");

        let trailers = async { Some(Ok(http::HeaderMap::from_iter([(http::header::ETAG, "7".parse().unwrap())]))) };
        let body = Full::new(Bytes::from_static(b"a")).map_err(|never| match never {}).with_trailers(trailers);
        let body = Whole::gather(body.boxed_unsync());
        assert_eq!(body.size_hint().exact(), None, "chunks carry trailers");
        assert_eq!(body.collect().await.unwrap().trailers().unwrap()[http::header::ETAG], "7");

        let failing = Full::new(Bytes::from_static(b"a")).map_err(|never| match never {});
        let failing = failing.with_trailers(async { Some(Err(wasmtime_wasi_http::Error::HttpResponseIncomplete)) });
        let body = Whole::gather(failing.boxed_unsync());
        assert_eq!(body.size_hint().exact(), None);
        assert!(body.collect().await.is_err());
    }
}

//! Response bodies. What was written to its end before anybody asked for it has a known length, so that it needs no chunks, and is
//! most often one piece, which needs neither a box nor a queue.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::FutureExt as _;
use http_body::{Body, Frame, SizeHint};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};

/// A body that is still being written.
pub(crate) type Streamed = UnsyncBoxBody<Bytes, wasmtime_wasi_http::Error>;

/// The body of a response; its error ends the connection, since the status is sent already.
pub struct ResponseBody(Inner);

enum Inner {
    /// In one piece, until that is taken.
    Whole(Option<Bytes>),
    Streamed(Streamed),
}

impl ResponseBody {
    /// A body that is there; empty for none.
    pub fn whole(bytes: Bytes) -> Self {
        Self(Inner::Whole(Some(bytes).filter(|bytes| !bytes.is_empty())))
    }

    /// A body that comes by and by.
    pub fn streamed(body: impl Body<Data = Bytes, Error = wasmtime_wasi_http::Error> + Send + 'static) -> Self {
        Self(Inner::Streamed(body.boxed_unsync()))
    }

    /// Takes what is there.
    pub(crate) fn gather(mut body: Streamed) -> Self {
        let mut frames = VecDeque::new();
        let mut last = None;
        let rest = loop {
            match body.frame().now_or_never() {
                Some(Some(Ok(frame))) => frames.extend(last.replace(frame)),
                Some(None) => break None,
                // An error, once taken, must be told; it comes behind what was written.
                Some(Some(Err(error))) => {
                    let told = Full::default().map_err(|never: Infallible| match never {});
                    break Some(told.with_trailers(async move { Some(Err(error)) }).boxed_unsync());
                }
                None => break Some(body),
            }
        };
        match (last.map(Frame::into_data), rest) {
            (None, None) => Self::whole(Bytes::new()),
            (None, Some(rest)) => Self(Inner::Streamed(rest)),
            (Some(Ok(data)), None) if frames.is_empty() => Self::whole(data),
            (Some(last), rest) => {
                frames.push_back(last.map_or_else(|trailers| trailers, Frame::data));
                Self::streamed(Gathered { frames, rest })
            }
        }
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = wasmtime_wasi_http::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match &mut self.0 {
            Inner::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Inner::Streamed(body) => Pin::new(body).poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Inner::Whole(bytes) => bytes.is_none(),
            Inner::Streamed(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Inner::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Inner::Streamed(body) => body.size_hint(),
        }
    }
}

/// Several frames that are there, and what follows.
struct Gathered {
    frames: VecDeque<Frame<Bytes>>,
    /// What follows; nothing, mostly.
    rest: Option<Streamed>,
}

impl Body for Gathered {
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
        self.frames.is_empty() && self.rest.as_ref().is_none_or(Streamed::is_end_stream)
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

    fn full(text: &'static str) -> Streamed {
        Full::new(Bytes::from_static(text.as_bytes())).map_err(|never| match never {}).boxed_unsync()
    }

    #[tokio::test]
    async fn a_body_that_is_there_has_a_length_and_one_that_is_not_keeps_its_end() {
        let body = ResponseBody::gather(full("hello"));
        assert_eq!(body.size_hint().exact(), Some(5));
        assert_eq!(body.collect().await.unwrap().to_bytes(), "hello");

        let body = ResponseBody::gather(full(""));
        assert!(body.is_end_stream() && body.size_hint().exact() == Some(0));

        let frames = ["one, ", "two"].map(|text| Ok(Frame::data(Bytes::from_static(text.as_bytes()))));
        let body = http_body_util::StreamBody::new(futures_util::stream::iter(frames)).boxed_unsync();
        let body = ResponseBody::gather(body);
        assert_eq!(body.size_hint().exact(), Some(8));
        assert_eq!(body.collect().await.unwrap().to_bytes(), "one, two");

        let trailers = async { Some(Ok(http::HeaderMap::from_iter([(http::header::ETAG, "7".parse().unwrap())]))) };
        let body = ResponseBody::gather(full("a").with_trailers(trailers).boxed_unsync());
        assert_eq!(body.size_hint().exact(), None, "chunks carry trailers");
        assert_eq!(body.collect().await.unwrap().trailers().unwrap()[http::header::ETAG], "7");

        let failing = full("a").with_trailers(async { Some(Err(wasmtime_wasi_http::Error::HttpResponseIncomplete)) });
        let body = ResponseBody::gather(failing.boxed_unsync());
        assert_eq!(body.size_hint().exact(), None);
        assert!(body.collect().await.is_err());
    }
}

//! Bodies on their way between workers: passed on as they come, never gathered.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hearth_engine::{BodyError, ResponseBody};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

/// The body of a call.
pub(super) enum CallBody {
    None,
    OfCaller(Incoming),
}

impl Body for CallBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match self.get_mut() {
            Self::None => Poll::Ready(None),
            Self::OfCaller(body) => Pin::new(body).poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::None => true,
            Self::OfCaller(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::None => SizeHint::with_exact(0),
            Self::OfCaller(body) => body.size_hint(),
        }
    }
}

/// The body of an answer, with what is given back when it was taken or dropped.
pub(crate) struct Answered<B, H> {
    body: B,
    _held: H,
}

impl<B, H> Answered<B, H>
where
    B: Body<Data = Bytes> + Unpin + Send + 'static,
    B::Error: Into<BodyError>,
    H: Unpin + Send + 'static,
{
    pub(crate) fn boxed(body: B, held: H) -> ResponseBody {
        ResponseBody::streamed(Self { body, _held: held })
    }
}

impl<B, H> Body for Answered<B, H>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<BodyError>,
    H: Unpin,
{
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Pin::new(&mut self.get_mut().body).poll_frame(context).map_err(Into::into)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

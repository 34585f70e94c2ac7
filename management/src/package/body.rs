//! A package as a request body, read in pieces so that its size costs no memory.

use bytes::BytesMut;
use futures_util::stream;
use http_body::{Frame, SizeHint};
use http_body_util::{BodyExt, StreamBody};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::AsyncReadExt;

use super::PackageFile;
use crate::client::Body;

/// Bytes read at once.
const PIECE: usize = 256 << 10;

impl PackageFile {
    /// The file as a body; `sent` is told how many bytes have been handed to the connection.
    pub(crate) fn into_body(self, sent: impl FnMut(u64) + Send + 'static) -> Body {
        let file = tokio::fs::File::from_std(self.file);
        let frames = stream::try_unfold((file, 0, sent), |(mut file, mut total, mut sent)| async move {
            let mut piece = BytesMut::with_capacity(PIECE);
            let length = file.read_buf(&mut piece).await?;
            if length == 0 {
                return Ok::<_, io::Error>(None);
            }
            total += length as u64;
            sent(total);
            Ok(Some((Frame::data(piece.freeze()), (file, total, sent))))
        });
        Sized { body: StreamBody::new(frames).boxed_unsync(), size: self.size }.boxed_unsync()
    }
}

/// Tells the size, so that the request carries a content length.
struct Sized {
    body: Body,
    size: u64,
}

impl http_body::Body for Sized {
    type Data = bytes::Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, io::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.size)
    }
}

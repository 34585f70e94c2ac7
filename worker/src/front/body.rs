//! Request bodies that are read to their end, as the typed world wants them.
//!
//! All of them together are bounded, so that callers cannot fill the worker's memory: what has arrived counts, not what was
//! announced, and a request for which there is no room is refused at once. Small bodies are not counted.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::FutureExt;
use http_body::{Body, Frame};
use http_body_util::BodyExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bytes of all counted bodies together on one worker.
const MAX_TOTAL_BYTES: usize = 512 * 1024 * 1024;
/// Bytes of a body that are not counted; so many come with the connection's own buffers.
const UNCOUNTED_BYTES: usize = 64 * 1024;
/// A caller that begins a body and then sends nothing for this long has given up.
pub(super) const BODY_SILENCE: Duration = Duration::from_secs(30);
/// One permit stands for so many bytes.
const UNIT: usize = 1024;

/// Why a body could not be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum BodyError {
    TooLarge,
    Incomplete,
    NoRoom,
    /// Nothing of it came for [`BODY_SILENCE`].
    Silent,
}

/// Room for a body, given back when it is dropped; none for a small one.
pub(super) type Room = Option<OwnedSemaphorePermit>;

pub(super) struct Bodies(Arc<Semaphore>);

impl Bodies {
    pub(super) fn new() -> Self {
        Self::with_room(MAX_TOTAL_BYTES)
    }

    fn with_room(bytes: usize) -> Self {
        Self(Arc::new(Semaphore::new(bytes / UNIT)))
    }

    /// Reads a body of at most `limit` bytes to its end.
    pub(super) async fn read<B>(&self, body: B, limit: usize) -> Result<(Bytes, Room), BodyError>
    where
        B: Body<Data = Bytes>,
    {
        let mut body = std::pin::pin!(body);
        let mut only = Bytes::new();
        let mut all = BytesMut::new();
        let mut room = None;
        while let Some(frame) = next(body.as_mut()).await? {
            let Ok(data) = frame.map_err(|_| BodyError::Incomplete)?.into_data() else { continue };
            let length = only.len() + all.len() + data.len();
            if length > limit {
                return Err(BodyError::TooLarge);
            }
            self.make_room(length, &mut room)?;
            if only.is_empty() && all.is_empty() {
                only = data;
            } else {
                all.extend_from_slice(&std::mem::take(&mut only));
                all.extend_from_slice(&data);
            }
        }
        Ok((if only.is_empty() { all.freeze() } else { only }, room))
    }

    fn make_room(&self, length: usize, room: &mut Room) -> Result<(), BodyError> {
        let needed = length.saturating_sub(UNCOUNTED_BYTES).div_ceil(UNIT);
        let missing = needed.saturating_sub(room.as_ref().map_or(0, OwnedSemaphorePermit::num_permits));
        let Some(missing) = u32::try_from(missing).ok().filter(|missing| *missing > 0) else { return Ok(()) };
        let more = self.0.clone().try_acquire_many_owned(missing).map_err(|_| BodyError::NoRoom)?;
        match room {
            Some(room) => room.merge(more),
            None => *room = Some(more),
        }
        Ok(())
    }
}

/// The next frame. What is there already, as with nearly every request, needs no timer.
async fn next<B: Body>(mut body: Pin<&mut B>) -> Result<Option<Result<Frame<B::Data>, B::Error>>, BodyError> {
    match body.frame().now_or_never() {
        Some(frame) => Ok(frame),
        None => tokio::time::timeout(BODY_SILENCE, body.frame()).await.map_err(|_| BodyError::Silent),
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures_util::stream;
    use http_body_util::{Full, StreamBody};

    use super::*;

    const LIMIT: usize = 1000 * UNIT;

    fn chunks(count: usize, size: usize) -> impl Body<Data = Bytes> {
        let chunk = Bytes::from(vec![7; size]);
        StreamBody::new(stream::iter((0..count).map(move |_| Ok::<_, Infallible>(Frame::data(chunk.clone())))))
    }

    #[tokio::test]
    async fn bodies_are_read_whole_and_their_sum_is_bounded() {
        let bodies = Bodies::with_room(100 * UNIT);
        let (small, room) = bodies.read(Full::new(Bytes::from_static(b"hello")), LIMIT).await.unwrap();
        assert!(small == "hello" && room.is_none());

        let (first, held) = bodies.read(chunks(10, 12 * UNIT), LIMIT).await.unwrap();
        assert_eq!((first.len(), held.as_ref().unwrap().num_permits()), (120 * UNIT, 120 - 64));
        assert_eq!(bodies.read(chunks(10, 12 * UNIT), LIMIT).await.unwrap_err(), BodyError::NoRoom);
        assert!(bodies.read(chunks(1, UNCOUNTED_BYTES), LIMIT).await.is_ok(), "small ones always have room");
        drop(held);
        assert!(
            bodies.read(chunks(10, 12 * UNIT), LIMIT).await.is_ok(),
            "room is given back, also by what was refused"
        );
    }

    #[tokio::test]
    async fn a_body_has_a_greatest_size() {
        let read = Bodies::new().read(chunks(1001, UNIT), LIMIT).await;
        assert_eq!(read.unwrap_err(), BodyError::TooLarge);
    }
}
